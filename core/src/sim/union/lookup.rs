//! Look-up in an overlay mount: the rule of [`crate::overlay`] on the layers of the disk, and what it leaves behind.

use std::sync::Arc;

use super::super::inode::Body;
use super::super::names::{Name, Names};
use super::super::overlay::{Child, Dentry, IMPURE, OPAQUE, ORIGIN, REDIRECT, Redirect, WHITEOUT};
use super::super::place::Node;
use super::super::state::SimState;
use crate::kernel::{ByteString, Device, Errno, FileType, Result};
use crate::overlay::{self as rule, BadRedirect, Class, Ground, Layers, Lower, Opaque, Steps};

/// The layers of one mount, for the rule.
struct Stack<'a> {
    state: &'a mut SimState,
    fs: u32,
}

impl SimState {
    /// Whether a node of a layer is a whiteout: a device 0:0, or an empty file with the attribute.
    pub(super) fn is_whiteout(&self, node: Node) -> Result<bool> {
        let inode = self.inode(node)?;
        Ok(inode.is_whiteout_device() || self.is_xwhiteout(node)?)
    }

    /// The second form. [xattr-whiteout-with-opaque-x]
    pub(super) fn is_xwhiteout(&self, node: Node) -> Result<bool> {
        let inode = self.inode(node)?;
        let empty = inode.kind() == FileType::File && inode.xattrs.is_some() && inode.size() == 0;
        Ok(empty && self.layer_xattr(node, WHITEOUT)?.is_some())
    }

    /// An attribute of a layer's node, as the layer's file system shows it.
    pub(super) fn layer_xattr(&self, node: Node, name: &[u8]) -> Result<Option<bytes::Bytes>> {
        let inode = self.inode(node)?;
        if inode.xattrs.is_none() {
            return Ok(None);
        }
        Ok(inode.xattr(&self.stored_xattr_name(node, name)).cloned())
    }

    fn class(&self, node: Node) -> Result<Class> {
        let inode = self.inode(node)?;
        Ok(match inode.body {
            Body::Dir(_) => Class::Dir,
            Body::Char(Device::WHITEOUT) => Class::Whiteout,
            Body::File(_) if self.is_xwhiteout(node)? => Class::Whiteout,
            _ => Class::Other,
        })
    }
}

impl Layers for Stack<'_> {
    type Node = Node;
    type Error = Errno;

    fn find(&mut self, _layer: usize, dir: &Node, name: &[u8]) -> Result<Option<(Node, Class)>> {
        let Some(node) = self.state.lookup(*dir, name)? else { return Ok(None) };
        let class = self.state.class(node)?;
        // Layers that lie within each other are ELOOP (docs/design/overlayfs.md, rule 23).
        if class == Class::Dir {
            let overlay = self.state.overlay(self.fs)?;
            let upper = overlay.upper.as_ref().is_some_and(|u| [u.root, u.base, u.work].contains(&node));
            if upper || overlay.lower.contains(&node) || overlay.data.contains(&node) {
                return Err(Errno::ELOOP);
            }
        }
        Ok(Some((node, class)))
    }

    fn opaque(&mut self, _layer: usize, dir: &Node) -> Result<Opaque> {
        Ok(match self.state.layer_xattr(*dir, OPAQUE)?.as_deref() {
            Some(b"y") => Opaque::Yes,
            Some(b"x") => Opaque::Xattrs,
            _ => Opaque::No,
        })
    }

    fn redirect(&mut self, _layer: usize, dir: &Node) -> Result<Option<ByteString>> {
        Ok(self.state.layer_xattr(*dir, REDIRECT)?.map(|to| to[..].into()))
    }

    fn follows(&self) -> bool {
        self.state.overlay(self.fs).is_ok_and(|overlay| overlay.redirect != Redirect::NoFollow)
    }

    /// [redirects-followed, redirects-refused]
    fn cannot_follow(&self, why: BadRedirect) -> Result<()> {
        Err(match why {
            BadRedirect::NotFollowed => Errno::EPERM,
            BadRedirect::Malformed => Errno::EINVAL,
            BadRedirect::NoName => Errno::EACCES,
        })
    }

    fn root(&mut self, layer: usize) -> Node {
        let root = |state: &SimState| Some(*state.overlay(self.fs).ok()?.lower.get(layer - 1)?);
        root(self.state).expect("the rule asks for layers that there are")
    }

    fn lowest(&self) -> usize {
        self.state.overlay(self.fs).map_or(0, |overlay| overlay.lower.len())
    }
}

impl SimState {
    /// What a name is in a directory of an overlay. The first look-up of it asks the layers, the next ones do not.
    pub(crate) fn overlay_lookup(&mut self, dir: Node, name: &[u8]) -> Result<Child> {
        let dentry = self.overlay(dir.fs)?.dentry(dir.id)?;
        if let Some(known) = dentry.children.get(name) {
            return Ok(*known);
        }
        if !dentry.is_dir() {
            return Err(Errno::ENOTDIR);
        }
        // Who stands in a removed directory finds nothing there, whatever a layer has.
        if !dentry.hashed {
            return Ok(Child::Missing { whiteout: false });
        }
        let found = self.overlay_find(dir, name, &mut ())?;
        let child = if found.found() {
            self.instantiate(dir, name, found)?
        } else {
            Child::Missing { whiteout: found.opaque }
        };
        self.overlay_mut(dir.fs)?.dentry_mut(dir.id)?.children.insert(name, child);
        Ok(child)
    }

