//! Open file descriptions: what descriptors lead to, as rows of one table.
//!
//! A description is named by its number. Its position, its first error and what waits in a pipe are in its row, so that
//! duplicated descriptors share them and a clone of the [`super::World`] shares nothing (POSIX.1-2017, 3.258, "open file
//! description").

use serde::{Deserialize, Serialize};

use super::pipe::{PIPE_CAPACITY, Pipe, PipeMost};
use super::random::Random;
use super::transcript::{Stream, Transcript};
use super::typed::Typed;
use crate::kernel::{ByteString, Errno, Fd, Kernel, Result, fs};
use crate::map::Map;

/// How much is read at once.
const PIECE: usize = 1 << 16;

/// The number of an open file description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Desc(pub(super) u32);

impl Desc {
    /// `/dev/null`.
    pub const NULL: Self = Self(0);
    /// `/dev/zero`.
    pub const ZERO: Self = Self(1);
    /// `/dev/full`.
    pub const FULL: Self = Self(2);
    /// The session's terminal, as standard output.
    pub const TERMINAL: Self = Self(3);
    /// The session's terminal, as standard error.
    pub const TERMINAL_ERR: Self = Self(4);
    /// The session's terminal, as standard input.
    pub const KEYBOARD: Self = Self(5);
    /// `/dev/random` and `/dev/urandom`.
    pub const RANDOM: Self = Self(6);
    /// The first number that is given out.
    const FIRST: u32 = 16;
}

/// All open file descriptions, and the pipes and records that they lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    pub(super) rows: Map<u32, Row>,
    pub(super) pipes: Map<u32, Pipe>,
    records: Map<u32, Transcript>,
    last: u32,
    /// What reached the session's terminal and was not taken yet.
    pub(super) terminal: Transcript,
    /// The session has no terminal: its output goes to a file or a pipe.
    #[serde(default)]
    pub no_terminal: bool,
    /// Whether the step at hand wrote to a pipe that nobody reads.
    broken: bool,
    /// How much a pipe may hold whose reader takes all of it at once.
    #[serde(default)]
    pub pipe_most: PipeMost,
    /// Whether the step at hand wrote more to a pipe than there is memory for.
    over: bool,
    /// A pipe that the step at hand filled.
    full: Option<Desc>,
    /// Fifos that are open, by `st_dev` and `st_ino`.
    fifos: Map<(u64, u64), u32>,
    /// What was typed at terminals, by their description.
    #[serde(default)]
    pub(super) typed: Map<u32, Typed>,
    #[serde(default)]
    pub(crate) random: Random,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    refs: u32,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// Input from memory: a here-document.
    Bytes { data: ByteString, at: usize },
    /// An open file with its position and the first error that writing met, which ends writing.
    File { fd: Fd, at: u64, append: bool, error: Option<Errno> },
    /// A pipe's end for reading.
    PipeRead(u32),
    /// A pipe's end for writing.
    PipeWrite(u32),
    /// A record of both streams in order.
    Record(u32, Stream),
    /// A container's log.
    Log(String, Stream),
    /// A terminal of its own.
    Tty,
}

impl Files {
    fn add(&mut self, kind: Kind) -> Desc {
        self.last = self.last.max(Desc::FIRST) + 1;
        self.rows.insert(self.last, Row { refs: 1, kind });
        Desc(self.last)
    }

    /// A description of an open file, read and written from `at` on. Its last release closes `fd`.
    pub fn file(&mut self, fd: Fd, at: u64, append: bool) -> Desc {
        self.add(Kind::File { fd, at, append, error: None })
    }

    /// A description that gives these bytes, then the end.
    pub fn bytes(&mut self, data: impl Into<ByteString>) -> Desc {
        self.add(Kind::Bytes { data: data.into(), at: 0 })
    }

