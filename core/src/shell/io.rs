//! Descriptors of a shell's commands, and the device files that are told by their names.
//!
//! The lab's devices have no driver below them: a container's `/dev` is a directory of its image. `/dev/null`,
//! `/dev/zero`, `/dev/full` and `/dev/std*` mean what they mean by their path, whatever is on the disk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::{Access, Device, Errno, Fd, FileType, OpenFlags, Result, Task, path};
use crate::program::{Desc, Input, Output, Process, System, Terminal};

/// What a descriptor leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Handle {
    pub(super) input: Option<Input>,
    pub(super) output: Option<Output>,
    /// The file below, for whoever reads or writes it at places of its own.
    pub(super) fd: Option<Fd>,
    /// The description that whoever closes the handle releases.
    pub(super) owned: Option<Desc>,
}

/// The descriptors of a shell. Each holds its description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Io {
    pub(super) fds: BTreeMap<u32, Desc>,
    /// Whether input and output are the session's terminal.
    pub(super) terminal: Terminal,
}

impl Io {
    /// The standard streams of a process.
    pub(super) fn of(process: &Process) -> Self {
        let fds = [process.stdin.0, process.stdout.0, process.stderr.0];
        Self { fds: (0..).zip(fds).collect(), terminal: process.terminal }
    }

    /// What a descriptor leads to; nowhere where it is closed.
    pub(super) fn desc(&self, fd: u32) -> Desc {
        self.fds.get(&fd).copied().unwrap_or(Desc::NULL)
    }

    pub(super) fn stdin(&self) -> Input {
        Input(self.desc(0))
    }

    pub(super) fn stdout(&self) -> Output {
        Output(self.desc(1))
    }

    pub(super) fn stderr(&self) -> Output {
        Output(self.desc(2))
    }

    /// A copy that holds the same descriptions.
    pub(super) fn duplicate(&self, system: &mut System<'_>) -> Self {
        self.fds.values().for_each(|desc| system.world.files.retain(*desc));
        self.clone()
    }

    /// Lets a descriptor lead elsewhere; what it led to is let go.
    pub(super) fn put(&mut self, system: &mut System<'_>, fd: u32, desc: Option<Desc>) {
        let old = match desc {
            Some(desc) => self.fds.insert(fd, desc),
            None => self.fds.remove(&fd),
        };
        if let Some(old) = old {
            system.world.files.release(system.kernel, old);
        }
    }

    /// Lets go of everything.
    pub(super) fn close(&mut self, system: &mut System<'_>) {
        for desc in std::mem::take(&mut self.fds).into_values() {
            system.world.files.release(system.kernel, desc);
        }
    }
}

/// A device that is known by its path or its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell) enum Known {
    Null,
    Zero,
    Full,
    Random,
    /// `/dev/stdin` and the like, `/dev/fd/N`.
    Own(u32),
}

/// The device that a path names, if it is one of those that need no driver.
pub(super) fn known_device(task: &Task, file: &[u8]) -> Option<Known> {
    if !file.windows(3).any(|w| w == b"dev") && file.starts_with(b"/") {
        return None;
    }
    match &path::normalize(&path::join(&task.cwd, file))[..] {
        b"/dev/null" => Some(Known::Null),
        b"/dev/zero" => Some(Known::Zero),
        b"/dev/full" => Some(Known::Full),
        b"/dev/random" | b"/dev/urandom" => Some(Known::Random),
        b"/dev/stdin" => Some(Known::Own(0)),
        b"/dev/stdout" | b"/dev/tty" => Some(Known::Own(1)),
        b"/dev/stderr" => Some(Known::Own(2)),
        other => {
            let number = std::str::from_utf8(other.strip_prefix(b"/dev/fd/")?).ok()?;
            number.parse().ok().map(Known::Own)
        }
    }
}

fn by_number(kind: FileType, device: Device) -> Option<Known> {
    match (kind, device.major, device.minor) {
        (FileType::Char, 1, 3) => Some(Known::Null),
        (FileType::Char, 1, 5) => Some(Known::Zero),
        (FileType::Char, 1, 7) => Some(Known::Full),
        (FileType::Char, 1, 8 | 9) => Some(Known::Random),
        _ => None,
    }
}

/// Opens a file, a device or a fifo; whoever asks holds the description.
pub(super) fn open_desc(
    system: &mut System<'_>,
    task: &Task,
    file: &[u8],
    flags: OpenFlags,
    own: impl Fn(u32) -> Option<Desc>,
) -> Result<Desc> {
    let mut device = known_device(task, file);
    if device.is_none()
        && let Ok(stat) = system.kernel.stat(task, file)
    {
        device = by_number(stat.kind, stat.rdev);
        if stat.kind == FileType::Fifo && !(flags.reads() && flags.writes()) {
            let wanted = if flags.writes() { Access::WRITE } else { Access::READ };
            system.kernel.access(task, file, wanted)?;
            return Ok(system.world.files.fifo((stat.dev, stat.ino), flags.writes()));
        }
    }
    match device {
        Some(Known::Null) => return Ok(Desc::NULL),
        Some(Known::Zero) => return Ok(Desc::ZERO),
        Some(Known::Full) => return Ok(Desc::FULL),
        Some(Known::Random) => return Ok(Desc::RANDOM),
        Some(Known::Own(fd)) => {
            let desc = own(fd).ok_or(Errno::ENXIO)?;
            system.world.files.retain(desc);
            return Ok(desc);
        }
        None => {}
    }
    let fd = system.kernel.open(task, file, flags | OpenFlags::NONBLOCK, 0o666)?;
    Ok(system.world.files.file(fd, 0, flags.contains(OpenFlags::APPEND)))
}

/// Opens a file, or a device, for a program; what it opened is closed by [`close`].
pub(super) fn open(
    system: &mut System<'_>,
    task: &Task,
    file: &[u8],
    flags: OpenFlags,
    own: impl Fn(u32) -> Option<Desc>,
) -> Result<Handle> {
    let desc = open_desc(system, task, file, flags, own)?;
    let fd = system.world.files.position(desc).map(|(fd, _)| fd);
    // open(2) of a directory works; read(2) says EISDIR, which the reader reports.
    let dir = !flags.writes();
    let known = fd.is_none();
    Ok(Handle {
        input: (known || dir || flags.reads()).then_some(Input(desc)),
        output: (known || flags.writes()).then_some(Output(desc)),
        fd: if matches!(known_device(task, file), Some(Known::Own(_))) { None } else { fd },
        owned: Some(desc),
    })
}

/// Closes what [`open`] opened.
pub(super) fn close(system: &mut System<'_>, handle: &Handle) {
    if let Some(desc) = handle.owned {
        system.world.files.release(system.kernel, desc);
    }
}
