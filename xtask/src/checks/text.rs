//! What a check sees of a file.

use std::path::Path;

/// A file of the project and its text.
pub(super) struct Text {
    /// The path from the root.
    pub(super) path: String,
    /// What it holds.
    pub(super) text: String,
}

impl Text {
    /// Whether it is Rust code.
    pub(super) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|end| end == "rs")
    }
}
