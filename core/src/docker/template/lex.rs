//! From a template's text to text pieces and the words of its actions.

/// A piece of a template, with its line (from 1).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    /// Text that stands for itself.
    Text(String),
    /// The words between `{{` and `}}`.
    Action(Vec<Word>, usize),
}

/// A word of an action and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    /// What it is.
    pub token: Token,
    /// Line (from 1) and byte in that line (from 0).
    pub at: (usize, usize),
    /// Whether space stands before it.
    pub spaced: bool,
}

/// The kinds of words.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// `.` alone.
    Dot,
    /// `.Name`, without its dot.
    Field(String),
    /// `$name`, without its dollar; `$` alone is empty.
    Variable(String),
    /// A name: a function or a keyword.
    Name(String),
    /// A string, unquoted.
    Text(String),
    /// A number.
    Number(serde_json::Number),
    /// `|`, `(`, `)`, `,`, `:=`, `=`.
    Mark(&'static str),
}

/// Cuts a template into pieces; `{{-` and `-}}` have eaten their white space, comments are gone.
pub(super) fn split(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut at = 0;
    let mut trim = false;
    loop {
        let open = text[at..].find("{{").map(|found| at + found);
        let mut plain = &text[at..open.unwrap_or(text.len())];
        if trim {
            plain = plain.trim_start();
        }
        let Some(open) = open else {
            pieces.push(Piece::Text(plain.to_owned()));
            return Ok(pieces);
        };
        let mut body = open + 2;
        let after = text[body..].strip_prefix('-').filter(|rest| rest.starts_with(char::is_whitespace));
        if after.is_some() {
            plain = plain.trim_end();
            body += 1;
        }
        pieces.push(Piece::Text(plain.to_owned()));
        let line = 1 + text[..open].matches('\n').count();
        if text[body..].trim_start().starts_with("/*") {
            let end = text[body..].find("*/").ok_or_else(|| fail(line, "unclosed comment"))? + body + 2;
            let close =
                text[end..].find("}}").ok_or_else(|| fail(line, "comment ends before closing delimiter"))?;
            trim = text[end..end + close].trim() == "-";
            at = end + close + 2;
            continue;
        }
        let (words, end) = words(text, body)?;
        trim = text[..end].ends_with('-') && text[..end - 1].ends_with(char::is_whitespace);
        pieces.push(Piece::Action(words, line));
        at = end + 2;
    }
}

pub(super) fn fail(line: usize, what: &str) -> String {
    format!("template: :{line}: {what}")
}

/// The words from `at` to `}}`, and where that stands.
fn words(text: &str, mut at: usize) -> Result<(Vec<Word>, usize), String> {
    let mut words = Vec::new();
    let mut spaced = false;
    loop {
        let rest = &text[at..];
        let before = &text[..at];
        let line = 1 + before.matches('\n').count();
        let column = at - before.rfind('\n').map_or(0, |n| n + 1);
        let mut chars = rest.chars();
        let Some(first) = chars.next() else { return Err(fail(line, "unclosed action")) };
        if rest.starts_with("}}") {
            return Ok((words, at));
        }
        if first == '-' && rest[1..].starts_with("}}") && spaced {
            return Ok((words, at + 1));
        }
        if first.is_whitespace() {
            at += first.len_utf8();
            spaced = true;
            continue;
        }
        let name =
            |from: &str| from.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        let (token, len) = match first {
            '.' => match name(&rest[1..]) {
                field if field.is_empty() => (Token::Dot, 1),
                field => (Token::Field(field.clone()), 1 + field.len()),
            },
            '$' => {
                let variable = name(&rest[1..]);
                let len = 1 + variable.len();
                (Token::Variable(variable), len)
            }
            '"' | '`' => quoted(rest, first).ok_or_else(|| fail(line, "unterminated quoted string"))?,
            '|' => (Token::Mark("|"), 1),
            '(' => (Token::Mark("("), 1),
            ')' => (Token::Mark(")"), 1),
            ',' => (Token::Mark(","), 1),
            '=' => (Token::Mark("="), 1),
            ':' if rest.starts_with(":=") => (Token::Mark(":="), 2),
            c if c.is_ascii_digit()
                || (matches!(c, '-' | '+') && rest[1..].starts_with(|d: char| d.is_ascii_digit())) =>
            {
                let len = 1 + rest[1..]
                    .find(|d: char| !d.is_ascii_alphanumeric() && d != '.')
                    .unwrap_or(rest.len() - 1);
                let number = rest[..len].trim_start_matches('+').parse();
                let number =
                    number.map_err(|_| fail(line, &format!("bad number syntax: {:?}", &rest[..len])))?;
                (Token::Number(number), len)
            }
            c if c.is_alphabetic() || c == '_' => {
                let word = name(rest);
                let len = word.len();
                (Token::Name(word), len)
            }
            c => return Err(fail(line, &format!("unexpected {c:?} in command"))),
        };
        words.push(Word { token, at: (line, column), spaced });
        spaced = false;
        at += len;
    }
}

/// A string in double quotes (with Go's escapes) or back quotes, and its length in the text.
fn quoted(rest: &str, quote: char) -> Option<(Token, usize)> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some((Token::Text(text), at + 1)),
            '\\' if quote == '"' => match chars.next()?.1 {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                other => text.push(other),
            },
            c => text.push(c),
        }
    }
    None
}
