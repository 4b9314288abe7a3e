//! Compound commands.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::kernel::ByteString;
use crate::shell::ast::*;
use crate::shell::live::{Shell, Step, Stop};

impl Shell<'_, '_> {
    /// Runs one command with its redirections. Each level takes a step of depth.
    pub(super) fn command(&mut self, command: &Command) -> Step {
        if let Kind::Simple { assigns, words } = &command.kind {
            return self.simple(assigns, words, &command.redirects);
        }
        if !self.system.limits.enter() {
            self.too_deep();
            return ControlFlow::Break(Stop::Abort);
        }
        let result = self.redirected(&command.redirects, |shell| shell.compound(&command.kind));
        self.system.limits.leave();
        result
    }

    fn compound(&mut self, kind: &Kind) -> Step {
        match kind {
            Kind::Simple { .. } => ControlFlow::Continue(()),
            Kind::Group(list) => self.list(list),
            Kind::Subshell(list) => {
                let stop = self.subshell(self.io.clone(), |shell| shell.list(list));
                stop.map_or(ControlFlow::Continue(()), ControlFlow::Break)
            }
            Kind::If { arms, otherwise } => self.if_clause(arms, otherwise.as_ref()),
            Kind::Loop { until, test, body } => self.while_loop(*until, test, body),
            Kind::For { name, words, body } => self.for_loop(name, words.as_deref(), body),
            Kind::Case { subject, arms } => self.case(subject, arms),
            Kind::Function { name, body } => {
                self.state.functions.insert(name.clone(), Arc::clone(body));
                self.state.status = 0;
                ControlFlow::Continue(())
            }
        }
    }

    /// Whether a condition's commands end well.
    fn holds(&mut self, test: &List) -> Step<bool> {
        self.state.conditions += 1;
        let result = self.list(test);
        self.state.conditions -= 1;
        result?;
        ControlFlow::Continue(self.state.status == 0)
    }

    fn if_clause(&mut self, arms: &[(List, List)], otherwise: Option<&List>) -> Step {
        for (test, body) in arms {
            if self.holds(test)? {
                return self.list(body);
            }
        }
        match otherwise {
            Some(list) => self.list(list),
            None => {
                self.state.status = 0;
                ControlFlow::Continue(())
            }
        }
    }

    /// Runs a loop's body once; `false` when the loop is to end.
    fn turn(&mut self, body: &List) -> Step<bool> {
        if !self.system.limits.spend(1) {
            return ControlFlow::Break(Stop::Spent);
        }
        self.state.loops += 1;
        let result = self.list(body);
        self.state.loops -= 1;
        self.end_of_turn(result)
    }

    fn end_of_turn(&mut self, result: Step) -> Step<bool> {
        match result {
            ControlFlow::Continue(()) | ControlFlow::Break(Stop::Continue(1)) => ControlFlow::Continue(true),
            ControlFlow::Break(Stop::Break(1)) => ControlFlow::Continue(false),
            ControlFlow::Break(Stop::Break(n)) if self.state.loops > 0 => {
                ControlFlow::Break(Stop::Break(n - 1))
            }
            ControlFlow::Break(Stop::Continue(n)) if self.state.loops > 0 => {
                ControlFlow::Break(Stop::Continue(n - 1))
            }
            // More levels than there are loops: the outermost is meant.
            ControlFlow::Break(Stop::Break(_)) => ControlFlow::Continue(false),
            ControlFlow::Break(Stop::Continue(_)) => ControlFlow::Continue(true),
            ControlFlow::Break(stop) => ControlFlow::Break(stop),
        }
    }

    fn while_loop(&mut self, until: bool, test: &List, body: &List) -> Step {
        let mut status = 0;
        loop {
            self.state.loops += 1;
            let held = self.holds(test);
            self.state.loops -= 1;
            let held = match held {
                ControlFlow::Continue(held) => held,
                ControlFlow::Break(stop) => {
                    if self.end_of_turn(ControlFlow::Break(stop))? {
                        continue;
                    }
                    break;
                }
            };
            if held == until {
                break;
            }
            let goes_on = self.turn(body)?;
            status = self.state.status;
            if !goes_on {
                break;
            }
        }
        self.state.status = status;
        ControlFlow::Continue(())
    }

    fn for_loop(&mut self, name: &ByteString, words: Option<&[Word]>, body: &List) -> Step {
        let values = match words {
            Some(words) => self.expand_words(words)?,
            None => self.state.params.clone(),
        };
        self.state.status = 0;
        for value in values {
            self.assign(name, value)?;
            if !self.turn(body)? {
                break;
            }
        }
        ControlFlow::Continue(())
    }

    fn case(&mut self, subject: &Word, arms: &[(Vec<Word>, List)]) -> Step {
        let subject = self.expand_one(subject)?;
        for (patterns, list) in arms {
            for pattern in patterns {
                if self.expand_pattern(pattern)?.matches(&subject) {
                    self.state.status = 0;
                    return self.list(list);
                }
            }
        }
        self.state.status = 0;
        ControlFlow::Continue(())
    }
}
