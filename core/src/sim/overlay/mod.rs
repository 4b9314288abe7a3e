//! Overlay mounts, as Linux 6.x makes them with `redirect_dir=off,index=off,metacopy=off`.
//!
//! As in the kernel, a mount keeps a tree of nodes (its dentries): what a name was found to be when it was first looked
//! up, and what became of it since. Layers are directories of other file systems; what is changed, is changed in the
//! upper one, on a plain disk, and holds there what Linux stores.

mod listing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) use listing::{KeptListing, LowerListings, Version};

use super::names::{Name, Names};
use super::place::Node;
use super::table::Table;
use crate::kernel::{Errno, Fd, FileType, Result};
use crate::overlay::Lower;

/// The prefix of overlayfs's own attributes.
pub(crate) const PREFIX: &[u8] = b"trusted.overlay.";
/// The prefix of an attribute of an overlay that stands on an overlay.
pub(crate) const ESCAPED: &[u8] = b"trusted.overlay.overlay.";
pub(crate) const OPAQUE: &[u8] = b"trusted.overlay.opaque";
pub(crate) const ORIGIN: &[u8] = b"trusted.overlay.origin";
pub(crate) const IMPURE: &[u8] = b"trusted.overlay.impure";
pub(crate) const REDIRECT: &[u8] = b"trusted.overlay.redirect";
pub(crate) const WHITEOUT: &[u8] = b"trusted.overlay.whiteout";
pub(crate) const UUID: &[u8] = b"trusted.overlay.uuid";

/// The number of the root's node.
pub(crate) const ROOT: u64 = 1;

/// What becomes of directories that are moved, and of those that were (`redirect_dir=`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Redirect {
    /// One with lower parts can be moved: an attribute tells where those are.
    On,
    /// It cannot be moved; the attribute is followed where it is found.
    #[default]
    Follow,
    /// What is found of these is refused.
    NoFollow,
}

/// Whether anything can be written, whatever a mount of it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writes {
    /// It can.
    On,
    /// Not until it is mounted again for writing.
    Off,
    /// Not at all: there is no upper directory, or none to work in.
    Never,
}

/// The part of a mount that can be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Upper {
    /// The upper directory.
    pub(crate) root: Node,
    /// The work directory.
    pub(crate) base: Node,
    /// `work/` in it; the directory itself where that could not be made.
    pub(crate) work: Node,
    /// The whiteout in `work/` that others are links to.
    pub(crate) whiteout: Option<u64>,
    /// The last number of a temporary name in `work/`.
    pub(crate) temp: u32,
}

/// What a name is in the mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Child {
    /// This node, of this kind.
    There(u64, FileType),
    /// Nothing; the upper directory may have a whiteout for it.
    Missing { whiteout: bool },
}

impl Child {
    /// Returns the node, if there is one.
    pub(crate) fn node(self) -> Option<u64> {
        match self {
            Self::There(id, _) => Some(id),
            Self::Missing { .. } => None,
        }
    }
}

/// A dentry of the mount with its inode.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "they are the kernel's flags, each on its own")]
pub(crate) struct Dentry {
    pub(crate) parent: u64,
    pub(crate) name: Name,
    pub(crate) kind: FileType,
    /// In the upper layer.
    pub(crate) upper: Option<u64>,
    /// In the lower layers: parts of a directory, or the origin of a file.
    pub(crate) lower: Option<Arc<[Lower<Node>]>>,
    /// Nothing below counts.
    pub(crate) opaque: bool,
    /// Listings must look for whiteouts.
    pub(crate) whiteouts: bool,
    /// Some of those may be attributes.
    pub(crate) xwhiteouts: bool,
    /// `st_ino` is the lower one's, before copy-up and after.
    pub(crate) const_ino: bool,
    /// Whether its parent leads to it.
    pub(crate) hashed: bool,
    /// Its file was removed, and is found again because an open one was copied up: it takes no further name.
    pub(crate) removed: bool,
    pub(crate) children: Names<Child>,
}

impl Dentry {
    pub(crate) fn lower(&self) -> &[Lower<Node>] {
        self.lower.as_deref().unwrap_or_default()
    }

    pub(crate) fn is_dir(&self) -> bool {
        self.kind == FileType::Dir
    }

