//! Extended attributes: name spaces, who may, sizes (xattr(7), setxattr(2), capabilities(7)).

use bytes::Bytes;

use super::access::{owns, permission};
use super::acl::{self, Acl};
use super::inode::Inode;
use super::overlay::PREFIX;
use super::place::Node;
use super::state::SimState;
use crate::kernel::{Access, ByteString, Caps, Errno, FileType, Result, Task, XattrMode};

/// The longest name and the largest value (`XATTR_NAME_MAX`, `XATTR_SIZE_MAX`).
const NAME_MAX: usize = 255;
const SIZE_MAX: usize = 65536;

/// The name's length, which is looked at before the path: `ERANGE`.
pub(crate) fn check_name(name: &[u8]) -> Result<()> {
    if name.is_empty() || name.len() > NAME_MAX { Err(Errno::ERANGE) } else { Ok(()) }
}

/// The value's length, likewise: `E2BIG`.
pub(crate) fn check_size(value: &[u8]) -> Result<()> {
    if value.len() > SIZE_MAX { Err(Errno::E2BIG) } else { Ok(()) }
}

/// xattr(7): who may read and who may change which attribute.
fn may(inode: &Inode, task: &Task, name: &[u8], write: bool) -> Result<()> {
    let refused = if write { Errno::EPERM } else { Errno::ENODATA };
    if name.starts_with(b"security.") || name.starts_with(b"system.") {
        return Ok(());
    }
    if name.starts_with(b"trusted.") {
        return if task.can(Caps::SYS_ADMIN) { Ok(()) } else { Err(refused) };
    }
    if name.starts_with(b"user.") {
        if !matches!(inode.kind(), FileType::File | FileType::Dir) {
            return Err(refused);
        }
        if write && inode.is_dir() && inode.mode & 0o1000 != 0 && !owns(inode, task) {
            return Err(Errno::EPERM);
        }
    }
    permission(inode, task, if write { Access::WRITE } else { Access::READ })
}

/// The attribute that holds a program's capabilities.
pub(crate) const CAPABILITY: &[u8] = b"security.capability";

/// xattr(7), "Extended security attributes" and capabilities(7).
fn may_change(inode: &Inode, task: &Task, name: &[u8]) -> Result<()> {
    may(inode, task, name, true)?;
    let needs = if name == CAPABILITY { Caps::SETFCAP } else { Caps::SYS_ADMIN };
    if name.starts_with(b"security.") && !task.can(needs) { Err(Errno::EPERM) } else { Ok(()) }
}

/// capabilities(7), "File capability versioning": what was stored for the machine's own root is shown in revision 2.
fn shown_capability(value: &[u8]) -> Result<ByteString> {
    if !is_capability(value) {
        return Err(Errno::EINVAL);
    }
    match value {
        [flags, middle @ .., 0, 0, 0, 0] if value.len() == 24 => {
            let mut shown = vec![*flags, 0, 0, 2];
            shown.extend_from_slice(&middle[3..]);
            Ok(shown.into())
        }
        _ => Ok(value.into()),
    }
}

/// The same section: revision 2 with 20 bytes, or 3 with 24; the lowest bit is a flag.
fn is_capability(value: &[u8]) -> bool {
    let Some(magic) = value.first_chunk::<4>() else { return false };
    matches!((u32::from_le_bytes(*magic) & !1, value.len()), (0x0200_0000, 20) | (0x0300_0000, 24))
}

/// Whether tmpfs has a handler for the name.
fn check_kept(name: &[u8]) -> Result<()> {
    for prefix in [&b"user."[..], b"trusted.", b"security."] {
        if let Some(rest) = name.strip_prefix(prefix) {
            return if rest.is_empty() { Err(Errno::EINVAL) } else { Ok(()) };
        }
    }
    Err(Errno::EOPNOTSUPP)
}

impl SimState {
    /// Overlayfs has a handler of its own for its own names, which needs more than their prefix.
    /// [found: an-overlay-attribute-without-a-name]
    fn check_overlay_name(&self, node: Node, name: &[u8]) -> Result<()> {
        if name == PREFIX && self.overlay(node.fs).is_ok() { Err(Errno::EINVAL) } else { Ok(()) }
    }

