//! A machine whose system calls are watched: which of them change a layer under its mount, and, on demand, all of them.

use bytes::Bytes;

use super::direct::Direct;
use super::{Backend, Touched};
use crate::kernel::{
    Access, ByteString, Call, Device, DirEntry, Fd, FileType, Follow, Kernel, Made, MountFlags, MountInfo,
    OpenFlags, RenameFlags, Result, SetTime, Stat, StatFs, Task, Timespec, UmountFlags, Value, XattrMode,
};
use crate::overlay::CopyUps;

/// A machine, and what its calls have shown.
#[derive(Debug)]
pub(super) struct Watched {
    inner: Box<dyn Backend>,
    direct: Direct,
    /// The calls with their results, where they are kept.
    calls: Option<Kept>,
}

/// Calls that were made, and the bytes of their arguments and results.
#[derive(Debug, Default)]
struct Kept {
    made: Vec<Made>,
    bytes: usize,
}

impl Watched {
    /// How many bytes of arguments and results are kept at most.
    pub(super) const MOST: usize = 64 << 20;

    pub(super) fn new(inner: Box<dyn Backend>) -> Self {
        Self { inner, direct: Direct::default(), calls: None }
    }

    /// Makes a call, and keeps it where calls are kept.
    fn make<T>(
        &mut self,
        task: Option<&Task>,
        call: impl FnOnce() -> Call,
        answer: impl FnOnce(&mut dyn Kernel) -> Result<T>,
        value: impl FnOnce(&T) -> Value,
    ) -> Result<T> {
        let result = answer(self.inner.kernel());
        if let Some(kept) = self.calls.as_mut().filter(|kept| kept.bytes <= Self::MOST) {
            let made = Made {
                task: task.cloned(),
                call: call(),
                outcome: result.as_ref().map(value).map_err(|errno| *errno).into(),
            };
            kept.bytes += made.size();
            kept.made.push(made);
        }
        result
    }

    /// Makes a call that changes the files at these paths.
    fn change(
        &mut self,
        task: &Task,
        paths: &[&[u8]],
        call: impl FnOnce() -> Call,
        answer: impl FnOnce(&mut dyn Kernel) -> Result<()>,
    ) -> Result<()> {
        self.make(Some(task), call, answer, unit)?;
        for path in paths {
            self.direct.changed(task, path);
        }
        Ok(())
    }
}

impl Backend for Watched {
    fn kernel(&mut self) -> &mut dyn Kernel {
        self
    }

    /// A copy keeps no calls.
    fn fork(&self) -> Option<Box<dyn Backend>> {
        let inner = self.inner.fork()?;
        Some(Box::new(Self { inner, direct: self.direct.clone(), calls: None }))
    }

    fn reset(&mut self) -> std::result::Result<(), String> {
        self.direct = Direct::default();
        self.inner.reset()
    }

    fn take_copy_ups(&mut self) -> Option<CopyUps> {
        self.inner.take_copy_ups()
    }

    fn take_touched(&mut self) -> Option<Touched> {
        self.inner.take_touched()
    }

    fn take_calls(&mut self) -> Option<Vec<Made>> {
        self.calls.take_if(|kept| kept.bytes <= Self::MOST).map(|kept| kept.made)
    }

    fn keep_calls(&mut self) {
        self.calls = Some(Kept::default());
    }

    fn take_direct(&mut self) -> Vec<ByteString> {
        self.direct.take()
    }

    fn limit_files(&mut self, bytes: u64) {
        self.inner.limit_files(bytes);
    }

    fn pass(&mut self, seconds: u64) {
        self.inner.pass(seconds);
    }
}

fn unit<T>(_: &T) -> Value {
    Value::Unit
}

impl Kernel for Watched {
    fn stat(&mut self, task: &Task, path: &[u8]) -> Result<Stat> {
        let call = || Call::Stat { path: path.into() };
        self.make(Some(task), call, |k| k.stat(task, path), |stat| Value::Stat(stat.clone()))
    }

    fn lstat(&mut self, task: &Task, path: &[u8]) -> Result<Stat> {
        let call = || Call::Lstat { path: path.into() };
        self.make(Some(task), call, |k| k.lstat(task, path), |stat| Value::Stat(stat.clone()))
    }

    fn readlink(&mut self, task: &Task, path: &[u8]) -> Result<ByteString> {
        let call = || Call::Readlink { path: path.into() };
        self.make(Some(task), call, |k| k.readlink(task, path), |target| Value::Bytes(target.clone()))
    }

    fn access(&mut self, task: &Task, path: &[u8], access: Access) -> Result<()> {
        let call = || Call::Access { path: path.into(), access };
        self.make(Some(task), call, |k| k.access(task, path, access), unit)
    }

    fn chdir(&mut self, task: &Task, path: &[u8]) -> Result<ByteString> {
        let call = || Call::Chdir { path: path.into() };
        self.make(Some(task), call, |k| k.chdir(task, path), |path| Value::Bytes(path.clone()))
    }

