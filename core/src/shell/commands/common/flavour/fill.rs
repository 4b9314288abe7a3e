//! Filling the holes of a message.

use super::super::text::{quote, quote_if_needed};

/// Fills the holes of a message with the parts. `{0}` is the first part as it is, `{0q}` the part in quotes that a shell
/// would read back, `{0f}` the same where a shell needs quotes, `{0c}` the part as `curly` quotes it.
pub(in crate::shell::commands) fn fill(
    message: &str,
    parts: &[&[u8]],
    curly: impl Fn(&[u8]) -> Vec<u8>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + parts.iter().map(|part| part.len()).sum::<usize>());
    let mut rest = message;
    while let Some((before, hole, after)) = next_hole(rest) {
        out.extend_from_slice(before.as_bytes());
        let digits = hole.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let part = digits.parse().ok().and_then(|at: usize| parts.get(at)).copied().unwrap_or_default();
        match &hole[digits.len()..] {
            "q" => out.extend(quote(part)),
            "f" => out.extend(quote_if_needed(part)),
            "c" => out.extend(curly(part)),
            _ => out.extend_from_slice(part),
        }
        rest = after;
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// Splits a message at its first hole.
fn next_hole(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (hole, after) = rest.split_once('}')?;
    Some((before, hole, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes() {
        for (message, want) in [
            ("no hole", "no hole"),
            ("{0f}: {1}", "'a b': why"),
            ("can't open '{0}': {1}", "can't open 'a b': why"),
            ("cannot touch {0q} ({1q})", "cannot touch 'a b' ('why')"),
            ("{1f} {0c} {2}.", "why <a b> ."),
        ] {
            let curly = |text: &[u8]| [b"<", text, b">"].concat();
            let got = fill(message, &[b"a b", b"why"], curly);
            assert_eq!(String::from_utf8_lossy(&got), want, "{message}");
        }
    }
}
