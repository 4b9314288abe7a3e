//! A system call and its result as data: what a trace is made of, and what a fuzzer or a checker drives a kernel with.

use serde::{Deserialize, Serialize};

use super::*;

/// One system call, by path. Descriptors are named by the caller's own slots, so that a trace can be replayed on a
/// kernel that numbers them otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "lowercase")]
#[expect(missing_docs, reason = "each variant is the method of the same name on Kernel, with its arguments")]
pub enum Call {
    Stat { path: ByteString },
    Lstat { path: ByteString },
    Readlink { path: ByteString },
    Access { path: ByteString, access: Access },
    Chdir { path: ByteString },
    Getcwd,
    Open { path: ByteString, flags: OpenFlags, mode: u32 },
    Dup { fd: Fd },
    Close { fd: Fd },
    Pread { fd: Fd, offset: u64, len: usize },
    Pwrite { fd: Fd, offset: u64, data: ByteString },
    CopyFileRange { from: Fd, from_offset: u64, to: Fd, to_offset: u64, len: u64 },
    Ftruncate { fd: Fd, size: u64 },
    Fstat { fd: Fd },
    Fchmod { fd: Fd, mode: u32 },
    Fchown { fd: Fd, uid: Option<u32>, gid: Option<u32> },
    Fsetxattr { fd: Fd, name: ByteString, value: ByteString, mode: XattrMode },
    Fsync { fd: Fd },
    Getdents { fd: Fd },
    Truncate { path: ByteString, size: u64 },
    Mkdir { path: ByteString, mode: u32 },
    Rmdir { path: ByteString },
    Unlink { path: ByteString },
    Rename { from: ByteString, to: ByteString, flags: RenameFlags },
    Link { from: ByteString, to: ByteString },
    Symlink { target: ByteString, path: ByteString },
    Mknod { path: ByteString, kind: FileType, mode: u32, device: Device },
    Chmod { path: ByteString, mode: u32 },
    Chown { path: ByteString, uid: Option<u32>, gid: Option<u32>, follow: Follow },
    Utimens { path: ByteString, atime: SetTime, mtime: SetTime, follow: Follow },
    Getxattr { path: ByteString, name: ByteString, follow: Follow },
    Setxattr { path: ByteString, name: ByteString, value: ByteString, mode: XattrMode, follow: Follow },
    Listxattr { path: ByteString, follow: Follow },
    Removexattr { path: ByteString, name: ByteString, follow: Follow },
    Mount { source: ByteString, target: ByteString, fstype: ByteString, flags: MountFlags, data: ByteString },
    Umount { target: ByteString, flags: UmountFlags },
    Mountinfo,
    Statfs { path: ByteString },
    SetClock { now: Timespec },
}

impl Call {
    /// Puts a descriptor into a call that takes one.
    pub fn use_fd(&mut self, new: Fd) {
        self.map_fds(|_| new);
    }

    /// Gives the descriptors of a call other numbers.
    pub fn map_fds(&mut self, new: impl Fn(Fd) -> Fd) {
        match self {
            Self::CopyFileRange { from, to, .. } => (*from, *to) = (new(*from), new(*to)),
            Self::Dup { fd }
            | Self::Close { fd }
            | Self::Pread { fd, .. }
            | Self::Pwrite { fd, .. }
            | Self::Ftruncate { fd, .. }
            | Self::Fstat { fd }
            | Self::Fchmod { fd, .. }
            | Self::Fchown { fd, .. }
            | Self::Fsetxattr { fd, .. }
            | Self::Fsync { fd }
            | Self::Getdents { fd } => *fd = new(*fd),
            _ => {}
        }
    }
}

/// What a call answers when it succeeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each variant is named for the type that it holds")]
pub enum Value {
    Unit,
    Stat(Stat),
    Bytes(ByteString),
    Fd(Fd),
    Size(u64),
    Names(Vec<ByteString>),
    Entries(Vec<DirEntry>),
    Mounts(Vec<MountInfo>),
    Space(StatFs),
}

/// What a call answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It worked.
    Ok(Value),
    /// It failed with this number.
    Err(Errno),
}

impl From<Result<Value>> for Outcome {
    fn from(result: Result<Value>) -> Self {
        match result {
            Ok(value) => Self::Ok(value),
            Err(errno) => Self::Err(errno),
        }
    }
}

/// A call that was made, and what it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The task that made the call; `None` for calls on a descriptor that check no rights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// What was called. Descriptors have the numbers that its kernel gave them.
    #[serde(flatten)]
    pub call: Call,
    /// What came of it.
    pub outcome: Outcome,
}

