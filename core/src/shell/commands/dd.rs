//! `dd` and `truncate`.

use serde::{Deserialize, Serialize};

use super::common::args::{Order, Usage, flag, missing, parse, valued};
use super::common::run::Run;
use crate::kernel::{ByteString, Errno, Fd, FileType, OpenFlags};
use crate::program::{Desc, Flow, Input, Next, Output, Process, Program, ProgramState, Scope, System, Wait};
use crate::shell::io;

pub(super) const PROGRAM: Program =
    Program { name: "dd", summary: "copy blocks", scope: Scope::Everywhere, main };
pub(super) const TRUNCATE: Program =
    Program { name: "truncate", summary: "set a file's size", scope: Scope::Everywhere, main: truncate };

/// How much is moved in a step.
const PIECE: u64 = 64 << 10;

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
                "T" | "TiB" => 1 << 40,
                "TB" => 1_000_000_000_000,
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
            ("bs" | "ibs" | "obs", Some(n @ 1..)) => block = n,
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
    let Process { stdin, stdout, stderr, task, .. } = &*run.process;
    let own = [stdin.0, stdout.0, stderr.0];
    let own = |fd: u32| own.get(fd as usize).copied();
    let source = if from == "-" {
        run.system.world.files.retain(stdin.0);
        Ok(stdin.0)
    } else {
        io::open_desc(run.system, task, &from, OpenFlags::RDONLY, own)
    };
    let source = match source {
        Ok(source) => source,
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
    let target = match to.as_ref().map(|to| io::open_desc(run.system, &run.process.task, to, flags, own)) {
        Some(Err(error)) => {
            cannot(&mut run, &to.unwrap_or_default(), error);
            run.system.world.files.release(run.system.kernel, source);
            return Flow::Exit(1);
        }
        Some(Ok(target)) => Some(target),
        None => None,
    };
    let at = seek.saturating_mul(block);
    let file = target.and_then(|target| run.system.world.files.position(target));
    if let Some((fd, _)) = file.filter(|_| !keep && seek > 0) {
        let _ = run.system.kernel.ftruncate(fd, at);
    }
    if !run.system.may_hold(block) {
        run.system.world.files.release(run.system.kernel, source);
        if let Some(target) = target {
            run.system.world.files.release(run.system.kernel, target);
        }
        return Flow::Exit(1);
    }
    let skip = skip.saturating_mul(block);
    let to = to.unwrap_or_default();
    let count = count.unwrap_or(u64::MAX);
    let copy = Copy { source, target, from, to, block, count, skip, at, full: 0, open: 0, bytes: 0, report };
    system.goes_on(copy, None)
}

/// A `dd` that goes on, piece by piece: a block may be larger than memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Copy {
    source: Desc,
    /// Where it goes, if that is not standard output.
    target: Option<Desc>,
    from: ByteString,
    to: ByteString,
    block: u64,
    /// Blocks that are wanted.
    count: u64,
    /// Bytes that are still passed over.
    skip: u64,
    /// Where the next byte goes.
    at: u64,
    full: u64,
    /// Bytes of the block at hand.
    open: u64,
    /// Bytes that were written.
    bytes: u64,
    report: bool,
}

