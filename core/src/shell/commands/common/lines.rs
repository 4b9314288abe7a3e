//! The lines of a text.

/// The lines of a text, without their line feeds.
pub(in crate::shell::commands) fn split(data: &[u8]) -> Vec<&[u8]> {
    match data {
        b"" => Vec::new(),
        _ => data.strip_suffix(b"\n").unwrap_or(data).split(|b| *b == b'\n').collect(),
    }
}
