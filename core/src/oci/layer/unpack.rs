//! tar → directory, as Docker 20.10's overlay2 unpacks a layer.
//!
//! Source of the rules: moby 20.10 `pkg/archive/archive.go` (`Unpack`, `createTarFile`) and `archive_linux.go`
//! (`overlayWhiteoutConverter.ConvertRead`), run in a chroot of the layer's own directory; oracle/layers shows each. What
//! is stricter here than there is listed in the design's decisions: `..` that leaves the root, overlayfs's own
//! attributes and raw 0:0 devices are refused.

use super::metadata::{Owners, call, failed, set_metadata, set_times, show};
use super::{EntryPolicy, LayerCall, LayerError, Marker, OverlayNames, Trick, directory_size, leaves_root};
use crate::kernel::{
    ByteString, Device, Errno, Fd, FileType, Follow, Kernel, OpenFlags, Task, Timespec, XattrMode, fs,
};
use crate::oci::gojson::quote;
use crate::oci::tar::{Event, Kind, Parser, TarEntry, TarError};
use crate::oci::{Limits, gopath};

/// What unpacking made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpacked {
    /// Entries in the tar.
    pub entries: u64,
    /// Bytes as Docker counts a layer's: files once an inode, and the targets of symbolic links.
    pub size: u64,
}

/// Unpacks one layer, whose uncompressed bytes are pushed into it.
#[derive(Debug)]
pub struct Unpacker {
    parser: Parser,
    /// A process that has chrooted into the layer's directory, as Docker's `docker-untar` does.
    task: Task,
    outside: Task,
    names: OverlayNames,
    /// Where in the task's root, if into a container's tree: there is something, and no name is a marker.
    inside: Option<Vec<u8>>,
    owners: Owners,
    policy: EntryPolicy,
    /// It takes what Docker takes and the lab does not: what steers overlayfs.
    is_dockers: bool,
    /// The entry at hand has a path that came before.
    again: Option<LayerError>,
    /// What the child process logged.
    log: String,
    dirs: Vec<(Vec<u8>, Timespec, Timespec)>,
    entry: Option<Box<TarEntry>>,
    file: Option<(Fd, u64)>,
    size: u64,
    is_size_certain: bool,
}

impl Unpacker {
    /// Unpacks into the directory `dir` (absolute, in the task's root), which is there and empty.
    pub fn new(task: &Task, dir: &[u8], names: OverlayNames, limits: Limits) -> Self {
        let root: ByteString = if task.root == "/" { dir.into() } else { [&task.root, dir].concat().into() };
        let inside = Task { umask: 0o022, ..task.chrooted(root) };
        Self {
            parser: Parser::new(limits),
            task: inside.clone(),
            outside: inside,
            names,
            inside: None,
            owners: Owners::Kept,
            policy: EntryPolicy::default(),
            is_dockers: false,
            again: None,
            log: String::new(),
            dirs: Vec::new(),
            entry: None,
            file: None,
            size: 0,
            is_size_certain: true,
        }
    }

    /// Takes all that Docker takes, also a raw 0:0 device and overlayfs's own attributes: to see what Docker makes of it.
    #[must_use]
    pub fn as_docker(mut self) -> Self {
        self.is_dockers = true;
        self.names.reserved = &[];
        self
    }

    /// Unpacks into a directory that is there, in the root of `task`, as `docker cp` does: nothing changes from a directory
    /// into another type or back (`NoOverwriteDirNonDir`).
    pub fn into_tree(task: &Task, dir: &[u8], owners: Owners, names: OverlayNames, limits: Limits) -> Self {
        let task = Task { cwd: b"/".into(), ..task.clone() };
        let inside = gopath::rooted(dir);
        let inside = Some(if inside == b"/" { Vec::new() } else { inside });
        Self { inside, owners, outside: task.clone(), task, ..Self::new(&Task::root(), b"", names, limits) }
    }

    /// Takes the next bytes of the tar stream. `shared` says where they also stand: in an open file, from this offset.
    pub fn push(
        &mut self,
        kernel: &mut dyn Kernel,
        bytes: &[u8],
        shared: Option<(Fd, u64)>,
    ) -> Result<(), LayerError> {
        let result = self.take(kernel, bytes, shared);
        if result.is_err() {
            self.abandon(kernel);
        }
        result
    }

