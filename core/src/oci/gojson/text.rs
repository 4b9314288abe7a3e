//! Strings as Go takes them (`encoding/json/decode.go`, `unquote`): U+FFFD stands where a text is none.

/// A string of a document, in its quotes, as Go takes it.
pub(super) fn text(quoted: &[u8]) -> String {
    let inner = quoted.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or_default();
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.iter().position(|b| *b == b'\\') {
        push_lossy(&rest[..at], &mut out);
        let (c, len) = escaped(&rest[at..]);
        out.push(c);
        rest = &rest[at + len..];
    }
    push_lossy(rest, &mut out);
    out
}

/// Each byte that is no UTF-8 becomes U+FFFD, one by one.
fn push_lossy(bytes: &[u8], out: &mut String) {
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
}

/// An escape, which is well-formed, and how long it is: half of a pair alone is U+FFFD.
fn escaped(bytes: &[u8]) -> (char, usize) {
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    match bytes.get(1) {
        Some(b'u') => match unit(0) {
            Some(high @ 0xd800..=0xdbff) => match unit(6) {
                Some(low @ 0xdc00..=0xdfff) => {
                    let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
                }
                _ => (char::REPLACEMENT_CHARACTER, 6),
            },
            code => {
                (code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER), 6.min(bytes.len()))
            }
        },
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(byte) => (char::from(*byte), 2),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}
