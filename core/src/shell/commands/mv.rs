//! `mv`: renames; across file systems, and for lower directories of an overlay mount, copies and removes.

use super::common::args::{Flag, Order, Parsed, Usage, flag, parse, valued};
use super::common::ask::cannot_ask;
use super::common::busycopy::{Flags, Seen, copy_file};
use super::common::copy::{Links, Options, copy};
use super::common::run::Run;
use super::common::text::quote;
use super::cp::{There, destination, inside, operands, targets, there};
use crate::kernel::{Errno, RenameFlags, Stat, fs, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "mv", summary: "rename or move files", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('f', "force", "overwrite without asking"),
    flag('i', "interactive", "ask before overwriting"),
    flag('n', "no-clobber", "never overwrite"),
    valued('t', "target-directory", "move into this directory"),
    flag('T', "no-target-directory", "the destination is a file, never a directory to move into"),
    flag('u', "update", "move only what is newer than the destination"),
    flag('v', "verbose", "say what is done"),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... SOURCE... DEST",
    about: "Rename SOURCE to DEST, or move SOURCE(s) into the directory DEST.",
    flags: FLAGS,
    status: 1,
};

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let lost = targets(&mut run, &parsed);
    if parsed.last_of("fin") == Some('i') && cannot_ask(&mut run, "mv", &lost) {
        return Flow::Exit(1);
    }
    if run.habits().copies_in_steps {
        return in_steps(run, parsed);
    }
    let into = parsed.value('t').cloned();
    let (never_into, keep) = (parsed.has('T'), parsed.last_of("fin") == Some('n'));
    let (update, verbose) = (parsed.has('u'), parsed.has('v'));
    let (sources, target) = match destination(&mut run, parsed.operands, into, never_into) {
        Ok(found) => found,
        Err(status) => return Flow::Exit(status),
    };
    for source in sources {
        let to = target.path(&source);
        let there = run.lstat(&to).ok();
        let newer = |t: &Stat, s: &Stat| (t.mtime.sec, t.mtime.nsec) >= (s.mtime.sec, s.mtime.nsec);
        let stays = match (&there, run.lstat(&source)) {
            (Some(_), _) if keep => true,
            (Some(there), Ok(stat)) => update && newer(there, &stat),
            _ => false,
        };
        if !stays {
            move_one(&mut run, &source, &to, there.as_ref(), verbose);
        }
    }
    run.end()
}

/// Moves by the rules of `busycopy`.
fn in_steps(mut run: Run<'_, '_>, parsed: Parsed) -> Flow {
    let (exact, into) = (parsed.has('T'), parsed.value('t').cloned());
    let (keep, verbose) = (parsed.last_of("fin") == Some('n'), parsed.has('v'));
    let (sources, last) = match operands(&mut run, &USAGE, parsed.operands, into.clone()) {
        Ok(found) => found,
        Err(status) => return Flow::Exit(status),
    };
    let mut target = None;
    if let ([source], None) = (&sources[..], &into) {
        let Some(there) = there(&mut run, &last, true) else { return run.end() };
        if exact && there == There::Dir && run.stat(source).is_ok_and(|stat| !stat.is_dir()) {
            run.warn([b"'", &last[..], b"' is a directory"].concat());
            return run.end();
        }
        target = (there != There::Dir || exact).then_some(there);
    }
    for source in sources {
        let (source, to) = if target.is_some() { (source, last.clone()) } else { inside(&last, &source) };
        let found = target.or_else(|| there(&mut run, &to, true));
        match found {
            None => {}
            Some(There::Nothing) => rename(&mut run, &source, &to, There::Nothing),
            Some(_) if keep => {}
            Some(there) => rename(&mut run, &source, &to, there),
        }
        if verbose {
            run.print([b"'", &source[..], b"' -> '", &to, b"'\n"].concat());
        }
    }
    run.end()
}