    /// A directory of several parts.
    pub(crate) fn merged(&self) -> bool {
        self.is_dir() && self.lower().len() + usize::from(self.upper.is_some()) > 1
    }

    /// What cannot be moved where redirects are off.
    pub(crate) fn merged_or_lower(&self) -> bool {
        self.upper.is_none() || self.merged()
    }

    /// Copied up from something whose number it keeps.
    pub(crate) fn has_origin(&self) -> bool {
        self.upper.is_some() && !self.lower().is_empty() && self.const_ino
    }
}

/// An overlay file system.
#[derive(Debug, Clone)]
pub(crate) struct Overlay {
    pub(crate) upper: Option<Upper>,
    /// The roots of the lower layers, topmost first.
    pub(crate) lower: Arc<[Node]>,
    /// The roots of the data-only layers: kept there, never looked into.
    pub(crate) data: Arc<[Node]>,
    /// Whether all layers are on one file system.
    pub(crate) same_fs: bool,
    /// The file systems of the layers, that of the upper directory first.
    pub(crate) file_systems: Arc<[Option<u32>]>,
    /// How many high bits of a file's number tell its file system; none where that is off.
    pub(crate) xino_bits: u32,
    pub(crate) redirect: Redirect,
    /// Options are in use with which layers may not be changed while nothing is mounted.
    pub(crate) trusts_layers: bool,
    pub(crate) writes: Writes,
    /// Overlays below it.
    pub(crate) depth: u32,
    /// Layers in which a directory with `opaque=x` was found.
    pub(crate) xwhiteout_layers: Vec<usize>,
    /// Merged listings that descriptors hold.
    pub(crate) listings: BTreeMap<u64, KeptListing>,
    pub(crate) lower_listings: LowerListings,
    pub(crate) dentries: Table<Dentry>,
    /// The nodes of files that were copied up, by the number of what they were copied from: one file is one file.
    pub(crate) copies: Table<u64>,
    /// What names of the mount stand for though the upper directory has something else there.
    pub(crate) displaced: BTreeSet<u64>,
    pub(crate) next: u64,
}

impl Overlay {
    pub(crate) fn dentry(&self, id: u64) -> Result<&Dentry> {
        self.dentries.get(id).ok_or(Errno::ESTALE)
    }

    pub(crate) fn dentry_mut(&mut self, id: u64) -> Result<&mut Dentry> {
        self.dentries.get_mut(id).ok_or(Errno::ESTALE)
    }

    /// What is known of a name, without a look at the layers.
    pub(crate) fn known(&self, dir: u64, name: &[u8]) -> Result<Option<Child>> {
        Ok(self.dentry(dir)?.children.get(name).copied())
    }

    /// The file systems that its layers are on.
    pub(crate) fn uses(&self) -> impl Iterator<Item = u32> {
        let layers = self.lower.iter().chain(self.data.iter());
        self.upper.iter().map(|u| u.root.fs).chain(layers.map(|n| n.fs))
    }

