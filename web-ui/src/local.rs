//! Small choices of the person's, in the browser's local storage. Where that is blocked (merely naming it throws then) they
//! last until the page is left.

/// Keeps a choice.
pub(crate) fn keep(name: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full storage keeps what it has.
        let _ = storage.set_item(name, value);
    }
}

/// A choice that was kept.
pub(crate) fn kept(name: &str) -> Option<String> {
    storage()?.get_item(name).ok().flatten()
}

/// Forgets a choice.
pub(crate) fn forget(name: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(name);
    }
}

fn storage() -> Option<web_sys::Storage> {
    gloo::utils::window().local_storage().ok().flatten()
}
