//! Words and what they expand to.

use super::Compiler;
use crate::shell::ast::*;
use crate::shell::brace;
use crate::shell::code::Op;
use crate::shell::fields::Split;
use crate::shell::state::Dialect;

impl Compiler {
    /// A command's word: any number of fields, or of paths.
    pub(super) fn words(&mut self, word: &Word) {
        let words = match self.dialect {
            Dialect::Bash => brace::expand(word, self.most),
            _ => Some(vec![word.clone()]),
        };
        if words.is_none() {
            self.push(Op::TooMany);
        }
        for word in words.into_iter().flatten() {
            self.word(&word, Split::Yes);
            self.push(Op::Paths);
        }
    }

    /// A word that stays one.
    pub(super) fn one(&mut self, word: &Word) {
        self.word(word, Split::No);
        self.push(Op::One);
    }

    /// A word's parts; the fields are left on the stack.
    pub(super) fn word(&mut self, word: &Word, split: Split) {
        self.push(Op::Word(split));
        for part in word {
            self.part(part, false);
        }
    }

    /// A part; `operand` says that it stands in `${x:-word}`, whose plain text is split too.
    fn part(&mut self, part: &Part, operand: bool) {
        let op = match part {
            Part::Plain(text) if operand => Op::Result(text.clone()),
            Part::Plain(text) => Op::Plain(text.clone()),
            Part::Quoted(text) => Op::Quoted(text.clone()),
            Part::Tilde(name) => Op::Tilde(name.clone()),
            Part::Parameter { parameter, quoted } => return self.parameter(parameter, *quoted),
            Part::Substitution { list, quoted } => {
                Op::Substitute { code: self.block(|c| c.list(list)), quoted: *quoted }
            }
            Part::Arithmetic { expression, quoted } => {
                self.one(expression);
                Op::Arithmetic { quoted: *quoted }
            }
        };
        self.push(op);
    }

    fn parameter(&mut self, parameter: &Parameter, quoted: bool) {
        let name = parameter.name.clone();
        let all = matches!(&name[..], b"@" | b"*");
        match &parameter.operation {
            Operation::Length => drop(self.push(Op::Length { name, quoted })),
            Operation::Instead { when, act, word } => {
                let (when, act) = (*when, *act);
                let at = self.push(Op::Instead { name: name.clone(), when, act, quoted, end: 0 });
                if all || matches!(act, Act::Use | Act::UseIfSet) {
                    for part in word {
                        self.part(part, !quoted);
                    }
                } else {
                    self.one(word);
                    self.push(match act {
                        Act::Assign => Op::Assign { name, quoted },
                        _ => Op::Fail { name, when, empty: word.is_empty() },
                    });
                }
                self.land(at);
            }
            Operation::Strip { suffix, longest, pattern } if !all => {
                self.word(pattern, Split::No);
                self.push(Op::Pattern);
                self.push(Op::Strip { name, suffix: *suffix, longest: *longest, quoted });
            }
            Operation::Replace { all: every, pattern, with } if !all => {
                self.word(pattern, Split::No);
                self.push(Op::Pattern);
                self.one(with);
                self.push(Op::Replace { name, all: *every, quoted });
            }
            Operation::Slice { offset, length } if !all => {
                self.one(offset);
                self.push(Op::Number);
                if let Some(length) = length {
                    self.one(length);
                    self.push(Op::Number);
                }
                self.push(Op::Slice { name, length: length.is_some(), quoted });
            }
            _ => drop(self.push(Op::Value { name, quoted })),
        }
    }
}
