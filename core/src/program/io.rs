//! Standard streams: where a program's output goes and its input comes from.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::kernel::{Errno, Fd, Kernel, Result};

/// How much is read at once.
const PIECE: usize = 1 << 16;
/// How much input one program may hold, in bytes.
const MEMORY: usize = 256 << 20;

/// One of the two output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What reached the terminal, in order; neighbouring pieces of one stream are one piece.
#[derive(Debug, Default)]
pub struct Transcript {
    /// The pieces.
    pub pieces: Vec<(Stream, Vec<u8>)>,
}

impl Transcript {
    fn push(&mut self, stream: Stream, bytes: &[u8]) {
        match self.pieces.last_mut() {
            Some((last, data)) if *last == stream => data.extend_from_slice(bytes),
            _ => self.pieces.push((stream, bytes.to_vec())),
        }
    }

    /// All of one stream.
    pub fn collect(&self, stream: Stream) -> Vec<u8> {
        self.pieces.iter().filter(|(s, _)| *s == stream).flat_map(|(_, data)| data.iter().copied()).collect()
    }
}

/// Where output goes. Clones share their target, as duplicated descriptors do.
#[derive(Debug, Clone)]
pub enum Output {
    /// Nowhere (`/dev/null`).
    Null,
    /// The session's terminal, as one of its two streams.
    Terminal(Rc<RefCell<Transcript>>, Stream),
    /// A record of both streams in order that is no terminal: what a container writes, before it is passed on and logged.
    Recorded(Rc<RefCell<Transcript>>, Stream),
    /// A buffer: the next command of a pipe line, or `$( )`.
    Buffer(Rc<RefCell<Vec<u8>>>),
    /// An open file, written at its own position.
    File(Rc<OpenFile>),
}

/// An open file with its position and the first error that writing met.
#[derive(Debug)]
pub struct OpenFile {
    /// The descriptor; whoever opened it closes it.
    pub fd: Fd,
    /// Where the next write goes.
    pub offset: Cell<u64>,
    /// The first error, which ends writing.
    pub error: Cell<Option<Errno>>,
}

impl Output {
    /// A new, empty buffer.
    pub fn buffer() -> (Self, Rc<RefCell<Vec<u8>>>) {
        let buffer = Rc::new(RefCell::new(Vec::new()));
        (Self::Buffer(Rc::clone(&buffer)), buffer)
    }

    /// An open file, from `offset` on.
    pub fn file(fd: Fd, offset: u64) -> Self {
        Self::File(Rc::new(OpenFile { fd, offset: Cell::new(offset), error: Cell::new(None) }))
    }

    /// Writes all of `bytes`. An error of the file below is kept: see [`Output::error`].
    pub fn write(&self, kernel: &mut dyn Kernel, bytes: &[u8]) {
        match self {
            Self::Terminal(transcript, stream) | Self::Recorded(transcript, stream) => {
                transcript.borrow_mut().push(*stream, bytes);
            }
            Self::Buffer(buffer) => buffer.borrow_mut().extend_from_slice(bytes),
            Self::File(file) if file.error.get().is_none() => {
                match kernel.pwrite(file.fd, file.offset.get(), bytes) {
                    Ok(written) => file.offset.set(file.offset.get() + written as u64),
                    Err(error) => file.error.set(Some(error)),
                }
            }
            Self::Null | Self::File(_) => {}
        }
    }

    /// The first error that writing met, if any.
    pub fn error(&self) -> Option<Errno> {
        match self {
            Self::File(file) => file.error.get(),
            _ => None,
        }
    }

    /// Whether this is the session's terminal.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Terminal(..))
    }
}

/// Where input comes from. Clones share their position, as duplicated descriptors do.
#[derive(Debug, Clone)]
pub enum Input {
    /// Nothing: end of file at once (`/dev/null`, or a terminal at which nobody types).
    Empty,
    /// Zero bytes without end (`/dev/zero`).
    Zeros,
    /// What an earlier command of a pipe line wrote, or a here-document.
    Bytes(Bytes, Rc<Cell<usize>>),
    /// An open file, read from its own position; whoever opened it closes it.
    File(Fd, Rc<Cell<u64>>),
}

impl Input {
    /// Input from memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::Bytes(bytes.into(), Rc::new(Cell::new(0)))
    }

    /// Input from an open file, from its start.
    pub fn file(fd: Fd) -> Self {
        Self::File(fd, Rc::new(Cell::new(0)))
    }

    /// At most `len` bytes; empty at the end.
    pub fn read(&self, kernel: &mut dyn Kernel, len: usize) -> Result<Bytes> {
        match self {
            Self::Empty => Ok(Bytes::new()),
            Self::Zeros => Ok(Bytes::from(vec![0; len.min(PIECE)])),
            Self::Bytes(bytes, position) => {
                let start = position.get();
                let end = bytes.len().min(start.saturating_add(len));
                position.set(end);
                Ok(bytes.slice(start..end))
            }
            Self::File(fd, position) => {
                let data = kernel.pread(*fd, position.get(), len)?;
                position.set(position.get() + data.len() as u64);
                Ok(data)
            }
        }
    }

    /// Everything that is left; `ENOMEM` for more than a program may hold.
    pub fn read_to_end(&self, kernel: &mut dyn Kernel) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let piece = self.read(kernel, PIECE)?;
            if piece.is_empty() {
                return Ok(all);
            }
            if all.len() + piece.len() > MEMORY {
                return Err(Errno::ENOMEM);
            }
            all.extend_from_slice(&piece);
        }
    }
}
