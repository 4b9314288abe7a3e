//! Extended attributes: name spaces, who may, sizes (`fs/xattr.c`, `security/commoncap.c`, `mm/shmem.c`).

use bytes::Bytes;

use super::access::{owns, permission};
use super::inode::Inode;
use super::overlay::PREFIX;
use super::place::Node;
use super::state::State;
use crate::kernel::{Access, ByteString, Errno, FileType, Result, Task, XattrMode};

/// The longest name and the largest value (`XATTR_NAME_MAX`, `XATTR_SIZE_MAX`).
const NAME_MAX: usize = 255;
const SIZE_MAX: usize = 65536;

fn check_name(name: &[u8]) -> Result<()> {
    if name.is_empty() || name.len() > NAME_MAX { Err(Errno::ERANGE) } else { Ok(()) }
}

/// `xattr_permission`.
fn may(inode: &Inode, task: &Task, name: &[u8], write: bool) -> Result<()> {
    let refused = if write { Errno::EPERM } else { Errno::ENODATA };
    if name.starts_with(b"security.") || name.starts_with(b"system.") {
        return Ok(());
    }
    if name.starts_with(b"trusted.") {
        return if task.is_privileged() { Ok(()) } else { Err(refused) };
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

/// `cap_inode_setxattr`, and the owner's rule for access control lists.
fn may_change(inode: &Inode, task: &Task, name: &[u8]) -> Result<()> {
    may(inode, task, name, true)?;
    let acl = name.starts_with(b"system.posix_acl_");
    let denied = (name.starts_with(b"security.") && !task.is_privileged()) || (acl && !owns(inode, task));
    if denied { Err(Errno::EPERM) } else { Ok(()) }
}

/// Whether tmpfs has a handler for the name (`xattr_resolve_name`).
fn check_kept(name: &[u8]) -> Result<()> {
    if name == b"system.posix_acl_access" || name == b"system.posix_acl_default" {
        return Ok(());
    }
    for prefix in [&b"user."[..], b"trusted.", b"security."] {
        if let Some(rest) = name.strip_prefix(prefix) {
            return if rest.is_empty() { Err(Errno::EINVAL) } else { Ok(()) };
        }
    }
    Err(Errno::EOPNOTSUPP)
}

impl State {
    pub(crate) fn getxattr(&mut self, task: &Task, node: Node, name: &[u8]) -> Result<ByteString> {
        check_name(name)?;
        let inode = self.inode(node)?;
        may(inode, task, name, false)?;
        check_kept(name)?;
        let stored = self.stored_xattr_name(node, name);
        self.inode(node)?.xattr(&stored).map(|value| value[..].into()).ok_or(Errno::ENODATA)
    }

    pub(crate) fn setxattr(
        &mut self,
        task: &Task,
        node: Node,
        name: &[u8],
        value: &[u8],
        mode: XattrMode,
    ) -> Result<()> {
        check_name(name)?;
        if value.len() > SIZE_MAX {
            return Err(Errno::E2BIG);
        }
        may_change(self.inode(node)?, task, name)?;
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
        check_name(name)?;
        let inode = self.inode(node)?;
        may_change(inode, task, name)?;
        check_kept(name)?;
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
        let is_acl = |name: &[u8]| name.starts_with(b"system.");
        let acls = xattrs.keys().filter(|name| is_acl(name));
        let rest = xattrs.keys().rev().filter(|name| !is_acl(name));
        let shown = acls.chain(rest).filter(|name| task.is_privileged() || !name.starts_with(b"trusted."));
        let shown = shown.filter_map(|name| self.shown_xattr_name(node, name));
        Ok(shown.map(|name| name[..].into()).collect())
    }

    /// Notes that an attribute that means something to overlays was changed directly.
    fn touched_file(&mut self, _node: Node) {
        self.stale = true;
    }
}
