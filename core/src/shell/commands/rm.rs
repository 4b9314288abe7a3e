//! `rm` and `rmdir`.

use super::common::args::{Flag, Order, Usage, Value, flag, long, missing, parse, refused};
use super::common::ask::cannot_ask;
use super::common::run::Run;
use super::common::text::quote;
use crate::kernel::{ByteString, Errno, fs, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "rm", summary: "remove files and directories", scope: Scope::Everywhere, main };
pub(super) const RMDIR: Program =
    Program { name: "rmdir", summary: "remove empty directories", scope: Scope::Everywhere, main: rmdir };

const FLAGS: &[Flag] = &[
    flag('f', "force", "what is missing is no error"),
    flag('i', "", "ask before each removal"),
    flag('I', "", "ask once"),
    flag('r', "recursive", "remove directories with what is in them"),
    flag('R', "", "the same"),
    flag('d', "dir", "remove empty directories"),
    flag('v', "verbose", "say what is done"),
    long("no-preserve-root", Value::No, "do not treat '/' specially"),
    long("preserve-root", Value::Optional, ""),
    refused(
        long("one-file-system", Value::No, ""),
        "the lab's rm goes into what is mounted below; leave --one-file-system out",
        &[],
    ),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... [FILE]...",
    about: "Remove (unlink) the FILE(s).",
    flags: FLAGS,
    status: 1,
};

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let force = parsed.last_of("fiI") == Some('f');
    if parsed.operands.is_empty() {
        return Flow::Exit(if force { 0 } else { missing(&mut run, &USAGE, "missing operand") });
    }
    if matches!(parsed.last_of("fiI"), Some('i' | 'I')) && cannot_ask(&mut run, "rm", &parsed.operands) {
        return Flow::Exit(1);
    }
    let how = How {
        recursive: parsed.has('r') || parsed.has('R'),
        force,
        empty_dirs: parsed.has('d'),
        verbose: parsed.has('v'),
    };
    let keep_root = !parsed.has("no-preserve-root");
    for operand in &parsed.operands {
        let last = path::file_name(operand);
        if matches!(last, Some(b"." | b"..")) {
            let lead: &[u8] = b"refusing to remove '.' or '..' directory: skipping ";
            run.warn([lead, &quote(operand)].concat());
        } else if last.is_none() && !operand.is_empty() && how.recursive && keep_root {
            run.warn("it is dangerous to operate recursively on '/'");
            run.warn("use --no-preserve-root to override this failsafe");
        } else {
            remove(&mut run, operand, how);
        }
    }
    run.end()
}

#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is one option of rm, and they go in any mixture")]
struct How {
    recursive: bool,
    force: bool,
    empty_dirs: bool,
    verbose: bool,
}

/// Removes a tree, entries before their directory; depth costs no machine stack.
fn remove(run: &mut Run<'_, '_>, operand: &ByteString, how: How) {
    let mut work: Vec<(ByteString, Visit)> = vec![(operand.clone(), Visit::First)];
    // Directories in which something stayed: they are left alone without a further message.
    let mut kept: Vec<ByteString> = Vec::new();
    while let Some((file, visit)) = work.pop() {
        if !run.step() {
            return;
        }
        if visit == Visit::Emptied {
            if kept.last() == Some(&file) {
                kept.pop();
                keep(&mut kept, &work, &file, operand);
                continue;
            }
            let (kernel, task) = run.kernel();
            match kernel.rmdir(task, &file) {
                Ok(()) => tell(run, how, run.words().removed_directory, &file),
                Err(error) => {
                    refuse(run, &file, error);
                    keep(&mut kept, &work, &file, operand);
                }
            }
            continue;
        }
        let stat = match run.lstat(&file) {
            Ok(stat) => stat,
            Err(Errno::ENOENT) if how.force => continue,
            Err(Errno::ENOTDIR) if how.force && run.habits().rm_forgives_file_in_path => continue,
            Err(error) if error != Errno::ENOENT => {
                run.warn_failed(run.words().rm_cannot_look, &file, error);
                keep(&mut kept, &work, &file, operand);
                continue;
            }
            Err(error) => {
                refuse(run, &file, error);
                keep(&mut kept, &work, &file, operand);
                continue;
            }
        };
        let (kernel, task) = run.kernel();
        if !stat.is_dir() {
            match kernel.unlink(task, &file) {
                Ok(()) => tell(run, how, "removed {0q}\n", &file),
                Err(error) => {
                    refuse(run, &file, error);
                    keep(&mut kept, &work, &file, operand);
                }
            }
            continue;
        }
        if !how.recursive {
            if how.empty_dirs {
                match kernel.rmdir(task, &file) {
                    Ok(()) => tell(run, how, run.words().removed_directory, &file),
                    Err(error) => refuse(run, &file, error),
                }
            } else {
                run.warn_filled(run.words().rm_is_directory, &[&file]);
            }
            continue;
        }
        match fs::read_dir(kernel, task, &file) {
            Ok(entries) => {
                work.push((file.clone(), Visit::Emptied));
                let children =
                    entries.iter().rev().map(|entry| (path::join(&file, &entry.name), Visit::First));
                work.extend(children);
            }
            Err(error) => {
                refuse(run, &file, error);
                keep(&mut kept, &work, &file, operand);
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visit {
    First,
    Emptied,
}

/// Notes that the directory around `file` cannot be removed.
fn keep(kept: &mut Vec<ByteString>, work: &[(ByteString, Visit)], file: &[u8], operand: &[u8]) {
    if file == operand {
        return;
    }
    let around = work.iter().rev().find(|(_, visit)| *visit == Visit::Emptied).map(|(dir, _)| dir);
    if let Some(dir) = around
        && kept.last() != Some(dir)
    {
        kept.push(dir.clone());
    }
}

fn tell(run: &mut Run<'_, '_>, how: How, message: &str, file: &[u8]) {
    if how.verbose {
        run.print(run.fill(message, &[file]));
    }
}

fn refuse(run: &mut Run<'_, '_>, file: &[u8], error: Errno) {
    run.warn_failed(run.words().cannot_remove, file, error);
}

const RMDIR_FLAGS: &[Flag] = &[
    flag('p', "parents", "remove the directory and its parents"),
    flag('v', "verbose", "say what is done"),
    long("ignore-fail-on-non-empty", Value::No, "what is not empty is no error"),
];
const RMDIR_USAGE: Usage = Usage {
    synopsis: "[OPTION]... DIRECTORY...",
    about: "Remove the DIRECTORY(ies), if they are empty.",
    flags: RMDIR_FLAGS,
    status: 1,
};

fn rmdir(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &RMDIR_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &RMDIR_USAGE, "missing operand"));
    }
    for operand in &parsed.operands {
        let mut dir: &[u8] = operand;
        loop {
            if parsed.has('v') {
                let text = [b"rmdir: removing directory, ", &quote(dir)[..], b"\n"].concat();
                run.print(text);
            }
            let (kernel, task) = run.kernel();
            match kernel.rmdir(task, dir) {
                Ok(()) => {}
                Err(Errno::ENOTEMPTY | Errno::EEXIST) if parsed.has("ignore-fail-on-non-empty") => break,
                Err(error) => {
                    let (words, own) = (run.words(), dir.len() == operand.len());
                    let message =
                        if own { words.cannot_remove_directory } else { words.cannot_remove_parent };
                    run.warn_failed(message, dir, error);
                    break;
                }
            }
            let parent = path::parent(dir);
            if !parsed.has('p') || parent == b"." || parent == b"/" {
                break;
            }
            dir = parent;
        }
    }
    run.end()
}
