//! What a line changed: the writable layers before and after, entry by entry.
//!
//! Only upper directories are walked, never a merged view: they hold what was written and nothing else, so the work is
//! bounded by what the learner did, not by the image's size. And only those are walked in which something changed since they
//! were looked at last, where the kernel can tell: a line's cost does not grow with the number of containers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{ChangeKind, LayerChange};
use crate::engine::{self, Engine, is_own_mount};
use crate::kernel::{ByteString, FileType, Kernel, Result, Stat, Task, fs, path};
use crate::map::Map;
use crate::overlay::{CopyUps, Cost};
use crate::program::{ContainerNames, World};

/// Inodes by `st_dev` and `st_ino`.
pub type Touched = BTreeSet<(u64, u64)>;

/// The entries of one upper directory, by their path from its root.
type Entries = BTreeMap<ByteString, SnapshotEntry>;

/// All writable layers as they stand, by the name that a person knows them by. A clone shares them.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot {
    layers: Map<String, Arc<Layer>>,
    /// The layer that an inode of an upper directory is in.
    inodes: Map<(u64, u64), Arc<str>>,
    /// The containers that there were.
    names: ContainerNames,
    /// Containers whose upper directory could not be read.
    unread: BTreeSet<String>,
    /// The upper directories of mounts that were made by hand.
    by_hand: BTreeSet<ByteString>,
}

/// What is known of an upper directory from the last walk, and what was touched since, where the kernel tells.
type Before<'a> = Option<(&'a Layer, &'a Touched)>;

#[derive(Debug, Default)]
struct Layer {
    /// The container that it belongs to; none for a mount made by hand.
    container: Option<String>,
    path: ByteString,
    /// The upper directory's `st_dev` and `st_ino`.
    upper: (u64, u64),
    entries: Entries,
}

impl Layer {
    /// Walks an upper directory. One that cannot be read (removed under its mount) has nothing to tell. Of an entry that was
    /// there before and was not touched, nothing is asked again.
    fn walk(
        kernel: &mut dyn Kernel,
        container: Option<String>,
        path: ByteString,
        before: Before<'_>,
    ) -> Option<Self> {
        let stat = kernel.stat(&Task::root(), &path).ok()?;
        let same = before.filter(|(layer, _)| layer.upper == (stat.dev, stat.ino));
        let entries = walk(kernel, &path, same.map(|(layer, touched)| (&layer.entries, touched))).ok()?;
        Some(Self { container, path, upper: (stat.dev, stat.ino), entries })
    }

