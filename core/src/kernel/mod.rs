//! The seam: [`Kernel`], a method a system call.
//!
//! Everything above this module is written once and runs on any implementation: the simulator in memory
//! (`sim::SimKernel`) and Linux itself (the native shim's `LinuxKernel`). Nothing above may ask which one it is on.
//! A call and its result are also plain data ([`Call`], [`Outcome`]), so that a trace recorded on one kernel can be
//! held against another.

mod bytes;
mod call;
mod caps;
mod errno;
pub mod fs;
pub mod path;
mod task;
mod types;

pub use bytes::{ByteString, decode as base64_decode, encode as base64_encode};
pub use call::{Call, Made, Outcome, Value, perform};
pub use caps::Caps;
pub use errno::Errno;
pub use task::Task;
pub use types::*;

/// What a system call answers.
pub type Result<T> = std::result::Result<T, Errno>;

/// A kernel: the system calls that the lab is made of.
///
/// Paths are bytes and are resolved as the [`Task`] sees them. Every method checks what Linux checks, in Linux's
/// order, and fails with the error number that Linux gives (`man 2` of the call; for overlay mounts the kernel's
/// `Documentation/filesystems/overlayfs.rst`). A failed call changes nothing, except where Linux itself leaves a trace
/// (an overlay copy-up before an error).
pub trait Kernel {
    /// `stat(2)`: follows a last symbolic link.
    fn stat(&mut self, task: &Task, path: &[u8]) -> Result<Stat>;
    /// `lstat(2)`: does not.
    fn lstat(&mut self, task: &Task, path: &[u8]) -> Result<Stat>;
    /// `readlink(2)`: the target as stored.
    fn readlink(&mut self, task: &Task, path: &[u8]) -> Result<ByteString>;
    /// `access(2)` with the effective ids (`faccessat(…, AT_EACCESS)`).
    fn access(&mut self, task: &Task, path: &[u8], access: Access) -> Result<()>;
    /// `chdir(2)` and `getcwd(2)`: the absolute path, inside the task's root, without links and dots.
    fn chdir(&mut self, task: &Task, path: &[u8]) -> Result<ByteString>;
    /// `getcwd(2)`: the path of the task's working directory by now, inside its root. `ENOENT` where that was removed,
    /// or lies outside.
    fn getcwd(&mut self, task: &Task) -> Result<ByteString>;

    /// `open(2)`; `mode` is for what it creates, before the umask.
    fn open(&mut self, task: &Task, path: &[u8], flags: OpenFlags, mode: u32) -> Result<Fd>;
    /// `dup(2)`: a further descriptor of the same open file.
    fn dup(&mut self, fd: Fd) -> Result<Fd>;
    /// `close(2)`.
    fn close(&mut self, fd: Fd) -> Result<()>;
    /// `pread(2)`: at most `len` bytes from `offset`; fewer only at the end of the file.
    fn pread(&mut self, fd: Fd, offset: u64, len: usize) -> Result<::bytes::Bytes>;
    /// `pwrite(2)`: all of `data`; on an `APPEND` descriptor at the end, whatever `offset` says, as on Linux.
    fn pwrite(&mut self, fd: Fd, offset: u64, data: &[u8]) -> Result<usize>;
    /// `copy_file_range(2)`: shares the range where the kernel can. Returns the bytes copied; fewer only at the end of
    /// the source.
    fn copy_file_range(
        &mut self,
        from: Fd,
        from_offset: u64,
        to: Fd,
        to_offset: u64,
        len: u64,
    ) -> Result<u64>;
    /// `ftruncate(2)`.
    fn ftruncate(&mut self, fd: Fd, size: u64) -> Result<()>;
    /// `fstat(2)`.
    fn fstat(&mut self, fd: Fd) -> Result<Stat>;
    /// `fchmod(2)`.
    fn fchmod(&mut self, task: &Task, fd: Fd, mode: u32) -> Result<()>;
    /// `fchown(2)`; `None` keeps an id.
    fn fchown(&mut self, task: &Task, fd: Fd, uid: Option<u32>, gid: Option<u32>) -> Result<()>;
    /// `fsetxattr(2)`.
    fn fsetxattr(&mut self, task: &Task, fd: Fd, name: &[u8], value: &[u8], mode: XattrMode) -> Result<()>;
    /// `fsync(2)`.
    fn fsync(&mut self, fd: Fd) -> Result<()>;
    /// `getdents64(2)` from the start to the end, in the kernel's order, without `.` and `..`.
    fn getdents(&mut self, fd: Fd) -> Result<Vec<DirEntry>>;