impl Made {
    /// About how much memory it takes.
    pub fn size(&self) -> usize {
        let task = self.task.as_ref().map_or(0, |task| task.root.len() + task.cwd.len());
        let answer = match &self.outcome {
            Outcome::Ok(Value::Bytes(data)) => data.len(),
            Outcome::Ok(Value::Names(names)) => names.iter().map(|name| name.len()).sum(),
            Outcome::Ok(Value::Entries(list)) => list.len() * size_of::<DirEntry>(),
            _ => 0,
        };
        let data = match &self.call {
            Call::Pwrite { data, .. } => data.len(),
            _ => 0,
        };
        size_of::<Self>() + task + answer + data
    }
}

/// Makes the call on a kernel.
pub fn perform(kernel: &mut dyn Kernel, task: &Task, call: &Call) -> Outcome {
    answer(kernel, task, call).into()
}

fn answer(k: &mut dyn Kernel, t: &Task, call: &Call) -> Result<Value> {
    let unit = |()| Value::Unit;
    match call {
        Call::Stat { path } => k.stat(t, path).map(Value::Stat),
        Call::Lstat { path } => k.lstat(t, path).map(Value::Stat),
        Call::Readlink { path } => k.readlink(t, path).map(Value::Bytes),
        Call::Access { path, access } => k.access(t, path, *access).map(unit),
        Call::Chdir { path } => k.chdir(t, path).map(Value::Bytes),
        Call::Getcwd => k.getcwd(t).map(Value::Bytes),
        Call::Open { path, flags, mode } => k.open(t, path, *flags, *mode).map(Value::Fd),
        Call::Dup { fd } => k.dup(*fd).map(Value::Fd),
        Call::Close { fd } => k.close(*fd).map(unit),
        Call::Pread { fd, offset, len } => {
            k.pread(*fd, *offset, *len).map(|data| Value::Bytes(data[..].into()))
        }
        Call::Pwrite { fd, offset, data } => k.pwrite(*fd, *offset, data).map(|n| Value::Size(n as u64)),
        Call::CopyFileRange { from, from_offset, to, to_offset, len } => {
            k.copy_file_range(*from, *from_offset, *to, *to_offset, *len).map(Value::Size)
        }
        Call::Ftruncate { fd, size } => k.ftruncate(*fd, *size).map(unit),
        Call::Fstat { fd } => k.fstat(*fd).map(Value::Stat),
        Call::Fchmod { fd, mode } => k.fchmod(t, *fd, *mode).map(unit),
        Call::Fchown { fd, uid, gid } => k.fchown(t, *fd, *uid, *gid).map(unit),
        Call::Fsetxattr { fd, name, value, mode } => k.fsetxattr(t, *fd, name, value, *mode).map(unit),
        Call::Fsync { fd } => k.fsync(*fd).map(unit),
        Call::Getdents { fd } => k.getdents(*fd).map(Value::Entries),
        Call::Truncate { path, size } => k.truncate(t, path, *size).map(unit),
        Call::Mkdir { path, mode } => k.mkdir(t, path, *mode).map(unit),
        Call::Rmdir { path } => k.rmdir(t, path).map(unit),
        Call::Unlink { path } => k.unlink(t, path).map(unit),
        Call::Rename { from, to, flags } => k.rename(t, from, to, *flags).map(unit),
        Call::Link { from, to } => k.link(t, from, to).map(unit),
        Call::Symlink { target, path } => k.symlink(t, target, path).map(unit),
        Call::Mknod { path, kind, mode, device } => k.mknod(t, path, *kind, *mode, *device).map(unit),
        Call::Chmod { path, mode } => k.chmod(t, path, *mode).map(unit),
        Call::Chown { path, uid, gid, follow } => k.chown(t, path, *uid, *gid, *follow).map(unit),
        Call::Utimens { path, atime, mtime, follow } => k.utimens(t, path, *atime, *mtime, *follow).map(unit),
        Call::Getxattr { path, name, follow } => k.getxattr(t, path, name, *follow).map(Value::Bytes),
        Call::Setxattr { path, name, value, mode, follow } => {
            k.setxattr(t, path, name, value, *mode, *follow).map(unit)
        }
        Call::Listxattr { path, follow } => k.listxattr(t, path, *follow).map(Value::Names),
        Call::Removexattr { path, name, follow } => k.removexattr(t, path, name, *follow).map(unit),
        Call::Mount { source, target, fstype, flags, data } => {
            k.mount(t, source, target, fstype, *flags, data).map(unit)
        }
        Call::Umount { target, flags } => k.umount(t, target, *flags).map(unit),
        Call::Mountinfo => k.mountinfo().map(Value::Mounts),
        Call::Statfs { path } => k.statfs(t, path).map(Value::Space),
        Call::SetClock { now } => {
            k.set_clock(*now);
            Ok(Value::Unit)
        }
    }
}