    /// The stream has no more bytes.
    pub fn finish(&mut self, kernel: &mut dyn Kernel) -> Result<Unpacked, LayerError> {
        if let Err(error) = self.parser.finish() {
            self.abandon(kernel);
            return Err(error.into());
        }
        self.settle(kernel)?;
        let size = if self.is_size_certain || self.inside.is_some() {
            self.size
        } else {
            directory_size(kernel, &self.outside, b"/").map_err(|errno| call("walk /", errno))?
        };
        Ok(Unpacked { entries: self.parser.entries(), size })
    }

    /// Directories' times come last: what was made in them changed them.
    pub fn settle(&self, kernel: &mut dyn Kernel) -> Result<(), LayerError> {
        let mut dirs = self.dirs.iter();
        dirs.try_for_each(|(path, atime, mtime)| set_times(kernel, &self.task, path, *atime, *mtime))
    }

    /// Whether what came so far is a whole tar.
    pub(super) fn judge(&self) -> Result<(), TarError> {
        self.parser.finish()
    }

    /// The error with what was logged before.
    pub(super) fn logged(&mut self, error: LayerError) -> LayerError {
        let log = std::mem::take(&mut self.log);
        if log.is_empty() { error } else { LayerError::Logged { log, error: Box::new(error) } }
    }

    /// Closes what is open: the caller gives up.
    pub fn abandon(&mut self, kernel: &mut dyn Kernel) {
        if let Some((fd, _)) = self.file.take() {
            // The layer is refused for another reason already.
            let _ = kernel.close(fd);
        }
    }

    fn take(
        &mut self,
        kernel: &mut dyn Kernel,
        bytes: &[u8],
        shared: Option<(Fd, u64)>,
    ) -> Result<(), LayerError> {
        let mut used = 0;
        loop {
            let rest = &bytes[used..];
            let (step, event) = self.parser.step(rest)?;
            let at = used;
            used += step;
            if let Some(name) = self.parser.take_global() {
                self.global(kernel, &name)?;
            }
            match event {
                Some(Event::Entry(entry)) => self.start(kernel, entry)?,
                Some(Event::Content(data)) => {
                    let from = shared.map(|(fd, offset)| (fd, offset + at as u64));
                    self.content(kernel, data, from)?;
                }
                Some(Event::Hole(len)) => {
                    if let Some((_, at)) = &mut self.file {
                        *at += len;
                    }
                }
                Some(Event::EntryEnd) => {
                    self.end(kernel)?;
                    self.refuse_twice(kernel)?;
                }
                None if used == bytes.len() => return Ok(()),
                None => {}
            }
        }
    }

    /// Takes an entry that was read elsewhere, without its content: a file stays empty.
    pub fn entry(&mut self, kernel: &mut dyn Kernel, entry: TarEntry) -> Result<(), LayerError> {
        self.start(kernel, Box::new(entry))?;
        self.end(kernel)?;
        self.refuse_twice(kernel)
    }

    /// Takes a global header, which makes nothing; its name is a path as another.
    pub fn global(&mut self, kernel: &mut dyn Kernel, name: &ByteString) -> Result<(), LayerError> {
        self.again = self.policy.pass(name).err().filter(|_| self.inside.is_none());
        self.refuse_twice(kernel)
    }

    fn start(&mut self, kernel: &mut dyn Kernel, mut entry: Box<TarEntry>) -> Result<(), LayerError> {
        if let Some(path) = self.make_way(kernel, &entry)? {
            entry.name = path.into();
            self.create(kernel, &entry)?;
            self.entry = Some(entry);
        }
        Ok(())
    }

    /// A path that came before is the end. It is Docker's parent process that sees it, once it has passed the entry on: the
    /// child takes it as any other, finds the end, and what goes wrong there is said first.
    fn refuse_twice(&mut self, kernel: &mut dyn Kernel) -> Result<(), LayerError> {
        match self.again.take() {
            Some(error) => self.settle(kernel).and(Err(error)),
            None => Ok(()),
        }
    }

