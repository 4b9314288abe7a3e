//! Layers as podman's driver `vfs` unpacks them: one directory, in the order of the entries.
//!
//! Source of the rules: containers/storage 1.43 `pkg/archive/diff.go` (`UnpackLayer`) and `archive.go` (`createTarFile`), run
//! in a chroot, `drivers/copy` (`DirCopy`) between two layers, and tar-split; oracle/layers `podman-vfs.*` shows them.

use std::collections::{BTreeMap, BTreeSet};

use super::disk::{Disk, call, content_of};
use crate::explore::image::Record;
use crate::kernel::{Device, Errno, FileType, Follow, Kernel, Result as KernelResult, SetTime, Timespec, fs};
use crate::oci::gopath;
use crate::oci::layer::{AUFS, AUFS_LINKS, LayerError, OPAQUE, WHITEOUT, times};
use crate::oci::tar::{Kind, TarEntry};

/// Applies a layer to what the disk holds.
pub(super) fn apply(disk: &mut Disk, layer: usize, records: &[Record]) -> Result<(), LayerError> {
    if layer > 0 {
        copy(disk).map_err(|errno| call("copy", b"/", errno))?;
    }
    let mut seen = BTreeSet::new();
    for record in records {
        if !seen.insert(gopath::clean(record.name())) {
            return Err(LayerError::Duplicate(record.name().clone()));
        }
    }
    let (unpacked, targets) = (BTreeSet::new(), BTreeMap::new());
    let mut unpacker = Podman { disk, layer, unpacked, targets, dirs: Vec::new() };
    for record in records {
        unpacker.record(record).map_err(|errno| call("unpack", record.name(), errno))?;
    }
    for (path, atime, mtime) in std::mem::take(&mut unpacker.dirs) {
        unpacker.chtimes(&path, atime, mtime).map_err(|errno| call("chtimes", &path, errno))?;
    }
    Ok(())
}

/// A layer starts as a copy of the one below, in which hard links of files alone are still links.
fn copy(disk: &mut Disk) -> KernelResult<()> {
    let mut seen = BTreeSet::new();
    for (path, stat) in disk.paths()? {
        let Some(stat) = stat else { continue };
        if matches!(stat.kind, FileType::File | FileType::Dir) || stat.nlink < 2 || seen.insert(stat.ino) {
            continue;
        }
        let dir = gopath::dir(&path);
        let above = disk.kernel.lstat(&disk.task, dir)?;
        let target = match stat.kind {
            FileType::Symlink => Some(disk.kernel.readlink(&disk.task, &path)?),
            _ => None,
        };
        disk.kernel.unlink(&disk.task, &path)?;
        match target {
            Some(target) => disk.kernel.symlink(&disk.task, &target, &path)?,
            None => disk.kernel.mknod(&disk.task, &path, stat.kind, stat.mode, stat.rdev)?,
        }
        disk.owner(&path, stat.uid, stat.gid)?;
        if stat.kind != FileType::Symlink {
            disk.kernel.chmod(&disk.task, &path, stat.mode)?;
        }
        disk.times(&path, stat.atime, stat.mtime)?;
        disk.times(dir, above.atime, above.mtime)?;
    }
    Ok(())
}

struct Podman<'a> {
    disk: &'a mut Disk,
    layer: usize,
    /// Paths that the layer has brought, as its entries spell them.
    unpacked: BTreeSet<Vec<u8>>,
    /// Files of AUFS's that hard links may name, by the last part of their names.
    targets: BTreeMap<Vec<u8>, TarEntry>,
    dirs: Vec<(Vec<u8>, Timespec, Timespec)>,
}

