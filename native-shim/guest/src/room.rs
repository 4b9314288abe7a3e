//! The tree in which the calls are made: a tmpfs of its own, thrown away whole by a reset.

use std::os::fd::OwnedFd;

use layerlab_linux::{LinuxKernel, Naming};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use rustix::process::{chdir, chroot, fchdir};

const TREE: &str = "/tree";

/// How much the files of a session may hold. What Linux and this program need stays free.
const TREE_OPTIONS: &std::ffi::CStr = c"mode=755,size=32m,nr_inodes=16384";

pub(crate) struct Room {
    /// The root that Linux started with.
    root: OwnedFd,
    proc: OwnedFd,
}

impl Room {
    /// Mounts what there has to be, and lets links be followed as Linux does of itself.
    pub(crate) fn open() -> Result<Self, String> {
        let at = |what: &'static str| move |error: Errno| format!("{what}: {error}");
        for (name, fstype) in [("/proc", c"proc"), ("/dev", c"devtmpfs")] {
            match mount(fstype, name, fstype, MountFlags::empty(), c"") {
                Ok(()) | Err(Errno::BUSY) => {}
                Err(error) => return Err(format!("{name}: {error}")),
            }
        }
        // Debian's kernels protect links in sticky directories; Linux's own default does not.
        for name in ["protected_symlinks", "protected_hardlinks", "protected_fifos", "protected_regular"] {
            let path = format!("/proc/sys/fs/{name}");
            std::fs::write(&path, "0").map_err(|error| format!("{path}: {error}"))?;
        }
        rustix::fs::mkdir(TREE, Mode::RWXU).map_err(at(TREE))?;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let open = |path| rustix::fs::openat(CWD, path, flags, Mode::empty());
        let room = Self { root: open("/").map_err(at("/"))?, proc: open("/proc").map_err(at("/proc"))? };
        Ok(room)
    }

    /// Gives a kernel whose tree is empty. The one before must have let go of everything.
    pub(crate) fn fresh(&self) -> Result<LinuxKernel, String> {
        self.enter().map_err(|error| format!("the tree could not be made anew: {error}"))?;
        let proc = self.proc.try_clone().map_err(|error| error.to_string())?;
        LinuxKernel::new(Naming::Trusted, proc).map_err(|error| format!("no kernel: {}", error.name()))
    }

    fn enter(&self) -> Result<(), Errno> {
        fchdir(&self.root)?;
        chroot(".")?;
        match unmount(TREE, UnmountFlags::DETACH) {
            // It is not mounted the first time.
            Ok(()) | Err(Errno::INVAL) => {}
            Err(error) => return Err(error),
        }
        mount(c"tmpfs", TREE, c"tmpfs", MountFlags::NOSUID | MountFlags::NODEV, TREE_OPTIONS)?;
        chdir(TREE)?;
        chroot(".")
    }
}

/// Writes a line to Linux's own console.
pub(crate) fn say(line: &str) {
    if let Ok(file) = rustix::fs::open("/dev/kmsg", OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty()) {
        // There is nobody else to tell.
        let _ = rustix::io::write(&file, line.as_bytes());
    }
}
