//! `tar -x` and `tar -t`.

use super::super::common::mode::letters;
use super::super::common::run::Run;
use super::super::common::time;
use super::super::gzip::expand;
use super::plan::{Mode, Plan, below};
use crate::kernel::{ByteString, Errno, Fd, FileType, Follow, OpenFlags, SetTime, Stat, fs, path};
use crate::oci::Limits;
use crate::oci::decode::{self, Compression};
use crate::oci::tar::{Event, Kind, Parser, TarEntry};

pub(super) fn run(run: &mut Run<'_, '_>, plan: &Plan) {
    let data = match run.slurp(&plan.archive) {
        Ok(data) => data,
        Err(error) => {
            run.warn_failed(run.words().tar_cannot_open, &plan.archive, error);
            run.complain_if_any(run.words().tar_gives_up);
            return;
        }
    };
    let data = match decode::detect(&data) {
        Compression::None if plan.gzip => {
            run.complain("\ngzip: stdin: not in gzip format\n");
            run.warn("Child returned status 1");
            return;
        }
        Compression::None => data,
        _ => match expand(&data) {
            Ok(data) => data,
            Err(error) => {
                run.warn(error);
                return;
            }
        },
    };
    let mut unpack = Unpack { plan, found: vec![false; plan.operands.len()], file: None, times: Vec::new() };
    let mut parser = Parser::new(Limits::default());
    let mut at = 0;
    while at < data.len() && !parser.is_ended() {
        if !run.step() {
            break;
        }
        match parser.step(&data[at..]) {
            Ok((used, event)) => {
                at += used;
                if let Some(event) = event {
                    unpack.event(run, event);
                }
            }
            Err(error) => {
                run.warn(if at == 0 {
                    "This does not look like a tar archive".to_owned()
                } else {
                    error.to_string()
                });
                break;
            }
        }
    }
    if let Err(error) = parser.finish()
        && run.status == 0
    {
        run.warn_filled(run.words().tar_cut_off, &[error.to_string().as_bytes()]);
    }
    unpack.end(run);
}

/// What is being unpacked.
struct Unpack<'a> {
    plan: &'a Plan,
    /// Which operands were met.
    found: Vec<bool>,
    /// The open file and how much of it is written.
    file: Option<(Fd, u64, TarEntry, ByteString)>,
    /// Directories whose times are set last, when nothing more is made in them.
    times: Vec<(ByteString, TarEntry)>,
}

impl Unpack<'_> {
    fn event(&mut self, run: &mut Run<'_, '_>, event: Event<'_>) {
        match event {
            Event::Entry(entry) => self.entry(run, *entry),
            Event::Content(bytes) => {
                if self.plan.to_stdout && self.file.as_ref().is_some_and(|file| file.0 == STDOUT) {
                    run.print(bytes);
                } else if let Some((fd, done, ..)) = &mut self.file {
                    let mut rest = bytes;
                    while !rest.is_empty() {
                        match run.system.kernel.pwrite(*fd, *done, rest) {
                            Ok(written) => {
                                *done += written as u64;
                                rest = &rest[written..];
                            }
                            Err(error) => {
                                let text = format!("Cannot write: {}", error.text());
                                run.warn(text);
                                break;
                            }
                        }
                    }
                }
            }
            Event::Hole(len) => {
                if let Some((_, done, ..)) = &mut self.file {
                    *done += len;
                }
            }
            Event::EntryEnd => {
                if let Some((fd, done, entry, target)) = self.file.take()
                    && fd != STDOUT
                {
                    // A hole at the end has no bytes to write.
                    let whole = run.system.kernel.ftruncate(fd, done);
                    let closed = run.system.kernel.close(fd);
                    let result =
                        whole.and(closed).and_then(|()| set_metadata(run, self.plan, &entry, &target));
                    report(run, &entry.name, result);
                }
            }
        }
    }

    /// Whether an entry is asked for.
    fn wanted(&mut self, name: &[u8]) -> bool {
        if self.plan.operands.is_empty() {
            return true;
        }
        let bare = |name: &[u8]| {
            let name = name.strip_prefix(b"./").unwrap_or(name);
            ByteString::from(name.strip_suffix(b"/").unwrap_or(name))
        };
        let name = bare(name);
        let mut wanted = false;
        for (operand, found) in self.plan.operands.iter().zip(&mut self.found) {
            let operand = bare(operand);
            let inside = name.strip_prefix(&operand[..]).is_some_and(|rest| rest.first() == Some(&b'/'));
            if name == operand || inside {
                *found = true;
                wanted = true;
            }
        }
        wanted
    }

    fn entry(&mut self, run: &mut Run<'_, '_>, entry: TarEntry) {
        if !self.wanted(&entry.name) {
            return;
        }
        if self.plan.mode == Mode::List {
            let line = if self.plan.verbose { long(&entry) } else { [&entry.name[..], b"\n"].concat() };
            run.print(line);
            return;
        }
        if self.plan.verbose {
            let line = [&entry.name[..], b"\n"].concat();
            if self.plan.to_stdout { run.complain(line) } else { run.print(line) }
        }
        if self.plan.to_stdout {
            if entry.kind == Kind::File {
                self.file = Some((STDOUT, 0, entry, ByteString::new()));
            }
            return;
        }
        let Some(name) = safe_name(run, &entry.name, self.plan.strip) else { return };
        let target = below(self.plan, &name);
        let result = make(run, &entry, &target, self.plan);
        match result {
            Ok(Some(fd)) => self.file = Some((fd, 0, entry, target)),
            Ok(None) => {
                let result = if entry.kind == Kind::Hardlink {
                    Ok(())
                } else {
                    set_metadata(run, self.plan, &entry, &target)
                };
                report(run, &entry.name, result);
                if entry.kind == Kind::Dir {
                    self.times.push((target, entry));
                }
            }
            Err(error) => report(run, &entry.name, Err(error)),
        }
    }

    fn end(self, run: &mut Run<'_, '_>) {
        for (target, entry) in self.times.iter().rev() {
            let time = SetTime::At(entry.mtime);
            let (kernel, task) = run.kernel();
            let result = kernel.utimens(task, target, time, time, Follow::Target);
            report(run, &entry.name, result);
        }
        let missing = self.plan.operands.iter().zip(&self.found).filter(|(_, found)| !**found);
        for (operand, _) in missing {
            run.warn_filled(run.words().tar_no_member, &[operand]);
        }
    }
}

