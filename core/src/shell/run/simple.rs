//! Simple commands: assignments, functions, builtins, programs.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::kernel::{ByteString, Errno, fs};
use crate::program::{ExecError, Flow, Process, exec, find_in_path};
use crate::shell::ast::*;
use crate::shell::live::{Shell, Step, Stop};
use crate::shell::parse::is_name;
use crate::shell::state::Variable;

impl Shell<'_, '_> {
    pub(super) fn simple(&mut self, assigns: &[Assign], words: &[Word], redirects: &[Redirect]) -> Step {
        let before = self.state.status;
        // A command substitution sets the status that an assignment without a command has.
        self.state.status = 0;
        let args = self.arguments(words, before)?;
        if args.is_empty() {
            for assign in assigns {
                let value = self.expand_one(&assign.value)?;
                self.trace_assign(assign, &value);
                self.assign(&assign.name, value)?;
            }
            return self.redirected(redirects, |_| ControlFlow::Continue(()));
        }
        self.state.status = before;
        let mut values = Vec::new();
        for assign in assigns {
            values.push((assign.name.clone(), self.expand_one(&assign.value)?));
        }
        self.trace(&values, &args);
        self.state.status = 0;
        if &args[0][..] == b"exec" && args.len() == 1 {
            return self.redirect_self(redirects);
        }
        self.redirected(redirects, |shell| shell.invoke(values, args, before))
    }

    /// A command's words; those of `export` and its kin that are assignments are not split.
    fn arguments(&mut self, words: &[Word], before: u8) -> Step<Vec<ByteString>> {
        self.state.status = before;
        let mut args = Vec::new();
        for word in words {
            let declares = args.first().is_some_and(|name: &ByteString| {
                matches!(&name[..], b"export" | b"readonly" | b"local" | b"declare" | b"typeset")
            });
            if declares && is_assignment(word) {
                args.push(self.expand_one(word)?);
            } else {
                args.extend(self.expand_words(std::slice::from_ref(word))?);
            }
        }
        if args.is_empty() && words.is_empty() {
            self.state.status = 0;
        }
        ControlFlow::Continue(args)
    }

    fn invoke(&mut self, values: Vec<(ByteString, ByteString)>, args: Vec<ByteString>, before: u8) -> Step {
        if let Some(body) = self.state.functions.get(&args[0]).cloned() {
            return self.with_values(values, |shell| shell.call(&body, &args));
        }
        if let Some(builtin) = self.builtin(&args[0]) {
            // `exit` and `return` without a number, and `echo $?` in a trap, look at the last status.
            self.state.status = before;
            return self.with_values(values, |shell| {
                let status = builtin(shell, &args)?;
                shell.state.status = status;
                shell.write_error(&args[0]);
                ControlFlow::Continue(())
            });
        }
        self.external(values, args)
    }

    /// Sets variables while something runs.
    fn with_values(
        &mut self,
        values: Vec<(ByteString, ByteString)>,
        work: impl FnOnce(&mut Self) -> Step,
    ) -> Step {
        let mut hidden: Vec<(ByteString, Option<Variable>)> = Vec::new();
        for (name, value) in values {
            hidden.push((name.clone(), self.state.vars.get(&name).cloned()));
            self.assign(&name, value)?;
            if let Some(var) = self.state.vars.get_mut(&name) {
                var.exported = true;
            }
        }
        let result = work(self);
        for (name, var) in hidden.into_iter().rev() {
            match var {
                Some(var) => self.state.vars.insert(name, var),
                None => self.state.vars.remove(&name),
            };
        }
        result
    }

    fn call(&mut self, body: &Arc<Command>, args: &[ByteString]) -> Step {
        if !self.system.limits.enter() {
            self.too_deep();
            return ControlFlow::Break(Stop::Abort);
        }
        let params = std::mem::replace(&mut self.state.params, args[1..].to_vec());
        let loops = std::mem::take(&mut self.state.loops);
        self.state.locals.push(BTreeMap::new());
        let result = self.command(body);
        for (name, var) in self.state.locals.pop().unwrap_or_default() {
            match var {
                Some(var) => self.state.vars.insert(name, var),
                None => self.state.vars.remove(&name),
            };
        }
        self.state.params = params;
        self.state.loops = loops;
        self.system.limits.leave();
        match result {
            ControlFlow::Break(Stop::Return) => ControlFlow::Continue(()),
            result => result,
        }
    }

