//! From commands to code. A shell compiles a line when it comes to it, in its own dialect.

mod condition;
mod text;
mod word;

use std::sync::Arc;

use super::ast::*;
use super::code::{Code, How, Op};
use super::fields::Split;
use super::parse::is_name;
use super::state::Dialect;

/// Compiles commands that are run one after another. The parser's limit on nesting bounds the depth.
/// A word with braces may become `most` words.
pub(super) fn compile(list: &List, dialect: Dialect, most: usize) -> Code {
    let mut compiler = Compiler { ops: Vec::new(), dialect, most };
    compiler.list(list);
    Arc::new(compiler.ops)
}

struct Compiler {
    ops: Vec<Op>,
    dialect: Dialect,
    most: usize,
}

impl Compiler {
    fn push(&mut self, op: Op) -> usize {
        self.ops.push(op);
        self.ops.len() - 1
    }

    fn here(&self) -> usize {
        self.ops.len()
    }

    /// Lets a jump lead to where the next instruction will stand.
    fn land(&mut self, at: usize) {
        let here = self.here();
        match &mut self.ops[at] {
            Op::Jump(to)
            | Op::JumpIf { to, .. }
            | Op::Declares { to }
            | Op::NoWords { to }
            | Op::Matches { to }
            | Op::Instead { end: to, .. }
            | Op::Open { fail: to, .. }
            | Op::Duplicate { fail: to, .. }
            | Op::Next { end: to }
            | Op::Loop { after: to, .. } => *to = here,
            _ => {}
        }
    }

    fn block(&self, work: impl FnOnce(&mut Self)) -> Code {
        let mut inner = Self { ops: Vec::new(), dialect: self.dialect, most: self.most };
        work(&mut inner);
        Arc::new(inner.ops)
    }

    fn list(&mut self, list: &List) {
        for item in list {
            if item.ends == End::Background {
                let code = self.block(|c| c.joined(item));
                self.push(Op::Background { code, text: text::and_or(item).into() });
            } else {
                self.joined(item);
            }
        }
    }

    fn joined(&mut self, item: &AndOr) {
        self.pipeline(&item.first, item.rest.is_empty());
        for (at, (join, pipeline)) in item.rest.iter().enumerate() {
            let skip = self.push(Op::JumpIf { ok: *join == Join::Or, to: 0 });
            self.pipeline(pipeline, at + 1 == item.rest.len());
            self.land(skip);
        }
    }

    /// A pipeline; `last` says that its status is the list's, so that `set -e` looks at it.
    fn pipeline(&mut self, pipeline: &Pipeline, last: bool) {
        let condition = pipeline.negated || !last;
        self.push(Op::Step);
        if condition {
            self.push(Op::Condition);
        }
        match &pipeline.commands[..] {
            [only] => self.command(only),
            commands => {
                let codes = commands.iter().map(|command| self.block(|c| c.command(command))).collect();
                self.push(Op::Pipeline(codes));
            }
        }
        if condition {
            self.push(Op::ConditionEnd);
        }
        if pipeline.negated {
            self.push(Op::Not);
        } else if last {
            self.push(Op::Errexit);
        }
    }

    fn command(&mut self, command: &Command) {
        if let Kind::Simple { assigns, words } = &command.kind {
            self.simple(assigns, words, &command.redirects);
        } else if command.redirects.is_empty() {
            self.compound(&command.kind);
        } else {
            let failing = self.redirects(&command.redirects);
            self.compound(&command.kind);
            for at in failing {
                self.land(at);
            }
            self.push(Op::Undo);
        }
    }

    /// Code for redirections; the places whose failure goes to where they are taken back.
    fn redirects(&mut self, redirects: &[Redirect]) -> Vec<usize> {
        self.push(Op::Redirects);
        let mut failing = Vec::new();
        for Redirect { fd, kind } in redirects {
            let fd = *fd;
            let (word, how) = match kind {
                RedirectKind::Read(word) => (word, How::Read),
                RedirectKind::Clobber(word) => (word, How::Clobber),
                RedirectKind::Write(word) => (word, How::Write),
                RedirectKind::Append(word) => (word, How::Append),
                RedirectKind::ReadWrite(word) => (word, How::ReadWrite),
                RedirectKind::Both { word, append: false } => (word, How::Both),
                RedirectKind::Both { word, append: true } => (word, How::BothAppend),
                RedirectKind::Duplicate(word) => {
                    self.one(word);
                    failing.push(self.push(Op::Duplicate { fd, fail: 0 }));
                    continue;
                }
                RedirectKind::Here(word) | RedirectKind::HereString(word) => {
                    self.one(word);
                    self.push(Op::Here { fd, newline: matches!(kind, RedirectKind::HereString(_)) });
                    continue;
                }
            };
            self.one(word);
            failing.push(self.push(Op::Open { fd, how, fail: 0 }));
        }
        failing
    }

