//! Open file descriptions: what descriptors lead to, as rows of one table.
//!
//! A description is named by its number. Its position, its first error and what waits in a pipe are in its row, so that
//! duplicated descriptors share them and a clone of the [`super::World`] shares nothing (POSIX.1-2017, 3.258, "open file
//! description").

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::transcript::{Stream, Transcript};
use crate::kernel::{ByteString, Errno, Fd, Kernel, Result};

/// How much is read at once.
const PIECE: usize = 1 << 16;
/// How much a pipe holds before its writer waits (pipe(7)).
pub const PIPE_CAPACITY: usize = 1 << 16;

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
    /// The first number that is given out.
    const FIRST: u32 = 16;
}

/// All open file descriptions, and the pipes and records that they lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    rows: BTreeMap<u32, Row>,
    pipes: BTreeMap<u32, Pipe>,
    records: BTreeMap<u32, Transcript>,
    last: u32,
    /// What reached the session's terminal and was not taken yet.
    pub(super) terminal: Transcript,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    refs: u32,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    /// Input from memory: a here-document.
    Bytes { data: ByteString, at: usize },
    /// An open file with its position and the first error that writing met, which ends writing.
    File { fd: Fd, at: u64, append: bool, error: Option<Errno> },
    /// A pipe's end for reading.
    PipeRead(u32),
    /// A pipe's end for writing.
    PipeWrite(u32),
    /// A record of both streams in order: what a container writes.
    Record(u32, Stream),
}

/// Bytes on their way from writers to readers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Pipe {
    data: ByteString,
    /// How much of `data` was read already.
    start: usize,
    readers: u32,
    writers: u32,
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

    /// Takes out what a record holds so far.
    pub fn take_record(&mut self, desc: Desc) -> Transcript {
        match self.rows.get(&desc.0).map(|row| &row.kind) {
            Some(Kind::Record(number, _)) => {
                self.records.get_mut(number).map(std::mem::take).unwrap_or_default()
            }
            _ => Transcript::default(),
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
            Some(Kind::Bytes { .. }) | None => {}
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
                match kernel.pwrite(*fd, *at, bytes) {
                    Ok(written) => *at += written as u64,
                    Err(found) => *error = Some(found),
                }
            }
            Kind::PipeWrite(number) => {
                if let Some(pipe) = self.pipes.get_mut(number).filter(|pipe| pipe.readers > 0) {
                    pipe.data.extend_from_slice(bytes);
                }
            }
            Kind::Record(number, stream) => {
                if let Some(record) = self.records.get_mut(number) {
                    record.push(*stream, bytes);
                }
            }
            Kind::File { .. } | Kind::Bytes { .. } | Kind::PipeRead(_) => {}
        }
    }

    /// Reads at most `len` bytes; empty at the end.
    pub fn read(&mut self, kernel: &mut dyn Kernel, desc: Desc, len: usize) -> Result<bytes::Bytes> {
        if matches!(desc, Desc::ZERO | Desc::FULL) {
            return Ok(bytes::Bytes::from(vec![0; len.min(PIECE)]));
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
            Kind::PipeWrite(_) | Kind::Record(..) => Err(Errno::EBADF),
        }
    }

    /// Gives back the last `count` bytes that were read, for the next reader of the same description.
    pub fn give_back(&mut self, desc: Desc, count: usize) {
        let Some(row) = self.rows.get_mut(&desc.0) else { return };
        match &mut row.kind {
            Kind::Bytes { at, .. } => *at = at.saturating_sub(count),
            Kind::File { at, .. } => *at = at.saturating_sub(count as u64),
            // What was read from a pipe is gone (pipe(7)).
            Kind::PipeRead(_) | Kind::PipeWrite(_) | Kind::Record(..) => {}
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
            || matches!(self.rows.get(&desc.0).map(|row| &row.kind), Some(Kind::Record(..)))
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
mod tests {
    use super::*;
    use crate::sim::SimKernel;

    #[test]
    fn a_duplicate_shares_its_position_and_a_clone_of_the_table_does_not() {
        let mut kernel = SimKernel::new();
        let mut files = Files::default();
        let desc = files.bytes(&b"abcdef"[..]);
        assert_eq!(files.read(&mut kernel, desc, 2).unwrap(), &b"ab"[..]);
        let mut other = files.clone();
        assert_eq!(files.read(&mut kernel, desc, 2).unwrap(), &b"cd"[..]);
        assert_eq!(other.read(&mut kernel, desc, 2).unwrap(), &b"cd"[..]);
    }

    #[test]
    fn a_pipe_ends_with_its_last_holder() {
        let mut kernel = SimKernel::new();
        let mut files = Files::default();
        let (read, write) = files.pipe();
        files.retain(write);
        files.write(&mut kernel, write, b"xyz");
        files.release(&mut kernel, write);
        files.release(&mut kernel, write);
        assert_eq!(files.read(&mut kernel, read, 9).unwrap(), &b"xyz"[..]);
        files.release(&mut kernel, read);
        assert!(files.is_empty() && files.pipes.is_empty());
    }

    #[test]
    fn a_table_survives_being_written_down() {
        let mut files = Files::default();
        let (_, write) = files.pipe();
        files.write(&mut SimKernel::new(), write, b"\xff\0x");
        let text = serde_json::to_string(&files).unwrap();
        assert_eq!(serde_json::from_str::<Files>(&text).unwrap(), files);
    }
}