fn rename(run: &mut Run<'_, '_>, from: &[u8], to: &[u8], target: There) {
    let (kernel, task) = run.kernel();
    let Err(error) = kernel.rename(task, from, to, RenameFlags::empty()) else { return };
    let source = if error == Errno::EXDEV { there(run, from, false) } else { None };
    let Some(source) = source.filter(|source| *source != There::Nothing) else {
        return run.warn_path("can't rename", from, error);
    };
    match (target, source) {
        (There::Dir, There::Other) => return run.warn("can't overwrite directory with non-directory"),
        (There::Other, There::Dir) => return run.warn("can't overwrite non-directory with directory"),
        (There::Nothing, _) => {}
        _ => {
            let (kernel, task) = run.kernel();
            if let Err(error) = kernel.unlink(task, to) {
                return run.warn_path("can't remove", to, error);
            }
        }
    }
    let flags = Flags { recursive: true, preserve: true, ..Flags::default() };
    if !copy_file(run, from, to, flags, &mut Seen::new()) {
        run.status = 1;
        return;
    }
    let (kernel, task) = run.kernel();
    if let Err(error) = fs::remove_all(kernel, task, from) {
        run.warn_path("can't remove", from, error);
    }
}

fn move_one(run: &mut Run<'_, '_>, from: &[u8], to: &[u8], there: Option<&Stat>, verbose: bool) {
    let stat = match run.lstat(from) {
        Ok(stat) => stat,
        Err(error) => return run.warn_path("cannot stat", from, error),
    };
    if let Some(there) = there {
        if (there.dev, there.ino) == (stat.dev, stat.ino) && (stat.nlink == 1 || stat.is_dir()) {
            return run.warn([&quote(from)[..], b" and ", &quote(to), b" are the same file"].concat());
        }
        match (stat.is_dir(), there.is_dir()) {
            (true, false) => {
                let lead: &[u8] = b"cannot overwrite non-directory ";
                return run.warn([lead, &quote(to), b" with directory ", &quote(from)].concat());
            }
            (false, true) => {
                let lead: &[u8] = b"cannot overwrite directory ";
                return run.warn([lead, &quote(to), b" with non-directory ", &quote(from)].concat());
            }
            _ => {}
        }
    }
    let (kernel, task) = run.kernel();
    match kernel.rename(task, from, to, RenameFlags::empty()) {
        Ok(()) if verbose => {
            let text = [b"renamed ", &quote(from)[..], b" -> ", &quote(to), b"\n"].concat();
            run.print(text);
        }
        Ok(()) => {}
        Err(Errno::EXDEV) => across(run, from, to, &stat, there, verbose),
        Err(Errno::EINVAL) if stat.is_dir() => {
            let lead: &[u8] = b"cannot move ";
            run.warn([lead, &quote(from), b" to a subdirectory of itself, ", &quote(to)].concat());
        }
        Err(error) => {
            let text =
                [b"cannot move ", &quote(from)[..], b" to ", &quote(to), b": ", error.text().as_bytes()];
            run.warn(text.concat());
        }
    }
}

/// `rename(2)` answered EXDEV: copy everything with its attributes, then remove the source.
fn across(run: &mut Run<'_, '_>, from: &[u8], to: &[u8], stat: &Stat, there: Option<&Stat>, verbose: bool) {
    if let Some(there) = there {
        let (kernel, task) = run.kernel();
        let removed = if there.is_dir() { kernel.rmdir(task, to) } else { kernel.unlink(task, to) };
        if let Err(error) = removed {
            let lead: &[u8] = b"inter-device move failed: ";
            let text = [
                lead,
                &quote(from),
                b" to ",
                &quote(to),
                b"; unable to remove target: ",
                error.text().as_bytes(),
            ];
            return run.warn(text.concat());
        }
    }
    if stat.is_dir() && is_inside(run, from, to) {
        let lead: &[u8] = b"cannot move ";
        return run.warn([lead, &quote(from), b" to a subdirectory of itself, ", &quote(to)].concat());
    }
    let options =
        Options { recursive: true, preserve: true, xattrs: true, links: true, verbose, ..Options::default() };
    if !copy(run, from, to, options, &mut Links::new()) {
        run.status = 1;
        return;
    }
    let (kernel, task) = run.kernel();
    match fs::remove_all(kernel, task, from) {
        Ok(()) if verbose => {
            let text = [b"removed ", &quote(from)[..], b"\n"].concat();
            run.print(text);
        }
        Ok(()) => {}
        Err(error) => run.warn_path("cannot remove", from, error),
    }
}

fn is_inside(run: &mut Run<'_, '_>, from: &[u8], to: &[u8]) -> bool {
    let (kernel, task) = run.kernel();
    let (Ok(source), Ok(parent)) = (kernel.chdir(task, from), kernel.chdir(task, path::parent(to))) else {
        return false;
    };
    parent == source || parent.starts_with(&[&source[..], b"/"].concat())
}
