//! Running code: one step at a time, from wherever the shell stands.

mod advice;
mod assign;
mod control;
mod errors;
mod pending;
mod read;
mod redirect;
mod simple;
mod spawn;

use std::ops::ControlFlow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::builtins;
use super::code::{Code, Op};
use super::compile::compile;
use super::io::Io;
use super::live::*;
use super::state::ShellState;
use crate::kernel::ByteString;
use crate::program::{self, Bound, Next, Process, System};

/// A shell as a program that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vm {
    pub(super) state: ShellState,
    pub(super) io: Io,
    pub(super) vm: Machine,
}

/// What an instruction, or the end of a wait, leads to.
enum Flow {
    /// The next instruction.
    On,
    /// It was a step: others may take theirs.
    Step,
    /// The process does this.
    Out(Next),
}

impl program::ProgramState for Vm {
    const NAME: &'static str = "shell";

    fn step(&mut self, system: &mut System<'_>, _: &mut Process) -> Next {
        let (state, io, vm) = (&mut self.state, &mut self.io, &mut self.vm);
        Shell { system, state, io, vm, builtins: builtins::find }.go()
    }

    fn close(&mut self, system: &mut System<'_>) {
        let (state, io, vm) = (&mut self.state, &mut self.io, &mut self.vm);
        let mut shell = Shell { system, state, io, vm, builtins: builtins::find };
        shell.drop_all();
    }
}

impl Vm {
    /// A shell with these descriptors, which it holds from now on, that does nothing yet.
    pub(super) fn new(state: ShellState, io: Io) -> Self {
        Self { state, io, vm: Machine::default() }
    }

    /// Lets it run this text.
    pub(super) fn script(mut self, text: impl Into<Vec<u8>>) -> Self {
        let back = Back { code: Code::default(), pc: 0, mark: Mark { height: 0, conditions: 0 } };
        self.vm.frames.push(Frame::Script { text: Arc::new(text.into()), at: 0, kind: Kind::Base, back });
        self
    }

    /// Lets it sit at the session's terminal and run the lines that are typed there.
    pub(super) fn sitting(mut self) -> Self {
        self.vm.sits = true;
        self.vm.pending = Pending::Prompt;
        self
    }

    /// Lets it read its script from its standard input.
    pub(super) fn reading(mut self) -> Self {
        self.vm.pending = Pending::Source(ByteString::new());
        self.vm.reads = true;
        self
    }

    /// What it keeps from line to line.
    pub fn state(&self) -> &ShellState {
        &self.state
    }

    /// Whether it waits at its prompt.
    pub fn is_at_prompt(&self) -> bool {
        self.vm.pending == Pending::Prompt
    }

    /// Whether it is one that a person types at.
    pub fn is_interactive(&self) -> bool {
        self.vm.sits
    }

    /// Sets `$?` of a shell that waits at its prompt.
    pub fn set_status(&mut self, status: u8) {
        self.state.status = status;
    }

    /// Drops what it runs, with this status: Ctrl-C, or a limit. It goes back to its prompt.
    pub fn interrupt(&mut self, status: u8) {
        self.vm.interrupted = Some(status);
    }
}

impl Shell<'_, '_> {
    /// Goes on until something has to be waited for, or for one step.
    fn go(&mut self) -> Next {
        if let Some(status) = self.vm.interrupted.take() {
            self.state.status = status;
            self.unwind_all();
            if !self.vm.sits {
                return Next::Exit(status);
            }
            self.vm.pending = Pending::Prompt;
            let action = self.state.traps.get(&program::signals::INT).filter(|action| !action.is_empty());
            if let (Some(action), true) = (action.cloned(), status == 128 + program::signals::INT) {
                // Ctrl-C came for the shell itself: its trap runs, and the prompt is there again.
                self.vm.pending = Pending::Nothing;
                let base = Frame::Script { text: Arc::default(), at: 0, kind: Kind::Base, back: self.back() };
                self.vm.frames.push(base);
                self.begin(Arc::new(action.into_vec()), Kind::Trap(status));
            }
        }
        match self.resume() {
            ControlFlow::Continue(None) => {}
            ControlFlow::Continue(Some(wait)) => return Next::Wait(wait),
            ControlFlow::Break(stop) => {
                if let Flow::Out(next) = self.stop(stop) {
                    return next;
                }
            }
        }
        loop {
            let flow = match self.one() {
                ControlFlow::Continue(flow) => flow,
                ControlFlow::Break(stop) => self.stop(stop),
            };
            match flow {
                Flow::On => {}
                Flow::Step => return Next::Again,
                Flow::Out(next) => return next,
            }
        }
    }

