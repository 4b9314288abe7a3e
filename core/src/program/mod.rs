//! How a command runs: the process model that the shell and the docker command line share.
//!
//! A program is a function ([`Main`]) in a [`Table`]; it sees the machine as a [`System`] and itself as a
//! [`Process`]. [`find`] finds the program as `execvp` would: on the lab's host by name, in a container by looking
//! for a file in that container's own tree.

mod advice;
mod bounds;
mod clock;
mod control;
mod daemon;
mod ending;
mod env;
mod events;
mod exec;
mod files;
mod held;
mod io;
mod job;
mod keyboard;
mod limits;
mod logs;
mod look;
mod memory;
mod piecewise;
mod pipe;
pub mod proc;
mod random;
mod ready;
mod row;
mod rows;
mod sched;
pub mod signals;
mod steps;
pub mod sysctl;
mod table;
mod tasks;
mod transcript;
mod turns;
mod typed;
mod wait;
mod world;

pub use advice::advise_on_errno;
pub use bounds::{Bound, BoundError, Bounds, Size};
pub use clock::{MILLISECOND, SECOND, from_timespec, to_timespec};
pub use daemon::{Daemon, DaemonState, Noted, Settings};
pub use ending::jobs;
pub use env::Env;
pub use events::{Events, Happened};
pub use exec::{ExecError, find, find_in_path};
pub use files::{Desc, Files};
pub use held::{ContainerNames, Held, ImageChildren, ImageNames, LayerUsers};
pub use io::{Input, Output};
pub use job::{Body, Job, Loader, Next, ProgramState, loader};
pub use limits::Limits;
pub use logs::{LogLine, Logs};
pub use look::{Around, Face, LooksAround, look};
pub use pipe::{PIPE_CAPACITY, PipeMost};
pub use random::Random;
pub use row::Row;
pub use sched::{Pause, end, follows, has_wanted_keys, run, waits_for_typing};
pub use steps::{StepEvent, StepState};
pub use table::{Main, Program, Scope, Table};
pub use tasks::{Spawn, Tasks};
pub use transcript::{Stream, Transcript};
pub use wait::{Nanos, Pid, Wait};
pub use world::{Running, World};

use serde::{Deserialize, Serialize};

use crate::help::{Help, Topic};
use crate::kernel::{ByteString, Kernel, Task};

/// The machine that a program runs on.
pub struct System<'a> {
    /// System calls.
    pub kernel: &'a mut dyn Kernel,
    /// What is not on the disk.
    pub world: &'a mut World,
    /// The programs that there are.
    pub table: &'a Table,
    /// The process that takes a step.
    pub current: Pid,
    /// What a program goes on as, where its function answers [`Flow::GoesOn`].
    pub next: Option<(Box<dyn Job>, Option<Wait>)>,
    /// What the line that runs has left of its steps.
    pub limits: Limits,
}

impl<'a> System<'a> {
    /// A machine of these parts. The lab's clock is the kernel's where it does not go on by itself yet.
    pub fn new(kernel: &'a mut dyn Kernel, world: &'a mut World, table: &'a Table) -> Self {
        if world.clock.is_none() {
            world.clock = Some(from_timespec(kernel.clock_gettime()));
        }
        let limits = Limits::of(&world.bounds);
        Self { kernel, world, table, current: 0, next: None, limits }
    }

    /// Advice on a limit that was reached: its name and what it is.
    pub fn reached(&mut self, bound: Bound) {
        let value = self.world.bounds.get(bound).to_string();
        self.help(Topic::LimitReached, &[bound.id(), &value]);
    }

    /// Lets the program that runs go on as a job: `return system.goes_on(job, wait)` in its function. Without a wait it
    /// takes its next step at once.
    pub fn goes_on(&mut self, job: impl ProgramState, wait: impl Into<Option<Wait>>) -> Flow {
        self.next = Some((Box::new(job), wait.into()));
        Flow::GoesOn
    }