impl Podman<'_> {
    /// A global header makes nothing, yet way is made for it as for an entry.
    fn record(&mut self, record: &Record) -> KernelResult<()> {
        let name = gopath::clean(record.name());
        let path = gopath::rooted(&name);
        let dir = gopath::dir(&path);
        if name != b"/" {
            self.make_parent(dir)?;
        }
        if name.starts_with(AUFS) {
            if let Record::Entry(entry) = record
                && name.starts_with(AUFS_LINKS)
                && entry.kind == Kind::File
            {
                self.targets.insert(gopath::base(&name).to_vec(), entry.clone());
            }
            if name != OPAQUE {
                return Ok(());
            }
        }
        let base = gopath::base(&path);
        if base == OPAQUE {
            return self.clear(dir);
        }
        if let Some(hidden) = base.strip_prefix(WHITEOUT) {
            return self.disk.remove_all(&gopath::rooted(&[dir, b"/", hidden].concat()));
        }
        if let Some(there) = fs::lstat_opt(&mut self.disk.kernel, &self.disk.task, &path)?
            && !(there.is_dir() && record.is_dir())
        {
            self.disk.remove_all(&path)?;
        }
        if let Record::Entry(entry) = record {
            let link = gopath::clean(&entry.link);
            if entry.kind == Kind::Hardlink && link.starts_with(AUFS_LINKS) {
                let target = self.targets.get(gopath::base(&link)).cloned().ok_or(Errno::ENOENT)?;
                self.create(&target, &path)?;
            } else {
                self.create(entry, &path)?;
            }
            if entry.kind == Kind::Dir {
                let atime = entry.atime.unwrap_or_default();
                self.dirs.push((path.clone(), atime, entry.mtime));
            }
        }
        self.unpacked.insert(path);
        Ok(())
    }

    fn create(&mut self, entry: &TarEntry, path: &[u8]) -> KernelResult<()> {
        let disk = &mut *self.disk;
        let mode = entry.mode & 0o7777;
        match entry.kind {
            Kind::Dir => {
                if !disk.kernel.lstat(&disk.task, path).is_ok_and(|stat| stat.is_dir()) {
                    disk.kernel.mkdir(&disk.task, path, mode)?;
                }
            }
            Kind::File => disk.file(path, mode, content_of(self.layer, entry))?,
            Kind::Symlink => disk.kernel.symlink(&disk.task, &entry.link, path)?,
            Kind::Hardlink => disk.kernel.link(&disk.task, &gopath::rooted(&entry.link), path)?,
            Kind::Char | Kind::Block | Kind::Fifo => {
                let kind = entry.kind.file_type().expect("only a hard link has no type of its own");
                let device = if kind == FileType::Fifo { Device::default() } else { entry.device };
                disk.kernel.mknod(&disk.task, path, kind, mode, device)?;
            }
        }
        let there = disk.kernel.lstat(&disk.task, path)?;
        if (there.uid, there.gid) != (entry.uid, entry.gid) {
            disk.owner(path, entry.uid, entry.gid)?;
        }
        let is_dressed = match entry.kind {
            Kind::Symlink => false,
            // The target is looked for by the name as it is written.
            Kind::Hardlink => {
                disk.kernel.lstat(&disk.task, &entry.link).is_ok_and(|stat| stat.kind != FileType::Symlink)
            }
            _ => true,
        };
        let atime = entry.atime.filter(|atime| *atime >= entry.mtime).unwrap_or(entry.mtime);
        if is_dressed {
            disk.kernel.chmod(&disk.task, path, mode)?;
            self.chtimes(path, atime, entry.mtime)?;
        } else if entry.kind == Kind::Symlink && !times::is_none(entry.mtime) {
            disk.times(path, times::wrapped(atime), times::wrapped(entry.mtime))?;
        }
        for (name, value) in &entry.xattrs {
            if name == "security.selinux" {
                continue;
            }
            match self.disk.attribute(path, name, value) {
                Ok(()) | Err(Errno::EOPNOTSUPP) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    /// An opaque marker: what is below goes, but for what this layer has brought. A walk does not follow a link.
    fn clear(&mut self, top: &[u8]) -> KernelResult<()> {
        let mut todo = vec![top.to_vec()];
        if !self.disk.kernel.lstat(&self.disk.task, top)?.is_dir() {
            return Ok(());
        }
        while let Some(dir) = todo.pop() {
            for path in self.disk.children(&dir)? {
                if !self.unpacked.contains(&path) {
                    self.disk.remove_all(&path)?;
                } else if self.disk.kernel.lstat(&self.disk.task, &path)?.is_dir() {
                    todo.push(path);
                }
            }
        }
        Ok(())
    }

    /// Go's `os.MkdirAll`, where nothing has the parent's name.
    fn make_parent(&mut self, parent: &[u8]) -> KernelResult<()> {
        let disk = &mut *self.disk;
        if disk.kernel.lstat(&disk.task, parent) != Err(Errno::ENOENT) {
            return Ok(());
        }
        let ends = (1..parent.len()).filter(|i| parent[*i] == b'/').chain([parent.len()]);
        for end in ends {
            let path = &parent[..end];
            match disk.kernel.stat(&disk.task, path) {
                Ok(stat) if stat.is_dir() => {}
                Ok(_) => return Err(Errno::ENOTDIR),
                Err(_) => disk.kernel.mkdir(&disk.task, path, 0o755)?,
            }
        }
        Ok(())
    }

    fn chtimes(&mut self, path: &[u8], atime: Timespec, mtime: Timespec) -> KernelResult<()> {
        let [atime, mtime] = [atime, mtime].map(|time| SetTime::At(times::kept(time)));
        self.disk.kernel.utimens(&self.disk.task, path, atime, mtime, Follow::Target)
    }
}
