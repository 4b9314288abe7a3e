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
    use super::{plain, visible};

    #[test]
    fn the_systems_number_is_left_out() {
        assert_eq!(plain("f: No such file or directory (os error 2)"), "f: No such file or directory");
        assert_eq!(plain("f (os error x)"), "f (os error x)");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(visible(b"a\x1b[2J\xff\n"), "a\\u{1b}[2J\\xff\\n");
        assert_eq!(visible("txt\u{202e}exe é 世".as_bytes()), "txt\\u{202e}exe é 世");
    }
}