impl Copy {
    /// Moves a piece; the status, where it was the last.
    fn piece(&mut self, run: &mut Run<'_, '_>) -> Option<u8> {
        if self.full >= self.count {
            return Some(self.end(run, 0));
        }
        let want = if self.skip > 0 { self.skip } else { self.block - self.open }.min(PIECE);
        let _ = run.system.limits.spend(want.div_ceil(4096));
        let piece = match Input(self.source).read(run.system, want as usize) {
            Ok(piece) if piece.is_empty() => return Some(self.end(run, 0)),
            Ok(piece) => piece,
            Err(error) => {
                run.warn_path("error reading", &self.from, error);
                return Some(self.end(run, 1));
            }
        };
        let len = piece.len() as u64;
        if self.skip > 0 {
            self.skip -= len;
            return None;
        }
        let file = self.target.and_then(|target| run.system.world.files.position(target));
        match (self.target, file) {
            (Some(_), Some((fd, _))) => {
                if let Err((done, error)) = write_all(run, fd, self.at, &piece) {
                    self.bytes += done as u64;
                    // The block was read whole before it was written, unless the input ends in it.
                    let (full, part) = if len == want { (1, 0) } else { (0, 1) };
                    let taken = (self.full + full, part);
                    let written =
                        (self.bytes / self.block, u64::from(!self.bytes.is_multiple_of(self.block)));
                    run.warn_path("error writing", &self.to, error);
                    return Some(self.tell(run, taken, written, 1));
                }
            }
            (Some(target), None) => Output(target).write(run.system, &piece),
            (None, _) => run.print(&piece),
        }
        self.at += len;
        self.bytes += len;
        self.open += len;
        if self.open == self.block {
            self.full += 1;
            self.open = 0;
        }
        None
    }

    /// It is done: of the last block there may be a part.
    fn end(&mut self, run: &mut Run<'_, '_>, status: u8) -> u8 {
        let records = (self.full, u64::from(self.open > 0));
        self.tell(run, records, records, status)
    }

    /// Says what was moved: the records that were read and those that were written, whole ones and parts.
    fn tell(&self, run: &mut Run<'_, '_>, taken: (u64, u64), written: (u64, u64), status: u8) -> u8 {
        if self.report {
            // The lab's clock stands still while a command runs: there is no rate to show.
            let ((full, part), (whole, rest), bytes) = (taken, written, self.bytes);
            run.complain(format!("{full}+{part} records in\n{whole}+{rest} records out\n"));
            if run.habits().dd_counts_bytes {
                run.complain(format!("{bytes} {} copied\n", if bytes == 1 { "byte" } else { "bytes" }));
            }
        }
        status
    }
}

/// Writes a piece; where that fails, how much of it was written, and why.
fn write_all(run: &mut Run<'_, '_>, fd: Fd, at: u64, piece: &[u8]) -> Result<(), (usize, Errno)> {
    let mut done = 0;
    while done < piece.len() {
        match run.system.kernel.pwrite(fd, at + done as u64, &piece[done..]) {
            Ok(0) => return Err((done, Errno::ENOSPC)),
            Ok(count) => done += count,
            Err(error) => return Err((done, error)),
        }
    }
    Ok(())
}

impl ProgramState for Copy {
    const NAME: &'static str = "dd";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let before = self.bytes;
        while self.bytes - before < PIECE {
            if self.full < self.count && !system.world.files.is_readable(self.source) {
                return Next::Wait(Wait::readable(self.source));
            }
            if let Some(status) = self.piece(&mut Run::new(system, process)) {
                self.close(system);
                return Next::Exit(status);
            }
            if self.skip > 0 {
                break;
            }
        }
        Next::Again
    }

    fn close(&mut self, system: &mut System<'_>) {
        let open =
            [std::mem::replace(&mut self.source, Desc::NULL), self.target.take().unwrap_or(Desc::NULL)];
        for desc in open {
            system.world.files.release(system.kernel, desc);
        }
    }
}

fn cannot(run: &mut Run<'_, '_>, file: &[u8], error: Errno) {
    run.warn_failed(run.words().dd_cannot_open, file, error);
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
    if !run.habits().truncate_takes_signs && !is_plain(&text) {
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
            let bytes = if sign == Some('-') { 0 } else { wanted }.to_string();
            let parts = [&file[..], bytes.as_bytes(), why.as_bytes()];
            run.warn_filled(run.words().cannot_truncate, &parts);
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
            Err(error) => run.warn_failed(run.words().truncate_cannot_open, file, error),
            Ok(()) => {}
        }
    }
    run.end()
}
