//! BusyBox's `copy_file`, which its `cp` calls, and its `mv` across file systems (BusyBox 1.35, `libbb/copy_file.c`).

use std::collections::BTreeMap;

use super::run::Run;
use crate::kernel::{
    ByteString, Errno, FileType, Follow, Kernel, OpenFlags, SetTime, Stat, Task, Timespec, fs, path,
};
use crate::program::Output;
use crate::shell::io::{self, Handle};

/// What is made of a file instead of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell::commands) enum Link {
    /// `-l`
    Hard,
    /// `-s`
    Soft,
}

/// The `FILEUTILS_*` flags.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one flag of BusyBox's, and they go in any mixture"
)]
pub(in crate::shell::commands) struct Flags {
    /// Directories with what is in them; links and devices as such.
    pub(in crate::shell::commands) recursive: bool,
    /// What symbolic links lead to.
    pub(in crate::shell::commands) follow: bool,
    /// The same of operands alone.
    pub(in crate::shell::commands) follow_first: bool,
    /// Mode, owner, time.
    pub(in crate::shell::commands) preserve: bool,
    /// What is in the way is removed.
    pub(in crate::shell::commands) force: bool,
    /// What is there stays.
    pub(in crate::shell::commands) no_clobber: bool,
    /// Only what is newer.
    pub(in crate::shell::commands) update: bool,
    /// Names are printed.
    pub(in crate::shell::commands) verbose: bool,
    /// Links instead of copies.
    pub(in crate::shell::commands) link: Option<Link>,
}

/// The copies of this command by device and inode number: of files by their source's, of directories, without a name, by
/// their own.
pub(in crate::shell::commands) type Seen = BTreeMap<(u64, u64), ByteString>;

enum Work {
    Copy { from: ByteString, to: ByteString, flags: Flags },
    Finish { from: ByteString, to: ByteString, stat: Stat, made: bool, verbose: bool, preserve: bool },
}

/// Copies one operand; messages have been given where it answers `false`. Depth costs no machine stack.
pub(in crate::shell::commands) fn copy_file(
    run: &mut Run<'_, '_>,
    from: &[u8],
    to: &[u8],
    flags: Flags,
    seen: &mut Seen,
) -> bool {
    let mut work = vec![Work::Copy { from: from.into(), to: to.into(), flags }];
    let mut good = true;
    while let Some(item) = work.pop() {
        if !run.step() {
            return false;
        }
        match item {
            Work::Copy { from, to, flags } => good &= one(run, &from, &to, flags, seen, &mut work),
            Work::Finish { from, to, stat, made, verbose, preserve } => {
                let (kernel, task) = run.kernel();
                if made && let Err(error) = kernel.chmod(task, &to, stat.mode & !task.umask) {
                    unkept(run, "permissions", &to, error);
                }
                finish(run, &from, &to, stat, preserve, verbose);
            }
        }
    }
    good
}

fn one(
    run: &mut Run<'_, '_>,
    from: &ByteString,
    to: &ByteString,
    flags: Flags,
    seen: &mut Seen,
    work: &mut Vec<Work>,
) -> bool {
    let follow = flags.follow || flags.follow_first;
    let stat = match if follow { run.stat(from) } else { run.lstat(from) } {
        Ok(stat) => stat,
        // A link to what is not there can be made.
        Err(_) if flags.link.is_some() => return link(run, from, to, flags),
        Err(error) => return failed(run, "can't stat", from, error),
    };
    let there = match run.lstat(to) {
        Ok(there) => Some(there),
        Err(Errno::ENOENT) => None,
        Err(error) => return failed(run, "can't stat", to, error),
    };
    if let Some(there) = &there {
        if (there.dev, there.ino) == (stat.dev, stat.ino) {
            run.warn([b"'", &from[..], b"' and '", to, b"' are the same file"].concat());
            return false;
        }
        if flags.no_clobber {
            return true;
        }
    }
    if stat.is_dir() {
        return directory(run, from, to, stat, there, flags, seen, work);
    }
    if flags.update && there.as_ref().is_some_and(|there| stat.mtime.sec <= there.mtime.sec) {
        return true;
    }
    if flags.link.is_some() {
        return link(run, from, to, flags);
    }
    let is_link = !follow && stat.kind == FileType::Symlink;
    if !is_link && (!flags.recursive || stat.kind == FileType::File) {
        return file(run, from, to, stat, flags, seen);
    }
    if there.is_some() && !unlink(run, to, Errno::EEXIST, flags) {
        return false;
    }
    let (kernel, task) = run.kernel();
    if stat.kind == FileType::Symlink {
        let target = match kernel.readlink(task, from) {
            Ok(target) => target,
            Err(error) => return failed(run, "can't read link", from, error),
        };
        if let Err(error) = kernel.symlink(task, &target, to) {
            let lead: &[u8] = b"can't create symlink '";
            run.warn([lead, to, b"' to '", &target, b"': ", error.text().as_bytes()].concat());
            return false;
        }
        if flags.preserve
            && let Err(error) = kernel.chown(task, to, Some(stat.uid), Some(stat.gid), Follow::Link)
        {
            unkept(run, "ownership", to, error);
        }
        // Links have no times and modes for BusyBox.
        tell(run, from, to, flags.verbose);
        return true;
    }
    if let Err(error) = kernel.mknod(task, to, stat.kind, stat.mode, stat.rdev) {
        return failed(run, "can't create", to, error);
    }
    finish(run, from, to, stat, flags.preserve, flags.verbose);
    true
}

