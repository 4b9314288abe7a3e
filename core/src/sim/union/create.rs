//! Making things in an overlay mount (docs/design/overlayfs.md, rule 7).

use super::super::disk::Owner;
use super::super::inode::Body;
use super::super::names::{Name, Names};
use super::super::overlay::{Child, Dentry, OPAQUE};
use super::super::place::Node;
use super::super::state::SimState;
use crate::kernel::{Device, Errno, FileType, Result};

impl SimState {
    /// Makes an inode with a name in the upper directory. Over a whiteout it takes the whiteout's place, and a
    /// directory is opaque then: what the whiteout hid stays hidden. [opaque-rename-recreated-dir]
    pub(crate) fn overlay_make(&mut self, dir: Node, name: &[u8], body: Body, owner: Owner) -> Result<Node> {
        // A device 0:0 would be a whiteout. [copyup-mknod-whiteout-eperm]
        if matches!(body, Body::Char(Device::WHITEOUT)) {
            return Err(Errno::EPERM);
        }
        let whiteout = self.whiteout_at(dir, name)?;
        let upper = self.copy_up(dir, false)?;
        let now = self.clock;
        let is_dir = matches!(body, Body::Dir(_));
        let overlay = self.overlay(dir.fs)?;
        // What is new in a merged directory has nothing below: that is said at once, where it will stay true.
        let closed = overlay.trusts_layers && overlay.dentry(dir.id)?.merged();
        let opaque = is_dir && (whiteout || closed);
        let kind = kind_of(&body);
        self.clear_whiteout(upper, name, whiteout)?;
        let disk = self.disk_mut(upper.fs)?;
        let made = disk.create(upper.id, name, body, owner, now)?;
        if opaque {
            disk.get_mut(made)?.set_own_xattr(OPAQUE, bytes::Bytes::from_static(b"y"));
        }
        let overlay = self.overlay_mut(dir.fs)?;
        let id = overlay.next;
        overlay.next += 1;
        let dentry = Dentry {
            parent: dir.id,
            name: Name::from_slice(name),
            kind,
            upper: Some(made),
            lower: None,
            opaque,
            whiteouts: false,
            xwhiteouts: false,
            const_ino: false,
            hashed: true,
            removed: false,
            children: Names::default(),
        };
        overlay.dentries.insert(id, dentry);
        overlay.dentry_mut(dir.id)?.children.insert(name, Child::There(id, kind));
        overlay.changed(dir.id);
        Ok(Node { fs: dir.fs, id })
    }

    /// A further name for a file, which is copied up for it. [copyup-link]
    pub(crate) fn overlay_link(&mut self, node: Node, dir: Node, name: &[u8]) -> Result<()> {
        let whiteout = self.whiteout_at(dir, name)?;
        if self.overlay(node.fs)?.dentry(node.id)?.removed {
            return Err(Errno::ENOENT);
        }
        let file = self.copy_up(node, false)?;
        let upper = self.copy_up(dir, false)?;
        if self.overlay(node.fs)?.dentry(node.id)?.has_origin() {
            self.set_impure(dir)?;
        }
        let now = self.clock;
        self.clear_whiteout(upper, name, whiteout)?;
        self.disk_mut(upper.fs)?.link(file.id, upper.id, name, now)?;
        // The new name is looked up when it is asked for, and finds its origin then.
        let overlay = self.overlay_mut(dir.fs)?;
        overlay.forget_name(dir.id, name);
        overlay.changed(dir.id);
        Ok(())
    }

    /// Whether the upper directory has a whiteout for a name that is not there.
    fn whiteout_at(&mut self, dir: Node, name: &[u8]) -> Result<bool> {
        match self.overlay_lookup(dir, name)? {
            Child::There(..) => Err(Errno::EEXIST),
            Child::Missing { whiteout } => Ok(whiteout),
        }
    }

    fn clear_whiteout(&mut self, upper: Node, name: &[u8], whiteout: bool) -> Result<()> {
        if !whiteout {
            return Ok(());
        }
        let now = self.clock;
        self.must_be_whiteout(upper, name, whiteout)?;
        let gone = self.disk_mut(upper.fs)?.remove(upper.id, name, now)?;
        self.release(upper.fs, gone)
    }

    /// Refuses a place where a whiteout was and something else is: a removed file that was copied up.
    /// [found: no-whiteout-where-one-was]
    pub(super) fn must_be_whiteout(&self, upper: Node, name: &[u8], whiteout: bool) -> Result<()> {
        if !whiteout {
            return Ok(());
        }
        let there = self.disk(upper.fs)?.lookup(upper.id, name)?.ok_or(Errno::ESTALE)?;
        if self.is_whiteout(Node { fs: upper.fs, id: there })? { Ok(()) } else { Err(Errno::ESTALE) }
    }
}

fn kind_of(body: &Body) -> FileType {
    match body {
        Body::File(_) => FileType::File,
        Body::Dir(_) => FileType::Dir,
        Body::Symlink(_) => FileType::Symlink,
        Body::Char(_) => FileType::Char,
        Body::Block(_) => FileType::Block,
        Body::Fifo => FileType::Fifo,
        Body::Socket => FileType::Socket,
    }
}
