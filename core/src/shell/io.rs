//! Descriptors of a shell's commands, and the device files that are told by their names.
//!
//! The lab's devices have no driver below them: a container's `/dev` is a directory of its image. `/dev/null`,
//! `/dev/zero`, `/dev/full` and `/dev/std*` mean what they mean by their path, whatever is on the disk.

use std::collections::BTreeMap;

use crate::kernel::{Device, Errno, Fd, FileType, Kernel, OpenFlags, Result, Stat, Task, path};
use crate::program::{Input, Output, Terminal};

/// What a descriptor leads to.
#[derive(Debug, Clone, Default)]
pub(super) struct Handle {
    pub(super) input: Option<Input>,
    pub(super) output: Option<Output>,
    /// The file below, which whoever closes the handle closes.
    pub(super) fd: Option<Fd>,
}

/// The descriptors of a command.
#[derive(Debug, Clone)]
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
        let output = |output: &Output| Handle { output: Some(output.clone()), ..Handle::default() };
        match fd {
            0 => Some(Handle { input: Some(self.stdin.clone()), ..Handle::default() }),
            1 => Some(output(&self.stdout)),
            2 => Some(output(&self.stderr)),
            _ => self.more.get(&fd).cloned(),
        }
    }

    /// Lets a descriptor lead elsewhere.
    pub(super) fn set(&mut self, fd: u32, handle: Handle) {
        match fd {
            0 => {
                self.stdin = handle.input.unwrap_or(Input::Empty);
                self.terminal = Terminal::No;
            }
            1 => {
                self.stdout = handle.output.unwrap_or(Output::Null);
                if !self.stdout.is_terminal() {
                    self.terminal = Terminal::No;
                }
            }
            2 => self.stderr = handle.output.unwrap_or(Output::Null),
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
    kernel: &mut dyn Kernel,
    task: &Task,
    file: &[u8],
    flags: OpenFlags,
    own: impl Fn(u32) -> Option<Handle>,
) -> Result<Handle> {
    let mut device = known_device(task, file);
    if device.is_none()
        && let Ok(stat) = kernel.stat(task, file)
    {
        device = by_number(stat.kind, stat.rdev);
    }
    let simple = |input: Input, output: Output| Handle { input: Some(input), output: Some(output), fd: None };
    match device {
        Some(Known::Null) => return Ok(simple(Input::Empty, Output::Null)),
        Some(Known::Zero) => return Ok(simple(Input::Zeros, Output::Null)),
        Some(Known::Full) => return Ok(simple(Input::Zeros, full())),
        Some(Known::Own(fd)) => return own(fd).map(|h| Handle { fd: None, ..h }).ok_or(Errno::ENXIO),
        None => {}
    }
    let fd = kernel.open(task, file, flags | OpenFlags::NONBLOCK, 0o666)?;
    let stat = kernel.fstat(fd);
    if stat.as_ref().is_ok_and(Stat::is_dir) && !flags.writes() {
        // open(2) of a directory works; read(2) says EISDIR, which the reader reports.
        return Ok(Handle { input: Some(Input::file(fd)), output: None, fd: Some(fd) });
    }
    Ok(Handle {
        input: flags.reads().then(|| Input::file(fd)),
        output: flags.writes().then(|| Output::file(fd, 0)),
        fd: Some(fd),
    })
}

/// Output that is full from the start.
fn full() -> Output {
    let file = Output::file(Fd(u32::MAX), 0);
    if let Output::File(open) = &file {
        open.error.set(Some(Errno::ENOSPC));
    }
    file
}

/// Closes what [`open`] opened.
pub(super) fn close(kernel: &mut dyn Kernel, handle: &Handle) {
    if let Some(fd) = handle.fd {
        // Nothing hangs on how closing a file ends: its writes have been answered.
        let _ = kernel.close(fd);
    }
}
