//! Copying trees between two places of the kernel, with mode, owner, times, links and attributes.

use std::collections::BTreeMap;

use super::error::{Error, Named as _, Result};
use super::save::Packed;
use super::stores::OVERLAY;
use crate::kernel::{
    ByteString, Errno, FileType, Follow, Kernel, OpenFlags, SetTime, Stat, Task, XattrMode, fs, path,
};
use crate::oci::Limits;
use crate::oci::blob::{FdBlob, FdSink, LayerSource};
use crate::oci::decode::{MAGIC_LEN, detect_docker};
use crate::oci::layer::{self, Blob, Expected, LayerError, Names, Owners, Unpacker};

/// A place: a path as a process with this root sees it.
#[derive(Debug, Clone)]
pub(super) struct At<'t> {
    /// Who looks, and from which root.
    pub task: &'t Task,
    /// The path.
    pub path: ByteString,
}

/// Copies what is in one directory into another, which takes over the first one's mode, owner and times.
pub(super) fn copy_contents(kernel: &mut dyn Kernel, from: &[u8], to: &[u8]) -> Result<()> {
    let task = Task::root();
    let from = At { task: &task, path: from.into() };
    let to = At { task: &task, path: to.into() };
    copy_tree(kernel, &from, &to)
}

/// As [`copy_contents`], but a directory takes them over before its entries are made, so that its time of change is that of
/// the last of them (containerd `continuity/fs`, `CopyDir`; the random Dockerfiles of tests/docker/builds.rs).
pub(super) fn fill_volume(kernel: &mut dyn Kernel, from: &[u8], to: &[u8]) -> Result<()> {
    let task = Task::root();
    let from = At { task: &task, path: from.into() };
    let to = At { task: &task, path: to.into() };
    copy_all(kernel, &from, &to, Top::DressedFirst)
}

/// Copies a file or a tree. A directory that is there already takes the copy's entries in; anything else in the way is
/// replaced. Depth is bounded by the tree alone.
pub(super) fn copy_tree(kernel: &mut dyn Kernel, from: &At<'_>, to: &At<'_>) -> Result<()> {
    copy_all(kernel, from, to, Top::Dressed)
}

/// Copies what is in one directory into another, which stays as it is: what is in the way of something else is removed
/// with all that is in it, as where a tar is unpacked.
pub(super) fn copy_below(kernel: &mut dyn Kernel, from: &At<'_>, to: &At<'_>) -> Result<()> {
    copy_all(kernel, from, to, Top::Left)
}

/// Copies what is no directory to a place whose directory is there; whatever is in the way is removed.
pub(super) fn copy_one_file(kernel: &mut dyn Kernel, from: &At<'_>, to: &At<'_>) -> Result<()> {
    let stat = kernel.lstat(from.task, &from.path).named("lstat", &from.path)?;
    fs::remove_all(kernel, to.task, &to.path).named("remove", &to.path)?;
    copy_one(kernel, from.task, &from.path, to.task, &to.path, &stat)?;
    finish(kernel, from.task, &from.path, to.task, &to.path, &stat)
}

/// Whether a copied directory takes over the mode, owner and times of the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Top {
    Dressed,
    /// It does before its entries are made.
    DressedFirst,
    Left,
}

fn copy_all(kernel: &mut dyn Kernel, from: &At<'_>, to: &At<'_>, top: Top) -> Result<()> {
    let mut links: BTreeMap<(u64, u64), ByteString> = BTreeMap::new();
    let mut dirs: Vec<(ByteString, Stat)> = Vec::new();
    let mut open = vec![ByteString::new()];
    while let Some(name) = open.pop() {
        let source = if name.is_empty() { from.path.clone() } else { path::join(&from.path, &name) };
        let target = if name.is_empty() { to.path.clone() } else { path::join(&to.path, &name) };
        let Some(stat) = fs::lstat_opt(kernel, from.task, &source).named("lstat", &source)? else { continue };
        if stat.is_dir() {
            for entry in fs::read_dir_sorted(kernel, from.task, &source).named("open", &source)? {
                open.push(if name.is_empty() { entry.name } else { path::join(&name, &entry.name) });
            }
            if !(name.is_empty() && top == Top::Left) {
                make_dir(kernel, to.task, &target)?;
                if top == Top::DressedFirst {
                    finish(kernel, from.task, &source, to.task, &target, &stat)?;
                } else {
                    dirs.push((target, stat));
                }
            }
            continue;
        }
        match fs::lstat_opt(kernel, to.task, &target).named("lstat", &target)? {
            Some(there) if there.is_dir() && top == Top::Left => {
                fs::remove_all(kernel, to.task, &target).named("remove", &target)?;
            }
            Some(there) if there.is_dir() => {
                let (from, to) = (source.to_text(), target.to_text());
                return Err(Error::Failed(format!(
                    "cannot overwrite directory \"{to}\" with non-directory \"{from}\""
                )));
            }
            Some(_) => kernel.unlink(to.task, &target).named("remove", &target)?,
            None => {}
        }
        if stat.nlink > 1
            && let Some(first) = links.get(&(stat.dev, stat.ino))
        {
            kernel.link(to.task, first, &target).named("link", &target)?;
            continue;
        }
        copy_one(kernel, from.task, &source, to.task, &target, &stat)?;
        finish(kernel, from.task, &source, to.task, &target, &stat)?;
        if stat.nlink > 1 {
            links.insert((stat.dev, stat.ino), target);
        }
    }
    // Directories last: what was made in them changed their times.
    for (target, stat) in dirs.iter().rev() {
        let relative = target.strip_prefix(to.path.as_slice()).unwrap_or_default();
        let source: ByteString = [from.path.as_slice(), relative].concat().into();
        finish(kernel, from.task, &source, to.task, target, stat)?;
    }
    Ok(())
}