    /// Makes an entry's parents and takes away what is in its place: its path, where it is still to be made.
    fn make_way(&mut self, kernel: &mut dyn Kernel, entry: &TarEntry) -> Result<Option<Vec<u8>>, LayerError> {
        if entry.sparse.as_ref().is_some_and(|sparse| sparse.is_old) {
            return Err(LayerError::Type { entry: entry.name.clone(), flag: b'S' });
        }
        let reserved = self.names.reserved;
        let name = EntryPolicy::admit(
            entry,
            |name| reserved.iter().any(|start| name.starts_with(start)),
            self.is_dockers,
        )?;
        // A tar may say a path again; a layer's may not.
        self.again = self.policy.pass(&entry.name).err().filter(|_| self.inside.is_none());
        let path = self.place(&name);
        if path != b"/" {
            self.make_parent(kernel, gopath::dir(&path))?;
        }
        if let Ok(there) = kernel.lstat(&self.task, &path) {
            if there.is_dir() && name == b"." {
                return Ok(None);
            }
            if path == b"/" && entry.kind != Kind::Dir {
                // Docker tries to remove its root, which is a mount.
                return Err(call("unlinkat .//", Errno::EBUSY));
            }
            let is_dir = entry.kind == Kind::Dir;
            if let Some(dir) = self.inside.as_ref().filter(|_| is_dir != there.is_dir()) {
                let (is, by) =
                    if is_dir { ("non-directory", "directory") } else { ("directory", "non-directory") };
                let (path, dir) = (quote(&path), quote(&[dir, &b"/"[dir.len().min(1)..]].concat()));
                return Err(LayerError::Kept(format!("cannot overwrite {is} {path} with {by} {dir}")));
            }
            if !(there.is_dir() && is_dir) {
                self.is_size_certain = false;
                fs::remove_all(kernel, &self.task, &path)
                    .map_err(|errno| call(&format!("unlinkat {}", show(&path)), errno))?;
            }
        }
        if self.inside.is_none()
            && let Some(marker) = Marker::of(gopath::base(&path))
        {
            return self.mark(kernel, entry, marker, gopath::dir(&path)).map(|()| None);
        }
        Ok(Some(path))
    }

    /// Where a name of the tar is, in the task's root.
    fn place(&self, name: &[u8]) -> Vec<u8> {
        let dir = self.inside.as_deref().unwrap_or_default();
        gopath::clean(&[dir, &gopath::rooted(name)].concat())
    }

    /// Makes the directories above an entry that has none of its own, as root's with mode 0755.
    fn make_parent(&mut self, kernel: &mut dyn Kernel, parent: &[u8]) -> Result<(), LayerError> {
        match kernel.lstat(&self.task, parent) {
            Err(Errno::ENOENT) => {}
            _ => return Ok(()),
        }
        let ends = (1..parent.len()).filter(|i| parent[*i] == b'/').chain([parent.len()]);
        for end in ends {
            let path = &parent[..end];
            match kernel.mkdir(&self.task, path, 0o777) {
                Ok(()) => kernel
                    .chown(&self.task, path, Some(0), Some(0), Follow::Target)
                    .map_err(|errno| failed(LayerCall::SetOwner, format!("chown {}", show(path)), errno))?,
                Err(errno) => match kernel.stat(&self.task, path) {
                    Ok(stat) if stat.is_dir() => {}
                    _ => return Err(call(&format!("mkdir {}", show(path)), errno)),
                },
            }
        }
        Ok(())
    }

    fn mark(
        &mut self,
        kernel: &mut dyn Kernel,
        entry: &TarEntry,
        marker: Marker<'_>,
        dir: &[u8],
    ) -> Result<(), LayerError> {
        match marker {
            Marker::Opaque => kernel
                .setxattr(&self.task, dir, self.names.opaque, b"y", XattrMode::Set, Follow::Target)
                .map_err(|errno| {
                    let name = String::from_utf8_lossy(self.names.opaque);
                    call(&format!("setxattr({}, {name}=y)", quote(dir)), errno)
                }),
            Marker::Whiteout(hidden) => {
                let path = gopath::clean(&[dir, b"/", hidden].concat());
                kernel.mknod(&self.task, &path, FileType::Char, 0, Device::WHITEOUT).map_err(|errno| {
                    call(&format!("failed to mknod({}, S_IFCHR, 0)", quote(&path)), errno)
                })?;
                kernel
                    .chown(&self.task, &path, Some(entry.uid), Some(entry.gid), Follow::Link)
                    .map_err(|errno| failed(LayerCall::SetOwner, format!("chown {}", show(&path)), errno))
            }
        }
    }

