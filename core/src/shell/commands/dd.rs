//! `dd` and `truncate`.

use super::common::args::{Order, Usage, flag, missing, parse, valued};
use super::common::flavour::{Habit, fault};
use super::common::run::Run;
use super::common::text::quote;
use crate::kernel::{ByteString, Errno, FileType, OpenFlags};
use crate::program::{Flow, Process, Program, Scope, System};
use crate::shell::io;

pub(super) const PROGRAM: Program =
    Program { name: "dd", summary: "copy blocks", scope: Scope::Everywhere, main };
pub(super) const TRUNCATE: Program =
    Program { name: "truncate", summary: "set a file's size", scope: Scope::Everywhere, main: truncate };

/// The largest block that is made.
const LARGEST: u64 = 64 << 20;

/// A number with `c`, `w`, `b`, `k`, `M`, `G`, `kB`…, or a product with `x`.
fn size(text: &str) -> Option<u64> {
    text.split('x')
        .map(|part| {
            let split = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            let number: u64 = part[..split].parse().ok()?;
            let scale = match &part[split..] {
                "" | "c" => 1,
                "w" => 2,
                "b" => 512,
                "k" | "K" | "KiB" => 1 << 10,
                "kB" | "KB" => 1000,
                "M" | "m" | "MiB" => 1 << 20,
                "MB" => 1_000_000,
                "G" | "GiB" => 1 << 30,
                "GB" => 1_000_000_000,
                _ => return None,
            };
            number.checked_mul(scale)
        })
        .try_fold(1u64, |product, one| product.checked_mul(one?))
}

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let (mut from, mut to) = (ByteString::from("-"), None);
    let (mut block, mut count, mut seek, mut skip) = (512, None, 0, 0);
    let (mut keep, mut append, mut report) = (false, false, true);
    let args = run.process.args[1..].to_vec();
    for arg in args {
        let text = arg.to_text();
        let Some((name, value)) = text.split_once('=') else {
            let shown = run.curly(&arg);
            run.warn([b"unrecognized operand ", &shown[..]].concat());
            run.complain("Try 'dd --help' for more information.\n");
            return Flow::Exit(1);
        };
        let number = size(value);
        match (name, number) {
            ("if", _) => from = arg[3..].into(),
            ("of", _) => to = Some(ByteString::from(&arg[3..])),
            ("bs" | "ibs" | "obs", Some(n @ 1..=LARGEST)) => block = n,
            ("count", Some(n)) => count = Some(n),
            ("seek" | "oseek", Some(n)) => seek = n,
            ("skip" | "iseek", Some(n)) => skip = n,
            ("conv", _) => keep = value.split(',').any(|word| word == "notrunc"),
            ("oflag", _) => append = value.split(',').any(|word| word == "append"),
            ("iflag", _) => {}
            ("status", _) => report = value != "none" && value != "noxfer",
            ("bs" | "ibs" | "obs" | "count" | "seek" | "skip", _) => {
                let shown = run.curly(value.as_bytes());
                run.warn([b"invalid number: ", &shown[..]].concat());
                return Flow::Exit(1);
            }
            _ => {
                let shown = run.curly(&arg);
                run.warn([b"unrecognized operand ", &shown[..]].concat());
                return Flow::Exit(1);
            }
        }
    }
    let input = match run.open(&from) {
        Ok(handle) => handle,
        Err(error) => {
            cannot(&mut run, &from, error);
            return Flow::Exit(1);
        }
    };
    let mut flags = OpenFlags::WRONLY | OpenFlags::CREAT;
    if append {
        flags |= OpenFlags::APPEND;
    } else if !keep && seek == 0 {
        flags |= OpenFlags::TRUNC;
    }
    let output = match &to {
        None => None,
        Some(file) => match io::open(run.system, &run.process.task, file, flags, |_| None) {
            Ok(handle) => Some(handle),
            Err(error) => {
                cannot(&mut run, file, error);
                return Flow::Exit(1);
            }
        },
    };
    let target = output.as_ref().and_then(|handle| handle.fd);
    let mut at = seek.saturating_mul(block);
    if let Some(fd) = target.filter(|_| !keep && seek > 0) {
        let _ = run.system.kernel.ftruncate(fd, at);
    }
    let (mut full, mut part, mut bytes) = (0u64, 0u64, 0u64);
    let source = input.input.unwrap_or(crate::program::Input::EMPTY);
    let mut skipped = 0;
    let mut error = None;
    while count.is_none_or(|count| full + part < count) {
        if !run.step() {
            break;
        }
        let piece = match gather(&mut run, source, block) {
            Ok(piece) => piece,
            Err(found) => {
                error = Some(("error reading", from.clone(), found));
                break;
            }
        };
        if piece.is_empty() {
            break;
        }
        if skipped < skip {
            skipped += 1;
            continue;
        }
        match (target, &output) {
            (Some(fd), _) => {
                if let Err(found) = run.system.kernel.pwrite(fd, at, &piece) {
                    error = Some(("error writing", to.clone().unwrap_or_default(), found));
                    break;
                }
            }
            (None, None) => run.print(&piece),
            (None, Some(_)) => {}
        }
        at += piece.len() as u64;
        bytes += piece.len() as u64;
        if piece.len() as u64 == block { full += 1 } else { part += 1 }
    }
    if let Some((what, file, found)) = error {
        run.warn_path(what, &file, found);
    }
    run.close(&input);
    if let Some(handle) = &output {
        run.close(handle);
    }
    if report {
        // The lab's clock stands still while a command runs: there is no rate to show.
        run.complain(format!("{full}+{part} records in\n{full}+{part} records out\n"));
        if !run.has_habit(Habit::FewerWords) {
            run.complain(format!("{bytes} {} copied\n", if bytes == 1 { "byte" } else { "bytes" }));
        }
    }
    run.end()
}

