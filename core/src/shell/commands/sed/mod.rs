//! `sed`: `s`, `d`, `p`, `q`, `=`, `y`, `a`, `i`, `c`, `n`, `N`, `D`, `P`, `h`, `H`, `g`, `G`, `x`, blocks; addresses by number, `$`,
//! `/expression/`, ranges, steps, `!`; `-n`, `-e`, `-f`, `-E`, `-i`. No labels and branches.

mod run;
mod script;

use self::run::Editor;
use super::common::args::{Flag, Key, Order, Usage, Value, flag, long, parse, refused, valued};
use super::common::regex::Syntax;
use super::common::run::Run;
use crate::kernel::{ByteString, OpenFlags, RenameFlags, path};
use crate::program::{Flow, Process, Program, Scope, System};
use crate::shell::commands::common::refusal::Refusal;

pub(super) const PROGRAM: Program =
    Program { name: "sed", summary: "edit lines by a script", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('n', "quiet", "print only what the script prints"),
    valued('e', "expression", "add to the script"),
    valued('f', "file", "add this file to the script"),
    flag('E', "regexp-extended", "extended regular expressions"),
    flag('r', "", "the same"),
    Flag {
        key: Key::Letter('i'),
        long: "in-place",
        value: Value::Optional,
        help: "edit files in place",
        refused: None,
    },
    refused(flag('s', "separate", ""), "the lab's sed reads all files as one; leave -s out", &[]),
    flag('u', "unbuffered", ""),
    refused(long("posix", Value::No, ""), "the lab's sed has no --posix", &[]),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... {script-only-if-no-other-script} [input-file]...",
    about: "Edit the lines of the input files, or of standard input, and print them.",
    flags: FLAGS,
    status: 1,
};

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let mut operands = parsed.operands.clone();
    let mut text: Vec<Vec<u8>> = Vec::new();
    for (key, value) in &parsed.options {
        match (key.letter(), value) {
            (Some('e'), Some(part)) => text.push(part.to_vec()),
            (Some('f'), Some(file)) => match run.slurp(file) {
                Ok(part) => text.push(part.strip_suffix(b"\n").unwrap_or(&part).to_vec()),
                Err(error) => {
                    run.warn([b"couldn't open file ", &file[..], b": ", error.text().as_bytes()].concat());
                    return Flow::Exit(1);
                }
            },
            _ => {}
        }
    }
    if text.is_empty() {
        if operands.is_empty() {
            run.complain("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n");
            return Flow::Exit(1);
        }
        text.push(operands.remove(0).into_vec());
    }
    let syntax = if parsed.has('E') || parsed.has('r') { Syntax::Extended } else { Syntax::Basic };
    let commands = match script::parse(&text.join(&b'\n'), syntax) {
        Ok(commands) => commands,
        Err((_, refusal @ Refusal::Lacks(_))) => {
            refusal.tell(&mut run);
            return Flow::Exit(1);
        }
        Err((at, Refusal::Wrong(message))) => {
            run.warn_filled(run.words().sed_bad_script, &[at.to_string().as_bytes(), message.as_bytes()]);
            return Flow::Exit(1);
        }
    };
    let in_place = parsed.has('i');
    let backup = parsed.value('i').cloned();
    let mut pieces: Vec<(ByteString, Vec<u8>)> = Vec::new();
    for file in Run::or_stdin(operands) {
        let is_dir = run.stat(&file).is_ok_and(|s| s.is_dir());
        let found = if is_dir && in_place && !run.habits().sed_refuses_directories {
            Ok(Vec::new())
        } else if is_dir {
            let text: &[u8] = if in_place { b"couldn't edit " } else { b"read error on " };
            let tail: &[u8] = if in_place { b": not a regular file" } else { b": Is a directory" };
            run.warn([text, &file[..], tail].concat());
            run.status = if in_place { 4 } else { 2 };
            continue;
        } else {
            run.slurp(&file)
        };
        match found {
            Ok(data) => pieces.push((file, data)),
            Err(error) => {
                run.warn_failed(run.words().sed_cannot_read, &file, error);
                run.status = run.habits().grave_status;
            }
        }
    }
    if in_place {
        for (file, data) in pieces {
            let mut editor = Editor::new(&commands, parsed.has('n'));
            let out = editor.edit(&mut run, &data);
            if !replace(&mut run, &file, &out, backup.as_ref()) {
                break;
            }
        }
        return run.end();
    }
    let all: Vec<u8> = joined(pieces);
    let mut editor = Editor::new(&commands, parsed.has('n'));
    let out = editor.edit(&mut run, &all);
    run.print(out);
    let status = editor.status().unwrap_or(run.status);
    Flow::Exit(status)
}

/// Several files are one stream; a file without a last line feed gets one where another follows.
fn joined(pieces: Vec<(ByteString, Vec<u8>)>) -> Vec<u8> {
    let mut all: Vec<u8> = Vec::new();
    for (_, data) in pieces {
        if !all.is_empty() && !all.ends_with(b"\n") {
            all.push(b'\n');
        }
        all.extend(data);
    }
    all
}

/// Writes a new file beside the old one and renames it over, as `sed -i` does: an upper directory gets a new file.
/// `false` where it failed and no further file is to be edited.
fn replace(run: &mut Run<'_, '_>, file: &ByteString, text: &[u8], backup: Option<&ByteString>) -> bool {
    let (words, habits) = (run.words(), run.habits());
    let Ok(stat) = run.stat(file) else { return true };
    let staged = if habits.sed_stages_by_name {
        [&file[..], b"LAYERs"].concat().into()
    } else {
        path::join(path::parent(file), b"sedLAYER")
    };
    let (kernel, task) = run.kernel();
    let mut write = || {
        let flags = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::EXCL;
        crate::kernel::fs::with_open(kernel, task, &staged, flags, 0o600, |kernel, fd| {
            crate::kernel::fs::write_at(kernel, fd, 0, text)?;
            kernel.fchmod(task, fd, stat.mode)?;
            if task.uid == 0 {
                kernel.fchown(task, fd, Some(stat.uid), Some(stat.gid))?;
            }
            Ok(())
        })
    };
    if let Err(error) = write() {
        run.warn_failed(words.sed_cannot_stage, &staged, error);
        run.status = habits.sed_replace_status;
        return !habits.sed_stops_at_failure;
    }
    let kept = backup.filter(|suffix| !suffix.is_empty()).map(|suffix| [&file[..], &suffix[..]].concat());
    let moves = [(file, kept.as_deref()), (&staged, Some(&file[..]))];
    for (from, to) in moves.into_iter().filter_map(|(from, to)| Some((from, to?))) {
        let (kernel, task) = run.kernel();
        let Err(error) = kernel.rename(task, from, to, RenameFlags::empty()) else { continue };
        let _ = kernel.unlink(task, &staged);
        run.warn_filled(words.sed_cannot_rename, &[from, to, error.text().as_bytes()]);
        run.status = habits.sed_replace_status;
        return !habits.sed_stops_at_failure;
    }
    true
}
