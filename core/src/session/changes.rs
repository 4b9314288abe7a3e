//! What a line changed: the writable layers before and after, entry by entry.
//!
//! Only upper directories are walked, never a merged view: they hold what was written and nothing else, so the work is
//! bounded by what the learner did, not by the image's size. And only those are walked in which something changed since they
//! were looked at last, where the kernel can tell: a line's cost does not grow with the number of containers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Change, ChangeKind};
use crate::engine::{self, Engine};
use crate::kernel::{ByteString, FileType, Kernel, Result, Stat, Task, fs, path};
use crate::overlay::{CopyUps, Cost};
use crate::program::World;

/// Inodes by `st_dev` and `st_ino`.
pub type Touched = BTreeSet<(u64, u64)>;

/// The entries of one upper directory, by their path from its root.
type Entries = BTreeMap<ByteString, Entry>;

/// All writable layers as they stand, by the name that a person knows them by. A clone shares them.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot {
    layers: Arc<BTreeMap<String, Arc<Layer>>>,
}

#[derive(Debug, Default)]
struct Layer {
    /// The container that it belongs to; none for a mount made by hand.
    container: Option<String>,
    path: ByteString,
    /// The upper directory's `st_dev` and `st_ino`.
    upper: (u64, u64),
    /// The lowest and the highest of its inodes.
    range: [(u64, u64); 2],
    entries: Entries,
}

impl Layer {
    /// Walks an upper directory. One that cannot be read (removed under its mount) has nothing to tell.
    fn walk(kernel: &mut dyn Kernel, container: Option<String>, path: ByteString) -> Option<Self> {
        let stat = kernel.stat(&Task::root(), &path).ok()?;
        let entries = walk(kernel, &path).ok()?;
        let upper = (stat.dev, stat.ino);
        let mut range = [upper, upper];
        for entry in entries.values() {
            let inode = (entry.stat.dev, entry.stat.ino);
            range = [range[0].min(inode), range[1].max(inode)];
        }
        Some(Self { container, path, upper, range, entries })
    }

    /// Whether one of these inodes is its own. A new entry changes the directory that it is in.
    fn is_touched(&self, touched: &Touched) -> bool {
        let [lowest, highest] = self.range;
        let mut within = touched.range(lowest..=highest).peekable();
        within.peek().is_some()
            && within.any(|inode| {
                *inode == self.upper || self.entries.values().any(|e| (e.stat.dev, e.stat.ino) == *inode)
            })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    stat: Stat,
    opaque: bool,
    origin: bool,
}

impl Entry {
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
    /// a layer in which nothing did is not walked again.
    pub(super) fn renew(
        &self,
        kernel: &mut dyn Kernel,
        world: &mut World,
        touched: Option<&Touched>,
    ) -> Self {
        let mut layers = Arc::clone(&self.layers);
        let names = Engine::new(kernel, world).and_then(|mut engine| engine.registry()).unwrap_or_default();
        for (name, id) in names.iter() {
            let old = self.layers.get(name).filter(|layer| layer.container.as_ref() == Some(id));
            if let Some(layer) = old
                && touched.is_some_and(|touched| !layer.is_touched(touched))
            {
                continue;
            }
            let path = old.map(|layer| layer.path.clone()).or_else(|| upper_of(kernel, world, id));
            let walked = path.and_then(|path| Layer::walk(kernel, Some(id.clone()), path));
            keep(&mut layers, name, walked);
        }
        let own = |layers: &BTreeMap<String, Arc<Layer>>| -> BTreeSet<ByteString> {
            layers
                .values()
                .filter(|layer| layer.container.is_some())
                .map(|layer| layer.path.clone())
                .collect()
        };
        // Docker's own mounts have the containers' upper directories; all others are made by hand.
        let mut by_hand = mounted_uppers(kernel);
        if !by_hand.is_empty() {
            let own = own(&layers);
            by_hand.retain(|path| !own.contains(path));
        }
        for path in &by_hand {
            let name = path.to_text();
            let old = self.layers.get(&name).filter(|layer| layer.container.is_none());
            if old.is_none_or(|layer| touched.is_none_or(|touched| layer.is_touched(touched))) {
                keep(&mut layers, &name, Layer::walk(kernel, None, path.clone()));
            }
        }
        let is_there = |name: &String, layer: &Arc<Layer>| match &layer.container {
            Some(id) => names.get(name) == Some(id),
            None => by_hand.contains(&layer.path),
        };
        if layers.iter().any(|(name, layer)| !is_there(name, layer)) {
            Arc::make_mut(&mut layers).retain(|name, layer| is_there(name, layer));
        }
        Self { layers }
    }

