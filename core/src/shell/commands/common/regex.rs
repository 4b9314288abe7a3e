//! Regular expressions of POSIX (basic and extended, with GNU's `\+ \? \|`), by translation to `regex-lite`.
//!
//! Text is bytes: where it is not UTF-8, each byte stands for the character of its value, in the pattern and in the
//! text, and goes back the same way. Back-references inside a pattern are not supported, and are an error.

use regex_lite::RegexBuilder;

use super::refusal::Refusal;

/// A compiled expression.
#[derive(Debug, Clone)]
pub(in crate::shell::commands) struct Regex {
    inner: regex_lite::Regex,
}

/// How a pattern is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell::commands) enum Syntax {
    Basic,
    Extended,
    Fixed,
}

/// Whether upper and lower case are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell::commands) enum Case {
    Kept,
    Ignored,
}

/// Where the groups of a match stand; the whole match is the first.
pub(in crate::shell::commands) type Groups = Vec<Option<(usize, usize)>>;

impl Regex {
    pub(in crate::shell::commands) fn new(
        pattern: &[u8],
        syntax: Syntax,
        case: Case,
    ) -> Result<Self, Refusal> {
        let text = decode(pattern);
        let translated = match syntax {
            Syntax::Basic => translate(&text, false)?,
            Syntax::Extended => translate(&text, true)?,
            Syntax::Fixed => escape(&text),
        };
        let mut builder = RegexBuilder::new(&translated);
        builder.case_insensitive(case == Case::Ignored).size_limit(1 << 20).nest_limit(50);
        builder.build().map(|inner| Self { inner }).map_err(|error| error.to_string().into())
    }

    pub(in crate::shell::commands) fn is_match(&self, text: &[u8]) -> bool {
        self.inner.is_match(&decode(text))
    }

    /// The matches from the start to the end that do not overlap, as positions in `text`.
    pub(in crate::shell::commands) fn all(&self, text: &[u8]) -> Vec<Groups> {
        let decoded = decode(text);
        let utf8 = std::str::from_utf8(text).is_ok();
        // Positions in the decoded text, counted in characters where a character stands for a byte.
        let place = |at: usize| if utf8 { at } else { decoded[..at].chars().count() };
        self.inner
            .captures_iter(&decoded)
            .map(|found| {
                found.iter().map(|group| group.map(|g| (place(g.start()), place(g.end())))).collect()
            })
            .collect()
    }
}

fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        // Other punctuation stands for itself, and means something else behind a backslash (`\<`).
        if r"\.+*?()|[]{}^$#&-~".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn translate(pattern: &str, extended: bool) -> Result<String, Refusal> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern.chars().peekable();
    // Whether an expression may start here: then `*` is itself, and in a basic expression `^` is an anchor.
    let mut start = true;
    while let Some(c) = rest.next() {
        let was_start = std::mem::replace(&mut start, false);
        match c {
            '\\' => {
                let Some(next) = rest.next() else { return Err("Trailing backslash".into()) };
                match next {
                    '(' | ')' | '{' | '}' | '|' | '+' | '?' if !extended => {
                        out.push(next);
                        start = matches!(next, '(' | '|');
                    }
                    '1'..='9' => {
                        return Err(Refusal::lacks("back-references in a pattern are not supported"));
                    }
                    'w' | 'W' | 's' | 'S' | 'b' | 'B' | 'n' | 't' => {
                        out.push('\\');
                        out.push(next);
                    }
                    '<' | '>' => out.push_str("\\b"),
                    '`' => out.push_str("\\A"),
                    '\'' => out.push_str("\\z"),
                    other => out.push_str(&escape(&other.to_string())),
                }
            }
            '[' => bracket(&mut rest, &mut out)?,
            '*' if was_start => out.push_str("\\*"),
            '(' | ')' | '{' | '}' | '|' | '+' | '?' if !extended => {
                out.push('\\');
                out.push(c);
            }
            '(' | '|' => {
                out.push(c);
                start = true;
            }
            '+' | '?' | '{' if was_start => {
                out.push('\\');
                out.push(c);
            }
            '{' if !is_interval(rest.clone()) => out.push_str("\\{"),
            '{' if rest.peek() == Some(&',') => out.push_str("{0"),
            '^' if was_start || extended => {
                out.push('^');
                start = true;
            }
            '^' => out.push_str("\\^"),
            '$' if extended || rest.peek().is_none() || ends_group(&rest) => out.push('$'),
            '$' => out.push_str("\\$"),
            '*' | '.' | ')' | '{' | '}' | '+' | '?' => out.push(c),
            other => out.push_str(&escape(&other.to_string())),
        }
    }
    Ok(out)
}