    /// The rule itself, with its steps for who wants them.
    pub(crate) fn overlay_find(
        &mut self,
        dir: Node,
        name: &[u8],
        steps: &mut impl Steps,
    ) -> Result<rule::Lookup<Node>> {
        let overlay = self.overlay(dir.fs)?;
        let dentry = overlay.dentry(dir.id)?;
        let fs = overlay.upper.as_ref().map(|upper| upper.root.fs);
        let upper = dentry.upper.zip(fs).map(|(id, fs)| Node { fs, id });
        let lower = dentry.lower.clone();
        let ground = Ground { upper: upper.as_ref(), lower: lower.as_deref().unwrap_or_default() };
        rule::lookup(&mut Stack { state: self, fs: dir.fs }, ground, name, steps)
    }

    fn instantiate(&mut self, dir: Node, name: &[u8], mut found: rule::Lookup<Node>) -> Result<Child> {
        if let Some(upper) = found.upper {
            let origin = self.inode(upper)?.xattr(ORIGIN).cloned();
            if !found.dir {
                // A file's lower part is what it was copied up from.
                found.lower =
                    origin.and_then(|handle| self.origin(dir.fs, upper, &handle)).into_iter().collect();
            } else if origin.is_none()
                && let Some(lower) = found.lower.first()
            {
                self.fix_origin(dir, upper, lower.node)?;
            }
        }
        let real = found.upper.or(found.lower.first().map(|l| l.node)).ok_or(Errno::ENOENT)?;
        let kind = self.inode(real)?.kind();
        // A lower file with several names is split by copy-up, and so is its number.
        let const_ino = match found.lower.first() {
            Some(lower) => found.dir || self.inode(lower.node)?.nlink <= 1,
            None => false,
        };
        let parts = found.lower.len() + usize::from(found.upper.is_some());
        let whiteouts = found.dir && (parts > 1 || self.layer_xattr(real, ORIGIN)?.is_some());
        let overlay = self.overlay_mut(dir.fs)?;
        for layer in &found.xwhiteouts {
            if !overlay.xwhiteout_layers.contains(layer) {
                overlay.xwhiteout_layers.push(*layer);
            }
        }
        let id = overlay.next;
        overlay.next += 1;
        let mut removed = false;
        if let (Some(upper), Some(lower), false) = (found.upper, found.lower.first(), found.dir)
            && const_ino
        {
            // A copy that was copied itself, by hand, is not the file that it says it is.
            let other = overlay.copies.get(lower.node.id).and_then(|id| overlay.dentries.get(*id));
            let same_origin = |other: &&Dentry| other.lower().first().is_some_and(|l| l.node == lower.node);
            if other.filter(same_origin).is_some_and(|other| other.upper != Some(upper.id)) {
                return Err(Errno::ESTALE);
            }
            // [found: a-removed-file-that-is-found-again]
            removed = other.filter(same_origin).is_some_and(|other| !other.hashed || other.removed);
            overlay.copies.insert(lower.node.id, id);
        }
        let dentry = Dentry {
            parent: dir.id,
            name: Name::from_slice(name),
            kind,
            upper: found.upper.map(|node| node.id),
            lower: (!found.lower.is_empty()).then(|| Arc::from(&found.lower[..])),
            opaque: found.opaque,
            whiteouts,
            xwhiteouts: !found.xwhiteouts.is_empty(),
            const_ino,
            hashed: true,
            removed,
            children: Names::default(),
        };
        overlay.dentries.insert(id, dentry);
        Ok(Child::There(id, kind))
    }

    /// What a handle stands for: the inode must still be there, be of the same kind, and on a lower layer's file system.
    fn origin(&self, fs: u32, upper: Node, handle: &[u8]) -> Option<Lower<Node>> {
        let node = self.decode_handle(handle).ok()?;
        let layer = self.overlay(fs).ok()?.lower.iter().position(|root| root.fs == node.fs)? + 1;
        let same = self.inode(node).ok()?.kind() == self.inode(upper).ok()?.kind();
        same.then_some(Lower { layer, node })
    }

    /// A directory made by hand gets its origin when it is first looked up.
    fn fix_origin(&mut self, dir: Node, upper: Node, lower: Node) -> Result<()> {
        let now = self.clock;
        let handle = self.handle_of(lower);
        let inode = self.inode_mut(upper)?;
        inode.set_own_xattr(ORIGIN, handle);
        inode.times.set_ctime(now);
        self.set_impure(dir)
    }

    /// Marks that the directory holds something that was copied up.
    pub(super) fn set_impure(&mut self, dir: Node) -> Result<()> {
        let Some(upper) = self.overlay(dir.fs)?.upper_of(dir.id)? else { return Ok(()) };
        let now = self.clock;
        if self.inode(upper)?.xattr(IMPURE).is_none() {
            let inode = self.inode_mut(upper)?;
            inode.set_own_xattr(IMPURE, bytes::Bytes::from_static(b"y"));
            inode.times.set_ctime(now);
        }
        Ok(())
    }

    /// Whether something below would show if the upper name went.
    pub(super) fn lower_positive(&mut self, node: Node) -> Result<bool> {
        let dentry = self.overlay(node.fs)?.dentry(node.id)?;
        if dentry.upper.is_none() {
            return Ok(true);
        }
        let (parent, name) = (dentry.parent, dentry.name.clone());
        let below = self.overlay(node.fs)?.dentry(parent)?.lower.clone();
        for part in below.as_deref().unwrap_or_default() {
            if let Some(found) = self.lookup(part.node, &name)? {
                return Ok(!self.is_whiteout(found)?);
            }
        }
        Ok(false)
    }
}