    /// `truncate(2)`.
    fn truncate(&mut self, task: &Task, path: &[u8], size: u64) -> Result<()>;
    /// `mkdir(2)`.
    fn mkdir(&mut self, task: &Task, path: &[u8], mode: u32) -> Result<()>;
    /// `rmdir(2)`.
    fn rmdir(&mut self, task: &Task, path: &[u8]) -> Result<()>;
    /// `unlink(2)`.
    fn unlink(&mut self, task: &Task, path: &[u8]) -> Result<()>;
    /// `renameat2(2)`.
    fn rename(&mut self, task: &Task, from: &[u8], to: &[u8], flags: RenameFlags) -> Result<()>;
    /// `link(2)`: a last symbolic link of `from` is not followed.
    fn link(&mut self, task: &Task, from: &[u8], to: &[u8]) -> Result<()>;
    /// `symlink(2)`.
    fn symlink(&mut self, task: &Task, target: &[u8], path: &[u8]) -> Result<()>;
    /// `mknod(2)` of a file, fifo, device or socket.
    fn mknod(&mut self, task: &Task, path: &[u8], kind: FileType, mode: u32, device: Device) -> Result<()>;
    /// `chmod(2)`: follows a last symbolic link.
    fn chmod(&mut self, task: &Task, path: &[u8], mode: u32) -> Result<()>;
    /// `chown(2)` or `lchown(2)`; `None` keeps an id.
    fn chown(
        &mut self,
        task: &Task,
        path: &[u8],
        uid: Option<u32>,
        gid: Option<u32>,
        follow: Follow,
    ) -> Result<()>;
    /// `utimensat(2)`.
    fn utimens(
        &mut self,
        task: &Task,
        path: &[u8],
        atime: SetTime,
        mtime: SetTime,
        follow: Follow,
    ) -> Result<()>;

    /// `getxattr(2)` or `lgetxattr(2)`.
    fn getxattr(&mut self, task: &Task, path: &[u8], name: &[u8], follow: Follow) -> Result<ByteString>;
    /// `setxattr(2)` or `lsetxattr(2)`.
    fn setxattr(
        &mut self,
        task: &Task,
        path: &[u8],
        name: &[u8],
        value: &[u8],
        mode: XattrMode,
        follow: Follow,
    ) -> Result<()>;
    /// `listxattr(2)` or `llistxattr(2)`, in the kernel's order.
    fn listxattr(&mut self, task: &Task, path: &[u8], follow: Follow) -> Result<Vec<ByteString>>;
    /// `removexattr(2)` or `lremovexattr(2)`.
    fn removexattr(&mut self, task: &Task, path: &[u8], name: &[u8], follow: Follow) -> Result<()>;

    /// `mount(2)`; `data` is the option string, parsed by the kernel.
    fn mount(
        &mut self,
        task: &Task,
        source: &[u8],
        target: &[u8],
        fstype: &[u8],
        flags: MountFlags,
        data: &[u8],
    ) -> Result<()>;
    /// `umount2(2)`.
    fn umount(&mut self, task: &Task, target: &[u8], flags: UmountFlags) -> Result<()>;
    /// What is mounted, in mount order, as the kernel's own root sees it.
    fn mountinfo(&mut self) -> Result<Vec<MountInfo>>;
    /// `statfs(2)`.
    fn statfs(&mut self, task: &Task, path: &[u8]) -> Result<StatFs>;

    /// `clock_gettime(2)` of the real-time clock.
    fn clock_gettime(&mut self) -> Timespec;

    /// `clock_settime(2)` of the real-time clock, on a kernel whose time is what its owner says. Another one's goes its way.
    fn set_clock(&mut self, _now: Timespec) {}
}
