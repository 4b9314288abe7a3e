//! Renaming in an overlay mount (`ovl_rename` in `fs/overlayfs/dir.c`).

use super::super::names::Name;
use super::super::overlay::{Child, OPAQUE, REDIRECT, ROOT, Redirect};
use super::super::place::Node;
use super::super::state::State;
use crate::kernel::{Errno, RenameFlags, Result};

/// The longest redirect (`redirect_max`).
const REDIRECT_MAX: usize = 256;

impl State {
    /// Moves or swaps names. What was checked before the file system has been checked.
    ///
    /// * `RENAME_WHITEOUT` is not for callers. [rename-whiteout-flag-einval]
    /// * A directory that has a lower part cannot move: `EXDEV`. [rename-merged-dir-exdev] With `redirect_dir=on` it can.
    /// * What has something below it leaves a whiteout; a whiteout at the target changes places with it.
    /// * A directory of the upper layer that comes into a merged one becomes opaque; even if the move then fails.
    pub(crate) fn overlay_rename(
        &mut self,
        from: (Node, &[u8]),
        to: (Node, &[u8]),
        flags: RenameFlags,
    ) -> Result<()> {
        if flags.contains(RenameFlags::WHITEOUT) {
            return Err(Errno::EINVAL);
        }
        let fs = from.0.fs;
        let exchange = flags.contains(RenameFlags::EXCHANGE);
        let Child::There(old) = self.overlay_lookup(from.0, from.1)? else { return Err(Errno::ENOENT) };
        let old = Node { fs, id: old };
        let (new, new_whiteout) = match self.overlay_lookup(to.0, to.1)? {
            Child::There(id) => (Some(Node { fs, id }), false),
            Child::Missing { whiteout } => (None, whiteout),
        };
        let is_dir = self.dir_that_may_move(old)?;
        let mut new_is_dir = false;
        if let Some(new) = new {
            new_is_dir = if exchange {
                self.dir_that_may_move(new)?
            } else {
                self.overlay(fs)?.dentry(new.id)?.is_dir()
            };
        }
        let mut inner = Vec::new();
        if let Some(new) = new
            && !exchange
            && new_is_dir
            && !self.pure_upper(new)?
        {
            inner = self.whiteouts_of_empty(new)?;
        }
        // What happens on the disk: `swap` the two names, leave a `whiteout`, `clean` the one that was swapped away.
        let (mut swap, mut whiteout, mut clean) = (exchange, false, false);
        if !exchange {
            if self.lower_positive(old)? {
                (swap, whiteout) = (new_whiteout, !new_whiteout);
            } else if is_dir && new_whiteout {
                (swap, clean) = (true, true);
            }
        }
        self.copy_up(old, false)?;
        let to_dir = self.copy_up(to.0, false)?;
        if let Some(new) = new
            && exchange
        {
            self.copy_up(new, false)?;
        }
        let from_dir = self.copy_up(from.0, false)?;
        if let Some(new) = new
            && !inner.is_empty()
        {
            self.clear_empty(new, to_dir, &inner)?;
        }
        let new_swapped = new.filter(|_| exchange);
        if from.0 != to.0 {
            if self.overlay(fs)?.dentry(old.id)?.has_origin() {
                self.set_impure(to.0)?;
            }
            if let Some(new) = new_swapped
                && self.overlay(fs)?.dentry(new.id)?.has_origin()
            {
                self.set_impure(from.0)?;
            }
        }
        let same_dir = from.0 == to.0;
        self.lead_below(old, to.0, same_dir)?;
        if let Some(new) = new_swapped {
            self.lead_below(new, from.0, same_dir)?;
        }
        self.move_on_disk((from_dir, from.1), (to_dir, to.1), swap, whiteout, clean)?;
        self.move_dentries(from, to, old, new, exchange)
    }

    /// `ovl_can_move`; whether it is a directory.
    fn dir_that_may_move(&self, node: Node) -> Result<bool> {
        let overlay = self.overlay(node.fs)?;
        let dentry = overlay.dentry(node.id)?;
        if dentry.is_dir() && dentry.merged_or_lower() && overlay.redirect != Redirect::On {
            Err(Errno::EXDEV)
        } else {
            Ok(dentry.is_dir())
        }
    }

    /// What a moved directory has below: what it had, or nothing.
    fn lead_below(&mut self, node: Node, into: Node, same_dir: bool) -> Result<()> {
        let merged = self.overlay(node.fs)?.dentry(node.id)?.merged();
        if merged { self.set_redirect(node, same_dir) } else { self.hide_below(node, into) }
    }

