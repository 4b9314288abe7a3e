//! Pipes: bytes on their way.

use serde::{Deserialize, Serialize};

use super::bounds::{Bound, Bounds};
use crate::kernel::ByteString;

/// How much a pipe holds before its writer waits (pipe(7)).
pub const PIPE_CAPACITY: usize = 1 << 16;

/// How much a pipe may hold whose reader takes all of it at once ([`Bound::Pipe`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipeMost(pub usize);

impl Default for PipeMost {
    fn default() -> Self {
        Self(Bounds::default().len(Bound::Pipe))
    }
}

/// Bytes on their way from writers to readers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pipe {
    pub(super) data: ByteString,
    /// How much of `data` was read already.
    pub(super) start: usize,
    pub(super) readers: u32,
    pub(super) writers: u32,
    /// Its reader waits for all of it.
    pub(super) whole: bool,
    /// A fifo, which has ends that come and go.
    pub(super) fifo: Option<(u64, u64)>,
}

impl Pipe {
    pub(super) fn len(&self) -> usize {
        self.data.len() - self.start
    }

    pub(super) fn has_room(&self) -> bool {
        self.readers == 0 && self.fifo.is_none() || self.whole || self.len() < PIPE_CAPACITY
    }
}
