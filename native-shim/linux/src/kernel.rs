//! The seam's methods, one system call each.

use std::ffi::CString;
use std::rc::Rc;

use bytes::Bytes;
use layerlab_core::kernel::{
    Access, ByteString, Caps, Device, DirEntry, Errno, Fd, FileType, Follow, Kernel, MountFlags, MountInfo,
    OpenFlags, RenameFlags, Result, SetTime, Stat, StatFs, Task, Timespec, UmountFlags, XattrMode,
};
use rustix::buffer::spare_capacity;
use rustix::fs::{AtFlags, CWD, Timestamps};

use super::convert::{self, errno, gid, mode, uid};
use super::creds::Creds;
use super::fds::Open;
use super::names::Named;
use super::{LinuxKernel, files};

impl Kernel for LinuxKernel {
    fn stat(&mut self, task: &Task, path: &[u8]) -> Result<Stat> {
        self.sit(task, path)?;
        rustix::fs::stat(path).map(|raw| convert::stat(&raw)).map_err(errno)
    }

    fn lstat(&mut self, task: &Task, path: &[u8]) -> Result<Stat> {
        self.sit(task, path)?;
        rustix::fs::lstat(path).map(|raw| convert::stat(&raw)).map_err(errno)
    }

    fn readlink(&mut self, task: &Task, path: &[u8]) -> Result<ByteString> {
        self.sit(task, path)?;
        self.scratch.clear();
        rustix::fs::readlinkat_raw(CWD, path, spare_capacity(&mut self.scratch)).map_err(errno)?;
        Ok(self.scratch[..].into())
    }

    fn access(&mut self, task: &Task, path: &[u8], access: Access) -> Result<()> {
        self.sit(task, path)?;
        let asked = rustix::fs::Access::from_bits_truncate(access.bits());
        rustix::fs::accessat(CWD, path, asked, AtFlags::EACCESS).map_err(errno)
    }

    fn chdir(&mut self, task: &Task, path: &[u8]) -> Result<ByteString> {
        self.sit(task, path)?;
        rustix::process::chdir(path).map_err(errno)?;
        let cwd = ByteString::from(rustix::process::getcwd(Vec::new()).map_err(errno)?.into_bytes());
        self.seat.arrived(cwd.clone());
        Ok(cwd)
    }

    fn getcwd(&mut self, task: &Task) -> Result<ByteString> {
        self.seat.sit_in_cwd(task, &self.fds)?;
        let cwd = rustix::process::getcwd(Vec::new()).map_err(errno)?.into_bytes();
        // What lies outside the root is told from it by a text in parentheses (getcwd(3)).
        if cwd.starts_with(b"/") { Ok(cwd.into()) } else { Err(Errno::ENOENT) }
    }

    fn open(&mut self, task: &Task, path: &[u8], flags: OpenFlags, bits: u32) -> Result<Fd> {
        self.sit(task, path)?;
        let file = rustix::fs::openat(CWD, path, convert::open_flags(flags), mode(bits)).map_err(errno)?;
        Ok(self.fds.insert(Open { file: Rc::new(file), opener: Creds::of(task) }))
    }

    fn dup(&mut self, fd: Fd) -> Result<Fd> {
        let open = self.fds.get(fd)?.clone();
        Ok(self.fds.insert(open))
    }

    fn close(&mut self, fd: Fd) -> Result<()> {
        self.seat.closing(fd);
        self.fds.remove(fd).map(drop)
    }

    fn pread(&mut self, fd: Fd, offset: u64, len: usize) -> Result<Bytes> {
        files::read(&self.fds.get(fd)?.file, offset, len)
    }

    fn pwrite(&mut self, fd: Fd, offset: u64, data: &[u8]) -> Result<usize> {
        let open = self.fds.get(fd)?;
        self.seat.be_opener(&open.opener)?;
        files::write(&open.file, offset, data)
    }

    fn copy_file_range(&mut self, from: Fd, from_at: u64, to: Fd, to_at: u64, len: u64) -> Result<u64> {
        let (from, to) = (self.fds.get(from)?, self.fds.get(to)?);
        self.seat.be_opener(&to.opener)?;
        files::copy(&from.file, from_at, &to.file, to_at, len)
    }

    fn ftruncate(&mut self, fd: Fd, size: u64) -> Result<()> {
        let open = self.fds.get(fd)?;
        self.seat.be_opener(&open.opener)?;
        rustix::fs::ftruncate(&open.file, size).map_err(errno)
    }

    fn fstat(&mut self, fd: Fd) -> Result<Stat> {
        rustix::fs::fstat(&self.fds.get(fd)?.file).map(|raw| convert::stat(&raw)).map_err(errno)
    }

    fn fchmod(&mut self, task: &Task, fd: Fd, bits: u32) -> Result<()> {
        self.seat.be(task)?;
        rustix::fs::fchmod(&self.fds.get(fd)?.file, mode(bits)).map_err(errno)
    }

