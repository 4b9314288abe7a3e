//! Copying as BusyBox's `cp` does it, and its `mv` across file systems.
//!
//! The rules are in `docs/design/rules-busybox-copy.md`; comments give their numbers.

use std::collections::BTreeMap;

use super::run::Run;
use crate::kernel::{ByteString, Errno, FileType, Follow, OpenFlags, SetTime, Stat, fs, path};
use crate::program::Input;
use crate::shell::io::{self, Handle};

/// What is made of a file instead of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell::commands) enum Link {
    /// `-l`: another name of it.
    Hard,
    /// `-s`: a symbolic link to it.
    Soft,
}

/// The options of a copy.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one option of cp, and they go in any mixture")]
pub(in crate::shell::commands) struct Flags {
    /// `-r`: directories with what is in them, and devices as devices.
    pub(in crate::shell::commands) recursive: bool,
    /// `-L`, and the default without `-r`: what symbolic links lead to.
    pub(in crate::shell::commands) follow: bool,
    /// `-H`: the same for operands alone.
    pub(in crate::shell::commands) follow_first: bool,
    /// `-p`: times, owner, mode.
    pub(in crate::shell::commands) preserve: bool,
    /// `-f`: what is in the way is removed.
    pub(in crate::shell::commands) force: bool,
    /// `-n`: what is there stays.
    pub(in crate::shell::commands) no_clobber: bool,
    /// `-u`: what is there and no older stays.
    pub(in crate::shell::commands) update: bool,
    /// `-v`: names are printed.
    pub(in crate::shell::commands) verbose: bool,
    /// `-l` or `-s`.
    pub(in crate::shell::commands) link: Option<Link>,
}

/// What one command has copied to: by device and inode number, the first copy of each file with several names, and the
/// directories that were copied into.
pub(in crate::shell::commands) type Seen = BTreeMap<(u64, u64), ByteString>;

/// Something to do. Depth costs no machine stack.
enum Task {
    Copy { from: ByteString, to: ByteString, operand: bool },
    Leave(Directory),
}

/// A directory whose entries are being copied.
struct Directory {
    from: ByteString,
    to: ByteString,
    stat: Stat,
    /// Whether it was made for the copy, so that its mode is to be put right.
    made: bool,
}

/// A message that was given; nothing is left to say.
struct Told;

/// How an entry ended.
enum Done {
    /// It is copied, under rules 20 and 21.
    Copied,
    /// Nothing was to copy, a name was enough, or a directory's entries come next.
    Quietly,
}

/// Copies a file, or a tree. `false` where something could not be copied; messages were given.
pub(in crate::shell::commands) fn copy_file(
    run: &mut Run<'_, '_>,
    source: &[u8],
    to: &[u8],
    flags: Flags,
    seen: &mut Seen,
) -> bool {
    let mut copy = Copy { run, flags, seen, tasks: Vec::new(), whole: true };
    copy.tasks.push(Task::Copy { from: source.into(), to: to.into(), operand: true });
    while let Some(task) = copy.tasks.pop() {
        match task {
            Task::Leave(directory) => copy.leave(&directory),
            Task::Copy { .. } if !copy.run.step() => return false,
            Task::Copy { from, to, operand } => copy.whole &= copy.entry(from, to, operand).is_ok(),
        }
    }
    copy.whole
}

struct Copy<'r, 'a, 's> {
    run: &'r mut Run<'a, 's>,
    flags: Flags,
    seen: &'r mut Seen,
    /// What is left to do, the next last.
    tasks: Vec<Task>,
    /// Whether all went well so far.
    whole: bool,
}