    /// Runs one instruction, or ends the code at hand.
    fn one(&mut self) -> Step<Flow> {
        let code = Arc::clone(&self.vm.code);
        let Some(op) = code.get(self.vm.pc) else { return self.end_of_code() };
        self.vm.pc += 1;
        match op {
            Op::Step => {
                if !self.system.limits.spend(1) {
                    return ControlFlow::Break(Stop::Spent);
                }
                self.traps();
                return ControlFlow::Continue(Flow::Step);
            }
            Op::Turn => {
                if !self.system.limits.spend(1) {
                    return ControlFlow::Break(Stop::Spent);
                }
            }
            Op::Jump(to) => self.vm.pc = *to,
            Op::JumpIf { ok, to } => {
                if (self.state.status == 0) == *ok {
                    self.vm.pc = *to;
                }
            }
            Op::Ok => self.state.status = 0,
            Op::Drop => drop(self.vm.stack.pop()),
            Op::Condition => self.state.conditions += 1,
            Op::ConditionEnd => self.state.conditions = self.state.conditions.saturating_sub(1),
            Op::Not => self.state.status = u8::from(self.state.status == 0),
            Op::Errexit => {
                if self.state.status != 0 && self.state.conditions == 0 && self.state.options.has('e') {
                    return ControlFlow::Break(Stop::Exit);
                }
            }
            Op::Loop { .. } | Op::Items { .. } | Op::Parameters | Op::Next { .. } | Op::Keep | Op::Kept => {
                self.loop_op(op)?;
            }
            Op::LoopEnd => self.pop_frame(),
            Op::Function { name, code } => {
                self.state.functions.insert(name.clone(), Arc::clone(code));
                self.state.status = 0;
            }
            Op::Command { .. }
            | Op::Declares { .. }
            | Op::NoWords { .. }
            | Op::Before { .. }
            | Op::Set { .. }
            | Op::List
            | Op::Gather
            | Op::Keyed
            | Op::SetList { .. }
            | Op::Ready
            | Op::Invoke
            | Op::Restore => self.simple_op(op)?,
            Op::Redirects | Op::Open { .. } | Op::Here { .. } | Op::Duplicate { .. } | Op::Undo => {
                self.redirect_op(op)?;
            }
            Op::Substitute { code, quoted } => self.substitute(code, *quoted)?,
            Op::Subshell(code) => self.subshell(code)?,
            Op::Pipeline(codes) => self.pipeline(codes)?,
            Op::Background { code, text } => self.background(code, text)?,
            op => self.expand(op)?,
        }
        ControlFlow::Continue(Flow::On)
    }

    /// The code has ended: its script's next line, its caller, or the end of the shell.
    fn end_of_code(&mut self) -> Step<Flow> {
        match self.vm.frames.last_mut() {
            Some(Frame::Script { text, at, .. }) => {
                let text = Arc::clone(text);
                let start = *at;
                let aliases =
                    (!self.is_bash() || self.has_option(b"expand_aliases")).then_some(&self.state.aliases);
                let (parsed, read) = read::next_line(&text[start..], self.state.dialect, aliases);
                let end = start + read;
                match parsed {
                    Ok(Some(list)) => {
                        if let Some(Frame::Script { at, .. }) = self.vm.frames.last_mut() {
                            *at = end;
                        }
                        let most = self.system.world.bounds.len(Bound::Words);
                        self.vm.code = compile(&list, self.state.dialect, most);
                        self.vm.pc = 0;
                    }
                    Ok(None) => return self.end_of_script(),
                    Err(error) => {
                        let line = text[..start].split(|b| *b == b'\n').count();
                        self.syntax_error(&error, line, &text);
                        return ControlFlow::Break(Stop::Abort);
                    }
                }
            }
            Some(_) => self.pop_frame(),
            None => return ControlFlow::Continue(Flow::Out(Next::Exit(self.state.status))),
        }
        ControlFlow::Continue(Flow::On)
    }

