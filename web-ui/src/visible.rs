//! Names and output that nobody vouches for, as text that cannot mislead: control and bidirectional characters are
//! shown as escapes.

use std::fmt::Write;

/// One line of text (a name, a path): every control character is shown.
pub(crate) fn line(bytes: &[u8]) -> String {
    escape(bytes, |_| false)
}

/// Terminal output: line feeds, tabs and carriage returns act, all else is shown.
pub(crate) fn output(bytes: &[u8]) -> String {
    escape(bytes, |c| matches!(c, '\n' | '\t' | '\r'))
}

fn escape(bytes: &[u8], acts: impl Fn(char) -> bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if acts(c) || !(c.is_control() || is_format(c)) {
                text.push(c);
            } else if c.is_ascii() {
                write!(text, "\\x{:02x}", c as u32).expect("a String takes all text");
            } else {
                write!(text, "\\u{{{:x}}}", c as u32).expect("a String takes all text");
            }
        }
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").expect("a String takes all text");
        }
    }
    text
}

/// Characters without a shape that change how others are read: the bidirectional controls (UAX 9, section 2), the
/// zero-width ones, line and paragraph separators, and tags.
fn is_format(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_misleads_is_shown() {
        assert_eq!(line("a\u{202e}txt.exe\n".as_bytes()), "a\\u{202e}txt.exe\\x0a");
        assert_eq!(output(b"\x1b[31mred\n\xff"), "\\x1b[31mred\n\\xff");
        assert_eq!(line("目录/übung".as_bytes()), "目录/übung");
    }
}
