//! [`Kernel`] for [`SimKernel`]: each call goes to the part of the state that knows it.

use bytes::Bytes;

use super::SimKernel;
use super::state::SimState;
use super::xattrs;
use crate::kernel::*;

impl Kernel for SimKernel {
    fn stat(&mut self, task: &Task, path: &[u8]) -> Result<Stat> {
        self.state_mut().stat(task, path, Follow::Target)
    }

    fn lstat(&mut self, task: &Task, path: &[u8]) -> Result<Stat> {
        self.state_mut().stat(task, path, Follow::Link)
    }

    fn readlink(&mut self, task: &Task, path: &[u8]) -> Result<ByteString> {
        self.state_mut().readlink(task, path)
    }

    fn access(&mut self, task: &Task, path: &[u8], access: Access) -> Result<()> {
        self.state_mut().access(task, path, access)
    }

    fn chdir(&mut self, task: &Task, path: &[u8]) -> Result<ByteString> {
        self.state_mut().chdir(task, path)
    }

    fn getcwd(&mut self, task: &Task) -> Result<ByteString> {
        self.state_mut().getcwd(task)
    }

    fn open(&mut self, task: &Task, path: &[u8], flags: OpenFlags, mode: u32) -> Result<Fd> {
        self.state_mut().open(task, path, flags, mode)
    }

    fn dup(&mut self, fd: Fd) -> Result<Fd> {
        self.state_mut().dup(fd)
    }

    fn close(&mut self, fd: Fd) -> Result<()> {
        self.state_mut().close(fd)
    }

    fn pread(&mut self, fd: Fd, offset: u64, len: usize) -> Result<Bytes> {
        self.state_mut().pread(fd, offset, len)
    }

    fn pwrite(&mut self, fd: Fd, offset: u64, data: &[u8]) -> Result<usize> {
        self.state_mut().pwrite(fd, offset, data)
    }

    fn copy_file_range(
        &mut self,
        from: Fd,
        from_offset: u64,
        to: Fd,
        to_offset: u64,
        len: u64,
    ) -> Result<u64> {
        self.state_mut().copy_file_range(from, from_offset, to, to_offset, len)
    }

    fn ftruncate(&mut self, fd: Fd, size: u64) -> Result<()> {
        self.state_mut().ftruncate(fd, size)
    }

    fn fstat(&mut self, fd: Fd) -> Result<Stat> {
        self.state_mut().fstat(fd)
    }

    fn fchmod(&mut self, task: &Task, fd: Fd, mode: u32) -> Result<()> {
        self.state_mut().fchmod(task, fd, mode)
    }

    fn fchown(&mut self, task: &Task, fd: Fd, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
        self.state_mut().fchown(task, fd, uid, gid)
    }

    fn fsetxattr(&mut self, task: &Task, fd: Fd, name: &[u8], value: &[u8], mode: XattrMode) -> Result<()> {
        xattrs::check_name(name)?;
        xattrs::check_size(value)?;
        self.state_mut().fsetxattr(task, fd, name, value, mode)
    }

    fn fsync(&mut self, fd: Fd) -> Result<()> {
        self.state_mut().fsync(fd)
    }

    fn getdents(&mut self, fd: Fd) -> Result<Vec<DirEntry>> {
        self.state_mut().getdents(fd)
    }

    fn truncate(&mut self, task: &Task, path: &[u8], size: u64) -> Result<()> {
        self.state_mut().truncate(task, path, size)
    }

    fn mkdir(&mut self, task: &Task, path: &[u8], mode: u32) -> Result<()> {
        self.state_mut().mkdir(task, path, mode)
    }

    fn rmdir(&mut self, task: &Task, path: &[u8]) -> Result<()> {
        self.state_mut().rmdir(task, path)
    }

    fn unlink(&mut self, task: &Task, path: &[u8]) -> Result<()> {
        self.state_mut().unlink(task, path)
    }

    fn rename(&mut self, task: &Task, from: &[u8], to: &[u8], flags: RenameFlags) -> Result<()> {
        self.state_mut().rename(task, from, to, flags)
    }

    fn link(&mut self, task: &Task, from: &[u8], to: &[u8]) -> Result<()> {
        self.state_mut().link(task, from, to)
    }

