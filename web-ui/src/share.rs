//! A session as an address: its journal, compressed, behind `#/share/`. Opening one replays it in a session of its own.

use layerlab_core::session::Journal;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// boot.js: a text as compressed base64url.
    #[wasm_bindgen(js_namespace = layerlab, catch)]
    async fn pack(text: &str) -> Result<JsValue, JsValue>;

    /// boot.js: the text that was packed.
    #[wasm_bindgen(js_namespace = layerlab, catch)]
    async fn unpack(packed: &str) -> Result<JsValue, JsValue>;
}

/// The address of a journal; what was undone is not part of it.
///
/// # Errors
/// One sentence: the browser cannot compress.
pub(crate) async fn address(journal: &Journal) -> Result<String, String> {
    let json = serde_json::to_string(&journal.shared()).map_err(|error| error.to_string())?;
    let packed = pack(&json).await.ok().and_then(|packed| packed.as_string());
    let packed = packed.ok_or("this browser cannot compress a session into an address")?;
    let location = gloo::utils::window().location();
    let page = location.href().unwrap_or_default();
    Ok(format!("{}#/share/{packed}", page.split('#').next().unwrap_or_default()))
}

/// The journal of an address's last part.
///
/// # Errors
/// One sentence: it is cut off or damaged, or of another version.
pub(crate) async fn journal(packed: &str) -> Result<Journal, String> {
    let damaged = || DAMAGED.to_owned();
    let text = unpack(packed).await.ok().and_then(|text| text.as_string()).ok_or_else(damaged)?;
    let journal: Journal = serde_json::from_slice(text.as_bytes()).map_err(|_| damaged())?;
    journal.check()?;
    Ok(journal)
}

const DAMAGED: &str = "the address is damaged: perhaps its end is missing";

/// A text out of an address.
///
/// # Errors
/// One sentence: it is cut off or damaged.
pub(crate) async fn text(packed: &str) -> Result<String, String> {
    let text = unpack(packed).await.ok().and_then(|text| text.as_string());
    text.ok_or_else(|| DAMAGED.to_owned())
}

/// A text for an address.
///
/// # Errors
/// One sentence: the browser cannot compress.
pub(crate) async fn packed(text: &str) -> Result<String, String> {
    let packed = pack(text).await.ok().and_then(|packed| packed.as_string());
    packed.ok_or_else(|| "this browser cannot compress a lesson into an address".to_owned())
}

/// The page's own address with another fragment.
pub(crate) fn here(fragment: &str) -> String {
    let page = gloo::utils::window().location().href().unwrap_or_default();
    let page = page.split(['#', '?']).next().unwrap_or_default();
    format!("{page}{fragment}")
}