    /// What became of what, from `self` to `later`, sorted by layer and path. `copied` is what was copied up between
    /// them, from a kernel that tells.
    pub(super) fn changes(&self, later: &Self, copied: Option<&CopyUps>) -> Vec<Change> {
        let none = Arc::new(Layer::default());
        let copied: Option<BTreeMap<_, _>> =
            copied.map(|copied| copied.list.iter().map(|one| ((one.upper, &one.path), one.bytes)).collect());
        let mut changes = Vec::new();
        for (layer, there) in later.layers.iter() {
            let old = self.layers.get(layer).unwrap_or(&none);
            if Arc::ptr_eq(old, there) {
                continue;
            }
            let (before, Layer { upper, entries: after, .. }) = (&old.entries, &**there);
            let mut push = |path: &ByteString, kind, copied_up| {
                changes.push(Change { layer: layer.clone(), path: path.clone(), kind, copied_up });
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
        }
        changes.sort();
        changes
    }
}

/// What changes tell of the cost where the kernel does not.
pub(super) fn cost(changes: &[Change]) -> Cost {
    let copied = changes.iter().filter(|change| change.kind == ChangeKind::CopiedUp);
    copied.fold(Cost::default(), |sum, change| Cost {
        entries: sum.entries + 1,
        bytes: sum.bytes + change.copied_up,
    })
}

/// Keeps what was found in a layer, or that there is none.
fn keep(layers: &mut Arc<BTreeMap<String, Arc<Layer>>>, name: &str, found: Option<Layer>) {
    let layers = Arc::make_mut(layers);
    match found {
        Some(layer) => drop(layers.insert(name.to_owned(), Arc::new(layer))),
        None => drop(layers.remove(name)),
    }
}

/// A container's upper directory.
fn upper_of(kernel: &mut dyn Kernel, world: &mut World, id: &str) -> Option<ByteString> {
    Engine::new(kernel, world).and_then(|mut engine| engine.upper_of(id)).ok()
}

/// The upper directories of all overlay mounts.
fn mounted_uppers(kernel: &mut dyn Kernel) -> BTreeSet<ByteString> {
    let mounts = kernel.mountinfo().unwrap_or_default();
    let overlays = mounts.iter().filter(|mount| mount.fstype == "overlay");
    let options = overlays.flat_map(|mount| mount.options.split(|b| *b == b','));
    options.filter_map(|option| option.strip_prefix(b"upperdir=")).map(ByteString::from).collect()
}

fn walk(kernel: &mut dyn Kernel, upper: &[u8]) -> Result<Entries> {
    let task = Task::root();
    let mut entries = Entries::new();
    let mut open = vec![ByteString::from("/")];
    while let Some(dir) = open.pop() {
        for name in fs::read_dir(kernel, &task, &path::join(upper, &dir[1..]))? {
            let inside = path::join(&dir, &name.name);
            let real = path::join(upper, &inside[1..]);
            let stat = kernel.lstat(&task, &real)?;
            let is_dir = stat.is_dir();
            let engine::Marks { opaque, origin } = engine::marks(kernel, &task, &real);
            if is_dir {
                open.push(inside.clone());
            }
            entries.insert(inside, Entry { stat, opaque, origin });
        }
    }
    Ok(entries)
}
