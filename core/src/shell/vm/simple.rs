//! Simple commands: assignments, functions, builtins, programs.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::kernel::{ByteString, Errno, fs};
use crate::program::{Body, ExecError, Process, Program, find, find_in_path};
use crate::shell::code::{Code, Op};
use crate::shell::escape::quote;
use crate::shell::live::*;
use crate::shell::state::PIPE_STATUS;

/// How many functions and texts may be open in one another.
const DEPTH: usize = 1000;

impl Shell<'_, '_> {
    /// The simple command on top of the stack.
    pub(in crate::shell) fn command(&mut self) -> &mut Simple {
        match self.vm.stack.last_mut() {
            Some(Operand::Command(simple)) => simple,
            other => unreachable!("no command on the stack: {other:?}"),
        }
    }

    pub(super) fn simple_op(&mut self, op: &Op) -> Step {
        match op {
            Op::Command { words } => {
                let before = self.state.status;
                if !words {
                    // A command substitution sets the status that an assignment without a command has.
                    self.state.status = 0;
                }
                self.vm.stack.push(Operand::Command(Simple { before, ..Simple::default() }));
            }
            Op::Declares { to } => {
                let name = self.command().args.first().map(ByteString::to_text);
                let declares = name.is_some_and(|name| {
                    matches!(&name[..], "export" | "readonly" | "local" | "declare" | "typeset")
                });
                if !declares {
                    self.vm.pc = *to;
                }
            }
            Op::NoWords { to } => {
                if self.command().args.is_empty() {
                    self.vm.pc = *to;
                } else {
                    self.state.status = self.command().before;
                }
            }
            Op::Before { name, append } => {
                let mut value = self.pop_text();
                if *append {
                    let old = self.state.get(name).cloned().unwrap_or_default();
                    value = [&old[..], &value].concat().into();
                }
                self.command().values.push((name.clone(), value));
            }
            Op::Set { .. } | Op::List | Op::Gather | Op::Keyed | Op::SetList { .. } => {
                return self.assign_op(op);
            }
            Op::Ready => {
                if self.state.options.has('x') {
                    let Simple { args, values, .. } = self.command().clone();
                    let assigns = values.iter().map(|(name, value)| [&name[..], b"=", value].concat());
                    let words: Vec<Vec<u8>> = assigns.chain(args.iter().map(|arg| quote(arg))).collect();
                    let text = [b"+ ", &words.join(&b' ')[..], b"\n"].concat();
                    self.io.stderr().write(self.system, text);
                }
                self.state.status = 0;
                if self.state.vars.contains_key(PIPE_STATUS.as_bytes()) {
                    self.state.vars.remove(PIPE_STATUS.as_bytes());
                }
            }
            Op::Invoke => return self.invoke(),
            _ => {
                if matches!(self.vm.frames.last(), Some(Frame::Values(_))) {
                    self.pop_frame();
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn invoke(&mut self) -> Step {
        let Simple { before, args, values } = std::mem::take(self.command());
        if &args[0][..] == b"exec" && args.len() == 1 {
            // Its redirections stay: see `Op::Undo`.
            return ControlFlow::Continue(());
        }
        if let Some(code) = self.state.functions.get(&args[0]).cloned() {
            self.values(values)?;
            return self.call(code, &args);
        }
        if let Some(builtin) = self.builtin(&args[0]) {
            // `exit` and `return` without a number, and `echo $?` in a trap, look at the last status.
            self.state.status = before;
            self.values(values)?;
            let status = builtin(self, &args)?;
            self.state.status = status;
            self.write_error(&args[0]);
            return ControlFlow::Continue(());
        }
        self.external(values, args)
    }

    /// Sets variables until the command has ended.
    fn values(&mut self, values: Vec<(ByteString, ByteString)>) -> Step {
        if values.is_empty() {
            return ControlFlow::Continue(());
        }
        let hidden = values.iter().map(|(name, _)| (name.clone(), self.state.vars.get(name).cloned()));
        let hidden = hidden.collect();
        self.vm.frames.push(Frame::Values(hidden));
        for (name, value) in values {
            self.assign(&name, value)?;
            if let Some(var) = self.state.vars.get_mut(&name) {
                var.exported = true;
            }
        }
        ControlFlow::Continue(())
    }

    /// Whether one more function or text may be begun.
    pub(in crate::shell) fn deeper(&mut self) -> Step {
        let open = self.vm.frames.iter().filter(|f| matches!(f, Frame::Call { .. } | Frame::Script { .. }));
        if open.count() > DEPTH {
            self.too_deep();
            return ControlFlow::Break(Stop::Abort);
        }
        ControlFlow::Continue(())
    }

    fn call(&mut self, code: Code, args: &[ByteString]) -> Step {
        self.deeper()?;
        let params = std::mem::replace(&mut self.state.params, args[1..].to_vec());
        let back = self.back();
        self.vm.frames.push(Frame::Call { params, back });
        self.state.locals.push(BTreeMap::new());
        self.vm.code = code;
        self.vm.pc = 0;
        ControlFlow::Continue(())
    }

    /// Runs a program: as a child, or in this shell's place where nothing of the shell comes after it.
    pub(in crate::shell) fn external(
        &mut self,
        values: Vec<(ByteString, ByteString)>,
        args: Vec<ByteString>,
    ) -> Step {
        match self.found(values, args)? {
            Some((process, program)) if self.is_last() => {
                self.vm.becomes = Some(Becomes(Box::new(process), program.name));
                ControlFlow::Break(Stop::Becomes)
            }
            Some((process, program)) => self.start(process, Body::Fresh(program.name.into())),
            None => ControlFlow::Continue(()),
        }
    }

    /// `exec program`: the shell becomes it.
    pub(in crate::shell) fn become_program(&mut self, args: Vec<ByteString>) -> Step<u8> {
        match self.found(Vec::new(), args)? {
            Some((process, program)) => {
                self.vm.becomes = Some(Becomes(Box::new(process), program.name));
                ControlFlow::Break(Stop::Becomes)
            }
            None => ControlFlow::Break(Stop::Exit),
        }
    }

    /// The program that a command's name means, ready to be started; a mistake is told, and is the status.
    fn found(
        &mut self,
        values: Vec<(ByteString, ByteString)>,
        args: Vec<ByteString>,
    ) -> Step<Option<(Process, Program)>> {
        let name = args[0].clone();
        let mut process = self.process(args);
        process.env.extend(values);
        if name.is_empty() {
            self.not_found(&name);
            return ControlFlow::Continue(None);
        }
        match find(self.system, &mut process) {
            Ok(program) => return ControlFlow::Continue(Some((process, program))),
            Err(ExecError::NotInPath) => self.not_found(&name),
            Err(ExecError::File(Errno::ENOEXEC)) => {
                self.text_script(&process)?;
                return ControlFlow::Break(Stop::Begun);
            }
            Err(ExecError::File(error)) => {
                let error = self.better_error(&name, error);
                self.not_run(&name, error);
            }
            Err(error @ ExecError::MachineCode(_)) => {
                self.io.stderr().write(self.system, format!("Layerlab: {error}\n"));
                self.state.status = 126;
            }
        }
        ControlFlow::Continue(None)
    }

    /// Whether nothing of this shell comes after the command at hand: then the program takes its place, as real shells
    /// let it.
    fn is_last(&self) -> bool {
        let vm = &*self.vm;
        if vm.sits || self.state.at_exit.is_some() || !self.state.traps.is_empty() || vm.leaving {
            return false;
        }
        let frames = vm.frames.iter().all(|frame| match frame {
            Frame::Redirects { keep, .. } => !keep,
            Frame::Values(_) => true,
            Frame::Script { text, at, kind: Kind::Base, .. } => text[*at..].trim_ascii().is_empty(),
            _ => false,
        });
        let mut pc = vm.pc;
        frames
            && loop {
                match vm.code.get(pc) {
                    None => break true,
                    Some(Op::Restore | Op::Undo | Op::Drop | Op::Errexit) => pc += 1,
                    Some(Op::Jump(to)) if *to > pc => pc = *to,
                    Some(_) => break false,
                }
            }
    }

    fn better_error(&mut self, name: &[u8], error: Errno) -> Errno {
        let is_dir = self.system.kernel.stat(&self.state.task, name).is_ok_and(|stat| stat.is_dir());
        if error == Errno::EACCES && is_dir && self.is_bash() { Errno::EISDIR } else { error }
    }

    /// A full disk under a builtin's output: the command says so and fails.
    fn write_error(&mut self, name: &[u8]) {
        if let Some(error) = self.io.stdout().error(self.system) {
            let name = crate::kernel::path::file_name(name).unwrap_or(name).to_vec();
            self.complain([&name[..], b": write error: ", error.text().as_bytes()].concat());
            self.state.status = 1;
        }
    }

    /// A file without `#!` that the kernel will not run: a shell runs it as its own script (POSIX, 2.9.1.1).
    fn text_script(&mut self, process: &Process) -> Step {
        let Ok(file) = find_in_path(self.system.kernel, process) else { return ControlFlow::Continue(()) };
        let text = fs::read(self.system.kernel, &self.state.task, &file);
        let text = match text {
            Ok(text) if !text[..text.len().min(80)].contains(&0) => text,
            Ok(_) => {
                self.complain([&file[..], b": cannot execute binary file"].concat());
                self.state.status = 126;
                return ControlFlow::Continue(());
            }
            Err(error) => {
                self.not_run(&file, error);
                return ControlFlow::Continue(());
            }
        };
        let mut child = self.fork(&Arc::default());
        child.state.name = file;
        child.state.params = process.args[1..].to_vec();
        let child = child.script(text);
        self.start_shell(child)
    }
}
