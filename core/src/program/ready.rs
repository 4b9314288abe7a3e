//! Whether who reads or writes an open file description would wait.

use super::files::{Desc, Files, Kind};
use super::pipe::Pipe;
use super::typed::Typed;

impl Files {
    fn pipe_of(&self, desc: Desc) -> Option<&Pipe> {
        match self.rows.get(&desc.0)?.kind {
            Kind::PipeRead(number) | Kind::PipeWrite(number) => self.pipes.get(&number),
            _ => None,
        }
    }

    /// Whether a write would be taken at once, or fail at once.
    pub fn has_room(&self, desc: Desc) -> bool {
        self.pipe_of(desc).is_none_or(Pipe::has_room)
    }

    /// Whether a read would give something, or the end, at once.
    pub fn is_readable(&self, desc: Desc) -> bool {
        if self.is_terminal(desc) {
            return self.typed.get(&desc.0).is_some_and(Typed::is_ready);
        }
        self.pipe_of(desc).is_none_or(|pipe| pipe.len() > 0 || pipe.writers == 0)
    }

    /// Whether this is a pipe that somebody may still write to, or a terminal at which the end was not typed.
    pub fn has_writers(&self, desc: Desc) -> bool {
        if self.is_terminal(desc) {
            return !self.typed.get(&desc.0).is_some_and(Typed::has_end);
        }
        self.pipe_of(desc).is_some_and(|pipe| pipe.writers > 0)
    }

    /// Whether a fifo is open at both ends.
    pub fn is_met(&self, desc: Desc) -> bool {
        self.pipe_of(desc).is_none_or(|pipe| pipe.readers > 0 && pipe.writers > 0)
    }

    /// Whether this is an end of a fifo.
    pub fn is_fifo(&self, desc: Desc) -> bool {
        self.pipe_of(desc).is_some_and(|pipe| pipe.fifo.is_some())
    }
}
