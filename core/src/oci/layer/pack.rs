//! directory → tar: the upper directory as Docker commits it, and a merged tree as `docker export` writes it.
//!
//! Source of the rules: moby 20.10 `pkg/archive/archive.go` (`TarWithOptions`, `addTarFile`, `FileInfoHeader`) and
//! `archive_linux.go` (`ConvertWrite`); oracle/docker `diff-*/layer.jsonl` shows each. Names in the order of their bytes,
//! depth first; modes with their `S_IFMT` bits; whole seconds; of the attributes `security.capability` alone.

use std::collections::{BTreeMap, BTreeSet};

use super::{LayerError, OPAQUE, OverlayNames, WHITEOUT};
use crate::kernel::{
    ByteString, Errno, FileType, Follow, Kernel, OpenFlags, Result as KernelResult, Stat, Task, Timespec, fs,
    path,
};
use crate::oci::blob::Sink;
use crate::oci::tar::{self, Kind, TarEntry};
use crate::oci::{Digest, Hasher};

const CAPABILITY: &[u8] = b"security.capability";
const PIECE: usize = 1 << 20;

/// The owners' names that a tar holds beside the numbers: the daemon looks them up in the host's `/etc/passwd`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Names by user id.
    pub users: BTreeMap<u32, ByteString>,
    /// Names by group id.
    pub groups: BTreeMap<u32, ByteString>,
}

impl Names {
    /// Root alone has a name.
    pub fn root_only() -> Self {
        let root = BTreeMap::from([(0, ByteString::from("root"))]);
        Self { users: root.clone(), groups: root }
    }

    /// Reads `/etc/passwd` and `/etc/group`; of an id twice the first counts, as in the C library.
    pub fn parse(passwd: &[u8], group: &[u8]) -> Self {
        let table = |text: &[u8]| {
            let mut names = BTreeMap::new();
            for line in text.split(|b| *b == b'\n') {
                let mut fields = line.split(|b| *b == b':');
                if let (Some(name), Some(_), Some(id)) = (fields.next(), fields.next(), fields.next())
                    && let Some(id) = std::str::from_utf8(id).ok().and_then(|id| id.parse().ok())
                {
                    names.entry(id).or_insert_with(|| ByteString::from(name));
                }
            }
            names
        };
        Self { users: table(passwd), groups: table(group) }
    }
}

/// What packing made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// The digest of the stream.
    pub diff_id: Digest,
    /// Its length.
    pub len: u64,
    /// Its entries.
    pub entries: u64,
}

/// Packs an upper directory into a layer: whiteouts and opaque directories become markers.
pub fn pack_diff(
    kernel: &mut dyn Kernel,
    task: &Task,
    dir: &[u8],
    names: &Names,
    overlay: OverlayNames,
    sink: &mut dyn Sink,
) -> Result<Packed, LayerError> {
    Packer::new(task, dir, names, Some(overlay)).run(kernel, sink)
}

/// Packs a merged tree: what is there, as it is.
pub fn pack_tree(
    kernel: &mut dyn Kernel,
    task: &Task,
    dir: &[u8],
    names: &Names,
    sink: &mut dyn Sink,
) -> Result<Packed, LayerError> {
    Packer::new(task, dir, names, None).run(kernel, sink)
}

/// Packs a file or a tree as `docker cp` sends it: `base` stands for `at` itself in the names (`pkg/archive/copy.go`,
/// `TarResourceRebaseOpts`; an empty one for a root).
pub fn pack_part(
    kernel: &mut dyn Kernel,
    task: &Task,
    at: &[u8],
    base: &[u8],
    names: &Names,
    sink: &mut dyn Sink,
) -> Result<Packed, LayerError> {
    let packer = Packer { base: Some(base), ..Packer::new(task, at, names, None) };
    packer.walk(kernel, sink, vec![Vec::new()])
}

/// The size of a directory as Docker counts it (`pkg/directory`): an inode once, directories not at all.
pub fn directory_size(kernel: &mut dyn Kernel, task: &Task, dir: &[u8]) -> KernelResult<u64> {
    let mut seen = BTreeSet::new();
    let mut open = vec![dir.to_vec()];
    let mut size = 0;
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(kernel, task, &dir)? {
            let child = path::join(&dir, &entry.name);
            if entry.kind == FileType::Dir {
                open.push(child.into_vec());
                continue;
            }
            // A ghost is listed and not there (whiteout inside an opaque directory).
            let Some(stat) = fs::lstat_opt(kernel, task, &child)? else { continue };
            if stat.size > 0 && seen.insert((stat.dev, stat.ino)) {
                size += stat.size;
            }
        }
    }
    Ok(size)
}

