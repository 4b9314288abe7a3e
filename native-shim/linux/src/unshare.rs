//! `unshare(2)`: `rustix`'s is unsafe, since it cannot exclude `CLONE_FILES`; `nix`'s is used.

use nix::sched::CloneFlags;
use rustix::io::{Errno, Result};

/// Gives the calling thread its own root, working directory and umask.
pub fn unshare_fs() -> Result<()> {
    unshare(CloneFlags::CLONE_FS)
}

/// Gives the calling process its own mounts.
pub fn unshare_mounts() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWNS)
}

/// Gives the calling process, which must have one thread only, its own users, of whom it is nobody until they are
/// mapped, and its own mounts.
pub fn unshare_users_and_mounts() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
}

fn unshare(flags: CloneFlags) -> Result<()> {
    nix::sched::unshare(flags).map_err(|error| Errno::from_raw_os_error(error as i32))
}
