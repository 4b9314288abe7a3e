//! `tar -c`.

use std::collections::BTreeMap;

use flate2::Compression;

use super::super::common::run::Run;
use super::super::common::users::Users;
use super::plan::{Plan, below};
use crate::kernel::{ByteString, Errno, FileType, OpenFlags, Stat, fs};
use crate::oci::gzip;
use crate::oci::tar::{END, Kind, TarEntry, padding, write_header};
use crate::shell::io;

/// How much of a file is read at once.
const PIECE: usize = 1 << 16;

/// The archive in the making.
struct Archive {
    gzip: Option<gzip::Writer>,
    plain: Vec<u8>,
}

impl Archive {
    fn push(&mut self, bytes: &[u8]) {
        match &mut self.gzip {
            Some(gzip) => gzip.push(bytes),
            None => self.plain.extend_from_slice(bytes),
        }
    }
}

pub(super) fn run(run: &mut Run<'_, '_>, plan: &Plan) {
    if plan.operands.is_empty() {
        run.warn("Cowardly refusing to create an empty archive");
        return;
    }
    let mut archive =
        Archive { gzip: plan.gzip.then(|| gzip::Writer::new(Compression::default())), plain: Vec::new() };
    let users = Users::read(run);
    // Files with several names, by device and number: the first name holds the content.
    let mut links = BTreeMap::new();
    let mut told = false;
    // The archive itself is no part of what it holds.
    let own = run.stat(&below(plan, &plan.archive)).ok().map(|stat| (stat.dev, stat.ino));
    for operand in &plan.operands {
        let mut todo = vec![operand.clone()];
        while let Some(name) = todo.pop() {
            if !run.step() {
                return;
            }
            if excluded(plan, &name) {
                continue;
            }
            let path = below(plan, &name);
            let stat = match run.lstat(&path) {
                Ok(stat) => stat,
                Err(error) => {
                    missing(run, &name, error);
                    continue;
                }
            };
            if own == Some((stat.dev, stat.ino)) {
                continue;
            }
            let mut entry = match entry(run, &path, &stat, &users) {
                Ok(entry) => entry,
                Err(error) => {
                    missing(run, &name, error);
                    continue;
                }
            };
            entry.name = member(run, &name, stat.is_dir(), &mut told);
            if !stat.is_dir() && stat.nlink > 1 {
                match links.get(&(stat.dev, stat.ino)) {
                    Some(first) => {
                        entry.kind = Kind::Hardlink;
                        entry.size = 0;
                        entry.link = ByteString::clone(first);
                    }
                    None => {
                        links.insert((stat.dev, stat.ino), entry.name.clone());
                    }
                }
            }
            if plan.verbose {
                let line = [&entry.name[..], b"\n"].concat();
                if plan.archive == "-" { run.complain(line) } else { run.print(line) }
            }
            archive.push(&write_header(&entry));
            if entry.kind == Kind::File
                && let Err(error) = content(run, &path, entry.size, &mut archive)
            {
                missing(run, &name, error);
            }
            archive.push(padding(entry.size));
            if stat.is_dir() {
                let (kernel, task) = run.kernel();
                match fs::read_dir(kernel, task, &path) {
                    Ok(entries) => {
                        todo.extend(
                            entries.into_iter().rev().map(|e| crate::kernel::path::join(&name, &e.name)),
                        );
                    }
                    Err(error) => missing(run, &name, error),
                }
            }
        }
    }
    archive.push(&END);
    let data = match archive.gzip {
        Some(gzip) => gzip.finish(),
        None => archive.plain,
    };
    deliver(run, plan, &data);
}

fn excluded(plan: &Plan, name: &[u8]) -> bool {
    let last = crate::kernel::path::file_name(name).unwrap_or(name);
    plan.exclude.iter().any(|pattern| {
        let pattern = crate::shell::pattern::Pattern::from_text(pattern);
        pattern.matches(name) || pattern.matches(last)
    })
}

