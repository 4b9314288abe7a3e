//! Text from images, made safe to print.

/// Text with everything escaped that could steer a terminal or deceive a reader.
pub(super) fn visible(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if deceives(c) { out.extend(c.escape_default()) } else { out.push(c) }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Whether a character steers a terminal (C0, C1) or shows text as another one (bidi, what takes no room).
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A JSON document in which such characters are escaped: it means the same, and may be shown.
pub(super) fn json(value: &serde_json::Value) -> String {
    let mut out = String::new();
    let mut units = [0; 2];
    for c in value.to_string().chars() {
        // Outside of strings there is no such character.
        if deceives(c) {
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// How wide the terminal of standard output is, where it is one.
pub(super) fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Whether progress can be shown: standard error is a terminal that can go back in a line.
pub(crate) fn shows_progress() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stderr())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// A message without the number that Rust puts behind the system's own words.
pub(super) fn plain(text: &str) -> &str {
    match text.rsplit_once(" (os error ") {
        Some((words, number)) if number.strip_suffix(')').is_some_and(|n| n.parse::<i32>().is_ok()) => words,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{json, plain, visible};

    #[test]
    fn the_systems_number_is_left_out() {
        assert_eq!(plain("f: No such file or directory (os error 2)"), "f: No such file or directory");
        assert_eq!(plain("f (os error x)"), "f (os error x)");
    }

    #[test]
    fn json_means_the_same_and_may_be_shown() {
        let value = serde_json::json!({"path": "a\u{85}\u{202e}b\u{e0041}é\n"});
        let text = json(&value);
        assert_eq!(text, "{\"path\":\"a\\u0085\\u202eb\\udb40\\udc41é\\n\"}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(visible(b"a\x1b[2J\xff\n"), "a\\u{1b}[2J\\xff\\n");
        assert_eq!(visible("txt\u{202e}exe é 世".as_bytes()), "txt\\u{202e}exe é 世");
    }
}
