//! Shell patterns: `*`, `?`, `[…]`, with quoted characters standing for themselves.

/// A pattern, compiled to items that each match one byte or any run of bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    Byte(u8),
    One,
    Run,
    Set { negated: bool, ranges: Vec<(char, char)> },
}

impl Pattern {
    /// A pattern of a text whose backslashes quote.
    pub(super) fn from_text(text: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.iter();
        while let Some(byte) = rest.next() {
            match byte {
                b'\\' => bytes.push((*rest.next().unwrap_or(&b'\\'), true)),
                _ => bytes.push((*byte, false)),
            }
        }
        Self::new(&bytes)
    }

    /// A pattern of bytes, each with whether it is quoted.
    pub(super) fn new(bytes: &[(u8, bool)]) -> Self {
        let mut items = Vec::new();
        let mut at = 0;
        while let Some((byte, quoted)) = bytes.get(at).copied() {
            at += 1;
            match byte {
                b'*' if !quoted => {
                    if items.last() != Some(&Item::Run) {
                        items.push(Item::Run);
                    }
                }
                b'?' if !quoted => items.push(Item::One),
                b'[' if !quoted => match set(&bytes[at..]) {
                    Some((item, len)) => {
                        items.push(item);
                        at += len;
                    }
                    None => items.push(Item::Byte(byte)),
                },
                _ => items.push(Item::Byte(byte)),
            }
        }
        Self { items }
    }

    /// Whether it matches anything but its own text.
    pub(super) fn is_special(&self) -> bool {
        self.items.iter().any(|item| !matches!(item, Item::Byte(_)))
    }

    /// The text of a pattern that is not special.
    pub(super) fn literal(&self) -> Vec<u8> {
        self.items.iter().filter_map(|item| if let Item::Byte(b) = item { Some(*b) } else { None }).collect()
    }

    /// Whether its first item is the byte itself (a leading dot must be matched so).
    pub(super) fn starts_with(&self, byte: u8) -> bool {
        self.items.first() == Some(&Item::Byte(byte))
    }

    /// Whether it matches all of `text`. Takes time in proportion to the product of both lengths at most.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        let (mut item, mut at) = (0, 0);
        // Where the last run started, to try it one byte longer.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let step = match self.items.get(item) {
                Some(Item::Run) => {
                    retry = Some((item, at));
                    item += 1;
                    continue;
                }
                Some(single) => single.width(&text[at..]),
                None if at == text.len() => return true,
                None => None,
            };
            if let Some(width) = step {
                item += 1;
                at += width;
                continue;
            }
            match retry {
                Some((run, start)) if start < text.len() => {
                    retry = Some((run, start + 1));
                    item = run + 1;
                    at = start + 1;
                }
                _ => return false,
            }
        }
    }
}

impl Item {
    /// How many bytes of `text` it matches, if it does; a run is dealt with elsewhere.
    fn width(&self, text: &[u8]) -> Option<usize> {
        match self {
            Self::Byte(byte) => (text.first() == Some(byte)).then_some(1),
            Self::One => first_char(text).map(|(_, width)| width),
            Self::Set { negated, ranges } => {
                let (c, width) = first_char(text)?;
                let inside = ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
                (inside != *negated).then_some(width)
            }
            Self::Run => None,
        }
    }
}

/// The first character; a byte that is not UTF-8 counts as the character of its value.
fn first_char(text: &[u8]) -> Option<(char, usize)> {
    let head = &text[..text.len().min(4)];
    let valid = match std::str::from_utf8(head) {
        Ok(valid) => valid,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
    };
    match valid.chars().next() {
        Some(c) => Some((c, c.len_utf8())),
        None => text.first().map(|b| (char::from(*b), 1)),
    }
}

/// A bracket expression after its `[`: the item and how many bytes it took.
fn set(bytes: &[(u8, bool)]) -> Option<(Item, usize)> {
    let text: Vec<u8> = bytes.iter().map(|(b, _)| *b).collect();
    let mut at = 0;
    let negated = matches!(bytes.first(), Some((b'!' | b'^', false)));
    at += usize::from(negated);
    let start = at;
    let mut ranges = Vec::new();
    loop {
        let (byte, quoted) = *bytes.get(at)?;
        if byte == b']' && !quoted && at > start {
            return Some((Item::Set { negated, ranges }, at + 1));
        }
        if byte == b'/' {
            return None;
        }
        if text[at..].starts_with(b"[:") {
            let end = text[at..].windows(2).position(|w| w == b":]")?;
            class(&text[at + 2..at + end], &mut ranges);
            at += end + 2;
            continue;
        }
        let (low, width) = first_char(&text[at..])?;
        at += width;
        let is_range = matches!(bytes.get(at), Some((b'-', false)))
            && bytes.get(at + 1).is_some_and(|(b, q)| *b != b']' || *q);
        if is_range {
            let (high, width) = first_char(&text[at + 1..])?;
            at += 1 + width;
            ranges.push((low, high));
        } else {
            ranges.push((low, low));
        }
    }
}

fn class(name: &[u8], ranges: &mut Vec<(char, char)>) {
    let found: &[(char, char)] = match name {
        b"alpha" => &[('a', 'z'), ('A', 'Z')],
        b"digit" => &[('0', '9')],
        b"alnum" => &[('a', 'z'), ('A', 'Z'), ('0', '9')],
        b"upper" => &[('A', 'Z')],
        b"lower" => &[('a', 'z')],
        b"space" => &[(' ', ' '), ('\t', '\r')],
        b"blank" => &[(' ', ' '), ('\t', '\t')],
        b"punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        b"xdigit" => &[('0', '9'), ('a', 'f'), ('A', 'F')],
        b"print" => &[(' ', '~')],
        b"graph" => &[('!', '~')],
        b"cntrl" => &[('\0', '\u{1f}'), ('\u{7f}', '\u{7f}')],
        _ => &[],
    };
    ranges.extend_from_slice(found);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, want) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcd", false),
            ("?", "é", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]", "]", true),
            ("[", "[", true),
            (r"\*", "*", true),
            (r"\*", "x", false),
            ("[[:digit:]]*", "7up", true),
            ("*.*.*", "a.b.c", true),
            ("a[", "a[", true),
        ] {
            assert_eq!(
                Pattern::from_text(pattern.as_bytes()).matches(text.as_bytes()),
                want,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn many_runs_end() {
        let pattern = Pattern::from_text("*a".repeat(50).as_bytes());
        assert!(!pattern.matches(&[b'a'; 49]));
        assert!(pattern.matches(&[b'a'; 5000]));
    }
}
