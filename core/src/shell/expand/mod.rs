//! Word expansion, in POSIX's order: tilde, parameters, commands, arithmetic; field splitting; pathnames; quote removal
//! (POSIX.1-2017, "Shell Command Language", 2.6).

mod arith;
mod glob;
mod number;
mod parameter;
mod special;

use std::ops::ControlFlow;
use std::sync::Arc;

use super::array::Array;
use super::code::Op;
use super::fields::Fields;
use super::live::{Operand, Shell, Step};
use super::pattern::Pattern;
use super::state::Variable;
use crate::kernel::{ByteString, Task, fs};
use crate::program::Bound;

impl Shell<'_, '_> {
    /// The fields on top of the stack.
    pub(super) fn fields(&mut self) -> &mut Fields {
        match self.vm.stack.last_mut() {
            Some(Operand::Fields(fields)) => fields,
            other => unreachable!("a word's part without its word: {other:?}"),
        }
    }

    pub(super) fn pop_fields(&mut self) -> Vec<Vec<(u8, bool)>> {
        match self.vm.stack.pop() {
            Some(Operand::Fields(fields)) => fields.finish(),
            other => unreachable!("the end of a word without its beginning: {other:?}"),
        }
    }

    pub(super) fn pop_text(&mut self) -> ByteString {
        match self.vm.stack.pop() {
            Some(Operand::Text(text)) => text,
            other => unreachable!("no text on the stack: {other:?}"),
        }
    }

    fn pop_pattern(&mut self) -> Pattern {
        match self.vm.stack.pop() {
            Some(Operand::Pattern(pattern)) => Pattern::new(&pattern),
            other => unreachable!("no pattern on the stack: {other:?}"),
        }
    }

    fn pop_number(&mut self) -> i64 {
        match self.vm.stack.pop() {
            Some(Operand::Number(number)) => number,
            other => unreachable!("no number on the stack: {other:?}"),
        }
    }

    /// Runs an instruction that expands a word.
    pub(super) fn expand(&mut self, op: &Op) -> Step {
        match op {
            Op::Word(split) => {
                let fields = Fields::new(self.state.ifs(), *split);
                self.vm.stack.push(Operand::Fields(fields));
            }
            Op::TooMany => return self.over(Bound::Words, "braces would make more than"),
            Op::Plain(text) => self.fields().plain(text),
            Op::Result(text) => self.fields().result(text),
            Op::Quoted(text) => self.fields().quoted(text),
            Op::Tilde(name) => {
                let home = self.home(name);
                self.fields().quoted(&home);
            }
            Op::Arithmetic { quoted } => {
                let text = self.pop_text();
                let value = self.arithmetic(&text)?;
                self.fields().expanded(value.to_string().as_bytes(), *quoted);
            }
            Op::Number => {
                let text = self.pop_text();
                let value = self.arithmetic(&text)?;
                self.vm.stack.push(Operand::Number(value));
            }
            Op::One => {
                let text = one(self.pop_fields());
                self.vm.stack.push(Operand::Text(text));
            }
            Op::Pattern => {
                let pattern = self.pop_fields().join(&(b' ', false));
                self.vm.stack.push(Operand::Pattern(pattern));
            }
            Op::Argument => {
                let text = one(self.pop_fields());
                self.command().args.push(text);
            }
            Op::Paths => {
                let mut paths = Vec::new();
                for field in self.pop_fields() {
                    self.paths(field, &mut paths);
                }
                self.command().args.append(&mut paths);
                let most = self.system.world.bounds.len(Bound::Arguments);
                if self.command().args.len() > most {
                    return self.over(Bound::Arguments, "a command has more than");
                }
            }
            Op::Matches { to } => {
                let pattern = self.pop_pattern();
                if let Some(Operand::Text(text)) = self.vm.stack.last()
                    && pattern.matches(text)
                {
                    self.vm.pc = *to;
                }
            }
            Op::Truth => {
                let number = self.pop_number();
                self.state.status = u8::from(number == 0);
            }
            Op::Fits => {
                let expression = self.pop_text();
                let text = self.pop_text();
                self.fits(&text, &expression);
            }
            op => return self.parameter(op),
        }
        ControlFlow::Continue(())
    }

    /// `[[ text =~ expression ]]`: 2 where the expression is none.
    fn fits(&mut self, text: &[u8], expression: &[u8]) {
        let mut builder = regex_lite::RegexBuilder::new(&String::from_utf8_lossy(expression));
        builder.size_limit(1 << 20).nest_limit(50);
        self.state.status = match builder.build() {
            Ok(regex) => {
                let text = String::from_utf8_lossy(text);
                let found = regex.captures(&text);
                let status = u8::from(found.is_none());
                let mut parts = Array::default();
                for (at, part) in found.iter().flat_map(|found| found.iter()).enumerate() {
                    parts.set(at.to_string().as_bytes(), part.map_or("", |part| part.as_str()).into());
                }
                let parts = Variable { array: Some(Arc::new(parts)), ..Variable::default() };
                self.state.vars.insert("BASH_REMATCH".into(), parts);
                status
            }
            Err(_) => 2,
        };
    }

    /// A home directory: the variable's for `~`, the password file's for `~name`.
    fn home(&mut self, name: &[u8]) -> Vec<u8> {
        match name {
            b"" => self.state.get(b"HOME").map_or_else(|| b"/root".to_vec(), |home| home.to_vec()),
            b"+" => self.state.pwd.to_vec(),
            b"-" => self.state.get(b"OLDPWD").map_or_else(|| b"~-".to_vec(), |dir| dir.to_vec()),
            _ => {
                let reader = Task { uid: 0, ..self.state.task.clone() };
                let users = fs::read(self.system.kernel, &reader, b"/etc/passwd").unwrap_or_default();
                let entry =
                    users.split(|b| *b == b'\n').find(|line| line.split(|b| *b == b':').next() == Some(name));
                match entry.and_then(|line| line.split(|b| *b == b':').nth(5)) {
                    Some(home) => home.to_vec(),
                    None => [b"~", name].concat(),
                }
            }
        }
    }
}

/// Fields that stay one text.
fn one(fields: Vec<Vec<(u8, bool)>>) -> ByteString {
    let mut text = Vec::new();
    for (at, field) in fields.into_iter().enumerate() {
        if at > 0 {
            text.push(b' ');
        }
        text.extend(field.into_iter().map(|(byte, _)| byte));
    }
    text.into()
}
