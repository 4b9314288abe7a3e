//! A shell at work: what it keeps, where its code stands, and how commands end.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::code::Code;
use super::fields::Fields;
use super::io::Io;
use super::state::{Dialect, ShellState, Variable};
use crate::kernel::ByteString;
use crate::map::Map;
use crate::program::{Desc, Pid, Process, System, Terminal};

/// A shell while it runs: the machine, what it keeps, its descriptors, and its place in the code.
pub(super) struct Shell<'a, 's> {
    pub(super) system: &'a mut System<'s>,
    pub(super) state: &'a mut ShellState,
    pub(super) io: &'a mut Io,
    pub(super) vm: &'a mut Machine,
    /// Finds the commands that it runs itself.
    pub(super) builtins: fn(&[u8], Dialect) -> Option<Builtin>,
}

/// How many lines a shell remembers (Bash's `HISTSIZE` as it is at first).
const REMEMBERED: usize = 500;

impl Machine {
    /// Remembers a line that was typed.
    pub(super) fn remember(&mut self, line: &ByteString) {
        let oldest = self.typed.keys().next().copied().filter(|_| self.typed.len() == REMEMBERED);
        if let Some(oldest) = oldest {
            self.typed.remove(&oldest);
        }
        if !line.trim_ascii().is_empty() {
            let last = self.typed.keys().next_back().copied();
            self.typed.insert(last.map_or(0, |last| last + 1), line.clone());
        }
    }
}

/// Where a shell's code stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Machine {
    /// The lines that were typed at the terminal, for `history`.
    pub(super) typed: Map<u64, ByteString>,
    pub(super) code: Code,
    pub(super) pc: usize,
    pub(super) frames: Vec<Frame>,
    pub(super) stack: Vec<Operand>,
    pub(super) pending: Pending,
    /// It sits at the session's terminal and reads its lines there.
    pub(super) sits: bool,
    /// It reads its script from its standard input, whose end has not come.
    #[serde(default)]
    pub(super) reads: bool,
    /// Commands in the background, oldest first.
    pub(super) jobs: Vec<Job>,
    /// It is ending: its exit trap runs.
    pub(super) leaving: bool,
    /// What is typed at it is to be dropped with this status.
    pub(super) interrupted: Option<u8>,
    /// The program that it becomes.
    #[serde(skip)]
    pub(super) becomes: Option<Becomes>,
}

/// A program that a shell becomes.
#[derive(Debug, Clone)]
pub(super) struct Becomes(pub(super) Box<Process>, pub(super) &'static str);

impl PartialEq for Becomes {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

impl Eq for Becomes {}

/// A command in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) pid: Pid,
    pub(super) text: ByteString,
    /// How it ended, if it has.
    pub(super) status: Option<u8>,
    /// A person was told that it has.
    pub(super) told: bool,
}

/// Something begun that is to be ended, or taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Frame {
    /// A text that is run line by line.
    Script { text: Arc<Vec<u8>>, at: usize, kind: Kind, back: Back },
    /// A function.
    Call { params: Vec<ByteString>, back: Back },
    /// A loop: where `break` and `continue` go.
    Loop { after: usize, next: usize, name: ByteString, items: VecDeque<ByteString>, kept: u8, mark: Mark },
    /// Redirections: what the descriptors led to before.
    Redirects { saved: Vec<(u32, Option<Desc>)>, terminal: Terminal, keep: bool },
    /// Variables that a command had before its name.
    Values(Vec<(ByteString, Option<Variable>)>),
}

/// What a script is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// What the shell was started for, or a line that was typed.
    Base,
    /// `eval`.
    Eval,
    /// `.`, with the parameters that it hides.
    Dot(Option<Vec<ByteString>>),
    /// A trap: the status before it.
    Trap(u8),
}

/// Where the code goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Back {
    pub(super) code: Code,
    pub(super) pc: usize,
    pub(super) mark: Mark,
}

/// How high the stacks were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) height: usize,
    pub(super) conditions: u32,
}

