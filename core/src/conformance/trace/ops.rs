//! An operation of a trace, made on a kernel, and its answer in the recorder's form.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::entry::Kind;
use super::labels::{Labels, text};
use super::listing::{insert_content, kind_word, stat_fields};
use super::op::{Op, octal, open_flags, rename_flags};
use crate::kernel::{
    Device, Errno, Fd, FileType, Follow, Kernel, OpenFlags, RenameFlags, Result, Stat, Task, XattrMode, fs,
};

/// The open descriptors by the trace's numbers.
pub(super) type Slots = BTreeMap<u32, Fd>;

/// Closes what is open: before an unmount, and at the end.
pub(super) fn close_all(kernel: &mut dyn Kernel, slots: &mut Slots) {
    for fd in std::mem::take(slots).into_values() {
        // What was open is closed; there is nothing to do about an error.
        let _ = kernel.close(fd);
    }
}

/// Makes the calls and says `{"ok": {…}}` or `{"err": "ENOENT"}`. `expected` is what was recorded, for inode labels.
pub(super) fn perform(
    kernel: &mut dyn Kernel,
    task: &Task,
    op: &Op,
    (labels, slots): (&mut Labels, &mut Slots),
    expected: &Value,
) -> Value {
    let answered = if op.on_descriptor() {
        on_descriptor(kernel, task, op, (labels, slots), expected)
    } else {
        answer(kernel, task, op, labels, expected)
    };
    match answered {
        Ok(fields) => json!({ "ok": fields }),
        Err(errno) => json!({ "err": errno.name() }),
    }
}

fn answer(
    k: &mut dyn Kernel,
    t: &Task,
    op: &Op,
    labels: &mut Labels,
    expected: &Value,
) -> Result<Map<String, Value>> {
    let mut ok = Map::new();
    match op {
        Op::Mkdir { path, mode } => k.mkdir(t, path, octal(mode))?,
        Op::Rmdir { path } => k.rmdir(t, path)?,
        Op::Unlink { path } => k.unlink(t, path)?,
        Op::Open { path, flags, mode, write, read } => {
            let mode = mode.as_deref().map_or(0, octal);
            fs::with_open(k, t, path, open_flags(flags), mode, |k, fd| {
                if let Some(data) = write {
                    ok.insert("written".into(), k.pwrite(fd, 0, data)?.into());
                }
                let stat = k.fstat(fd)?;
                if stat.kind == FileType::File {
                    ok.insert("size".into(), stat.size.into());
                }
                if *read {
                    insert_content(&mut ok, "read", &k.pread(fd, 0, stat.size as usize + 1)?);
                }
                Ok(())
            })?;
        }
        Op::Read { path } => fs::with_open(k, t, path, OpenFlags::RDONLY, 0, |k, fd| {
            let size = k.fstat(fd)?.size as usize;
            let data = k.pread(fd, 0, size + 1)?;
            ok.insert("size".into(), data.len().into());
            insert_content(&mut ok, "content", &data);
            Ok(())
        })?,
        Op::Truncate { path, size } => k.truncate(t, path, size.cast_unsigned())?,
        Op::Rename { from, to, flags } => {
            let flags = flags.as_deref().map_or(RenameFlags::empty(), rename_flags);
            k.rename(t, from, to, flags)?;
        }
        Op::Link { from, to } => k.link(t, from, to)?,
        Op::Symlink { target, path } => k.symlink(t, target, path)?,
        Op::Readlink { path } => drop(ok.insert("target".into(), text(&k.readlink(t, path)?))),
        Op::Getcwd {} => drop(ok.insert("path".into(), text(&k.getcwd(t)?))),
        Op::Chmod { path, mode } => k.chmod(t, path, octal(mode))?,
        Op::Chown { path, uid, gid, follow } => k.chown(t, path, id(*uid), id(*gid), how(*follow))?,
        Op::Utimens { path, atime, mtime, follow } => {
            k.utimens(t, path, atime.set_time(), mtime.set_time(), how(*follow))?;
        }
        Op::Mknod { path, kind, major, minor, mode } => {
            let device = Device { major: *major, minor: *minor };
            k.mknod(t, path, file_type(*kind), octal(mode), device)?;
        }
        Op::Setxattr { path, name, value, flag, follow } => {
            let mode = xattr_mode(flag.as_deref());
            k.setxattr(t, path, name, value, mode, how(*follow))?;
        }
        Op::Getxattr { path, name, follow } => {
            ok.insert("value".into(), text(&k.getxattr(t, path, name, how(*follow))?));
        }
        Op::Removexattr { path, name, follow } => k.removexattr(t, path, name, how(*follow))?,
        Op::Listxattr { path, follow } => {
            let mut names = k.listxattr(t, path, how(*follow))?;
            names.sort();
            ok.insert("names".into(), names.iter().map(|name| text(name)).collect());
        }
        Op::Stat { path } => ok = stat_answer(&k.stat(t, path)?, labels, expected),
        Op::Lstat { path } => ok = stat_answer(&k.lstat(t, path)?, labels, expected),
        Op::Readdir { path } => {
            let entries = fs::read_dir_sorted(k, t, path)?;
            let entries = entries.iter().map(|entry| json!([text(&entry.name), kind_word(entry.kind)]));
            ok.insert("dots".into(), true.into());
            ok.insert("entries".into(), entries.collect());
        }
        // The replay's own, and those on descriptors.
        _ => return Err(Errno::ENOSYS),
    }
    Ok(ok)
}

