//! Quoting of names in messages, sizes for people.

/// GNU's `quoteaf`: always quoted, so that a shell would read it back.
pub(in crate::shell::commands) fn quote(name: &[u8]) -> Vec<u8> {
    let control = |b: &u8| *b < 0x20 || *b == 0x7f;
    if name.iter().any(control) {
        return quote_control(name);
    }
    if !name.contains(&b'\'') {
        return [b"'", name, b"'"].concat();
    }
    if !name.iter().any(|b| b"\"$`\\!".contains(b)) {
        return [b"\"", name, b"\""].concat();
    }
    let mut out = vec![b'\''];
    for byte in name {
        match byte {
            b'\'' => out.extend_from_slice(b"'\\''"),
            _ => out.push(*byte),
        }
    }
    out.push(b'\'');
    out
}

/// Runs of control characters as `$'\n'` between the rest.
fn quote_control(name: &[u8]) -> Vec<u8> {
    let mut out = vec![b'\''];
    let mut escaped = false;
    for byte in name {
        let escape = *byte < 0x20 || *byte == 0x7f;
        match (escaped, escape) {
            (false, true) => out.extend_from_slice(b"'$'"),
            (true, false) => out.extend_from_slice(b"''"),
            _ => {}
        }
        escaped = escape;
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\r' => out.extend_from_slice(b"\\r"),
            7 => out.extend_from_slice(b"\\a"),
            8 => out.extend_from_slice(b"\\b"),
            11 => out.extend_from_slice(b"\\v"),
            12 => out.extend_from_slice(b"\\f"),
            b'\'' => out.extend_from_slice(b"'\\''"),
            byte if escape => out.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
            byte => out.push(*byte),
        }
    }
    out.push(b'\'');
    out
}

/// GNU's `quotef`: quoted only where a shell would need it.
pub(in crate::shell::commands) fn quote_if_needed(name: &[u8]) -> Vec<u8> {
    let special = |b: &u8| *b <= b' ' || *b == 0x7f || b"'\"$`\\!*?[](){}<>|&;~#^=".contains(b);
    let first_only = |b: &u8| b"~#".contains(b);
    let needs = name.is_empty()
        || name.first().is_some_and(special)
        || name.iter().any(|b| special(b) && !first_only(b) && !b"^=".contains(b));
    if needs { quote(name) } else { name.to_vec() }
}

/// A size as `ls -h` and `du -h` show it: rounded up, one digit after the point below ten.
pub(in crate::shell::commands) fn human(bytes: u64) -> String {
    if bytes < 1024 {
        return bytes.to_string();
    }
    let mut unit = 0;
    let mut scale = 1024u128;
    let tenths = |scale: u128| (u128::from(bytes) * 10).div_ceil(scale);
    while tenths(scale).div_ceil(10) >= 1024 && unit < 5 {
        unit += 1;
        scale *= 1024;
    }
    let letter = ["K", "M", "G", "T", "P", "E"][unit];
    let tenths = tenths(scale);
    if tenths < 100 {
        format!("{}.{}{letter}", tenths / 10, tenths % 10)
    } else {
        format!("{}{letter}", tenths.div_ceil(10))
    }
}

/// How many columns a name takes on a terminal: wide characters two.
pub(in crate::shell::commands) fn width(name: &[u8]) -> usize {
    String::from_utf8_lossy(name)
        .chars()
        .map(|c| match u32::from(c) {
            0x1100..=0x115f
            | 0x2e80..=0xa4cf
            | 0xac00..=0xd7a3
            | 0xf900..=0xfaff
            | 0xfe30..=0xfe6f
            | 0xff00..=0xff60
            | 0xffe0..=0xffe6
            | 0x1f300..=0x1faff
            | 0x20000..=0x3fffd => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes() {
        for (name, want) in
            [("x", "'x'"), ("it's", "\"it's\""), ("a\nb", "'a'$'\\n''b'"), ("a'$b", "'a'\\''$b'")]
        {
            assert_eq!(quote(name.as_bytes()), want.as_bytes(), "{name:?}");
        }
        assert_eq!(quote_if_needed(b"a.txt"), b"a.txt");
        assert_eq!(quote_if_needed(b"sp ace"), b"'sp ace'");
    }

    #[test]
    fn sizes() {
        for (bytes, want) in [
            (0, "0"),
            (1023, "1023"),
            (1024, "1.0K"),
            (1025, "1.1K"),
            (10_240, "10K"),
            (1_000_000, "977K"),
            (1_048_576, "1.0M"),
        ] {
            assert_eq!(human(bytes), want);
        }
    }
}
