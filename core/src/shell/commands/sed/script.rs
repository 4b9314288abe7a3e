//! A `sed` script, parsed.

use crate::shell::commands::common::refusal::Refusal;
use crate::shell::commands::common::regex::{Case, Regex, Syntax};

/// A command with the lines that it is for.
#[derive(Debug, Clone)]
pub(super) struct Command {
    pub(super) from: Option<Address>,
    pub(super) to: Option<Address>,
    pub(super) negated: bool,
    pub(super) action: Action,
}

/// Which lines are meant.
#[derive(Debug, Clone)]
pub(super) enum Address {
    Line(u64),
    Last,
    Match(Regex),
    /// `first~step`
    Step(u64, u64),
    /// `addr,+n`
    More(u64),
}

/// What is done.
#[derive(Debug, Clone)]
pub(super) enum Action {
    Substitute {
        regex: Regex,
        with: Vec<Piece>,
        nth: usize,
        all: bool,
        print: bool,
    },
    Translate(Vec<(u8, u8)>),
    /// `a`, `i`, `c` with their text.
    Text(u8, Vec<u8>),
    /// `q` and `Q` with their status.
    Quit(u8, u8),
    /// A command of one letter.
    Simple(u8),
    Block(Vec<Command>),
}

/// A part of a replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(Vec<u8>),
    Group(usize),
}

/// How deep blocks may be nested.
const DEPTH: u32 = 20;

/// Reads a script; an error is a place (in characters) and what is wrong there.
pub(super) fn parse(text: &[u8], syntax: Syntax) -> Result<Vec<Command>, (usize, Refusal)> {
    let mut parser = Parser { text, at: 0, syntax, depth: 0 };
    let commands = parser.commands().map_err(|message| (parser.at, message))?;
    if parser.at < text.len() {
        return Err((parser.at + 1, "unexpected `}'".into()));
    }
    Ok(commands)
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    syntax: Syntax,
    depth: u32,
}