/// Writes the archive where `-f` says.
fn deliver(run: &mut Run<'_, '_>, plan: &Plan, data: &[u8]) {
    if plan.archive == "-" {
        run.print(data);
        return;
    }
    let flags = OpenFlags::WRONLY | OpenFlags::CREAT | OpenFlags::TRUNC;
    let task = run.process.task.clone();
    let handle = match io::open(run.system, &task, &plan.archive, flags, |_| None) {
        Ok(handle) => handle,
        Err(error) => {
            let text = [&plan.archive[..], b": Cannot open: ", error.text().as_bytes()].concat();
            run.warn(text);
            return;
        }
    };
    if let Some(output) = handle.output {
        output.write(run.system, data);
        if let Some(error) = output.error(run.system) {
            let text = [&plan.archive[..], b": Cannot write: ", error.text().as_bytes()].concat();
            run.warn(text);
        }
    }
    run.close(&handle);
}

fn missing(run: &mut Run<'_, '_>, name: &[u8], error: Errno) {
    run.warn_failed(run.words().tar_cannot_stat, name, error);
}

/// A member's name: never absolute, which is told once; a directory's ends in a slash.
fn member(run: &mut Run<'_, '_>, name: &[u8], dir: bool, told: &mut bool) -> ByteString {
    let bare = name.iter().position(|byte| *byte != b'/').map_or(&b""[..], |at| &name[at..]);
    if bare.len() < name.len() && !std::mem::replace(told, true) {
        run.complain(run.words().tar_leading_slash);
    }
    let bare = bare.strip_suffix(b"/").unwrap_or(bare);
    match (bare, dir) {
        (b"", _) => "./".into(),
        (_, true) => [bare, b"/"].concat().into(),
        (_, false) => bare.into(),
    }
}

fn entry(run: &mut Run<'_, '_>, path: &[u8], stat: &Stat, users: &Users) -> Result<TarEntry, Errno> {
    let kind = match stat.kind {
        FileType::File => Kind::File,
        FileType::Dir => Kind::Dir,
        FileType::Symlink => Kind::Symlink,
        FileType::Char => Kind::Char,
        FileType::Block => Kind::Block,
        FileType::Fifo => Kind::Fifo,
        FileType::Socket => return Err(Errno::EOPNOTSUPP),
    };
    let mut entry = TarEntry::new("", kind, stat.mode);
    (entry.uid, entry.gid, entry.mtime) = (stat.uid, stat.gid, stat.mtime);
    // tar keeps whole seconds.
    entry.mtime.nsec = 0;
    entry.uname = users.user_name(stat.uid).unwrap_or_default().into();
    entry.gname = users.group_name(stat.gid).unwrap_or_default().into();
    match kind {
        Kind::File => entry.size = stat.size,
        Kind::Symlink => {
            let (kernel, task) = run.kernel();
            entry.link = kernel.readlink(task, path)?;
        }
        Kind::Char | Kind::Block => entry.device = stat.rdev,
        _ => {}
    }
    Ok(entry)
}

/// A file's content, as long as the header says.
fn content(run: &mut Run<'_, '_>, path: &[u8], size: u64, archive: &mut Archive) -> Result<(), Errno> {
    let (kernel, task) = run.kernel();
    let mut done = 0;
    let result = fs::with_open(kernel, task, path, OpenFlags::RDONLY, 0, |kernel, fd| {
        while done < size {
            let piece = kernel.pread(fd, done, PIECE.min((size - done) as usize))?;
            if piece.is_empty() {
                break;
            }
            archive.push(&piece);
            done += piece.len() as u64;
        }
        Ok(())
    });
    // What could not be read is zeros, as the header has been written.
    let zeros = vec![0; PIECE];
    while done < size {
        let some = PIECE.min((size - done) as usize);
        archive.push(&zeros[..some]);
        done += some as u64;
    }
    result
}
