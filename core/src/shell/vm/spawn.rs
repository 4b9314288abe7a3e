//! Children: subshells, pipelines, `$(…)`, commands in the background.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::Vm;
use crate::kernel::ByteString;
use crate::program::{Body, Bound, Desc, Pid, Process, Spawn, Terminal, signals};
use crate::shell::code::Code;
use crate::shell::live::*;
use crate::shell::state::Dialect;

impl Shell<'_, '_> {
    /// A copy of this shell that runs other code.
    pub(super) fn fork(&mut self, code: &Code) -> Vm {
        let mut state = self.state.clone();
        state.at_exit = None;
        state.traps.retain(|_, action| action.is_empty());
        state.terminal = Terminal::No;
        // The copy goes its own way: it stands in the directory, whatever becomes of this shell.
        state.held = state.task.dir.and_then(|dir| self.system.kernel.dup(dir).ok());
        state.task.dir = state.held;
        let io = self.io.duplicate(self.system);
        let mut vm = Vm::new(state, io);
        vm.vm.code = Arc::clone(code);
        vm
    }

    fn spawn(&mut self, process: Process, body: Body, front: bool, group: Option<Pid>) -> Step<Pid> {
        let current = self.system.current;
        let row = self.system.world.tasks.get(current);
        let front = front && row.is_none_or(|row| row.front);
        // A shell that a person types at gives each command a group of its own.
        let group = if self.vm.sits { group } else { row.map(|row| row.group) };
        let bare = matches!(body, Body::Job(_));
        let ignored = self.state.traps.iter().filter(|(_, action)| action.is_empty());
        let ignored = ignored.fold(0, |bits, (signal, _)| bits | 1u64 << (signal & 63));
        let background = (1u64 << signals::INT) | (1 << signals::QUIT);
        let ignored = if front || self.vm.sits { ignored } else { ignored | background };
        let spawn = Spawn { front, group, ignored, bare, ..Spawn::new(current, process, body) };
        match self.system.spawn(spawn) {
            Ok(pid) => ControlFlow::Continue(pid),
            Err(error) => {
                if self.system.world.tasks.iter().count() < self.system.world.bounds.len(Bound::Processes) {
                    return self.cannot_fork(error);
                }
                if !self.system.too_many() {
                    self.complain(format!("fork: {}", error.text()));
                    let most = self.system.world.bounds.get(Bound::Processes);
                    let why = format!(
                        "Layerlab: {most} processes are running, which is as many as the lab takes; \
                         `kill %1; wait %1` makes room\n"
                    );
                    self.io.stderr().write(self.system, why);
                    self.system.reached(Bound::Processes);
                }
                self.state.status = 254;
                ControlFlow::Break(if self.vm.sits { Stop::Abort } else { Stop::Exit })
            }
        }
    }

    /// Its container has as many processes as it may have (`--pids-limit`).
    fn cannot_fork<T>(&mut self, error: crate::kernel::Errno) -> Step<T> {
        let (text, status) = match self.state.dialect {
            Dialect::Bash => ("fork: retry: ", 254),
            Dialect::Dash => ("Cannot fork", 2),
            Dialect::Ash => ("can't fork: ", 2),
        };
        let why = if self.state.dialect == Dialect::Dash { "" } else { error.text() };
        self.complain(format!("{text}{why}"));
        self.state.status = status;
        ControlFlow::Break(if self.vm.sits { Stop::Abort } else { Stop::Exit })
    }

    /// Says of a command that a signal ended it, as ash and dash do.
    pub(super) fn tell_killed(&mut self) {
        let text = match self.state.status {
            129 => "Hangup\n",
            137 => "Killed\n",
            143 => "Terminated\n",
            139 => "Segmentation fault\n",
            _ => return,
        };
        let row = self.system.world.tasks.get(self.system.current);
        if !self.is_bash() && row.is_none_or(|row| row.ended.is_none()) {
            self.io.stderr().write(self.system, text);
        }
    }

    /// Starts a child and waits for it.
    pub(super) fn start(&mut self, process: Process, body: Body) -> Step {
        let pid = self.spawn(process, body, true, None)?;
        self.vm.pending = Pending::Child(pid);
        ControlFlow::Break(Stop::Begun)
    }

    /// Starts a shell and waits for it.
    pub(super) fn start_shell(&mut self, child: Vm) -> Step {
        let (process, body) = self.as_process(child);
        self.start(process, body)
    }

    /// The process that a shell is.
    fn as_process(&self, child: Vm) -> (Process, Body) {
        let mut process = self.process(vec![self.state.name.clone()]);
        (process.stdin, process.stdout, process.stderr) =
            (child.io.stdin(), child.io.stdout(), child.io.stderr());
        process.terminal = child.io.terminal;
        (process, Body::Job(Box::new(child)))
    }

    pub(super) fn subshell(&mut self, code: &Code) -> Step {
        let child = self.fork(code);
        self.start_shell(child)
    }

    /// Commands that run side by side, each with the output of the one before as its input.
    pub(super) fn pipeline(&mut self, codes: &[Code]) -> Step {
        let mut parts = Vec::new();
        let mut input: Option<Desc> = None;
        let mut group = None;
        for (at, code) in codes.iter().enumerate() {
            let mut child = self.fork(code);
            child.io.terminal = Terminal::No;
            if let Some(input) = input.take() {
                child.io.put(self.system, 0, Some(input));
            }
            if at + 1 < codes.len() {
                let (read, write) = self.system.world.files.pipe();
                child.io.put(self.system, 1, Some(write));
                input = Some(read);
            }
            let (process, body) = self.as_process(child);
            match self.spawn(process, body, true, group) {
                ControlFlow::Continue(pid) => {
                    group = group.or(Some(pid));
                    parts.push((pid, None));
                }
                ControlFlow::Break(stop) => {
                    if let Some(input) = input {
                        self.system.world.files.release(self.system.kernel, input);
                    }
                    return ControlFlow::Break(stop);
                }
            }
        }
        self.vm.pending = Pending::Pipeline(parts);
        ControlFlow::Break(Stop::Begun)
    }

    pub(super) fn substitute(&mut self, code: &Code, quoted: bool) -> Step {
        let mut child = self.fork(code);
        let (read, write) = self.system.world.files.pipe();
        child.io.put(self.system, 1, Some(write));
        child.io.terminal = Terminal::No;
        let (process, body) = self.as_process(child);
        match self.spawn(process, body, true, None) {
            ControlFlow::Continue(pid) => {
                self.vm.pending = Pending::Output { desc: Some(read), pid, text: ByteString::new(), quoted };
                ControlFlow::Break(Stop::Begun)
            }
            ControlFlow::Break(stop) => {
                self.system.world.files.release(self.system.kernel, read);
                ControlFlow::Break(stop)
            }
        }
    }

    pub(super) fn background(&mut self, code: &Code, text: &ByteString) -> Step {
        let mut child = self.fork(code);
        child.io.put(self.system, 0, Some(Desc::NULL));
        child.io.terminal = Terminal::No;
        let (process, body) = self.as_process(child);
        let pid = self.spawn(process, body, false, None)?;
        self.look_after_jobs();
        self.vm.jobs.push(Job { pid, text: text.clone(), status: None, told: false });
        let inner = self.system.world.tasks.get(pid).map_or(pid, |row| row.inner);
        self.state.background = Some(inner);
        self.state.status = 0;
        ControlFlow::Continue(())
    }
}