    fn end_of_script(&mut self) -> Step<Flow> {
        let base = matches!(self.vm.frames.last(), Some(Frame::Script { kind: Kind::Base, .. }));
        if !base {
            self.pop_frame();
            return ControlFlow::Continue(Flow::On);
        }
        if (self.vm.sits || self.vm.reads) && !self.vm.leaving {
            self.unwind_all();
            self.vm.pending = if self.vm.sits { Pending::Prompt } else { Pending::Source(ByteString::new()) };
            return match self.resume()? {
                Some(wait) => ControlFlow::Continue(Flow::Out(Next::Wait(wait))),
                None => ControlFlow::Continue(Flow::On),
            };
        }
        ControlFlow::Continue(self.leave())
    }

    /// Ends the shell, after its exit trap.
    fn leave(&mut self) -> Flow {
        self.unwind_all();
        if self.vm.leaving {
            self.state.exited = true;
            return Flow::Out(Next::Exit(self.state.status));
        }
        self.vm.leaving = true;
        let Some(action) = self.state.at_exit.take() else {
            self.state.exited = true;
            return Flow::Out(Next::Exit(self.state.status));
        };
        // The trap is the script's last part; the shell ends with the status from before it, unless it exits itself.
        let status = self.state.status;
        let base = Frame::Script { text: Arc::default(), at: 0, kind: Kind::Base, back: self.back() };
        self.vm.frames.push(base);
        self.vm.code = Code::default();
        self.vm.pc = 0;
        self.begin(Arc::new(action.into_vec()), Kind::Trap(status));
        Flow::On
    }

    /// Begins a text that is run before what comes next.
    pub(super) fn begin(&mut self, text: Arc<Vec<u8>>, kind: Kind) {
        let back = self.back();
        self.vm.frames.push(Frame::Script { text, at: 0, kind, back });
        self.vm.code = Code::default();
        self.vm.pc = 0;
    }

    pub(super) fn back(&self) -> Back {
        Back { code: Arc::clone(&self.vm.code), pc: self.vm.pc, mark: self.mark() }
    }

    /// Begins the trap of a signal that has come.
    pub(super) fn traps(&mut self) {
        if self.state.traps.is_empty() {
            return;
        }
        if let Some(signal) = self.system.take_signal()
            && let Some(action) = self.state.traps.get(&signal).filter(|action| !action.is_empty())
        {
            let text = Arc::new(action.to_vec());
            // The command that was about to begin comes after it.
            let status = self.state.status;
            self.begin(text, Kind::Trap(status));
        }
    }

    /// What a stop leads to.
    fn stop(&mut self, stop: Stop) -> Flow {
        match stop {
            Stop::Break(levels) => self.leave_loops(levels, false),
            Stop::Continue(levels) => self.leave_loops(levels, true),
            Stop::Return => return self.return_from(),
            Stop::Exit => {
                if self.vm.leaving {
                    self.state.exited = true;
                    return Flow::Out(Next::Exit(self.state.status));
                }
                return self.leave();
            }
            Stop::Abort => {
                let forked =
                    !self.vm.frames.iter().any(|f| matches!(f, Frame::Script { kind: Kind::Base, .. }));
                self.unwind_all();
                if self.vm.sits {
                    self.vm.pending = Pending::Prompt;
                } else if forked {
                    return Flow::Out(Next::Exit(self.state.status));
                } else {
                    return self.leave();
                }
            }
            Stop::Begun => {}
            Stop::Becomes => {
                if let Some(Becomes(process, name)) = self.vm.becomes.take() {
                    return Flow::Out(Next::Exec(process, name));
                }
            }
            Stop::Spent => return Flow::Step,
        }
        match self.resume() {
            ControlFlow::Continue(None) => Flow::On,
            ControlFlow::Continue(Some(wait)) => Flow::Out(Next::Wait(wait)),
            ControlFlow::Break(Stop::Begun) => Flow::On,
            ControlFlow::Break(Stop::Exit) => self.leave(),
            ControlFlow::Break(_) => {
                self.unwind_all();
                if !self.vm.sits {
                    return Flow::Out(Next::Exit(self.state.status));
                }
                self.vm.pending = Pending::Prompt;
                Flow::Step
            }
        }
    }

    /// A process with this shell's place and descriptors.
    pub(in crate::shell) fn process(&self, args: Vec<ByteString>) -> Process {
        Process {
            task: self.state.task.clone(),
            env: self.state.environment(),
            args,
            stdin: self.io.stdin(),
            stdout: self.io.stdout(),
            stderr: self.io.stderr(),
            place: self.state.place.clone(),
            terminal: self.io.terminal,
            flavour: program::Flavour::Gnu,
            spoken: None,
        }
    }
}
