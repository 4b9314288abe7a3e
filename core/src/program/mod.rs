//! How a command runs: the process model that the shell and the docker command line share.
//!
//! A program is a function ([`Main`]) in a [`Table`]; it sees the machine as a [`System`] and itself as a
//! [`Process`]. [`exec`] finds the program as `execvp` would: on the lab's host by name, in a container by looking
//! for a file in that container's own tree.

mod advice;
mod exec;
mod files;
mod io;
mod limits;
pub mod proc;
mod steps;
mod table;
mod transcript;
mod world;

pub use advice::advise_on_errno;
pub use exec::{ExecError, exec, find_in_path};
pub use files::{Desc, Files, PIPE_CAPACITY};
pub use io::{Input, Output};
pub use limits::Limits;
pub use steps::{StepEvent, StepState};
pub use table::{Main, Program, Scope, Table};
pub use transcript::{Stream, Transcript};
pub use world::{Running, World};

use std::collections::BTreeMap;

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
    /// Set by a shell that was started on a terminal without a script: the session's next lines go to it.
    pub entered: Option<Entered>,
    /// What the line that runs has left of its steps.
    pub limits: Limits,
}

impl<'a> System<'a> {
    /// A machine of these parts on which no shell waits.
    pub fn new(kernel: &'a mut dyn Kernel, world: &'a mut World, table: &'a Table) -> Self {
        Self { kernel, world, table, entered: None, limits: Limits::default() }
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

/// A shell on a terminal that waits for the session's next line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// What it was called as, `argv[0]`.
    pub name: ByteString,
    /// Whose shell it is.
    pub flavour: Flavour,
    /// Where it stands and who it is.
    pub task: Task,
    /// Its environment.
    pub env: Env,
    /// The container that it runs in, set by the docker command that started it.
    pub container: Option<Attached>,
}

/// How a shell on a terminal belongs to a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// The container's full id.
    pub id: String,
    /// The container's own process, or one that `docker exec` added.
    pub role: Role,
}

/// What ends when a shell on a terminal ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// The container stops with it.
    Main,
    /// The container goes on.
    Exec,
}

/// Environment variables, by name.
pub type Env = BTreeMap<ByteString, ByteString>;

/// One running program: what it was called with, and where its output goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    /// Whose texts it speaks; [`exec`] sets it by the file that it found.
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
    /// It waits for something that will not come by itself (a service, a `sleep` in the background): its container
    /// stays up.
    Waiting,
    /// It is a shell on a terminal: see [`System::entered`].
    Entered,
}

impl Flow {
    /// Success.
    pub const OK: Self = Self::Exit(0);

    /// The exit status; what has not ended has none, and counts as 0.
    pub fn status(self) -> u8 {
        match self {
            Self::Exit(status) => status,
            Self::Waiting | Self::Entered => 0,
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