    /// Gives a piece of advice, once the error itself was printed. It never reaches a stream: the session passes it on as
    /// data. Where the error may have gone to a file, [`Process::advise`] is meant.
    pub fn help(&mut self, id: Topic, args: &[&str]) {
        self.world.help.add(Help::new(id, args));
    }
}

impl std::fmt::Debug for System<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("System").field("world", &self.world).finish_non_exhaustive()
    }
}

/// One running program: what it was called with, and where its output goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Credentials and place.
    pub task: Task,
    /// Environment.
    pub env: Env,
    /// `argv`, with the program's own name first.
    pub args: Vec<ByteString>,
    /// Standard input.
    pub stdin: Input,
    /// Standard output.
    pub stdout: Output,
    /// Standard error.
    pub stderr: Output,
    /// Whether it runs on the lab's host or in a container.
    pub place: Place,
    /// Whether standard input and output are a terminal.
    pub terminal: Terminal,
    /// Whose texts it speaks; [`find`] sets it by the file that it found.
    pub flavour: Flavour,
    /// The name that its messages begin with, where that is not its own.
    pub spoken: Option<ByteString>,
}

/// Whose program a file stands for: the same command speaks differently in each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flavour {
    /// GNU coreutils, util-linux and Bash: the lab's host, Debian's images.
    #[default]
    Gnu,
    /// BusyBox, one file with many names.
    Busybox,
}

/// Where a process runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// The lab's host, where every program of the table is at hand.
    Host,
    /// A container, by its full id, where a program must be a file.
    Container(String),
}

/// Whether a process talks to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Terminal {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// How a program came to rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// It ended with this status.
    Exit(u8),
    /// It goes on as a job: see [`System::goes_on`].
    GoesOn,
}

impl Flow {
    /// Success.
    pub const OK: Self = Self::Exit(0);

    /// The exit status; what has not ended has none, and counts as 0.
    pub fn status(self) -> u8 {
        match self {
            Self::Exit(status) => status,
            Self::GoesOn => 0,
        }
    }
}

impl Process {
    /// Writes to standard output. A full disk or a closed pipe is what the program's status would tell; it is kept for
    /// the caller: [`Output::error`].
    pub fn print(&mut self, system: &mut System<'_>, text: impl AsRef<[u8]>) {
        self.stdout.write(system, text);
    }

    /// Writes to standard error.
    pub fn complain(&mut self, system: &mut System<'_>, text: impl AsRef<[u8]>) {
        self.stderr.write(system, text.as_ref());
        advise_on_errno(system, self.stderr, &self.task, text.as_ref());
    }

    /// Whether a person sees what goes to standard error: it leads to a terminal, not into a file or another command.
    pub fn is_heard(&self, system: &System<'_>) -> bool {
        system.world.files.is_heard(self.stderr.0)
    }

    /// Gives a piece of advice after an error that a person has seen. An error that a script catches needs none.
    pub fn advise(&self, system: &mut System<'_>, id: Topic, args: &[&str]) {
        if self.is_heard(system) {
            system.help(id, args);
        }
    }

    /// The program's name without its directory.
    pub fn name(&self) -> &[u8] {
        let arg0 = self.args.first().map_or(&b""[..], |arg| arg.as_bytes());
        crate::kernel::path::file_name(arg0).unwrap_or(arg0)
    }

    /// The name that its messages begin with.
    pub fn speaker(&self) -> &[u8] {
        self.spoken.as_ref().map_or_else(|| self.name(), |name| name.as_bytes())
    }

    /// A child with the same place, environment and streams, and these arguments.
    pub fn child(&self, args: Vec<ByteString>) -> Self {
        Self {
            task: self.task.clone(),
            env: self.env.clone(),
            args,
            stdin: self.stdin,
            stdout: self.stdout,
            stderr: self.stderr,
            place: self.place.clone(),
            terminal: self.terminal,
            flavour: self.flavour,
            spoken: None,
        }
    }
}
