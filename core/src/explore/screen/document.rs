//! An image's documents as text that people read: the same tokens, a member a line.

use super::types::{Document, DocumentText};
use crate::explore::HistoryLine;
use crate::oci::archive::ArchivedImage;

/// Bytes of text that one answer holds.
const TEXT_MAX: usize = 256 << 10;
/// Lines of history that are told.
const LINES_MAX: usize = 5_000;
/// Deeper than this, text is not moved further to the right.
const INDENT_MAX: usize = 64;

/// A document of an image, if it has it.
pub(super) fn text(image: &ArchivedImage, which: Document) -> Option<DocumentText> {
    let bytes = match which {
        Document::Config => &image.config.bytes,
        Document::Manifest => &image.raw.as_ref()?.bytes,
    };
    let (text, cut) = indented(bytes);
    Some(DocumentText { text: text.into(), size: bytes.len(), cut })
}

/// The build steps, with the layer that each made.
pub(super) fn history(image: &ArchivedImage) -> Vec<HistoryLine> {
    crate::explore::history(image).take(LINES_MAX).collect()
}

/// JSON with a member a line. Nothing but white space outside strings is added or left out, so that what stands there is
/// what the digest is of.
fn indented(json: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut bytes = json.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if out.len() >= TEXT_MAX {
            return (out, true);
        }
        if in_string {
            out.push(byte);
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {}
            b'{' | b'[' => {
                out.push(byte);
                while bytes.next_if(u8::is_ascii_whitespace).is_some() {}
                if let Some(end) = bytes.next_if(|b| matches!(b, b'}' | b']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                line(&mut out, depth);
            }
            b':' => out.extend_from_slice(b": "),
            _ => {
                out.push(byte);
                in_string = byte == b'"';
            }
        }
    }
    (out, false)
}

fn line(out: &mut Vec<u8>, depth: usize) {
    out.push(b'\n');
    out.resize(out.len() + 2 * depth.min(INDENT_MAX), b' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_a_line_and_not_a_token_more() {
        let json = br#"{"a":{},"b" : [1,{"c":"x,{\"}"}],"d":[ ]}"#;
        let (text, cut) = indented(json);
        let want = "{\n  \"a\": {},\n  \"b\": [\n    1,\n    {\n      \"c\": \"x,{\\\"}\"\n    }\n  ],\n  \"d\": []\n}";
        assert_eq!((String::from_utf8(text).unwrap().as_str(), cut), (want, false));
        assert!(indented(&b"[".repeat(300 << 10)).1, "what is long is cut, however deep");
    }
}
