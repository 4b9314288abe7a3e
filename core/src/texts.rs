//! Texts that come with the lab.

/// Texts by name.
pub(crate) type Texts = &'static [(&'static str, &'static str)];

/// [`Texts`] of files, named by their paths in core/src.
macro_rules! texts {
    ($($name:literal => $file:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/", $file)))),*]
    };
}
pub(crate) use texts;

/// Returns the text of that name.
pub(crate) fn find(texts: Texts, name: &str) -> Option<&'static str> {
    texts.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