    fn fchown(&mut self, task: &Task, fd: Fd, owner: Option<u32>, group: Option<u32>) -> Result<()> {
        self.seat.be(task)?;
        rustix::fs::fchown(&self.fds.get(fd)?.file, uid(owner), gid(group)).map_err(errno)
    }

    fn fsetxattr(&mut self, task: &Task, fd: Fd, name: &[u8], value: &[u8], how: XattrMode) -> Result<()> {
        self.seat.be(task)?;
        let file = &self.fds.get(fd)?.file;
        match self.naming.stored(name, task.can(Caps::SYS_ADMIN))? {
            Named::Ask(name) => {
                rustix::fs::fsetxattr(file, &*name, value, convert::xattr_flags(how)).map_err(errno)
            }
            Named::Hidden => Err(Errno::EPERM),
        }
    }

    fn fsync(&mut self, fd: Fd) -> Result<()> {
        rustix::fs::fsync(&self.fds.get(fd)?.file).map_err(errno)
    }

    fn getdents(&mut self, fd: Fd) -> Result<Vec<DirEntry>> {
        self.scratch.clear();
        files::entries(&self.fds.get(fd)?.file, self.scratch.spare_capacity_mut())
    }

    fn truncate(&mut self, task: &Task, path: &[u8], size: u64) -> Result<()> {
        self.sit(task, path)?;
        let size = i64::try_from(size).map_err(|_| Errno::EINVAL)?;
        // rustix has ftruncate(2) alone, and opening first would check and copy up otherwise.
        nix::unistd::truncate(path, size).map_err(|error| Errno::from_raw(error as i32))
    }

    fn mkdir(&mut self, task: &Task, path: &[u8], bits: u32) -> Result<()> {
        self.sit(task, path)?;
        rustix::fs::mkdir(path, mode(bits)).map_err(errno)
    }

    fn rmdir(&mut self, task: &Task, path: &[u8]) -> Result<()> {
        self.sit(task, path)?;
        self.seat.names_changed();
        rustix::fs::rmdir(path).map_err(errno)
    }

    fn unlink(&mut self, task: &Task, path: &[u8]) -> Result<()> {
        self.sit(task, path)?;
        rustix::fs::unlink(path).map_err(errno)
    }

    fn rename(&mut self, task: &Task, from: &[u8], to: &[u8], flags: RenameFlags) -> Result<()> {
        self.sit_for_both(task, from, to)?;
        self.seat.names_changed();
        let flags = rustix::fs::RenameFlags::from_bits_retain(flags.bits());
        if flags.is_empty() {
            rustix::fs::rename(from, to).map_err(errno)
        } else {
            rustix::fs::renameat_with(CWD, from, CWD, to, flags).map_err(errno)
        }
    }

    fn link(&mut self, task: &Task, from: &[u8], to: &[u8]) -> Result<()> {
        self.sit_for_both(task, from, to)?;
        rustix::fs::link(from, to).map_err(errno)
    }

    fn symlink(&mut self, task: &Task, target: &[u8], path: &[u8]) -> Result<()> {
        self.sit(task, path)?;
        rustix::fs::symlink(target, path).map_err(errno)
    }

    fn mknod(&mut self, task: &Task, path: &[u8], kind: FileType, bits: u32, device: Device) -> Result<()> {
        self.sit(task, path)?;
        let kind = rustix::fs::FileType::from_raw_mode(kind.bits());
        let device = rustix::fs::makedev(device.major, device.minor);
        rustix::fs::mknodat(CWD, path, kind, mode(bits), device).map_err(errno)
    }

    fn chmod(&mut self, task: &Task, path: &[u8], bits: u32) -> Result<()> {
        self.sit(task, path)?;
        rustix::fs::chmod(path, mode(bits)).map_err(errno)
    }

    fn chown(
        &mut self,
        task: &Task,
        path: &[u8],
        owner: Option<u32>,
        group: Option<u32>,
        follow: Follow,
    ) -> Result<()> {
        self.sit(task, path)?;
        rustix::fs::chownat(CWD, path, uid(owner), gid(group), at_flags(follow)).map_err(errno)
    }

    fn utimens(
        &mut self,
        task: &Task,
        path: &[u8],
        atime: SetTime,
        mtime: SetTime,
        follow: Follow,
    ) -> Result<()> {
        self.sit(task, path)?;
        let times =
            Timestamps { last_access: convert::set_time(atime), last_modification: convert::set_time(mtime) };
        rustix::fs::utimensat(CWD, path, &times, at_flags(follow)).map_err(errno)
    }

    fn getxattr(&mut self, task: &Task, path: &[u8], name: &[u8], follow: Follow) -> Result<ByteString> {
        self.sit(task, path)?;
        let Named::Ask(name) = self.naming.stored(name, task.can(Caps::SYS_ADMIN))? else {
            return Err(hidden(path, follow, Errno::ENODATA));
        };
        self.scratch.clear();
        let room = spare_capacity(&mut self.scratch);
        match follow {
            Follow::Target => rustix::fs::getxattr(path, &*name, room),
            Follow::Link => rustix::fs::lgetxattr(path, &*name, room),
        }
        .map_err(errno)?;
        Ok(self.scratch[..].into())
    }

