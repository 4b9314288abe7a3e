//! A file's content as people read it.

use std::fmt::Write;

/// Bytes on one line of a dump.
const LINE: usize = 16;

/// Whether bytes are a text: UTF-8 (perhaps cut in its last character) without control characters that texts have not.
pub(crate) fn is_text(data: &[u8]) -> bool {
    let valid = match std::str::from_utf8(data) {
        Ok(text) => text,
        // The end of a piece may cut a character in two.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&data[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !valid.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r' | '\x1b' | '\x0c'))
}

/// Bytes as `xxd` and its like print them, the first one at `offset`.
pub(crate) fn hex(data: &[u8], offset: u64) -> String {
    let mut text = String::with_capacity(data.len() * 5);
    for (line, at) in data.chunks(LINE).zip((offset..).step_by(LINE)) {
        write!(text, "{at:08x} ").expect("a String takes all text");
        for (n, byte) in line.iter().enumerate() {
            let gap = if n % 8 == 0 { " " } else { "" };
            write!(text, "{gap}{byte:02x} ").expect("a String takes all text");
        }
        for n in line.len()..LINE {
            text.push_str(if n % 8 == 0 { "    " } else { "   " });
        }
        text.push(' ');
        let shape = |b: &u8| if b.is_ascii_graphic() || *b == b' ' { char::from(*b) } else { '.' };
        text.extend(line.iter().map(shape));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_text() {
        assert!(is_text("first\n目录".as_bytes()) && is_text(b"") && is_text(&"目".as_bytes()[..2]));
        assert!(!is_text(b"\x7fELF\0\x01") && !is_text(b"a\xffb"));
    }

    #[test]
    fn a_dump_has_its_columns() {
        let want = "00000010  61 62 63 64 65 66 67 68  69 6a 6b 6c 6d 6e 6f 70  abcdefghijklmnop\n\
                    00000020  0a                                                .\n";
        assert_eq!(hex(b"abcdefghijklmnop\n", 16), want);
    }
}
