//! Copy-up: what is changed moves to the upper layer first (docs/design/overlayfs.md, rules 9 to 13).
//!
//! Mode, owner, times, attributes and content are kept; so are the times of the directory that it comes into.
//! [preserve-metadata, preserve-parent-chain]

use smallvec::SmallVec;
use triomphe::Arc;

use super::super::attributes::Xattrs;
use super::super::content::Content;
use super::super::inode::{Body, Dir, Inode};
use super::super::overlay::{Child, ORIGIN, PREFIX};
use super::super::place::{Node, device_number};
use super::super::state::SimState;
use super::super::xattrs::CAPABILITY;
use crate::kernel::Result;
use crate::kernel::{Errno, FileType};
use crate::overlay::{CopyUp, CopyUps};

/// What was removed while it was open, and whose directory was removed after it, has nowhere to be copied up to. A
/// regular file is linked into place, anything else is moved there after a look at where that is.
/// [found: copy-up-into-a-removed-directory]
fn in_a_removed_directory(kind: FileType) -> Errno {
    if kind == FileType::File { Errno::ENOENT } else { Errno::EIO }
}

impl SimState {
    /// Brings a node and the directories that it is in to the upper layer, and returns it there.
    pub(crate) fn copy_up(&mut self, node: Node, cut: bool) -> Result<Node> {
        let overlay = self.overlay(node.fs)?;
        let fs = overlay.upper_fs()?;
        match overlay.dentry(node.id)?.upper {
            Some(id) => Ok(Node { fs, id }),
            None => self.copy_up_chain(node, cut),
        }
    }

    fn copy_up_chain(&mut self, node: Node, cut: bool) -> Result<Node> {
        let overlay = self.overlay(node.fs)?;
        let fs = overlay.upper_fs()?;
        let mut chain: SmallVec<[u64; 8]> = SmallVec::new();
        let mut at = node.id;
        let target = loop {
            let dentry = match (overlay.dentry(at), chain.last()) {
                (Err(_), Some(below)) => return Err(in_a_removed_directory(overlay.dentry(*below)?.kind)),
                (dentry, _) => dentry?,
            };
            if let Some(below) = chain.last().filter(|_| !dentry.hashed) {
                return Err(in_a_removed_directory(overlay.dentry(*below)?.kind));
            }
            if let Some(upper) = dentry.upper {
                break upper;
            }
            chain.push(at);
            at = dentry.parent;
        };
        let mut upper = target;
        while let Some(id) = chain.pop() {
            let at = Node { fs: node.fs, id };
            upper = self.copy_up_into(at, upper, cut && chain.is_empty())?;
        }
        Ok(Node { fs, id: upper })
    }

