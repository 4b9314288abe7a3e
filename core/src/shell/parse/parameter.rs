//! `${…}`: POSIX's forms, and Bash's replacement and slices, which BusyBox has too.

use super::command::is_name_byte;
use super::word::Context;
use super::{Parser, Syntax};
use crate::kernel::ByteString;
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
        let names = self.is_bash()
            && self.peek() == Some(b'!')
            && self.peek_at(1).is_some_and(|b| b == b'_' || b.is_ascii_alphabetic());
        if length || names {
            self.pos += 1;
        }
        let word = self.rest().iter().take_while(|b| is_name_byte(**b)).count();
        let special = usize::from(self.peek().is_some_and(|b| b"@*#?-$!".contains(&b)));
        let digits = self.rest().iter().take_while(|b| b.is_ascii_digit()).count();
        let len = if digits > 0 { digits } else { word.max(special) };
        let name: ByteString = self.rest()[..len].into();
        self.pos += len;
        let mut subscript = None;
        if self.is_bash() && word > 0 && digits == 0 && self.peek() == Some(b'[') {
            subscript = Some(match self.rest().get(..3) {
                Some(b"[@]") => Subscript::Each,
                Some(b"[*]") => Subscript::Joined,
                _ => Subscript::Of(self.subscript()?),
            });
            if !matches!(subscript, Some(Subscript::Of(_))) {
                self.pos += 3;
            }
        }
        let operation = if length || len == 0 {
            Operation::Length
        } else if names && matches!(subscript, Some(Subscript::Each | Subscript::Joined)) {
            Operation::Keys
        } else if names {
            Operation::Indirect
        } else {
            self.operation(quoted)?
        };
        Ok(Parameter { name, subscript, operation })
    }

    /// The text between `[` and `]`; both are taken.
    pub(super) fn subscript(&mut self) -> Result<Word, Syntax> {
        self.pos += 1;
        let word = self.parts(Context { quoted: false, stops: b"]\n", quotes: true })?;
        if self.peek() != Some(b']') {
            return Err(Syntax::Incomplete(Some(']')));
        }
        self.pos += 1;
        Ok(word)
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
                let at = match self.peek_at(1) {
                    Some(b'/') => Spot::All,
                    Some(b'#') if self.is_bash() => Spot::Start,
                    Some(b'%') if self.is_bash() => Spot::End,
                    _ => Spot::First,
                };
                self.pos += 1 + usize::from(at != Spot::First);
                let pattern = self.pattern(b"/}")?;
                let mut with = Word::new();
                if self.peek() == Some(b'/') {
                    self.pos += 1;
                    with = self.parts(Context { quoted, stops: b"}", quotes: true })?;
                }
                Operation::Replace { at, pattern, with }
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
            b'^' | b',' if self.is_bash() => {
                let all = self.peek_at(1) == Some(sign);
                self.pos += 1 + usize::from(all);
                Operation::Case { upper: sign == b'^', all }
            }
            _ => Operation::Value,
        })
    }

    fn pattern(&mut self, stops: &'static [u8]) -> Result<Word, Syntax> {
        self.parts(Context { quoted: false, stops, quotes: true })
    }
}
