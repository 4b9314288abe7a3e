//! Files that a person put into a session: kept on the page's own disk by digest (web-ui/keep.js), so that the session can be
//! put together again. Where one is not there the session asks for it; nothing of it is written over.

use std::collections::BTreeSet;

use js_sys::{Array, Uint8Array};
use layerlab_core::session::{Journal, What};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

#[wasm_bindgen]
extern "C" {
    /// boot.js: the digest of a file, and its bytes.
    #[wasm_bindgen(js_namespace = ["layerlab", "disk"], js_name = read, catch)]
    async fn js_read(file: &Blob) -> Result<JsValue, JsValue>;

    /// boot.js: keeps a file; why it could not be kept.
    #[wasm_bindgen(js_namespace = ["layerlab", "disk"], js_name = keep, catch)]
    async fn js_keep(digest: &str, bytes: &Uint8Array) -> Result<JsValue, JsValue>;

    /// boot.js: the bytes of a file that is kept, or null.
    #[wasm_bindgen(js_namespace = ["layerlab", "disk"], js_name = kept, catch)]
    async fn js_kept(digest: &str) -> Result<JsValue, JsValue>;

    /// boot.js: the digests and sizes of all that is kept.
    #[wasm_bindgen(js_namespace = ["layerlab", "disk"], js_name = list, catch)]
    async fn js_list() -> Result<JsValue, JsValue>;

    /// boot.js: forgets files.
    #[wasm_bindgen(js_namespace = ["layerlab", "disk"], js_name = forget, catch)]
    async fn js_forget(digests: Vec<String>) -> Result<JsValue, JsValue>;

    /// boot.js: bytes used, bytes allowed, and whether they are promised to stay.
    #[wasm_bindgen(js_namespace = ["layerlab", "disk"], js_name = room, catch)]
    async fn js_room() -> Result<JsValue, JsValue>;
}

/// What is kept, and where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Room {
    /// Digests and bytes.
    pub(crate) files: Vec<(String, u64)>,
    /// Bytes that the page uses.
    pub(crate) used: u64,
    /// Bytes that it may use.
    pub(crate) most: u64,
    /// Whether the browser promises to keep them.
    pub(crate) promised: bool,
}

/// The digest of a file, and its bytes.
///
/// # Errors
/// One sentence: it cannot be read.
pub(crate) async fn read(file: &Blob) -> Result<(String, Uint8Array), String> {
    let told: Array = js_read(file).await.map_err(|error| words(&error))?.unchecked_into();
    Ok((told.get(0).as_string().unwrap_or_default(), told.get(1).unchecked_into()))
}

/// Keeps a file, so that its session can be put together again.
///
/// # Errors
/// Why it could not be kept: `full`, or the browser's own words.
pub(crate) async fn keep(digest: &str, bytes: &Uint8Array) -> Result<(), String> {
    let told = js_keep(digest, bytes).await.map_err(|error| words(&error))?;
    match told.as_string().unwrap_or_default() {
        why if why.is_empty() => Ok(()),
        why => Err(why),
    }
}

/// The bytes of a file that is kept.
pub(crate) async fn load(digest: &str) -> Option<Vec<u8>> {
    let bytes = js_kept(digest).await.ok()?.dyn_into::<Uint8Array>().ok()?;
    Some(bytes.to_vec())
}

/// What is kept.
pub(crate) async fn room() -> Room {
    let number = |value: JsValue| value.as_f64().unwrap_or_default();
    let list = js_list().await.map(JsCast::unchecked_into::<Array>).unwrap_or_default();
    let files = list.iter().map(|file| {
        let file: Array = file.unchecked_into();
        (file.get(0).as_string().unwrap_or_default(), number(file.get(1)) as u64)
    });
    let told = js_room().await.map(JsCast::unchecked_into::<Array>).unwrap_or_default();
    Room {
        files: files.collect(),
        used: number(told.get(0)) as u64,
        most: number(told.get(1)) as u64,
        promised: told.get(2).as_bool().unwrap_or_default(),
    }
}

/// Forgets the files that none of these sessions needs.
pub(crate) async fn tidy<'a>(journals: impl Iterator<Item = &'a Journal>) {
    let needed: BTreeSet<String> = journals.flat_map(digests).collect();
    let list = room().await.files.into_iter().map(|(digest, _)| digest);
    // What cannot be forgotten takes room, and no more.
    let _ = js_forget(list.filter(|digest| !needed.contains(digest)).collect()).await;
}

/// The digests of the files that a session needs.
pub(crate) fn digests(journal: &Journal) -> Vec<String> {
    let entries = journal.entries.iter();
    let needed = entries.filter_map(|entry| match &entry.what {
        What::PutFile(content) | What::Import(content) => Some(content.digest.clone()),
        _ => None,
    });
    needed.collect()
}

fn words(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |error| error.message().into())
}