/// Whether what follows a `{` makes it an interval, `2}`, `2,}`, `,3}` or `2,3}`; else it is a brace.
fn is_interval(rest: impl Iterator<Item = char>) -> bool {
    let mut digits = 0;
    let mut commas = 0;
    for c in rest {
        match c {
            '0'..='9' => digits += 1,
            ',' => commas += 1,
            '}' => return digits > 0 && commas <= 1,
            _ => return false,
        }
    }
    false
}

fn ends_group(rest: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut ahead = rest.clone();
    ahead.next() == Some('\\') && matches!(ahead.next(), Some(')' | '|'))
}

/// A bracket expression; a first `]` is itself, and backslashes are nothing special.
fn bracket(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) -> Result<(), Refusal> {
    out.push('[');
    if rest.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut first = true;
    loop {
        let Some(c) = rest.next() else { return Err("Unmatched [, [^, [:, [., or [=".into()) };
        match c {
            ']' if !first => {
                out.push(']');
                return Ok(());
            }
            '[' if rest.peek() == Some(&':') => {
                out.push('[');
                for c in rest.by_ref() {
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            '-' => out.push('-'),
            '[' | ']' | '\\' | '^' | '&' | '~' => {
                out.push('\\');
                out.push(c);
            }
            other => out.push(other),
        }
        first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posix_expressions() {
        for (pattern, syntax, text, want) in [
            ("a+b", Syntax::Basic, "a+b", true),
            ("a+b", Syntax::Extended, "aab", true),
            (r"\(ab\)*c", Syntax::Basic, "ababc", true),
            ("^a.c$", Syntax::Basic, "abc", true),
            ("a^b$c", Syntax::Basic, "a^b$c", true),
            ("[]x]", Syntax::Basic, "]", true),
            (r"[\.]", Syntax::Basic, r"\", true),
            ("[[:digit:]]+", Syntax::Extended, "7", true),
            ("*a", Syntax::Basic, "*a", true),
            ("a.b", Syntax::Fixed, "axb", false),
            (r"a\|b", Syntax::Basic, "b", true),
            ("a{2}", Syntax::Extended, "aa", true),
            ("^a{2,3}$", Syntax::Extended, "aaa", true),
            ("^a{,2}$", Syntax::Extended, "aa", true),
            ("a{2", Syntax::Extended, "a{2", true),
            ("a{b,}", Syntax::Extended, "a{b,}", true),
            (r"^a\{1,2\}$", Syntax::Basic, "aa", true),
            ("<a>", Syntax::Basic, "<a>", true),
            ("^<a>$", Syntax::Extended, "a", false),
            (r"\bfoo\b", Syntax::Basic, "a foo b", true),
        ] {
            let regex = Regex::new(pattern.as_bytes(), syntax, Case::Kept).expect(pattern);
            assert_eq!(regex.is_match(text.as_bytes()), want, "{pattern} {text}");
        }
        assert!(Regex::new(b"a\\", Syntax::Basic, Case::Kept).is_err());
        assert!(Regex::new(b"[a", Syntax::Basic, Case::Kept).is_err());
        let raw = Regex::new(b"b", Syntax::Basic, Case::Kept).expect("it is an expression");
        assert_eq!(raw.all(b"\xffab"), vec![vec![Some((2, 3))]]);
    }
}
