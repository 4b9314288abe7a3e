//! Small choices of the person's, in the browser's own storage, and whose a session is. Where storage is blocked (merely
//! naming it throws then) they last until the page is left.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// boot.js: makes this tab the owner of a session; false where another tab is.
    #[wasm_bindgen(js_namespace = layerlab, js_name = own, catch)]
    async fn js_own(name: &str, steal: bool) -> Result<JsValue, JsValue>;
}

/// Whether this tab owns the session of that name now; `steal` takes it from another tab.
pub(crate) async fn own(name: &str, steal: bool) -> bool {
    // Where the browser has no locks every tab is its own owner.
    js_own(name, steal).await.ok().and_then(|owned| owned.as_bool()).unwrap_or(true)
}

/// Keeps a choice.
pub(crate) fn keep(name: &str, value: &str) {
    if let Some(storage) = gloo::utils::window().local_storage().ok().flatten() {
        // A full storage keeps what it has.
        let _ = storage.set_item(name, value);
    }
}

/// A choice that was kept.
pub(crate) fn kept(name: &str) -> Option<String> {
    gloo::utils::window().local_storage().ok().flatten()?.get_item(name).ok().flatten()
}

/// Forgets a choice.
pub(crate) fn forget(name: &str) {
    if let Some(storage) = gloo::utils::window().local_storage().ok().flatten() {
        let _ = storage.remove_item(name);
    }
}

/// The names of all choices that begin so.
pub(crate) fn names(beginning: &str) -> Vec<String> {
    let Some(storage) = gloo::utils::window().local_storage().ok().flatten() else { return Vec::new() };
    let all = (0..storage.length().unwrap_or_default()).filter_map(|at| storage.key(at).ok().flatten());
    all.filter(|name| name.starts_with(beginning)).collect()
}

/// Keeps a choice of this tab alone.
pub(crate) fn keep_in_tab(name: &str, value: &str) {
    if let Some(storage) = gloo::utils::window().session_storage().ok().flatten() {
        let _ = storage.set_item(name, value);
    }
}

/// A choice of this tab alone.
pub(crate) fn kept_in_tab(name: &str) -> Option<String> {
    gloo::utils::window().session_storage().ok().flatten()?.get_item(name).ok().flatten()
}
