//! Texts that come with the lab, each had by a function of its own.
//!
//! Of the page's WebAssembly module only what runs before the first prompt is loaded at once, and with it the data that
//! it refers to. A text that stands behind a function of its own is loaded with the rest, unless that function runs.

/// Texts by name.
pub(crate) type Texts = &'static [(&'static str, fn() -> &'static str)];

/// [`Texts`] of files, named by their paths in core/src.
macro_rules! texts {
    ($($name:literal => $file:literal),* $(,)?) => {
        &[$(($name, || include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/", $file)))),*]
    };
}
pub(crate) use texts;

/// The text of that name.
pub(crate) fn find(texts: Texts, name: &str) -> Option<&'static str> {
    texts.iter().find(|(known, _)| *known == name).map(|(_, text)| text())
}