#[expect(clippy::too_many_arguments, reason = "the state of one step of a walk")]
fn directory(
    run: &mut Run<'_, '_>,
    from: &ByteString,
    to: &ByteString,
    stat: Stat,
    there: Option<Stat>,
    flags: Flags,
    seen: &mut Seen,
    work: &mut Vec<Work>,
) -> bool {
    if !flags.recursive {
        run.warn([b"omitting directory '", &from[..], b"'"].concat());
        return false;
    }
    if seen.contains_key(&(stat.dev, stat.ino)) {
        run.warn([b"recursion detected, omitting directory '", &from[..], b"'"].concat());
        return false;
    }
    let made = there.is_none();
    let there = match there {
        Some(there) if there.is_dir() => there,
        Some(_) => {
            run.warn([b"target '", &to[..], b"' is not a directory"].concat());
            return false;
        }
        None => {
            let mask = if flags.preserve { 0 } else { run.process.task.umask };
            let open = Task { umask: 0, ..run.process.task.clone() };
            if let Err(error) = run.system.kernel.mkdir(&open, to, stat.mode & !mask | 0o700) {
                return failed(run, "can't create directory", to, error);
            }
            match run.lstat(to) {
                Ok(there) => there,
                Err(error) => return failed(run, "can't stat", to, error),
            }
        }
    };
    seen.insert((there.dev, there.ino), ByteString::new());
    let (kernel, task) = run.kernel();
    let entries = fs::read_dir(kernel, task, from);
    let good = entries.is_ok();
    let (verbose, preserve) = (flags.verbose, flags.preserve);
    work.push(Work::Finish { from: from.clone(), to: to.clone(), stat, made, verbose, preserve });
    let flags = Flags { follow_first: false, ..flags };
    for entry in entries.unwrap_or_default().into_iter().rev() {
        work.push(Work::Copy { from: path::join(from, &entry.name), to: path::join(to, &entry.name), flags });
    }
    good
}

fn file(
    run: &mut Run<'_, '_>,
    from: &ByteString,
    to: &ByteString,
    stat: Stat,
    flags: Flags,
    seen: &mut Seen,
) -> bool {
    if !(flags.follow || flags.follow_first) {
        if let Some(first) = seen.get(&(stat.dev, stat.ino)).cloned() {
            let once = |kernel: &mut dyn Kernel, task: &Task| kernel.link(task, &first, to);
            return twice(run, to, flags, once);
        }
        seen.insert((stat.dev, stat.ino), to.clone());
    }
    let source = match run.open(from) {
        Ok(source) => source,
        Err(error) => return failed(run, "can't open", from, error),
    };
    let mode = if stat.kind == FileType::File { stat.mode } else { 0o666 };
    let target = match open_target(run, to, mode, OpenFlags::TRUNC) {
        Err(error) if !unlink(run, to, error, flags) => {
            run.close(&source);
            return false;
        }
        Err(_) => open_target(run, to, mode, OpenFlags::EXCL),
        opened => opened,
    };
    let target = match target {
        Ok(target) => target,
        Err(error) => {
            run.close(&source);
            return failed(run, "can't open", to, error);
        }
    };
    let copied = match (source.fd, target.fd, &source.input) {
        (Some(read), Some(write), _) => run.copy_all(read, write),
        (_, _, Some(input)) => pour(run, *input, &target),
        _ => Ok(()),
    };
    run.close(&source);
    run.close(&target);
    if let Err(error) = copied {
        // `bb_copyfd_eof`: what cannot be read is told apart from what cannot be written.
        let what = if error == Errno::EISDIR { "read error" } else { "write error" };
        run.warn([what.as_bytes(), b": ", error.text().as_bytes()].concat());
    }
    if stat.kind != FileType::File {
        return copied.is_ok();
    }
    finish(run, from, to, stat, flags.preserve, flags.verbose);
    copied.is_ok()
}