    fn getcwd(&mut self, task: &Task) -> Result<ByteString> {
        self.make(Some(task), || Call::Getcwd, |k| k.getcwd(task), |path| Value::Bytes(path.clone()))
    }

    fn open(&mut self, task: &Task, path: &[u8], flags: OpenFlags, mode: u32) -> Result<Fd> {
        let call = || Call::Open { path: path.into(), flags, mode };
        let fd = self.make(Some(task), call, |k| k.open(task, path, flags, mode), |fd| Value::Fd(*fd))?;
        if Direct::is_change(flags) {
            self.direct.changed(task, path);
        }
        Ok(fd)
    }

    fn dup(&mut self, fd: Fd) -> Result<Fd> {
        self.make(None, || Call::Dup { fd }, |k| k.dup(fd), |fd| Value::Fd(*fd))
    }

    fn close(&mut self, fd: Fd) -> Result<()> {
        self.make(None, || Call::Close { fd }, |k| k.close(fd), unit)
    }

    fn pread(&mut self, fd: Fd, offset: u64, len: usize) -> Result<Bytes> {
        let call = || Call::Pread { fd, offset, len };
        self.make(None, call, |k| k.pread(fd, offset, len), |data| Value::Bytes(data[..].into()))
    }

    fn pwrite(&mut self, fd: Fd, offset: u64, data: &[u8]) -> Result<usize> {
        let call = || Call::Pwrite { fd, offset, data: data.into() };
        self.make(None, call, |k| k.pwrite(fd, offset, data), |len| Value::Size(*len as u64))
    }

    fn copy_file_range(
        &mut self,
        from: Fd,
        from_offset: u64,
        to: Fd,
        to_offset: u64,
        len: u64,
    ) -> Result<u64> {
        let call = || Call::CopyFileRange { from, from_offset, to, to_offset, len };
        let answer = |k: &mut dyn Kernel| k.copy_file_range(from, from_offset, to, to_offset, len);
        self.make(None, call, answer, |len| Value::Size(*len))
    }

    fn ftruncate(&mut self, fd: Fd, size: u64) -> Result<()> {
        self.make(None, || Call::Ftruncate { fd, size }, |k| k.ftruncate(fd, size), unit)
    }

    fn fstat(&mut self, fd: Fd) -> Result<Stat> {
        self.make(None, || Call::Fstat { fd }, |k| k.fstat(fd), |stat| Value::Stat(stat.clone()))
    }

    fn fchmod(&mut self, task: &Task, fd: Fd, mode: u32) -> Result<()> {
        self.make(Some(task), || Call::Fchmod { fd, mode }, |k| k.fchmod(task, fd, mode), unit)
    }

    fn fchown(&mut self, task: &Task, fd: Fd, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
        self.make(Some(task), || Call::Fchown { fd, uid, gid }, |k| k.fchown(task, fd, uid, gid), unit)
    }

    fn fsetxattr(&mut self, task: &Task, fd: Fd, name: &[u8], value: &[u8], mode: XattrMode) -> Result<()> {
        let call = || Call::Fsetxattr { fd, name: name.into(), value: value.into(), mode };
        self.make(Some(task), call, |k| k.fsetxattr(task, fd, name, value, mode), unit)
    }

    fn fsync(&mut self, fd: Fd) -> Result<()> {
        self.make(None, || Call::Fsync { fd }, |k| k.fsync(fd), unit)
    }

    fn getdents(&mut self, fd: Fd) -> Result<Vec<DirEntry>> {
        self.make(None, || Call::Getdents { fd }, |k| k.getdents(fd), |list| Value::Entries(list.clone()))
    }

    fn truncate(&mut self, task: &Task, path: &[u8], size: u64) -> Result<()> {
        let call = || Call::Truncate { path: path.into(), size };
        self.change(task, &[path], call, |k| k.truncate(task, path, size))
    }

    fn mkdir(&mut self, task: &Task, path: &[u8], mode: u32) -> Result<()> {
        let call = || Call::Mkdir { path: path.into(), mode };
        self.change(task, &[path], call, |k| k.mkdir(task, path, mode))
    }

    fn rmdir(&mut self, task: &Task, path: &[u8]) -> Result<()> {
        self.change(task, &[path], || Call::Rmdir { path: path.into() }, |k| k.rmdir(task, path))
    }

    fn unlink(&mut self, task: &Task, path: &[u8]) -> Result<()> {
        self.change(task, &[path], || Call::Unlink { path: path.into() }, |k| k.unlink(task, path))
    }

    fn rename(&mut self, task: &Task, from: &[u8], to: &[u8], flags: RenameFlags) -> Result<()> {
        let call = || Call::Rename { from: from.into(), to: to.into(), flags };
        self.change(task, &[from, to], call, |k| k.rename(task, from, to, flags))
    }

