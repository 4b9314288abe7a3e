//! Running what was parsed.

mod advice;
mod command;
mod errors;
mod redirect;
mod simple;

use std::ops::ControlFlow;

use super::ast::*;
use super::builtins;
use super::io::Io;
use super::live::{Shell, Step, Stop};
use super::parse::{Parser, Syntax};
use super::state::{PIPEFAIL, State};
use crate::kernel::ByteString;
use crate::program::{Desc, Flow, Input, Output, System, Terminal};

/// The status of a line that was stopped for want of steps, as `timeout(1)` gives it.
const SPENT: u8 = 124;

/// Runs text typed at a prompt: one or several lines. Where it ends inside something it is a syntax error; see
/// [`super::is_incomplete`].
pub fn run(system: &mut System<'_>, state: &mut State, line: &[u8], stdout: Output, stderr: Output) -> Flow {
    let io = Io {
        stdin: Input::EMPTY,
        stdout,
        stderr,
        more: std::collections::BTreeMap::new(),
        terminal: state.terminal,
    };
    run_with(system, state, line, io)
}

/// Runs a script with these descriptors.
pub(super) fn run_with(system: &mut System<'_>, state: &mut State, text: &[u8], mut io: Io) -> Flow {
    for (fd, handle) in state.handles.clone() {
        io.set(fd, handle);
    }
    let mut shell = Shell { system, state, io, builtins: builtins::find };
    let mut stop = shell.script(text);
    if let Some(action) = shell.ends(stop)
        && !matches!(stop, ControlFlow::Break(Stop::Waiting | Stop::Entered | Stop::Spent))
    {
        let status = shell.state.status;
        let trapped = shell.script(&action);
        if !matches!(trapped, ControlFlow::Break(Stop::Exit)) {
            shell.state.status = status;
        }
        if matches!(trapped, ControlFlow::Break(Stop::Spent | Stop::Waiting)) {
            stop = trapped;
        }
    }
    let told = shell.system.limits.tell();
    if let Some(text) = told {
        shell.io.stderr.write(shell.system, text);
    }
    if shell.system.limits.is_spent() {
        state.status = SPENT;
        return Flow::Exit(SPENT);
    }
    state.conditions = 0;
    state.loops = 0;
    match stop {
        ControlFlow::Break(Stop::Waiting) => Flow::Waiting,
        ControlFlow::Break(Stop::Entered) => Flow::Entered,
        ControlFlow::Break(Stop::Exit) => {
            state.exited = true;
            Flow::Exit(state.status)
        }
        _ if state.waiting && state.terminal == Terminal::No => Flow::Waiting,
        _ => Flow::Exit(state.status),
    }
}

impl Shell<'_, '_> {
    /// What is to run since the shell ends here: a script's end, or `exit` at a prompt.
    fn ends(&mut self, stop: Step) -> Option<ByteString> {
        let exits = matches!(stop, ControlFlow::Break(Stop::Exit)) || self.state.terminal == Terminal::No;
        if exits { self.state.at_exit.take() } else { None }
    }

    /// Runs a text line by line, as a shell reads its input: what stands before a syntax error is run.
    pub(super) fn script(&mut self, text: &[u8]) -> Step {
        let mut parser = Parser::new(text);
        loop {
            let start = parser.position();
            match parser.next_line() {
                Ok(Some(list)) => self.list(&list)?,
                Ok(None) => return ControlFlow::Continue(()),
                Err(error) => {
                    let line = text[..start].split(|b| *b == b'\n').count();
                    self.syntax_error(&error, line, text);
                    return ControlFlow::Break(Stop::Abort);
                }
            }
        }
    }

    /// Runs commands one after another.
    pub(super) fn list(&mut self, list: &List) -> Step {
        for item in list {
            self.and_or(item)?;
        }
        ControlFlow::Continue(())
    }

    fn and_or(&mut self, item: &AndOr) -> Step {
        if item.ends == End::Background {
            return self.background(item);
        }
        self.joined(item)
    }

    fn joined(&mut self, item: &AndOr) -> Step {
        self.pipeline(&item.first, item.rest.is_empty())?;
        for (at, (join, pipeline)) in item.rest.iter().enumerate() {
            let wanted = (*join == Join::And) == (self.state.status == 0);
            if wanted {
                self.pipeline(pipeline, at + 1 == item.rest.len())?;
            }
        }
        ControlFlow::Continue(())
    }

