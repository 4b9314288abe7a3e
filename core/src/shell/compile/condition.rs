//! Code for Bash's `(( … ))`, `for (( … ))` and `[[ … ]]`.

use super::Compiler;
use crate::shell::ast::*;
use crate::shell::code::Op;
use crate::shell::fields::Split;

impl Compiler {
    /// `(( … ))`: 0 where the value is not 0.
    pub(super) fn arithmetic(&mut self, expression: &Word) {
        self.value(expression);
    }

    fn value(&mut self, expression: &Word) {
        if is_blank(expression) {
            return;
        }
        self.one(expression);
        self.push(Op::Number);
        self.push(Op::Truth);
    }

    /// `for (( first; test; next ))`; a test that is empty holds.
    pub(super) fn count(&mut self, [first, test, next]: &[Word; 3], body: &List) {
        self.value(first);
        let start = self.push(Op::Loop { after: 0, next: 0 });
        let top = self.here();
        let mut exit = None;
        if !is_blank(test) {
            self.value(test);
            exit = Some(self.push(Op::JumpIf { ok: false, to: 0 }));
        }
        self.push(Op::Turn);
        self.list(body);
        self.push(Op::Keep);
        let step = self.here();
        if let Op::Loop { next, .. } = &mut self.ops[start] {
            *next = step;
        }
        self.value(next);
        self.push(Op::Jump(top));
        if let Some(exit) = exit {
            self.land(exit);
        }
        self.push(Op::Kept);
        self.land(start);
        self.push(Op::LoopEnd);
    }

    /// `[[ … ]]`
    pub(super) fn test(&mut self, condition: &Condition) {
        match condition {
            Condition::Test(words) => {
                let sign = |text: &str| vec![Part::Quoted(text.into())];
                let all: Vec<Word> =
                    std::iter::once(sign("[")).chain(words.iter().cloned()).chain([sign("]")]).collect();
                self.command_of(&all);
            }
            Condition::Like(text, pattern) => {
                self.one(text);
                self.word(pattern, Split::No);
                self.push(Op::Pattern);
                let hit = self.push(Op::Matches { to: 0 });
                self.push(Op::Drop);
                self.push(Op::Ok);
                self.push(Op::Not);
                let over = self.push(Op::Jump(0));
                self.land(hit);
                self.push(Op::Drop);
                self.push(Op::Ok);
                self.land(over);
            }
            Condition::Fits(text, expression) => {
                self.one(text);
                self.one(expression);
                self.push(Op::Fits);
            }
            Condition::Not(inner) => {
                self.test(inner);
                self.push(Op::Not);
            }
            Condition::All(parts) | Condition::Any(parts) => {
                let any = matches!(condition, Condition::Any(_));
                let mut over = Vec::new();
                for (at, part) in parts.iter().enumerate() {
                    self.test(part);
                    if at + 1 < parts.len() {
                        over.push(self.push(Op::JumpIf { ok: any, to: 0 }));
                    }
                }
                for at in over {
                    self.land(at);
                }
            }
        }
    }

    /// A command of words that are not split.
    fn command_of(&mut self, words: &[Word]) {
        self.push(Op::Command { words: true });
        for word in words {
            self.word(word, Split::No);
            self.push(Op::Argument);
        }
        self.push(Op::Invoke);
        self.push(Op::Drop);
    }
}

/// Whether an expression is not there.
fn is_blank(expression: &Word) -> bool {
    expression.iter().all(|part| matches!(part, Part::Quoted(text) if text.trim_ascii().is_empty()))
}
