//! Compound commands and functions.

use std::sync::Arc;

use super::command::is_name_byte;
use super::{Parser, Syntax};
use crate::shell::ast::*;
use crate::shell::state::Dialect;

impl Parser<'_> {
    /// The compound command or function at this place, if there is one.
    pub(super) fn compound(&mut self) -> Result<Option<Kind>, Syntax> {
        if self.operator() == Some(b"(") {
            if let Some([expression]) = self.arithmetic_parts::<1>() {
                return Ok(Some(Kind::Arithmetic(expression?)));
            }
            self.pos += 1;
            let list = self.body()?;
            self.expect_paren()?;
            return Ok(Some(Kind::Subshell(list)));
        }
        let word = self.plain_word();
        let kind = match word {
            b"{" => {
                self.pos += 1;
                let list = self.body()?;
                self.expect_reserved(b"}")?;
                Kind::Group(list)
            }
            b"if" => self.if_clause()?,
            b"while" | b"until" => {
                self.pos += word.len();
                let test = self.body()?;
                let body = self.do_group()?;
                Kind::Loop { until: word == b"until", test, body }
            }
            b"for" => self.for_clause()?,
            b"case" => self.case_clause()?,
            b"[[" if self.dialect != Dialect::Dash => {
                self.pos += 2;
                Kind::Condition(self.nested(Self::condition)?)
            }
            b"function" => {
                self.pos += word.len();
                return self.nested(Self::function).map(Some);
            }
            b"then" | b"else" | b"elif" | b"fi" | b"do" | b"done" | b"esac" | b"}" => {
                return Err(Syntax::Unexpected(word.into()));
            }
            _ if self.at_function() => return self.nested(Self::function).map(Some),
            _ => return Ok(None),
        };
        Ok(Some(kind))
    }

    fn expect_paren(&mut self) -> Result<(), Syntax> {
        self.skip_newlines()?;
        if self.take_operator(b")") { Ok(()) } else { Err(self.unexpected()) }
    }

    fn if_clause(&mut self) -> Result<Kind, Syntax> {
        self.pos += 2;
        let mut arms = Vec::new();
        let mut otherwise = None;
        loop {
            let test = self.body()?;
            self.expect_reserved(b"then")?;
            arms.push((test, self.body()?));
            self.skip_newlines()?;
            if self.take_reserved(b"elif") {
                continue;
            }
            if self.take_reserved(b"else") {
                otherwise = Some(self.body()?);
            }
            self.expect_reserved(b"fi")?;
            return Ok(Kind::If { arms, otherwise });
        }
    }

    fn do_group(&mut self) -> Result<List, Syntax> {
        self.expect_reserved(b"do")?;
        let body = self.body()?;
        self.expect_reserved(b"done")?;
        Ok(body)
    }

    fn for_clause(&mut self) -> Result<Kind, Syntax> {
        self.pos += 3;
        self.skip_blanks();
        if let Some([first, test, next]) = self.arithmetic_parts::<3>() {
            let parts = Box::new([first?, test?, next?]);
            self.skip_newlines()?;
            self.take_operator(b";");
            return Ok(Kind::Count { parts, body: self.do_group()? });
        }
        let name = self.plain_word();
        if !super::command::is_name(name) {
            let is_there = !self.at_end() && self.peek() != Some(b'\n');
            return Err(if is_there { Syntax::LoopVariable(name.into()) } else { self.unexpected() });
        }
        self.pos += name.len();
        self.skip_newlines()?;
        let mut words = None;
        if self.take_reserved(b"in") {
            let mut list = Vec::new();
            while self.at_word() {
                list.push(self.word()?);
            }
            words = Some(list);
        }
        if !self.take_operator(b";") && words.is_some() && self.peek() != Some(b'\n') {
            return Err(self.unexpected());
        }
        let body = self.do_group()?;
        Ok(Kind::For { name: name.into(), words, body })
    }

    /// What ends an arm of a `case`; the last one may have nothing before `esac`.
    fn arm_end(&mut self) -> Result<Then, Syntax> {
        if self.is_bash() && self.take_operator(b";&") {
            return Ok(Then::Next);
        }
        if !self.take_operator(b";;") {
            return if self.plain_word() == b"esac" { Ok(Then::End) } else { Err(self.unexpected()) };
        }
        if self.is_bash() && self.peek() == Some(b'&') {
            self.pos += 1;
            return Ok(Then::Fitting);
        }
        Ok(Then::End)
    }

    fn case_clause(&mut self) -> Result<Kind, Syntax> {
        self.pos += 4;
        if !self.at_word() {
            return Err(self.unexpected());
        }
        let subject = self.word()?;
        self.expect_reserved(b"in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.take_reserved(b"esac") {
                return Ok(Kind::Case { subject, arms });
            }
            self.take_operator(b"(");
            let mut patterns = Vec::new();
            loop {
                if !self.at_word() {
                    return Err(self.unexpected());
                }
                patterns.push(self.word()?);
                if !self.take_operator(b"|") {
                    break;
                }
            }
            self.expect_paren()?;
            let list = self.nested(Self::list)?;
            self.skip_newlines()?;
            let then = self.arm_end()?;
            arms.push(Arm { patterns, list, then });
        }
    }

    /// Whether `name ( )` stands here.
    fn at_function(&mut self) -> bool {
        self.skip_blanks();
        let rest = self.rest();
        let name = rest.iter().take_while(|b| is_name_byte(**b) || b"-.:".contains(b)).count();
        let after = rest[name..].trim_ascii_start();
        name > 0 && after.first() == Some(&b'(') && after[1..].trim_ascii_start().first() == Some(&b')')
    }

    fn function(&mut self) -> Result<Kind, Syntax> {
        let name = self.plain_word();
        if name.is_empty() {
            return Err(self.unexpected());
        }
        self.pos += name.len();
        if self.take_operator(b"(") && !self.take_operator(b")") {
            return Err(self.unexpected());
        }
        self.skip_newlines()?;
        let Some(kind) = self.compound()? else { return Err(self.unexpected()) };
        Ok(Kind::Function { name: name.into(), body: Arc::new(Command { kind, redirects: Vec::new() }) })
    }
}
