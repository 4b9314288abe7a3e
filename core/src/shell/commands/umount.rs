//! `umount`, with the messages of util-linux 2.38.

use super::common::args::{Flag, Order, Usage, flag, parse, valued};
use super::common::run::Run;
use super::mount::visible;
use crate::kernel::{ByteString, Errno, UmountFlags, path};
use crate::program::{Flow, Process, Program, Scope, System, proc};

pub(super) const PROGRAM: Program =
    Program { name: "umount", summary: "take a mount out of the tree", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('f', "force", ""),
    flag('l', "lazy", "take it out now, end it when nothing uses it"),
    flag('n', "no-mtab", ""),
    flag('q', "quiet", "what is not mounted is no error message"),
    flag('R', "recursive", "with what is mounted below"),
    valued('t', "types", ""),
    flag('v', "verbose", "say what is done"),
];
const USAGE: Usage =
    Usage { synopsis: "[-lRv] DIRECTORY|SOURCE...", about: "Unmount filesystems.", flags: FLAGS, status: 1 };

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        run.complain("umount: bad usage\nTry 'umount --help' for more information.\n");
        return Flow::Exit(1);
    }
    let flags = if parsed.has('l') { UmountFlags::DETACH } else { UmountFlags::empty() };
    for operand in &parsed.operands {
        let Some(target) = find(&mut run, operand) else {
            let exists = run.lstat(operand).is_ok();
            let (words, habits) = (run.words(), run.habits());
            if !(exists && parsed.has('q') && habits.umount_takes_quiet) {
                let message = if exists { words.not_mounted } else { words.no_mount_point };
                run.warn_filled(message, &[operand]);
                run.status = run.status.max(habits.umount_status);
            }
            continue;
        };
        let mut targets = vec![target.clone()];
        if parsed.has('R') {
            let below = path::join(&target, b"x");
            let mounts = visible(&mut run);
            targets.extend(
                mounts.into_iter().map(|m| m.target).filter(|t| t.starts_with(&below[..below.len() - 1])),
            );
        }
        for target in targets.into_iter().rev() {
            one(&mut run, &target, flags, parsed.has('v'));
        }
    }
    run.end()
}

/// The mount that an operand means: a directory that one is on, or what was mounted.
fn find(run: &mut Run<'_, '_>, operand: &[u8]) -> Option<ByteString> {
    let (kernel, task) = run.kernel();
    let full =
        kernel.chdir(task, operand).unwrap_or_else(|_| path::normalize(&path::join(&task.cwd, operand)));
    let mounts = visible(run);
    let by_target = mounts.iter().rev().find(|m| m.target == full);
    let by_source = || mounts.iter().rev().find(|m| &m.source[..] == operand);
    by_target.or_else(by_source).map(|m| m.target.clone())
}

fn one(run: &mut Run<'_, '_>, target: &ByteString, flags: UmountFlags, verbose: bool) {
    let (kernel, task) = run.kernel();
    let text = match kernel.umount(task, target, flags) {
        Ok(()) => {
            // As with a mount: it is gone, whatever `/proc` says of it.
            let _ = proc::mounts_changed(kernel, &task.root);
            if verbose {
                run.print([b"umount: ", &target[..], b" unmounted\n"].concat());
            }
            return;
        }
        Err(Errno::EBUSY) => "target is busy",
        Err(Errno::EINVAL) => "not mounted",
        Err(Errno::EPERM) => "must be superuser to unmount",
        Err(Errno::ENOENT) => "mount point does not exist",
        Err(error) => error.text(),
    };
    run.warn([&target[..], b": ", text.as_bytes(), b"."].concat());
    run.status = 32;
}
