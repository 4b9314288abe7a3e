//! Text from images, made safe to print.

/// Text with everything escaped that could steer a terminal or deceive a reader.
pub(super) fn visible(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let deceives = c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
            if deceives { out.extend(c.escape_default()) } else { out.push(c) }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(visible(b"a\x1b[2J\xff\n"), "a\\u{1b}[2J\\xff\\n");
        assert_eq!(visible("txt\u{202e}exe é 世".as_bytes()), "txt\\u{202e}exe é 世");
    }
}
