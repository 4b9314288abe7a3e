//! `mkdir`, `mkfifo`, `mknod`.

use super::common::args::{Flag, Order, Parsed, Usage, flag, missing, mistake, parse, valued};
use super::common::mode;
use super::common::run::Run;
use crate::kernel::{ByteString, Device, Errno, FileType, Task, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "mkdir", summary: "make directories", scope: Scope::Everywhere, main };
pub(super) const MKFIFO: Program =
    Program { name: "mkfifo", summary: "make named pipes", scope: Scope::Everywhere, main: mkfifo };
pub(super) const MKNOD: Program =
    Program { name: "mknod", summary: "make device files and pipes", scope: Scope::Everywhere, main: mknod };

const FLAGS: &[Flag] = &[
    valued('m', "mode", "the permission bits, as for chmod"),
    flag('p', "parents", "make missing parents; what is there is no error"),
    flag('v', "verbose", "say what is done"),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... DIRECTORY...",
    about: "Create the DIRECTORY(ies), if they do not already exist.",
    flags: FLAGS,
    status: 1,
};

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &USAGE, "missing operand"));
    }
    let exact = match wanted_mode(&mut run, &parsed, FileType::Dir, 0o777) {
        Ok(mode) => mode,
        Err(status) => return Flow::Exit(status),
    };
    for operand in &parsed.operands {
        let made = if parsed.has('p') {
            with_parents(&mut run, operand, &parsed)
        } else {
            one(&mut run, operand, &parsed)
        };
        match (made, exact) {
            (Ok(true), Some(mode)) => {
                let (kernel, task) = run.kernel();
                if let Err(error) = kernel.chmod(task, operand, mode) {
                    run.warn_path("cannot change permissions of", operand, error);
                }
            }
            (Ok(_), _) => {}
            (Err((file, error)), _) => refuse(&mut run, &file, error),
        }
    }
    run.end()
}

/// The mode that `-m` asks for; `None` without it.
fn wanted_mode(run: &mut Run<'_, '_>, parsed: &Parsed, kind: FileType, base: u32) -> Result<Option<u32>, u8> {
    let Some(text) = parsed.value('m').cloned() else { return Ok(None) };
    match mode::parse(&text) {
        Some(change) => Ok(Some(mode::apply(&change, kind, base, run.process.task.umask))),
        None => {
            let shown = run.curly(&text);
            run.warn([b"invalid mode ", &shown[..]].concat());
            Err(1)
        }
    }
}

type Made = Result<bool, (ByteString, Errno)>;

fn one(run: &mut Run<'_, '_>, dir: &ByteString, parsed: &Parsed) -> Made {
    let (kernel, task) = run.kernel();
    kernel.mkdir(task, dir, 0o777).map_err(|error| (dir.clone(), error))?;
    tell(run, dir, parsed);
    Ok(true)
}

/// Makes every missing component in turn; `false` where the last was there already.
fn with_parents(run: &mut Run<'_, '_>, dir: &ByteString, parsed: &Parsed) -> Made {
    let habits = run.habits();
    let mut at = usize::from(dir.starts_with(b"/"));
    let mut made = false;
    while at <= dir.len() {
        let end = dir[at..].iter().position(|b| *b == b'/').map_or(dir.len(), |slash| at + slash);
        let empty = end == at;
        let next = end + dir[end..].iter().take_while(|b| **b == b'/').count();
        let part = ByteString::from(&dir[..if habits.mkdir_keeps_slashes { next } else { end }]);
        at = if habits.mkdir_keeps_slashes { next.max(end + 1) } else { end + 1 };
        if empty {
            continue;
        }
        let last = at >= dir.len();
        // A parent is one that its owner can write and enter, whatever the umask (`mkdir`, POSIX).
        let umask = run.process.task.umask;
        let task = Task { umask: if last { umask } else { umask & !0o300 }, ..run.process.task.clone() };
        let kernel = &mut *run.system.kernel;
        match kernel.mkdir(&task, &part, 0o777) {
            Ok(()) => {
                made = true;
                tell(run, &part, parsed);
            }
            Err(error) => {
                made = false;
                match kernel.stat(&task, &part) {
                    Ok(stat) if stat.is_dir() => {}
                    Err(why) if habits.mkdir_tells_last_error && error == Errno::EEXIST => {
                        return Err((part, why));
                    }
                    _ if habits.mkdir_tells_last_error => return Err((part, error)),
                    Ok(_) => return Err((part, if at > dir.len() { Errno::EEXIST } else { Errno::ENOTDIR })),
                    Err(_) => return Err((part, error)),
                }
            }
        }
    }
    Ok(made)
}

