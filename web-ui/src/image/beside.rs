//! What the image on the screen is held against, and files that are taken out of it.

use js_sys::Uint8Array;
use layerlab_core::explore::Comparison;
use layerlab_core::kernel::ByteString;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::link::Images;
use super::message::{Pair, ToReader};
use super::state::Action;
use crate::late::save;
use crate::visible;

impl Images {
    /// Compares the image with something; `file` is the other archive, where it is one.
    pub(crate) fn compare(&self, pair: Pair, file: Option<&File>) {
        let number = {
            let mut inner = self.0.borrow_mut();
            inner.next += 1;
            inner.next
        };
        self.apply(Action::Comparing { number, pair: pair.clone() });
        self.send(&ToReader::Compare { number, pair }, file);
    }

    pub(super) fn compared(&self, number: u32, result: Result<(String, Box<Comparison>), String>) {
        self.apply(Action::Compared { number, result });
    }

    /// Takes out the file whose content is shown.
    pub(crate) fn save(&self) {
        let state = self.state();
        if let Some((path, layer)) = state.selected.clone().zip(state.content.layer) {
            self.send(&ToReader::Save { path, layer }, None);
        }
    }

    pub(super) fn saved(&self, path: &ByteString, result: Result<(), String>, beside: JsValue) {
        match (result, beside.dyn_into::<Uint8Array>()) {
            (Ok(()), Ok(bytes)) => {
                let name = file_name(path);
                spawn_local(async move { save(&name, &bytes.to_vec(), "application/octet-stream").await });
            }
            (Err(message), _) => self.apply(Action::Unsaved { message }),
            _ => {}
        }
    }
}

/// What a path's file is called on the person's disk.
fn file_name(path: &[u8]) -> String {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let name = visible::line(name).replace(['\\', '/', ':'], "_");
    let name = name.trim_start_matches('.');
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_files_name_is_never_more_than_a_name() {
        assert_eq!(file_name(b"/etc/passwd"), "passwd");
        assert_eq!(file_name(b"/root/.bashrc"), "bashrc");
        assert_eq!(file_name("/a/..".as_bytes()), "file");
        assert_eq!(file_name("/a/\u{202e}gnp.exe".as_bytes()), "_u{202e}gnp.exe");
    }
}
