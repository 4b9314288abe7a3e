//! Where the calling thread sits: its root, working directory, umask and credentials, switched only where the next
//! call's task differs from the last one's.

use std::os::fd::OwnedFd;

use layerlab_core::kernel::{ByteString, Caps, Errno, Fd, Result, Task};
use rustix::fs::{CWD, Gid, Mode, OFlags, Uid};
use rustix::process::{chdir, chroot, fchdir, umask};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, set_capabilities, set_thread_groups, set_thread_res_gid,
    set_thread_res_uid,
};

use super::convert::errno;
use super::creds::Creds;
use super::fds::Fds;
use super::unshare::unshare_fs;

/// Where relative paths start.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// At what this path led to.
    Path(ByteString),
    /// At this open directory.
    Dir(Fd),
}

/// The state of the calling thread, as last set.
#[derive(Debug)]
pub(super) struct Seat {
    /// The root of the kernel's tree, as a handle that a chroot cannot lose.
    home: OwnedFd,
    /// Where `/` is; `None` when a mount may have changed what the path means.
    root: Option<ByteString>,
    /// Where relative paths start; `None` when it must be looked up again.
    cwd: Option<Place>,
    umask: u32,
    creds: Creds,
    /// The capabilities that the thread came with.
    own: CapabilitySets,
    /// Whether groups can be had. In a user namespace with one mapped id, setgroups(2) is closed (user_namespaces(7)); no
    /// file there belongs to another group, so that a task does there what it may without them.
    has_groups: bool,
}

impl Seat {
    /// Takes the calling thread, which has its root at the root of the kernel's tree.
    pub(super) fn take() -> Result<Self> {
        unshare_fs().map_err(errno)?;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let home = rustix::fs::openat(CWD, c"/", flags, Mode::empty()).map_err(errno)?;
        umask(Mode::from_raw_mode(0o022));
        let has_groups = set_thread_groups(&[]).is_ok();
        let creds = Creds { uid: 0, gid: 0, groups: Vec::new(), caps: Caps::all() };
        let own = capabilities(None).map_err(errno)?;
        Ok(Self { home, root: None, cwd: None, umask: 0o022, creds, own, has_groups })
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
    pub(super) fn sit_in_cwd(&mut self, task: &Task, open: &Fds) -> Result<()> {
        if self.root.as_ref() != Some(&task.root) {
            self.change_root(task)?;
        }
        let there = match (&self.cwd, task.dir) {
            (Some(Place::Dir(here)), Some(dir)) => *here == dir,
            (Some(Place::Path(here)), None) => *here == task.cwd,
            _ => false,
        };
        if !there {
            // A process stands where it stands, whatever its permissions are by now: the way there is root's.
            self.become_root()?;
            self.cwd = None;
            self.cwd = Some(match task.dir {
                Some(dir) => {
                    fchdir(&*open.get(dir)?.file).map_err(errno)?;
                    Place::Dir(dir)
                }
                None => {
                    chdir(&task.cwd[..]).map_err(errno)?;
                    Place::Path(task.cwd.clone())
                }
            });
        }
        self.be(task)
    }

    /// A descriptor is about to be closed; its number may stand for another directory then.
    pub(super) fn closing(&mut self, fd: Fd) {
        if self.cwd == Some(Place::Dir(fd)) {
            self.cwd = None;
        }
    }

    /// Says that the thread has just gone to this directory, inside its root.
    pub(super) fn arrived(&mut self, cwd: ByteString) {
        self.cwd = Some(Place::Path(cwd));
    }

    /// Names may mean other directories now (rename, rmdir): relative paths are looked up again. A call cannot move
    /// its own root, which is why that stays.
    pub(super) fn names_changed(&mut self) {
        if matches!(&self.cwd, Some(Place::Path(cwd)) if *cwd != "/") {
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
        self.sit_in_cwd(&Task::root(), &Fds::default())
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
        if self.creds == *creds { Ok(()) } else { self.change_creds(creds) }
    }

    /// Has the task's credentials and umask.
    #[inline]
    pub(super) fn be(&mut self, task: &Task) -> Result<()> {
        if self.umask != task.umask {
            umask(Mode::from_raw_mode(task.umask));
            self.umask = task.umask;
        }
        if self.creds.are(task) { Ok(()) } else { self.change_creds(&Creds::of(task)) }
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
        self.cwd = Some(Place::Path("/".into()));
        Ok(())
    }

    /// Effective id 0, with which the capabilities come back (capabilities(7), "effect of user ID changes").
    fn become_root(&mut self) -> Result<()> {
        if self.creds.uid != 0 {
            set_thread_res_uid(None, Uid::ROOT, None).map_err(errno)?;
            self.creds.uid = 0;
            self.creds.caps = Caps::all();
        }
        self.keep_caps(Caps::all())
    }

    /// Has these capabilities in effect, of those that the thread came with. All stay permitted, for the way back.
    fn keep_caps(&mut self, caps: Caps) -> Result<()> {
        if self.creds.caps == caps {
            return Ok(());
        }
        let kept = if caps == Caps::all() { !0 } else { caps.bits() };
        let effective = self.own.permitted & CapabilitySet::from_bits_retain(kept);
        set_capabilities(None, CapabilitySets { effective, ..self.own }).map_err(errno)?;
        self.creds.caps = caps;
        Ok(())
    }

    #[cold]
    fn change_creds(&mut self, new: &Creds) -> Result<()> {
        let Creds { uid, gid, ref groups, caps } = *new;
        // -1 names nobody, and means "keep" to the calls below.
        if uid == u32::MAX || gid == u32::MAX || groups.contains(&u32::MAX) {
            return Err(Errno::EINVAL);
        }
        self.become_root()?;
        if self.creds.groups != *groups {
            let raw: Vec<Gid> = groups.iter().map(|group| Gid::from_raw(*group)).collect();
            if self.has_groups {
                set_thread_groups(&raw).map_err(errno)?;
            }
            self.creds.groups.clone_from(groups);
        }
        if self.creds.gid != gid {
            set_thread_res_gid(None, Gid::from_raw(gid), None).map_err(errno)?;
            self.creds.gid = gid;
        }
        if uid != 0 {
            // Leaving id 0 clears the effective capabilities; they stay permitted, for the way back.
            set_thread_res_uid(None, Uid::from_raw(uid), None).map_err(errno)?;
            (self.creds.uid, self.creds.caps) = (uid, caps);
            return Ok(());
        }
        self.keep_caps(caps)
    }
}