    fn create(&mut self, kernel: &mut dyn Kernel, entry: &TarEntry) -> Result<(), LayerError> {
        let (task, path, mode) = (&self.task, entry.name.as_slice(), entry.mode & 0o7777);
        let named = |op: &str| format!("{op} {}", show(path));
        match entry.kind {
            Kind::Dir => {
                if !kernel.lstat(task, path).is_ok_and(|stat| stat.is_dir()) {
                    kernel.mkdir(task, path, mode).map_err(|errno| call(&named("mkdir"), errno))?;
                }
                let atime = entry.atime.unwrap_or_default();
                self.dirs.push((path.to_vec(), atime, entry.mtime));
            }
            Kind::File => {
                let flags = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::NOFOLLOW;
                let fd = kernel.open(task, path, flags, mode).map_err(|errno| call(&named("open"), errno))?;
                self.file = Some((fd, 0));
                self.size += entry.size;
            }
            Kind::Symlink => {
                let leads = gopath::clean(&[gopath::dir(path), b"/", &entry.link].concat());
                if !leads.starts_with(self.inside.as_deref().unwrap_or_default()) {
                    let (path, link) = (quote(path), quote(&entry.link));
                    return Err(LayerError::Kept(format!("invalid symlink {path} -> {link}")));
                }
                let words = format!("symlink {} {}", show(&entry.link), show(path));
                kernel.symlink(task, &entry.link, path).map_err(|errno| call(&words, errno))?;
                self.size += entry.link.len() as u64;
            }
            Kind::Hardlink => {
                let target = self.place(&entry.link);
                let words = format!("link {} {}", show(&target), show(path));
                if leaves_root(&entry.link) {
                    kernel.lstat(task, &target).map_err(|errno| call(&words, errno))?;
                    let why = Trick::LinkLeavesRoot;
                    return Err(LayerError::Refused { entry: entry.name.clone(), why });
                }
                kernel.link(task, &target, path).map_err(|errno| call(&words, errno))?;
            }
            Kind::Char | Kind::Block | Kind::Fifo => {
                let kind = entry.kind.file_type().expect("only a hard link has no type of its own");
                kernel
                    .mknod(task, path, kind, mode, entry.device)
                    .map_err(|errno| failed(LayerCall::MakeNode, named("mknod"), errno))?;
            }
        }
        Ok(())
    }

    fn content(
        &mut self,
        kernel: &mut dyn Kernel,
        data: &[u8],
        from: Option<(Fd, u64)>,
    ) -> Result<(), LayerError> {
        let Some((fd, at)) = &mut self.file else { return Ok(()) };
        let written = match from {
            Some((source, offset)) => kernel.copy_file_range(source, offset, *fd, *at, data.len() as u64),
            None => fs::write_at(kernel, *fd, *at, data).map(|()| data.len() as u64),
        };
        let name = self.entry.as_ref().map(|entry| show(&entry.name)).unwrap_or_default();
        match written {
            Ok(len) if len == data.len() as u64 => *at += len,
            Ok(_) => return Err(call(&format!("write {name}"), Errno::EIO)),
            Err(errno) => return Err(call(&format!("write {name}"), errno)),
        }
        Ok(())
    }

    /// The entry is whole: its owner, attributes, mode and times, in Docker's order.
    fn end(&mut self, kernel: &mut dyn Kernel) -> Result<(), LayerError> {
        if let Some((fd, at)) = self.file.take() {
            // The hole at the end of a sparse file.
            let is_sparse = self.entry.as_ref().is_some_and(|entry| entry.sparse.is_some());
            let sized = if is_sparse { kernel.ftruncate(fd, at) } else { Ok(()) };
            kernel.close(fd).and(sized).map_err(|errno| call("close", errno))?;
        }
        let Some(entry) = &self.entry.take() else { return Ok(()) };
        set_metadata(kernel, &self.task, entry, self.owners, &mut self.log)
    }
}