type Parsed<T> = Result<T, Refusal>;

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip(&mut self, bytes: &[u8]) {
        while self.peek().is_some_and(|b| bytes.contains(&b)) {
            self.at += 1;
        }
    }

    fn commands(&mut self) -> Parsed<Vec<Command>> {
        let mut out = Vec::new();
        loop {
            self.skip(b" \t\n;");
            match self.peek() {
                None | Some(b'}') => return Ok(out),
                Some(b'#') => {
                    while self.peek().is_some_and(|b| b != b'\n') {
                        self.at += 1;
                    }
                }
                Some(_) => out.push(self.command()?),
            }
        }
    }

    fn command(&mut self) -> Parsed<Command> {
        let from = self.address()?;
        let mut to = None;
        self.skip(b" \t");
        if from.is_some() && self.take(b',') {
            self.skip(b" \t");
            to = if self.take(b'+') { Some(Address::More(self.number())) } else { self.address()? };
            if to.is_none() {
                return Err("unexpected `,'".into());
            }
        }
        self.skip(b" \t");
        let negated = self.take(b'!');
        self.skip(b" \t");
        let Some(letter) = self.peek() else { return Err("missing command".into()) };
        self.at += 1;
        let action = self.action(letter)?;
        Ok(Command { from, to, negated, action })
    }

    fn number(&mut self) -> u64 {
        let start = self.at;
        self.skip(b"0123456789");
        String::from_utf8_lossy(&self.text[start..self.at]).parse().unwrap_or(u64::MAX)
    }

    fn address(&mut self) -> Parsed<Option<Address>> {
        Ok(match self.peek() {
            Some(b'0'..=b'9') => {
                let line = self.number();
                if self.take(b'~') {
                    Some(Address::Step(line, self.number()))
                } else {
                    Some(Address::Line(line))
                }
            }
            Some(b'$') => {
                self.at += 1;
                Some(Address::Last)
            }
            Some(open @ (b'/' | b'\\')) => {
                self.at += 1;
                let by = if open == b'\\' { self.next()? } else { b'/' };
                let text = self.until(by).ok_or("unterminated address regex")?;
                let case = if self.take(b'I') { Case::Ignored } else { Case::Kept };
                Some(Address::Match(Regex::new(&text, self.syntax, case)?))
            }
            _ => None,
        })
    }

    fn next(&mut self) -> Parsed<u8> {
        let byte = self.peek().ok_or("unexpected end of script")?;
        self.at += 1;
        Ok(byte)
    }

    /// Text up to a delimiter, which is taken; an escaped delimiter is itself.
    fn until(&mut self, by: u8) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut bracket = false;
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'\\' => {
                    let next = self.peek()?;
                    self.at += 1;
                    if next != by {
                        out.push(b'\\');
                    }
                    out.push(next);
                    continue;
                }
                b'[' if !bracket => bracket = true,
                b']' => bracket = false,
                b'\n' if by != b'\n' => return None,
                _ => {}
            }
            if byte == by && !bracket {
                return Some(out);
            }
            out.push(byte);
        }
    }

    fn action(&mut self, letter: u8) -> Parsed<Action> {
        Ok(match letter {
            b'{' => {
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err("blocks are nested too deeply".into());
                }
                let commands = self.commands()?;
                if !self.take(b'}') {
                    return Err("unmatched `{'".into());
                }
                self.depth -= 1;
                Action::Block(commands)
            }
            b's' => self.substitute()?,
            b'y' => {
                let by = self.next()?;
                let from = self.until(by).ok_or("unterminated `y' command")?;
                let to = self.until(by).ok_or("unterminated `y' command")?;
                if from.len() != to.len() {
                    return Err("strings for `y' command are different lengths".into());
                }
                Action::Translate(from.into_iter().zip(to).collect())
            }
            b'a' | b'i' | b'c' => {
                self.skip(b" \t");
                if self.take(b'\\') {
                    self.skip(b" \t");
                    self.take(b'\n');
                }
                let rest = &self.text[self.at..];
                let mut text = Vec::new();
                let mut escaped = false;
                for byte in rest {
                    if *byte == b'\n' && !escaped {
                        break;
                    }
                    self.at += 1;
                    escaped = *byte == b'\\' && !escaped;
                    if !escaped {
                        text.push(*byte);
                    }
                }
                if text.is_empty() {
                    return Err("expected \\ after `a', `c' or `i'".into());
                }
                text.push(b'\n');
                Action::Text(letter, text)
            }
            b'q' | b'Q' => {
                self.skip(b" \t");
                let status =
                    if self.peek().is_some_and(|b| b.is_ascii_digit()) { self.number() as u8 } else { 0 };
                self.end()?;
                Action::Quit(letter, status)
            }
            b'd' | b'p' | b'=' | b'n' | b'N' | b'D' | b'P' | b'h' | b'H' | b'g' | b'G' | b'x' => {
                self.end()?;
                Action::Simple(letter)
            }
            b':' | b'b' | b't' | b'T' => {
                return Err(Refusal::lacks("labels and branches are not supported"));
            }
            b'r' | b'w' | b'R' | b'W' | b'e' => {
                return Err(Refusal::lacks("files inside a script are not supported"));
            }
            other => return Err(format!("unknown command: `{}'", char::from(other)).into()),
        })
    }

    /// Nothing but a separator may follow.
    fn end(&mut self) -> Parsed<()> {
        self.skip(b" \t");
        match self.peek() {
            None | Some(b'\n' | b';' | b'}' | b'#') => Ok(()),
            Some(_) => {
                self.at += 1;
                Err("extra characters after command".into())
            }
        }
    }

    fn substitute(&mut self) -> Parsed<Action> {
        let by = self.next().map_err(|_| "unterminated `s' command")?;
        let pattern = self.until(by).ok_or("unterminated `s' command")?;
        let with = self.replacement(by)?;
        let (mut nth, mut all, mut print, mut case) = (1, false, false, Case::Kept);
        loop {
            match self.peek() {
                Some(b'g') => all = true,
                Some(b'p') => print = true,
                Some(b'i' | b'I') => case = Case::Ignored,
                Some(b'0'..=b'9') => {
                    nth = self.number() as usize;
                    if nth == 0 {
                        return Err("number option to `s' command may not be zero".into());
                    }
                    continue;
                }
                None | Some(b'\n' | b';' | b'}' | b'#' | b' ' | b'\t') => break,
                Some(_) => {
                    self.at += 1;
                    return Err("unknown option to `s'".into());
                }
            }
            self.at += 1;
        }
        self.end()?;
        let regex = Regex::new(&pattern, self.syntax, case)?;
        Ok(Action::Substitute { regex, with, nth, all, print })
    }

    fn replacement(&mut self, by: u8) -> Parsed<Vec<Piece>> {
        let mut pieces = Vec::new();
        let mut text = Vec::new();
        loop {
            let byte = self.peek().ok_or("unterminated `s' command")?;
            self.at += 1;
            let group = match byte {
                _ if byte == by => break,
                b'&' => Some(0),
                b'\\' => {
                    let next = self.peek().ok_or("unterminated `s' command")?;
                    self.at += 1;
                    match next {
                        b'0'..=b'9' => Some(usize::from(next - b'0')),
                        b'n' => {
                            text.push(b'\n');
                            None
                        }
                        b't' => {
                            text.push(b'\t');
                            None
                        }
                        other => {
                            text.push(other);
                            None
                        }
                    }
                }
                b'\n' => return Err("unterminated `s' command".into()),
                other => {
                    text.push(other);
                    None
                }
            };
            if let Some(group) = group {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                pieces.push(Piece::Group(group));
            }
        }
        pieces.push(Piece::Text(text));
        Ok(pieces)
    }
}
