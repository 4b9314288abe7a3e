//! A process as a row of the table.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::files::Desc;
use super::job::Body;
use super::wait::{Nanos, Pid, Wait};
use super::{Place, Process};
use crate::kernel::{ByteString, Fd};

/// A process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Row {
    /// Its number.
    pub pid: Pid,
    /// Its parent's; 0 where that has ended.
    pub parent: Pid,
    /// Its number inside its container.
    pub inner: Pid,
    /// It is its container's own process: the container is up as long as it is.
    #[serde(default)]
    pub first: bool,
    /// What it runs as: `argv`, for `ps`.
    pub args: Vec<ByteString>,
    /// Where it runs.
    pub place: Place,
    /// Whose it is.
    pub uid: u32,
    /// When it started.
    pub since: Nanos,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Whether the person at the terminal waits for it.
    pub front: bool,
    /// Part of the lab itself: it is in no list, has no budget, and no signal reaches it.
    pub hidden: bool,
    /// Its process group: the number of its first process.
    pub group: Pid,
    /// What it waits for, if anything.
    pub wait: Option<Wait>,
    /// The full pipe that it waits to write to.
    pub(super) full: Option<Desc>,
    /// `SIGSTOP` holds it.
    pub stopped: bool,
    /// `docker pause` holds it.
    pub paused: bool,
    /// Signals that wait for it: bit `n` is signal `n`.
    pub(super) pending: u64,
    /// Signals that it catches.
    pub(super) caught: u64,
    /// Signals that it ignores.
    pub(super) ignored: u64,
    /// How it ended; its parent has not asked yet.
    pub ended: Option<u8>,
    /// It is taken out of the table at its end, since nobody will ask.
    pub forgotten: bool,
    /// It stays in the table after its end until somebody asks.
    pub(super) kept: bool,
    /// A signal ends it when its step is over.
    pub(super) killed: Option<u8>,
    /// The second of the lab's time in which `used` steps were taken.
    pub(super) second: i64,
    pub(super) used: u64,
    /// All its steps, which is its processor time.
    pub steps: u64,
    /// What it is while it does not run. Copies of the table share it until it runs again.
    pub(super) core: Option<Arc<Core>>,
    /// Descriptors that it holds until it ends.
    pub(super) holds: Vec<Desc>,
    /// The handle of its working directory, closed when the process ends.
    #[serde(default)]
    pub(super) dir: Option<Fd>,
}

impl Row {
    /// Whether it has a handler for a signal.
    pub fn catches(&self, signal: u8) -> bool {
        self.caught & (1 << (signal & 63)) != 0
    }

    /// Lets it ignore these signals, as bits.
    pub fn ignore(&mut self, signals: u64) {
        self.ignored = signals;
    }

    /// Whether it takes steps at all, once what it waits for has come.
    pub(super) fn can_run(&self) -> bool {
        self.ended.is_none() && self.core.is_some() && !self.stopped && !self.paused
    }

    pub(super) fn core_mut(&mut self) -> &mut Core {
        Arc::make_mut(self.core.as_mut().expect("a process that does not run is in its row"))
    }
}

/// What a process is while it does not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Core {
    pub(super) process: Process,
    pub(super) body: Body,
}