impl Copy<'_, '_, '_> {
    fn entry(&mut self, from: ByteString, to: ByteString, operand: bool) -> Result<(), Told> {
        let follow = self.flags.follow || operand && self.flags.follow_first;
        let found = if follow { self.run.stat(&from) } else { self.run.lstat(&from) };
        let stat = found.map_err(|error| self.tell("can't stat", &from, error))?;
        let there = match self.run.lstat(&to) {
            Ok(there) => Some(there),
            Err(Errno::ENOENT) => None,
            Err(error) => return Err(self.tell("can't stat", &to, error)),
        };
        if there.as_ref().is_some_and(|there| id(there) == id(&stat)) {
            return Err(self.say(&[b"'", &from, b"' and '", &to, b"' are the same file"]));
        }
        if there.is_some() && self.flags.no_clobber {
            return Ok(());
        }
        let done = if stat.is_dir() {
            self.enter(&from, &to, &stat, there.as_ref())?
        } else {
            self.file(&from, &to, &stat, there.as_ref())?
        };
        if matches!(done, Done::Copied) {
            self.finish(&from, &to, &stat);
        }
        Ok(())
    }

    /// Rules 5 to 9.
    fn enter(
        &mut self,
        from: &ByteString,
        to: &ByteString,
        stat: &Stat,
        there: Option<&Stat>,
    ) -> Result<Done, Told> {
        if !self.flags.recursive {
            return Err(self.say(&[b"omitting directory '", from, b"'"]));
        }
        if self.seen.contains_key(&id(stat)) {
            return Err(self.say(&[b"recursion detected, omitting directory '", from, b"'"]));
        }
        match there {
            Some(there) if !there.is_dir() => {
                return Err(self.say(&[b"target '", to, b"' is not a directory"]));
            }
            Some(_) => {}
            None => {
                let (kernel, task) = self.run.kernel();
                if let Err(error) = kernel.mkdir(task, to, stat.mode & 0o777 | 0o700) {
                    return Err(self.tell("can't create directory", to, error));
                }
            }
        }
        if let Ok(into) = self.run.lstat(to) {
            self.seen.insert(id(&into), to.clone());
        }
        let (kernel, task) = self.run.kernel();
        let listed = fs::read_dir(kernel, task, from);
        // Rule 9: a directory that cannot be read is left as it was made, without a message.
        let made = there.is_none() && listed.is_ok();
        self.whole &= listed.is_ok();
        self.tasks.push(Task::Leave(Directory {
            from: from.clone(),
            to: to.clone(),
            stat: stat.clone(),
            made,
        }));
        for entry in listed.unwrap_or_default().into_iter().rev() {
            let (from, to) = (path::join(from, &entry.name), path::join(to, &entry.name));
            self.tasks.push(Task::Copy { from, to, operand: false });
        }
        Ok(Done::Quietly)
    }

    /// A directory's entries are copied: rules 8, 20 and 21.
    fn leave(&mut self, Directory { from, to, stat, made }: &Directory) {
        if *made && !self.flags.preserve {
            let mode = stat.mode & 0o7777 & !self.run.process.task.umask;
            let (kernel, task) = self.run.kernel();
            if let Err(error) = kernel.chmod(task, to, mode) {
                self.tell("can't preserve permissions of", to, error);
            }
        }
        self.finish(from, to, stat);
    }

    /// Rules 10 to 19: anything but a directory.
    fn file(
        &mut self,
        from: &ByteString,
        to: &ByteString,
        stat: &Stat,
        there: Option<&Stat>,
    ) -> Result<Done, Told> {
        if self.flags.update && there.is_some_and(|there| there.mtime.sec >= stat.mtime.sec) {
            return Ok(Done::Quietly);
        }
        if let Some(link) = self.flags.link {
            return self.make(to, |run| {
                let (kernel, task) = run.kernel();
                match link {
                    Link::Hard => kernel.link(task, from, to),
                    Link::Soft => kernel.symlink(task, from, to),
                }
            });
        }
        match stat.kind {
            FileType::Symlink => {
                let (kernel, task) = self.run.kernel();
                let text =
                    kernel.readlink(task, from).map_err(|error| self.tell("can't read link", from, error))?;
                self.make(to, |run| {
                    let (kernel, task) = run.kernel();
                    kernel.symlink(task, &text, to)
                })?;
                Ok(Done::Copied)
            }
            FileType::File => {
                // Rule 13.
                if !self.flags.follow && (stat.nlink > 1 || self.flags.recursive) {
                    if let Some(first) = self.seen.get(&id(stat)).cloned() {
                        return self.make(to, |run| {
                            let (kernel, task) = run.kernel();
                            kernel.link(task, &first, to)
                        });
                    }
                    self.seen.insert(id(stat), to.clone());
                }
                self.contents(from, to, stat, there.is_some())
            }
            _ if self.flags.recursive => {
                let mode = stat.mode & 0o7777;
                self.make(to, |run| {
                    let (kernel, task) = run.kernel();
                    kernel.mknod(task, to, stat.kind, mode, stat.rdev)
                })?;
                Ok(Done::Copied)
            }
            _ => self.contents(from, to, stat, there.is_some()),
        }
    }

    /// Makes a name that must be free; with `-f` what is in the way is removed (rule 16).
    fn make(
        &mut self,
        to: &[u8],
        make: impl Fn(&mut Run<'_, '_>) -> Result<(), Errno>,
    ) -> Result<Done, Told> {
        let made = make(self.run).or_else(|error| if self.clear(to) { make(self.run) } else { Err(error) });
        made.map_err(|error| self.tell("can't create", to, error))?;
        Ok(Done::Quietly)
    }

    /// Removes what is in the way, if `-f` is given and it can be removed.
    fn clear(&mut self, to: &[u8]) -> bool {
        let (kernel, task) = self.run.kernel();
        self.flags.force && kernel.unlink(task, to).is_ok()
    }

    /// Rules 14 and 15.
    fn contents(&mut self, from: &[u8], to: &[u8], stat: &Stat, is_there: bool) -> Result<Done, Told> {
        let source = self.run.open(from).map_err(|error| self.tell("can't open", from, error))?;
        let copied = self.pour(&source, to, stat.mode & 0o7777, is_there);
        self.run.close(&source);
        copied.map(|()| Done::Copied)
    }

    fn pour(&mut self, source: &Handle, to: &[u8], mode: u32, is_there: bool) -> Result<(), Told> {
        if is_there && let Some(device) = self.device(to) {
            return self.feed(source, to, &device);
        }
        let new = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::EXCL;
        let old = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::TRUNC;
        let (kernel, task) = self.run.kernel();
        let mut opened = kernel.open(task, to, if is_there { old } else { new }, mode);
        if opened.is_err() && is_there && self.clear(to) {
            let (kernel, task) = self.run.kernel();
            opened = kernel.open(task, to, new, mode);
        }
        let target = opened.map_err(|error| self.tell("can't create", to, error))?;
        let copied = match (source.fd, source.input) {
            (Some(fd), _) => {
                self.run.copy_all(fd, target).map_err(|error| self.tell("can't write", to, error))
            }
            (None, Some(input)) => self
                .each_piece(input, |run, at, piece| fs::write_at(run.system.kernel, target, at, piece))
                .map_err(|error| self.tell("can't write", to, error)),
            (None, None) => Ok(()),
        };
        let closed =
            self.run.system.kernel.close(target).map_err(|error| self.tell("can't write", to, error));
        copied.and(closed)
    }

    /// A device of the lab's that has no driver below it, opened for writing.
    fn device(&mut self, to: &[u8]) -> Option<Handle> {
        let stat = self.run.stat(to).ok()?;
        if matches!(stat.kind, FileType::File | FileType::Dir)
            && io::known_device(&self.run.process.task, to).is_none()
        {
            return None;
        }
        let Run { system, process, .. } = self.run;
        let own = [process.stdin.0, process.stdout.0, process.stderr.0];
        let handle =
            io::open(system, &process.task, to, OpenFlags::WRONLY, |fd| own.get(fd as usize).copied())
                .ok()?;
        if handle.fd.is_some() {
            io::close(system, &handle);
            return None;
        }
        Some(handle)
    }

    /// Writes to such a device.
    fn feed(&mut self, source: &Handle, to: &[u8], device: &Handle) -> Result<(), Told> {
        let written = match (source.input, device.output) {
            (Some(input), Some(output)) => self.each_piece(input, |run, _, piece| {
                output.write(run.system, piece);
                Ok(())
            }),
            _ => Ok(()),
        };
        io::close(self.run.system, device);
        written.map_err(|error| self.tell("can't write", to, error))
    }

    fn each_piece(
        &mut self,
        input: Input,
        write: impl Fn(&mut Run<'_, '_>, u64, &[u8]) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let mut at = 0;
        loop {
            let piece = self.run.read(input)?;
            if piece.is_empty() {
                return Ok(());
            }
            write(self.run, at, &piece)?;
            at += piece.len() as u64;
        }
    }

    /// Rules 20 and 21: attributes, and the line that `-v` prints.
    fn finish(&mut self, from: &[u8], to: &[u8], stat: &Stat) {
        let is_copy = matches!(stat.kind, FileType::File | FileType::Dir | FileType::Symlink);
        if self.flags.preserve && (is_copy || self.flags.recursive) {
            self.keep(to, stat);
        }
        if self.flags.verbose {
            self.run.print([b"'", from, b"' -> '", to, b"'\n"].concat());
        }
    }

    fn keep(&mut self, to: &[u8], stat: &Stat) {
        let is_link = stat.kind == FileType::Symlink;
        let follow = if is_link { Follow::Link } else { Follow::Target };
        let mut mode = stat.mode & 0o7777;
        let (kernel, task) = self.run.kernel();
        let timed = is_link
            || kernel.utimens(task, to, SetTime::At(stat.atime), SetTime::At(stat.mtime), follow).is_ok();
        let owned = kernel.chown(task, to, Some(stat.uid), Some(stat.gid), follow);
        if owned.is_err() {
            mode &= !0o6000;
        }
        let moded = if is_link { Ok(()) } else { kernel.chmod(task, to, mode) };
        // None of these makes the copy a failure.
        let status = self.run.status;
        if !timed {
            self.tell("can't preserve times of", to, Errno::EPERM);
        }
        if let Err(error) = owned {
            self.tell("can't preserve ownership of", to, error);
        }
        if let Err(error) = moded {
            self.tell("can't preserve permissions of", to, error);
        }
        self.run.status = status;
    }

    fn tell(&mut self, what: &str, about: &[u8], error: Errno) -> Told {
        self.run.warn_path(what, about, error);
        Told
    }

    fn say(&mut self, parts: &[&[u8]]) -> Told {
        self.run.warn(parts.concat());
        Told
    }
}

/// What tells files apart.
fn id(stat: &Stat) -> (u64, u64) {
    (stat.dev, stat.ino)
}
