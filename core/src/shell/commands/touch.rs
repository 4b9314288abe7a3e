//! `touch`: sets times, and makes what is missing.
//!
//! GNU's opens the file for writing first and sets the times then; BusyBox's sets the times and makes the file only
//! where there is none. On an overlay mount the one copies up even where the times cannot be set.

use super::common::args::{Flag, Order, Parsed, Usage, flag, long, missing, parse, valued};
use super::common::run::Run;
use super::common::time;
use crate::kernel::{ByteString, Errno, Follow, OpenFlags, SetTime, Timespec};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "touch",
    summary: "set the times of files, or make them",
    scope: Scope::Everywhere,
    main,
};

const FLAGS: &[Flag] = &[
    flag('a', "", "set the access time alone"),
    flag('c', "no-create", "make nothing"),
    valued('d', "date", "use this time instead of now"),
    flag('f', "", ""),
    flag('h', "no-dereference", "set the times of a symbolic link itself"),
    flag('m', "", "set the modification time alone"),
    valued('r', "reference", "use this file's times"),
    valued('t', "", "use [[CC]YY]MMDDhhmm[.ss]"),
    long("time", super::common::args::Value::Required, "access or modify"),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... FILE...",
    about: "Update the access and modification times of each FILE to the current time.",
    flags: FLAGS,
    status: 1,
};

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let times = match times(&mut run, &parsed) {
        Ok(times) => times,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &USAGE, "missing file operand"));
    }
    for operand in &parsed.operands {
        let result = if run.habits().touch_opens_first {
            open_and_set(&mut run, operand, times, &parsed)
        } else {
            set_or_make(&mut run, operand, times, &parsed)
        };
        if let Err(error) = result {
            run.warn_failed(run.words().cannot_touch, operand, error);
        }
    }
    run.end()
}

type Times = (SetTime, SetTime);

fn times(run: &mut Run<'_, '_>, parsed: &Parsed) -> Result<Times, u8> {
    let now = crate::program::to_timespec(run.system.now());
    let (mut atime, mut mtime) = (SetTime::Now, SetTime::Now);
    if let Some(file) = parsed.value('r').cloned() {
        match run.stat(&file) {
            Ok(stat) => (atime, mtime) = (SetTime::At(stat.atime), SetTime::At(stat.mtime)),
            Err(error) => {
                run.warn_path("failed to get attributes of", &file, error);
                return Err(1);
            }
        }
    }
    let given = match (parsed.value('d').cloned(), parsed.value('t').cloned()) {
        (Some(text), _) => Some((time::parse(&text.to_text(), now), text)),
        (None, Some(text)) => Some((stamp(&text, now), text)),
        (None, None) => None,
    };
    match given {
        Some((Some(at), _)) => (atime, mtime) = (SetTime::At(at), SetTime::At(at)),
        Some((None, text)) => {
            let shown = run.curly(&text);
            run.warn([b"invalid date format ", &shown[..]].concat());
            return Err(1);
        }
        None => {}
    }
    let word = parsed.value("time").map(ByteString::to_text);
    let only_a = parsed.has('a') || matches!(word.as_deref(), Some("access" | "atime" | "use"));
    let only_m = parsed.has('m') || matches!(word.as_deref(), Some("modify" | "mtime"));
    match (only_a, only_m) {
        (true, false) => mtime = SetTime::Omit,
        (false, true) => atime = SetTime::Omit,
        _ => {}
    }
    Ok((atime, mtime))
}

/// `[[CC]YY]MMDDhhmm[.ss]`
fn stamp(text: &[u8], now: Timespec) -> Option<Timespec> {
    let text = std::str::from_utf8(text).ok()?;
    let (digits, seconds) = text.split_once('.').unwrap_or((text, "00"));
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match digits.len() {
        12 => (digits[..4].to_owned(), &digits[4..]),
        10 => {
            let year: u32 = digits[..2].parse().ok()?;
            ((if year < 69 { 2000 + year } else { 1900 + year }).to_string(), &digits[2..])
        }
        8 => (time::Date::new(now.sec).year.to_string(), digits),
        _ => return None,
    };
    let text = format!("{year}-{}-{} {}:{}:{seconds}", &rest[..2], &rest[2..4], &rest[4..6], &rest[6..8]);
    time::parse(&text, now)
}

/// Opens the file, which makes it where it is missing, and sets its times then.
fn open_and_set(
    run: &mut Run<'_, '_>,
    file: &[u8],
    (atime, mtime): Times,
    parsed: &Parsed,
) -> Result<(), Errno> {
    let link = parsed.has('h');
    let (kernel, task) = run.kernel();
    let mut opened = Ok(());
    if !parsed.has('c') && !link {
        let flags = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::NONBLOCK;
        opened = kernel.open(task, file, flags, 0o666).and_then(|fd| kernel.close(fd));
    }
    let follow = if link { Follow::Link } else { Follow::Target };
    match (kernel.utimens(task, file, atime, mtime, follow), opened) {
        (Ok(()), _) => Ok(()),
        (Err(Errno::ENOENT), Ok(())) if parsed.has('c') => Ok(()),
        // A directory cannot be opened for writing, which is no reason to complain of that.
        (Err(error), Ok(()) | Err(Errno::EISDIR)) => Err(error),
        (Err(_), Err(error)) => Err(error),
    }
}

/// Sets the times, and makes the file only where it is missing.
fn set_or_make(
    run: &mut Run<'_, '_>,
    file: &[u8],
    (atime, mtime): Times,
    parsed: &Parsed,
) -> Result<(), Errno> {
    let follow = if parsed.has('h') { Follow::Link } else { Follow::Target };
    let (kernel, task) = run.kernel();
    match kernel.utimens(task, file, atime, mtime, follow) {
        Err(Errno::ENOENT) if !parsed.has('c') => {
            let fd = kernel.open(task, file, OpenFlags::RDWR | OpenFlags::CREAT, 0o666)?;
            kernel.close(fd)?;
            match (atime, mtime) {
                (SetTime::Now, SetTime::Now) => Ok(()),
                _ => kernel.utimens(task, file, atime, mtime, follow),
            }
        }
        Err(Errno::ENOENT) => Ok(()),
        result => result,
    }
}
