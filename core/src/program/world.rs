//! What a machine has that is not on its disk.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::files::Files;
use super::steps::StepEvent;
use crate::help::Gathered;
use crate::hub::Hub;
use crate::kernel::Timespec;

/// Clock-independent state beside the kernel: cloned with it for undo, and rebuilt by replaying the journal.
///
/// It holds what Docker's daemon holds in memory, and no caches else: whatever can be read from the disk is read from the
/// disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// Open file descriptions.
    pub files: Files,
    /// How many ids were given out.
    pub ids: u64,
    /// The containers' names with their ids, as the daemon keeps them; nothing before they are read from the disk.
    pub registry: Option<Arc<BTreeMap<String, String>>>,
    /// The full id of the container that was made last.
    pub newest: Option<String>,
    /// The processes that stay up, by their container's full id.
    pub running: BTreeMap<String, Running>,
    /// The last process number given out.
    pub last_pid: u32,
    /// Seconds that programs slept for since the session last looked.
    pub slept: u64,
    /// The advice that the line which runs has gathered.
    pub help: Gathered,
    /// What became of the steps of the last `docker build`, for whoever draws them.
    pub build_steps: Vec<StepEvent>,
    /// The images that the simulated hub has.
    pub hub: Hub,
    /// Bytes that pushes left at simulated registries, by `host/repository`.
    pub registries: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
}

/// A container's main process while it is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Its number on the lab's host.
    pub pid: u32,
    /// When it started.
    pub since: Timespec,
    /// Whether `docker pause` holds it.
    pub paused: bool,
}

impl World {
    /// A new id of 64 hexadecimal digits: the SHA-256 of a counter, so that the same lines give the same ids on every
    /// kernel.
    pub fn new_id(&mut self) -> String {
        self.ids += 1;
        let hash = Sha256::digest(format!("layerlab id {}", self.ids));
        hash.iter().fold(String::with_capacity(64), |mut id, byte| {
            write!(id, "{byte:02x}").expect("a String takes all text");
            id
        })
    }

    /// A new process number.
    pub fn new_pid(&mut self) -> u32 {
        self.last_pid = if self.last_pid == 0 { 1000 } else { self.last_pid + 1 };
        self.last_pid
    }
}
