//! What a simulated kernel is made of: file systems, mounts, open descriptors and a clock.

use std::collections::BTreeMap;

use super::disk::{self, Disk, Owner};
use super::files::Open;
use super::inode::Inode;
use super::mounts::Mounts;
use super::walk::Places;
use crate::kernel::{Errno, Fd, Result, Stat, Timespec};

/// An inode of one of the file systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Node {
    /// The file system's place in [`State::fs`].
    pub(crate) fs: u32,
    /// Its number there.
    pub(crate) id: u64,
}

/// Where a path leads: a node, seen through a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Pos {
    /// The mount's number.
    pub(crate) mount: u32,
    /// The node.
    pub(crate) node: Node,
}

/// A file system.
#[derive(Debug, Clone)]
pub(crate) enum Fs {
    /// A plain one.
    Disk(Disk),
    /// Was unmounted; its number is not used again.
    Gone,
}

/// Everything that a clone of the kernel shares.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) fs: Vec<Fs>,
    pub(crate) mounts: Mounts,
    pub(crate) open: BTreeMap<Fd, Open>,
    pub(crate) next_fd: u32,
    pub(crate) clock: Timespec,
    /// Counts what may change where an existing path leads: renames, removals, mounts.
    pub(crate) moves: u64,
    pub(crate) places: Option<Places>,
}

impl State {
    pub(crate) fn new(clock: Timespec) -> Self {
        let disk = Disk::new(Owner { uid: 0, gid: 0, mode: 0o755 }, clock);
        let root = Node { fs: 0, id: disk::ROOT };
        Self {
            fs: vec![Fs::Disk(disk)],
            mounts: Mounts::new(root),
            open: BTreeMap::new(),
            next_fd: 3,
            clock,
            moves: 0,
            places: None,
        }
    }

    /// The plain disk with this number; `EIO` if it is none.
    pub(crate) fn disk(&self, fs: u32) -> Result<&Disk> {
        match self.fs.get(fs as usize) {
            Some(Fs::Disk(disk)) => Ok(disk),
            _ => Err(Errno::EIO),
        }
    }

    pub(crate) fn disk_mut(&mut self, fs: u32) -> Result<&mut Disk> {
        match self.fs.get_mut(fs as usize) {
            Some(Fs::Disk(disk)) => Ok(disk),
            _ => Err(Errno::EIO),
        }
    }

    /// The inode whose attributes the node shows.
    pub(crate) fn inode(&self, node: Node) -> Result<&Inode> {
        self.disk(node.fs)?.get(node.id)
    }

    pub(crate) fn inode_mut(&mut self, node: Node) -> Result<&mut Inode> {
        self.disk_mut(node.fs)?.get_mut(node.id)
    }

    /// `stat(2)` of a node.
    pub(crate) fn getattr(&self, node: Node) -> Result<Stat> {
        Ok(self.inode(node)?.stat(device_number(node.fs), node.id))
    }

    /// The node that `name` stands for in a directory.
    pub(crate) fn lookup(&mut self, dir: Node, name: &[u8]) -> Result<Option<Node>> {
        let found = self.disk(dir.fs)?.lookup(dir.id, name)?;
        Ok(found.map(|id| Node { fs: dir.fs, id }))
    }

    /// The directory that a directory is in.
    pub(crate) fn parent(&self, dir: Node) -> Result<Node> {
        Ok(Node { fs: dir.fs, id: self.disk(dir.fs)?.parent(dir.id)? })
    }

    /// Forgets an inode that lost its last name, unless a descriptor holds it.
    pub(crate) fn release(&mut self, fs: u32, gone: Option<u64>) -> Result<()> {
        let Some(ino) = gone else { return Ok(()) };
        let node = Node { fs, id: ino };
        if !self.open.values().any(|open| open.pos.node == node) {
            self.disk_mut(fs)?.free(ino);
        }
        Ok(())
    }
}

/// `st_dev` of a file system.
pub(crate) fn device_number(fs: u32) -> u64 {
    u64::from(fs) + 0x20
}