    /// Its inodes. A new entry changes the directory that it is in.
    fn inodes(&self) -> impl Iterator<Item = (u64, u64)> {
        self.entries.values().map(|entry| (entry.stat.dev, entry.stat.ino)).chain([self.upper])
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct SnapshotEntry {
    stat: Stat,
    opaque: bool,
    origin: bool,
}

impl SnapshotEntry {
    /// Whether a person would call it unchanged. Times of access and numbers of links change by themselves.
    fn same(&self, other: &Self) -> bool {
        let key = |e: &Self| {
            let s = &e.stat;
            (s.kind, s.mode, s.uid, s.gid, s.rdev, e.opaque)
        };
        let content = |e: &Self| (e.stat.size, e.stat.mtime, e.stat.ino);
        key(self) == key(other) && (self.stat.is_dir() || content(self) == content(other))
    }
}

impl Snapshot {
    /// The writable layers as they stand now. `touched` is what changed since `self` was taken, where the kernel tells;
    /// a layer in which nothing did is not looked at again.
    pub(super) fn renew(
        &self,
        kernel: &mut dyn Kernel,
        world: &mut World,
        touched: Option<&Touched>,
    ) -> Self {
        let mut next = self.clone();
        next.names = Engine::new(kernel, world).and_then(|mut engine| engine.registry()).unwrap_or_default();
        let mut stale: BTreeSet<String> = std::mem::take(&mut next.unread);
        match touched {
            Some(touched) => {
                let layers = touched.iter().filter_map(|inode| self.inodes.get(inode));
                stale.extend(layers.map(ToString::to_string));
            }
            None => stale.extend(self.layers.keys().cloned()),
        }
        next.names.differs(&self.names, |name, _| {
            stale.insert(name.clone());
        });
        let (hand, own): (BTreeSet<String>, BTreeSet<String>) = stale
            .into_iter()
            .partition(|name| !next.names.contains_key(name) && !self.names.contains_key(name));
        for name in own {
            let id = next.names.get(&name).cloned();
            let is_there = id.is_some();
            let found = id.and_then(|id| {
                let old = self.layers.get(&name).filter(|layer| layer.container.as_ref() == Some(&id));
                let path = old.map(|layer| layer.path.clone()).or_else(|| upper_of(kernel, world, &id));
                Layer::walk(kernel, Some(id), path?, old.map(Arc::as_ref).zip(touched))
            });
            if is_there && found.is_none() {
                next.unread.insert(name.clone());
            }
            next.keep(&name, found);
        }
        // Docker's own mounts have the containers' upper directories; all others are made by hand.
        let mut by_hand = mounted_uppers(kernel);
        by_hand.retain(|path| !next.is_containers(kernel, path));
        for path in by_hand.union(&self.by_hand) {
            let name = path.to_text();
            if !by_hand.contains(path) {
                next.keep(&name, None);
            } else if hand.contains(&name) || !self.by_hand.contains(path) {
                let old = self.layers.get(&name).map(Arc::as_ref);
                let found = Layer::walk(kernel, None, path.clone(), old.zip(touched));
                next.keep(&name, found);
            }
        }
        next.by_hand = by_hand;
        next
    }

    /// Whether an upper directory is that of a container.
    fn is_containers(&self, kernel: &mut dyn Kernel, path: &ByteString) -> bool {
        let inode = kernel.stat(&Task::root(), path).map(|stat| (stat.dev, stat.ino));
        let layer = inode.ok().and_then(|inode| self.layers.get(&**self.inodes.get(&inode)?));
        layer.is_some_and(|layer| layer.container.is_some() && layer.path == *path)
    }

    /// Keeps what was found in a layer, or that there is none.
    fn keep(&mut self, name: &str, found: Option<Layer>) {
        let old = match &found {
            Some(_) => self.layers.get(name).cloned(),
            None => self.layers.remove(name),
        };
        for inode in old.iter().flat_map(|layer| layer.inodes()) {
            if self.inodes.get(&inode).is_some_and(|of| **of == *name) {
                self.inodes.remove(&inode);
            }
        }
        if let Some(layer) = found {
            let of: Arc<str> = name.into();
            for inode in layer.inodes() {
                self.inodes.insert(inode, Arc::clone(&of));
            }
            self.layers.insert(name.to_owned(), Arc::new(layer));
        }
    }

    /// What became of what, from `self` to `later`, sorted by layer and path. `copied` is what was copied up between
    /// them, from a kernel that tells.
    pub(super) fn changes(&self, later: &Self, copied: Option<&CopyUps>) -> Vec<LayerChange> {
        let none = Arc::new(Layer::default());
        let copied: Option<BTreeMap<_, _>> =
            copied.map(|copied| copied.list.iter().map(|one| ((one.upper, &one.path), one.bytes)).collect());
        let mut changes = Vec::new();
        later.layers.differs(&self.layers, |layer, old, there| {
            let old = old.unwrap_or(&none);
            let Some(there) = there.filter(|there| !Arc::ptr_eq(old, there)) else { return };
            let (before, Layer { upper, entries: after, .. }) = (&old.entries, &**there);
            let mut push = |path: &ByteString, kind, copied_up| {
                changes.push(LayerChange { layer: layer.clone(), path: path.clone(), kind, copied_up });
            };
            for (path, entry) in after {
                let old = before.get(path);
                if old.is_some_and(|old| old.same(entry)) {
                    continue;
                }
                let kind = match old {
                    _ if entry.stat.is_whiteout() => ChangeKind::Whiteout,
                    _ if entry.opaque && !old.is_some_and(|old| old.opaque) => ChangeKind::Opaque,
                    Some(old) if !old.stat.is_whiteout() => ChangeKind::Changed,
                    _ if entry.origin => ChangeKind::CopiedUp,
                    _ => ChangeKind::Added,
                };
                let bytes = match &copied {
                    Some(copied) => copied.get(&(*upper, path)).copied().unwrap_or(0),
                    None if kind == ChangeKind::CopiedUp && entry.stat.kind == FileType::File => {
                        entry.stat.size
                    }
                    None => 0,
                };
                push(path, kind, bytes);
            }
            for path in before.keys().filter(|path| !after.contains_key(*path)) {
                push(path, ChangeKind::Removed, 0);
            }
        });
        changes.sort();
        changes
    }
}

/// What changes tell of the cost where the kernel does not.
pub(super) fn cost(changes: &[LayerChange]) -> Cost {
    let copied = changes.iter().filter(|change| change.kind == ChangeKind::CopiedUp);
    copied.fold(Cost::default(), |sum, change| Cost {
        entries: sum.entries + 1,
        bytes: sum.bytes + change.copied_up,
    })
}

/// A container's upper directory.
fn upper_of(kernel: &mut dyn Kernel, world: &mut World, id: &str) -> Option<ByteString> {
    Engine::new(kernel, world).and_then(|mut engine| engine.upper_of(id)).ok()
}

/// The upper directories of all overlay mounts.
fn mounted_uppers(kernel: &mut dyn Kernel) -> BTreeSet<ByteString> {
    let mounts = kernel.mountinfo().unwrap_or_default();
    // What is mounted where Docker mounts is not made by hand.
    let overlays = mounts.iter().filter(|mount| mount.fstype == "overlay" && !is_own_mount(&mount.target));
    let options = overlays.flat_map(|mount| mount.options.split(|b| *b == b','));
    options.filter_map(|option| option.strip_prefix(b"upperdir=")).map(ByteString::from).collect()
}

fn walk(kernel: &mut dyn Kernel, upper: &[u8], before: Option<(&Entries, &Touched)>) -> Result<Entries> {
    let task = Task::root();
    let mut entries = Entries::new();
    let mut open = vec![ByteString::from("/")];
    while let Some(dir) = open.pop() {
        for name in fs::read_dir(kernel, &task, &path::join(upper, &dir[1..]))? {
            let inside = path::join(&dir, &name.name);
            let known = before.and_then(|(entries, touched)| {
                let entry = entries.get(&inside)?;
                let is_same = entry.stat.ino == name.ino && !touched.contains(&(entry.stat.dev, name.ino));
                is_same.then(|| entry.clone())
            });
            let entry = match known {
                Some(entry) => entry,
                None => {
                    let real = path::join(upper, &inside[1..]);
                    let stat = kernel.lstat(&task, &real)?;
                    let engine::Marks { opaque, origin } = engine::marks(kernel, &task, &real);
                    SnapshotEntry { stat, opaque, origin }
                }
            };
            if entry.stat.is_dir() {
                open.push(inside.clone());
            }
            entries.insert(inside, entry);
        }
    }
    Ok(entries)
}
