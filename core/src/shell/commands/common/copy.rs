//! Copying trees, as `cp` does and as `mv` does across file systems.

use std::collections::BTreeMap;

use super::run::Run;
use super::text::quote;
use crate::kernel::{ByteString, Errno, FileType, Follow, OpenFlags, SetTime, Stat, XattrMode, fs, path};

/// What a copy keeps and how it goes about it.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one option of cp, and they go in any mixture")]
pub(in crate::shell::commands) struct Options {
    /// Directories with what is in them.
    pub(in crate::shell::commands) recursive: bool,
    /// What symbolic links lead to, rather than the links.
    pub(in crate::shell::commands) follow: bool,
    /// The same for operands alone.
    pub(in crate::shell::commands) follow_first: bool,
    /// Mode, owner, times.
    pub(in crate::shell::commands) preserve: bool,
    /// Extended attributes.
    pub(in crate::shell::commands) xattrs: bool,
    /// Files that are one stay one.
    pub(in crate::shell::commands) links: bool,
    /// A file that cannot be opened is removed first.
    pub(in crate::shell::commands) force: bool,
    /// What is there stays.
    pub(in crate::shell::commands) no_clobber: bool,
    /// Only what is newer.
    pub(in crate::shell::commands) update: bool,
    /// Names are printed.
    pub(in crate::shell::commands) verbose: bool,
}

/// Where the first copy of each file with several names is, by device and inode number, over all operands.
pub(in crate::shell::commands) type Links = BTreeMap<(u64, u64), ByteString>;

enum Work {
    Copy {
        from: ByteString,
        to: ByteString,
        top: bool,
    },
    /// A directory whose entries are done gets its attributes.
    Finish {
        from: ByteString,
        to: ByteString,
        stat: Stat,
        made: bool,
    },
}

/// Copies one tree; messages have been given where it answers `false`. Depth costs no machine stack.
pub(in crate::shell::commands) fn copy(
    run: &mut Run<'_, '_>,
    from: &[u8],
    to: &[u8],
    options: Options,
    seen: &mut Links,
) -> bool {
    let mut work = vec![Work::Copy { from: from.into(), to: to.into(), top: true }];
    let mut good = true;
    while let Some(item) = work.pop() {
        match item {
            Work::Finish { from, to, stat, made } => {
                if options.preserve || options.xattrs {
                    keep(run, &from, &to, &stat, options);
                } else if made && stat.mode & 0o700 != 0o700 {
                    let mode = stat.mode & !run.process.task.umask & 0o7777;
                    let (kernel, task) = run.kernel();
                    let _ = kernel.chmod(task, &to, mode);
                }
            }
            Work::Copy { from, to, top } => {
                if !run.step() {
                    return false;
                }
                good &= one(run, &from, &to, options, top, seen, &mut work);
            }
        }
    }
    good
}

fn one(
    run: &mut Run<'_, '_>,
    from: &ByteString,
    to: &ByteString,
    options: Options,
    top: bool,
    seen: &mut Links,
    work: &mut Vec<Work>,
) -> bool {
    let follow = options.follow || top && (options.follow_first || !options.recursive && !options.links);
    let found = if follow { run.stat(from) } else { run.lstat(from) };
    let stat = match found {
        Ok(stat) => stat,
        Err(error) => {
            run.warn_path("cannot stat", from, error);
            return false;
        }
    };
    if stat.is_dir() && !options.recursive {
        let lead: &[u8] = b"-r not specified; omitting directory ";
        run.warn([lead, &quote(from)].concat());
        return false;
    }
    let there = run.lstat(to).ok();
    if let Some(there) = &there {
        if (there.dev, there.ino) == (stat.dev, stat.ino) && !stat.is_dir() || same_target(run, &stat, to) {
            run.warn([&quote(from)[..], b" and ", &quote(to), b" are the same file"].concat());
            return false;
        }
        if options.no_clobber || options.update && newer(there, &stat) {
            return true;
        }
        if let Some(refused) = refusal(run, from, to, &stat, there) {
            run.warn(refused);
            return false;
        }
    }
    if options.links && stat.nlink > 1 && !stat.is_dir() {
        if let Some(first) = seen.get(&(stat.dev, stat.ino)).cloned() {
            return link(run, &first, to, there.is_some());
        }
        seen.insert((stat.dev, stat.ino), to.clone());
    }
    let result = match stat.kind {
        FileType::Dir => return directory(run, from, to, stat, there.as_ref(), options, work),
        FileType::File => file(run, from, to, &stat, there.as_ref(), options),
        FileType::Symlink => symlink(run, from, to, there.is_some()),
        _ if options.recursive => special(run, to, &stat, there.is_some()),
        _ => file(run, from, to, &stat, there.as_ref(), options),
    };
    match result {
        Ok(()) => {
            if options.verbose {
                tell(run, from, to);
            }
            if options.preserve || options.xattrs {
                keep(run, from, to, &stat, options);
            }
            true
        }
        Err(Unmade::Source(error)) => {
            run.warn(
                [b"cannot open ", &quote(from)[..], b" for reading: ", error.text().as_bytes()].concat(),
            );
            false
        }
        Err(Unmade::Copy(what, error)) => {
            run.warn_path(what, to, error);
            false
        }
    }
}

