//! `docker diff`: the container's tree compared with the image's, by what `stat` tells (`pkg/archive/changes.go`; facts.md,
//! "diff is not what commit stores"; oracle: diff-*).

use std::cmp::Ordering;

use super::Engine;
use super::error::{Named as _, Result};
use crate::kernel::{ByteString, Kernel, Stat, Task, Timespec, fs, path};

/// What happened to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// `C`
    Modified,
    /// `A`
    Added,
    /// `D`
    Deleted,
}

impl ChangeKind {
    /// Docker's letter.
    pub fn letter(self) -> char {
        match self {
            Self::Modified => 'C',
            Self::Added => 'A',
            Self::Deleted => 'D',
        }
    }
}

/// One line of `docker diff`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The path in the container, absolute.
    pub path: ByteString,
    /// What happened to it.
    pub kind: ChangeKind,
}

impl Engine<'_> {
    /// What differs between a container's tree and its image with Docker's own mount points, sorted by path.
    pub fn changes(&mut self, container: &str) -> Result<Vec<FileChange>> {
        let init = self.mount_id(container)?;
        let init = self.layers().init_key(&init);
        self.with_bare_view(container, |engine, new| {
            let old = engine.layers().mount(engine, &init);
            let result = old.and_then(|old| compare(engine.kernel, old.as_bytes(), new.as_bytes()));
            engine.layers().unmount(engine, &init)?;
            result
        })
    }
}

/// A directory that is in at least one of the two trees and is still to be looked at.
struct Open {
    path: ByteString,
    in_old: bool,
    in_new: bool,
    /// Where its own line stands, if it has one.
    listed: bool,
    parent: Option<usize>,
}

/// Compares two trees. Both are walked with names in order, so that the lines come out sorted by path once the parents
/// that only hold changes are put in.
fn compare(kernel: &mut dyn Kernel, old: &[u8], new: &[u8]) -> Result<Vec<FileChange>> {
    let mut changes = Vec::new();
    let mut dirs = vec![Open { path: "/".into(), in_old: true, in_new: true, listed: true, parent: None }];
    let mut at = 0;
    while at < dirs.len() {
        let (dir, in_old, in_new) = (dirs[at].path.clone(), dirs[at].in_old, dirs[at].in_new);
        let old_names = if in_old { list(kernel, old, &dir)? } else { Vec::new() };
        let new_names = if in_new { list(kernel, new, &dir)? } else { Vec::new() };
        for name in merge(old_names, new_names) {
            let path = path::join(&dir, &name);
            let before = if in_old { look(kernel, old, &path)? } else { None };
            let after = if in_new { look(kernel, new, &path)? } else { None };
            let kind = match (&before, &after) {
                (None, None) => continue,
                (None, Some(_)) => Some(ChangeKind::Added),
                (Some(_), None) => Some(ChangeKind::Deleted),
                (Some(before), Some(after)) => differs(before, after).then_some(ChangeKind::Modified),
            };
            if let Some(kind) = kind {
                changes.push(FileChange { path: path.clone(), kind });
                // A change makes its parents lines of their own, up to one that is a line already.
                let mut parent = Some(at);
                while let Some(index) = parent {
                    let dir = &mut dirs[index];
                    if dir.listed {
                        break;
                    }
                    dir.listed = true;
                    changes.push(FileChange { path: dir.path.clone(), kind: ChangeKind::Modified });
                    parent = dir.parent;
                }
            }
            // A directory that is no directory any more is one change, whatever was in it.
            if let Some(after) = &after
                && after.is_dir()
            {
                let in_old = before.as_ref().is_some_and(Stat::is_dir);
                dirs.push(Open { path, in_old, in_new: true, listed: kind.is_some(), parent: Some(at) });
            }
        }
        at += 1;
    }
    changes.sort_by(|a, b| by_path(&a.path, &b.path));
    Ok(changes)
}

/// Parents before their children, names by their bytes.
fn by_path(a: &[u8], b: &[u8]) -> Ordering {
    path::components(a).cmp(path::components(b))
}

fn list(kernel: &mut dyn Kernel, root: &[u8], dir: &[u8]) -> Result<Vec<ByteString>> {
    let task = Task::root().chrooted(root);
    let entries = fs::read_dir_sorted(kernel, &task, dir).named("open", dir)?;
    Ok(entries.into_iter().map(|entry| entry.name).collect())
}

/// A name that is listed and cannot be found (a ghost: facts.md) is not there.
fn look(kernel: &mut dyn Kernel, root: &[u8], path: &[u8]) -> Result<Option<Stat>> {
    let task = Task::root().chrooted(root);
    fs::lstat_opt(kernel, &task, path).named("lstat", path)
}

fn merge(old: Vec<ByteString>, new: Vec<ByteString>) -> Vec<ByteString> {
    let mut names = old;
    names.extend(new);
    names.sort();
    names.dedup();
    names
}

/// Docker's `statDifferent`: mode, owner, device; for all but directories also size and time of change.
fn differs(old: &Stat, new: &Stat) -> bool {
    old.kind != new.kind
        || old.mode != new.mode
        || (old.uid, old.gid) != (new.uid, new.gid)
        || old.rdev != new.rdev
        || (!old.is_dir() && (old.size != new.size || !same_time(old.mtime, new.mtime)))
}

/// A time without nanoseconds came out of a tar and equals any time within its second (`sameFsTime`).
fn same_time(a: Timespec, b: Timespec) -> bool {
    a.sec == b.sec && (a.nsec == b.nsec || a.nsec == 0 || b.nsec == 0)
}
