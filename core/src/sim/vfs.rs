//! What a file system does to its inodes, whichever file system it is: the operations below permission and paths.

use super::disk::Owner;
use super::inode::Body;
use super::state::{Fs, Node, Pos, State};
use crate::kernel::{DirEntry, Errno, RenameFlags, Result};

impl State {
    /// Makes an inode with a name. The name must be free.
    pub(crate) fn make(&mut self, dir: Node, name: &[u8], body: Body, owner: Owner) -> Result<Node> {
        let now = self.clock;
        let id = self.disk_mut(dir.fs)?.create(dir.id, name, body, owner, now)?;
        Ok(Node { fs: dir.fs, id })
    }

    /// A further name for an inode.
    pub(crate) fn add_link(&mut self, node: Node, dir: Node, name: &[u8]) -> Result<()> {
        let now = self.clock;
        self.disk_mut(dir.fs)?.link(node.id, dir.id, name, now)
    }

    /// Takes a name away; a directory must be empty.
    pub(crate) fn remove(&mut self, dir: Node, name: &[u8]) -> Result<()> {
        let now = self.clock;
        self.moves += 1;
        let gone = self.disk_mut(dir.fs)?.remove(dir.id, name, now)?;
        self.release(dir.fs, gone)
    }

    /// Moves or swaps names within a file system. All that `renameat2(2)` checks before the file system has been
    /// checked.
    pub(crate) fn rename_nodes(
        &mut self,
        from: (Node, &[u8]),
        to: (Node, &[u8]),
        flags: RenameFlags,
    ) -> Result<()> {
        let now = self.clock;
        self.moves += 1;
        let fs = from.0.fs;
        let disk = self.disk_mut(fs)?;
        let (from, to) = ((from.0.id, from.1), (to.0.id, to.1));
        if flags.contains(RenameFlags::EXCHANGE) {
            return disk.exchange(from, to, now);
        }
        let gone = disk.rename(from, to, now)?;
        if flags.contains(RenameFlags::WHITEOUT) {
            let owner = Owner { uid: 0, gid: 0, mode: 0 };
            disk.create(from.0, from.1, Body::Char(crate::kernel::Device::WHITEOUT), owner, now)?;
        }
        self.release(fs, gone)
    }

    /// The node whose inode may be changed in place of this one.
    pub(crate) fn writable(&mut self, node: Node) -> Result<Node> {
        Ok(node)
    }

    /// The same, for a file that is about to be cut to `size`.
    pub(crate) fn writable_cut(&mut self, node: Node, _size: u64) -> Result<Node> {
        self.writable(node)
    }

    /// The number of the plain disk that holds the node in the end.
    pub(crate) fn backing(&self, node: Node) -> Result<u32> {
        Ok(node.fs)
    }

    /// After the last close, or an unmount: what nobody can reach goes.
    pub(crate) fn closed(&mut self, node: Node) -> Result<()> {
        if let Ok(inode) = self.inode(node)
            && inode.nlink == 0
        {
            self.release(node.fs, Some(node.id))?;
        }
        self.drop_unused();
        Ok(())
    }

    /// Ends the file systems that no mount and no descriptor uses.
    pub(crate) fn drop_unused(&mut self) {
        if self.fs.len() == 1 {
            return;
        }
        let mut used = vec![false; self.fs.len()];
        let roots = self.mounts.iter().flat_map(|(_, m)| [m.root.fs, m.over.node.fs]);
        for fs in roots.chain(self.open.values().map(|open| open.pos.node.fs)) {
            if let Some(slot) = used.get_mut(fs as usize) {
                *slot = true;
            }
        }
        for (fs, used) in self.fs.iter_mut().zip(used) {
            if !used {
                *fs = Fs::Gone;
            }
        }
    }

    /// The entries of a directory in its file system's order.
    pub(crate) fn list(&mut self, dir: Node) -> Result<Vec<DirEntry>> {
        self.disk(dir.fs)?.list(dir.id)
    }

    /// The name of a directory in its parent.
    pub(crate) fn name_of(&self, parent: Node, dir: Node) -> Result<Vec<u8>> {
        Ok(self.disk(parent.fs)?.name_of(parent.id, dir.id)?.to_vec())
    }

    /// Whether two places are on the same mount: what links and renames ask (`EXDEV`).
    pub(crate) fn same_mount(a: Pos, b: Pos) -> Result<()> {
        if a.mount == b.mount { Ok(()) } else { Err(Errno::EXDEV) }
    }
}