/// A value on the operand stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Operand {
    Fields(Fields),
    Text(ByteString),
    Pattern(Vec<(u8, bool)>),
    Number(i64),
    Command(Simple),
    /// The elements of an array, each with its subscript where it has one.
    List(Vec<(Option<ByteString>, ByteString)>),
}

/// A simple command while its words are expanded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Simple {
    /// The status before it.
    pub(super) before: u8,
    pub(super) args: Vec<ByteString>,
    pub(super) values: Vec<(ByteString, ByteString)>,
}

/// What a shell waits for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Pending {
    #[default]
    Nothing,
    /// A command, by its process.
    Child(Pid),
    /// A pipeline: its processes, and the statuses of those that have ended.
    Pipeline(Vec<(Pid, Option<u8>)>),
    /// The output of `$(…)`.
    Output { desc: Option<Desc>, pid: Pid, text: ByteString, quoted: bool },
    /// A line for `read`.
    Line {
        args: Vec<ByteString>,
        names: Vec<ByteString>,
        /// The one name is an array that takes all words.
        #[serde(default)]
        is_array: bool,
        raw: bool,
        line: Vec<(u8, bool)>,
        until: Option<i64>,
    },
    /// The rest of the input, for `mapfile`.
    Lines { args: Vec<ByteString>, name: ByteString, strip: bool, text: ByteString },
    /// Background commands, for `wait`: the last one's status is the answer, unless all were waited for.
    Jobs { pids: Vec<Pid>, all: bool },
    /// The other end of a fifo, for a redirection that then goes on.
    Fifo(Desc),
    /// The script on its standard input.
    Source(ByteString),
    /// A line at the prompt.
    Prompt,
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
    /// Something was begun, and the command ends with it: a script's frame, or what the shell waits for.
    Begun,
    /// The shell becomes a program.
    Becomes,
    /// No steps are left.
    Spent,
}

/// A command that the shell runs itself: takes its arguments with its own name first, gives the status.
pub(super) type Builtin = fn(&mut Shell<'_, '_>, &[ByteString]) -> Step<u8>;

impl Shell<'_, '_> {
    /// Whether `shopt` has an option on when a shell begins: a prompt replaces aliases.
    pub(super) fn begins_with(&self, option: &[u8]) -> bool {
        option == b"expand_aliases" && self.vm.sits
    }

    /// Whether `shopt` has an option on.
    pub(super) fn has_option(&self, option: &[u8]) -> bool {
        self.state.shopts.contains(option) != self.begins_with(option)
    }

    /// Whether the shell speaks as Bash.
    pub(super) fn is_bash(&self) -> bool {
        self.state.dialect == Dialect::Bash
    }

    /// How an error ends that a shell does not go on after: it ends a script, and the line at a prompt.
    pub(super) fn fatal(&self) -> Stop {
        if self.state.terminal == Terminal::Yes { Stop::Abort } else { Stop::Exit }
    }

    /// Brings `/proc` and `/sys` up to date where a path leads there.
    pub(super) fn look(&mut self, path: &[u8]) {
        if path.starts_with(b"/proc") || path.starts_with(b"/sys/") {
            let process = self.process(vec![self.state.name.clone()]);
            crate::program::look(self.system, &process);
        }
    }

    /// The builtin of this name.
    pub(super) fn builtin(&self, name: &[u8]) -> Option<Builtin> {
        (self.builtins)(name, self.state.dialect)
    }

    /// How many loops are being run in the function at hand.
    pub(super) fn loops(&self) -> u32 {
        let inner = self.vm.frames.iter().rev().take_while(|frame| !matches!(frame, Frame::Call { .. }));
        inner.filter(|frame| matches!(frame, Frame::Loop { .. })).count() as u32
    }

    /// How high the stacks are.
    pub(super) fn mark(&self) -> Mark {
        Mark { height: self.vm.stack.len(), conditions: self.state.conditions }
    }
}
