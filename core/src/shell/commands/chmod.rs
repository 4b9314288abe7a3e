//! `chmod`.

use super::common::args::{Flag, Order, Usage, Value, bad_value, flag, long, missing};
use super::common::mode::{self, ModeChange};
use super::common::run::Run;
use super::common::text::quote;
use crate::kernel::{ByteString, FileType, Stat, fs, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "chmod", summary: "change permission bits", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('c', "changes", "say what is changed"),
    flag('f', "silent", "say nothing of errors"),
    flag('v', "verbose", "say what is done"),
    flag('R', "recursive", "change directories with what is in them"),
    long("reference", Value::Required, "use this file's mode"),
    long("preserve-root", Value::No, ""),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... MODE[,MODE]... FILE...",
    about: "Change the mode of each FILE to MODE: an octal number, or [ugoa]*([-+=]([rwxXst]*|[ugo]))+.",
    flags: FLAGS,
    status: 1,
};

/// Whether an argument that starts with `-` is a mode (`-x`, `-rw`) rather than options.
fn is_mode(arg: &[u8]) -> bool {
    arg.len() > 1 && arg[0] == b'-' && arg[1..].iter().all(|b| b"rwxXst,ugo+-=".contains(b))
}

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    // A mode may look like an option: it is taken out before the options are read.
    let found =
        process.args.iter().skip(1).position(|arg| is_mode(arg)).map(|at| process.args.remove(at + 1));
    let mut run = Run::new(system, process);
    let mut parsed = match super::common::args::parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let reference = parsed.value("reference").cloned();
    let change = match (reference, found) {
        (Some(file), _) => match run.stat(&file) {
            Ok(stat) => ModeChange::Absolute(stat.mode),
            Err(error) => {
                run.warn_path("failed to get attributes of", &file, error);
                return run.end();
            }
        },
        (None, Some(text)) => match mode::parse(&text) {
            Some(change) => change,
            None => return Flow::Exit(invalid(&mut run, &text)),
        },
        (None, None) => {
            if parsed.operands.is_empty() {
                return Flow::Exit(missing(&mut run, &USAGE, "missing operand"));
            }
            let text = parsed.operands.remove(0);
            if parsed.operands.is_empty() {
                let shown = run.curly(&text);
                let text = format!("missing operand after {}", String::from_utf8_lossy(&shown));
                return Flow::Exit(missing(&mut run, &USAGE, &text));
            }
            match mode::parse(&text) {
                Some(change) => change,
                None => return Flow::Exit(invalid(&mut run, &text)),
            }
        }
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &USAGE, "missing operand"));
    }
    let tell = match (parsed.has('v'), parsed.has('c')) {
        (true, _) => Tell::All,
        (_, true) => Tell::Changes,
        _ => Tell::Nothing,
    };
    let flags = Flags { recursive: parsed.has('R'), tell, quiet: parsed.has('f') };
    for operand in &parsed.operands {
        tree(&mut run, operand, &change, flags);
    }
    run.end()
}

fn invalid(run: &mut Run<'_, '_>, text: &[u8]) -> u8 {
    bad_value(run, &USAGE, run.words().bad_mode, text)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tell {
    All,
    Changes,
    Nothing,
}

/// The options.
#[derive(Debug, Clone, Copy)]
struct Flags {
    /// `-R`.
    recursive: bool,
    /// `-v`, `-c`.
    tell: Tell,
    /// `-f`.
    quiet: bool,
}

/// Changes a file, and with `-R` what is in it; symbolic links inside a tree are left alone. Where the operand is one, GNU goes
/// in, and BusyBox changes no more than what it leads to.
fn tree(
    run: &mut Run<'_, '_>,
    operand: &ByteString,
    change: &ModeChange,
    Flags { recursive, tell, quiet }: Flags,
) {
    let mut work = vec![operand.clone()];
    while let Some(file) = work.pop() {
        if !run.step() {
            return;
        }
        let top = file == *operand;
        let found = if top { run.stat(&file) } else { run.lstat(&file) };
        let stat = match found {
            Ok(stat) => stat,
            Err(error) => {
                if quiet {
                    run.status = 1;
                } else {
                    run.warn_failed(run.words().cannot_access, &file, error);
                }
                continue;
            }
        };
        if stat.kind == FileType::Symlink {
            continue;
        }
        one(run, &file, &stat, change, tell, quiet);
        let is_link = top && run.lstat(&file).is_ok_and(|own| own.kind == FileType::Symlink);
        if recursive && stat.is_dir() && (!is_link || run.habits().chmod_enters_links) {
            let (kernel, task) = run.kernel();
            match fs::read_dir(kernel, task, &file) {
                Ok(entries) => work.extend(entries.iter().rev().map(|entry| path::join(&file, &entry.name))),
                Err(error) if !quiet => run.warn_path("cannot read directory", &file, error),
                Err(_) => run.status = 1,
            }
        }
    }
}

fn one(run: &mut Run<'_, '_>, file: &[u8], stat: &Stat, change: &ModeChange, tell: Tell, quiet: bool) {
    let mode = (run.habits().new_mode)(change, stat.kind, stat.mode, run.process.task.umask);
    let (kernel, task) = run.kernel();
    if let Err(error) = kernel.chmod(task, file, mode) {
        if quiet {
            run.status = 1;
        } else {
            run.warn_failed(run.words().cannot_change_mode, file, error);
        }
        return;
    }
    let show = |mode: u32| format!("{mode:04o} ({})", &mode::letters(&Stat { mode, ..stat.clone() })[1..]);
    let changed = mode != stat.mode;
    if tell == Tell::All || tell == Tell::Changes && changed {
        let text = if changed {
            format!(" changed from {} to {}\n", show(stat.mode), show(mode))
        } else {
            format!(" retained as {}\n", show(mode))
        };
        run.print([b"mode of ", &quote(file)[..], text.as_bytes()].concat());
    }
}
