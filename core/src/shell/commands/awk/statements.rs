//! An awk program's rules and statements.

use std::collections::BTreeMap;

use super::ast::{Expr, Pattern, Rule, Stmt};
use super::eval::{Awk, Result};
use super::text;
use super::value::Value;
use crate::shell::commands::common::run::Run;

/// Where a statement led.
pub(super) enum Then {
    On,
    Next,
    Exit,
    Break,
    Continue,
}

impl Awk {
    /// Runs the rules of one kind, or those of a record.
    pub(super) fn rules(&mut self, run: &mut Run<'_, '_>, rules: &[Rule], when: &Pattern) -> Result<Then> {
        for (number, rule) in rules.iter().enumerate() {
            let acts = match (&rule.pattern, when) {
                (Pattern::Begin, Pattern::Begin) | (Pattern::End, Pattern::End) => true,
                (Pattern::Begin | Pattern::End, _) | (_, Pattern::Begin | Pattern::End) => false,
                (Pattern::Always, _) => true,
                (Pattern::When(test), _) => self.value(run, test)?.truth(),
                (Pattern::Between(first, last), _) => {
                    let acts = self.open[number] || self.value(run, first)?.truth();
                    self.open[number] = acts && !self.value(run, last)?.truth();
                    acts
                }
            };
            if !acts {
                continue;
            }
            let then = match &rule.action {
                Some(action) => self.statement(run, action)?,
                None => {
                    run.print([&self.record[..], &self.var("ORS")].concat());
                    Then::On
                }
            };
            if matches!(then, Then::Next | Then::Exit) {
                return Ok(then);
            }
        }
        Ok(Then::On)
    }

    fn statement(&mut self, run: &mut Run<'_, '_>, statement: &Stmt) -> Result<Then> {
        match statement {
            Stmt::Expr(expr) => {
                self.value(run, expr)?;
            }
            Stmt::Print(list, to_stderr) => {
                let mut parts = Vec::new();
                for expr in list {
                    let value = self.value(run, expr)?;
                    parts.push(value.text(&self.var("OFMT")));
                }
                let line =
                    if list.is_empty() { self.record.clone() } else { parts.join(&self.var("OFS")[..]) };
                write(run, &[&line[..], &self.var("ORS")].concat(), *to_stderr);
            }
            Stmt::Printf(list, to_stderr) => {
                let values = self.values(run, list)?;
                let format = self.convert(&values[0]);
                write(run, &text::format(&format, &values[1..]), *to_stderr);
            }
            Stmt::If(test, then, otherwise) => {
                if self.value(run, test)?.truth() {
                    return self.statement(run, then);
                } else if let Some(otherwise) = otherwise {
                    return self.statement(run, otherwise);
                }
            }
            Stmt::While(test, body) => return self.repeat(run, Some(test), None, body),
            Stmt::Do(body, test) => {
                return match self.statement(run, body)? {
                    Then::Break => Ok(Then::On),
                    Then::On | Then::Continue => self.repeat(run, Some(test), None, body),
                    then => Ok(then),
                };
            }
            Stmt::For(first, test, last, body) => {
                if let Some(first) = first {
                    self.statement(run, first)?;
                }
                return self.repeat(run, test.as_ref(), last.as_deref(), body);
            }
            Stmt::ForIn(name, array, body) => {
                let keys: Vec<Vec<u8>> =
                    self.arrays.get(array).into_iter().flat_map(BTreeMap::keys).cloned().collect();
                for key in keys {
                    self.set(name, Value::input(&key));
                    match self.statement(run, body)? {
                        Then::On | Then::Continue => {}
                        Then::Break => break,
                        then => return Ok(then),
                    }
                }
            }
            Stmt::Block(list) => {
                for statement in list {
                    match self.statement(run, statement)? {
                        Then::On => {}
                        then => return Ok(then),
                    }
                }
            }
            Stmt::Delete(array, None) => {
                self.arrays.remove(array);
            }
            Stmt::Delete(array, Some(keys)) => {
                let key = self.key(run, keys)?;
                if let Some(items) = self.arrays.get_mut(array) {
                    items.remove(&key);
                }
            }
            Stmt::Next => return Ok(Then::Next),
            Stmt::Exit(status) => {
                if let Some(status) = status {
                    self.status = self.value(run, status)?.number() as i64 as u8;
                }
                return Ok(Then::Exit);
            }
            Stmt::Break => return Ok(Then::Break),
            Stmt::Continue => return Ok(Then::Continue),
        }
        Ok(Then::On)
    }

    fn repeat(
        &mut self,
        run: &mut Run<'_, '_>,
        test: Option<&Expr>,
        last: Option<&Stmt>,
        body: &Stmt,
    ) -> Result<Then> {
        loop {
            if let Some(test) = test
                && !self.value(run, test)?.truth()
            {
                return Ok(Then::On);
            }
            // A line's steps are counted; a loop without end stops with them.
            if !run.step() {
                return Ok(Then::Exit);
            }
            self.within_bounds()?;
            match self.statement(run, body)? {
                Then::On | Then::Continue => {}
                Then::Break => return Ok(Then::On),
                then => return Ok(then),
            }
            if let Some(last) = last {
                self.statement(run, last)?;
            }
        }
    }
}

fn write(run: &mut Run<'_, '_>, text: &[u8], to_stderr: bool) {
    if to_stderr {
        run.complain(text);
    } else {
        run.print(text);
    }
}
