//! Which paths a stack shows: what was written and what is deleted first, then a sample of the rest in which every layer
//! has its turn.

use std::collections::{BTreeMap, BTreeSet};

use super::Column;
use crate::engine::marks;
use crate::kernel::{ByteString, Errno, FileType, Stat, Task, fs, path};
use crate::overlay::Directories;

/// How many entries of a layer are looked at: the choice is a sample, and a screen must not wait for it.
const WALK: usize = 3_000;
/// How many paths of one directory the sample takes before it looks elsewhere.
const PER_DIRECTORY: usize = 4;
/// How many new paths of one directory stand before the sample; a service's start makes more than a learner wants to see.
const NEW_PER_DIRECTORY: usize = 2;

/// The columns of a stack.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub(super) columns: Vec<Column>,
    /// How many of them were written to or deleted.
    pub(super) changed: usize,
    /// Whether there are paths besides.
    pub(super) more: bool,
}

/// An entry of a layer.
struct Found {
    path: ByteString,
    stat: Stat,
    opaque: bool,
}

/// Chooses at most `limit` columns; `wanted` is always among them if any layer has it.
pub(super) fn choose(
    dirs: &mut Directories<'_>,
    limit: usize,
    wanted: Option<&ByteString>,
) -> Result<Choice, Errno> {
    let mut changed: BTreeMap<ByteString, bool> = BTreeMap::new();
    let mut crowd: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let mut new = Vec::new();
    let mut rest: Vec<Vec<(ByteString, bool)>> = Vec::new();
    let mut more = false;
    let has_upper = dirs.upper.is_some();
    for layer in dirs.numbers() {
        let (entries, all) = walk(dirs, layer)?;
        more |= !all;
        let mut plain = Vec::new();
        for Found { path, stat, opaque } in entries {
            let dir = stat.is_dir();
            if stat.is_whiteout() || opaque || (layer == 0 && is_written(dirs, &path, &stat)?) {
                let below = below(dirs, layer, &path);
                let was_dir = dir || below.as_ref().is_some_and(Stat::is_dir);
                let neighbours = crowd.entry(path::parent(&path).to_vec()).or_default();
                *neighbours += usize::from(below.is_none());
                if below.is_none() && *neighbours > NEW_PER_DIRECTORY && wanted != Some(&path) {
                    new.push((path, was_dir));
                } else {
                    changed.insert(path, was_dir);
                }
            } else if !dir && layer > 0 {
                plain.push((path, false));
            }
        }
        rest.push(plain);
    }
    // Docker's own layer below the writable one tells a learner little: it comes last.
    if has_upper && dirs.lower.len() > 1 {
        let init = rest.remove(1);
        rest.push(init);
    }
    if let Some(wanted) = wanted.filter(|path| !changed.contains_key(*path)) {
        let stat = dirs.numbers().find_map(|layer| dirs.entry(layer, wanted));
        if let Some(stat) = stat {
            rest.insert(0, vec![(wanted.clone(), stat.is_dir())]);
        }
    }
    let count = changed.len();
    let mut columns: Vec<Column> =
        changed.into_iter().map(|(path, dir)| Column { path, dir }).take(limit).collect();
    let shown: BTreeSet<ByteString> = columns.iter().map(|column| column.path.clone()).collect();
    let room = limit - columns.len();
    // What is new beyond the first of a directory stands behind the sample, and takes no more than a third of its place.
    let (sample, left) = sample(rest, room - new.len().min(room / 3), shown);
    let changed = columns.len();
    columns.extend(sample.into_iter().chain(new.iter().cloned()).map(|(path, dir)| Column { path, dir }));
    more |= left || count > changed || columns.len() > limit;
    columns.truncate(limit);
    Ok(Choice { columns, changed, more })
}

/// Takes one path of each layer in turn, and from each directory only a few, so that the first columns show something of
/// every layer; a turn's paths stand in their own order.
fn sample(
    layers: Vec<Vec<(ByteString, bool)>>,
    limit: usize,
    mut shown: BTreeSet<ByteString>,
) -> (Vec<(ByteString, bool)>, bool) {
    let mut taken = Vec::new();
    let mut crowd: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let mut passed = Vec::new();
    let mut queues: Vec<_> = layers.into_iter().map(Vec::into_iter).collect();
    let mut left = false;
    while !queues.is_empty() {
        let turn = taken.len();
        queues.retain_mut(|queue| {
            for (path, dir) in queue.by_ref() {
                if !shown.insert(path.clone()) {
                    continue;
                }
                if taken.len() >= limit {
                    left = true;
                    return false;
                }
                let neighbours = crowd.entry(path::parent(&path).to_vec()).or_default();
                *neighbours += 1;
                if *neighbours > PER_DIRECTORY {
                    passed.push((path, dir));
                    continue;
                }
                taken.push((path, dir));
                return true;
            }
            false
        });
        taken[turn..].sort();
    }
    let room = limit - taken.len();
    left |= passed.len() > room;
    passed.sort();
    taken.extend(passed.into_iter().take(room));
    (taken, left)
}

/// Whether an entry of the upper directory is more than a directory copied up to hold another: overlay.md, 12.
fn is_written(dirs: &mut Directories<'_>, path: &[u8], stat: &Stat) -> Result<bool, Errno> {
    if !stat.is_dir() {
        return Ok(true);
    }
    let below = dirs.sight_below(path)?.providers.first().copied();
    let old = below.and_then(|layer| dirs.entry(layer, path));
    Ok(old.is_none_or(|old| {
        (old.kind, old.mode, old.uid, old.gid) != (stat.kind, stat.mode, stat.uid, stat.gid)
    }))
}

/// What a path is in the highest layer below this one that has it.
fn below(dirs: &mut Directories<'_>, layer: usize, path: &[u8]) -> Option<Stat> {
    let mut below = dirs.numbers().filter(|number| *number > layer);
    below.find_map(|number| dirs.entry(number, path))
}

/// The entries of a layer, shallow ones first, and whether these are all.
fn walk(dirs: &mut Directories<'_>, layer: usize) -> Result<(Vec<Found>, bool), Errno> {
    let Some(root) = dirs.dir(layer).cloned() else { return Ok((Vec::new(), true)) };
    let task = Task::root();
    let mut found = Vec::new();
    let mut open = std::collections::VecDeque::from([ByteString::from("/")]);
    while let Some(dir) = open.pop_front() {
        let real = path::join(&root, &dir[1..]);
        let entries = match fs::read_dir_sorted(dirs.kernel, &task, &real) {
            Ok(entries) => entries,
            // The directory of a mount made by hand may be gone by now.
            Err(Errno::ENOENT | Errno::ENOTDIR) => continue,
            Err(errno) => return Err(errno),
        };
        for entry in entries {
            if found.len() >= WALK {
                return Ok((found, false));
            }
            let inside = path::join(&dir, &entry.name);
            let at = path::join(&root, &inside[1..]);
            let Some(stat) = fs::lstat_opt(dirs.kernel, &task, &at)? else { continue };
            let opaque = stat.kind == FileType::Dir && marks(dirs.kernel, &task, &at).opaque;
            if stat.is_dir() {
                open.push_back(inside.clone());
            }
            found.push(Found { path: inside, stat, opaque });
        }
    }
    Ok((found, true))
}

/// Bytes of the regular files of a layer, as far as it is walked.
pub(super) fn size(dirs: &mut Directories<'_>, layer: usize) -> u64 {
    let entries = walk(dirs, layer).map(|(entries, _)| entries).unwrap_or_default();
    entries.iter().filter(|entry| entry.stat.kind == FileType::File).map(|entry| entry.stat.size).sum()
}
