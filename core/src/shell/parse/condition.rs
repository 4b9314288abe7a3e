//! Bash's `(( … ))` and `[[ … ]]` (bash(1), "Compound Commands").

use super::{Parser, Syntax};
use crate::shell::ast::*;

impl Parser<'_> {
    /// The expressions between `((` and `))`, so many with `;` between them, if that is what stands here; they are taken.
    pub(super) fn arithmetic_parts<const N: usize>(&mut self) -> Option<[Result<Word, Syntax>; N]> {
        if !self.is_bash() || !self.rest().starts_with(b"((") {
            return None;
        }
        let end = self.arithmetic_end_at(self.pos)?;
        let text = &self.text[self.pos + 2..end];
        let parts: Vec<&[u8]> = text.split(|b| *b == b';').collect();
        let parts: [&[u8]; N] = parts.try_into().ok()?;
        self.pos = end + 2;
        Some(parts.map(|part| self.within(part).here_text()))
    }

    /// The condition up to `]]`, which is taken.
    pub(super) fn condition(&mut self) -> Result<Condition, Syntax> {
        let condition = self.either()?;
        self.skip_newlines()?;
        if self.plain_word() != b"]]" {
            return Err(if self.at_end() { Syntax::Incomplete(None) } else { self.unexpected() });
        }
        self.pos += 2;
        Ok(condition)
    }

    fn either(&mut self) -> Result<Condition, Syntax> {
        let mut parts = vec![self.both()?];
        while self.joins(b"||")? {
            parts.push(self.both()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Any(parts) })
    }

    fn both(&mut self) -> Result<Condition, Syntax> {
        let mut parts = vec![self.single()?];
        while self.joins(b"&&")? {
            parts.push(self.single()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) })
    }

    fn joins(&mut self, operator: &[u8]) -> Result<bool, Syntax> {
        self.skip_newlines()?;
        Ok(self.take_operator(operator))
    }

    fn single(&mut self) -> Result<Condition, Syntax> {
        self.skip_newlines()?;
        if self.take_reserved(b"!") {
            return Ok(Condition::Not(Box::new(self.nested(Self::single)?)));
        }
        if self.take_operator(b"(") {
            let inner = self.nested(Self::either)?;
            self.skip_newlines()?;
            return if self.take_operator(b")") { Ok(inner) } else { Err(self.unexpected()) };
        }
        let lone = self.plain_word();
        if !self.at_word() || lone == b"]]" {
            return Err(if self.at_end() { Syntax::Incomplete(None) } else { self.unexpected() });
        }
        let is_test = matches!(lone, [b'-', letter] if letter.is_ascii_alphabetic());
        let left = self.word()?;
        self.skip_blanks();
        let next = self.plain_word();
        if is_test && !next.is_empty() && next != b"]]" {
            return Ok(Condition::Test(vec![left, self.word()?]));
        }
        if let Some(sign @ (b"<" | b">")) = self.operator() {
            self.pos += 1;
            let right = self.word()?;
            return Ok(Condition::Test(vec![left, vec![Part::Quoted(sign.into())], right]));
        }
        match next {
            b"=~" => {
                self.pos += 2;
                Ok(Condition::Fits(left, self.expression()?))
            }
            b"=" | b"==" | b"!=" => {
                self.pos += next.len();
                let fits = Condition::Like(left, self.word()?);
                Ok(if next == b"!=" { Condition::Not(Box::new(fits)) } else { fits })
            }
            [b'-', ..] => {
                let operator = self.word()?;
                Ok(Condition::Test(vec![left, operator, self.word()?]))
            }
            _ => Ok(Condition::Test(vec![vec![Part::Quoted("-n".into())], left])),
        }
    }

    /// The regular expression behind `=~`: up to a blank outside of quotes. What means something to the shell elsewhere
    /// is a character of the expression here.
    fn expression(&mut self) -> Result<Word, Syntax> {
        self.skip_blanks();
        let (mut text, mut quote) = (Vec::new(), None);
        while let Some(byte) = self.peek() {
            match (quote, byte) {
                (None, b' ' | b'\t' | b'\n') => break,
                (None, b'\\') => text.extend_from_slice(b"\\\\"),
                (None, b'(' | b')' | b'|' | b'<' | b'>' | b'&' | b';') => {
                    text.extend_from_slice(&[b'\\', byte]);
                }
                (None, b'"' | b'\'') => {
                    quote = Some(byte);
                    text.push(byte);
                }
                (Some(open), _) if byte == open => {
                    quote = None;
                    text.push(byte);
                }
                _ => text.push(byte),
            }
            self.pos += 1;
        }
        if text.is_empty() {
            return Err(self.unexpected());
        }
        self.within(&text).word()
    }
}
