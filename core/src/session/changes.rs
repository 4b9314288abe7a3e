//! What a line changed: the writable layers before and after, entry by entry.
//!
//! Only upper directories are walked, never a merged view: they hold what was written and nothing else, so the work is
//! bounded by what the learner did, not by the image's size.

use std::collections::BTreeMap;

use super::{Change, ChangeKind};
use crate::engine::{self, Engine};
use crate::kernel::{ByteString, FileType, Kernel, Result, Stat, Task, fs, path};
use crate::overlay::{CopyUps, Cost};
use crate::program::World;

/// The entries of one upper directory, by their path from its root.
type Entries = BTreeMap<ByteString, Entry>;

/// All writable layers as they stand, by the name that a person knows them by.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot {
    layers: BTreeMap<String, Layer>,
}

#[derive(Debug, Clone, Default)]
struct Layer {
    /// The upper directory's `st_dev` and `st_ino`.
    upper: (u64, u64),
    entries: Entries,
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
    /// Walks every upper directory that a container or a mount made by hand writes to.
    pub(super) fn take(kernel: &mut dyn Kernel, world: &mut World) -> Self {
        let mut layers = BTreeMap::new();
        for (name, upper) in upper_directories(kernel, world) {
            // An upper directory that cannot be read (removed under its mount) has nothing to tell.
            if let (Ok(stat), Ok(entries)) = (kernel.stat(&Task::root(), &upper), walk(kernel, &upper)) {
                layers.insert(name, Layer { upper: (stat.dev, stat.ino), entries });
            }
        }
        Self { layers }
    }

    /// What became of what, from `self` to `later`, sorted by layer and path. `copied` is what was copied up between
    /// them, from a kernel that tells.
    pub(super) fn changes(&self, later: &Self, copied: Option<&CopyUps>) -> Vec<Change> {
        let none = Layer::default();
        let copied: Option<BTreeMap<_, _>> =
            copied.map(|copied| copied.list.iter().map(|one| ((one.upper, &one.path), one.bytes)).collect());
        let mut changes = Vec::new();
        for (layer, Layer { upper, entries: after }) in &later.layers {
            let before = &self.layers.get(layer).unwrap_or(&none).entries;
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

/// The upper directories, by name: a container's own, and those of overlay mounts made by hand.
fn upper_directories(kernel: &mut dyn Kernel, world: &mut World) -> BTreeMap<String, ByteString> {
    let mut found: BTreeMap<String, ByteString> = BTreeMap::new();
    let mounts = kernel.mountinfo().unwrap_or_default();
    for mount in mounts.iter().filter(|m| m.fstype == "overlay") {
        let upper = mount.options.split(|b| *b == b',').find_map(|option| option.strip_prefix(b"upperdir="));
        if let Some(upper) = upper {
            found.insert(String::from_utf8_lossy(upper).into_owned(), upper.into());
        }
    }
    let layers = Engine::new(kernel, world).map(|mut engine| engine.writable_layers()).unwrap_or_default();
    for layer in layers {
        // Docker mounts by short links; what they lead to is the same directory.
        found.retain(|_, upper| *upper != layer.upper);
        found.insert(layer.container, layer.upper);
    }
    found
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
