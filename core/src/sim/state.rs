//! What a simulated kernel is made of: file systems, mounts, open descriptors and a clock.

use super::descriptors::Descriptors;
use super::disk::{self, Disk, Owner};
use super::filesystems::FileSystems;
pub(crate) use super::filesystems::Fs;
use super::inode::Inode;
use super::mounts::Mounts;
use super::overlay::Child;
use super::place::{Node, Places, device_number};
use crate::kernel::{Errno, FileType, Result, Stat, Timespec};
use crate::overlay::CopyUps;

/// Everything that a clone of the kernel shares.
#[derive(Debug, Clone)]
pub(crate) struct SimState {
    pub(crate) fs: FileSystems,
    pub(crate) mounts: Mounts,
    pub(crate) open: Descriptors,
    pub(crate) next_fd: u32,
    pub(crate) clock: Timespec,
    pub(crate) places: Option<Places>,
    /// What was copied up since the owner last asked.
    pub(crate) copied: CopyUps,
    /// A layer was changed without its overlay.
    pub(crate) stale: bool,
    pub(crate) space: Space,
}

/// The memory that the contents of all files take. It is counted anew only where an estimate from above reaches the limit:
/// what several files share counts once, and holes nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Space {
    pub(crate) limit: u64,
    pub(crate) counted: u64,
    pub(crate) written: u64,
}

impl Default for Space {
    fn default() -> Self {
        Self { limit: u64::MAX, counted: 0, written: 0 }
    }
}

impl SimState {
    pub(crate) fn new(clock: Timespec) -> Self {
        let disk = Disk::new(Owner { uid: 0, gid: 0, mode: 0o755 }, clock);
        let root = Node { fs: 0, id: disk::ROOT };
        Self {
            fs: FileSystems::new(Fs::Disk(disk)),
            mounts: Mounts::new(root),
            open: Descriptors::default(),
            next_fd: 3,
            clock,
            places: None,
            copied: CopyUps::default(),
            stale: false,
            space: Space::default(),
        }
    }

    /// The plain disk with this number; `EIO` if it is none.
    pub(crate) fn disk(&self, fs: u32) -> Result<&Disk> {
        match self.fs.get(fs) {
            Some(Fs::Disk(disk)) => Ok(disk),
            _ => Err(Errno::EIO),
        }
    }

    pub(crate) fn disk_mut(&mut self, fs: u32) -> Result<&mut Disk> {
        match self.fs.get_mut(fs) {
            Some(Fs::Disk(disk)) => Ok(disk),
            _ => Err(Errno::EIO),
        }
    }

    /// The inode whose attributes the node shows: an overlay's node shows its upper one's, or its topmost lower one's.
    pub(crate) fn inode(&self, node: Node) -> Result<&Inode> {
        match self.fs.get(node.fs) {
            Some(Fs::Disk(disk)) => disk.get(node.id),
            Some(Fs::Overlay(overlay)) => self.inode(overlay.real(node.id)?),
            _ => Err(Errno::EIO),
        }
    }

    /// A disk's inode, to be changed. A node of an overlay must have been made [`SimState::writable`].
    pub(crate) fn inode_mut(&mut self, node: Node) -> Result<&mut Inode> {
        self.disk_mut(node.fs)?.get_mut(node.id)
    }

    /// `stat(2)` of a node.
    pub(crate) fn getattr(&self, node: Node) -> Result<Stat> {
        match self.fs.get(node.fs) {
            Some(Fs::Disk(disk)) => Ok(disk.get(node.id)?.stat(device_number(node.fs), node.id)),
            Some(Fs::Overlay(_)) => self.overlay_getattr(node),
            _ => Err(Errno::EIO),
        }
    }

    /// The node that `name` stands for in a directory.
    pub(crate) fn lookup(&mut self, dir: Node, name: &[u8]) -> Result<Option<Node>> {
        Ok(self.lookup_kind(dir, name)?.map(|(node, _)| node))
    }

    /// The same, with what it is: who looks names up mostly asks that next.
    #[inline]
    pub(crate) fn lookup_kind(&mut self, dir: Node, name: &[u8]) -> Result<Option<(Node, FileType)>> {
        let found = match self.fs.get(dir.fs) {
            Some(Fs::Disk(disk)) => disk.lookup_entry(dir.id, name)?.map(|entry| (entry.ino, entry.kind)),
            Some(Fs::Overlay(overlay)) => match overlay.known(dir.id, name)? {
                Some(Child::There(id, kind)) => Some((id, kind)),
                Some(Child::Missing { .. }) => None,
                None => match self.overlay_lookup(dir, name)? {
                    Child::There(id, kind) => Some((id, kind)),
                    Child::Missing { .. } => None,
                },
            },
            None => return Err(Errno::EIO),
        };
        Ok(found.map(|(id, kind)| (Node { fs: dir.fs, id }, kind)))
    }

    /// The directory that a directory is in.
    pub(crate) fn parent(&self, dir: Node) -> Result<Node> {
        let id = match self.fs.get(dir.fs) {
            Some(Fs::Disk(disk)) => disk.parent(dir.id)?,
            _ => self.overlay(dir.fs)?.parent(dir.id)?,
        };
        Ok(Node { fs: dir.fs, id })
    }

    /// Forgets an inode that lost its last name, unless a descriptor holds it.
    pub(crate) fn release(&mut self, fs: u32, gone: Option<u64>) -> Result<()> {
        let Some(ino) = gone else { return Ok(()) };
        if !self.disk_holds(Node { fs, id: ino }) {
            self.disk_mut(fs)?.free(ino);
        }
        Ok(())
    }

    /// Whether a descriptor or a mount needs an inode of a disk, itself or as what an overlay shows.
    pub(crate) fn disk_holds(&self, node: Node) -> bool {
        if self.fs.overlays().any(|overlay| overlay.displaced_nodes().any(|held| held == node)) {
            return true;
        }
        let needs = |held: Node| {
            held == node
                || self.overlay(held.fs).is_ok_and(|o| o.real(held.id).is_ok_and(|real| real == node))
        };
        self.open.values().any(|open| needs(open.pos.node)) || self.mounts.iter().any(|(_, m)| needs(m.root))
    }
}
