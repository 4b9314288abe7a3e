//! Open files: `open(2)` and the calls on descriptors.

use bytes::Bytes;

use super::attrs::Resize;
use super::content::Content;
use super::descriptors::Open;
use super::inode::Body;
use super::place::{Node, Pos};
use super::state::SimState;
use super::walk::{Last, Walker};
use crate::kernel::{Access, ByteString, DirEntry, Errno, Fd, FileType, OpenFlags, Result, Task, XattrMode};

/// The most that one read moves (`MAX_RW_COUNT`).
const RW_MAX: usize = 0x7fff_f000;
/// The most descriptors (`RLIMIT_NOFILE` as a system service has it).
const OPEN_MAX: usize = 65_536;

impl SimState {
    /// open(2): with `CREAT`, a last link that leads nowhere is where the file is made.
    pub(crate) fn open(&mut self, task: &Task, path: &[u8], flags: OpenFlags, mode: u32) -> Result<Fd> {
        let create = flags.contains(OpenFlags::CREAT) && !flags.contains(OpenFlags::PATH);
        if create && flags.contains(OpenFlags::DIRECTORY) {
            return Err(Errno::EINVAL);
        }
        let mut walker = Walker::new(self, task, path)?;
        loop {
            let last = walker.advance(self)?;
            let Last::Name(name) = &last else {
                if create {
                    return Err(if flags.contains(OpenFlags::EXCL) { Errno::EEXIST } else { Errno::EISDIR });
                }
                let pos = walker.dots(self, &last)?;
                return self.open_found(task, pos, flags);
            };
            if create && walker.slash() {
                return Err(Errno::EISDIR);
            }
            let Some((pos, kind)) = walker.lookup(self, name)? else {
                if create {
                    return self.open_new(task, walker.here(), name, flags, mode);
                }
                return Err(Errno::ENOENT);
            };
            if create && flags.contains(OpenFlags::EXCL) {
                return Err(Errno::EEXIST);
            }
            if kind == FileType::Symlink
                && (!flags.contains(OpenFlags::NOFOLLOW) || walker.slash())
                && let Some(target) = self.link_target(pos.node)?
            {
                self.accessed(pos)?;
                walker.follow(target)?;
                continue;
            }
            let is_dir = kind == FileType::Dir;
            if create && is_dir {
                return Err(Errno::EISDIR);
            }
            if create {
                self.may_create_in_sticky(task, walker.here(), pos)?;
            }
            if (walker.slash() || flags.contains(OpenFlags::DIRECTORY)) && !is_dir {
                return Err(Errno::ENOTDIR);
            }
            return self.open_found(task, pos, flags);
        }
    }

    /// proc(5), `fs.protected_regular=0` and `fs.protected_fifos=0`, the kernel's own settings: in a
    /// sticky directory that all may write, a strange owner's socket, device or link is not taken for what one made.
    /// [found: strange-things-in-sticky-directories]
    fn may_create_in_sticky(&self, task: &Task, dir: Pos, found: Pos) -> Result<()> {
        let (dir, found) = (self.inode(dir.node)?, self.inode(found.node)?);
        let looked_at =
            dir.mode & 0o1002 == 0o1002 && !matches!(found.kind(), FileType::File | FileType::Fifo);
        let strange = found.uid != dir.uid && found.uid != task.uid;
        if looked_at && strange { Err(Errno::EACCES) } else { Ok(()) }
    }

    fn open_new(&mut self, task: &Task, dir: Pos, name: &[u8], flags: OpenFlags, mode: u32) -> Result<Fd> {
        self.takes_name(dir.node, name)?;
        self.want_write(dir)?;
        self.may_create(dir.node, task)?;
        let node = self.create_in(task, dir.node, name, Body::File(Content::default()), mode)?;
        self.descriptor(task, Pos { mount: dir.mount, node }, flags)
    }

