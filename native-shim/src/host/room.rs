//! The namespaces and the root of a host session: made before the first call, and made anew by a reset.
//!
//! The root is a mount without a name (fsmount(2), open_tree(2)) that is put over `/` and pivoted into; what was there
//! before is unmounted with everything below it. Nothing needs a directory of the machine to stand on.

use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, CWD, FlockOperation, Mode, OFlags, XattrFlags};
use rustix::io::{Errno, Result};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags,
};
use rustix::process::{chdir, fchdir, pivot_root};

use crate::linux::Naming;
use crate::linux::unshare::{unshare_mounts, unshare_users_and_mounts};

/// `statfs(2)`'s number for overlayfs (`linux/magic.h`).
const OVERLAYFS: u64 = 0x794c_7630;

/// Why there is no room: one line with its remedy.
pub(super) type Refusal = String;

/// Makes the user namespace (unless `privileged`) and the mount namespace.
pub(super) fn unshare(privileged: bool) -> std::result::Result<(), Refusal> {
    if privileged {
        return unshare_mounts().map_err(|error| {
            format!("this process may not make a mount namespace ({error}): run it outside the container that holds it")
        });
    }
    unshare_users_and_mounts().map_err(|error| match error {
        Errno::NOSPC | Errno::USERS => "user namespaces are switched off here: run as root, or have an administrator \
            raise them (sysctl -w user.max_user_namespaces=10000)"
            .to_owned(),
        _ => format!(
            "user namespaces are not allowed for this user here ({error}): run as root, or have an administrator \
             allow them (sysctl -w kernel.unprivileged_userns_clone=1; in a container, its seccomp profile)"
        ),
    })
}

/// Cuts the new namespace's mounts off from the machine's: nothing mounted on one side shows on the other.
pub(super) fn make_private() -> std::result::Result<(), Refusal> {
    let flags = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    rustix::mount::mount_change(c"/", flags).map_err(|error| {
        format!(
            "this user's namespace may not mount anything ({error}): run as root, or have an administrator lift the \
             restriction (sysctl -w kernel.apparmor_restrict_unprivileged_userns=0)"
        )
    })
}

/// A directory of the machine's that was named as the disk, held and locked.
#[derive(Debug)]
pub(super) struct NamedDisk {
    tree: OwnedFd,
    flags: MountFlags,
    /// Keeps the lock.
    _lock: OwnedFd,
}

impl NamedDisk {
    /// Takes the directory, if overlay mounts can live on it.
    pub(super) fn take(path: &[u8], naming: Naming) -> std::result::Result<Self, Refusal> {
        let name = String::from_utf8_lossy(path);
        let refuse = |error: Errno| format!("{name}: cannot be used as the lab's disk: {error}");
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let lock = rustix::fs::openat(CWD, path, flags, Mode::empty()).map_err(|error| match error {
            Errno::NOENT => format!("{name}: no such directory; make it first (mkdir {name})"),
            error => refuse(error),
        })?;
        if rustix::fs::fstatfs(&lock).map_err(refuse)?.f_type as u64 == OVERLAYFS {
            return Err(format!(
                "{name}: is on an overlay, which cannot hold another one's upper directory; name a directory on a disk \
                 (ext4, xfs) or leave --root out to use memory"
            ));
        }
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
            Errno::WOULDBLOCK => format!("{name}: is in use by another session; end that one first"),
            error => refuse(error),
        })?;
        check_attributes(&lock, naming).map_err(|error| {
            format!("{name}: its file system cannot hold overlay's attributes ({error}); name a directory on ext4 or xfs")
        })?;
        let flags =
            OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_EMPTY_PATH;
        let tree = rustix::mount::open_tree(&lock, c"", flags).map_err(refuse)?;
        // What the mount has already may not be taken off in a user namespace: it is kept, by number.
        let kept = rustix::fs::fstatvfs(&lock).map_err(refuse)?.f_flag.bits() as u32 & 0b1111;
        let flags = MountFlags::from_bits_retain(kept) | MountFlags::NOSUID | MountFlags::NODEV;
        Ok(Self { tree, flags, _lock: lock })
    }

    /// Makes it the root.
    pub(super) fn enter(&self) -> Result<()> {
        enter(&self.tree)?;
        rustix::mount::mount_remount(c"/", MountFlags::BIND | self.flags, c"")
    }
}