    /// `command &`: the lab runs one program at a time, so it runs to its end before the next; what would wait for ever
    /// stays behind, and the shell goes on.
    fn background(&mut self, item: &AndOr) -> Step {
        let io = Io { stdin: Input::EMPTY, terminal: Terminal::No, ..self.io.clone() };
        let stop = self.subshell(io, |shell| shell.joined(item));
        self.state.background = Some(self.system.world.new_pid());
        self.state.status = 0;
        match stop {
            Some(Stop::Waiting) => self.state.waiting = true,
            Some(stop) => return ControlFlow::Break(stop),
            None => {}
        }
        ControlFlow::Continue(())
    }

    /// Runs a pipeline; `last` says that its status is the list's, so that `set -e` looks at it.
    fn pipeline(&mut self, pipeline: &Pipeline, last: bool) -> Step {
        if !self.system.limits.spend(1) {
            return ControlFlow::Break(Stop::Spent);
        }
        let condition = pipeline.negated || !last;
        self.state.conditions += u32::from(condition);
        let result = match &pipeline.commands[..] {
            [only] => self.command(only),
            commands => self.piped(commands),
        };
        self.state.conditions -= u32::from(condition);
        result?;
        if pipeline.negated {
            self.state.status = u8::from(self.state.status == 0);
        } else if self.state.status != 0
            && self.state.options.has('e')
            && !condition
            && self.state.conditions == 0
        {
            return ControlFlow::Break(Stop::Exit);
        }
        ControlFlow::Continue(())
    }

    /// Runs commands one after another, each in a subshell, with the output of one as the input of the next.
    fn piped(&mut self, commands: &[Command]) -> Step {
        let mut input = self.io.stdin;
        let mut failed = 0;
        for (at, command) in commands.iter().enumerate() {
            let last = at + 1 == commands.len();
            let (read, write) = self.system.world.files.pipe();
            let before = std::mem::replace(&mut input, Input(read));
            let io = Io {
                stdin: before,
                stdout: if last { self.io.stdout } else { Output(write) },
                terminal: Terminal::No,
                ..self.io.clone()
            };
            let stop = self.subshell(io, |shell| shell.command(command));
            self.release(write);
            if at > 0 {
                self.release(before.0);
            }
            if last || stop.is_some() {
                self.release(read);
            }
            if let Some(stop) = stop {
                return ControlFlow::Break(stop);
            }
            if self.state.status != 0 {
                failed = self.state.status;
            }
        }
        if self.state.options.has(PIPEFAIL) {
            self.state.status = failed;
        }
        ControlFlow::Continue(())
    }

    /// Runs work in a copy of this shell. Gives back what ends the outer shell too.
    pub(super) fn subshell(&mut self, io: Io, work: impl FnOnce(&mut Shell<'_, '_>) -> Step) -> Option<Stop> {
        if !self.system.limits.enter() {
            self.too_deep();
            return Some(Stop::Abort);
        }
        let mut state = self.state.clone();
        state.at_exit = None;
        state.held = None;
        let builtins = self.builtins;
        let mut inner = Shell { system: &mut *self.system, state: &mut state, io, builtins };
        let stop = match work(&mut inner) {
            ControlFlow::Break(stop @ (Stop::Waiting | Stop::Entered | Stop::Spent)) => Some(stop),
            _ => None,
        };
        state.leave(self.system.kernel);
        self.system.limits.leave();
        self.state.status = state.status;
        self.state.waiting |= state.waiting;
        stop
    }

    /// What commands print, without its last line feeds: `$(…)`.
    pub(super) fn substitute(&mut self, list: &List) -> Step<ByteString> {
        let (read, write) = self.system.world.files.pipe();
        let io = Io { stdout: Output(write), terminal: Terminal::No, ..self.io.clone() };
        let stop = self.subshell(io, |shell| shell.list(list));
        self.release(write);
        let text = Input(read).read_to_end(self.system);
        self.release(read);
        if let Some(stop) = stop {
            return ControlFlow::Break(stop);
        }
        let mut text = match text {
            Ok(text) => text,
            Err(error) => return self.abort(error.text().as_bytes()),
        };
        let end = text.iter().rposition(|b| *b != b'\n').map_or(0, |at| at + 1);
        text.truncate(end);
        text.retain(|b| *b != 0);
        ControlFlow::Continue(text.into())
    }

    fn release(&mut self, desc: Desc) {
        self.system.world.files.release(self.system.kernel, desc);
    }

    fn syntax_error(&mut self, error: &Syntax, line: usize, text: &[u8]) {
        let message = errors::syntax(self.state, error, line, text);
        self.io.stderr.write(self.system, &message);
        self.state.status = 2;
    }
}
