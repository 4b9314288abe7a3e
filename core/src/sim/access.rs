//! Who may do what: permission bits, ownership, sticky directories, capabilities of root.

use super::inode::Inode;
use super::place::{Node, Pos};
use super::state::SimState;
use crate::kernel::{Access, Caps, Errno, FileType, Result, Task};

/// path_resolution(7), "Permissions": the class of the caller decides alone, or the access control list. Who may
/// override that may all but execute a file that nobody may execute; another capability lets read and search alone.
pub(crate) fn permission(inode: &Inode, task: &Task, want: Access) -> Result<()> {
    if task.can(Caps::DAC_OVERRIDE) {
        let denied = want.contains(Access::EXECUTE) && !inode.is_dir() && inode.mode & 0o111 == 0;
        if !denied {
            return Ok(());
        }
    }
    if task.can(Caps::DAC_READ_SEARCH) {
        let read = if inode.is_dir() { !want.contains(Access::WRITE) } else { want == Access::READ };
        if read {
            return Ok(());
        }
    }
    let bits = if task.uid == inode.uid {
        inode.mode >> 6
    } else if let Some(granted) = super::acl::permission(inode, task, want) {
        return if granted { Ok(()) } else { Err(Errno::EACCES) };
    } else if task.in_group(inode.gid) {
        inode.mode >> 3
    } else {
        inode.mode
    };
    let granted = Access::from_bits_truncate(bits);
    if granted.contains(want) { Ok(()) } else { Err(Errno::EACCES) }
}

/// Whether the caller owns it, or may act as if (`CAP_FOWNER`, capabilities(7)).
pub(crate) fn owns(inode: &Inode, task: &Task) -> bool {
    task.uid == inode.uid || task.can(Caps::FOWNER)
}

/// unlink(2), EPERM: in a sticky directory a name is its file's owner's, or the directory's.
fn sticky_denies(dir: &Inode, victim: &Inode, task: &Task) -> bool {
    dir.mode & 0o1000 != 0 && task.uid != victim.uid && task.uid != dir.uid && !task.can(Caps::FOWNER)
}

impl SimState {
    /// `EROFS` where nothing may be written.
    pub(crate) fn want_write(&self, pos: Pos) -> Result<()> {
        match self.mounts.get(pos.mount) {
            Some(mount) if mount.read_only() || self.fs_read_only(mount.root.fs) => Err(Errno::EROFS),
            _ => Ok(()),
        }
    }

    /// access(2) with the task's effective ids.
    pub(crate) fn may(&self, node: Node, task: &Task, want: Access) -> Result<()> {
        permission(self.inode(node)?, task, want)
    }

    /// Whether a name may be made in a directory.
    pub(crate) fn may_create(&self, dir: Node, task: &Task) -> Result<()> {
        let inode = self.inode(dir)?;
        if inode.nlink == 0 {
            return Err(Errno::ENOENT);
        }
        permission(inode, task, Access::WRITE | Access::EXECUTE)
    }

    /// Whether a name may be taken away, with the caller's word on whether a directory is meant.
    pub(crate) fn may_delete(&self, dir: Node, victim: Node, task: &Task, of_dir: bool) -> Result<()> {
        let parent = self.inode(dir)?;
        permission(parent, task, Access::WRITE | Access::EXECUTE)?;
        let inode = self.inode(victim)?;
        if sticky_denies(parent, inode, task) {
            return Err(Errno::EPERM);
        }
        match (of_dir, inode.kind() == FileType::Dir) {
            (true, false) => Err(Errno::ENOTDIR),
            (false, true) => Err(Errno::EISDIR),
            _ => Ok(()),
        }
    }
}