/// Tries the kind of attribute that overlay needs on a file without a name, which leaves nothing behind.
fn check_attributes(dir: &OwnedFd, naming: Naming) -> Result<()> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = rustix::fs::openat(dir, c".", flags, Mode::RUSR | Mode::WUSR)?;
    let name = match naming {
        Naming::Trusted => c"trusted.overlay.opaque",
        Naming::User => c"user.overlay.opaque",
    };
    rustix::fs::fsetxattr(file, name, b"y", XattrFlags::empty())
}

/// Makes a fresh, empty tmpfs the root, and drops whatever was the root before with all that is mounted in it.
pub(super) fn enter_fresh_tmpfs() -> Result<()> {
    let context = rustix::mount::fsopen(c"tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
    rustix::mount::fsconfig_set_string(&context, c"source", c"tmpfs")?;
    rustix::mount::fsconfig_create(&context)?;
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV;
    let mount = rustix::mount::fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?;
    enter(&mount)?;
    // tmpfs makes its root 01777; not with the option `mode`, which mount(8) would show.
    rustix::fs::chmod(c"/", Mode::from_raw_mode(0o755))
}

/// Puts a nameless mount over `/`, pivots into it, and unmounts what was below.
fn enter(mount: &OwnedFd) -> Result<()> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let before = rustix::fs::openat(CWD, c"/", flags, Mode::empty())?;
    rustix::mount::move_mount(mount, c"", CWD, c"/", MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?;
    fchdir(mount)?;
    // pivot_root(2), "pivot_root(".", ".")": the old root is then mounted over the new one, and taken off again.
    pivot_root(c".", c".")?;
    fchdir(&before)?;
    rustix::mount::unmount(c".", UnmountFlags::DETACH)?;
    chdir(c"/")
}

/// Mounts an overlay on the fresh tmpfs and takes it away again.
pub(super) fn check_overlay(naming: Naming) -> std::result::Result<(), Refusal> {
    const TRIAL: [&std::ffi::CStr; 5] = [c"/trial", c"/trial/l", c"/trial/u", c"/trial/w", c"/trial/m"];
    let tmpfs = |error: Errno| format!("the lab's tmpfs cannot be written: {error}");
    for dir in TRIAL {
        rustix::fs::mkdir(dir, Mode::RWXU).map_err(tmpfs)?;
    }
    let root =
        rustix::fs::openat(CWD, c"/", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).map_err(tmpfs)?;
    check_attributes(&root, naming).map_err(|error| {
        format!(
            "this kernel's tmpfs cannot hold overlay's attributes ({error}; Linux 6.6 can): name a directory on ext4 or \
             xfs with --root DIR"
        )
    })?;
    let data = match naming {
        Naming::Trusted => c"lowerdir=/trial/l,upperdir=/trial/u,workdir=/trial/w",
        Naming::User => c"lowerdir=/trial/l,upperdir=/trial/u,workdir=/trial/w,userxattr",
    };
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    rustix::mount::mount(c"overlay", c"/trial/m", c"overlay", flags, data).map_err(|error| match error {
        Errno::NODEV => "this kernel has no overlayfs: load it as root (modprobe overlay)".to_owned(),
        Errno::PERM | Errno::INVAL if naming == Naming::User => {
            format!(
                "this kernel mounts no overlay in a user namespace ({error}; Linux 5.11 does): run as root"
            )
        }
        error => format!("an overlay cannot be mounted here ({error}): see the kernel's log (dmesg)"),
    })?;
    rustix::mount::unmount(c"/trial/m", UnmountFlags::empty()).map_err(tmpfs)?;
    rustix::fs::rmdir(c"/trial/w/work").map_err(tmpfs)?;
    for dir in TRIAL.iter().rev() {
        rustix::fs::unlinkat(CWD, *dir, AtFlags::REMOVEDIR).map_err(tmpfs)?;
    }
    Ok(())
}
