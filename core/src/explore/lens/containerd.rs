//! Layers as containerd's overlayfs snapshotter unpacks them: each in a directory of its own, the lowest as one directory
//! by itself.
//!
//! Source of the rules: containerd 1.6 `archive/tar.go` (`applyNaive`, `createTarFile`, `mkparent`), `archive/tar_opts_linux.go`
//! (`OverlayConvertWhiteout`), `diff/apply/apply_linux.go`, and continuity `fs/path.go` (`RootPath`); oracle/layers
//! `containerd-overlayfs.*` shows them.

use std::collections::BTreeSet;

use super::disk::{Disk, call, content_of, dir_of};
use crate::engine::OVERLAY;
use crate::explore::image::Record;
use crate::kernel::{
    Device, Errno, FileType, Follow, Kernel, Result as KernelResult, Timespec, XattrMode, fs, path,
};
use crate::oci::gopath;
use crate::oci::layer::{EntryPolicy, LayerError, OPAQUE, WHITEOUT, times};
use crate::oci::tar::{Kind, TarEntry};

/// Links that are followed for one path.
const LINKS_MAX: usize = 255;

/// Unpacks a layer beside those below.
pub(super) fn apply(disk: &mut Disk, layer: usize, records: &[Record]) -> Result<(), LayerError> {
    let root = disk.layer(layer)?;
    let mut unpacker = Containerd { disk, layer, root, unpacked: BTreeSet::new(), dirs: Vec::new() };
    for record in records {
        // What no layer may hold, whoever reads it (design: security.md).
        if let Record::Entry(entry) = record {
            EntryPolicy::admit(
                entry,
                |name| OVERLAY.reserved.iter().any(|start| name.starts_with(start)),
                false,
            )?;
        }
        unpacker.record(record).map_err(|errno| call("unpack", record.name(), errno))?;
    }
    // The times of directories come last.
    for (name, atime, mtime) in std::mem::take(&mut unpacker.dirs) {
        let failed = |errno| call("utimensat", &name, errno);
        let path = root_path(unpacker.disk, &unpacker.root, &name).map_err(failed)?;
        unpacker.disk.times(&path, atime, mtime).map_err(failed)?;
    }
    Ok(())
}

struct Containerd<'a> {
    disk: &'a mut Disk,
    layer: usize,
    root: Vec<u8>,
    /// Paths that the layer has brought.
    unpacked: BTreeSet<Vec<u8>>,
    dirs: Vec<(Vec<u8>, Timespec, Timespec)>,
}

