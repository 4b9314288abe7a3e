//! Layers as umoci 0.4.7 unpacks them: one directory, in which each path is looked for link by link, and a whiteout spares
//! what its own layer has brought.
//!
//! Source of the rules: umoci `oci/layer/tar_extract.go` (`UnpackEntry`, `ociWhiteout`, `restoreMetadata`) and
//! `filepath-securejoin` (`SecureJoinVFS`); oracle/layers `umoci-0.4.7.*` shows them.

use std::collections::BTreeSet;

use super::disk::{Disk, call, content_of};
use crate::explore::image::Record;
use crate::kernel::{
    ByteString, Device, Errno, FileType, Follow, Kernel, Result as KernelResult, Stat, Timespec, fs, path,
};
use crate::oci::gopath;
use crate::oci::layer::{LayerError, OPAQUE, Trick, WHITEOUT, times};
use crate::oci::tar::{Kind, TarEntry};

/// Links that are followed for one path.
const LINKS_MAX: usize = 255;

/// Applies a layer to what the disk holds.
pub(super) fn apply(disk: &mut Disk, layer: usize, records: &[Record]) -> Result<(), LayerError> {
    let mut unpacker = Umoci { disk, layer, upper: BTreeSet::new() };
    records.iter().try_for_each(|record| match record {
        Record::Entry(entry) => unpacker.entry(entry),
        // It is no type that it knows, but a whiteout is told by its name alone.
        Record::Global(name) if gopath::base(&gopath::clean(name)).starts_with(WHITEOUT) => {
            unpacker.entry(&TarEntry::new(name.clone(), Kind::File, 0))
        }
        Record::Global(name) => Err(LayerError::Type { entry: name.clone(), flag: b'g' }),
    })
}

struct Umoci<'a> {
    disk: &'a mut Disk,
    layer: usize,
    /// What the layer has brought, and the directories above that, without links.
    upper: BTreeSet<Vec<u8>>,
}

/// What an entry, or a directory as it was before, says of a path.
struct Metadata {
    mode: u32,
    owner: (u32, u32),
    times: (Timespec, Timespec),
    xattrs: Vec<(ByteString, ByteString)>,
}

