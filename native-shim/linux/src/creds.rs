//! Whose permissions count.

use layerlab_core::kernel::{Caps, Task};

/// Whose permissions a call is checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Creds {
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) groups: Vec<u32>,
    /// What user 0 keeps; of no meaning for others, who have nothing.
    pub(super) caps: Caps,
}

impl Creds {
    pub(super) fn of(task: &Task) -> Self {
        Self { uid: task.uid, gid: task.gid, groups: task.groups.clone(), caps: task.caps }
    }

    pub(super) fn are(&self, task: &Task) -> bool {
        self.uid == task.uid
            && self.gid == task.gid
            && self.groups == task.groups
            && (task.uid != 0 || self.caps == task.caps)
    }
}
