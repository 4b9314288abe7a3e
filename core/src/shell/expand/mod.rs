//! Word expansion, in POSIX's order: tilde, parameters, commands, arithmetic; field splitting; pathnames; quote removal
//! (POSIX.1-2017, "Shell Command Language", 2.6).

mod arith;
mod brace;
mod fields;
mod glob;
mod parameter;

use std::ops::ControlFlow;

use self::fields::{Fields, Split};
use super::ast::*;
use super::live::{Shell, Step};
use super::pattern::Pattern;
use super::state::Dialect;
use crate::kernel::{ByteString, Task, fs};

impl Shell<'_, '_> {
    /// A command's words: every word may become any number of fields, or of paths.
    pub(super) fn expand_words(&mut self, words: &[Word]) -> Step<Vec<ByteString>> {
        let mut out = Vec::new();
        let braces = self.state.dialect == Dialect::Bash;
        for word in
            words.iter().flat_map(|word| if braces { brace::expand(word) } else { vec![word.clone()] })
        {
            let fields = self.fields(&word, Split::Yes)?;
            for field in fields {
                self.paths(field, &mut out);
            }
        }
        ControlFlow::Continue(out)
    }

    /// One word that stays one: an assignment's value, a redirection's file.
    pub(super) fn expand_one(&mut self, word: &Word) -> Step<ByteString> {
        let fields = self.fields(word, Split::No)?;
        let mut text = Vec::new();
        for (at, field) in fields.into_iter().enumerate() {
            if at > 0 {
                text.push(b' ');
            }
            text.extend(field.into_iter().map(|(byte, _)| byte));
        }
        ControlFlow::Continue(text.into())
    }

    /// A word as a pattern: quoted characters stand for themselves.
    pub(super) fn expand_pattern(&mut self, word: &Word) -> Step<Pattern> {
        let fields = self.fields(word, Split::No)?;
        ControlFlow::Continue(Pattern::new(&fields.join(&(b' ', false))))
    }

    fn fields(&mut self, word: &Word, split: Split) -> Step<Vec<Vec<(u8, bool)>>> {
        let mut fields = Fields::new(self.state.ifs(), split);
        for part in word {
            self.part(part, &mut fields, false)?;
        }
        ControlFlow::Continue(fields.finish())
    }

    /// Adds a part; `operand` says that it stands in `${x:-word}`, whose plain text is split too.
    fn part(&mut self, part: &Part, fields: &mut Fields, operand: bool) -> Step<()> {
        match part {
            Part::Plain(text) if operand => fields.result(text),
            Part::Plain(text) => fields.plain(text),
            Part::Quoted(text) => fields.quoted(text),
            Part::Tilde(name) => {
                let home = self.home(name);
                fields.quoted(&home);
            }
            Part::Parameter { parameter, quoted } => self.parameter(parameter, *quoted, fields)?,
            Part::Substitution { list, quoted } => {
                let text = self.substitute(list)?;
                fields.expanded(&text, *quoted);
            }
            Part::Arithmetic { expression, quoted } => {
                let text = self.expand_one(expression)?;
                let value = self.arithmetic(&text)?;
                fields.expanded(value.to_string().as_bytes(), *quoted);
            }
        }
        ControlFlow::Continue(())
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