fn tell(run: &mut Run<'_, '_>, dir: &[u8], parsed: &Parsed) {
    if parsed.has('v') {
        run.print(run.fill(run.words().created_directory, &[dir]));
    }
}

fn refuse(run: &mut Run<'_, '_>, file: &[u8], error: Errno) {
    run.warn_failed(run.words().cannot_make_directory, file, error);
}

const NODE_FLAGS: &[Flag] = &[valued('m', "mode", "the permission bits, as for chmod")];
const FIFO_USAGE: Usage = Usage {
    synopsis: "[OPTION]... NAME...",
    about: "Create named pipes (FIFOs).",
    flags: NODE_FLAGS,
    status: 1,
};
const NOD_USAGE: Usage = Usage {
    synopsis: "[OPTION]... NAME TYPE [MAJOR MINOR]",
    about: "Create the special file NAME: b block, c or u character, p fifo.",
    flags: NODE_FLAGS,
    status: 1,
};

fn mkfifo(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &FIFO_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &FIFO_USAGE, "missing operand"));
    }
    let mode = match wanted_mode(&mut run, &parsed, FileType::Fifo, 0o666) {
        Ok(mode) => mode,
        Err(status) => return Flow::Exit(status),
    };
    for operand in &parsed.operands {
        if let Err(error) = node(&mut run, operand, FileType::Fifo, Device::default(), mode) {
            run.warn_failed(run.words().cannot_make_fifo, operand, error);
        }
    }
    run.end()
}

fn node(
    run: &mut Run<'_, '_>,
    file: &[u8],
    kind: FileType,
    device: Device,
    mode: Option<u32>,
) -> Result<(), Errno> {
    let (kernel, task) = run.kernel();
    kernel.mknod(task, file, kind, mode.unwrap_or(0o666), device)?;
    match mode {
        Some(mode) => kernel.chmod(task, file, mode),
        None => Ok(()),
    }
}

fn mknod(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &NOD_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let operands = &parsed.operands;
    let fifo = operands.get(1).is_some_and(|kind| kind.starts_with(b"p"));
    let wanted = if fifo { 2 } else { 4 };
    if operands.len() < wanted {
        let after = operands.last().map(|o| run.curly(o));
        let mut text = match (&after, operands.len()) {
            (None, _) => "missing operand".to_owned(),
            (Some(after), _) => format!("missing operand after {}", String::from_utf8_lossy(after)),
        };
        if operands.len() == 2 {
            text.push_str("\nSpecial files require major and minor device numbers.");
        }
        return Flow::Exit(missing(&mut run, &NOD_USAGE, &text));
    }
    if let Some(extra) = operands.get(wanted) {
        let shown = run.curly(extra);
        let mut text = format!("extra operand {}", String::from_utf8_lossy(&shown));
        if fifo && operands.len() == 4 {
            text.push_str("\nFifos do not have major and minor device numbers.");
        }
        return Flow::Exit(missing(&mut run, &NOD_USAGE, &text));
    }
    let kind = match &operands[1][..] {
        b"b" => FileType::Block,
        b"c" | b"u" => FileType::Char,
        b"p" => FileType::Fifo,
        other => {
            let shown = run.curly(other);
            let text = format!("invalid device type {}", String::from_utf8_lossy(&shown));
            return Flow::Exit(mistake(&mut run, &NOD_USAGE, &text));
        }
    };
    let mut device = Device::default();
    if !fifo {
        match (number(&operands[2]), number(&operands[3])) {
            (Some(major), Some(minor)) => device = Device { major, minor },
            (major, _) => {
                let (what, bad) =
                    if major.is_none() { ("major", &operands[2]) } else { ("minor", &operands[3]) };
                let shown = run.curly(bad);
                run.warn([format!("invalid {what} device number ").as_bytes(), &shown[..]].concat());
                return run.end();
            }
        }
    }
    let mode = match wanted_mode(&mut run, &parsed, kind, 0o666) {
        Ok(mode) => mode,
        Err(status) => return Flow::Exit(status),
    };
    let file = path::join(b"", &operands[0]);
    if let Err(error) = node(&mut run, &file, kind, device, mode) {
        run.warn_bare(&file, error);
    }
    run.end()
}

/// A device number as C reads it: decimal, `0x…`, `0…`.
fn number(text: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(text).ok()?;
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u32::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    }
}
