//! `SimKernel`: a small Linux in memory.
//!
//! The disk behaves as tmpfs does where file systems differ, and says so. A clone is O(1): everything is shared until
//! one of the two changes it, so undo, fork and time travel are clones kept. The clock is its owner's.

mod access;
mod acl;
mod acl_set;
mod attributes;
mod attrs;
mod calls;
mod check;
mod content;
mod descriptors;
mod dirs;
mod disk;
mod files;
mod filesystems;
mod inode;
mod mounting;
mod mounts;
mod names;
mod overlay;
mod place;
mod space;
mod state;
mod table;
mod union;
mod vfs;
mod walk;
mod xattrs;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_overlay;
#[cfg(test)]
mod tests_task;

use std::collections::BTreeSet;

use triomphe::Arc;

use crate::kernel::Timespec;
use crate::overlay::CopyUps;
use state::{Fs, SimState};

/// The time of a new kernel: 2024-01-01T00:00:00Z.
const START: Timespec = Timespec::seconds(1_704_067_200);

/// A simulated kernel: one empty disk, mounted at `/`, mode 0755, owned by root.
///
/// Calls are those of [`crate::kernel::Kernel`].
#[derive(Debug, Clone)]
pub struct SimKernel {
    state: Arc<SimState>,
}

impl SimKernel {
    /// An empty disk; the clock stands at 2024-01-01T00:00:00Z.
    pub fn new() -> Self {
        Self { state: Arc::new(SimState::new(START)) }
    }

    /// Sets the clock that new times are taken from. It does not go by itself.
    pub fn set_clock(&mut self, now: Timespec) {
        self.state_mut().clock = now;
    }

    /// Lets the contents of all files together take no more memory than these bytes: what is more is `ENOSPC`.
    pub fn limit_files(&mut self, bytes: u64) {
        self.state_mut().limit_files(bytes);
    }

    /// Lets a microsecond go by: for who makes call after call, and tells their times apart.
    pub fn tick(&mut self) {
        let now = &mut self.state_mut().clock;
        now.nsec += 1_000;
        if now.nsec >= 1_000_000_000 {
            *now = Timespec { sec: now.sec.saturating_add(1), nsec: now.nsec - 1_000_000_000 };
        }
    }

    /// What was copied up since this was last asked: what the calls cost in the upper layers.
    pub fn take_copy_ups(&mut self) -> CopyUps {
        let nothing = self.state.copied.cost.entries == 0;
        if nothing { CopyUps::default() } else { std::mem::take(&mut self.state_mut().copied) }
    }

    /// The inodes (`st_dev`, `st_ino`) of plain file systems that are new or may have changed since `earlier`, a clone that
    /// this kernel came from. It costs what changed, not what there is.
    pub fn changed_since(&self, earlier: &Self) -> BTreeSet<(u64, u64)> {
        let mut changed = BTreeSet::new();
        if Arc::ptr_eq(&self.state, &earlier.state) {
            return changed;
        }
        for (number, fs) in self.state.fs.iter() {
            let Fs::Disk(disk) = fs else { continue };
            let inodes = match earlier.state.fs.get(number) {
                Some(Fs::Disk(before)) => disk.changed_since(before),
                _ => disk.iter().map(|(inode, _)| inode).collect(),
            };
            changed.extend(inodes.into_iter().map(|inode| (place::device_number(number), inode)));
        }
        changed
    }

    fn state_mut(&mut self) -> &mut SimState {
        Arc::make_mut(&mut self.state)
    }
}

impl Default for SimKernel {
    fn default() -> Self {
        Self::new()
    }
}