    /// Opens what is there.
    fn open_found(&mut self, task: &Task, pos: Pos, flags: OpenFlags) -> Result<Fd> {
        if flags.contains(OpenFlags::PATH) {
            return self.descriptor(task, pos, flags);
        }
        let kind = self.kind(pos.node)?;
        let want = flags.asks();
        match kind {
            FileType::Symlink => return Err(Errno::ELOOP),
            FileType::Dir if want.contains(Access::WRITE) => return Err(Errno::EISDIR),
            _ => {}
        }
        if kind == FileType::File && want.contains(Access::WRITE) {
            self.want_write(pos)?;
        }
        self.may(pos.node, task, want)?;
        // An upper directory that was removed under its mount cannot be opened through that.
        let lost = kind == FileType::Dir
            && self.overlay(pos.node.fs).is_ok_and(|overlay| overlay.is_hashed(pos.node.id))
            && self.inode(pos.node)?.nlink == 0;
        if lost {
            return Err(Errno::ENOENT);
        }
        match kind {
            FileType::Socket => return Err(Errno::ENXIO),
            // Every mount of a lab is `nodev`, on a host as well.
            FileType::Char | FileType::Block => return Err(Errno::EACCES),
            FileType::Fifo if !flags.reads() && !flags.writes() => return Err(Errno::EINVAL),
            // As with `O_NONBLOCK`: nobody waits for the other end. A writer needs a reader.
            FileType::Fifo if !flags.reads() && !self.has_reader(pos.node) => return Err(Errno::ENXIO),
            _ => {}
        }
        if kind == FileType::File && flags.contains(OpenFlags::TRUNC) {
            self.resize(task, pos.node, 0, Resize::Open)?;
        } else if kind == FileType::File && flags.writes() {
            self.writable(pos.node)?;
        }
        self.descriptor(task, pos, flags)
    }

    /// Whether a descriptor reads this fifo.
    fn has_reader(&self, node: Node) -> bool {
        let reads = |open: &Open| open.flags.reads() && !open.flags.contains(OpenFlags::PATH);
        self.open.values().any(|open| reads(open) && self.same_inode(open.pos.node, node))
    }

    fn descriptor(&mut self, task: &Task, pos: Pos, flags: OpenFlags) -> Result<Fd> {
        if self.open.len() >= OPEN_MAX {
            return Err(Errno::EMFILE);
        }
        let fd = Fd(self.next_fd);
        self.next_fd = self.next_fd.checked_add(1).ok_or(Errno::EMFILE)?;
        let task = Task {
            uid: task.uid,
            gid: task.gid,
            groups: task.groups.clone(),
            caps: task.caps,
            umask: task.umask,
            pid: task.pid,
            root: ByteString::new(),
            cwd: ByteString::new(),
            dir: None,
        };
        self.open.push(fd, Open { pos, flags, task });
        Ok(fd)
    }

    pub(crate) fn dup(&mut self, fd: Fd) -> Result<Fd> {
        let Open { pos, flags, task } = self.open.get(fd).ok_or(Errno::EBADF)?.clone();
        self.descriptor(&task, pos, flags)
    }

    pub(crate) fn close(&mut self, fd: Fd) -> Result<()> {
        let open = self.open.remove(fd).ok_or(Errno::EBADF)?;
        if let Ok(overlay) = self.overlay_mut(open.pos.node.fs) {
            overlay.close_listing(open.pos.node.id, fd);
        }
        self.closed(open.pos.node)
    }

    /// The descriptor's file; `EBADF` if it is none, or a mere place (`O_PATH`).
    fn file(&self, fd: Fd) -> Result<&Open> {
        let open = self.open.get(fd).ok_or(Errno::EBADF)?;
        if open.flags.contains(OpenFlags::PATH) { Err(Errno::EBADF) } else { Ok(open) }
    }

    pub(crate) fn pread(&mut self, fd: Fd, offset: u64, len: usize) -> Result<Bytes> {
        let open = self.file(fd)?;
        // A stream has no offset to read at; that is looked at first.
        if self.inode(open.pos.node)?.kind() == FileType::Fifo {
            return Err(Errno::ESPIPE);
        }
        if !open.flags.reads() {
            return Err(Errno::EBADF);
        }
        if offset > i64::MAX as u64 {
            return Err(Errno::EINVAL);
        }
        let pos = open.pos;
        let inode = self.inode(pos.node)?;
        let data = match &inode.body {
            Body::File(content) => content.read(offset, len.min(RW_MAX))?,
            Body::Dir(_) => return Err(Errno::EISDIR),
            _ => return Err(Errno::ESPIPE),
        };
        if len > 0 {
            self.accessed(pos)?;
        }
        Ok(data)
    }

    fn writing(&self, fd: Fd) -> Result<&Open> {
        let open = self.file(fd)?;
        if open.flags.writes() { Ok(open) } else { Err(Errno::EBADF) }
    }

    pub(crate) fn pwrite(&mut self, fd: Fd, offset: u64, data: &[u8]) -> Result<usize> {
        if self.inode(self.file(fd)?.pos.node)?.kind() == FileType::Fifo {
            return Err(Errno::ESPIPE);
        }
        let open = self.writing(fd)?;
        if offset > i64::MAX as u64 {
            return Err(Errno::EINVAL);
        }
        let (pos, append) = (open.pos, open.flags.contains(OpenFlags::APPEND));
        let inode = self.inode(pos.node)?;
        if inode.content().is_none() {
            return Err(Errno::ESPIPE);
        }
        if data.is_empty() {
            return Ok(0);
        }
        let offset = if append { inode.size() } else { offset };
        let task = open.task.clone();
        let real = self.writable(pos.node)?;
        let room = self.room(real, offset, data.len() as u64)? as usize;
        let content = self.inode_mut(real)?.content_mut().ok_or(Errno::ESPIPE)?;
        content.write(offset, Bytes::copy_from_slice(&data[..room]))?;
        self.written(&task, real)?;
        Ok(room)
    }

