//! Words: quoting, `$`, backticks.

use super::command::is_name_byte;
use super::{Parser, Syntax};
use crate::kernel::ByteString;
use crate::shell::ast::*;

/// Bytes that end an unquoted word.
const META: &[u8] = b" \t\r\n;&|<>()";

/// What kind of text is read, and what ends it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    /// Inside double quotes, or in the text of a here-document.
    pub(super) quoted: bool,
    /// Bytes that end it.
    pub(super) stops: &'static [u8],
    /// Whether `"` means a quote.
    pub(super) quotes: bool,
}

impl Parser<'_> {
    /// Whether a word starts here.
    pub(super) fn at_word(&mut self) -> bool {
        self.skip_blanks();
        self.peek().is_some_and(|b| b != b'\n') && self.operator().is_none()
    }

    /// The word that starts here.
    pub(super) fn word(&mut self) -> Result<Word, Syntax> {
        self.skip_blanks();
        self.word_with_tildes()
    }

    /// The word that starts at this very byte; a first `~` is a home directory.
    pub(super) fn word_with_tildes(&mut self) -> Result<Word, Syntax> {
        let mut parts = Word::new();
        if self.peek() == Some(b'~') {
            let name =
                self.rest()[1..].iter().take_while(|b| is_name_byte(**b) || b"-+.".contains(b)).count();
            if self.peek_at(1 + name).is_none_or(|b| b == b'/' || b == b':' || META.contains(&b)) {
                parts.push(Part::Tilde(self.rest()[1..=name].into()));
                self.pos += 1 + name;
            }
        }
        parts.extend(self.parts(Context { quoted: false, stops: META, quotes: true })?);
        Ok(parts)
    }

    /// The text of a here-document, to the end.
    pub(super) fn here_text(&mut self) -> Result<Word, Syntax> {
        self.parts(Context { quoted: true, stops: b"", quotes: false })
    }

    /// Parts up to a byte of `context.stops`, or the end of the text.
    pub(super) fn parts(&mut self, context: Context) -> Result<Word, Syntax> {
        self.nested(|parser| parser.parts_inner(context))
    }

    fn parts_inner(&mut self, context: Context) -> Result<Word, Syntax> {
        let mut parts = Word::new();
        let mut plain = Vec::new();
        while let Some(byte) = self.peek().filter(|b| !context.stops.contains(b)) {
            let part = match byte {
                b'\\' => {
                    self.backslash(context, &mut parts, &mut plain);
                    continue;
                }
                b'\'' if !context.quoted => {
                    self.pos += 1;
                    let end = self.rest().iter().position(|b| *b == b'\'');
                    let end = end.ok_or(Syntax::Incomplete(Some('\'')))?;
                    let text = self.rest()[..end].into();
                    self.pos += end + 1;
                    vec![Part::Quoted(text)]
                }
                b'"' if context.quotes => {
                    self.pos += 1;
                    self.double_quoted()?
                }
                b'$' => match self.dollar(context)? {
                    Some(part) => part,
                    None => {
                        plain.push(b'$');
                        continue;
                    }
                },
                b'`' => {
                    self.pos += 1;
                    vec![self.backticks(context)?]
                }
                _ => {
                    plain.push(byte);
                    self.pos += 1;
                    continue;
                }
            };
            flush(context, &mut parts, &mut plain);
            parts.extend(part);
        }
        flush(context, &mut parts, &mut plain);
        Ok(parts)
    }

    fn backslash(&mut self, context: Context, parts: &mut Word, plain: &mut Vec<u8>) {
        self.pos += 1;
        let next = self.peek();
        match next {
            Some(b'\n') => self.pos += 1,
            Some(byte) if !context.quoted => {
                self.pos += 1;
                flush(context, parts, plain);
                parts.push(Part::Quoted((&[byte][..]).into()));
            }
            Some(byte)
                if b"$`\\".contains(&byte)
                    || context.quotes && byte == b'"'
                    || context.stops.contains(&byte) =>
            {
                self.pos += 1;
                plain.push(byte);
            }
            _ => plain.push(b'\\'),
        }
    }

    /// The rest of `"…"`; the opening quote is taken.
    fn double_quoted(&mut self) -> Result<Word, Syntax> {
        let mut parts = self.parts(Context { quoted: true, stops: b"\"", quotes: true })?;
        if self.peek() != Some(b'"') {
            return Err(Syntax::Incomplete(Some('"')));
        }
        self.pos += 1;
        if parts.is_empty() {
            parts.push(Part::Quoted(ByteString::new()));
        }
        Ok(parts)
    }

    /// What `$` starts; `None` where it is a dollar sign, which is then taken.
    fn dollar(&mut self, context: Context) -> Result<Option<Word>, Syntax> {
        let quoted = context.quoted;
        self.pos += 1;
        let Some(byte) = self.peek() else { return Ok(None) };
        let part = match byte {
            b'(' if self.peek_at(1) == Some(b'(') && self.arithmetic_end().is_some() => {
                let end = self.arithmetic_end().unwrap_or_default();
                let text = &self.text[self.pos + 2..end];
                self.pos = end + 2;
                let mut inner = self.within(text);
                Part::Arithmetic { expression: inner.here_text()?, quoted }
            }
            b'(' => {
                self.pos += 1;
                Part::Substitution { list: self.substituted()?, quoted }
            }
            b'{' => {
                self.pos += 1;
                Part::Parameter { parameter: self.nested(|p| p.braces(quoted))?, quoted }
            }
            b'\'' if !quoted => {
                self.pos += 1;
                return self.ansi_quoted().map(|part| Some(vec![part]));
            }
            b'"' if !quoted => {
                self.pos += 1;
                return self.double_quoted().map(Some);
            }
            b'0'..=b'9' | b'?' | b'#' | b'@' | b'*' | b'$' | b'!' | b'-' => {
                self.pos += 1;
                simple(&[byte], quoted)
            }
            _ if is_name_byte(byte) => {
                let end = self.rest().iter().take_while(|b| is_name_byte(**b)).count();
                let name = &self.rest()[..end];
                self.pos += end;
                simple(name, quoted)
            }
            _ => return Ok(None),
        };
        Ok(Some(vec![part]))
    }

    /// Where the `))` of `$((` stands, if it is arithmetic.
    fn arithmetic_end(&self) -> Option<usize> {
        self.arithmetic_end_at(self.pos)
    }

    /// Where the `))` of `((` at this place stands, if it is arithmetic.
    pub(super) fn arithmetic_end_at(&self, place: usize) -> Option<usize> {
        let mut open = 0usize;
        let start = place + 2;
        for (at, byte) in self.text.iter().enumerate().skip(start) {
            match byte {
                b'(' => open += 1,
                b')' if open > 0 => open -= 1,
                b')' => return (self.text.get(at + 1) == Some(&b')')).then_some(at),
                _ => {}
            }
        }
        None
    }

    /// The commands of `$(…)`; the opening bracket is taken.
    fn substituted(&mut self) -> Result<List, Syntax> {
        let mut inner = Parser { pos: self.pos, ..self.within(self.text) };
        let mut list = inner.nested(Parser::list)?;
        inner.fill_bodies(&mut list);
        inner.skip_newlines()?;
        if !inner.take_operator(b")") {
            return Err(if inner.at_end() { Syntax::Incomplete(Some(')')) } else { inner.unexpected() });
        }
        self.pos = inner.pos;
        Ok(list)
    }

    /// The commands between backticks; the first is taken.
    fn backticks(&mut self, context: Context) -> Result<Part, Syntax> {
        let mut text = Vec::new();
        loop {
            let byte = self.peek().ok_or(Syntax::Incomplete(Some('`')))?;
            self.pos += 1;
            match byte {
                b'`' => break,
                b'\\' => match self.peek() {
                    Some(next) if b"$`\\".contains(&next) || context.quoted && next == b'"' => {
                        self.pos += 1;
                        text.push(next);
                    }
                    _ => text.push(b'\\'),
                },
                _ => text.push(byte),
            }
        }
        let mut list = List::new();
        self.nested(|parser| {
            let mut inner = parser.within(&text);
            while let Some(line) = inner.next_line()? {
                list.extend(line);
            }
            Ok(())
        })?;
        Ok(Part::Substitution { list, quoted: context.quoted })
    }

    /// The rest of `$'…'`: C's escapes.
    fn ansi_quoted(&mut self) -> Result<Part, Syntax> {
        let start = self.pos;
        loop {
            match self.peek().ok_or(Syntax::Incomplete(Some('\'')))? {
                b'\'' => break,
                b'\\' => self.pos += 2,
                _ => self.pos += 1,
            }
        }
        let text = crate::shell::escape::ansi(&self.text[start..self.pos]);
        self.pos += 1;
        Ok(Part::Quoted(text.into()))
    }
}

fn simple(name: &[u8], quoted: bool) -> Part {
    let parameter = Parameter { name: name.into(), subscript: None, operation: Operation::Value };
    Part::Parameter { parameter, quoted }
}

fn flush(context: Context, parts: &mut Word, plain: &mut Vec<u8>) {
    if !plain.is_empty() {
        let text = ByteString::from(std::mem::take(plain));
        parts.push(if context.quoted { Part::Quoted(text) } else { Part::Plain(text) });
    }
}
