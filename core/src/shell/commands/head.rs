//! `head` and `tail`.

use serde::{Deserialize, Serialize};

use super::common::args::{Flag, Order, Parsed, Usage, Value, flag, long, parse, refused, valued};
use super::common::run::Run;
use super::common::stream::{Sink, Stream};
use super::follow::follow;
use crate::kernel::{ByteString, Errno};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "head", summary: "print the first lines", scope: Scope::Everywhere, main: head };
pub(super) const TAIL: Program =
    Program { name: "tail", summary: "print the last lines", scope: Scope::Everywhere, main: tail };

const FLAGS: &[Flag] = &[
    valued('n', "lines", "this many lines (10 without it)"),
    valued('c', "bytes", "this many bytes"),
    flag('q', "quiet", "never print file names"),
    flag('v', "verbose", "always print file names"),
    flag('f', "follow", "tail: wait for more"),
    flag('F', "", "tail: wait for more"),
    valued('s', "sleep-interval", ""),
    refused(
        long("retry", Value::No, ""),
        "the lab's tail does not wait for a file that is missing; leave --retry out",
        &[],
    ),
];
const HEAD: Usage = Usage {
    synopsis: "[OPTION]... [FILE]...",
    about: "Print the first 10 lines of each FILE to standard output.",
    flags: FLAGS,
    status: 1,
};
const TAIL_USAGE: Usage = Usage {
    synopsis: "[OPTION]... [FILE]...",
    about: "Print the last 10 lines of each FILE to standard output.",
    flags: FLAGS,
    status: 1,
};

/// How much of a file is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Amount {
    bytes: bool,
    count: u64,
    /// `head -n -3`, `tail -n +3`: counted from the other end.
    other_end: bool,
}

fn amount(run: &mut Run<'_, '_>, parsed: &Parsed, sign: u8) -> Result<Amount, u8> {
    let key = parsed.last_of("nc").unwrap_or('n');
    let Some(text) = parsed.value(key).cloned() else {
        return Ok(Amount { bytes: false, count: 10, other_end: false });
    };
    let other_end = text.first() == Some(&sign);
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(&text);
    let split = digits.iter().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
    let scale = match &digits[split..] {
        b"" => Some(1),
        b"b" => Some(512),
        b"k" | b"K" | b"KiB" => Some(1 << 10),
        b"kB" => Some(1000),
        b"m" | b"M" | b"MiB" => Some(1 << 20),
        b"MB" => Some(1_000_000),
        _ => None,
    };
    let number = std::str::from_utf8(&digits[..split]).ok().and_then(|d| d.parse::<u64>().ok());
    match (number, scale) {
        (Some(number), Some(scale)) => {
            Ok(Amount { bytes: key == 'c', count: number.saturating_mul(scale), other_end })
        }
        _ => {
            let words = run.words();
            run.warn_filled(if key == 'c' { words.bad_byte_count } else { words.bad_line_count }, &[&text]);
            Err(1)
        }
    }
}

/// Turns `-3` into `-n 3`, as both have always taken it.
fn old_form(process: &mut Process) {
    if let Some(arg) = process.args.get(1).cloned()
        && arg.len() > 1
        && arg[0] == b'-'
        && arg[1..].iter().all(u8::is_ascii_digit)
    {
        process.args.splice(1..2, ["-n".into(), ByteString::from(&arg[1..])]);
    }
}

fn head(system: &mut System<'_>, process: &mut Process) -> Flow {
    old_form(process);
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &HEAD, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let amount = match amount(&mut run, &parsed, b'-') {
        Ok(amount) => amount,
        Err(status) => return Flow::Exit(status),
    };
    if amount.other_end {
        each(&mut run, &parsed, |run, file| head_whole(run, file, amount));
        return run.end();
    }
    let headed = parsed.has('v') || parsed.operands.len() > 1 && !parsed.has('q');
    let files = Run::or_stdin(parsed.operands);
    system.goes_on(Stream::new(files, 0, Head { amount, left: 0, headed, first: true }), None)
}

