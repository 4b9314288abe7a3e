//! Standard streams: where a program's output goes and its input comes from.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::System;
use super::bounds::Bound;
use super::files::Desc;
use crate::kernel::{Errno, Result};

/// How much is read at once.
const PIECE: usize = 1 << 16;

/// Where output goes: the number of an open file description. Copies share their position, as duplicated descriptors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output(pub Desc);

impl Output {
    /// Nowhere (`/dev/null`).
    pub const NULL: Self = Self(Desc::NULL);
    /// The session's terminal, as standard output.
    pub const TERMINAL: Self = Self(Desc::TERMINAL);
    /// The session's terminal, as standard error.
    pub const TERMINAL_ERR: Self = Self(Desc::TERMINAL_ERR);

    /// Writes all of `bytes`. An error of the file below is kept: see [`Output::error`].
    pub fn write(self, system: &mut System<'_>, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        if system.is_dying() {
            return;
        }
        let world = &mut *system.world;
        let Some((container, stream)) = world.files.log_of(self.0) else {
            return world.files.write(system.kernel, self.0, bytes);
        };
        let now = world.clock.unwrap_or_default();
        let to = world.logs.write(system.kernel, now, (container, stream), bytes);
        for desc in to {
            world.files.write(system.kernel, desc, bytes);
        }
    }

    /// The first error that writing met, if any.
    pub fn error(self, system: &System<'_>) -> Option<Errno> {
        system.world.files.error(self.0)
    }

    /// Whether this is the session's terminal, and the session has one.
    pub fn is_terminal(self, system: &System<'_>) -> bool {
        matches!(self.0, Desc::TERMINAL | Desc::TERMINAL_ERR) && !system.world.files.no_terminal
    }
}

/// Where input comes from: the number of an open file description. Copies share their position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input(pub Desc);

impl Input {
    /// Nothing: end of file at once (`/dev/null`, or a terminal at which nobody types).
    pub const EMPTY: Self = Self(Desc::NULL);

    /// Whether it is the session's terminal, and the session has one.
    pub fn is_terminal(self, system: &System<'_>) -> bool {
        self.0 == Desc::KEYBOARD && !system.world.files.no_terminal
    }

    /// At most `len` bytes; empty at the end.
    pub fn read(self, system: &mut System<'_>, len: usize) -> Result<Bytes> {
        system.world.files.read(system.kernel, self.0, len)
    }

    /// Everything that is left; `ENOMEM` for more than a program may hold.
    pub fn read_to_end(self, system: &mut System<'_>) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        let most = system.world.bounds.len(Bound::Input);
        loop {
            let piece = self.read(system, PIECE)?;
            if piece.is_empty() {
                return Ok(all);
            }
            let size = all.len() + piece.len();
            if !system.may_hold(size as u64) {
                return Err(Errno::ENOMEM);
            }
            if size > most {
                system.reached(Bound::Input);
                return Err(Errno::ENOMEM);
            }
            all.extend_from_slice(&piece);
        }
    }

    /// Gives back the last `count` bytes that were read, for the next reader of the same descriptor.
    pub fn give_back(self, system: &mut System<'_>, count: usize) {
        system.world.files.give_back(self.0, count);
    }
}
