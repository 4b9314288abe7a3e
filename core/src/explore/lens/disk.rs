//! A disk of the simulator to apply layers to: the calls of another program's unpacker are made on it, and its tree is what
//! that program makes.

use std::collections::BTreeMap;

use super::resolved::{Resolved, ghost};
use crate::kernel::{
    ByteString, Errno, FileType, Follow, Kernel, MountFlags, OpenFlags, Result as KernelResult, SetTime,
    Stat, Task, Timespec, XattrMode, fs, path,
};
use crate::oci::layer::{LayerError, times};
use crate::oci::tar::TarEntry;
use crate::sim::SimKernel;

/// The disk's clock, which stands: a time that no tar is likely to hold, so that what was changed last can be told.
const NOW: Timespec = Timespec { sec: 1 << 33, nsec: 987_654_321 };

/// The disk.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) kernel: SimKernel,
    /// The process that unpacks.
    pub(super) task: Task,
    /// Whose content a file has, by its inode: the layer, the place in its stream, the size.
    contents: BTreeMap<u64, (usize, u64, u64)>,
    /// A path that is there, and no link on it.
    clear: Vec<u8>,
}

impl Disk {
    /// An empty disk, and a process with this umask.
    pub(super) fn new(umask: u32) -> Self {
        let mut kernel = SimKernel::new();
        kernel.set_clock(NOW);
        Self { kernel, task: Task { umask, ..Task::root() }, contents: BTreeMap::new(), clear: Vec::new() }
    }

    /// Makes a layer's directory.
    pub(super) fn layer(&mut self, layer: usize) -> Result<Vec<u8>, LayerError> {
        let dir = dir_of(layer);
        self.kernel.mkdir(&Task::root(), &dir, 0o755).map_err(|errno| call("mkdir", &dir, errno))?;
        Ok(dir)
    }

    /// Mounts that many layers on each other, for reading. One alone is no mount: what is stored is what is seen.
    pub(super) fn view(&mut self, layers: usize) -> KernelResult<Vec<u8>> {
        let host = Task::root();
        match layers {
            0 => {
                self.kernel.mkdir(&host, &dir_of(0), 0o755)?;
                return Ok(dir_of(0));
            }
            1 => return Ok(dir_of(0)),
            _ => {}
        }
        self.kernel.mkdir(&host, b"/view", 0o755)?;
        let dirs: Vec<Vec<u8>> = (0..layers).rev().map(dir_of).collect();
        let options = [b"lowerdir=", &dirs.join(&b':')[..]].concat();
        self.kernel.mount(&host, b"overlay", b"/view", b"overlay", MountFlags::empty(), &options)?;
        Ok(b"/view".to_vec())
    }

    /// Remembers whose content a file has.
    pub(super) fn keep(&mut self, ino: u64, content: (usize, u64, u64)) {
        self.contents.insert(ino, content);
    }

    /// Makes an empty file that stands for an entry's content.
    pub(super) fn file(&mut self, path: &[u8], mode: u32, content: (usize, u64, u64)) -> KernelResult<()> {
        let fd = self.kernel.open(&self.task, path, OpenFlags::WRONLY | OpenFlags::CREAT, mode)?;
        let ino = self.kernel.fstat(fd)?.ino;
        self.keep(ino, content);
        self.kernel.close(fd)
    }

    /// Sets both times of a path itself, as far as the disk keeps them.
    pub(super) fn times(&mut self, path: &[u8], atime: Timespec, mtime: Timespec) -> KernelResult<()> {
        let [atime, mtime] = [atime, mtime].map(|time| SetTime::At(times::on_ext4(time)));
        self.kernel.utimens(&self.task, path, atime, mtime, Follow::Link)
    }

    /// Sets an attribute of a path itself.
    pub(super) fn attribute(&mut self, path: &[u8], name: &[u8], value: &[u8]) -> KernelResult<()> {
        self.kernel.setxattr(&self.task, path, name, value, XattrMode::Set, Follow::Link)
    }

    /// Sets the owner of a path itself.
    pub(super) fn owner(&mut self, path: &[u8], uid: u32, gid: u32) -> KernelResult<()> {
        self.kernel.chown(&self.task, path, Some(uid), Some(gid), Follow::Link)
    }

