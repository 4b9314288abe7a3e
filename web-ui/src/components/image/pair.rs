//! The two layers that are chosen to be compared: they stand in two choices of the page.

use wasm_bindgen::JsCast;

/// The names of the two choices.
pub(super) const FIRST: &str = "first-layer";
pub(super) const SECOND: &str = "second-layer";

/// The two layers that are chosen, lowest 0.
pub(super) fn chosen() -> Option<(usize, usize)> {
    let one = |name: &str| {
        let found = gloo::utils::document().query_selector(&format!("select[name={name}]")).ok().flatten()?;
        found.dyn_into::<web_sys::HtmlSelectElement>().ok()?.value().parse().ok()
    };
    Some((one(FIRST)?, one(SECOND)?))
}