fn gather(run: &mut Run<'_, '_>, input: crate::program::Input, block: u64) -> Result<Vec<u8>, Errno> {
    let mut piece = Vec::new();
    while (piece.len() as u64) < block {
        let more = input.read(run.system, (block as usize - piece.len()).min(1 << 16))?;
        if more.is_empty() {
            break;
        }
        piece.extend_from_slice(&more);
    }
    Ok(piece)
}

fn cannot(run: &mut Run<'_, '_>, file: &[u8], error: Errno) {
    run.fault(fault::DD_OPEN, file, error);
}

const TRUNCATE_USAGE: Usage = Usage {
    synopsis: "OPTION... FILE...",
    about: "Shrink or extend the size of each FILE to the specified size.",
    flags: &[
        flag('c', "no-create", "make no files"),
        valued('s', "size", "set or adjust by + or -"),
        valued('r', "reference", ""),
    ],
    status: 1,
};

fn truncate(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &TRUNCATE_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let Some(text) = parsed.value('s').map(ByteString::to_text) else {
        let text = "you must specify either ‘--size’ or ‘--reference’";
        return Flow::Exit(missing(&mut run, &TRUNCATE_USAGE, text));
    };
    let is_plain = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    if run.has_habit(Habit::ShortComplaints) && !is_plain(&text) {
        run.warn(format!("invalid number '{text}'"));
        return run.end();
    }
    let sign = text.chars().next().filter(|c| "+-".contains(*c));
    let Some(wanted) = size(text.trim_start_matches(['+', '-'])) else {
        let shown = run.curly(text.as_bytes());
        run.warn([b"Invalid number: ", &shown[..]].concat());
        return run.end();
    };
    for file in &parsed.operands {
        // Such as /dev/null, which has no size to set.
        if run.stat(file).is_ok_and(|stat| stat.kind == FileType::Char) {
            let why = Errno::EINVAL.text();
            if run.has_habit(Habit::ShortComplaints) {
                run.warn([file.as_slice(), b": truncate: ", why.as_bytes()].concat());
            } else {
                let bytes = if sign == Some('-') { 0 } else { wanted };
                let told = format!(" at {bytes} bytes: {why}");
                run.warn([b"failed to truncate ", &quote(file)[..], told.as_bytes()].concat());
            }
            continue;
        }
        let flags = if parsed.has('c') { OpenFlags::WRONLY } else { OpenFlags::WRONLY | OpenFlags::CREAT };
        let (kernel, task) = run.kernel();
        let result = crate::kernel::fs::with_open(
            kernel,
            task,
            file,
            flags | OpenFlags::NONBLOCK,
            0o666,
            |kernel, fd| {
                let now = kernel.fstat(fd)?.size;
                let size = match sign {
                    Some('+') => now.saturating_add(wanted),
                    Some(_) => now.saturating_sub(wanted),
                    None => wanted,
                };
                kernel.ftruncate(fd, size)
            },
        );
        match result {
            Err(Errno::ENOENT) if parsed.has('c') => {}
            Err(error) => run.fault(fault::TRUNCATE_OPEN, file, error),
            Ok(()) => {}
        }
    }
    run.end()
}