struct Packer<'a> {
    task: &'a Task,
    dir: &'a [u8],
    names: &'a Names,
    overlay: Option<OverlayNames>,
    /// What the directory is called in the tar, where it is an entry itself.
    base: Option<&'a [u8]>,
    /// The first name of each inode with several.
    linked: BTreeMap<(u64, u64), ByteString>,
    hasher: Hasher,
    len: u64,
    entries: u64,
}

impl<'a> Packer<'a> {
    fn new(task: &'a Task, dir: &'a [u8], names: &'a Names, overlay: Option<OverlayNames>) -> Self {
        let linked = BTreeMap::new();
        let hasher = Hasher::new();
        Self { task, dir, names, overlay, base: None, linked, hasher, len: 0, entries: 0 }
    }

    fn run(self, kernel: &mut dyn Kernel, sink: &mut dyn Sink) -> Result<Packed, LayerError> {
        let todo = self.children(kernel, b"")?;
        self.walk(kernel, sink, todo)
    }

    fn walk(
        mut self,
        kernel: &mut dyn Kernel,
        sink: &mut dyn Sink,
        mut todo: Vec<Vec<u8>>,
    ) -> Result<Packed, LayerError> {
        while let Some(name) = todo.pop() {
            let at = if name.is_empty() { self.dir.into() } else { path::join(self.dir, &name) };
            let Some(stat) = fs::lstat_opt(kernel, self.task, &at).map_err(|e| call("lstat", &name, e))?
            else {
                continue;
            };
            if self.add(kernel, sink, &name, &at, &stat)? && stat.is_dir() {
                todo.extend(self.children(kernel, &name)?);
            }
        }
        self.write(kernel, sink, &tar::END)?;
        Ok(Packed { diff_id: self.hasher.finish(), len: self.len, entries: self.entries })
    }

    /// The names in a directory, last first: what is popped is in the order of bytes.
    fn children(&self, kernel: &mut dyn Kernel, name: &[u8]) -> Result<Vec<Vec<u8>>, LayerError> {
        let at = if name.is_empty() { self.dir.into() } else { path::join(self.dir, name) };
        let entries =
            fs::read_dir_sorted(kernel, self.task, &at).map_err(|errno| call("open", name, errno))?;
        Ok(entries.into_iter().rev().map(|entry| path::join(name, &entry.name).into_vec()).collect())
    }

    /// Adds one path; `false` where Docker leaves it out.
    fn add(
        &mut self,
        kernel: &mut dyn Kernel,
        sink: &mut dyn Sink,
        name: &[u8],
        at: &[u8],
        stat: &Stat,
    ) -> Result<bool, LayerError> {
        let kind = match stat.kind {
            FileType::File => Kind::File,
            FileType::Dir => Kind::Dir,
            FileType::Symlink => Kind::Symlink,
            FileType::Fifo => Kind::Fifo,
            FileType::Char => Kind::Char,
            FileType::Block => Kind::Block,
            // Go: "archive/tar: sockets not supported"; Docker logs that and goes on.
            FileType::Socket => return Ok(false),
        };
        let name = match self.base {
            None => name.to_vec(),
            Some(base) if name.is_empty() => base.to_vec(),
            Some(base) => [base, b"/", name].concat(),
        };
        let name = name.as_slice();
        let mut entry = TarEntry::new(name, kind, stat.kind.bits() | stat.mode);
        (entry.uid, entry.gid) = (stat.uid, stat.gid);
        entry.uname = self.names.users.get(&stat.uid).cloned().unwrap_or_default();
        entry.gname = self.names.groups.get(&stat.gid).cloned().unwrap_or_default();
        entry.mtime = Timespec::seconds(stat.mtime.sec);
        // Another name of a device tells its numbers too.
        if matches!(kind, Kind::Char | Kind::Block) {
            entry.device = stat.rdev;
        }
        match kind {
            Kind::Dir => entry.name.push(b'/'),
            Kind::File => entry.size = stat.size,
            Kind::Symlink => {
                entry.link = kernel.readlink(self.task, at).map_err(|errno| call("readlink", name, errno))?;
            }
            _ => {}
        }
        // The kernel heeds it on regular files alone, and keeps it wherever somebody set it.
        if let Ok(value) = kernel.getxattr(self.task, at, CAPABILITY, Follow::Link) {
            entry.xattrs.insert(CAPABILITY.into(), portable(value));
        }
        if kind != Kind::Dir && stat.nlink > 1 {
            match self.linked.get(&(stat.dev, stat.ino)) {
                Some(first) => {
                    (entry.kind, entry.link, entry.size) = (Kind::Hardlink, first.clone(), 0);
                }
                None => drop(self.linked.insert((stat.dev, stat.ino), name.into())),
            }
        }
        let mut opaque = None;
        if let Some(overlay) = self.overlay {
            if stat.is_whiteout() {
                whiteout(&mut entry);
            }
            let is_opaque = kind == Kind::Dir
                && kernel
                    .getxattr(self.task, at, overlay.opaque, Follow::Link)
                    .is_ok_and(|value| value == "y");
            if is_opaque {
                opaque = Some(opaque_marker(&entry));
            }
        }
        self.entry(kernel, sink, &entry)?;
        if entry.kind == Kind::File && entry.size > 0 {
            self.content(kernel, sink, at, &entry)?;
        }
        if let Some(marker) = opaque {
            self.entry(kernel, sink, &marker)?;
        }
        Ok(true)
    }