fn open_target(run: &mut Run<'_, '_>, to: &[u8], mode: u32, more: OpenFlags) -> Result<Handle, Errno> {
    let flags = OpenFlags::WRONLY | OpenFlags::CREAT | more;
    if run.stat(to).is_ok_and(|there| matches!(there.kind, FileType::Char | FileType::Block | FileType::Fifo))
    {
        return io::open(run.system, &run.process.task, to, OpenFlags::WRONLY, |_| None);
    }
    let fd = run.system.kernel.open(&run.process.task, to, flags, mode)?;
    let desc = run.system.world.files.file(fd, 0, false);
    Ok(Handle { input: None, output: Some(Output(desc)), fd: Some(fd), owned: Some(desc) })
}

/// Copies from, or to, what is no file of the disk.
fn pour(run: &mut Run<'_, '_>, input: crate::program::Input, target: &Handle) -> Result<(), Errno> {
    let mut at = 0;
    loop {
        let piece = run.read(input)?;
        if piece.is_empty() {
            return Ok(());
        }
        if let (Some(fd), Some(_)) = (target.fd, target.output) {
            crate::kernel::fs::write_at(run.system.kernel, fd, at, &piece)?;
            at += piece.len() as u64;
        }
    }
}

fn link(run: &mut Run<'_, '_>, from: &[u8], to: &[u8], flags: Flags) -> bool {
    twice(run, to, flags, |kernel, task| match flags.link {
        Some(Link::Soft) => kernel.symlink(task, from, to),
        _ => kernel.link(task, from, to),
    })
}

/// Makes a link, again where what was in the way could be removed.
fn twice(
    run: &mut Run<'_, '_>,
    to: &[u8],
    flags: Flags,
    make: impl Fn(&mut dyn Kernel, &Task) -> Result<(), Errno>,
) -> bool {
    let (kernel, task) = run.kernel();
    let Err(error) = make(kernel, task) else { return true };
    if !unlink(run, to, error, flags) {
        return false;
    }
    let (kernel, task) = run.kernel();
    make(kernel, task).map_or_else(|error| failed(run, "can't create link", to, error), |()| true)
}

/// `ask_and_unlink`: with `-f` what is in the way goes; the message is of the error before.
fn unlink(run: &mut Run<'_, '_>, to: &[u8], before: Errno, flags: Flags) -> bool {
    if !flags.force {
        return failed(run, "can't create", to, before);
    }
    let (kernel, task) = run.kernel();
    match kernel.unlink(task, to) {
        Ok(()) => true,
        Err(Errno::ENOENT) if before == Errno::ENOENT => {
            run.warn([b"can't create '", to, b"': Path does not exist"].concat());
            false
        }
        Err(_) => failed(run, "can't create", to, before),
    }
}

/// `preserve_mode_ugid_time`: whole seconds of the last change, as both times.
fn finish(run: &mut Run<'_, '_>, from: &[u8], to: &[u8], stat: Stat, preserve: bool, verbose: bool) {
    if preserve {
        let (kernel, task) = run.kernel();
        let time = SetTime::At(Timespec::seconds(stat.mtime.sec));
        let times = kernel.utimens(task, to, time, time, Follow::Target);
        let owner = kernel.chown(task, to, Some(stat.uid), Some(stat.gid), Follow::Target);
        let mode = if owner.is_ok() { stat.mode } else { stat.mode & !0o6000 };
        let mode = kernel.chmod(task, to, mode);
        for (what, result) in [("times", times), ("ownership", owner), ("permissions", mode)] {
            if let Err(error) = result {
                unkept(run, what, to, error);
            }
        }
    }
    tell(run, from, to, verbose);
}

/// What could not be kept is told, and is no failure: the copy was made.
fn unkept(run: &mut Run<'_, '_>, what: &str, to: &[u8], error: Errno) {
    let status = run.status;
    run.warn_path(&format!("can't preserve {what} of"), to, error);
    run.status = status;
}

fn tell(run: &mut Run<'_, '_>, from: &[u8], to: &[u8], verbose: bool) {
    if verbose {
        run.print([b"'", from, b"' -> '", to, b"'\n"].concat());
    }
}

fn failed(run: &mut Run<'_, '_>, what: &str, file: &[u8], error: Errno) -> bool {
    run.warn_path(what, file, error);
    false
}