impl Containerd<'_> {
    fn record(&mut self, record: &Record) -> KernelResult<()> {
        let name = gopath::clean(record.name());
        let (parent, base) = split(&name);
        let parent = root_path(self.disk, &self.root, parent)?;
        let path = gopath::clean(&[&parent, &gopath::rooted(base)[..]].concat());
        if path == self.root {
            return Ok(());
        }
        if parent != self.root {
            self.make_parent(&parent)?;
        }
        let base = gopath::base(&path).to_vec();
        if base == OPAQUE {
            return self.opaque(&parent);
        }
        if let Some(hidden) = base.strip_prefix(WHITEOUT) {
            if matches!(hidden, b"" | b"." | b"..") {
                return Err(Errno::EINVAL);
            }
            return self.whiteout(record, &path::join(&parent, hidden));
        }
        if let Some(there) = fs::lstat_opt(&mut self.disk.kernel, &self.disk.task, &path)?
            && !(there.is_dir() && record.is_dir())
        {
            self.disk.remove_all(&path)?;
        }
        if let Record::Entry(entry) = record {
            self.create(entry, &path)?;
            if entry.kind == Kind::Dir {
                let (atime, mtime) = bound(entry);
                self.dirs.push((name, atime, mtime));
            }
        }
        self.unpacked.insert(path);
        Ok(())
    }

    /// The lowest layer is no overlay yet: there a marker removes what is there.
    fn opaque(&mut self, top: &[u8]) -> KernelResult<()> {
        let disk = &mut *self.disk;
        if self.layer > 0 {
            let (name, follow) = (OVERLAY.opaque, Follow::Target);
            return disk.kernel.setxattr(&disk.task, top, name, b"y", XattrMode::Set, follow);
        }
        if !disk.kernel.lstat(&disk.task, top)?.is_dir() {
            return Ok(());
        }
        let mut todo = vec![top.to_vec()];
        while let Some(dir) = todo.pop() {
            for path in disk.children(&dir)? {
                if !self.unpacked.contains(&path) {
                    disk.remove_all(&path)?;
                } else if disk.kernel.lstat(&disk.task, &path)?.is_dir() {
                    todo.push(path);
                }
            }
        }
        Ok(())
    }

    fn whiteout(&mut self, record: &Record, path: &[u8]) -> KernelResult<()> {
        let disk = &mut *self.disk;
        if self.layer == 0 {
            return disk.remove_all(path);
        }
        disk.kernel.mknod(&disk.task, path, FileType::Char, 0, Device::WHITEOUT)?;
        match record {
            Record::Entry(entry) => disk.owner(path, entry.uid, entry.gid),
            Record::Global(_) => disk.owner(path, 0, 0),
        }
    }

    fn create(&mut self, entry: &TarEntry, path: &[u8]) -> KernelResult<()> {
        let mode = entry.mode & 0o7777;
        match entry.kind {
            Kind::Dir => {
                let disk = &mut *self.disk;
                if !disk.kernel.lstat(&disk.task, path).is_ok_and(|stat| stat.is_dir()) {
                    disk.kernel.mkdir(&disk.task, path, mode)?;
                }
            }
            Kind::File => self.disk.file(path, mode, content_of(self.layer, entry))?,
            Kind::Symlink => self.disk.kernel.symlink(&self.disk.task, &entry.link, path)?,
            Kind::Hardlink => {
                let (parent, base) = split(&entry.link);
                let parent = root_path(self.disk, &self.root, parent)?;
                let joined = gopath::clean(&[&parent[..], b"/", base].concat());
                let target = if joined.starts_with(&self.root) { joined } else { self.root.clone() };
                self.disk.kernel.link(&self.disk.task, &target, path)?;
            }
            Kind::Char | Kind::Block | Kind::Fifo => {
                let kind = entry.kind.file_type().expect("only a hard link has no type of its own");
                let device = if kind == FileType::Fifo { Device::default() } else { entry.device };
                self.disk.kernel.mknod(&self.disk.task, path, kind, mode, device)?;
            }
        }
        let disk = &mut *self.disk;
        disk.owner(path, entry.uid, entry.gid)?;
        let kind = disk.kernel.lstat(&disk.task, path)?.kind;
        for (name, value) in &entry.xattrs {
            // Attributes of the administrator are left out.
            if name.starts_with(b"trusted.") {
                continue;
            }
            let is_plain = matches!(kind, FileType::File | FileType::Dir);
            match disk.attribute(path, name, value) {
                Ok(()) | Err(Errno::EOPNOTSUPP) => {}
                Err(Errno::EPERM) if name.starts_with(b"user.") && !is_plain => {}
                Err(errno) => return Err(errno),
            }
        }
        if kind != FileType::Symlink {
            disk.kernel.chmod(&disk.task, path, mode)?;
        }
        let (atime, mtime) = bound(entry);
        disk.times(path, atime, mtime)
    }

    /// A parent without an entry is as it is in the layers below.
    fn make_parent(&mut self, parent: &[u8]) -> KernelResult<()> {
        let start = self.root.len() + 1;
        let ends = (start..parent.len()).filter(|i| parent[*i] == b'/').chain([parent.len()]);
        for end in ends {
            let path = &parent[..end];
            match self.disk.kernel.lstat(&self.disk.task, path) {
                Ok(stat) if stat.is_dir() => {}
                Ok(_) => return Err(Errno::ENOTDIR),
                Err(Errno::ENOENT) => {
                    // The bit that a directory hands down to what is made in it is taken away again.
                    self.disk.kernel.mkdir(&self.disk.task, path, 0o755)?;
                    self.disk.kernel.chmod(&self.disk.task, path, 0o755)?;
                    self.copy_lower(path)?;
                }
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    fn copy_lower(&mut self, path: &[u8]) -> KernelResult<()> {
        for layer in (0..self.layer).rev() {
            let lower = root_path(self.disk, &dir_of(layer), &path[self.root.len()..])?;
            let disk = &mut *self.disk;
            match disk.kernel.lstat(&disk.task, &lower) {
                Ok(stat) if stat.is_dir() => {
                    disk.owner(path, stat.uid, stat.gid)?;
                    disk.kernel.chmod(&disk.task, path, stat.mode)?;
                    return disk.times(path, stat.atime, stat.mtime);
                }
                // Replaced there.
                Ok(_) => return Ok(()),
                Err(Errno::ENOENT) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }
}

/// Times before 1970 or past 2262 become 1970's first second.
fn bound(entry: &TarEntry) -> (Timespec, Timespec) {
    let atime = entry.atime.filter(|atime| *atime >= entry.mtime).unwrap_or(entry.mtime);
    (times::kept(atime), times::kept(entry.mtime))
}

/// Go's `filepath.Split`: what stands up to the last slash, and what is behind it.
fn split(name: &[u8]) -> (&[u8], &[u8]) {
    name.split_at(name.iter().rposition(|b| *b == b'/').map_or(0, |slash| slash + 1))
}

/// The same for a path on which no link is, as nearly all are: what it shares with the last such path is not looked at again.
fn without_links(disk: &mut Disk, root: &[u8], asked: &[u8]) -> KernelResult<Option<Vec<u8>>> {
    if path::components(asked).any(|part| part == b"..") {
        return Ok(None);
    }
    let path = gopath::clean(&[root, &gopath::rooted(asked)].concat());
    let mut end = disk.clear_part(&path).max(root.len().min(path.len()));
    while end < path.len() {
        let from = end + 1;
        end = path[from..].iter().position(|byte| *byte == b'/').map_or(path.len(), |len| from + len);
        match disk.kernel.lstat(&disk.task, &path[..end]) {
            Ok(stat) if stat.kind == FileType::Symlink => return Ok(None),
            Ok(_) => disk.set_clear(&path[..end]),
            Err(Errno::ENOENT) => break,
            Err(errno) => return Err(errno),
        }
    }
    Ok(Some(path))
}

/// `RootPath`: the path below `root`, without links, whether it is there or not. Links are put in for parts of the path until
/// none is left.
fn root_path(disk: &mut Disk, root: &[u8], asked: &[u8]) -> KernelResult<Vec<u8>> {
    if let Some(path) = without_links(disk, root, asked)? {
        return Ok(path);
    }
    let mut path = asked.to_vec();
    let mut links = 0;
    loop {
        let before = links;
        let is_rooted = path.starts_with(b"/");
        let mut at: Option<Vec<u8>> = is_rooted.then(|| b"/".to_vec());
        for part in path::components(&path).map(<[u8]>::to_vec).collect::<Vec<_>>() {
            if links > LINKS_MAX {
                return Err(Errno::ELOOP);
            }
            let next = match &at {
                Some(at) => gopath::rooted(&[&at[..], b"/", &part].concat()),
                None => gopath::rooted(&part),
            };
            let real = gopath::clean(&[root, &next].concat());
            let there = match disk.kernel.lstat(&disk.task, &real) {
                Ok(stat) => Some(stat),
                Err(Errno::ENOENT) => None,
                Err(errno) => return Err(errno),
            };
            if next == b"/" || there.is_none_or(|there| there.kind != FileType::Symlink) {
                at = Some(next);
                continue;
            }
            links += 1;
            let target = disk.kernel.readlink(&disk.task, &real)?;
            at = Some(match &at {
                Some(at) if !target.starts_with(b"/") => gopath::clean(&[&at[..], b"/", &target].concat()),
                _ => target.into_vec(),
            });
        }
        path = at.unwrap_or_else(|| b"/".to_vec());
        if links == before {
            return Ok(gopath::clean(&[root, &gopath::rooted(&path)].concat()));
        }
    }
}