    /// `ovl_set_redirect`: where a directory's lower parts are: a name in the same directory, or a path from the root.
    fn set_redirect(&mut self, node: Node, same_dir: bool) -> Result<()> {
        let Some(upper) = self.overlay(node.fs)?.upper_of(node.id)? else { return Ok(()) };
        if let Some(set) = self.inode(upper)?.xattr(REDIRECT)
            && (same_dir || set.starts_with(b"/"))
        {
            return Ok(());
        }
        let to = if same_dir {
            self.overlay(node.fs)?.name_of(node.id)?.to_vec()
        } else {
            self.redirect_path(node)?
        };
        let now = self.clock;
        let inode = self.inode_mut(upper)?;
        inode.set_own_xattr(REDIRECT, to.into());
        inode.times.set_ctime(now);
        Ok(())
    }

    /// The path under which the lower layers have a directory: up to one that has an absolute redirect itself. `EXDEV`
    /// where it is too long, so that who moves it copies it instead.
    fn redirect_path(&self, node: Node) -> Result<Vec<u8>> {
        let overlay = self.overlay(node.fs)?;
        let mut path: Vec<u8> = Vec::new();
        let mut id = node.id;
        while id != ROOT {
            let set = match overlay.upper_of(id)? {
                Some(upper) => self.inode(upper)?.xattr(REDIRECT).cloned(),
                None => None,
            };
            let name = set.as_deref().unwrap_or(overlay.name_of(id)?);
            let absolute = name.starts_with(b"/");
            if path.len() + name.len() + usize::from(!absolute) > REDIRECT_MAX {
                return Err(Errno::EXDEV);
            }
            path = if absolute { [name, &path].concat() } else { [b"/", name, &path[..]].concat() };
            if absolute {
                break;
            }
            id = overlay.parent(id)?;
        }
        Ok(path)
    }

    /// An upper directory that comes into a merged one must not merge with what its new name may find below.
    /// [rename-pure-upper-dir]
    fn hide_below(&mut self, node: Node, into: Node) -> Result<()> {
        let overlay = self.overlay(node.fs)?;
        let dentry = overlay.dentry(node.id)?;
        if !dentry.is_dir() || dentry.opaque || !overlay.dentry(into.id)?.merged() {
            return Ok(());
        }
        if let Some(upper) = overlay.upper_of(node.id)? {
            let now = self.clock;
            let inode = self.inode_mut(upper)?;
            inode.set_own_xattr(OPAQUE, bytes::Bytes::from_static(b"y"));
            inode.times.set_ctime(now);
        }
        self.overlay_mut(node.fs)?.dentry_mut(node.id)?.opaque = true;
        Ok(())
    }

    fn move_on_disk(
        &mut self,
        from: (Node, &[u8]),
        to: (Node, &[u8]),
        swap: bool,
        whiteout: bool,
        clean: bool,
    ) -> Result<()> {
        let now = self.clock;
        let fs = from.0.fs;
        let (from, to) = ((from.0.id, from.1), (to.0.id, to.1));
        let disk = self.disk_mut(fs)?;
        if swap {
            disk.exchange(from, to, now)?;
            if clean {
                let gone = disk.remove(from.0, from.1, now)?;
                self.release(fs, gone)?;
            }
            return Ok(());
        }
        let gone = disk.rename(from, to, now)?;
        if whiteout {
            let owner = super::super::disk::Owner { uid: 0, gid: 0, mode: 0 };
            let body = super::super::inode::Body::Char(crate::kernel::Device::WHITEOUT);
            disk.create(from.0, from.1, body, owner, now)?;
        }
        self.release(fs, gone)
    }

    /// `d_move` or `d_exchange`.
    fn move_dentries(
        &mut self,
        from: (Node, &[u8]),
        to: (Node, &[u8]),
        old: Node,
        new: Option<Node>,
        exchange: bool,
    ) -> Result<()> {
        let held = new.is_some_and(|new| self.held(new));
        let overlay = self.overlay_mut(old.fs)?;
        if let Some(new) = new
            && !exchange
        {
            overlay.unhash(new.id, held);
        }
        overlay.forget_name(from.0.id, from.1);
        overlay.changed(from.0.id);
        overlay.changed(to.0.id);
        let mut place = |id: u64, dir: u64, name: &[u8]| -> Result<()> {
            let dentry = overlay.dentry_mut(id)?;
            dentry.parent = dir;
            dentry.name = Name::from_slice(name);
            overlay.dentry_mut(dir)?.children.insert(name, Child::There(id));
            Ok(())
        };
        place(old.id, to.0.id, to.1)?;
        if let Some(new) = new
            && exchange
        {
            place(new.id, from.0.id, from.1)?;
        }
        Ok(())
    }
}
