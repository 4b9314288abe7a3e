//! Variables and quotes in an instruction's words (Dockerfile reference, "Environment replacement"): `$name`, `${name}`,
//! `${name:-word}`, `${name:+word}`, `${name:?word}`; `'…'` as it stands, `"…"` with variables, the escape character.

/// Takes quotes off a word and puts variables in.
///
/// # Errors
/// Docker's words for what is wrong, with the word.
pub fn word(text: &str, env: &[String], escape: char) -> Result<String, String> {
    let pieces = pieces(text, env, escape)?;
    Ok(pieces.into_iter().map(|piece| piece.text).collect())
}

/// The same, with what variables bring and what stands outside of quotes split into words at blanks.
///
/// # Errors
/// As [`word`].
pub fn words(text: &str, env: &[String], escape: char) -> Result<Vec<String>, String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    for piece in pieces(text, env, escape)? {
        if piece.quoted && piece.text.is_empty() && !is_open {
            words.push(String::new());
            is_open = true;
        }
        for c in piece.text.chars() {
            if !piece.quoted && c.is_whitespace() {
                is_open = false;
                continue;
            }
            if !is_open {
                words.push(String::new());
                is_open = true;
            }
            if let Some(word) = words.last_mut() {
                word.push(c);
            }
        }
    }
    Ok(words)
}

/// A piece of the result; what is quoted does not end a word.
struct Piece {
    text: String,
    quoted: bool,
}

/// What is open while a word is read.
enum Open {
    /// `"`.
    Double,
    /// `${name:m`, up to its `}`.
    Braces { name: String, modifier: char },
}

/// An open place with what it holds so far.
struct Frame {
    open: Open,
    text: String,
}

impl Frame {
    /// What stands for a frame that is not there.
    fn none() -> Self {
        Self { open: Open::Double, text: String::new() }
    }
}

type Chars<'t> = std::iter::Peekable<std::str::Chars<'t>>;

fn pieces(text: &str, env: &[String], escape: char) -> Result<Vec<Piece>, String> {
    scan(text, env, escape).map_err(|why| format!("failed to process {}: {why}", super::json::quote(text)))
}

/// Frames stand on a list of their own: how deep a word nests is up to whoever wrote it.
fn scan(text: &str, env: &[String], escape: char) -> Result<Vec<Piece>, String> {
    let mut done: Vec<Piece> = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    let mut chars = text.chars().peekable();
    let put =
        |frames: &mut Vec<Frame>, done: &mut Vec<Piece>, text: &str, quoted: bool| match frames.last_mut() {
            Some(frame) => frame.text.push_str(text),
            None => match done.last_mut() {
                Some(last) if last.quoted == quoted => last.text.push_str(text),
                _ => done.push(Piece { text: text.to_owned(), quoted }),
            },
        };
    while let Some(c) = chars.next() {
        let in_double = matches!(frames.last(), Some(Frame { open: Open::Double, .. }));
        match c {
            '"' if in_double => {
                let frame = frames.pop().unwrap_or_else(Frame::none);
                put(&mut frames, &mut done, &frame.text, true);
            }
            '"' => frames.push(Frame { open: Open::Double, text: String::new() }),
            '\'' if !in_double => {
                let mut text = String::new();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => text.push(c),
                        None => return Err(unclosed("single-quote")),
                    }
                }
                put(&mut frames, &mut done, &text, true);
            }
            '$' => match dollar(&mut chars)? {
                Dollar::Plain => put(&mut frames, &mut done, "$", false),
                Dollar::Name(name) => {
                    put(&mut frames, &mut done, lookup(&name, env).unwrap_or_default(), false);
                }
                Dollar::Modified(name, modifier) => {
                    frames.push(Frame { open: Open::Braces { name, modifier }, text: String::new() });
                }
            },
            '}' if matches!(frames.last(), Some(Frame { open: Open::Braces { .. }, .. })) => {
                let frame = frames.pop().unwrap_or_else(Frame::none);
                let value = modified(frame, env)?;
                put(&mut frames, &mut done, &value, false);
            }
            c if c == escape && in_double => {
                if let Some(next) = chars.next_if(|next| matches!(next, '"' | '$') || *next == escape) {
                    put(&mut frames, &mut done, next.encode_utf8(&mut [0; 4]), true);
                } else if chars.peek().is_some() {
                    put(&mut frames, &mut done, c.encode_utf8(&mut [0; 4]), true);
                }
            }
            c if c == escape => {
                if let Some(next) = chars.next() {
                    put(&mut frames, &mut done, next.encode_utf8(&mut [0; 4]), true);
                }
            }
            c => put(&mut frames, &mut done, c.encode_utf8(&mut [0; 4]), false),
        }
    }
    match frames.last() {
        None => Ok(done),
        Some(Frame { open: Open::Double, .. }) => Err(unclosed("double-quote")),
        Some(Frame { open: Open::Braces { .. }, .. }) => Err("syntax error: missing '}'".to_owned()),
    }
}

fn unclosed(what: &str) -> String {
    format!("unexpected end of statement while looking for matching {what}")
}

enum Dollar {
    /// A dollar sign and nothing else.
    Plain,
    /// `$name` or `${name}`.
    Name(String),
    /// `${name:m`.
    Modified(String, char),
}

fn dollar(chars: &mut Chars<'_>) -> Result<Dollar, String> {
    if chars.next_if_eq(&'{').is_none() {
        let name = name(chars);
        return Ok(if name.is_empty() { Dollar::Plain } else { Dollar::Name(name) });
    }
    match chars.peek() {
        None => return Err("syntax error: missing '}'".to_owned()),
        Some('{' | '}' | ':') => return Err("syntax error: bad substitution".to_owned()),
        Some(_) => {}
    }
    let name = name(chars);
    match chars.next() {
        Some('}') => Ok(Dollar::Name(name)),
        Some(':') => match chars.next() {
            Some(c @ ('+' | '-' | '?')) => Ok(Dollar::Modified(name, c)),
            Some(c) => Err(format!("unsupported modifier ({c}) in substitution")),
            None => Err("syntax error: missing '}'".to_owned()),
        },
        _ => Err("missing ':' in substitution".to_owned()),
    }
}

/// A variable's name: letters, digits and `_`; a number; or one of the shell's own signs.
fn name(chars: &mut Chars<'_>) -> String {
    let mut name = String::new();
    match chars.peek() {
        Some(c) if c.is_numeric() => {
            while let Some(c) = chars.next_if(|c| c.is_numeric()) {
                name.push(c);
            }
        }
        Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => name.extend(chars.next()),
        _ => {
            while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                name.push(c);
            }
        }
    }
    name
}

fn modified(frame: Frame, env: &[String]) -> Result<String, String> {
    let Open::Braces { name, modifier } = frame.open else { return Ok(frame.text) };
    let value = lookup(&name, env);
    let is_empty = value.is_none_or(str::is_empty);
    match modifier {
        '+' if is_empty => Ok(String::new()),
        '+' => Ok(frame.text),
        '-' if is_empty => Ok(frame.text),
        '?' if is_empty => {
            let why = if frame.text.is_empty() { "is not allowed to be unset" } else { &frame.text };
            Err(format!("{name}: {why}"))
        }
        _ => Ok(value.unwrap_or_default().to_owned()),
    }
}

/// The value of the first variable of that name.
fn lookup<'e>(name: &str, env: &'e [String]) -> Option<&'e str> {
    env.iter().find_map(|line| {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        (key == name).then_some(value)
    })
}
