//! Loops, functions and scripts: how they begin and how they are left.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::Flow;
use crate::program::Next;
use crate::shell::code::{Code, Op};
use crate::shell::live::*;

impl Shell<'_, '_> {
    pub(super) fn loop_op(&mut self, op: &Op) -> Step {
        match op {
            Op::Loop { after, next } => {
                let mark = self.mark();
                let (name, items) = (crate::kernel::ByteString::new(), VecDeque::new());
                self.vm.frames.push(Frame::Loop { after: *after, next: *next, name, items, kept: 0, mark });
            }
            Op::Parameters => {
                let args = self.state.params.clone();
                self.vm.stack.push(Operand::Command(Simple { args, ..Simple::default() }));
            }
            Op::Items { name } => {
                let Some(Operand::Command(simple)) = self.vm.stack.pop() else {
                    unreachable!("the words of `for` are on the stack")
                };
                let mark = self.mark();
                if let Some(Frame::Loop { name: own, items, mark: height, .. }) = self.vm.frames.last_mut() {
                    own.clone_from(name);
                    *items = simple.args.into();
                    *height = mark;
                }
                self.state.status = 0;
            }
            Op::Next { end } => {
                let Some(Frame::Loop { name, items, .. }) = self.vm.frames.last_mut() else {
                    unreachable!("`for` has its frame")
                };
                match items.pop_front() {
                    Some(value) => {
                        let name = name.clone();
                        self.assign(&name, value)?;
                    }
                    None => self.vm.pc = *end,
                }
            }
            Op::Keep => {
                let status = self.state.status;
                if let Some(Frame::Loop { kept, .. }) = self.vm.frames.last_mut() {
                    *kept = status;
                }
            }
            _ => {
                if let Some(Frame::Loop { kept, .. }) = self.vm.frames.last() {
                    self.state.status = *kept;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// `break` and `continue`: more levels than there are loops mean the outermost.
    pub(super) fn leave_loops(&mut self, levels: u32, again: bool) {
        let mut left = levels.min(self.loops());
        while left > 0 {
            match self.vm.frames.last() {
                Some(Frame::Loop { after, next, mark, .. }) if left == 1 => {
                    self.vm.pc = if again { *next } else { *after };
                    let mark = *mark;
                    self.lower(mark);
                    return;
                }
                Some(Frame::Loop { .. }) => {
                    left -= 1;
                    self.pop_frame();
                }
                Some(_) => self.pop_frame(),
                None => return,
            }
        }
    }

    /// `return`: from the function, or the script that `.` runs; elsewhere it ends the shell's script.
    pub(super) fn return_from(&mut self) -> Flow {
        loop {
            match self.vm.frames.last() {
                Some(Frame::Call { .. } | Frame::Script { kind: Kind::Dot(_), .. }) => {
                    self.pop_frame();
                    return Flow::On;
                }
                Some(Frame::Script { kind: Kind::Base, text, .. }) => {
                    let len = text.len();
                    if let Some(Frame::Script { at, .. }) = self.vm.frames.last_mut() {
                        *at = len;
                    }
                    self.vm.code = Code::default();
                    self.vm.pc = 0;
                    return Flow::On;
                }
                Some(_) => self.pop_frame(),
                None => return Flow::Out(Next::Exit(self.state.status)),
            }
        }
    }

    fn lower(&mut self, mark: Mark) {
        self.vm.stack.truncate(mark.height);
        self.state.conditions = mark.conditions;
    }

    fn go_back(&mut self, back: Back) {
        self.vm.code = back.code;
        self.vm.pc = back.pc;
        self.lower(back.mark);
    }

    /// Ends the innermost thing that was begun, and takes back what it changed.
    pub(super) fn pop_frame(&mut self) {
        match self.vm.frames.pop() {
            Some(Frame::Script { kind, back, .. }) => {
                match kind {
                    Kind::Dot(Some(params)) => self.state.params = params,
                    Kind::Trap(status) => self.state.status = status,
                    Kind::Base | Kind::Eval | Kind::Dot(None) => {}
                }
                self.go_back(back);
            }
            Some(Frame::Call { params, back }) => {
                for (name, var) in self.state.locals.pop().unwrap_or_default() {
                    match var {
                        Some(var) => self.state.vars.insert(name, var),
                        None => self.state.vars.remove(&name),
                    };
                }
                self.state.params = params;
                self.go_back(back);
            }
            Some(Frame::Loop { mark, .. }) => self.lower(mark),
            Some(Frame::Redirects { saved, terminal, keep }) => self.undo(saved, terminal, keep),
            Some(Frame::Values(hidden)) => {
                for (name, var) in hidden.into_iter().rev() {
                    match var {
                        Some(var) => self.state.vars.insert(name, var),
                        None => self.state.vars.remove(&name),
                    };
                }
            }
            None => {}
        }
    }

    /// Ends everything that was begun.
    pub(super) fn unwind_all(&mut self) {
        self.drop_pending();
        while !self.vm.frames.is_empty() {
            let status = self.state.status;
            self.pop_frame();
            self.state.status = status;
        }
        self.vm.stack.clear();
        self.vm.code = Code::default();
        self.vm.pc = 0;
        self.state.conditions = 0;
    }

    /// Lets go of everything: the process has ended.
    pub(super) fn drop_all(&mut self) {
        self.unwind_all();
        self.io.close(self.system);
        self.state.leave(self.system.kernel);
    }
}