/// Stands for standard output among the open files.
const STDOUT: Fd = Fd(u32::MAX);

fn report(run: &mut Run<'_, '_>, name: &[u8], result: Result<(), Errno>) {
    if let Err(error) = result {
        let text = [name, b": Cannot open: ", error.text().as_bytes()].concat();
        run.warn(text);
    }
}

/// A member's name below the working directory; `None` where nothing is left of it, or it leads out.
fn safe_name(run: &mut Run<'_, '_>, name: &[u8], strip: usize) -> Option<ByteString> {
    let parts: Vec<&[u8]> =
        name.split(|b| *b == b'/').filter(|part| !part.is_empty() && *part != b".").collect();
    if parts.contains(&&b".."[..]) {
        run.warn([name, b": Member name contains '..'"].concat());
        return None;
    }
    let kept = parts.get(strip..)?;
    if kept.is_empty() { (strip == 0).then(|| ".".into()) } else { Some(kept.join(&b'/').into()) }
}

/// Makes what an entry says; a file is returned open.
fn make(run: &mut Run<'_, '_>, entry: &TarEntry, target: &[u8], plan: &Plan) -> Result<Option<Fd>, Errno> {
    let link = below(plan, &entry.link);
    let (kernel, task) = run.kernel();
    let parent = path::parent(target);
    if !parent.is_empty() && !fs::exists(kernel, task, parent) {
        fs::mkdir_all(kernel, task, parent, 0o755)?;
    }
    let old = fs::lstat_opt(kernel, task, target)?;
    match (&old, entry.kind) {
        (Some(old), Kind::Dir) if old.is_dir() => return Ok(None),
        (Some(old), _) if old.is_dir() => kernel.rmdir(task, target)?,
        (Some(_), _) => kernel.unlink(task, target)?,
        (None, _) => {}
    }
    let mode = entry.mode & 0o7777;
    match entry.kind {
        Kind::File => {
            let flags = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::EXCL;
            return kernel.open(task, target, flags, mode & 0o777).map(Some);
        }
        Kind::Dir => kernel.mkdir(task, target, mode | 0o700)?,
        Kind::Symlink => kernel.symlink(task, &entry.link, target)?,
        Kind::Hardlink => kernel.link(task, &link, target)?,
        Kind::Char => kernel.mknod(task, target, FileType::Char, mode, entry.device)?,
        Kind::Block => kernel.mknod(task, target, FileType::Block, mode, entry.device)?,
        Kind::Fifo => kernel.mknod(task, target, FileType::Fifo, mode, entry.device)?,
    }
    Ok(None)
}

/// Gives what was made its owner, mode and time.
fn set_metadata(run: &mut Run<'_, '_>, plan: &Plan, entry: &TarEntry, target: &[u8]) -> Result<(), Errno> {
    let umask = run.process.task.umask;
    let root = run.process.task.uid == 0;
    let (kernel, task) = run.kernel();
    if root {
        kernel.chown(task, target, Some(entry.uid), Some(entry.gid), Follow::Link)?;
    }
    if entry.kind != Kind::Symlink {
        let mode = entry.mode & 0o7777;
        kernel.chmod(task, target, if plan.keep_modes { mode } else { mode & 0o777 & !umask })?;
    }
    let time = SetTime::At(entry.mtime);
    kernel.utimens(task, target, time, time, Follow::Link)
}

/// `-tv`: as `ls -l` prints an entry.
fn long(entry: &TarEntry) -> Vec<u8> {
    let kind = entry.kind.file_type().unwrap_or(FileType::File);
    let mut mode = letters(&Stat {
        kind,
        mode: entry.mode & 0o7777,
        nlink: 1,
        uid: entry.uid,
        gid: entry.gid,
        size: entry.size,
        blocks: 0,
        rdev: entry.device,
        dev: 0,
        ino: 0,
        atime: entry.mtime,
        mtime: entry.mtime,
        ctime: entry.mtime,
    });
    if entry.kind == Kind::Hardlink {
        mode.replace_range(0..1, "h");
    }
    let name = |name: &ByteString, id: u32| if name.is_empty() { id.to_string() } else { name.to_text() };
    let owner = format!("{}/{}", name(&entry.uname, entry.uid), name(&entry.gname, entry.gid));
    let when = String::from_utf8_lossy(&time::format(entry.mtime, b"%Y-%m-%d %H:%M")).into_owned();
    let width = 19usize.saturating_sub(owner.len() + 1);
    let size = match entry.kind {
        Kind::Char | Kind::Block => format!("{},{}", entry.device.major, entry.device.minor),
        _ => entry.size.to_string(),
    };
    let mut line = format!("{mode} {owner} {size:>width$} {when} ").into_bytes();
    line.extend_from_slice(&entry.name);
    match entry.kind {
        Kind::Symlink => line.extend_from_slice(&[b" -> ", &entry.link[..]].concat()),
        Kind::Hardlink => line.extend_from_slice(&[b" link to ", &entry.link[..]].concat()),
        _ => {}
    }
    line.push(b'\n');
    line
}
