//! A trace's calls alone, without a look at what they answer: to measure how fast a kernel takes them.

use std::collections::BTreeMap;

use super::format::Trace;
use super::layers::Layers;
use super::op::{Op, octal, open_flags, rename_flags};
use super::ops::{file_type, how, id, xattr_mode};
use crate::kernel::{
    Call, Device, Fd, Kernel, OpenFlags, Outcome, RenameFlags, Result, Task, Value, perform,
};

/// What is read of a file in one call.
const READ: usize = 4096;

/// A trace whose layers are made and mounted, and whose calls are ready to be made.
#[derive(Debug)]
pub struct Drive {
    layers: Layers,
    operations: Vec<(Task, Vec<Call>)>,
}

impl Drive {
    /// Makes the layers below `base` and mounts them. Operations of the replay itself, and those on descriptors that
    /// stay open, are left out.
    ///
    /// # Errors
    /// What the kernel says where the layers cannot be made or mounted.
    pub fn set_up(kernel: &mut dyn Kernel, base: &[u8], trace: &Trace) -> Result<Self> {
        let mut layers = Layers::new(kernel, base, &trace.header.options)?;
        layers.build(kernel, &trace.header)?;
        let root = Task { umask: octal(&trace.header.umask), ..Task::root().chrooted(layers.merged()) };
        let mut operation = |step: &super::TraceStep| {
            let task = step
                .caller
                .as_ref()
                .map_or_else(|| root.clone(), |caller| caller.act(kernel, root.clone(), &BTreeMap::new()));
            (task, calls(&step.op))
        };
        let operations =
            trace.steps.iter().map(&mut operation).filter(|(_, calls)| !calls.is_empty()).collect();
        Ok(Self { layers, operations })
    }

    /// Makes the calls, and says of how many operations they were.
    pub fn run(&mut self, kernel: &mut dyn Kernel) -> usize {
        for (task, calls) in &mut self.operations {
            let mut open = None;
            for call in calls {
                if let Some(fd) = open {
                    call.use_fd(fd);
                }
                match perform(kernel, task, call) {
                    Outcome::Ok(Value::Fd(fd)) => open = Some(fd),
                    // Without a descriptor there is nothing to go on with.
                    Outcome::Err(_) if open.is_none() => break,
                    _ => {}
                }
            }
        }
        self.operations.len()
    }

    /// Takes all away.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn end(self, kernel: &mut dyn Kernel) -> Result<()> {
        self.layers.umount(kernel)?;
        self.layers.remove(kernel)
    }
}

/// The system calls of an operation. Those on a descriptor are on the one that the first opens.
fn calls(op: &Op) -> Vec<Call> {
    let fd = Fd(0);
    let one = match op.clone() {
        Op::Open { path, flags, mode, write, read } => {
            let mode = mode.as_deref().map_or(0, octal);
            let mut calls = vec![Call::Open { path, flags: open_flags(&flags), mode }];
            calls.extend(write.map(|data| Call::Pwrite { fd, offset: 0, data }));
            calls.push(Call::Fstat { fd });
            calls.extend(read.then_some(Call::Pread { fd, offset: 0, len: READ }));
            calls.push(Call::Close { fd });
            return calls;
        }
        Op::Read { path } => {
            let open = Call::Open { path, flags: OpenFlags::RDONLY, mode: 0 };
            return vec![open, Call::Pread { fd, offset: 0, len: READ }, Call::Close { fd }];
        }
        Op::Readdir { path } => {
            let flags = OpenFlags::RDONLY | OpenFlags::DIRECTORY;
            return vec![Call::Open { path, flags, mode: 0 }, Call::Getdents { fd }, Call::Close { fd }];
        }
        Op::Mkdir { path, mode } => Call::Mkdir { path, mode: octal(&mode) },
        Op::Rmdir { path } => Call::Rmdir { path },
        Op::Unlink { path } => Call::Unlink { path },
        Op::Truncate { path, size } => Call::Truncate { path, size: size.cast_unsigned() },
        Op::Rename { from, to, flags } => {
            let flags = flags.as_deref().map_or(RenameFlags::empty(), rename_flags);
            Call::Rename { from, to, flags }
        }
        Op::Link { from, to } => Call::Link { from, to },
        Op::Symlink { target, path } => Call::Symlink { target, path },
        Op::Readlink { path } => Call::Readlink { path },
        Op::Chmod { path, mode } => Call::Chmod { path, mode: octal(&mode) },
        Op::Chown { path, uid, gid, follow } => {
            Call::Chown { path, uid: id(uid), gid: id(gid), follow: how(follow) }
        }
        Op::Utimens { path, atime, mtime, follow } => {
            let (atime, mtime) = (atime.set_time(), mtime.set_time());
            Call::Utimens { path, atime, mtime, follow: how(follow) }
        }
        Op::Mknod { path, kind, major, minor, mode } => {
            let device = Device { major, minor };
            Call::Mknod { path, kind: file_type(kind), mode: octal(&mode), device }
        }
        Op::Setxattr { path, name, value, flag, follow } => {
            let mode = xattr_mode(flag.as_deref());
            Call::Setxattr { path, name, value, mode, follow: how(follow) }
        }
        Op::Getxattr { path, name, follow } => Call::Getxattr { path, name, follow: how(follow) },
        Op::Removexattr { path, name, follow } => Call::Removexattr { path, name, follow: how(follow) },
        Op::Listxattr { path, follow } => Call::Listxattr { path, follow: how(follow) },
        Op::Stat { path } => Call::Stat { path },
        Op::Lstat { path } => Call::Lstat { path },
        _ => return Vec::new(),
    };
    vec![one]
}