    /// A new pipe: its end for reading and its end for writing.
    pub fn pipe(&mut self) -> (Desc, Desc) {
        self.last = self.last.max(Desc::FIRST) + 1;
        let number = self.last;
        self.pipes.insert(number, Pipe { readers: 1, writers: 1, ..Pipe::default() });
        (self.add(Kind::PipeRead(number)), self.add(Kind::PipeWrite(number)))
    }

    /// A new record of two streams, in order: the descriptions for its first and its second one.
    pub fn record(&mut self, first: Stream, second: Stream) -> (Desc, Desc) {
        self.last = self.last.max(Desc::FIRST) + 1;
        let number = self.last;
        self.records.insert(number, Transcript::default());
        (self.add(Kind::Record(number, first)), self.add(Kind::Record(number, second)))
    }

    pub(super) fn add_tty(&mut self) -> Desc {
        self.add(Kind::Tty)
    }

    /// A container's log, as where one of its streams goes.
    pub fn log(&mut self, container: &str, stream: Stream) -> Desc {
        self.add(Kind::Log(container.to_owned(), stream))
    }

    /// Which container's log a description is, and which stream of it.
    pub(super) fn log_of(&self, desc: Desc) -> Option<(&str, Stream)> {
        match &self.rows.get(&desc.0)?.kind {
            Kind::Log(container, stream) => Some((container, *stream)),
            _ => None,
        }
    }

    /// Takes out what a record holds so far.
    pub fn take_record(&mut self, desc: Desc) -> Transcript {
        match self.rows.get(&desc.0).map(|row| &row.kind) {
            Some(Kind::Record(number, _)) => {
                self.records.get_mut(number).map(std::mem::take).unwrap_or_default()
            }
            _ => Transcript::default(),
        }
    }

    /// Whether a record holds something.
    pub(super) fn has_recorded(&self, desc: Desc) -> bool {
        match self.rows.get(&desc.0).map(|row| &row.kind) {
            Some(Kind::Record(number, _)) => {
                self.records.get(number).is_some_and(|all| !all.pieces.is_empty())
            }
            _ => false,
        }
    }

    /// Takes out what reached the session's terminal.
    pub fn take_terminal(&mut self) -> Transcript {
        std::mem::take(&mut self.terminal)
    }

    /// Counts one more holder of a description.
    pub fn retain(&mut self, desc: Desc) {
        if let Some(row) = self.rows.get_mut(&desc.0) {
            row.refs += 1;
        }
    }

    /// Counts one holder less; the last one closes what is below.
    pub fn release(&mut self, kernel: &mut dyn Kernel, desc: Desc) {
        let Some(row) = self.rows.get_mut(&desc.0) else { return };
        row.refs -= 1;
        if row.refs > 0 {
            return;
        }
        match self.rows.remove(&desc.0).map(|row| row.kind) {
            // Nothing hangs on how closing a file ends: its writes have been answered.
            Some(Kind::File { fd, .. }) => drop(kernel.close(fd)),
            Some(Kind::PipeRead(number)) => self.end_pipe(number, |pipe| pipe.readers -= 1),
            Some(Kind::PipeWrite(number)) => self.end_pipe(number, |pipe| pipe.writers -= 1),
            Some(Kind::Record(number, _)) => {
                let held = |row: &Row| matches!(row.kind, Kind::Record(other, _) if other == number);
                if !self.rows.values().any(held) {
                    self.records.remove(&number);
                }
            }
            Some(Kind::Tty) => drop(self.typed.remove(&desc.0)),
            Some(Kind::Bytes { .. } | Kind::Log(..)) | None => {}
        }
    }

    fn end_pipe(&mut self, number: u32, close: impl FnOnce(&mut Pipe)) {
        let Some(pipe) = self.pipes.get_mut(&number) else { return };
        close(pipe);
        if pipe.readers == 0 {
            pipe.data = ByteString::new();
            pipe.start = 0;
        }
        if pipe.readers == 0 && pipe.writers == 0 {
            if let Some(file) = pipe.fifo {
                self.fifos.remove(&file);
            }
            self.pipes.remove(&number);
        }
    }