    pub(crate) fn copy_file_range(
        &mut self,
        from: Fd,
        from_offset: u64,
        to: Fd,
        to_offset: u64,
        len: u64,
    ) -> Result<u64> {
        let source = self.file(from)?;
        let target = self.writing(to)?;
        if !source.flags.reads() || target.flags.contains(OpenFlags::APPEND) {
            return Err(Errno::EBADF);
        }
        let task = target.task.clone();
        let (source, target) = (source.pos.node, target.pos.node);
        let kinds = (self.inode(source)?.kind(), self.inode(target)?.kind());
        match kinds {
            (FileType::File, FileType::File) => {}
            (FileType::Dir, _) | (_, FileType::Dir) => return Err(Errno::EISDIR),
            _ => return Err(Errno::EINVAL),
        }
        let content = self.inode(source)?.content().ok_or(Errno::EINVAL)?.clone();
        let len = len.min(content.size().saturating_sub(from_offset));
        if len == 0 {
            return Ok(0);
        }
        let end = to_offset.checked_add(len).ok_or(Errno::EOVERFLOW)?;
        if source == target && from_offset < end && to_offset < from_offset + len {
            return Err(Errno::EINVAL);
        }
        let real = self.writable(target)?;
        let len = self.room_on_disk(real, to_offset, len)?;
        let end = end.min(to_offset + len);
        let into = self.inode_mut(real)?.content_mut().ok_or(Errno::EINVAL)?;
        if into.size() < end {
            into.truncate(end)?;
        }
        into.punch(to_offset, len);
        let mut result = Ok(());
        content.each_in(from_offset, from_offset + len, |at, data| {
            if result.is_ok() {
                result = into.write(at - from_offset + to_offset, data);
            }
        });
        result?;
        self.written(&task, real)?;
        Ok(len)
    }

    pub(crate) fn ftruncate(&mut self, fd: Fd, size: u64) -> Result<()> {
        if size > super::content::MAX_SIZE {
            return Err(Errno::EINVAL);
        }
        let open = self.file(fd)?;
        if !open.flags.writes() {
            return Err(Errno::EINVAL);
        }
        let (node, task) = (open.pos.node, open.task.clone());
        if self.inode(node)?.content().is_none() {
            return Err(Errno::EINVAL);
        }
        self.resize(&task, node, size, Resize::Descriptor)
    }

    pub(crate) fn fstat(&mut self, fd: Fd) -> Result<crate::kernel::Stat> {
        let node = self.open.get(fd).ok_or(Errno::EBADF)?.pos.node;
        self.getattr(node)
    }

    pub(crate) fn fchmod(&mut self, task: &Task, fd: Fd, mode: u32) -> Result<()> {
        let pos = self.file(fd)?.pos;
        self.want_write(pos)?;
        self.chmod_node(task, pos.node, mode)
    }

    pub(crate) fn fchown(&mut self, task: &Task, fd: Fd, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
        let pos = self.file(fd)?.pos;
        self.want_write(pos)?;
        self.chown_node(task, pos.node, uid, gid)
    }

    pub(crate) fn fsetxattr(
        &mut self,
        task: &Task,
        fd: Fd,
        name: &[u8],
        value: &[u8],
        mode: XattrMode,
    ) -> Result<()> {
        let pos = self.file(fd)?.pos;
        self.want_write(pos)?;
        self.setxattr(task, pos.node, name, value, mode)
    }

    pub(crate) fn fsync(&mut self, fd: Fd) -> Result<()> {
        match self.inode(self.file(fd)?.pos.node)?.kind() {
            FileType::File | FileType::Dir => Ok(()),
            _ => Err(Errno::EINVAL),
        }
    }

    pub(crate) fn getdents(&mut self, fd: Fd) -> Result<Vec<DirEntry>> {
        let pos = self.file(fd)?.pos;
        let node = pos.node;
        if !self.is_dir(node)? {
            return Err(Errno::ENOTDIR);
        }
        if self.is_removed(node)? {
            return Err(Errno::ENOENT);
        }
        let entries = match self.overlay(node.fs) {
            Ok(_) => self.overlay_list_open(node, fd)?,
            Err(_) => self.list(node)?,
        };
        self.accessed(pos)?;
        Ok(entries)
    }
}