    /// A process with this shell's place and descriptors.
    pub(in crate::shell) fn process(&self, args: Vec<ByteString>) -> Process {
        Process {
            task: self.state.task.clone(),
            env: self.state.environment(),
            args,
            stdin: self.io.stdin,
            stdout: self.io.stdout,
            stderr: self.io.stderr,
            place: self.state.place.clone(),
            terminal: self.io.terminal,
            flavour: crate::program::Flavour::Gnu,
            spoken: None,
        }
    }

    /// Runs a program.
    pub(in crate::shell) fn external(
        &mut self,
        values: Vec<(ByteString, ByteString)>,
        args: Vec<ByteString>,
    ) -> Step {
        let name = args[0].clone();
        let mut process = self.process(args);
        process.env.extend(values);
        if name.is_empty() {
            self.not_found(&name);
            return ControlFlow::Continue(());
        }
        let flow = match exec(self.system, &mut process) {
            Ok(flow) => flow,
            Err(ExecError::NotInPath) => {
                self.not_found(&name);
                return ControlFlow::Continue(());
            }
            Err(ExecError::File(Errno::ENOEXEC)) => return self.text_script(&process),
            Err(ExecError::File(Errno::EAGAIN)) => {
                self.too_deep();
                return ControlFlow::Break(Stop::Abort);
            }
            Err(ExecError::File(error)) => {
                let error = self.better_error(&name, error);
                self.not_run(&name, error);
                return ControlFlow::Continue(());
            }
            Err(error @ ExecError::MachineCode(_)) => {
                let text = format!("Layerlab: {error}\n");
                self.io.stderr.write(self.system, text.as_bytes());
                self.state.status = 126;
                return ControlFlow::Continue(());
            }
        };
        self.ended(flow, &name)
    }

    fn better_error(&mut self, name: &[u8], error: Errno) -> Errno {
        let is_dir = self.system.kernel.stat(&self.state.task, name).is_ok_and(|stat| stat.is_dir());
        if error == Errno::EACCES && is_dir && self.is_bash() { Errno::EISDIR } else { error }
    }

    fn ended(&mut self, flow: Flow, name: &[u8]) -> Step {
        if self.system.limits.is_spent() {
            return ControlFlow::Break(Stop::Spent);
        }
        match flow {
            Flow::Exit(status) => {
                self.state.status = status;
                self.write_error(name);
                ControlFlow::Continue(())
            }
            Flow::Waiting => ControlFlow::Break(Stop::Waiting),
            Flow::Entered => {
                self.state.status = 0;
                ControlFlow::Break(Stop::Entered)
            }
        }
    }

    /// A full disk under a command's output: the command says so and fails.
    fn write_error(&mut self, name: &[u8]) {
        if let Some(error) = self.io.stdout.error(self.system) {
            let name = crate::kernel::path::file_name(name).unwrap_or(name).to_vec();
            let text = [&name[..], b": write error: ", error.text().as_bytes()].concat();
            if self.builtin(&name).is_some() {
                self.complain(&text);
            } else {
                self.io.stderr.write(self.system, [&text[..], b"\n"].concat());
            }
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
        let params = process.args[1..].to_vec();
        let stop = self.subshell(self.io.clone(), |shell| {
            shell.state.name = file;
            shell.state.params = params;
            shell.state.loops = 0;
            shell.script(&text)
        });
        match stop {
            Some(stop) => ControlFlow::Break(stop),
            None => ControlFlow::Continue(()),
        }
    }

    fn trace_assign(&mut self, assign: &Assign, value: &[u8]) {
        if self.state.options.has('x') {
            let text = [b"+ ", &assign.name[..], b"=", value, b"\n"].concat();
            self.io.stderr.write(self.system, &text);
        }
    }

    fn trace(&mut self, values: &[(ByteString, ByteString)], args: &[ByteString]) {
        if !self.state.options.has('x') {
            return;
        }
        let assigns = values.iter().map(|(name, value)| [&name[..], b"=", value].concat());
        let words: Vec<Vec<u8>> =
            assigns.chain(args.iter().map(|arg| crate::shell::escape::quote(arg))).collect();
        let text = [b"+ ", &words.join(&b' ')[..], b"\n"].concat();
        self.io.stderr.write(self.system, &text);
    }
}

/// Whether a word is `name=…` as it stands in the script.
fn is_assignment(word: &Word) -> bool {
    let Some(Part::Plain(text)) = word.first() else { return false };
    text.iter().position(|b| *b == b'=').is_some_and(|at| is_name(&text[..at]))
}