fn on_descriptor(
    k: &mut dyn Kernel,
    t: &Task,
    op: &Op,
    (labels, slots): (&mut Labels, &mut Slots),
    expected: &Value,
) -> Result<Map<String, Value>> {
    let mut ok = Map::new();
    let open = |slot: &u32| slots.get(slot).copied().ok_or(Errno::EBADF);
    match op {
        Op::Fopen { slot, path, flags, mode } => {
            let fd = k.open(t, path, open_flags(flags), mode.as_deref().map_or(0, octal))?;
            if let Some(old) = slots.insert(*slot, fd) {
                k.close(old)?;
            }
        }
        Op::Fdup { slot, to } => {
            let fd = k.dup(open(slot)?)?;
            if let Some(old) = slots.insert(*to, fd) {
                k.close(old)?;
            }
        }
        Op::Fclose { slot } => {
            let fd = open(slot)?;
            slots.remove(slot);
            k.close(fd)?;
        }
        Op::Pread { slot, offset, len } => {
            let data = k.pread(open(slot)?, *offset, *len)?;
            insert_content(&mut ok, "read", &data);
        }
        Op::Pwrite { slot, offset, data } => {
            ok.insert("written".into(), k.pwrite(open(slot)?, *offset, data)?.into());
        }
        Op::Ftruncate { slot, size } => k.ftruncate(open(slot)?, *size)?,
        Op::Fstat { slot } => ok = stat_answer(&k.fstat(open(slot)?)?, labels, expected),
        Op::Fchmod { slot, mode } => k.fchmod(t, open(slot)?, octal(mode))?,
        Op::Fchown { slot, uid, gid } => k.fchown(t, open(slot)?, id(*uid), id(*gid))?,
        Op::Fsetxattr { slot, name, value } => {
            k.fsetxattr(t, open(slot)?, name, value, XattrMode::Set)?;
        }
        Op::Getdents { slot } => {
            let recorded = expected.pointer("/ok/entries").unwrap_or(&Value::Null);
            let entries = k.getdents(open(slot)?)?;
            let entries = entries.iter().enumerate().map(|(at, entry)| {
                let label =
                    labels.inode(entry.ino, recorded.get(at).and_then(|e| e.get(2)).unwrap_or(&Value::Null));
                json!([text(&entry.name), kind_word(entry.kind), label])
            });
            ok.insert("entries".into(), entries.collect());
        }
        _ => return Err(Errno::ENOSYS),
    }
    Ok(ok)
}

fn stat_answer(stat: &Stat, labels: &mut Labels, expected: &Value) -> Map<String, Value> {
    let mut fields = stat_fields(stat, labels);
    if matches!(stat.kind, FileType::File | FileType::Symlink) {
        fields.insert("size".into(), stat.size.into());
    }
    let recorded = expected.pointer("/ok/ino").unwrap_or(&Value::Null);
    fields.insert("ino".into(), labels.inode(stat.ino, recorded));
    fields
}

/// What a set does about a name that is there, or is not.
pub(super) fn xattr_mode(flag: Option<&str>) -> XattrMode {
    match flag {
        Some("create") => XattrMode::Create,
        Some("replace") => XattrMode::Replace,
        _ => XattrMode::Set,
    }
}

/// -1 keeps an id.
pub(super) fn id(number: i64) -> Option<u32> {
    u32::try_from(number).ok()
}

pub(super) fn how(follow: bool) -> Follow {
    if follow { Follow::Target } else { Follow::Link }
}

pub(super) fn file_type(kind: Kind) -> FileType {
    match kind {
        Kind::File => FileType::File,
        Kind::Dir => FileType::Dir,
        Kind::Symlink => FileType::Symlink,
        Kind::Fifo => FileType::Fifo,
        Kind::Char | Kind::Whiteout => FileType::Char,
        Kind::Block => FileType::Block,
        Kind::Socket => FileType::Socket,
    }
}
