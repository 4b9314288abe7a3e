//! Text from images, made safe to print.

/// Whether a character could steer a terminal or deceive a reader: controls (C0 and C1), what changes the direction of text
/// (Unicode TR9, "Explicit Formatting Characters"), what is not seen, and separators of lines.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Text with everything escaped that could steer a terminal or deceive a reader.
pub(super) fn visible(bytes: &[u8]) -> String {
    shown(bytes, |_| false)
}

/// The same with line ends and tabs as they are: a file's text, or many lines of output.
pub(super) fn lines(bytes: &[u8]) -> String {
    shown(bytes, |c| matches!(c, '\n' | '\t'))
}

/// What `clear` prints, and the two colours of `docker build`.
const ACTS: [&str; 3] = ["\x1b[H\x1b[2J\x1b[3J", "\x1b[91m", "\x1b[0m"];

/// What the lab prints, for a terminal: line ends, tabs, returns and what the lab's own commands print act, all else is shown.
pub(super) fn screen(bytes: &[u8]) -> String {
    let text = |bytes| shown(bytes, |c| matches!(c, '\n' | '\t' | '\r'));
    let (mut out, mut rest) = (String::new(), bytes);
    while let Some(at) = rest.iter().position(|b| *b == 0x1b) {
        out.push_str(&text(&rest[..at]));
        rest = &rest[at..];
        let acts = ACTS.iter().find(|acts| rest.starts_with(acts.as_bytes()));
        let len = acts.map_or(1, |acts| acts.len());
        out.push_str(&acts.map_or_else(|| text(&rest[..len]), |acts| (*acts).to_owned()));
        rest = &rest[len..];
    }
    out.push_str(&text(rest));
    out
}

/// A value as JSON on one line, with the same characters escaped: JSON's own rules spare C1 and directions.
pub(super) fn json(value: &impl serde::Serialize) -> std::io::Result<String> {
    let text = serde_json::to_string(value).map_err(std::io::Error::other)?;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // These stand in strings alone, where an escape is the same character.
        if deceives(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    Ok(out)
}

fn shown(bytes: &[u8], spared: impl Fn(char) -> bool) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if deceives(c) && !spared(c) { out.extend(c.escape_default()) } else { out.push(c) }
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
    use super::{json, lines, plain, visible};

    #[test]
    fn the_systems_number_is_left_out() {
        assert_eq!(plain("f: No such file or directory (os error 2)"), "f: No such file or directory");
        assert_eq!(plain("f (os error x)"), "f (os error x)");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(visible(b"a\x1b[2J\xff\n"), "a\\u{1b}[2J\\xff\\n");
        assert_eq!(visible("txt\u{202e}exe é 世".as_bytes()), "txt\\u{202e}exe é 世");
        assert_eq!(visible("a\u{9b}31m\u{61c}\u{e0041}".as_bytes()), "a\\u{9b}31m\\u{61c}\\u{e0041}");
        assert_eq!(lines(b"a\tb\nc\r\x1b"), "a\tb\nc\\r\\u{1b}");
        let text = "a\u{9b}\u{202e}\u{e0041}\n é";
        let told = json(&text).unwrap();
        assert_eq!(told, r#""a\u009b\u202e\udb40\udc41\n é""#);
        assert_eq!(serde_json::from_str::<String>(&told).unwrap(), text);
    }
}
