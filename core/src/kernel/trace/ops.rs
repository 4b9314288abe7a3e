//! An operation of a trace, made on a kernel, and its answer in the recorder's form.

use serde_json::{Map, Value, json};

use super::format::{Kind, Op, octal, open_flags, rename_flags};
use super::labels::{Labels, text};
use super::listing::{insert_content, kind_word, stat_fields};
use crate::kernel::{
    Device, Errno, FileType, Follow, Kernel, OpenFlags, RenameFlags, Result, Stat, Task, XattrMode, fs,
};

/// Makes the calls and says `{"ok": {…}}` or `{"err": "ENOENT"}`. `expected` is what was recorded, for inode labels.
pub(super) fn perform(
    kernel: &mut dyn Kernel,
    task: &Task,
    op: &Op,
    labels: &mut Labels,
    expected: &Value,
) -> Value {
    match answer(kernel, task, op, labels, expected) {
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
        Op::Truncate { path, size } => k.truncate(t, path, *size)?,
        Op::Rename { from, to, flags } => {
            let flags = flags.as_deref().map_or(RenameFlags::empty(), rename_flags);
            k.rename(t, from, to, flags)?;
        }
        Op::Link { from, to } => k.link(t, from, to)?,
        Op::Symlink { target, path } => k.symlink(t, target, path)?,
        Op::Readlink { path } => drop(ok.insert("target".into(), text(&k.readlink(t, path)?))),
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
            let mode = match flag.as_deref() {
                Some("create") => XattrMode::Create,
                Some("replace") => XattrMode::Replace,
                _ => XattrMode::Set,
            };
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
        // The replay's own.
        Op::Remount { .. } | Op::Reset { .. } => return Err(Errno::ENOSYS),
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

/// -1 keeps an id.
fn id(number: i64) -> Option<u32> {
    u32::try_from(number).ok()
}

fn how(follow: bool) -> Follow {
    if follow { Follow::Target } else { Follow::Link }
}

fn file_type(kind: Kind) -> FileType {
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