    /// Writes all of `bytes`. The first error of a file is kept, and ends writing: see [`Files::error`].
    pub fn write(&mut self, kernel: &mut dyn Kernel, desc: Desc, bytes: &[u8]) {
        match desc {
            Desc::TERMINAL => return self.terminal.push(Stream::Stdout, bytes),
            Desc::TERMINAL_ERR => return self.terminal.push(Stream::Stderr, bytes),
            _ => {}
        }
        let Some(row) = self.rows.get_mut(&desc.0) else { return };
        match &mut row.kind {
            Kind::File { fd, at, append, error: error @ None } => {
                if *append && let Ok(stat) = kernel.fstat(*fd) {
                    *at = stat.size;
                }
                match fs::write_at(kernel, *fd, *at, bytes) {
                    Ok(()) => *at += bytes.len() as u64,
                    Err(found) => *error = Some(found),
                }
            }
            Kind::PipeWrite(number) => match self.pipes.get_mut(number) {
                Some(pipe) if pipe.readers > 0 => {
                    if pipe.len() + bytes.len() > self.pipe_most.0 {
                        self.over = true;
                        return;
                    }
                    pipe.data.extend_from_slice(bytes);
                    if !pipe.has_room() {
                        self.full = Some(desc);
                    }
                }
                _ => self.broken = true,
            },
            Kind::Record(number, stream) => {
                if let Some(record) = self.records.get_mut(number) {
                    record.push(*stream, bytes);
                }
            }
            Kind::File { .. } | Kind::Bytes { .. } | Kind::PipeRead(_) | Kind::Log(..) | Kind::Tty => {}
        }
    }

    /// Reads at most `len` bytes; empty at the end.
    pub fn read(&mut self, kernel: &mut dyn Kernel, desc: Desc, len: usize) -> Result<bytes::Bytes> {
        match desc {
            Desc::ZERO | Desc::FULL => return Ok(bytes::Bytes::from(vec![0; len.min(PIECE)])),
            Desc::RANDOM => return Ok(self.random.bytes(len.min(PIECE)).into()),
            _ => {}
        }
        if let Some(typed) = self.typed.get_mut(&desc.0) {
            return Ok(typed.take(len));
        }
        let Some(row) = self.rows.get_mut(&desc.0) else { return Ok(bytes::Bytes::new()) };
        match &mut row.kind {
            Kind::Bytes { data, at } => {
                let end = data.len().min(at.saturating_add(len));
                let piece = bytes::Bytes::copy_from_slice(&data[*at..end]);
                *at = end;
                Ok(piece)
            }
            Kind::File { fd, at, .. } => {
                let piece = kernel.pread(*fd, *at, len)?;
                *at += piece.len() as u64;
                Ok(piece)
            }
            Kind::PipeRead(number) => {
                let Some(pipe) = self.pipes.get_mut(number) else { return Ok(bytes::Bytes::new()) };
                let end = pipe.data.len().min(pipe.start.saturating_add(len));
                let piece = bytes::Bytes::copy_from_slice(&pipe.data[pipe.start..end]);
                pipe.start = end;
                if pipe.start == pipe.data.len() {
                    pipe.data.clear();
                    pipe.start = 0;
                } else if pipe.start > PIPE_CAPACITY {
                    pipe.data.drain(..pipe.start);
                    pipe.start = 0;
                }
                Ok(piece)
            }
            Kind::PipeWrite(_) | Kind::Record(..) | Kind::Log(..) | Kind::Tty => Err(Errno::EBADF),
        }
    }

