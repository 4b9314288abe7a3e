//! `setxattr(2)` and `removexattr(2)` of access control lists.
//!
//! The rules are in `docs/design/rules-acl.md`; comments give their numbers.

use super::access::owns;
use super::acl::{self, Acl};
use super::place::Node;
use super::state::SimState;
use crate::kernel::{Caps, Errno, FileType, Result, Task};

impl SimState {
    /// Gives a file or directory a list, or takes it away.
    pub(super) fn set_acl(&mut self, task: &Task, node: Node, name: &[u8], list: Option<Acl>) -> Result<()> {
        let is_access = name == acl::ACCESS;
        let inode = self.inode(node)?;
        // Rule 10, in this order.
        match (inode.kind(), &list) {
            (FileType::Symlink, _) => return Err(Errno::EOPNOTSUPP),
            (FileType::Dir, _) => {}
            (_, Some(_)) if !is_access => return Err(Errno::EACCES),
            (_, None) if !is_access => return Ok(()),
            _ => {}
        }
        if !owns(inode, task) {
            return Err(Errno::EPERM);
        }
        list.as_ref().map_or(Ok(()), Acl::check)?;

        // Rule 11.
        let keeps_group_bit = task.in_group(inode.gid) || task.can(Caps::FSETID);
        if is_access && inode.mode & 0o2000 != 0 && !keeps_group_bit {
            let real = self.writable(node)?;
            self.inode_mut(real)?.mode &= !0o2000;
        }
        // Rule 12.
        let has_one = self.inode(node)?.xattr(name).is_some();
        if list.is_none() && !has_one && self.is_in_lower_layer(node)? {
            return Err(Errno::ENODATA);
        }
        let (now, real) = (self.clock, self.writable(node)?);
        let inode = self.inode_mut(real)?;
        // Rules 4 and 5.
        let (bits, is_mode) = match &list {
            Some(list) if is_access => list.mode(),
            _ => (inode.mode & 0o777, false),
        };
        inode.mode = inode.mode & !0o777 | bits;
        match list.filter(|_| !is_mode) {
            Some(list) => inode.set_xattr(name, list.to_value()),
            None => drop(inode.remove_xattr(name)),
        }
        inode.times.set_ctime(now);
        Ok(())
    }

    /// Whether it is something of an overlay mount that was not copied up.
    fn is_in_lower_layer(&self, node: Node) -> Result<bool> {
        match self.overlay(node.fs) {
            Ok(overlay) => Ok(overlay.upper_of(node.id)?.is_none()),
            Err(_) => Ok(false),
        }
    }
}
