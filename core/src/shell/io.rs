//! Descriptors of a shell's commands, and the device files that are told by their names.
//!
//! The lab's devices have no driver below them: a container's `/dev` is a directory of its image. `/dev/null`,
//! `/dev/zero`, `/dev/full` and `/dev/std*` mean what they mean by their path, whatever is on the disk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::{Device, Errno, Fd, FileType, OpenFlags, Result, Stat, Task, path};
use crate::program::{Desc, Input, Output, System, Terminal};

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

/// The descriptors of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Io {
    pub(super) stdin: Input,
    pub(super) stdout: Output,
    pub(super) stderr: Output,
    /// Descriptors from 3 on.
    pub(super) more: BTreeMap<u32, Handle>,
    /// Whether input and output are the session's terminal.
    pub(super) terminal: Terminal,
}

impl Io {
    /// What a descriptor leads to, if it is open.
    pub(super) fn handle(&self, fd: u32) -> Option<Handle> {
        let output = |output: Output| Handle { output: Some(output), ..Handle::default() };
        match fd {
            0 => Some(Handle { input: Some(self.stdin), ..Handle::default() }),
            1 => Some(output(self.stdout)),
            2 => Some(output(self.stderr)),
            _ => self.more.get(&fd).copied(),
        }
    }

    /// Lets a descriptor lead elsewhere.
    pub(super) fn set(&mut self, fd: u32, handle: Handle) {
        match fd {
            0 => {
                self.stdin = handle.input.unwrap_or(Input::EMPTY);
                self.terminal = Terminal::No;
            }
            1 => {
                self.stdout = handle.output.unwrap_or(Output::NULL);
                if !self.stdout.is_terminal() {
                    self.terminal = Terminal::No;
                }
            }
            2 => self.stderr = handle.output.unwrap_or(Output::NULL),
            _ => {
                self.more.insert(fd, handle);
            }
        }
    }
}

/// A device that is known by its path or its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Null,
    Zero,
    Full,
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
        _ => None,
    }
}

/// Opens a file, or a device, for a redirection or a program; what it opened is closed by [`close`].
///
/// A fifo is opened without waiting for its other end, of which there is none in a lab that runs one program at a time.
pub(super) fn open(
    system: &mut System<'_>,
    task: &Task,
    file: &[u8],
    flags: OpenFlags,
    own: impl Fn(u32) -> Option<Handle>,
) -> Result<Handle> {
    let mut device = known_device(task, file);
    if device.is_none()
        && let Ok(stat) = system.kernel.stat(task, file)
    {
        device = by_number(stat.kind, stat.rdev);
    }
    let simple = |input: Desc, output: Desc| Handle {
        input: Some(Input(input)),
        output: Some(Output(output)),
        ..Handle::default()
    };
    match device {
        Some(Known::Null) => return Ok(simple(Desc::NULL, Desc::NULL)),
        Some(Known::Zero) => return Ok(simple(Desc::ZERO, Desc::NULL)),
        Some(Known::Full) => return Ok(simple(Desc::ZERO, Desc::FULL)),
        Some(Known::Own(fd)) => {
            return own(fd).map(|h| Handle { owned: None, fd: None, ..h }).ok_or(Errno::ENXIO);
        }
        None => {}
    }
    let fd = system.kernel.open(task, file, flags | OpenFlags::NONBLOCK, 0o666)?;
    let stat = system.kernel.fstat(fd);
    let desc = system.world.files.file(fd, 0, flags.contains(OpenFlags::APPEND));
    // open(2) of a directory works; read(2) says EISDIR, which the reader reports.
    let dir = stat.as_ref().is_ok_and(Stat::is_dir) && !flags.writes();
    Ok(Handle {
        input: (dir || flags.reads()).then_some(Input(desc)),
        output: (!dir && flags.writes()).then_some(Output(desc)),
        fd: Some(fd),
        owned: Some(desc),
    })
}

/// Closes what [`open`] opened.
pub(super) fn close(system: &mut System<'_>, handle: &Handle) {
    if let Some(desc) = handle.owned {
        system.world.files.release(system.kernel, desc);
    }
}