    fn link(&mut self, task: &Task, from: &[u8], to: &[u8]) -> Result<()> {
        let call = || Call::Link { from: from.into(), to: to.into() };
        self.change(task, &[to], call, |k| k.link(task, from, to))
    }

    fn symlink(&mut self, task: &Task, target: &[u8], path: &[u8]) -> Result<()> {
        let call = || Call::Symlink { target: target.into(), path: path.into() };
        self.change(task, &[path], call, |k| k.symlink(task, target, path))
    }

    fn mknod(&mut self, task: &Task, path: &[u8], kind: FileType, mode: u32, device: Device) -> Result<()> {
        let call = || Call::Mknod { path: path.into(), kind, mode, device };
        self.change(task, &[path], call, |k| k.mknod(task, path, kind, mode, device))
    }

    fn chmod(&mut self, task: &Task, path: &[u8], mode: u32) -> Result<()> {
        let call = || Call::Chmod { path: path.into(), mode };
        self.change(task, &[path], call, |k| k.chmod(task, path, mode))
    }

    fn chown(
        &mut self,
        task: &Task,
        path: &[u8],
        uid: Option<u32>,
        gid: Option<u32>,
        follow: Follow,
    ) -> Result<()> {
        let call = || Call::Chown { path: path.into(), uid, gid, follow };
        self.change(task, &[path], call, |k| k.chown(task, path, uid, gid, follow))
    }

    fn utimens(
        &mut self,
        task: &Task,
        path: &[u8],
        atime: SetTime,
        mtime: SetTime,
        follow: Follow,
    ) -> Result<()> {
        let call = || Call::Utimens { path: path.into(), atime, mtime, follow };
        self.change(task, &[path], call, |k| k.utimens(task, path, atime, mtime, follow))
    }

    fn getxattr(&mut self, task: &Task, path: &[u8], name: &[u8], follow: Follow) -> Result<ByteString> {
        let call = || Call::Getxattr { path: path.into(), name: name.into(), follow };
        self.make(Some(task), call, |k| k.getxattr(task, path, name, follow), |v| Value::Bytes(v.clone()))
    }

    fn setxattr(
        &mut self,
        task: &Task,
        path: &[u8],
        name: &[u8],
        value: &[u8],
        mode: XattrMode,
        follow: Follow,
    ) -> Result<()> {
        let call =
            || Call::Setxattr { path: path.into(), name: name.into(), value: value.into(), mode, follow };
        self.change(task, &[path], call, |k| k.setxattr(task, path, name, value, mode, follow))
    }

    fn listxattr(&mut self, task: &Task, path: &[u8], follow: Follow) -> Result<Vec<ByteString>> {
        let call = || Call::Listxattr { path: path.into(), follow };
        self.make(Some(task), call, |k| k.listxattr(task, path, follow), |list| Value::Names(list.clone()))
    }

    fn removexattr(&mut self, task: &Task, path: &[u8], name: &[u8], follow: Follow) -> Result<()> {
        let call = || Call::Removexattr { path: path.into(), name: name.into(), follow };
        self.change(task, &[path], call, |k| k.removexattr(task, path, name, follow))
    }

    fn mount(
        &mut self,
        task: &Task,
        source: &[u8],
        target: &[u8],
        fstype: &[u8],
        flags: MountFlags,
        data: &[u8],
    ) -> Result<()> {
        let call = || Call::Mount {
            source: source.into(),
            target: target.into(),
            fstype: fstype.into(),
            flags,
            data: data.into(),
        };
        self.make(Some(task), call, |k| k.mount(task, source, target, fstype, flags, data), unit)?;
        if fstype == b"overlay" {
            self.direct.mounted(self.inner.kernel(), task, target, flags, data);
        }
        Ok(())
    }

    fn umount(&mut self, task: &Task, target: &[u8], flags: UmountFlags) -> Result<()> {
        let call = || Call::Umount { target: target.into(), flags };
        self.make(Some(task), call, |k| k.umount(task, target, flags), unit)?;
        self.direct.unmounted(task, target);
        Ok(())
    }

    fn mountinfo(&mut self) -> Result<Vec<MountInfo>> {
        self.make(None, || Call::Mountinfo, |k| k.mountinfo(), |list| Value::Mounts(list.clone()))
    }

    fn statfs(&mut self, task: &Task, path: &[u8]) -> Result<StatFs> {
        let call = || Call::Statfs { path: path.into() };
        self.make(Some(task), call, |k| k.statfs(task, path), |space| Value::Space(space.clone()))
    }

    // The time is not the kernel's in a lab: both sides are told it.
    fn clock_gettime(&mut self) -> Timespec {
        self.inner.kernel().clock_gettime()
    }

    fn set_clock(&mut self, now: Timespec) {
        let answer = |k: &mut dyn Kernel| {
            k.set_clock(now);
            Ok(())
        };
        // It cannot fail.
        let _ = self.make(None, || Call::SetClock { now }, answer, unit);
    }
}
