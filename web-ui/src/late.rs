//! What boot.js fetches when a screen needs it first (web-ui/late.js): texts of other hosts, files for the person's own disk.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

/// The most bytes that are taken of somebody else's lesson.
pub(crate) const PAGE_MAX: u64 = 1 << 20;

#[wasm_bindgen]
extern "C" {
    /// boot.js: waits until the module's second part is there.
    #[wasm_bindgen(js_namespace = layerlab)]
    pub(crate) async fn later();

    #[wasm_bindgen(js_namespace = layerlab, js_name = late, catch)]
    async fn alone(what: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = layerlab, js_name = late, catch)]
    async fn with_text(what: &str, text: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = layerlab, js_name = late, catch)]
    async fn with_bytes(what: &str, name: &str, bytes: &Uint8Array, kind: &str) -> Result<JsValue, JsValue>;
}

/// Where an address leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The whole address.
    pub(crate) address: String,
    /// Whether that is the page's own host.
    pub(crate) is_own: bool,
    /// The host's name.
    pub(crate) host: String,
}

/// Why a text cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// `unreachable`, `status`, `text` or `long`.
    pub(crate) kind: String,
    /// The browser's own words.
    pub(crate) detail: String,
}

/// Waits for the style of the screens that come late.
pub(crate) async fn load_styles() {
    // Without it they are plain, and work.
    let _ = alone("styles").await;
}

/// Where an address leads; none where it is no address of the web.
pub(crate) async fn place(address: &str) -> Option<Place> {
    let told = with_text("place", address).await.ok()?.dyn_into::<Array>().ok()?;
    let word = |at| told.get(at).as_string().unwrap_or_default();
    Some(Place { address: word(0), is_own: told.get(1).as_bool().unwrap_or_default(), host: word(2) })
}

/// The text at an address.
///
/// # Errors
/// [`Trouble`].
pub(crate) async fn page(address: &str) -> Result<String, Trouble> {
    match with_text("page", address).await {
        Ok(text) => Ok(text.as_string().unwrap_or_default()),
        Err(error) => {
            let words = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
            let words = words.unwrap_or_default();
            let (kind, detail) = words.split_once(' ').unwrap_or((&words, ""));
            Err(Trouble { kind: kind.to_owned(), detail: detail.to_owned() })
        }
    }
}

/// Gives the person bytes as a file of this name; `kind` is its media type.
pub(crate) async fn save(name: &str, bytes: &[u8], kind: &str) {
    // A browser that keeps no file says so itself.
    let _ = with_bytes("save", name, &Uint8Array::from(bytes), kind).await;
}
