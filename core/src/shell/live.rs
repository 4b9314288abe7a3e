//! A shell at work: what it holds while commands run, and how they end.

use std::ops::ControlFlow;

use super::io::Io;
use super::state::{Dialect, State};
use crate::kernel::ByteString;
use crate::program::{System, Terminal};

/// A shell while it runs: the machine, what it keeps, and the descriptors of the command at hand.
pub(super) struct Shell<'a, 's> {
    pub(super) system: &'a mut System<'s>,
    pub(super) state: &'a mut State,
    pub(super) io: Io,
    /// Finds the commands that it runs itself.
    pub(super) builtins: fn(&[u8]) -> Option<Builtin>,
}

/// What a piece of work gives, or why everything around it ends.
pub(super) type Step<T = ()> = ControlFlow<Stop, T>;

/// Why the commands around this one end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// `break n`
    Break(u32),
    /// `continue n`
    Continue(u32),
    /// `return`
    Return,
    /// `exit`, or an error that ends a shell; the status says how.
    Exit,
    /// An error that ends the line, and a script.
    Abort,
    /// A program waits for something that will not come by itself.
    Waiting,
    /// A shell on a terminal was started.
    Entered,
    /// No steps are left.
    Spent,
}

/// A command that the shell runs itself: takes its arguments with its own name first, gives the status.
pub(super) type Builtin = fn(&mut Shell<'_, '_>, &[ByteString]) -> Step<u8>;

impl Shell<'_, '_> {
    /// Whether the shell speaks as Bash.
    pub(super) fn is_bash(&self) -> bool {
        self.state.dialect == Dialect::Bash
    }

    /// How an error ends that a shell does not go on after: it ends a script, and the line at a prompt.
    pub(super) fn fatal(&self) -> Stop {
        if self.state.terminal == Terminal::Yes { Stop::Abort } else { Stop::Exit }
    }

    /// The builtin of this name.
    pub(super) fn builtin(&self, name: &[u8]) -> Option<Builtin> {
        (self.builtins)(name)
    }
}
