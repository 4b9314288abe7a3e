//! Picking a file, and a container on the image: the archive goes into the playground's lab, where Docker loads it.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

use crate::archives;
use crate::hooks::Lab;
use crate::image::{command, refusal};
use crate::state::Action;
use crate::text::Text;

/// Bytes that are put into the lab at once: what no frame notices.
const PIECE: u64 = 128 << 10;

/// Goes to a screen.
pub(super) fn go(fragment: &str) {
    // Setting a well-formed fragment cannot fail.
    let _ = gloo::utils::window().location().set_hash(fragment);
}

/// Opens the browser's own way to pick a file.
pub(super) fn pick() {
    let input = gloo::utils::document().get_element_by_id("import-file");
    if let Some(input) = input.and_then(|input| input.dyn_into::<web_sys::HtmlElement>().ok()) {
        input.click();
    }
}

/// Puts the archive into the lab, loads it and runs a container on it.
pub(super) fn run(lab: &Lab, text: &Text) {
    let state = lab.images.state();
    let Some((laid, file)) = state.laid.clone().zip(lab.images.file()) else { return };
    let report = &laid.overview.report;
    if refusal(laid.archive.size, laid.archive.loadable).is_some() {
        return;
    }
    let name = report.names.first().map(String::as_str);
    let (path, lines) = command(&laid.archive.name, name, &report.id.to_string());
    let (lab, size) = (lab.clone(), laid.archive.size);
    let failed = text.with("image.failed", &[("name", &crate::visible::line(laid.archive.name.as_bytes()))]);
    spawn_local(async move {
        match archives::read(&file).await {
            Ok((digest, bytes)) => {
                if let Err(trouble) = archives::keep(&digest, &bytes).await {
                    lab.dispatch(Action::Unkept { trouble });
                }
            }
            Err(message) => return lab.dispatch(Action::Failed { message }),
        }
        let mut at = 0;
        while at < size {
            match piece(&file, at, (at + PIECE).min(size)).await {
                Ok(data) => {
                    let len = data.len() as u64;
                    lab.put(path.as_str().into(), at, data.into(), size);
                    at += len.max(1);
                }
                Err(_) => return lab.dispatch(Action::Failed { message: failed }),
            }
        }
        go("#/");
        for line in lines {
            lab.run(line);
        }
    });
}

async fn piece(file: &File, from: u64, to: u64) -> Result<Vec<u8>, JsValue> {
    #[expect(clippy::cast_precision_loss, reason = "what is put into the lab is small")]
    let slice = file.slice_with_f64_and_f64(from as f64, to as f64)?;
    let buffer = JsFuture::from(slice.array_buffer()).await?;
    Ok(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec())
}
