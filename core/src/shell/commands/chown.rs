//! `chown` and `chgrp`.

use super::common::args::{Flag, Order, Usage, Value, flag, long, missing, parse};
use super::common::run::Run;
use super::common::users::Users;
use crate::kernel::{ByteString, FileType, Follow, fs, path};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "chown", summary: "change owner and group", scope: Scope::Everywhere, main };
pub(super) const CHGRP: Program =
    Program { name: "chgrp", summary: "change the group", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('c', "changes", ""),
    flag('f', "silent", "say nothing of errors"),
    flag('h', "no-dereference", "change symbolic links themselves"),
    flag('R', "recursive", "change directories with what is in them"),
    flag('v', "verbose", ""),
    flag('H', "", ""),
    flag('L', "", ""),
    flag('P', "", ""),
    long("reference", Value::Required, "use this file's owner and group"),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... [OWNER][:[GROUP]] FILE...",
    about: "Change the owner and/or group of each FILE.",
    flags: FLAGS,
    status: 1,
};

/// Who is to own it; `None` keeps an id.
type Wanted = (Option<u32>, Option<u32>);

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let mut parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let wanted = match parsed.value("reference").cloned() {
        Some(file) => match run.stat(&file) {
            Ok(stat) => (Some(stat.uid), Some(stat.gid)),
            Err(error) => {
                run.warn_path("failed to get attributes of", &file, error);
                return run.end();
            }
        },
        None => {
            if parsed.operands.is_empty() {
                return Flow::Exit(missing(&mut run, &USAGE, "missing operand"));
            }
            let text = parsed.operands.remove(0);
            if parsed.operands.is_empty() {
                let shown = run.curly(&text);
                let text = format!("missing operand after {}", String::from_utf8_lossy(&shown));
                return Flow::Exit(missing(&mut run, &USAGE, &text));
            }
            match owner(&mut run, &text) {
                Some(wanted) => wanted,
                None => return run.end(),
            }
        }
    };
    let flags = Flags { link: parsed.has('h'), recursive: parsed.has('R'), quiet: parsed.has('f') };
    for operand in &parsed.operands {
        tree(&mut run, operand, wanted, flags);
    }
    run.end()
}

/// Reads `user`, `user:group`, `:group`, `user:`; says what is wrong with it.
fn owner(run: &mut Run<'_, '_>, text: &ByteString) -> Option<Wanted> {
    let users = Users::read(run);
    let text = text.to_text();
    let groups_only = run.name() == "chgrp";
    let (user, group) =
        match text.split_once(':').or_else(|| text.split_once('.').filter(|_| users.user(&text).is_none())) {
            _ if groups_only => ("", Some(text.as_str())),
            Some((user, group)) => (user, Some(group)),
            None => (text.as_str(), None),
        };
    let mut wanted = (None, None);
    if !user.is_empty() {
        let named = users.user(user);
        let Some(uid) = named.map(|(uid, _)| uid).or_else(|| user.parse().ok()) else {
            run.warn_filled(run.words().unknown_user, &[user.as_bytes(), text.as_bytes()]);
            return None;
        };
        wanted.0 = Some(uid);
        if group == Some("") {
            wanted.1 = named.map(|(_, gid)| gid);
        }
    }
    if let Some(group) = group.filter(|g| !g.is_empty()) {
        let Some(gid) = users.group(group).or_else(|| group.parse().ok()) else {
            run.warn_filled(run.words().unknown_group, &[group.as_bytes(), text.as_bytes()]);
            return None;
        };
        wanted.1 = Some(gid);
    }
    Some(wanted)
}

/// The options.
#[derive(Debug, Clone, Copy)]
struct Flags {
    /// `-h`.
    link: bool,
    /// `-R`.
    recursive: bool,
    /// `-f`.
    quiet: bool,
}

fn tree(
    run: &mut Run<'_, '_>,
    operand: &ByteString,
    wanted: Wanted,
    Flags { link, recursive, quiet }: Flags,
) {
    let mut work = vec![operand.clone()];
    while let Some(file) = work.pop() {
        if !run.step() {
            return;
        }
        let stat = match run.lstat(&file) {
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
        // With -R GNU changes the links themselves, never what they lead to.
        let itself = stat.kind == FileType::Symlink && (link || recursive);
        let follow = if itself { Follow::Link } else { Follow::Target };
        let (kernel, task) = run.kernel();
        if let Err(error) = kernel.chown(task, &file, wanted.0, wanted.1, follow) {
            if quiet {
                run.status = 1;
            } else {
                let words = run.words();
                let message =
                    if wanted.0.is_some() { words.cannot_change_owner } else { words.cannot_change_group };
                run.warn_failed(message, &file, error);
            }
        }
        if recursive && stat.is_dir() {
            let (kernel, task) = run.kernel();
            match fs::read_dir(kernel, task, &file) {
                Ok(entries) => work.extend(entries.iter().rev().map(|entry| path::join(&file, &entry.name))),
                Err(error) => run.warn_path("cannot read directory", &file, error),
            }
        }
    }
}