fn make_dir(kernel: &mut dyn Kernel, task: &Task, target: &[u8]) -> Result<()> {
    match kernel.mkdir(task, target, 0o755) {
        Ok(()) => Ok(()),
        Err(Errno::EEXIST) => match fs::lstat_opt(kernel, task, target).named("lstat", target)? {
            Some(there) if there.is_dir() => Ok(()),
            _ => {
                kernel.unlink(task, target).named("remove", target)?;
                kernel.mkdir(task, target, 0o755).named("mkdir", target)
            }
        },
        Err(errno) => Err(errno).named("mkdir", target),
    }
}

pub(super) fn copy_one(
    kernel: &mut dyn Kernel,
    from: &Task,
    source: &[u8],
    to: &Task,
    target: &[u8],
    stat: &Stat,
) -> Result<()> {
    match stat.kind {
        FileType::Symlink => {
            let link = kernel.readlink(from, source).named("readlink", source)?;
            kernel.symlink(to, &link, target).named("symlink", target)
        }
        FileType::File => {
            let flags = OpenFlags::RDONLY | OpenFlags::NOFOLLOW | OpenFlags::NONBLOCK;
            let read = kernel.open(from, source, flags, 0).named("open", source)?;
            let flags = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::EXCL;
            let copied = kernel.open(to, target, flags, 0o600).and_then(|write| {
                let copied = kernel.copy_file_range(read, 0, write, 0, stat.size);
                kernel.close(write)?;
                copied
            });
            kernel.close(read).named("close", source)?;
            copied.map(drop).named("open", target)
        }
        kind => kernel.mknod(to, target, kind, stat.mode, stat.rdev).named("mknod", target),
    }
}

pub(super) fn finish(
    kernel: &mut dyn Kernel,
    from: &Task,
    source: &[u8],
    to: &Task,
    target: &[u8],
    stat: &Stat,
) -> Result<()> {
    kernel.chown(to, target, Some(stat.uid), Some(stat.gid), Follow::Link).named("lchown", target)?;
    if stat.kind != FileType::Symlink {
        kernel.chmod(to, target, stat.mode).named("chmod", target)?;
    }
    for name in kernel.listxattr(from, source, Follow::Link).unwrap_or_default() {
        if name.starts_with(b"user.") || name == "security.capability" {
            let value = kernel.getxattr(from, source, &name, Follow::Link).named("getxattr", source)?;
            kernel
                .setxattr(to, target, &name, &value, XattrMode::Set, Follow::Link)
                .named("setxattr", target)?;
        }
    }
    let (atime, mtime) = (SetTime::At(stat.atime), SetTime::At(stat.mtime));
    kernel.utimens(to, target, atime, mtime, Follow::Link).named("utimensat", target)
}

impl super::Engine<'_> {
    /// Packs a file or a tree, as `docker cp` sends it under the name `base`.
    ///
    /// # Errors
    /// The disk's.
    pub fn pack_part(&mut self, task: &Task, at: &[u8], base: &[u8], names: &Names) -> Result<Packed> {
        let scratch = self.scratch()?;
        let mut sink = FdSink::new(scratch.fd);
        let packed = layer::pack_part(self.kernel, task, at, base, names, &mut sink);
        self.packed(scratch, packed)
    }

    /// Copies a file or a tree into a directory, under the name `base`: as a tar that one side packs and the other unpacks.
    ///
    /// # Errors
    /// The disk's; apart, those of who unpacks.
    pub fn copy(
        &mut self,
        (from, at, base): (&Task, &[u8], &[u8]),
        (to, dir): (&Task, &[u8]),
        owners: Owners,
    ) -> Result<std::result::Result<(), LayerError>> {
        // Nobody reads the owners' names.
        let packed = self.pack_part(from, at, base, &Names::default())?;
        let mut source = FdBlob { fd: packed.fd(), size: packed.len };
        let unpacked = self.unpack_into(to, dir, owners, &mut source);
        self.release(&packed)?;
        Ok(unpacked)
    }

    /// Unpacks a tar, plain or compressed, into a directory that is there.
    ///
    /// # Errors
    /// What is wrong with the tar; what came before it stays.
    pub fn unpack_into(
        &mut self,
        task: &Task,
        dir: &[u8],
        owners: Owners,
        source: &mut dyn LayerSource,
    ) -> std::result::Result<(), LayerError> {
        let blob = Blob { offset: 0, len: source.size() };
        let start = source.read_at(self.kernel, 0, MAGIC_LEN.min(blob.len as usize))?;
        let expected = Expected { compression: Some(detect_docker(&start)), ..Expected::default() };
        let limits = Limits::default();
        let mut unpacker = Unpacker::into_tree(task, dir, owners, OVERLAY, limits);
        let streamed = layer::stream(self.kernel, source, blob, expected, limits, |kernel, bytes, shared| {
            unpacker.push(kernel, bytes, shared)
        });
        match streamed {
            Ok(_) => unpacker.finish(self.kernel).map(drop),
            Err(error) => {
                unpacker.abandon(self.kernel);
                Err(error)
            }
        }
    }
}
