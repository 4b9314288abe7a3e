//! [`LinuxKernel`]: core's seam on Linux itself, each method the real system call.
//!
//! The calling thread makes the calls. It has unshared its root, working directory and umask (`CLONE_FS`) and sits in
//! the task's root by `chroot(2)` while it works for that task, with the task's effective ids, so that absolute
//! symbolic links, `..` and trailing slashes mean what they mean in a container. Only what differs from the call
//! before is switched ([`seat`]): a run of calls by one task costs nothing but the calls themselves.
//!
//! Two things are added to keep a lab from reaching the machine's devices: every mount is `nosuid` and `nodev`, and
//! only `overlay`, `tmpfs` and bind mounts can be made.

mod convert;
mod creds;
mod fds;
mod files;
mod kernel;
mod mountinfo;
mod names;
mod seat;
pub mod unshare;

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::os::fd::OwnedFd;

use layerlab_core::kernel::{ByteString, MountInfo, Result, Task};
use rustix::fs::{Mode, OFlags};

pub use names::Naming;

use convert::errno;
use fds::Fds;
use seat::Seat;

/// The longest value, and the longest list of names, that Linux gives (`XATTR_SIZE_MAX`, `XATTR_LIST_MAX`).
const XATTR_MAX: usize = 65536;

/// The running kernel. It belongs to the thread that made it, whose root, working directory, umask and effective ids it
/// changes; that thread does nothing else with paths.
pub struct LinuxKernel {
    seat: Seat,
    fds: Fds,
    naming: Naming,
    /// `/proc`, opened before it went out of reach.
    proc: OwnedFd,
    /// This thread's list of mounts, as seen from the root of the tree.
    mountinfo: OwnedFd,
    scratch: Vec<u8>,
    asked: mountinfo::Asked,
    /// Not `Send`: what it changes is the thread's.
    thread: PhantomData<*const ()>,
}

impl LinuxKernel {
    /// The kernel's tree is what the calling thread has at `/`; `proc` is a handle on `/proc`, which need not be in it.
    ///
    /// # Errors
    /// What Linux says when the thread may not have its own root (it needs `CAP_SYS_CHROOT`, and effective id 0).
    pub fn new(naming: Naming, proc: OwnedFd) -> Result<Self> {
        let seat = Seat::take()?;
        let mountinfo = open_mountinfo(&proc)?;
        let scratch = Vec::with_capacity(XATTR_MAX);
        Ok(Self {
            seat,
            fds: Fds::default(),
            naming,
            proc,
            mountinfo,
            scratch,
            asked: BTreeMap::new(),
            thread: PhantomData,
        })
    }

    /// Closes every descriptor and goes back to the root of the tree, so that nothing keeps a mount busy.
    ///
    /// # Errors
    /// What Linux says when the root cannot be gone back to.
    pub fn let_go(&mut self) -> Result<()> {
        self.fds.clear();
        self.seat.leave()
    }

    /// Takes what the thread has at `/` by now as the tree. To be called after [`LinuxKernel::let_go`] and a change of
    /// the root.
    ///
    /// # Errors
    /// What Linux says when the new root cannot be opened.
    pub fn rehome(&mut self) -> Result<()> {
        self.seat.rehome()?;
        self.mountinfo = open_mountinfo(&self.proc)?;
        Ok(())
    }

    /// Sits for a call with two paths.
    fn sit_for_both(&mut self, task: &Task, a: &[u8], b: &[u8]) -> Result<()> {
        let both_absolute = a.starts_with(b"/") && b.starts_with(b"/");
        if both_absolute { self.seat.sit_at_root(task) } else { self.seat.sit_in_cwd(task, &self.fds) }
    }

    /// Sits where the task's path is resolved from, with its credentials and umask.
    #[inline]
    fn sit(&mut self, task: &Task, path: &[u8]) -> Result<()> {
        let absolute = path.first() == Some(&b'/');
        if absolute { self.seat.sit_at_root(task) } else { self.seat.sit_in_cwd(task, &self.fds) }
    }

    fn read_mountinfo(&mut self) -> Result<Vec<MountInfo>> {
        let mut text = Vec::new();
        let mut chunk = vec![0; 16 * 1024];
        loop {
            let n = rustix::io::pread(&self.mountinfo, &mut chunk[..], text.len() as u64).map_err(errno)?;
            if n == 0 {
                return Ok(mountinfo::parse(&text, self.naming, &self.asked));
            }
            text.extend_from_slice(&chunk[..n]);
        }
    }

    /// Splits what `listxattr(2)` left in the scratch buffer.
    fn listed_names(&self, privileged: bool) -> Vec<ByteString> {
        let names = self.scratch.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        names.filter_map(|name| self.naming.shown(name, privileged)).collect()
    }
}

impl fmt::Debug for LinuxKernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinuxKernel")
            .field("naming", &self.naming)
            .field("seat", &self.seat)
            .finish_non_exhaustive()
    }
}

fn open_mountinfo(proc: &OwnedFd) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    rustix::fs::openat(proc, c"thread-self/mountinfo", flags, Mode::empty()).map_err(errno)
}
