//! What a file system does to its inodes, whichever file system it is: the operations below permission and paths.

use super::disk::Owner;
use super::inode::{Body, NameEntry};
use super::names::Name;
use super::overlay::Overlay;
use super::place::{Node, Pos};
use super::state::{Fs, SimState};
use crate::kernel::path::NAME_MAX;
use crate::kernel::{DirEntry, Errno, RenameFlags, Result};

impl SimState {
    /// Makes an inode with a name. The name must be free.
    pub(crate) fn make(&mut self, dir: Node, name: &[u8], body: Body, owner: Owner) -> Result<Node> {
        let now = self.clock;
        if let Some(Fs::Disk(disk)) = self.fs.get_mut(dir.fs) {
            let id = disk.create(dir.id, name, body, owner, now)?;
            self.touched(dir)?;
            return Ok(Node { fs: dir.fs, id });
        }
        self.overlay_make(dir, name, body, owner)
    }

    /// A further name for an inode.
    pub(crate) fn add_link(&mut self, node: Node, dir: Node, name: &[u8]) -> Result<()> {
        let now = self.clock;
        if let Some(Fs::Disk(disk)) = self.fs.get_mut(dir.fs) {
            disk.link(node.id, dir.id, name, now)?;
            return self.touched(dir);
        }
        self.overlay_link(node, dir, name)
    }

    /// Takes a name away; a directory must be empty.
    pub(crate) fn remove(&mut self, dir: Node, name: &[u8]) -> Result<()> {
        let now = self.clock;
        if let Some(Fs::Disk(disk)) = self.fs.get_mut(dir.fs) {
            let gone = disk.remove(dir.id, name, now)?;
            self.touched(dir)?;
            return self.release(dir.fs, gone);
        }
        self.overlay_remove(dir, name)
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
        let (from_dir, to_dir, fs) = (from.0, to.0, from.0.fs);
        let Some(Fs::Disk(disk)) = self.fs.get_mut(fs) else {
            return self.overlay_rename(from, to, flags);
        };
        let (from, to) = ((from.0.id, from.1), (to.0.id, to.1));
        if flags.contains(RenameFlags::EXCHANGE) {
            disk.exchange(from, to, now)?;
        } else {
            let gone = disk.rename(from, to, now)?;
            if flags.contains(RenameFlags::WHITEOUT) {
                let owner = Owner { uid: 0, gid: 0, mode: 0 };
                disk.create(from.0, from.1, Body::Char(crate::kernel::Device::WHITEOUT), owner, now)?;
            }
            self.release(fs, gone)?;
        }
        self.touched(from_dir)?;
        self.touched(to_dir)
    }

    /// Forgets where the last task's root and working directory are, if a name that goes from this directory may have led
    /// there. What is changed in an overlay is changed in its upper directory as well.
    pub(crate) fn moved(&mut self, dir: Node) {
        let Some(places) = &self.places else { return };
        let upper = self.overlay(dir.fs).and_then(|overlay| overlay.upper_of(dir.id)).ok().flatten();
        if places.walked.contains(&dir) || upper.is_some_and(|upper| places.walked.contains(&upper)) {
            self.places = None;
        }
    }

    /// Notes that a directory of a disk was changed directly: if it is in a layer, what the overlay knows is stale.
    pub(crate) fn touched(&mut self, dir: Node) -> Result<()> {
        if self.stale || self.fs.overlays().next().is_none() {
            return Ok(());
        }
        let mut at = dir;
        loop {
            let is_layer =
                |o: &Overlay| o.lower.contains(&at) || o.upper.as_ref().is_some_and(|u| u.root == at);
            if self.fs.overlays().any(is_layer) {
                self.stale = true;
                return Ok(());
            }
            let parent = self.parent(at)?;
            if parent == at {
                return Ok(());
            }
            at = parent;
        }
    }

    /// Has the overlays look again, where a layer was changed without them. For the start of a call.
    pub(crate) fn refresh(&mut self) {
        if self.stale {
            self.forget_names();
        }
    }

    #[cold]
    fn forget_names(&mut self) {
        self.stale = false;
        self.places = None;
        let mut displaced = Vec::new();
        for (number, overlay) in self.fs.overlays_mut() {
            displaced.extend(overlay.displaced_nodes());
            let held = self.open.values().map(|open| open.pos.node).filter(|n| n.fs == number);
            let mut kept: Vec<u64> = held.map(|node| node.id).collect();
            kept.extend(self.mounts.nodes().filter(|n| n.fs == number).map(|n| n.id));
            overlay.forget(&kept);
        }
        self.let_go_of(&displaced);
    }

    /// The node whose inode may be changed in place of this one: in an overlay, the copy in the upper layer.
    pub(crate) fn writable(&mut self, node: Node) -> Result<Node> {
        match self.fs.get(node.fs) {
            Some(Fs::Disk(_)) => Ok(node),
            _ => self.copy_up(node, false),
        }
    }

    /// The same, for a file that is about to be cut to nothing: its content need not come along.
    pub(crate) fn writable_cut(&mut self, node: Node) -> Result<Node> {
        match self.fs.get(node.fs) {
            Some(Fs::Disk(_)) => Ok(node),
            _ => self.copy_up(node, true),
        }
    }