    fn setxattr(
        &mut self,
        task: &Task,
        path: &[u8],
        name: &[u8],
        value: &[u8],
        how: XattrMode,
        follow: Follow,
    ) -> Result<()> {
        self.sit(task, path)?;
        let Named::Ask(name) = self.naming.stored(name, task.can(Caps::SYS_ADMIN))? else {
            return Err(hidden(path, follow, Errno::EPERM));
        };
        let flags = convert::xattr_flags(how);
        match follow {
            Follow::Target => rustix::fs::setxattr(path, &*name, value, flags),
            Follow::Link => rustix::fs::lsetxattr(path, &*name, value, flags),
        }
        .map_err(errno)
    }

    fn listxattr(&mut self, task: &Task, path: &[u8], follow: Follow) -> Result<Vec<ByteString>> {
        self.sit(task, path)?;
        self.scratch.clear();
        let room = spare_capacity(&mut self.scratch);
        match follow {
            Follow::Target => rustix::fs::listxattr(path, room),
            Follow::Link => rustix::fs::llistxattr(path, room),
        }
        .map_err(errno)?;
        Ok(self.listed_names(task.can(Caps::SYS_ADMIN)))
    }

    fn removexattr(&mut self, task: &Task, path: &[u8], name: &[u8], follow: Follow) -> Result<()> {
        self.sit(task, path)?;
        let Named::Ask(name) = self.naming.stored(name, task.can(Caps::SYS_ADMIN))? else {
            return Err(hidden(path, follow, Errno::EPERM));
        };
        match follow {
            Follow::Target => rustix::fs::removexattr(path, &*name),
            Follow::Link => rustix::fs::lremovexattr(path, &*name),
        }
        .map_err(errno)
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
        self.seat.sit_in_cwd(task, &self.fds)?;
        let data = match fstype {
            b"overlay" => self.naming.mount_data(data)?,
            b"tmpfs" => data.into(),
            _ if flags.intersects(MountFlags::BIND | MountFlags::REMOUNT) => data.into(),
            // Anything else would show the machine itself (proc, sysfs) or its devices.
            _ => return Err(Errno::ENODEV),
        };
        let data = CString::new(data.into_owned()).map_err(|_| Errno::EINVAL)?;
        // A bind mount has what the mount has that it shows.
        let bind = flags.contains(MountFlags::BIND) && !flags.contains(MountFlags::REMOUNT);
        let shown = if bind { mount_number(source).and_then(|number| self.asked.get(&number)) } else { None };
        let guards = MountFlags::NOSUID | MountFlags::NODEV;
        let asked = shown.copied().unwrap_or(flags & guards);
        let flags = rustix::mount::MountFlags::from_bits_retain((flags | guards).bits());
        let result = rustix::mount::mount(source, target, fstype, flags, &*data).map_err(errno);
        if let (Ok(()), Some(number)) = (result, mount_number(target)) {
            self.asked.insert(number, asked);
        }
        self.seat.mounts_changed();
        result
    }

    fn umount(&mut self, task: &Task, target: &[u8], flags: UmountFlags) -> Result<()> {
        self.seat.sit_in_cwd(task, &self.fds)?;
        let flags = rustix::mount::UnmountFlags::from_bits_truncate(flags.bits());
        let result = rustix::mount::unmount(target, flags).map_err(errno);
        self.seat.mounts_changed();
        result
    }

    fn mountinfo(&mut self) -> Result<Vec<MountInfo>> {
        self.read_mountinfo()
    }

    fn statfs(&mut self, task: &Task, path: &[u8]) -> Result<StatFs> {
        self.sit(task, path)?;
        let raw = rustix::fs::statfs(path).map_err(errno)?;
        let unit = raw.f_frsize as u64;
        Ok(StatFs {
            fstype: convert::filesystem_name(raw.f_type as u64).into(),
            total: raw.f_blocks * unit,
            available: raw.f_bavail * unit,
        })
    }

    fn clock_gettime(&mut self) -> Timespec {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
        Timespec { sec: now.tv_sec, nsec: now.tv_nsec as u32 }
    }
}

/// The number of the mount through which a path is seen.
fn mount_number(path: &[u8]) -> Option<u64> {
    let asked = rustix::fs::statx(CWD, path, AtFlags::empty(), rustix::fs::StatxFlags::MNT_ID).ok()?;
    Some(asked.stx_mnt_id)
}

/// The answer about a trusted name to one who is not root: the path's own error comes first.
fn hidden(path: &[u8], follow: Follow, otherwise: Errno) -> Errno {
    rustix::fs::statat(CWD, path, at_flags(follow)).map_or_else(errno, |_| otherwise)
}

fn at_flags(follow: Follow) -> AtFlags {
    match follow {
        Follow::Target => AtFlags::empty(),
        Follow::Link => AtFlags::SYMLINK_NOFOLLOW,
    }
}