/// Whether a symbolic link at `to` leads to the source itself.
fn same_target(run: &mut Run<'_, '_>, stat: &Stat, to: &[u8]) -> bool {
    !stat.is_dir()
        && run.stat(to).is_ok_and(|t| (t.dev, t.ino) == (stat.dev, stat.ino))
        && stat.kind != FileType::Symlink
}

fn newer(there: &Stat, stat: &Stat) -> bool {
    (there.mtime.sec, there.mtime.nsec) >= (stat.mtime.sec, stat.mtime.nsec)
}

fn refusal(run: &mut Run<'_, '_>, from: &[u8], to: &[u8], stat: &Stat, there: &Stat) -> Option<Vec<u8>> {
    let is_dir = there.is_dir() || there.kind == FileType::Symlink && run.stat(to).is_ok_and(|t| t.is_dir());
    match (stat.is_dir(), is_dir) {
        (true, false) => {
            let lead: &[u8] = b"cannot overwrite non-directory ";
            Some([lead, &quote(to), b" with directory ", &quote(from)].concat())
        }
        (false, true) => {
            let lead: &[u8] = b"cannot overwrite directory ";
            Some([lead, &quote(to), b" with non-directory ", &quote(from)].concat())
        }
        _ => None,
    }
}

fn tell(run: &mut Run<'_, '_>, from: &[u8], to: &[u8]) {
    let text = [&quote(from)[..], b" -> ", &quote(to), b"\n"].concat();
    run.print(text);
}

fn link(run: &mut Run<'_, '_>, first: &[u8], to: &[u8], there: bool) -> bool {
    let (kernel, task) = run.kernel();
    if there {
        let _ = kernel.unlink(task, to);
    }
    match kernel.link(task, first, to) {
        Ok(()) => true,
        Err(error) => {
            run.warn_path("cannot create hard link", to, error);
            false
        }
    }
}

fn directory(
    run: &mut Run<'_, '_>,
    from: &ByteString,
    to: &ByteString,
    stat: Stat,
    there: Option<&Stat>,
    options: Options,
    work: &mut Vec<Work>,
) -> bool {
    if let Some(inside) = is_inside(run, from, to) {
        run.warn(inside);
        return false;
    }
    if there.is_none() {
        // The owner can write while the copy is made; the mode is put right at the end.
        let mode = if options.preserve { stat.mode & 0o700 | 0o700 } else { stat.mode & 0o777 | 0o700 };
        let (kernel, task) = run.kernel();
        if let Err(error) = kernel.mkdir(task, to, mode) {
            run.warn_path("cannot create directory", to, error);
            return false;
        }
        if options.verbose {
            tell(run, from, to);
        }
    }
    let (kernel, task) = run.kernel();
    let entries = match fs::read_dir(kernel, task, from) {
        Ok(entries) => entries,
        Err(error) => {
            run.warn_path("cannot access", from, error);
            return false;
        }
    };
    work.push(Work::Finish { from: from.clone(), to: to.clone(), stat, made: there.is_none() });
    for entry in entries.into_iter().rev() {
        work.push(Work::Copy {
            from: path::join(from, &entry.name),
            to: path::join(to, &entry.name),
            top: false,
        });
    }
    true
}

/// The message for a copy of a directory into itself.
fn is_inside(run: &mut Run<'_, '_>, from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let (kernel, task) = run.kernel();
    let source = kernel.chdir(task, from).ok()?;
    let parent = kernel.chdir(task, path::parent(to)).ok()?;
    let inside = parent == source || parent.starts_with(&path::join(&source, b"x")[..=source.len()]);
    let lead: &[u8] = b"cannot copy a directory, ";
    inside.then(|| [lead, &quote(from), b", into itself, ", &quote(to)].concat())
}

type Made = Result<(), Unmade>;