impl Umoci<'_> {
    fn entry(&mut self, entry: &TarEntry) -> Result<(), LayerError> {
        let name = gopath::rooted(&entry.name);
        if name == b"/" && entry.kind != Kind::Dir {
            let why = Trick::RootOfOtherType;
            return Err(LayerError::Refused { entry: entry.name.clone(), why });
        }
        let failed = |errno| call("unpack", &name, errno);
        let dir = self.secure(gopath::dir(&name)).map_err(failed)?;
        let path = path::join(&dir, gopath::base(&name)).into_vec();
        // What happens in a directory is not to change it.
        let before = if name == b"/" { None } else { self.metadata(&dir).map_err(failed)? };
        let result = self.make(entry, &dir, &path).map_err(failed);
        if let Some(before) = before {
            let restored = self.set_metadata(&dir, &before).map_err(failed);
            return result.and(restored);
        }
        result
    }

    fn make(&mut self, entry: &TarEntry, dir: &[u8], path: &[u8]) -> KernelResult<()> {
        let base = gopath::base(path);
        if let Some(hidden) = base.strip_prefix(WHITEOUT) {
            return self.whiteout(dir, hidden, base == OPAQUE);
        }
        let there = fs::lstat_opt(&mut self.disk.kernel, &self.disk.task, path)?;
        self.make_dirs(dir)?;
        let stays = entry.kind == Kind::Dir && there.is_none_or(|there| there.is_dir());
        if !stays {
            self.disk.remove_all(path)?;
        }
        match entry.kind {
            Kind::File => self.disk.file(path, 0o666, content_of(self.layer, entry))?,
            Kind::Dir => self.make_dirs(path)?,
            Kind::Symlink => self.disk.kernel.symlink(&self.disk.task, &entry.link, path)?,
            Kind::Hardlink => {
                let target = gopath::rooted(&entry.link);
                let dir = self.secure(gopath::dir(&target))?;
                let target = path::join(&dir, gopath::base(&target));
                self.disk.kernel.link(&self.disk.task, &target, path)?;
            }
            Kind::Char | Kind::Block | Kind::Fifo => self.node(entry, path)?,
        }
        // A hard link's entry says nothing of its inode.
        if entry.kind != Kind::Hardlink {
            let xattrs = entry.xattrs.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            let atime = entry.atime.unwrap_or(entry.mtime);
            let metadata = Metadata {
                mode: entry.mode & 0o7777,
                owner: (entry.uid, entry.gid),
                times: (atime, entry.mtime),
                xattrs,
            };
            self.set_metadata(path, &metadata)?;
        }
        let mut brought = path;
        while brought != b"/" {
            self.upper.insert(brought.to_vec());
            brought = gopath::dir(brought);
        }
        Ok(())
    }

    /// The mode goes to `mknod(2)` with whatever bits of a type it has of its own.
    fn node(&mut self, entry: &TarEntry, path: &[u8]) -> KernelResult<()> {
        let kind = entry.kind.file_type().expect("only a hard link has no type of its own");
        let device = if entry.kind == Kind::Fifo { Device::default() } else { entry.device };
        match FileType::from_bits(kind.bits() | entry.mode) {
            Some(kind @ (FileType::File | FileType::Fifo | FileType::Char | FileType::Block)) => {
                self.disk.kernel.mknod(&self.disk.task, path, kind, entry.mode & 0o7777, device)
            }
            Some(FileType::Socket) => Err(Errno::EOPNOTSUPP),
            Some(FileType::Dir) => Err(Errno::EPERM),
            Some(FileType::Symlink) | None => Err(Errno::EINVAL),
        }
    }

    fn whiteout(&mut self, dir: &[u8], hidden: &[u8], is_opaque: bool) -> KernelResult<()> {
        let top = if is_opaque { dir.to_vec() } else { gopath::rooted(&[dir, b"/", hidden].concat()) };
        let mut todo = vec![top.clone()];
        while let Some(path) = todo.pop() {
            let Some(stat) = fs::lstat_opt(&mut self.disk.kernel, &self.disk.task, &path)? else { continue };
            let is_kept = self.upper.contains(&path) || (is_opaque && path == top);
            if !is_kept {
                self.disk.remove_all(&path)?;
            } else if stat.is_dir() {
                todo.extend(self.disk.children(&path)?);
            }
        }
        Ok(())
    }

    /// Go's `os.MkdirAll`, of a path without links.
    fn make_dirs(&mut self, dir: &[u8]) -> KernelResult<()> {
        let ends = (1..dir.len()).filter(|i| dir[*i] == b'/').chain([dir.len()]);
        for end in ends.filter(|_| dir != b"/") {
            match fs::lstat_opt(&mut self.disk.kernel, &self.disk.task, &dir[..end])? {
                Some(stat) if stat.is_dir() => {}
                Some(_) => return Err(Errno::ENOTDIR),
                None => self.disk.kernel.mkdir(&self.disk.task, &dir[..end], 0o777)?,
            }
        }
        Ok(())
    }

    fn metadata(&mut self, dir: &[u8]) -> KernelResult<Option<Metadata>> {
        let Some(stat) = fs::lstat_opt(&mut self.disk.kernel, &self.disk.task, dir)? else {
            return Ok(None);
        };
        let Stat { mode, uid, gid, atime, mtime, .. } = stat;
        let mut xattrs = Vec::new();
        for name in self.disk.kernel.listxattr(&self.disk.task, dir, Follow::Link)? {
            let value = self.disk.kernel.getxattr(&self.disk.task, dir, &name, Follow::Link)?;
            xattrs.push((name, value));
        }
        Ok(Some(Metadata { mode, owner: (uid, gid), times: (atime, mtime), xattrs }))
    }

    fn set_metadata(&mut self, path: &[u8], metadata: &Metadata) -> KernelResult<()> {
        let disk = &mut *self.disk;
        disk.owner(path, metadata.owner.0, metadata.owner.1)?;
        if disk.kernel.lstat(&disk.task, path)?.kind != FileType::Symlink {
            disk.kernel.chmod(&disk.task, path, metadata.mode)?;
        }
        for name in disk.kernel.listxattr(&disk.task, path, Follow::Link)? {
            disk.kernel.removexattr(&disk.task, path, &name, Follow::Link)?;
        }
        for (name, value) in &metadata.xattrs {
            match disk.attribute(path, name, value) {
                Ok(()) | Err(Errno::EOPNOTSUPP) => {}
                Err(errno) => return Err(errno),
            }
        }
        // No time at all is the time of unpacking.
        let now = disk.kernel.clock_gettime();
        let mtime = if times::is_none(metadata.times.1) { now } else { metadata.times.1 };
        let atime = if times::is_none(metadata.times.0) { mtime } else { metadata.times.0 };
        disk.times(path, times::wrapped(atime), times::wrapped(mtime))
    }

    /// `SecureJoinVFS`: the path without links, whether it is there or not. A part that is not there is taken as it is.
    fn secure(&mut self, asked: &[u8]) -> KernelResult<Vec<u8>> {
        let mut todo: Vec<ByteString> = path::components(asked).rev().map(ByteString::from).collect();
        let mut at = b"/".to_vec();
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if links > LINKS_MAX {
                return Err(Errno::ELOOP);
            }
            let next = gopath::rooted(&[&at[..], b"/", &part].concat());
            if next == b"/" {
                at = next;
                continue;
            }
            let there = fs::lstat_opt(&mut self.disk.kernel, &self.disk.task, &next)?;
            if there.is_none_or(|there| there.kind != FileType::Symlink) {
                at = next;
                continue;
            }
            links += 1;
            let target = self.disk.kernel.readlink(&self.disk.task, &next)?;
            if target.starts_with(b"/") {
                at = b"/".to_vec();
            }
            todo.extend(path::components(&target).rev().map(ByteString::from));
        }
        Ok(at)
    }
}
