//! Backslash escapes, as `echo -e`, `printf` and `$'…'` read them.

/// What one escape stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// This byte.
    Byte(u8),
    /// This character, as UTF-8.
    Char(char),
    /// `\c`: nothing more is printed.
    Stop,
    /// No escape: the backslash stands for itself.
    None,
}

/// Where the zero of an octal escape may or must stand: `\0nnn` in `echo` and `%b`, `\nnn` in formats and `$'…'`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Octal {
    /// `\0nnn` alone.
    AfterZero,
    /// `\nnn`.
    Plain,
    /// Both: `\0nnn` and `\nnn`.
    Either,
}

/// Reads the escape after a backslash; returns what it is and how many bytes of `rest` it took.
pub(super) fn read(rest: &[u8], octal: Octal) -> (Escape, usize) {
    let Some(byte) = rest.first() else { return (Escape::None, 0) };
    let plain = |byte| (Escape::Byte(byte), 1);
    match byte {
        b'a' => plain(7),
        b'b' => plain(8),
        b'e' | b'E' => plain(27),
        b'f' => plain(12),
        b'n' => plain(b'\n'),
        b'r' => plain(b'\r'),
        b't' => plain(b'\t'),
        b'v' => plain(11),
        b'\\' => plain(b'\\'),
        b'c' => (Escape::Stop, 1),
        b'x' => number(rest, 1, 2, 16).map_or((Escape::None, 0), |(n, len)| (Escape::Byte(n as u8), len)),
        b'u' | b'U' => {
            let digits = if *byte == b'u' { 4 } else { 8 };
            let found = number(rest, 1, digits, 16);
            found
                .and_then(|(n, len)| char::from_u32(n).map(|c| (Escape::Char(c), len)))
                .unwrap_or((Escape::None, 0))
        }
        b'0' if octal != Octal::Plain => {
            number(rest, 1, 3, 8).map_or((Escape::Byte(0), 1), |(n, len)| (Escape::Byte(n as u8), len))
        }
        b'0'..=b'7' if octal != Octal::AfterZero => {
            number(rest, 0, 3, 8).map_or((Escape::None, 0), |(n, len)| (Escape::Byte(n as u8), len))
        }
        _ => (Escape::None, 0),
    }
}

fn number(rest: &[u8], skip: usize, most: usize, radix: u32) -> Option<(u32, usize)> {
    let digits = rest[skip..].iter().take(most).take_while(|b| char::from(**b).is_digit(radix)).count();
    let text = std::str::from_utf8(&rest[skip..skip + digits]).ok()?;
    u32::from_str_radix(text, radix).ok().map(|n| (n, skip + digits))
}

/// `text` with its escapes read; the second value says whether `\c` ended it.
pub(super) fn unescape(text: &[u8], octal: Octal) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let (escape, len) = read(&text[at..], octal);
        at += len;
        match escape {
            Escape::Byte(byte) => out.push(byte),
            Escape::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Escape::Stop => return (out, true),
            Escape::None => out.push(b'\\'),
        }
    }
    (out, false)
}

/// The text of `$'…'`, where `\'` and `\"` are quotes.
pub(super) fn ansi(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        if *byte != b'\\' {
            out.push(*byte);
        } else if let Some(quote) = text.get(at).filter(|b| b"'\"?".contains(b)) {
            out.push(*quote);
            at += 1;
        } else {
            let (escape, len) = read(&text[at..], Octal::Plain);
            at += len;
            match escape {
                Escape::Byte(byte) => out.push(byte),
                Escape::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                Escape::Stop | Escape::None => out.push(b'\\'),
            }
        }
    }
    out
}

/// A word as it would be typed: in single quotes where that is needed.
pub(super) fn quote(word: &[u8]) -> Vec<u8> {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_-+./:=@%,^".contains(b) || *b >= 0x80;
    if !word.is_empty() && word.iter().all(plain) {
        return word.to_vec();
    }
    let mut out = vec![b'\''];
    for byte in word {
        match byte {
            b'\'' => out.extend_from_slice(b"'\\''"),
            _ => out.push(*byte),
        }
    }
    out.push(b'\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(unescape(br"a\tb\0101\x41\q", Octal::AfterZero).0, b"a\tbAA\\q");
        assert_eq!(unescape(br"a\cb", Octal::AfterZero), (b"a".to_vec(), true));
        assert_eq!(unescape(br"\101\", Octal::Plain).0, b"A\\");
        assert_eq!(ansi(br"it\'s\n\u00e9"), "it's\né".as_bytes());
    }
}
