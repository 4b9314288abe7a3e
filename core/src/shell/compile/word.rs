//! Words and what they expand to.

use super::Compiler;
use crate::shell::ast::*;
use crate::shell::brace;
use crate::shell::code::{Of, Op, Which};
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
        let of = self.subject(parameter);
        match &parameter.operation {
            Operation::Value => drop(self.push(Op::Value { of, quoted })),
            Operation::Length => drop(self.push(Op::Length { of, quoted })),
            Operation::Keys => drop(self.push(Op::Keys { of, quoted })),
            Operation::Indirect => drop(self.push(Op::Indirect { of, quoted })),
            Operation::Case { upper, all } => {
                self.push(Op::Case { of, upper: *upper, all: *all, quoted });
            }
            Operation::Instead { when, act, word } => {
                let (when, act) = (*when, *act);
                let all = matches!(of.which, Which::Each | Which::Joined);
                let at = self.push(Op::Instead { of, when, act, quoted, end: 0 });
                if all || matches!(act, Act::Use | Act::UseIfSet) {
                    for part in word {
                        self.part(part, !quoted);
                    }
                } else {
                    self.one(word);
                    let end = match act {
                        // The subscript was taken; it is wanted once more.
                        Act::Assign => Op::Assign { of: self.subject(parameter), quoted },
                        _ => Op::Fail { name: parameter.name.clone(), when, empty: word.is_empty() },
                    };
                    self.push(end);
                }
                self.land(at);
            }
            Operation::Strip { suffix, longest, pattern } => {
                self.word(pattern, Split::No);
                self.push(Op::Pattern);
                self.push(Op::Strip { of, suffix: *suffix, longest: *longest, quoted });
            }
            Operation::Replace { at, pattern, with } => {
                self.word(pattern, Split::No);
                self.push(Op::Pattern);
                self.one(with);
                self.push(Op::Replace { of, at: *at, quoted });
            }
            Operation::Slice { offset, length } => {
                self.one(offset);
                self.push(Op::Number);
                if let Some(length) = length {
                    self.one(length);
                    self.push(Op::Number);
                }
                self.push(Op::Slice { of, length: length.is_some(), quoted });
            }
        }
    }

    /// Whose value is meant; the code for a subscript is pushed.
    fn subject(&mut self, parameter: &Parameter) -> Of {
        let which = match (&parameter.name[..], &parameter.subscript) {
            (b"@", _) | (_, Some(Subscript::Each)) => Which::Each,
            (b"*", _) | (_, Some(Subscript::Joined)) => Which::Joined,
            (_, None) => Which::Only,
            (_, Some(Subscript::Of(word))) => {
                self.one(word);
                Which::Element
            }
        };
        Of { name: parameter.name.clone(), which }
    }

    /// `name=…` on its own, in any form.
    pub(super) fn assign(&mut self, assign: &Assign) {
        let (name, append) = (assign.name.clone(), assign.append);
        match &assign.value {
            Given::Word(word) => {
                if let Some(subscript) = &assign.subscript {
                    self.one(subscript);
                }
                self.one(word);
                self.push(Op::Set { name, element: assign.subscript.is_some(), append });
            }
            Given::List(elements) => {
                self.push(Op::List);
                for (subscript, word) in elements {
                    if let Some(subscript) = subscript {
                        self.one(subscript);
                        self.one(word);
                        self.push(Op::Keyed);
                    } else {
                        self.push(Op::Command { words: true });
                        self.words(word);
                        self.push(Op::Gather);
                    }
                }
                self.push(Op::SetList { name, append });
            }
        }
    }
}