    fn entry(
        &mut self,
        kernel: &mut dyn Kernel,
        sink: &mut dyn Sink,
        entry: &TarEntry,
    ) -> Result<(), LayerError> {
        self.entries += 1;
        self.write(kernel, sink, &tar::write_header(entry))
    }

    fn content(
        &mut self,
        kernel: &mut dyn Kernel,
        sink: &mut dyn Sink,
        at: &[u8],
        entry: &TarEntry,
    ) -> Result<(), LayerError> {
        let flags = OpenFlags::RDONLY | OpenFlags::NOFOLLOW | OpenFlags::NONBLOCK;
        let failed = |errno| call("read", &entry.name, errno);
        let fd = kernel.open(self.task, at, flags, 0).map_err(failed)?;
        let result = (|| {
            let mut done = 0;
            while done < entry.size {
                let want = usize::try_from(entry.size - done).unwrap_or(PIECE).min(PIECE);
                let piece = kernel.pread(fd, done, want)?;
                if piece.is_empty() {
                    // The file shrank under us: the header has promised more.
                    return Err(Errno::EIO);
                }
                self.hasher.update(&piece);
                sink.content(kernel, fd, done, &piece)?;
                done += piece.len() as u64;
            }
            Ok(())
        })();
        kernel.close(fd).map_err(failed)?;
        result.map_err(failed)?;
        self.len += entry.size;
        self.write(kernel, sink, tar::padding(entry.size))
    }

    fn write(&mut self, kernel: &mut dyn Kernel, sink: &mut dyn Sink, data: &[u8]) -> Result<(), LayerError> {
        self.hasher.update(data);
        self.len += data.len() as u64;
        sink.write(kernel, data).map_err(|errno| call("write", b"", errno))
    }
}

/// A capability without the user namespace that it is of: that says nothing where the layer goes
/// (`ReadSecurityXattrToTarHeader`: a revision 3 becomes a revision 2).
fn portable(mut capability: ByteString) -> ByteString {
    const REVISION: usize = 3;
    const LEN: usize = 20;
    if let Some(revision @ 3) = capability.get_mut(REVISION) {
        *revision = 2;
        capability.truncate(LEN);
    }
    capability
}

/// `ConvertWrite`: an empty file with the marker's name. A whiteout shares its inode with others, so that Docker took it
/// for a hard link before: the link's name stays in the header (oracle: diff-delete-all-children).
fn whiteout(entry: &mut TarEntry) {
    let (dir, name) = match entry.name.iter().rposition(|b| *b == b'/') {
        Some(slash) => entry.name.split_at(slash + 1),
        None => (&b""[..], &entry.name[..]),
    };
    entry.name = [dir, WHITEOUT, name].concat().into();
    entry.kind = Kind::File;
    entry.mode = 0o600;
    entry.size = 0;
}

/// The marker after an opaque directory: permission bits and owner of its directory, no time
/// (oracle: diff-recreate-dir-opaque).
fn opaque_marker(dir: &TarEntry) -> TarEntry {
    let name = [&dir.name[..], OPAQUE].concat();
    TarEntry {
        uid: dir.uid,
        gid: dir.gid,
        uname: dir.uname.clone(),
        gname: dir.gname.clone(),
        ..TarEntry::new(name, Kind::File, dir.mode & 0o777)
    }
}

fn call(what: &str, name: &[u8], errno: Errno) -> LayerError {
    LayerError::call(format!("{what} /{}", String::from_utf8_lossy(name)), errno)
}
