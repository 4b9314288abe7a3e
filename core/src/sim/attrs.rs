//! System calls that change mode, owner, size and times: chmod(2), chown(2), truncate(2), utimensat(2).

use super::access::{owns, permission};
use super::acl::{self, Acl};
use super::inode::Inode;
use super::place::{Node, Pos};
use super::state::{Fs, SimState};
use super::xattrs::CAPABILITY;
use crate::kernel::{Access, Caps, Errno, FileType, Follow, Result, SetTime, Task};

/// chown(2), on set-group-id: with group execution it is a set-gid program; without, it is left to who is in the group.
fn drops_sgid(inode: &Inode, task: &Task) -> bool {
    inode.mode & 0o2000 != 0
        && (inode.mode & 0o010 != 0 || !(task.in_group(inode.gid) || task.can(Caps::FSETID)))
}

/// The set-id bits that a change by `task` takes from a file (`CAP_FSETID` keeps them, capabilities(7)).
pub(crate) fn lost_by_write(inode: &Inode, task: &Task) -> u32 {
    if inode.kind() != FileType::File || task.can(Caps::FSETID) {
        return 0;
    }
    let sgid = if drops_sgid(inode, task) { 0o2000 } else { 0 };
    (inode.mode & 0o4000) | sgid
}

/// capabilities(7): a changed file has no capabilities. An empty attribute gives none, and stays.
fn lose_capability(inode: &mut Inode) -> bool {
    inode.xattr(CAPABILITY).is_some_and(|value| !value.is_empty()) && inode.remove_xattr(CAPABILITY)
}

/// By which call a file gets another size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resize {
    /// `truncate(2)`: the times change even where the size does not, but for a file that takes no space.
    /// [found: truncate-empty-to-nothing]
    Path,
    /// `ftruncate(2)`, which always sets them. [found: ftruncate-to-same-size]
    Descriptor,
    /// `O_TRUNC`, likewise; what is cut need not be copied up.
    Open,
}

impl SimState {
    pub(crate) fn chmod(&mut self, task: &Task, path: &[u8], mode: u32) -> Result<()> {
        let pos = self.resolve(task, path, Follow::Target)?;
        self.want_write(pos)?;
        self.chmod_node(task, pos.node, mode)
    }

    pub(crate) fn chmod_node(&mut self, task: &Task, node: Node, mode: u32) -> Result<()> {
        let inode = self.inode(node)?;
        if !owns(inode, task) {
            return Err(Errno::EPERM);
        }
        let mut mode = mode & 0o7777;
        if !task.in_group(inode.gid) && !task.can(Caps::FSETID) {
            mode &= !0o2000;
        }
        let now = self.clock;
        let real = self.writable(node)?;
        let inode = self.inode_mut(real)?;
        inode.mode = mode;
        if let Some(mut list) = Acl::of(inode, acl::ACCESS) {
            list.set_mode(mode);
            inode.set_own_xattr(acl::ACCESS, list.to_value());
        }
        inode.times.set_ctime(now);
        Ok(())
    }

    pub(crate) fn chown(
        &mut self,
        task: &Task,
        path: &[u8],
        uid: Option<u32>,
        gid: Option<u32>,
        follow: Follow,
    ) -> Result<()> {
        let pos = self.resolve(task, path, follow)?;
        self.want_write(pos)?;
        self.chown_node(task, pos.node, uid, gid)
    }

    /// chown(2): a file's set-id bits and capabilities go, whoever calls and whatever the ids are.
    pub(crate) fn chown_node(
        &mut self,
        task: &Task,
        node: Node,
        uid: Option<u32>,
        gid: Option<u32>,
    ) -> Result<()> {
        let inode = self.inode(node)?;
        let mut mode = inode.mode;
        if !inode.is_dir() {
            mode &= !0o4000;
            if drops_sgid(inode, task) {
                mode &= !0o2000;
            }
        }
        // chown(2), EPERM: who may not give files away may keep the ids, and hand them to the own groups; bits that go
        // are a change of the mode.
        let (mine, any) = (task.uid == inode.uid, task.can(Caps::CHOWN));
        let uid_ok = any || uid.is_none_or(|uid| mine && uid == inode.uid);
        let gid_ok = any || gid.is_none_or(|gid| mine && (gid == inode.gid || task.in_group(gid)));
        let mode_ok = mode == inode.mode || owns(inode, task);
        if !(uid_ok && gid_ok && mode_ok) {
            return Err(Errno::EPERM);
        }
        let is_dir = inode.is_dir();
        let now = self.clock;
        let real = self.writable(node)?;
        let inode = self.inode_mut(real)?;
        inode.mode = mode;
        inode.uid = uid.unwrap_or(inode.uid);
        inode.gid = gid.unwrap_or(inode.gid);
        if !is_dir {
            lose_capability(inode);
        }
        inode.times.set_ctime(now);
        Ok(())
    }