    fn symlink(&mut self, task: &Task, target: &[u8], path: &[u8]) -> Result<()> {
        self.state_mut().symlink(task, target, path)
    }

    fn mknod(&mut self, task: &Task, path: &[u8], kind: FileType, mode: u32, device: Device) -> Result<()> {
        self.state_mut().mknod(task, path, kind, mode, device)
    }

    fn chmod(&mut self, task: &Task, path: &[u8], mode: u32) -> Result<()> {
        self.state_mut().chmod(task, path, mode)
    }

    fn chown(
        &mut self,
        task: &Task,
        path: &[u8],
        uid: Option<u32>,
        gid: Option<u32>,
        follow: Follow,
    ) -> Result<()> {
        self.state_mut().chown(task, path, uid, gid, follow)
    }

    fn utimens(
        &mut self,
        task: &Task,
        path: &[u8],
        atime: SetTime,
        mtime: SetTime,
        follow: Follow,
    ) -> Result<()> {
        self.state_mut().utimens(task, path, atime, mtime, follow)
    }

    fn getxattr(&mut self, task: &Task, path: &[u8], name: &[u8], follow: Follow) -> Result<ByteString> {
        xattrs::check_name(name)?;
        let state = self.state_mut();
        let pos = state.resolve(task, path, follow)?;
        state.getxattr(task, pos.node, name)
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
        xattrs::check_name(name)?;
        xattrs::check_size(value)?;
        let state = self.state_mut();
        let pos = state.resolve(task, path, follow)?;
        state.want_write(pos)?;
        state.setxattr(task, pos.node, name, value, mode)
    }

    fn listxattr(&mut self, task: &Task, path: &[u8], follow: Follow) -> Result<Vec<ByteString>> {
        let state = self.state_mut();
        let pos = state.resolve(task, path, follow)?;
        state.listxattr(task, pos.node)
    }

    fn removexattr(&mut self, task: &Task, path: &[u8], name: &[u8], follow: Follow) -> Result<()> {
        xattrs::check_name(name)?;
        let state = self.state_mut();
        let pos = state.resolve(task, path, follow)?;
        state.want_write(pos)?;
        state.removexattr(task, pos.node, name)
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
        self.state_mut().mount(task, source, target, fstype, flags, data)
    }

    fn umount(&mut self, task: &Task, target: &[u8], flags: UmountFlags) -> Result<()> {
        self.state_mut().umount(task, target, flags)
    }

    fn mountinfo(&mut self) -> Result<Vec<MountInfo>> {
        Ok(self.state.mountinfo())
    }

    fn statfs(&mut self, task: &Task, path: &[u8]) -> Result<StatFs> {
        self.state_mut().statfs(task, path)
    }

    fn set_clock(&mut self, now: Timespec) {
        Self::set_clock(self, now);
    }

    fn clock_gettime(&mut self) -> Timespec {
        self.state.clock
    }
}

impl SimState {
    fn stat(&mut self, task: &Task, path: &[u8], follow: Follow) -> Result<Stat> {
        let pos = self.resolve(task, path, follow)?;
        self.getattr(pos.node)
    }

    fn readlink(&mut self, task: &Task, path: &[u8]) -> Result<ByteString> {
        let pos = self.resolve(task, path, Follow::Link)?;
        let target = self.link_target(pos.node)?.ok_or(Errno::EINVAL)?;
        self.accessed(pos)?;
        Ok(target[..].into())
    }

    fn access(&mut self, task: &Task, path: &[u8], access: Access) -> Result<()> {
        let pos = self.resolve(task, path, Follow::Target)?;
        let on_disk = matches!(self.kind(pos.node)?, FileType::File | FileType::Dir | FileType::Symlink);
        // That the file system is read only is said first.
        if access.contains(Access::WRITE) && on_disk {
            self.want_write(pos)?;
        }
        // No program is run from a mount that forbids it (access(2)).
        if access.contains(Access::EXECUTE)
            && self.kind(pos.node)? == FileType::File
            && self.mounts.get(pos.mount).is_some_and(|mount| mount.flags.contains(MountFlags::NOEXEC))
        {
            return Err(Errno::EACCES);
        }
        self.may(pos.node, task, access)
    }
}
