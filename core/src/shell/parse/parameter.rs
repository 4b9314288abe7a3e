//! `${…}`: POSIX's forms, and Bash's replacement and slices, which BusyBox has too.

use super::command::is_name_byte;
use super::word::Context;
use super::{Parser, Syntax};
use crate::shell::ast::*;

impl Parser<'_> {
    /// The rest of `${…}`; the opening bracket is taken.
    pub(super) fn braces(&mut self, quoted: bool) -> Result<Parameter, Syntax> {
        let start = self.pos;
        let result = self.parameter(quoted)?;
        match self.peek() {
            Some(b'}') => {
                self.pos += 1;
                Ok(result)
            }
            None => Err(Syntax::Incomplete(Some('}'))),
            Some(_) => {
                let rest = &self.text[start..];
                let end = rest.iter().position(|b| *b == b'}').unwrap_or(rest.len());
                Err(Syntax::BadSubstitution([b"${", &rest[..end], b"}"].concat().into()))
            }
        }
    }

    fn parameter(&mut self, quoted: bool) -> Result<Parameter, Syntax> {
        let length = self.peek() == Some(b'#')
            && self
                .peek_at(1)
                .is_some_and(|b| is_name_byte(b) || b"@*?$!-".contains(&b) && self.peek_at(2) == Some(b'}'));
        if length {
            self.pos += 1;
        }
        let word = self.rest().iter().take_while(|b| is_name_byte(**b)).count();
        let special = usize::from(self.peek().is_some_and(|b| b"@*#?-$!".contains(&b)));
        let digits = self.rest().iter().take_while(|b| b.is_ascii_digit()).count();
        let len = if digits > 0 { digits } else { word.max(special) };
        let name = self.rest()[..len].into();
        self.pos += len;
        if length || len == 0 {
            return Ok(Parameter { name, operation: Operation::Length });
        }
        let operation = self.operation(quoted)?;
        Ok(Parameter { name, operation })
    }

    fn operation(&mut self, quoted: bool) -> Result<Operation, Syntax> {
        let Some(byte) = self.peek() else { return Err(Syntax::Incomplete(Some('}'))) };
        let colon = byte == b':' && self.peek_at(1).is_some_and(|b| b"-=?+".contains(&b));
        let sign = if colon { self.peek_at(1).unwrap_or_default() } else { byte };
        Ok(match sign {
            b'-' | b'=' | b'?' | b'+' => {
                self.pos += 1 + usize::from(colon);
                let when = if colon { When::UnsetOrEmpty } else { When::Unset };
                let act = match sign {
                    b'-' => Act::Use,
                    b'=' => Act::Assign,
                    b'?' => Act::Fail,
                    _ => Act::UseIfSet,
                };
                let word = self.parts(Context { quoted, stops: b"}", quotes: true })?;
                Operation::Instead { when, act, word }
            }
            b'#' | b'%' => {
                let longest = self.peek_at(1) == Some(sign);
                self.pos += 1 + usize::from(longest);
                Operation::Strip { suffix: sign == b'%', longest, pattern: self.pattern(b"}")? }
            }
            b'/' => {
                let all = self.peek_at(1) == Some(b'/');
                self.pos += 1 + usize::from(all);
                let pattern = self.pattern(b"/}")?;
                let mut with = Word::new();
                if self.peek() == Some(b'/') {
                    self.pos += 1;
                    with = self.parts(Context { quoted, stops: b"}", quotes: true })?;
                }
                Operation::Replace { all, pattern, with }
            }
            b':' => {
                self.pos += 1;
                let offset = self.parts(Context { quoted: true, stops: b":}", quotes: true })?;
                let mut length = None;
                if self.peek() == Some(b':') {
                    self.pos += 1;
                    length = Some(self.parts(Context { quoted: true, stops: b"}", quotes: true })?);
                }
                Operation::Slice { offset, length }
            }
            _ => Operation::Value,
        })
    }

    fn pattern(&mut self, stops: &'static [u8]) -> Result<Word, Syntax> {
        self.parts(Context { quoted: false, stops, quotes: true })
    }
}