    pub(crate) fn utimens(
        &mut self,
        task: &Task,
        path: &[u8],
        atime: SetTime,
        mtime: SetTime,
        follow: Follow,
    ) -> Result<()> {
        if atime == SetTime::Omit && mtime == SetTime::Omit {
            return Ok(());
        }
        let pos = self.resolve(task, path, follow)?;
        self.want_write(pos)?;
        let inode = self.inode(pos.node)?;
        if !owns(inode, task) {
            if atime != SetTime::Now || mtime != SetTime::Now {
                return Err(Errno::EPERM);
            }
            permission(inode, task, Access::WRITE)?;
        }
        let now = self.clock;
        let real = self.writable(pos.node)?;
        let inode = self.inode_mut(real)?;
        match atime {
            SetTime::Omit => {}
            SetTime::Now => inode.times.set_atime(now),
            SetTime::At(time) => inode.times.set_atime(time),
        }
        match mtime {
            SetTime::Omit => {}
            SetTime::Now => inode.times.set_mtime(now),
            SetTime::At(time) => inode.times.set_mtime(time),
        }
        inode.times.set_ctime(now);
        Ok(())
    }

    /// truncate(2).
    pub(crate) fn truncate(&mut self, task: &Task, path: &[u8], size: u64) -> Result<()> {
        if size > super::content::MAX_SIZE {
            return Err(Errno::EINVAL);
        }
        let pos = self.resolve(task, path, Follow::Target)?;
        match self.inode(pos.node)?.kind() {
            FileType::File => {}
            FileType::Dir => return Err(Errno::EISDIR),
            _ => return Err(Errno::EINVAL),
        }
        self.want_write(pos)?;
        self.may(pos.node, task, Access::WRITE)?;
        self.resize(task, pos.node, size, Resize::Path)
    }

    /// Sets the size of what may be written.
    pub(crate) fn resize(&mut self, task: &Task, node: Node, size: u64, by: Resize) -> Result<()> {
        let now = self.clock;
        let lost = lost_by_write(self.inode(node)?, task);
        let real = if by == Resize::Open { self.writable_cut(node)? } else { self.writable(node)? };
        let inode = self.inode_mut(real)?;
        let content = inode.content_mut().ok_or(Errno::EINVAL)?;
        let timed = by != Resize::Path || content.size() != size || content.blocks() != 0;
        content.truncate(size)?;
        let capable = lose_capability(inode);
        inode.mode &= !lost;
        if timed {
            inode.times.set_mtime(now);
        }
        // Set-id bits that are lost count as no change of their own. [found: truncate-loses-set-id-bits-without-a-time]
        if timed || capable {
            inode.times.set_ctime(now);
        }
        Ok(())
    }

    /// mount(2), `MS_RELATIME`: a read counts where it is the first after a change, or a day after the last. What
    /// an overlay shows from a lower layer is not touched. [atime in the recorded sessions]
    pub(crate) fn accessed(&mut self, pos: Pos) -> Result<()> {
        const DAY: i64 = 24 * 3600;
        let real = match self.fs.get(pos.node.fs) {
            Some(Fs::Overlay(overlay)) => overlay.upper_of(pos.node.id)?,
            _ => Some(pos.node),
        };
        let Some(real) = real else { return Ok(()) };
        let now = self.clock;
        let times = self.inode(real)?.times;
        let atime = times.atime();
        let due =
            times.mtime() >= atime || times.ctime() >= atime || now.sec.saturating_sub(atime.sec) >= DAY;
        if due && atime != now && self.want_write(pos).is_ok() {
            self.inode_mut(real)?.times.set_atime(now);
        }
        Ok(())
    }

    /// What every write does to a file besides its bytes.
    pub(crate) fn written(&mut self, task: &Task, real: Node) -> Result<()> {
        let now = self.clock;
        let inode = self.inode_mut(real)?;
        inode.mode &= !lost_by_write(inode, task);
        if inode.xattrs.is_some() {
            lose_capability(inode);
        }
        inode.times.set_mtime(now);
        inode.times.set_ctime(now);
        Ok(())
    }
}