/// Why a file was not copied.
enum Unmade {
    /// The source cannot be opened.
    Source(Errno),
    /// What could not be done to the copy.
    Copy(&'static str, Errno),
}

fn file(
    run: &mut Run<'_, '_>,
    from: &[u8],
    to: &[u8],
    stat: &Stat,
    there: Option<&Stat>,
    options: Options,
) -> Made {
    let handle = run.open(from).map_err(Unmade::Source)?;
    let create = OpenFlags::WRONLY | OpenFlags::CREAT;
    let mode = if options.preserve { stat.mode & 0o700 } else { stat.mode & 0o777 };
    let cannot_create = "cannot create regular file";
    let (kernel, task) = run.kernel();
    let opened = match there {
        Some(_) => match kernel.open(task, to, OpenFlags::WRONLY | OpenFlags::TRUNC, 0) {
            Err(error) if options.force && kernel.unlink(task, to).is_ok() => kernel
                .open(task, to, create | OpenFlags::EXCL, mode)
                .map_err(|_| Unmade::Copy(cannot_create, error)),
            result => result.map_err(|error| Unmade::Copy(cannot_create, error)),
        },
        None => kernel
            .open(task, to, create | OpenFlags::EXCL, mode)
            .map_err(|error| Unmade::Copy(cannot_create, error)),
    };
    let result = opened.and_then(|target| {
        let copied = match (handle.fd, &handle.input) {
            (Some(source), _) => {
                run.copy_all(source, target).map_err(|error| Unmade::Copy("error writing", error))
            }
            (None, Some(input)) => pour(run, *input, target),
            (None, None) => Ok(()),
        };
        let closed = run.system.kernel.close(target).map_err(|error| Unmade::Copy("failed to close", error));
        copied.and(closed)
    });
    run.close(&handle);
    result
}

/// Copies from a device.
fn pour(run: &mut Run<'_, '_>, input: crate::program::Input, target: crate::kernel::Fd) -> Made {
    let mut offset = 0;
    loop {
        let piece = run.read(input).map_err(|error| Unmade::Copy("error reading", error))?;
        if piece.is_empty() {
            return Ok(());
        }
        crate::kernel::fs::write_at(run.system.kernel, target, offset, &piece)
            .map_err(|error| Unmade::Copy("error writing", error))?;
        offset += piece.len() as u64;
    }
}

fn symlink(run: &mut Run<'_, '_>, from: &[u8], to: &[u8], there: bool) -> Made {
    let (kernel, task) = run.kernel();
    let target =
        kernel.readlink(task, from).map_err(|error| Unmade::Copy("cannot read symbolic link", error))?;
    let what = "cannot create symbolic link";
    if there {
        kernel.unlink(task, to).map_err(|error| Unmade::Copy("cannot remove", error))?;
    }
    kernel.symlink(task, &target, to).map_err(|error| Unmade::Copy(what, error))
}

fn special(run: &mut Run<'_, '_>, to: &[u8], stat: &Stat, there: bool) -> Made {
    let (kernel, task) = run.kernel();
    if there {
        kernel.unlink(task, to).map_err(|error| Unmade::Copy("cannot remove", error))?;
    }
    let what = if stat.kind == FileType::Fifo { "cannot create fifo" } else { "cannot create special file" };
    kernel.mknod(task, to, stat.kind, stat.mode & 0o777, stat.rdev).map_err(|error| Unmade::Copy(what, error))
}

/// Gives a copy the attributes of its source, in GNU's order: times, owner, extended attributes, mode.
fn keep(run: &mut Run<'_, '_>, from: &[u8], to: &[u8], stat: &Stat, options: Options) {
    let follow = if stat.kind == FileType::Symlink { Follow::Link } else { Follow::Target };
    let (kernel, task) = run.kernel();
    if options.preserve {
        let _ = kernel.utimens(task, to, SetTime::At(stat.atime), SetTime::At(stat.mtime), follow);
        // Whoever may not give a file away keeps it, as cp does without a word.
        if kernel.chown(task, to, Some(stat.uid), Some(stat.gid), follow).is_err() {
            let _ = kernel.chown(task, to, None, Some(stat.gid), follow);
        }
    }
    if options.xattrs {
        for name in kernel.listxattr(task, from, follow).unwrap_or_default() {
            if let Ok(value) = kernel.getxattr(task, from, &name, follow) {
                let _ = kernel.setxattr(task, to, &name, &value, XattrMode::Set, follow);
            }
        }
    }
    if options.preserve && stat.kind != FileType::Symlink {
        let _ = kernel.chmod(task, to, stat.mode);
    }
}
