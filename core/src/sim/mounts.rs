//! The mount table: what is mounted where.

use triomphe::Arc;

use super::place::{Node, Pos};
use crate::kernel::{ByteString, MountFlags};
use crate::map::Map;

/// A mount.
#[derive(Debug, Clone)]
pub(crate) struct Mount {
    /// What it covers; its own root for the first mount.
    pub(crate) over: Pos,
    /// The directory (or file, for a bind mount) that it shows.
    pub(crate) root: Node,
    pub(crate) flags: MountFlags,
    pub(crate) source: ByteString,
    /// What it shows of its file system: a path inside that.
    pub(crate) within: ByteString,
    /// The path at which it was made, in the kernel's tree.
    pub(crate) target: ByteString,
    pub(crate) fstype: ByteString,
    /// The file system's own options, after `rw,relatime`.
    pub(crate) options: ByteString,
}

impl Mount {
    pub(crate) fn read_only(&self) -> bool {
        self.flags.contains(MountFlags::RDONLY)
    }
}

/// Mounts by number, which is also the order in which they were made.
#[derive(Debug, Clone)]
pub(crate) struct Mounts {
    list: Map<u32, Arc<Mount>>,
    /// What is mounted at a place, sorted by places: a few.
    places: Vec<(Pos, u32)>,
    next: u32,
}

impl Mounts {
    /// The number of the first mount.
    pub(crate) const ROOT: u32 = 0;

    /// The first mount, of the lab's disk.
    pub(crate) fn new(root: Node) -> Self {
        let mount = Mount {
            over: Pos { mount: Self::ROOT, node: root },
            root,
            flags: MountFlags::empty(),
            source: "lab".into(),
            within: "/".into(),
            target: "/".into(),
            fstype: "tmpfs".into(),
            options: ByteString::new(),
        };
        Self { list: [(Self::ROOT, Arc::new(mount))].into_iter().collect(), places: Vec::new(), next: 1 }
    }

    pub(crate) fn get(&self, id: u32) -> Option<&Mount> {
        self.list.get(&id).map(|mount| &**mount)
    }

    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut Mount> {
        self.list.get_mut(&id).map(Arc::make_mut)
    }

    /// Every mount, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, &Mount)> {
        self.list.iter().map(|(id, mount)| (*id, &**mount))
    }

    /// A mount of this file system.
    pub(crate) fn get_of(&self, fs: u32) -> Option<&Mount> {
        self.list.values().find(|mount| mount.root.fs == fs).map(|mount| &**mount)
    }

    /// The nodes that mounts show or cover.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = Node> {
        self.list.values().flat_map(|mount| [mount.root, mount.over.node])
    }

    /// Whether a mount shows this node.
    pub(crate) fn shows(&self, node: Node) -> bool {
        self.list.values().any(|mount| mount.root == node)
    }

    /// What is seen at a place: the root of the topmost mount there, or the place itself.
    pub(crate) fn cross(&self, mut pos: Pos) -> Pos {
        while let Ok(at) = self.place(pos) {
            let id = self.places[at].1;
            let Some(mount) = self.list.get(&id) else { break };
            pos = Pos { mount: id, node: mount.root };
        }
        pos
    }

    #[inline]
    fn place(&self, pos: Pos) -> Result<usize, usize> {
        self.places.binary_search_by_key(&pos, |(there, _)| *there)
    }

    /// Whether something is mounted on this node, through any mount.
    pub(crate) fn covers_node(&self, node: Node) -> bool {
        self.places.iter().any(|(pos, _)| pos.node == node)
    }

    /// The root of the first mount, and what is mounted over it.
    pub(crate) fn root(&self) -> Pos {
        let node = self.list.get(&Self::ROOT).map_or(Node { fs: 0, id: super::disk::ROOT }, |m| m.root);
        self.cross(Pos { mount: Self::ROOT, node })
    }

    /// Mounts on top of a place (which must be what [`Mounts::cross`] gives).
    pub(crate) fn add(&mut self, mount: Mount) -> u32 {
        let id = self.next;
        self.next += 1;
        match self.place(mount.over) {
            Ok(at) => self.places[at].1 = id,
            Err(at) => self.places.insert(at, (mount.over, id)),
        }
        self.list.insert(id, Arc::new(mount));
        id
    }

    /// Whether a mount has mounts within.
    pub(crate) fn has_children(&self, id: u32) -> bool {
        self.places.iter().any(|(pos, _)| pos.mount == id)
    }

    /// Takes a mount away, with those within.
    pub(crate) fn remove(&mut self, id: u32) -> Vec<Arc<Mount>> {
        let mut gone = Vec::new();
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            let Some(mount) = self.list.remove(&id) else { continue };
            if let Ok(at) = self.place(mount.over) {
                self.places.remove(at);
            }
            todo.extend(self.places.iter().filter(|(pos, _)| pos.mount == id).map(|(_, id)| *id));
            gone.push(mount);
        }
        gone
    }
}
