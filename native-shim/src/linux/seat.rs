//! Where the calling thread sits: its root, working directory, umask and credentials, switched only where the next
//! call's task differs from the last one's.

use std::os::fd::OwnedFd;

use layerlab_core::kernel::{ByteString, Errno, Result, Task};
use rustix::fs::{CWD, Gid, Mode, OFlags, Uid};
use rustix::process::{chdir, chroot, fchdir, umask};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use super::convert::errno;
use super::unshare::unshare_fs;

/// Whose permissions a call is checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Creds {
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
}

impl Creds {
    pub(super) fn of(task: &Task) -> Self {
        Self { uid: task.uid, gid: task.gid, groups: task.groups.clone() }
    }

    fn are(&self, task: &Task) -> bool {
        self.uid == task.uid && self.gid == task.gid && self.groups == task.groups
    }
}

/// The state of the calling thread, as last set.
#[derive(Debug)]
pub(super) struct Seat {
    /// The root of the kernel's tree, as a handle that a chroot cannot lose.
    home: OwnedFd,
    /// Where `/` is; `None` when a mount may have changed what the path means.
    root: Option<ByteString>,
    /// Where relative paths start; `None` when it must be looked up again.
    cwd: Option<ByteString>,
    umask: u32,
    creds: Creds,
}

impl Seat {
    /// Takes the calling thread, which has its root at the root of the kernel's tree.
    pub(super) fn take() -> Result<Self> {
        unshare_fs().map_err(errno)?;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let home = rustix::fs::openat(CWD, c"/", flags, Mode::empty()).map_err(errno)?;
        umask(Mode::from_raw_mode(0o022));
        // In a user namespace with one mapped id, setgroups(2) is closed; that is seen when a task asks for groups.
        let _ = set_thread_groups(&[]);
        let creds = Creds { uid: 0, gid: 0, groups: Vec::new() };
        Ok(Self { home, root: None, cwd: None, umask: 0o022, creds })
    }

    /// Sits where the task's path is resolved from, with its credentials and umask.
    #[inline]
    pub(super) fn sit(&mut self, task: &Task, path: &[u8]) -> Result<()> {
        if path.first() == Some(&b'/') { self.sit_at_root(task) } else { self.sit_in_cwd(task) }
    }

    /// For calls that take absolute paths only.
    #[inline]
    pub(super) fn sit_at_root(&mut self, task: &Task) -> Result<()> {
        if self.root.as_ref() != Some(&task.root) {
            self.change_root(task)?;
        }
        self.be(task)
    }

    /// For calls with a relative path, and for those that a working directory stands in the way of (umount).
    pub(super) fn sit_in_cwd(&mut self, task: &Task) -> Result<()> {
        if self.root.as_ref() != Some(&task.root) {
            self.change_root(task)?;
        }
        if self.cwd.as_ref() != Some(&task.cwd) {
            // A process stands where it stands, whatever its permissions are by now: the way there is root's.
            self.become_root()?;
            self.cwd = None;
            chdir(&task.cwd[..]).map_err(errno)?;
            self.cwd = Some(task.cwd.clone());
        }
        self.be(task)
    }

    /// Says that the thread has just gone to this directory, inside its root.
    pub(super) fn arrived(&mut self, cwd: ByteString) {
        self.cwd = Some(cwd);
    }

    /// Names may mean other directories now (rename, rmdir): relative paths are looked up again. A call cannot move
    /// its own root, which is why that stays.
    pub(super) fn names_changed(&mut self) {
        if self.cwd.as_ref().is_some_and(|cwd| *cwd != "/") {
            self.cwd = None;
        }
    }

    /// Paths may mean other file systems now (mount, umount).
    pub(super) fn mounts_changed(&mut self) {
        self.root = None;
        self.cwd = None;
    }

    /// Goes back to the root of the kernel's tree as root, so that nothing is held busy.
    pub(super) fn leave(&mut self) -> Result<()> {
        self.sit_in_cwd(&Task::root())
    }

    /// Lives in another tree from now on, whose root is the calling process's root.
    pub(super) fn rehome(&mut self) -> Result<()> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        self.home = rustix::fs::openat(CWD, c"/", flags, Mode::empty()).map_err(errno)?;
        self.mounts_changed();
        Ok(())
    }

    /// Has the permissions of the one who opened a descriptor: writing may strip set-id bits by them.
    #[inline]
    pub(super) fn be_opener(&mut self, creds: &Creds) -> Result<()> {
        if self.creds == *creds { Ok(()) } else { self.change_creds(creds.uid, creds.gid, &creds.groups) }
    }

    /// Has the task's credentials and umask.
    #[inline]
    pub(super) fn be(&mut self, task: &Task) -> Result<()> {
        if self.umask != task.umask {
            umask(Mode::from_raw_mode(task.umask));
            self.umask = task.umask;
        }
        if self.creds.are(task) { Ok(()) } else { self.change_creds(task.uid, task.gid, &task.groups) }
    }

    #[cold]
    fn change_root(&mut self, task: &Task) -> Result<()> {
        self.become_root()?;
        self.mounts_changed();
        fchdir(&self.home).map_err(errno)?;
        chroot(c".").map_err(errno)?;
        if task.root != "/" {
            chdir(&task.root[..]).map_err(errno)?;
            chroot(c".").map_err(errno)?;
        }
        self.root = Some(task.root.clone());
        self.cwd = Some("/".into());
        Ok(())
    }

    /// Effective id 0, with which the capabilities come back (capabilities(7), "effect of user ID changes").
    fn become_root(&mut self) -> Result<()> {
        if self.creds.uid != 0 {
            set_thread_res_uid(None, Uid::ROOT, None).map_err(errno)?;
            self.creds.uid = 0;
        }
        Ok(())
    }

    #[cold]
    fn change_creds(&mut self, uid: u32, gid: u32, groups: &[u32]) -> Result<()> {
        // -1 names nobody, and means "keep" to the calls below.
        if uid == u32::MAX || gid == u32::MAX || groups.contains(&u32::MAX) {
            return Err(Errno::EINVAL);
        }
        self.become_root()?;
        if self.creds.groups != groups {
            let raw: Vec<Gid> = groups.iter().map(|group| Gid::from_raw(*group)).collect();
            set_thread_groups(&raw).map_err(errno)?;
            self.creds.groups = groups.to_vec();
        }
        if self.creds.gid != gid {
            set_thread_res_gid(None, Gid::from_raw(gid), None).map_err(errno)?;
            self.creds.gid = gid;
        }
        if uid != 0 {
            // Leaving id 0 clears the effective capabilities; they stay permitted, for the way back.
            set_thread_res_uid(None, Uid::from_raw(uid), None).map_err(errno)?;
            self.creds.uid = uid;
        }
        Ok(())
    }
}
