//! What an unpacked entry gets once it is whole: its owner, attributes, mode and times (moby 20.10
//! `pkg/archive/archive.go`, `createTarFile`).

use super::{LayerCall, LayerError, times, xattrs};
use crate::kernel::{Errno, FileType, Follow, Kernel, SetTime, Task, Timespec};
use crate::oci::tar::{Kind, TarEntry};

/// Whose the files are that are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owners {
    /// The tar's.
    Kept,
    /// Whoever unpacks (`NoLchown`).
    Own,
}

/// Sets the metadata of an entry whose name is its path, in Docker's order.
pub(super) fn set_metadata(
    kernel: &mut dyn Kernel,
    task: &Task,
    entry: &TarEntry,
    owners: Owners,
    log: &mut String,
) -> Result<(), LayerError> {
    let path = entry.name.as_slice();
    let named = |op: &str| format!("{op} {}", show(path));
    if owners == Owners::Kept {
        kernel
            .chown(task, path, Some(entry.uid), Some(entry.gid), Follow::Link)
            .map_err(|errno| failed(LayerCall::SetOwner, named("lchown"), errno))?;
    }
    xattrs::set(kernel, task, path, entry, log)?;
    let has_mode = match entry.kind {
        Kind::Symlink => false,
        Kind::Hardlink => has_plain_target(kernel, task, &entry.link),
        _ => true,
    };
    if has_mode {
        kernel.chmod(task, path, entry.mode & 0o7777).map_err(|errno| call(&named("chmod"), errno))?;
    }
    let atime = entry.atime.filter(|atime| *atime >= entry.mtime).unwrap_or(entry.mtime);
    match entry.kind {
        Kind::Symlink => {
            let [atime, mtime] = [atime, entry.mtime].map(|time| SetTime::At(times::of_link(time)));
            kernel
                .utimens(task, path, atime, mtime, Follow::Link)
                .map_err(|errno| call(&named("utimensat"), errno))
        }
        _ if has_mode => set_times(kernel, task, path, atime, entry.mtime),
        _ => Ok(()),
    }
}

/// Whether a hard link's entry says the mode and the time of its inode: Docker asks for the target by the name as it is
/// written, from its root. A name that only cleaning makes right (`none/../a`, `a/`) leads nowhere.
fn has_plain_target(kernel: &mut dyn Kernel, task: &Task, link: &[u8]) -> bool {
    kernel.lstat(task, link).is_ok_and(|stat| stat.kind != FileType::Symlink)
}

/// Sets the times of what is no link, as far as Docker can.
pub(super) fn set_times(
    kernel: &mut dyn Kernel,
    task: &Task,
    path: &[u8],
    atime: Timespec,
    mtime: Timespec,
) -> Result<(), LayerError> {
    let [atime, mtime] = [atime, mtime].map(|time| SetTime::At(times::kept(time)));
    kernel
        .utimens(task, path, atime, mtime, Follow::Target)
        .map_err(|errno| call(&format!("chtimes {}", show(path)), errno))
}

/// A call that failed, in Docker's words.
pub(super) fn call(what: &str, errno: Errno) -> LayerError {
    LayerError::call(what, errno)
}

/// A call that failed, where its kind matters.
pub(super) fn failed(call: LayerCall, what: String, errno: Errno) -> LayerError {
    LayerError::Call { call, what, errno }
}

/// A path in a message.
pub(super) fn show(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