    /// How much of a path is known to be there without a link.
    pub(super) fn clear_part(&self, path: &[u8]) -> usize {
        let common = path.iter().zip(&self.clear).take_while(|(a, b)| a == b).count();
        let is_end = |text: &[u8]| text.get(common).is_none_or(|byte| *byte == b'/');
        if is_end(path) && is_end(&self.clear) {
            return common;
        }
        path[..common].iter().rposition(|byte| *byte == b'/').unwrap_or(0)
    }

    /// Remembers such a path.
    pub(super) fn set_clear(&mut self, path: &[u8]) {
        self.clear = path.to_vec();
    }

    /// Removes a path with all below it, if it is there, as Go's `os.RemoveAll`: a path below a file is an error.
    pub(super) fn remove_all(&mut self, path: &[u8]) -> KernelResult<()> {
        self.clear.clear();
        match self.kernel.lstat(&self.task, path) {
            Err(Errno::ENOTDIR) => Err(Errno::ENOTDIR),
            _ => fs::remove_all(&mut self.kernel, &self.task, path),
        }
    }

    /// The paths in a directory, by name.
    pub(super) fn children(&mut self, dir: &[u8]) -> KernelResult<Vec<Vec<u8>>> {
        let entries = fs::read_dir_sorted(&mut self.kernel, &self.task, dir)?;
        Ok(entries.into_iter().map(|entry| path::join(dir, &entry.name).into_vec()).collect())
    }

    /// Every path below the process's root, directories before what is in them, each with what it is: nothing, where it is
    /// listed and not there.
    pub(super) fn paths(&mut self) -> KernelResult<Vec<(Vec<u8>, Option<Stat>)>> {
        let (mut out, mut todo) = (Vec::new(), vec![b"/".to_vec()]);
        while let Some(dir) = todo.pop() {
            for path in self.children(&dir)? {
                let stat = fs::lstat_opt(&mut self.kernel, &self.task, &path)?;
                if stat.as_ref().is_some_and(Stat::is_dir) {
                    todo.push(path.clone());
                }
                out.push((path, stat));
            }
        }
        Ok(out)
    }

    /// What the tree below this directory has come to.
    pub(super) fn resolved(mut self, root: &[u8]) -> KernelResult<BTreeMap<ByteString, Resolved>> {
        self.task = Task::root().chrooted(root);
        let mut out = BTreeMap::new();
        for (path, stat) in self.paths()? {
            let Some(stat) = stat else {
                out.insert(path.into(), ghost());
                continue;
            };
            let is_device = matches!(stat.kind, FileType::Char | FileType::Block);
            let resolved = Resolved {
                kind: word(stat.kind).into(),
                mode: stat.mode,
                uid: stat.uid,
                gid: stat.gid,
                mtime: (stat.mtime != NOW).then_some(stat.mtime),
                target: match stat.kind {
                    FileType::Symlink => Some(self.kernel.readlink(&self.task, &path)?),
                    _ => None,
                },
                device: is_device.then_some(stat.rdev),
                content: match stat.kind {
                    FileType::File => self.contents.get(&stat.ino).copied(),
                    _ => None,
                },
            };
            out.insert(path.into(), resolved);
        }
        Ok(out)
    }
}

/// The directory of a layer.
pub(super) fn dir_of(layer: usize) -> Vec<u8> {
    format!("/{layer}").into_bytes()
}

/// What a file's content is.
pub(super) fn content_of(layer: usize, entry: &TarEntry) -> (usize, u64, u64) {
    (layer, entry.content_at, entry.size)
}

/// A call that failed.
pub(super) fn call(what: &str, path: &[u8], errno: Errno) -> LayerError {
    LayerError::call(format!("{what} {}", String::from_utf8_lossy(path)), errno)
}

fn word(kind: FileType) -> &'static str {
    match kind {
        FileType::File => "file",
        FileType::Dir => "dir",
        FileType::Symlink => "symlink",
        FileType::Fifo => "fifo",
        FileType::Char => "char",
        FileType::Block => "block",
        FileType::Socket => "socket",
    }
}
