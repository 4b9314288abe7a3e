//! Who makes a system call, and where that process stands.

use serde::{Deserialize, Serialize};

use super::{ByteString, Caps, Fd};

/// The credentials and the place of the process that makes a call.
///
/// `root` is an absolute path in the kernel's own tree (`/` for the lab's host, `/var/lib/docker/overlay2/ID/merged`
/// for a container). Absolute paths, absolute symbolic links and `..` mean what they mean after `chroot(root)`.
/// Relative paths start at the directory `dir`, where the process holds one, else at the path `cwd`.
///
/// A task names its directory and does not own it: who makes a process has it [entered](super::fs::enter) or
/// [dupped](super::fs::fork), and [closes](super::fs::leave) it when the process ends. A task that is cloned for a call
/// is no new process.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Task {
    /// Effective user id; 0 has the capabilities of `caps`, others have none.
    pub uid: u32,
    /// Effective group id.
    pub gid: u32,
    /// Supplementary groups.
    pub groups: Vec<u32>,
    /// The bounding set: what user 0 may do beyond permission bits. As in a container of Docker's, another user has no
    /// capabilities, and has these again when a set-id program makes it user 0.
    #[serde(default = "Caps::all")]
    pub caps: Caps,
    /// Permission bits that a creating call leaves out.
    pub umask: u32,
    /// The number of the process, 0 for what is none: the lab's own work.
    #[serde(default)]
    pub pid: u32,
    /// Where `/` is, in the kernel's tree.
    pub root: ByteString,
    /// Where relative paths start, inside `root`; a text that is out of date once a directory on it was moved, where
    /// `dir` stands for it.
    pub cwd: ByteString,
    /// The working directory itself, as a descriptor. Wherever it is moved, the process stands in it.
    #[serde(default)]
    pub dir: Option<Fd>,
}

impl Task {
    /// Root with every capability, at the root of the kernel's tree, with umask 022.
    pub fn root() -> Self {
        Self {
            uid: 0,
            gid: 0,
            groups: Vec::new(),
            caps: Caps::all(),
            umask: 0o022,
            pid: 0,
            root: "/".into(),
            cwd: "/".into(),
            dir: None,
        }
    }

    /// The same credentials, in the tree below `root` (an absolute path of the kernel's tree).
    pub fn chrooted(&self, root: impl Into<ByteString>) -> Self {
        Self { root: root.into(), cwd: "/".into(), dir: None, ..self.clone() }
    }

    /// The same place, as another user without supplementary groups.
    pub fn with_user(&self, uid: u32, gid: u32) -> Self {
        Self { uid, gid, groups: Vec::new(), ..self.clone() }
    }

    /// The same process elsewhere; `cwd` is absolute, inside `root`, and means what it says at each call.
    pub fn at(&self, cwd: impl Into<ByteString>) -> Self {
        Self { cwd: cwd.into(), dir: None, ..self.clone() }
    }

    /// The same place, with no more than these capabilities.
    pub fn with_caps(&self, caps: Caps) -> Self {
        Self { caps, ..self.clone() }
    }

    /// Whether the process may do all that these capabilities stand for.
    #[inline]
    pub fn can(&self, caps: Caps) -> bool {
        self.uid == 0 && self.caps.contains(caps)
    }

    /// Whether the process may all that root may.
    pub fn is_privileged(&self) -> bool {
        self.can(Caps::all())
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