    /// The inodes that names stand for though the upper directory has something else there.
    pub(crate) fn displaced_nodes(&self) -> impl Iterator<Item = Node> + '_ {
        let fs = self.upper.as_ref().map(|upper| upper.root.fs);
        self.displaced.iter().filter_map(move |id| Some(Node { fs: fs?, id: *id }))
    }

    pub(crate) fn upper_fs(&self) -> Result<u32> {
        self.upper.as_ref().map(|u| u.root.fs).ok_or(Errno::EROFS)
    }

    /// The node that has the attributes and the content: upper, or topmost lower.
    pub(crate) fn real(&self, id: u64) -> Result<Node> {
        let dentry = self.dentry(id)?;
        match (dentry.upper, dentry.lower()) {
            (Some(upper), _) => Ok(Node { fs: self.upper_fs()?, id: upper }),
            (None, [first, ..]) => Ok(first.node),
            (None, []) => Err(Errno::ESTALE),
        }
    }

    pub(crate) fn parent(&self, id: u64) -> Result<u64> {
        Ok(self.dentry(id)?.parent)
    }

    /// Whether the node still has its name: a removed directory lists nothing, whatever is below it.
    pub(crate) fn is_hashed(&self, id: u64) -> bool {
        self.dentries.get(id).is_some_and(|dentry| dentry.hashed)
    }

    /// Whether one node is, or was when it was removed, in another.
    pub(crate) fn is_above(&self, above: u64, id: u64) -> bool {
        let mut at = id;
        while let Some(dentry) = self.dentries.get(at) {
            if dentry.parent == above {
                return true;
            }
            if dentry.parent == at {
                return false;
            }
            at = dentry.parent;
        }
        false
    }

    pub(crate) fn name_of(&self, id: u64) -> Result<&[u8]> {
        Ok(&self.dentry(id)?.name)
    }

    pub(crate) fn upper_of(&self, id: u64) -> Result<Option<Node>> {
        let fs = self.upper.as_ref().map(|u| u.root.fs);
        Ok(self.dentry(id)?.upper.zip(fs).map(|(id, fs)| Node { fs, id }))
    }

    /// The name is looked up anew next time.
    pub(crate) fn forget_name(&mut self, parent: u64, name: &[u8]) {
        if let Some(dir) = self.dentries.get_mut(parent) {
            dir.children.remove(name);
        }
    }

    /// Takes a dentry out of the tree. It stays while `held`; so do its parents, which the caller keeps.
    pub(crate) fn unhash(&mut self, id: u64, held: bool) {
        let Some(dentry) = self.dentries.get_mut(id) else { return };
        dentry.hashed = false;
        let (parent, name) = (dentry.parent, dentry.name.clone());
        let children = std::mem::take(&mut dentry.children);
        if let Some(dir) = self.dentries.get_mut(parent)
            && dir.children.get(&name).is_some_and(|child| child.node() == Some(id))
        {
            dir.children.remove(&name);
        }
        // What was below an emptied directory is unreachable.
        let mut todo: Vec<u64> = nodes(&children);
        while let Some(id) = todo.pop() {
            if let Some(gone) = self.dentries.remove(id) {
                todo.extend(nodes(&gone.children));
            }
        }
        if !held {
            self.dentries.remove(id);
        }
    }

    /// Forgets what is known of names, but for what `kept` (held by descriptors) needs: a layer was changed directly,
    /// of which the kernel's document says that the result is undefined. Here the next look-up sees the change.
    pub(crate) fn forget(&mut self, kept: &[u64]) {
        let mut keep = BTreeSet::from([ROOT]);
        for id in kept {
            let mut at = *id;
            while keep.insert(at) {
                at = self.dentries.get(at).map_or(ROOT, |d| d.parent);
            }
        }
        let mut dentries = Table::default();
        for id in &keep {
            let Some(dentry) = self.dentries.get(*id) else { continue };
            let mut dentry = dentry.clone();
            let mut children = Names::default();
            for (name, child) in dentry.children.iter() {
                if child.node().is_some_and(|id| keep.contains(&id)) {
                    children.insert(name, *child);
                }
            }
            dentry.children = children;
            dentries.insert(*id, dentry);
        }
        let stands = |upper: &u64| dentries.iter().any(|(_, dentry)| dentry.upper == Some(*upper));
        self.displaced.retain(|upper| stands(upper));
        self.dentries = dentries;
    }

    /// Forgets a dentry that is out of the tree and no longer held. Returns its parent then, which it may have held.
    pub(crate) fn let_go(&mut self, id: u64) -> Option<u64> {
        if self.dentries.get(id).is_none_or(|d| d.hashed) {
            return None;
        }
        self.dentries.remove(id).map(|dentry| dentry.parent)
    }

    /// A name was made or removed.
    pub(crate) fn changed(&mut self, dir: u64) {
        if !self.listings.is_empty() {
            self.listings.remove(&dir);
        }
    }

    /// A descriptor is closed; with the last one its listing goes.
    pub(crate) fn close_listing(&mut self, dir: u64, fd: Fd) {
        if let Some(kept) = self.listings.get_mut(&dir) {
            kept.readers.remove(&fd);
            if kept.readers.is_empty() {
                self.listings.remove(&dir);
            }
        }
    }
}

fn nodes(children: &Names<Child>) -> Vec<u64> {
    children.iter().filter_map(|(_, child)| child.node()).collect()
}
