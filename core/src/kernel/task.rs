//! Who makes a system call, and where that process stands.

use serde::{Deserialize, Serialize};

use super::ByteString;

/// The credentials and the place of the process that makes a call.
///
/// `root` is an absolute path in the kernel's own tree (`/` for the lab's host, `/var/lib/docker/overlay2/ID/merged`
/// for a container); `cwd` is an absolute path *inside* `root`. Absolute paths, absolute symbolic links and `..`
/// mean what they mean after `chroot(root)` and `chdir(cwd)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Task {
    /// Effective user id; 0 has every capability, others none.
    pub uid: u32,
    /// Effective group id.
    pub gid: u32,
    /// Supplementary groups.
    pub groups: Vec<u32>,
    /// Permission bits that a creating call leaves out.
    pub umask: u32,
    /// Where `/` is, in the kernel's tree.
    pub root: ByteString,
    /// Where relative paths start, inside `root`.
    pub cwd: ByteString,
}

impl Task {
    /// Root, at the root of the kernel's tree, with umask 022.
    pub fn root() -> Self {
        Self { uid: 0, gid: 0, groups: Vec::new(), umask: 0o022, root: "/".into(), cwd: "/".into() }
    }

    /// The same credentials, in the tree below `root` (an absolute path of the kernel's tree).
    pub fn chrooted(&self, root: impl Into<ByteString>) -> Self {
        Self { root: root.into(), cwd: "/".into(), ..self.clone() }
    }

    /// The same place, as another user without supplementary groups.
    pub fn with_user(&self, uid: u32, gid: u32) -> Self {
        Self { uid, gid, groups: Vec::new(), ..self.clone() }
    }

    /// The same process elsewhere; `cwd` is absolute, inside `root`.
    pub fn at(&self, cwd: impl Into<ByteString>) -> Self {
        Self { cwd: cwd.into(), ..self.clone() }
    }

    /// Whether permission checks are passed over (`CAP_DAC_OVERRIDE`, `CAP_FOWNER`, `CAP_SYS_ADMIN` and the rest).
    pub fn is_privileged(&self) -> bool {
        self.uid == 0
    }

    /// Whether `gid` is the task's group or one of its supplementary groups.
    pub fn in_group(&self, gid: u32) -> bool {
        self.gid == gid || self.groups.contains(&gid)
    }
}

impl Default for Task {
    fn default() -> Self {
        Self::root()
    }
}