/// Calls `print` for each file, with `==> name <==` above where there are several.
fn each(
    run: &mut Run<'_, '_>,
    parsed: &Parsed,
    mut print: impl FnMut(&mut Run<'_, '_>, &ByteString) -> Result<(), Errno>,
) {
    let headed = parsed.has('v') || parsed.operands.len() > 1 && !parsed.has('q');
    let mut first = true;
    for file in Run::or_stdin(parsed.operands.clone()) {
        let handle = match run.open(&file) {
            Ok(handle) => handle,
            Err(error) => {
                unopened(run, &file, error);
                continue;
            }
        };
        run.close(&handle);
        if headed {
            let gap: &[u8] = if first { b"" } else { b"\n" };
            let name: &[u8] = if file == "-" { b"standard input" } else { &file };
            run.print([gap, b"==> ", name, b" <==\n"].concat());
        }
        first = false;
        if let Err(error) = print(run, &file) {
            run.warn_path("error reading", &file, error);
        }
    }
}

fn unopened(run: &mut Run<'_, '_>, file: &ByteString, error: Errno) {
    let words = run.words();
    let message = if run.name() == "tail" { words.tail_cannot_open } else { words.head_cannot_open };
    run.warn_failed(message, file, error);
}

/// A `head` that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    amount: Amount,
    left: u64,
    headed: bool,
    first: bool,
}

impl Sink for Head {
    const NAME: &'static str = "head";

    fn begin(&mut self, run: &mut Run<'_, '_>, file: &ByteString) -> bool {
        if self.headed {
            let gap: &[u8] = if self.first { b"" } else { b"\n" };
            let name: &[u8] = if *file == "-" { b"standard input" } else { file };
            run.print([gap, b"==> ", name, b" <==\n"].concat());
        }
        self.first = false;
        self.left = self.amount.count;
        self.left > 0
    }

    fn piece(&mut self, run: &mut Run<'_, '_>, piece: &[u8]) -> usize {
        let mut end = piece.len();
        if self.amount.bytes {
            end = end.min(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.left -= end as u64;
        } else {
            for (at, byte) in piece.iter().enumerate() {
                self.left -= u64::from(*byte == b'\n');
                if self.left == 0 {
                    end = at + 1;
                    break;
                }
            }
        }
        run.print(&piece[..end]);
        end
    }

    fn unopened(&mut self, run: &mut Run<'_, '_>, file: &ByteString, error: Errno) {
        unopened(run, file, error);
    }

    fn unreadable(&mut self, run: &mut Run<'_, '_>, file: &ByteString, error: Errno) {
        run.warn_path("error reading", file, error);
    }

    fn is_file_done(&self) -> bool {
        self.left == 0
    }
}

fn head_whole(run: &mut Run<'_, '_>, file: &[u8], amount: Amount) -> Result<(), Errno> {
    let data = run.slurp(file)?;
    let end = if amount.bytes {
        data.len().saturating_sub(amount.count as usize)
    } else {
        last_lines(&data, amount.count)
    };
    run.print(&data[..end]);
    Ok(())
}

/// Where the last `count` lines start.
fn last_lines(data: &[u8], count: u64) -> usize {
    let mut left = count;
    if left == 0 {
        return data.len();
    }
    let body = data.len().saturating_sub(1);
    for at in (0..body).rev() {
        if data[at] == b'\n' {
            left -= 1;
            if left == 0 {
                return at + 1;
            }
        }
    }
    0
}

fn tail(system: &mut System<'_>, process: &mut Process) -> Flow {
    old_form(process);
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &TAIL_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let amount = match amount(&mut run, &parsed, b'+') {
        Ok(amount) => amount,
        Err(status) => return Flow::Exit(status),
    };
    let mut opened = false;
    each(&mut run, &parsed, |run, file| {
        opened = true;
        let data = run.slurp(file)?;
        let start = match (amount.bytes, amount.other_end) {
            (true, true) => (amount.count.max(1) - 1).min(data.len() as u64) as usize,
            (true, false) => data.len().saturating_sub(amount.count as usize),
            (false, true) => {
                let skip = amount.count.max(1) - 1;
                data.split_inclusive(|b| *b == b'\n').take(skip as usize).map(<[u8]>::len).sum()
            }
            (false, false) => last_lines(&data, amount.count),
        };
        run.print(&data[start..]);
        Ok(())
    });
    if parsed.has('f') && !opened {
        run.warn("no files");
    }
    if parsed.has('f') && opened || parsed.has('F') { follow(&mut run, &parsed) } else { run.end() }
}
