//! Temporary folders that go with the process, however it ends: at a signal too, and what a `SIGKILL` left goes with the
//! next run that makes one.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, SystemTime};

use nix::sys::signal::{SigSet, Signal};
use rustix::fs::{FlockOperation, flock};

/// What the names of these folders begin with.
const PREFIX: &str = "layerlab-";
/// The file that whoever has a folder holds locked.
const LOCK: &str = ".lock";
/// A folder that is younger may not be locked yet.
const YOUNG: Duration = Duration::from_mins(1);

/// The folders that there are.
static OPEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A temporary folder. It goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    dir: tempfile::TempDir,
    _lock: File,
}

impl Folder {
    /// Makes a folder for `what`.
    ///
    /// # Errors
    /// The file system's.
    pub(crate) fn new(what: &str) -> io::Result<Self> {
        Self::in_dir(&std::env::temp_dir(), what)
    }

    fn in_dir(parent: &Path, what: &str) -> io::Result<Self> {
        watch_signals();
        sweep(parent);
        let dir = tempfile::Builder::new().prefix(&format!("{PREFIX}{what}-")).tempdir_in(parent)?;
        OPEN.lock().unwrap_or_else(PoisonError::into_inner).push(dir.path().to_owned());
        let mut options = OpenOptions::new();
        let lock = options.write(true).create_new(true).mode(0o600).open(dir.path().join(LOCK))?;
        flock(lock.as_fd(), FlockOperation::LockExclusive)?;
        Ok(Self { dir, _lock: lock })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        OPEN.lock().unwrap_or_else(PoisonError::into_inner).retain(|open| open != self.dir.path());
    }
}

/// Removes the folders at the signals that end a process; it ends as they would have ended it. The thread that makes the
/// first folder and those that it starts leave the signals to one that waits for them.
fn watch_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let mut signals = SigSet::empty();
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
            signals.add(signal);
        }
        if signals.thread_block().is_err() {
            return;
        }
        let wait = move || {
            let Ok(signal) = signals.wait() else { return };
            for folder in OPEN.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                // There is nobody left to tell.
                let _ = fs::remove_dir_all(folder);
            }
            std::process::exit(128 + signal as i32);
        };
        // Without a thread the signals would be lost: they do what they always do.
        if std::thread::Builder::new().name("signals".to_owned()).spawn(wait).is_err() {
            let _ = signals.thread_unblock();
        }
    });
}

/// Removes this user's folders that no process holds.
fn sweep(parent: &Path) {
    let me = rustix::process::getuid().as_raw();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let Ok(data) = entry.path().symlink_metadata() else { continue };
        let is_old = data
            .modified()
            .is_ok_and(|time| SystemTime::now().duration_since(time).is_ok_and(|age| age >= YOUNG));
        if is_ours && data.is_dir() && data.uid() == me && is_old && is_left(&entry.path()) {
            // Another run may be at it.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether a folder has a lock that nobody holds.
fn is_left(folder: &Path) -> bool {
    let Ok(lock) = File::open(folder.join(LOCK)) else { return false };
    flock(lock.as_fd(), FlockOperation::NonBlockingLockExclusive).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_go_and_what_was_left_is_swept() {
        let parent = tempfile::tempdir().unwrap();
        let held = Folder::in_dir(parent.path(), "pull").unwrap();
        fs::write(held.path().join("blob"), "b").unwrap();
        let left = parent.path().join("layerlab-pull-left");
        let other = parent.path().join("layerlab-other");
        for dir in [&left, &other] {
            fs::create_dir(dir).unwrap();
        }
        File::create(left.join(LOCK)).unwrap();
        let long_ago = SystemTime::now() - 2 * YOUNG;
        for dir in [held.path(), &left, &other] {
            File::open(dir).unwrap().set_modified(long_ago).unwrap();
        }
        sweep(parent.path());
        // One is held, one was left, one is nobody's that is known.
        assert!(held.path().join("blob").exists() && !left.exists() && other.exists());
        let path = held.path().to_owned();
        drop(held);
        assert!(!path.exists());
    }
}
