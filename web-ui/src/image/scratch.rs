//! An archive that is compressed as a whole, expanded into a file on the page's private disk (OPFS): its files cannot be
//! found otherwise, and memory must not hold it.

use js_sys::global;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DedicatedWorkerGlobalScope, FileSystemDirectoryHandle, FileSystemFileHandle,
    FileSystemGetFileOptions, FileSystemReadWriteOptions, FileSystemSyncAccessHandle,
};

use super::file::error_text;

/// What all such files' names begin with.
const NAME: &str = "layerlab-import-";

/// A file that is written once and read then.
#[derive(Debug)]
pub(super) struct Scratch {
    name: String,
    handle: FileSystemFileHandle,
    access: FileSystemSyncAccessHandle,
    at: u64,
}

impl Scratch {
    /// A new file.
    pub(super) async fn create() -> Result<Self, String> {
        Self::try_create().await.map_err(|error| {
            format!(
                "a compressed archive is expanded on the page's own disk, which this browser refuses ({}); decompress it \
                 first, for example with gunzip",
                error_text(&error)
            )
        })
    }

    async fn try_create() -> Result<Self, JsValue> {
        let directory = directory().await?;
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        // Another tab has files of its own there.
        let name = format!("{NAME}{:.0}-{:.0}", js_sys::Date::now(), js_sys::Math::random() * 1e9);
        let handle = JsFuture::from(directory.get_file_handle_with_options(&name, &options)).await?;
        let handle: FileSystemFileHandle = handle.unchecked_into();
        let access = JsFuture::from(handle.create_sync_access_handle()).await?;
        let access: FileSystemSyncAccessHandle = access.unchecked_into();
        access.truncate_with_u32(0)?;
        Ok(Self { name, handle, access, at: 0 })
    }

    /// Writes the next bytes.
    pub(super) fn write(&mut self, data: &[u8]) -> Result<(), String> {
        let mut rest = data;
        while !rest.is_empty() {
            let options = FileSystemReadWriteOptions::new();
            #[expect(clippy::cast_precision_loss, reason = "no file has 2^53 bytes")]
            options.set_at(self.at as f64);
            let written = self
                .access
                .write_with_u8_array_and_options(rest, &options)
                .map_err(|error| error_text(&error))?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "at most what was given to it"
            )]
            let written = written as usize;
            if written == 0 {
                return Err("the page's own disk is full".to_owned());
            }
            rest = &rest[written..];
            self.at += written as u64;
        }
        Ok(())
    }

    /// The file, to be read, and its name there.
    pub(super) async fn done(self) -> Result<(Blob, String), String> {
        self.access.close();
        let file = JsFuture::from(self.handle.get_file()).await.map_err(|error| error_text(&error))?;
        Ok((file.unchecked_into(), self.name))
    }

    /// Takes it away again.
    pub(super) async fn abandon(self) {
        self.access.close();
        remove(&self.name).await;
    }
}

/// Takes a file away.
pub(super) async fn remove(name: &str) {
    if let Ok(directory) = directory().await {
        // What cannot be taken away now goes with the next day's clearing.
        let _ = JsFuture::from(directory.remove_entry(name)).await;
    }
}

/// Takes away what tabs that were closed have left: everything that is older than a day.
pub(super) async fn clear() {
    let Ok(directory) = directory().await else { return };
    let old = js_sys::Date::now() - 24.0 * 60.0 * 60.0 * 1000.0;
    let keys = directory.keys();
    while let Ok(next) = keys.next() {
        let Ok(next) = JsFuture::from(next).await else { return };
        let value = js_sys::Reflect::get(&next, &JsValue::from_str("value")).ok();
        let Some(name) = value.and_then(|value| value.as_string()) else { return };
        let made = name.strip_prefix(NAME).and_then(|rest| rest.split('-').next()?.parse::<f64>().ok());
        if made.is_some_and(|made| made < old) {
            remove(&name).await;
        }
    }
}

async fn directory() -> Result<FileSystemDirectoryHandle, JsValue> {
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    let storage = scope.navigator().storage();
    // Outside a secure context there is none, and the call throws.
    if storage.is_undefined() {
        return Err(js_sys::Error::new("no secure context").into());
    }
    JsFuture::from(storage.get_directory()).await.map(JsCast::unchecked_into)
}