    /// Gives back the last `count` bytes that were read, for the next reader of the same description.
    pub fn give_back(&mut self, desc: Desc, count: usize) {
        let Some(row) = self.rows.get_mut(&desc.0) else { return };
        match &mut row.kind {
            Kind::Bytes { at, .. } => *at = at.saturating_sub(count),
            Kind::File { at, .. } => *at = at.saturating_sub(count as u64),
            // What was read from a pipe or a terminal is gone (pipe(7)).
            Kind::PipeRead(_) | Kind::PipeWrite(_) | Kind::Record(..) | Kind::Log(..) | Kind::Tty => {}
        }
    }

    /// The first error that writing met, if any.
    pub fn error(&self, desc: Desc) -> Option<Errno> {
        if desc == Desc::FULL {
            return Some(Errno::ENOSPC);
        }
        match self.rows.get(&desc.0).map(|row| &row.kind) {
            Some(Kind::File { error, .. }) => *error,
            _ => None,
        }
    }

    /// The open file below and the position in it, where the description is one of a file.
    pub fn position(&self, desc: Desc) -> Option<(Fd, u64)> {
        match self.rows.get(&desc.0).map(|row| &row.kind) {
            Some(Kind::File { fd, at, .. }) => Some((*fd, *at)),
            _ => None,
        }
    }

    /// Whether a person sees what is written here: at the terminal, or as what a container writes.
    pub fn is_heard(&self, desc: Desc) -> bool {
        matches!(desc, Desc::TERMINAL | Desc::TERMINAL_ERR)
            || matches!(self.rows.get(&desc.0).map(|row| &row.kind), Some(Kind::Record(..) | Kind::Log(..)))
    }

    /// What the step at hand did to pipes, which is then forgotten: whether nobody reads one, and one that is full.
    pub(super) fn forget(&mut self) -> (bool, Option<Desc>) {
        (std::mem::take(&mut self.broken), self.full.take())
    }

    /// Whether the step at hand wrote more to a pipe than there is memory for, which is then forgotten.
    pub(super) fn take_over(&mut self) -> bool {
        std::mem::take(&mut self.over)
    }

    /// Reads up to the end of a line, at most `len` bytes; empty at the end.
    pub fn read_line(&mut self, kernel: &mut dyn Kernel, desc: Desc, len: usize) -> Result<bytes::Bytes> {
        let all = |data: &[u8]| data.iter().take(len).position(|b| *b == b'\n').map_or(len, |at| at + 1);
        let want = match self.rows.get(&desc.0).map(|row| &row.kind) {
            Some(Kind::Bytes { data, at }) => all(&data[*at..]),
            Some(Kind::PipeRead(number)) => self.pipes.get(number).map_or(len, |p| all(&p.data[p.start..])),
            Some(Kind::File { fd, at, .. }) => all(&kernel.pread(*fd, *at, len)?),
            _ => len,
        };
        self.read(kernel, desc, want)
    }

    /// Lets a pipe hold everything that is written to it, for a reader that takes it whole.
    pub(super) fn take_all(&mut self, desc: Desc) {
        if let Some(Kind::PipeRead(number)) = self.rows.get(&desc.0).map(|row| &row.kind)
            && let Some(pipe) = self.pipes.get_mut(number)
        {
            pipe.whole = true;
        }
    }

    /// One end of the fifo that is this file.
    pub fn fifo(&mut self, file: (u64, u64), write: bool) -> Desc {
        let number = if let Some(number) = self.fifos.get(&file) {
            *number
        } else {
            self.last = self.last.max(Desc::FIRST) + 1;
            self.fifos.insert(file, self.last);
            self.pipes.insert(self.last, Pipe { fifo: Some(file), ..Pipe::default() });
            self.last
        };
        let pipe = self.pipes.get_or_default(number);
        if write {
            pipe.writers += 1;
            self.add(Kind::PipeWrite(number))
        } else {
            pipe.readers += 1;
            self.add(Kind::PipeRead(number))
        }
    }

    /// How many descriptions are open.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no description is open.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

#[cfg(test)]
mod tests;