    fn simple(&mut self, assigns: &[Assign], words: &[Word], redirects: &[Redirect]) {
        self.push(Op::Command { words: !words.is_empty() });
        for (at, word) in words.iter().enumerate() {
            let declares = (at > 0 && is_assignment(word)).then(|| self.push(Op::Declares { to: 0 }));
            if let Some(declares) = declares {
                self.word(word, Split::No);
                self.push(Op::Argument);
                let over = self.push(Op::Jump(0));
                self.land(declares);
                self.words(word);
                self.land(over);
            } else {
                self.words(word);
            }
        }
        let mut over = None;
        if !words.is_empty() {
            let none = self.push(Op::NoWords { to: 0 });
            for assign in assigns {
                match &assign.value {
                    Given::Word(word) if assign.subscript.is_none() => {
                        self.one(word);
                        self.push(Op::Before { name: assign.name.clone(), append: assign.append });
                    }
                    _ => self.assign(assign),
                }
            }
            self.push(Op::Ready);
            let failing = (!redirects.is_empty()).then(|| self.redirects(redirects));
            self.push(Op::Invoke);
            if !assigns.is_empty() {
                self.push(Op::Restore);
            }
            if let Some(failing) = failing {
                for at in failing {
                    self.land(at);
                }
                self.push(Op::Undo);
            }
            over = Some(self.push(Op::Jump(0)));
            self.land(none);
        }
        for assign in assigns {
            self.assign(assign);
        }
        if !redirects.is_empty() {
            let failing = self.redirects(redirects);
            for at in failing {
                self.land(at);
            }
            self.push(Op::Undo);
        }
        if let Some(over) = over {
            self.land(over);
        }
        self.push(Op::Drop);
    }

    fn compound(&mut self, kind: &Kind) {
        match kind {
            Kind::Simple { .. } => {}
            Kind::Group(list) => self.list(list),
            Kind::Subshell(list) => {
                let code = self.block(|c| c.list(list));
                self.push(Op::Subshell(code));
            }
            Kind::If { arms, otherwise } => self.if_clause(arms, otherwise.as_ref()),
            Kind::Loop { until, test, body } => {
                let start = self.push(Op::Loop { after: 0, next: 0 });
                let top = self.here();
                if let Op::Loop { next, .. } = &mut self.ops[start] {
                    *next = top;
                }
                self.condition(test);
                let exit = self.push(Op::JumpIf { ok: *until, to: 0 });
                self.push(Op::Turn);
                self.list(body);
                self.push(Op::Keep);
                self.push(Op::Jump(top));
                self.land(exit);
                self.push(Op::Kept);
                self.land(start);
                self.push(Op::LoopEnd);
            }
            Kind::For { name, words, body } => {
                match words {
                    Some(words) => {
                        self.push(Op::Command { words: true });
                        for word in words {
                            self.words(word);
                        }
                    }
                    None => drop(self.push(Op::Parameters)),
                }
                let start = self.push(Op::Loop { after: 0, next: 0 });
                self.push(Op::Items { name: name.clone() });
                let top = self.here();
                if let Op::Loop { next, .. } = &mut self.ops[start] {
                    *next = top;
                }
                let end = self.push(Op::Next { end: 0 });
                self.push(Op::Turn);
                self.list(body);
                self.push(Op::Jump(top));
                self.land(end);
                self.land(start);
                self.push(Op::LoopEnd);
            }
            Kind::Arithmetic(expression) => self.arithmetic(expression),
            Kind::Count { parts, body } => self.count(parts, body),
            Kind::Condition(condition) => self.test(condition),
            Kind::Case { subject, arms } => self.case(subject, arms, Then::End),
            Kind::Function { name, body } => {
                let code = self.block(|c| c.command(body));
                self.push(Op::Function { name: name.clone(), code });
            }
        }
    }

    fn condition(&mut self, test: &List) {
        self.push(Op::Condition);
        self.list(test);
        self.push(Op::ConditionEnd);
    }

    fn if_clause(&mut self, arms: &[(List, List)], otherwise: Option<&List>) {
        let mut over = Vec::new();
        for (test, body) in arms {
            self.condition(test);
            let skip = self.push(Op::JumpIf { ok: false, to: 0 });
            self.list(body);
            over.push(self.push(Op::Jump(0)));
            self.land(skip);
        }
        match otherwise {
            Some(list) => self.list(list),
            None => drop(self.push(Op::Ok)),
        }
        for at in over {
            self.land(at);
        }
    }

    fn case(&mut self, subject: &Word, arms: &[Arm], from: Then) {
        self.one(subject);
        let mut hits: Vec<Vec<usize>> = Vec::new();
        for Arm { patterns, .. } in arms {
            let mut arm = Vec::new();
            for pattern in patterns {
                self.word(pattern, Split::No);
                self.push(Op::Pattern);
                arm.push(self.push(Op::Matches { to: 0 }));
            }
            hits.push(arm);
        }
        self.push(Op::Drop);
        // Where an arm led here, its status stays.
        if from == Then::End {
            self.push(Op::Ok);
        }
        let mut over = vec![self.push(Op::Jump(0))];
        let mut into_next = None;
        for (number, (arm, hits)) in arms.iter().zip(hits).enumerate() {
            for at in hits {
                self.land(at);
            }
            self.push(Op::Drop);
            self.push(Op::Ok);
            into_next.take().into_iter().for_each(|at| self.land(at));
            self.list(&arm.list);
            match arm.then {
                Then::Next => into_next = Some(self.push(Op::Jump(0))),
                // The subject is expanded again for the arms that are left.
                Then::Fitting if number + 1 < arms.len() => {
                    self.case(subject, &arms[number + 1..], Then::Fitting);
                    over.push(self.push(Op::Jump(0)));
                }
                Then::Fitting | Then::End => over.push(self.push(Op::Jump(0))),
            }
        }
        over.extend(into_next);
        for at in over {
            self.land(at);
        }
    }
}

/// Whether a word is `name=…` as it stands in the script.
fn is_assignment(word: &Word) -> bool {
    let Some(Part::Plain(text)) = word.first() else { return false };
    text.iter().position(|b| *b == b'=').is_some_and(|at| is_name(&text[..at]))
}