    /// Copies up one thing, whose parent is in the upper layer as `into`.
    fn copy_up_into(&mut self, node: Node, into: u64, cut: bool) -> Result<u64> {
        let now = self.clock;
        let overlay = self.overlay(node.fs)?;
        let fs = overlay.upper_fs()?;
        let dentry = overlay.dentry(node.id)?;
        let (parent, name, kind) = (dentry.parent, dentry.name.clone(), dentry.kind);
        let lower = overlay.real(node.id)?;
        let dir = Node { fs: node.fs, id: parent };
        self.set_impure(dir)?;
        let mut bytes = 0;
        let inode = self.inode(lower)?;
        let body = match &inode.body {
            Body::File(_) if cut => Body::File(Content::default()),
            Body::File(content) => {
                bytes = content.size();
                Body::File(content.copied_in_chunks())
            }
            Body::Dir(_) => Body::Dir(Dir::default()),
            other => other.clone(),
        };
        // Which name it keeps is lost when one of several links is copied: it is no longer the same file.
        let origin = (kind == FileType::Dir || inode.nlink == 1).then(|| self.handle_of(lower));
        let inode = self.inode(lower)?;
        let nlink = if kind == FileType::Dir { 2 } else { 1 };
        let Inode { mode, uid, gid, mut times, .. } = *inode;
        let xattrs = if inode.xattrs.is_some() { self.xattrs_to_copy(lower)? } else { None };
        times.set_ctime(now);
        let mut copy = Inode { body, mode, nlink, uid, gid, times, xattrs };
        if let Some(origin) = origin {
            copy.set_own_xattr(ORIGIN, origin);
        }
        let disk = self.disk_mut(fs)?;
        let before = match disk.get(into) {
            Ok(into) if into.nlink > 0 => into.times,
            _ => return Err(in_a_removed_directory(kind)),
        };
        // What was removed while it was open may have another in its place. A regular file is linked into place and
        // meets that; anything else is moved over it, as `rename(2)` allows.
        // [surprise 31; found: a-removed-directory-cannot-be-copied-up]
        if let Some(there) = disk.lookup(into, &name)?
            && kind != FileType::File
        {
            match (kind == FileType::Dir, disk.get(there)?.is_dir()) {
                (true, false) => return Err(Errno::ENOTDIR),
                (false, true) => return Err(Errno::EISDIR),
                _ => {}
            }
            let gone = disk.remove(into, &name, now)?;
            self.displace(dir, &name, there)?;
            self.release(fs, gone)?;
        }
        let disk = self.disk_mut(fs)?;
        let id = disk.put(into, &name, copy, now)?;
        let around = disk.get_mut(into)?;
        around.times.set_atime(before.atime());
        around.times.set_mtime(before.mtime());
        let dentry = self.overlay_mut(node.fs)?.dentry_mut(node.id)?;
        dentry.upper = Some(id);
        dentry.whiteouts |= kind == FileType::Dir;
        if dentry.const_ino && kind != FileType::Dir {
            self.overlay_mut(node.fs)?.copies.insert(lower.id, node.id);
        }
        self.copied.cost.entries += 1;
        self.copied.cost.bytes += bytes;
        if self.copied.list.len() < CopyUps::LISTED {
            let root = self.overlay(node.fs)?.upper.as_ref().ok_or(Errno::EROFS)?.root;
            let upper = (device_number(root.fs), root.id);
            let path = self.overlay_path(node.fs, node.id)?;
            self.copied.list.push(CopyUp { upper, path, kind, bytes });
        }
        Ok(id)
    }

    /// Notes that something else is about to have a name in the upper directory. What was found by that name stays what
    /// the mount shows, without a name of its own, and can be changed.
    /// [found: a-removed-fifo-is-moved-over-a-new-file]
    fn displace(&mut self, dir: Node, name: &[u8], upper: u64) -> Result<()> {
        let overlay = self.overlay_mut(dir.fs)?;
        if let Some(Child::There(id, _)) = overlay.known(dir.id, name)?
            && overlay.dentry(id)?.upper == Some(upper)
        {
            overlay.displaced.insert(upper);
        }
        Ok(())
    }

    /// The attributes that go along: all but overlayfs's own.
    pub(super) fn xattrs_to_copy(&self, lower: Node) -> Result<Option<Arc<Xattrs>>> {
        let Some(all) = self.inode(lower)?.xattrs.clone() else { return Ok(None) };
        // What cannot be read cannot be copied: an empty one is no capability.
        if all.get(CAPABILITY).is_some_and(bytes::Bytes::is_empty) {
            return Err(Errno::EINVAL);
        }
        if !all.keys().any(|name| name.starts_with(PREFIX)) {
            return Ok(Some(all));
        }
        let mut kept = Xattrs::default();
        for (stored, value) in all.iter() {
            let Some(shown) = self.shown_xattr_name(lower, stored) else { continue };
            let own = shown.strip_prefix(PREFIX);
            if own.is_none_or(|name| name.starts_with(b"overlay.")) {
                kept.insert(shown.into_owned().into(), value.clone());
            }
        }
        Ok((!kept.is_empty()).then(|| Arc::new(kept)))
    }
}