    pub(crate) fn getxattr(&mut self, task: &Task, node: Node, name: &[u8]) -> Result<ByteString> {
        let inode = self.inode(node)?;
        if acl::is_acl(name) {
            let refused = if inode.kind() == FileType::Symlink { Errno::EOPNOTSUPP } else { Errno::ENODATA };
            return inode.xattr(name).map(|value| value[..].into()).ok_or(refused);
        }
        may(inode, task, name, false)?;
        check_kept(name)?;
        self.check_overlay_name(node, name)?;
        let stored = self.stored_xattr_name(node, name);
        let value = self.inode(node)?.xattr(&stored).ok_or(Errno::ENODATA)?;
        if name == CAPABILITY { shown_capability(value) } else { Ok(value[..].into()) }
    }

    pub(crate) fn setxattr(
        &mut self,
        task: &Task,
        node: Node,
        name: &[u8],
        value: &[u8],
        mode: XattrMode,
    ) -> Result<()> {
        if acl::is_acl(name) {
            return self.set_acl(task, node, name, Acl::parse(value)?);
        }
        if name == CAPABILITY && !value.is_empty() && !is_capability(value) {
            return Err(Errno::EINVAL);
        }
        // An empty one asks for no capability: only what says something is looked at.
        if name == CAPABILITY && value.is_empty() {
            may(self.inode(node)?, task, name, true)?;
        } else {
            may_change(self.inode(node)?, task, name)?;
        }
        self.check_overlay_name(node, name)?;
        let now = self.clock;
        // Whether the name or the mode is wrong is the disk's to say: an overlay has copied the file up by then.
        let real = self.writable(node)?;
        check_kept(name)?;
        let stored = self.stored_xattr_name(node, name);
        let name = &*stored;
        if name.starts_with(PREFIX) && real == node {
            self.touched_file(node);
        }
        let inode = self.inode_mut(real)?;
        match (mode, inode.xattr(name)) {
            (XattrMode::Create, Some(_)) => return Err(Errno::EEXIST),
            (XattrMode::Replace, None) => return Err(Errno::ENODATA),
            _ => {}
        }
        inode.set_xattr(name, Bytes::copy_from_slice(value));
        inode.times.set_ctime(now);
        Ok(())
    }

    pub(crate) fn removexattr(&mut self, task: &Task, node: Node, name: &[u8]) -> Result<()> {
        if acl::is_acl(name) {
            return self.set_acl(task, node, name, None);
        }
        may_change(self.inode(node)?, task, name)?;
        check_kept(name)?;
        self.check_overlay_name(node, name)?;
        let stored = self.stored_xattr_name(node, name);
        let name = &*stored;
        if self.inode(node)?.xattr(name).is_none() {
            return Err(Errno::ENODATA);
        }
        let now = self.clock;
        let real = self.writable(node)?;
        if name.starts_with(PREFIX) && real == node {
            self.touched_file(node);
        }
        let inode = self.inode_mut(real)?;
        inode.remove_xattr(name);
        inode.times.set_ctime(now);
        Ok(())
    }

    /// The names in tmpfs's order: access control lists first, then from the last to the first by bytes. `trusted.*` is
    /// root's to see.
    pub(crate) fn listxattr(&mut self, task: &Task, node: Node) -> Result<Vec<ByteString>> {
        let Some(xattrs) = &self.inode(node)?.xattrs else { return Ok(Vec::new()) };
        let acls = xattrs.keys().filter(|name| acl::is_acl(name));
        let rest = xattrs.keys().rev().filter(|name| !acl::is_acl(name));
        let shown =
            acls.chain(rest).filter(|name| task.can(Caps::SYS_ADMIN) || !name.starts_with(b"trusted."));
        let shown = shown.filter_map(|name| self.shown_xattr_name(node, name));
        Ok(shown.map(|name| name[..].into()).collect())
    }

    /// Notes that an attribute that means something to overlays was changed directly.
    fn touched_file(&mut self, _node: Node) {
        self.stale = true;
    }
}
