//! Removing names from an overlay mount (docs/design/overlayfs.md, rules 6 and 8).

use super::super::disk::Owner;
use super::super::inode::Body;
use super::super::names::Name;
use super::super::overlay::{Child, OPAQUE, Upper};
use super::super::place::Node;
use super::super::state::SimState;
use crate::kernel::{Device, Errno, Result};

impl SimState {
    /// Removes what `name` is. What would show from below gets a whiteout in its place; what is the upper layer's alone
    /// just goes. [whiteout-file, whiteout-none-for-pure-upper]
    pub(crate) fn overlay_remove(&mut self, dir: Node, name: &[u8]) -> Result<()> {
        let Child::There(id, _) = self.overlay_lookup(dir, name)? else { return Err(Errno::ENOENT) };
        let node = Node { fs: dir.fs, id };
        let is_dir = self.overlay(dir.fs)?.dentry(id)?.is_dir();
        if is_dir && self.is_displaced(node)? {
            return Err(Errno::ENOENT);
        }
        let below = self.lower_positive(node)?;
        let mut inner = Vec::new();
        if is_dir && (below || !self.pure_upper(node)?) {
            inner = self.whiteouts_of_empty(node)?;
        }
        let upper_dir = self.copy_up(dir, false)?;
        self.must_be_in_place(node)?;
        if !inner.is_empty() {
            self.clear_empty(node, upper_dir, &inner)?;
        }
        let now = self.clock;
        let has_upper = self.overlay(dir.fs)?.dentry(id)?.upper.is_some();
        if below {
            self.place_whiteout(dir.fs, upper_dir, name)?;
        } else if has_upper {
            let gone = self.disk_mut(upper_dir.fs)?.remove(upper_dir.id, name, now)?;
            self.release(upper_dir.fs, gone)?;
        }
        let held = self.held(node);
        let overlay = self.overlay_mut(dir.fs)?;
        overlay.unhash(id, held);
        overlay.changed(dir.id);
        Ok(())
    }

    /// Whether the upper directory has something else by the name of this node.
    fn is_displaced(&self, node: Node) -> Result<bool> {
        let overlay = self.overlay(node.fs)?;
        if overlay.displaced.is_empty() {
            return Ok(false);
        }
        let dentry = overlay.dentry(node.id)?;
        let (Some(upper), Some(dir)) = (dentry.upper, overlay.upper_of(dentry.parent)?) else {
            return Ok(false);
        };
        Ok(overlay.displaced.contains(&upper)
            && self.disk(dir.fs)?.lookup(dir.id, &dentry.name)? != Some(upper))
    }

    /// Refuses to take away or to move a name whose place in the upper directory something else has.
    /// [found: a-removed-fifo-is-moved-over-a-new-file]
    pub(super) fn must_be_in_place(&self, node: Node) -> Result<()> {
        if self.is_displaced(node)? { Err(Errno::ESTALE) } else { Ok(()) }
    }

    /// A directory that cannot hold whiteouts. [whiteout-in-pure-upper-dir-enotempty]
    pub(super) fn pure_upper(&self, node: Node) -> Result<bool> {
        let dentry = self.overlay(node.fs)?.dentry(node.id)?;
        Ok(dentry.lower().is_empty() && !dentry.whiteouts)
    }

    /// Puts an empty opaque directory in the place of one that holds whiteouts alone.
    pub(super) fn clear_empty(&mut self, node: Node, upper_dir: Node, whiteouts: &[Name]) -> Result<()> {
        let now = self.clock;
        let overlay = self.overlay(node.fs)?;
        let name = overlay.dentry(node.id)?.name.clone();
        let Some(old) = overlay.upper_of(node.id)? else { return Ok(()) };
        let work = overlay.upper.as_ref().ok_or(Errno::EROFS)?.work;
        let temp = self.temp_name(node.fs)?;
        let inode = self.inode(old)?;
        let owner = Owner { uid: inode.uid, gid: inode.gid, mode: inode.mode };
        let times = inode.times;
        // As with copy-up: not overlayfs's own, and what cannot be read makes it fail.
        // [renames-with-redirects, found: an-empty-capability-keeps-a-directory]
        let xattrs = self.xattrs_to_copy(old)?;
        let disk = self.disk_mut(old.fs)?;
        let new = disk.create(work.id, &temp, Body::Dir(super::super::inode::Dir::default()), owner, now)?;
        let inode = disk.get_mut(new)?;
        inode.xattrs = xattrs;
        inode.set_own_xattr(OPAQUE, bytes::Bytes::from_static(b"y"));
        inode.times.set_atime(times.atime());
        inode.times.set_mtime(times.mtime());
        disk.exchange((work.id, &temp), (upper_dir.id, &name), now)?;
        for whiteout in whiteouts {
            let gone = self.disk_mut(old.fs)?.remove(old.id, whiteout, now)?;
            self.release(old.fs, gone)?;
        }
        let gone = self.disk_mut(old.fs)?.remove(work.id, &temp, now)?;
        let dentry = self.overlay_mut(node.fs)?.dentry_mut(node.id)?;
        dentry.upper = Some(new);
        dentry.opaque = true;
        self.release(old.fs, gone)
    }

    /// A whiteout in the place of `name`, whatever the upper directory has there.
    ///
    /// Whiteouts are links to one device in `work/`, which stays there. [surprise 35]
    pub(super) fn place_whiteout(&mut self, fs: u32, upper_dir: Node, name: &[u8]) -> Result<()> {
        let now = self.clock;
        let Upper { work, whiteout, .. } = *self.overlay(fs)?.upper.as_ref().ok_or(Errno::EROFS)?;
        let shared =
            whiteout.filter(|ino| self.disk(work.fs).is_ok_and(|d| d.get(*ino).is_ok_and(|i| i.nlink > 0)));
        let shared = if let Some(ino) = shared {
            ino
        } else {
            let temp = self.temp_name(fs)?;
            let owner = Owner { uid: 0, gid: 0, mode: 0 };
            let body = Body::Char(Device::WHITEOUT);
            let ino = self.disk_mut(work.fs)?.create(work.id, &temp, body, owner, now)?;
            if let Some(upper) = &mut self.overlay_mut(fs)?.upper {
                upper.whiteout = Some(ino);
            }
            ino
        };
        // The link is made in `work/` and moved into place; nobody sees it there but by the directory's times.
        self.next_temp(fs)?;
        let gone = self.disk_mut(work.fs)?.link_over(shared, work.id, (upper_dir.id, name), now)?;
        self.release(work.fs, gone)
    }

    /// The next `#N` in `work/`.
    pub(super) fn temp_name(&mut self, fs: u32) -> Result<Vec<u8>> {
        Ok(format!("#{:x}", self.next_temp(fs)?).into_bytes())
    }

    fn next_temp(&mut self, fs: u32) -> Result<u32> {
        let upper = self.overlay_mut(fs)?.upper.as_mut().ok_or(Errno::EROFS)?;
        upper.temp += 1;
        Ok(upper.temp)
    }
}