    /// The number of the plain disk that holds the node in the end.
    pub(crate) fn backing(&self, node: Node) -> Result<u32> {
        match self.overlay(node.fs) {
            Ok(overlay) => self.backing(overlay.real(node.id)?),
            Err(_) => Ok(node.fs),
        }
    }

    /// After a close: what nobody can reach any more goes.
    pub(crate) fn closed(&mut self, node: Node) -> Result<()> {
        let mut real = node;
        if let Ok(overlay) = self.overlay(node.fs) {
            real = overlay.real(node.id).unwrap_or(node);
            let mut next = Some(node.id);
            while let Some(id) = next.filter(|id| !self.held(Node { fs: node.fs, id: *id })) {
                next = self.overlay_mut(node.fs)?.let_go(id);
            }
        }
        if self.disk(real.fs).is_ok_and(|disk| disk.get(real.id).is_ok_and(|inode| inode.nlink == 0)) {
            self.release(real.fs, Some(real.id))?;
        }
        if self.mounts.get_of(node.fs).is_none() {
            self.drop_unused();
        }
        Ok(())
    }

    /// Ends the file systems that no mount and no descriptor uses.
    #[cold]
    pub(crate) fn drop_unused(&mut self) {
        if self.fs.len() == 1 {
            return;
        }
        let mut used: Vec<u32> = self.mounts.iter().flat_map(|(_, m)| [m.root.fs, m.over.node.fs]).collect();
        used.extend(self.open.values().map(|open| open.pos.node.fs));
        // An overlay uses what its layers are on; those may be overlays, which come before it.
        for (number, fs) in self.fs.iter().rev() {
            if let Fs::Overlay(overlay) = fs
                && used.contains(&number)
            {
                used.extend(overlay.uses());
            }
        }
        let gone = self.fs.iter().filter(|(number, _)| !used.contains(number));
        let displaced: Vec<Node> = gone
            .filter_map(
                |(_, fs)| if let Fs::Overlay(overlay) = fs { Some(overlay.displaced_nodes()) } else { None },
            )
            .flatten()
            .collect();
        self.fs.keep(&used);
        self.let_go_of(&displaced);
    }

    /// Forgets those of the inodes, which names of an overlay stood for, that have no name on their disk.
    fn let_go_of(&mut self, nodes: &[Node]) {
        for node in nodes {
            if !self.disk_holds(*node)
                && let Ok(disk) = self.disk_mut(node.fs)
                && disk.get(node.id).is_ok_and(|inode| inode.nlink == 0)
            {
                disk.free(node.id);
            }
        }
    }

    /// The entries of a directory in its file system's order.
    pub(crate) fn list(&mut self, dir: Node) -> Result<Vec<DirEntry>> {
        match self.fs.get(dir.fs) {
            Some(Fs::Disk(disk)) => {
                let shown = |(name, entry): (&Name, &NameEntry)| DirEntry {
                    name: name[..].into(),
                    kind: entry.kind,
                    ino: entry.ino,
                };
                Ok(disk.list(dir.id)?.into_iter().map(shown).collect())
            }
            _ => self.overlay_list(dir),
        }
    }

    /// Whether a directory was removed, and is only held. One of a lower layer keeps its inode then.
    pub(crate) fn is_removed(&self, dir: Node) -> Result<bool> {
        let is_out = self.overlay(dir.fs).is_ok_and(|overlay| !overlay.is_hashed(dir.id));
        Ok(is_out || self.inode(dir)?.nlink == 0)
    }

    /// Refuses a name that is too long for a directory. One that was removed has no name of any length
    /// [found: a-long-name-in-a-removed-directory].
    pub(crate) fn fits(&self, dir: Node, name: &[u8]) -> Result<()> {
        if name.len() <= NAME_MAX {
            return Ok(());
        }
        Err(if self.is_removed(dir)? { Errno::ENOENT } else { Errno::ENAMETOOLONG })
    }

    /// Refuses a new name where a directory takes none: one that was removed is asked before anything else is looked at
    /// [found: link-into-a-removed-directory, rename-into-a-removed-directory].
    pub(crate) fn takes_name(&self, dir: Node, name: &[u8]) -> Result<()> {
        if self.is_removed(dir)? { Err(Errno::ENOENT) } else { self.fits(dir, name) }
    }

    /// The name of a directory in its parent.
    pub(crate) fn name_of(&self, parent: Node, dir: Node) -> Result<Vec<u8>> {
        match self.overlay(dir.fs) {
            Ok(overlay) if !overlay.is_hashed(dir.id) => Err(Errno::ENOENT),
            Ok(overlay) => Ok(overlay.name_of(dir.id)?.to_vec()),
            Err(_) => Ok(self.disk(parent.fs)?.name_of(parent.id, dir.id)?.to_vec()),
        }
    }

    /// Whether two places are on the same mount: what links and renames ask (`EXDEV`).
    pub(crate) fn same_mount(a: Pos, b: Pos) -> Result<()> {
        if a.mount == b.mount { Ok(()) } else { Err(Errno::EXDEV) }
    }
}
