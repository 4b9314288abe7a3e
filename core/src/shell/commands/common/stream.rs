//! Commands that take their input piece by piece, so that what never ends can be read, and its reader can stop it.

use std::collections::VecDeque;
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::run::Run;
use crate::kernel::{ByteString, Errno, OpenFlags};
use crate::program::{Desc, Input, Next, Process, ProgramState, System, Wait};
use crate::shell::io;

/// How much is taken in a step of four.
const PIECE: usize = 16 << 10;

/// What a command does with its input.
pub(in crate::shell::commands) trait Sink:
    Debug + Clone + Send + Sync + Serialize + DeserializeOwned + 'static
{
    /// The name of its state.
    const NAME: &'static str;
    /// A file, or standard input as `-`, is about to be read; `false` passes it over.
    fn begin(&mut self, _run: &mut Run<'_, '_>, _file: &ByteString) -> bool {
        true
    }
    /// Takes a piece; how much of it was wanted. Less than all of it ends this file.
    fn piece(&mut self, run: &mut Run<'_, '_>, piece: &[u8]) -> usize;
    /// A file has ended, or could not be read on.
    fn file_end(&mut self, _run: &mut Run<'_, '_>, _file: &ByteString) {}
    /// A file could not be opened.
    fn unopened(&mut self, run: &mut Run<'_, '_>, file: &ByteString, error: Errno) {
        run.warn_bare(file, error);
    }
    /// A file could not be read on.
    fn unreadable(&mut self, run: &mut Run<'_, '_>, file: &ByteString, error: Errno) {
        run.warn_bare(file, error);
    }
    /// All has been read.
    fn end(&mut self, _run: &mut Run<'_, '_>) {}
    /// Whether nothing more of this file is of use.
    fn is_file_done(&self) -> bool {
        false
    }
    /// Whether anything more is of use.
    fn is_done(&self) -> bool {
        false
    }
}

/// A command that reads files one after another.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub(in crate::shell::commands) struct Stream<S: Sink> {
    files: VecDeque<ByteString>,
    open: Option<(Desc, ByteString)>,
    status: u8,
    sink: S,
}

impl<S: Sink> Stream<S> {
    pub(in crate::shell::commands) fn new(files: Vec<ByteString>, status: u8, sink: S) -> Self {
        Self { files: files.into(), open: None, status, sink }
    }

    fn next_file(&mut self, run: &mut Run<'_, '_>) -> bool {
        let Some(file) = self.files.pop_front() else { return false };
        let desc = if file == "-" {
            run.system.world.files.retain(run.process.stdin.0);
            Ok(run.process.stdin.0)
        } else {
            let Process { stdin, stdout, stderr, task, .. } = &*run.process;
            let own = [stdin.0, stdout.0, stderr.0];
            io::open_desc(run.system, task, &file, OpenFlags::RDONLY, |fd| own.get(fd as usize).copied())
        };
        match desc {
            Ok(desc) if self.sink.begin(run, &file) => self.open = Some((desc, file)),
            Ok(desc) => run.system.world.files.release(run.system.kernel, desc),
            Err(error) => self.sink.unopened(run, &file, error),
        }
        true
    }

    fn advance(&mut self, run: &mut Run<'_, '_>) -> Next {
        let Some((desc, file)) = self.open.clone() else {
            if self.sink.is_done() || !self.next_file(run) {
                self.sink.end(run);
                return Next::Exit(run.status);
            }
            return Next::Again;
        };
        if !run.system.world.files.is_readable(desc) {
            return Next::Wait(Wait::readable(desc));
        }
        let _ = run.system.limits.spend((PIECE / 4096) as u64);
        let ended = match Input(desc).read(run.system, PIECE) {
            Ok(piece) if piece.is_empty() => true,
            Ok(piece) => {
                let wanted = self.sink.piece(run, &piece);
                Input(desc).give_back(run.system, piece.len() - wanted);
                wanted < piece.len()
                    || self.sink.is_file_done()
                    || self.sink.is_done()
                    || run.process.stdout.error(run.system).is_some()
            }
            Err(error) => {
                self.sink.unreadable(run, &file, error);
                true
            }
        };
        if ended {
            self.open = None;
            run.system.world.files.release(run.system.kernel, desc);
            self.sink.file_end(run, &file);
        }
        Next::Again
    }
}

impl<S: Sink> ProgramState for Stream<S> {
    const NAME: &'static str = S::NAME;
    const WRITES: bool = true;

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let mut run = Run::new(system, process);
        run.status = self.status;
        let next = self.advance(&mut run);
        self.status = run.status;
        next
    }

    fn close(&mut self, system: &mut System<'_>) {
        if let Some((desc, _)) = self.open.take() {
            system.world.files.release(system.kernel, desc);
        }
    }
}
