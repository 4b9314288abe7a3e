//! Moving and swapping names in an overlay mount.
//!
//! The rules are in `docs/design/rules-overlay-rename.md`; comments give their numbers.

use super::super::disk::Owner;
use super::super::inode::Body;
use super::super::names::Name;
use super::super::overlay::{Child, OPAQUE, REDIRECT, ROOT, Redirect};
use super::super::place::Node;
use super::super::state::SimState;
use crate::kernel::{Device, Errno, RenameFlags, Result};

/// The longest redirect that Linux writes (rule 9).
const LONGEST_REDIRECT: usize = 256;

/// A name, the directory that it is in, and what it stands for.
#[derive(Clone, Copy)]
struct Named<'n> {
    dir: Node,
    name: &'n [u8],
    node: Node,
}

/// What is at the place that a name is moved to.
enum Taken {
    /// Nothing that can be seen; the upper directory may hold a whiteout.
    No { whiteout: bool },
    /// Something that goes.
    By(Node),
}

impl SimState {
    /// Moves a name, or swaps two. The caller has checked what `rename(2)` says of names, kinds and permission.
    pub(crate) fn overlay_rename(
        &mut self,
        from: (Node, &[u8]),
        to: (Node, &[u8]),
        flags: RenameFlags,
    ) -> Result<()> {
        // Rule 2.
        if flags.contains(RenameFlags::WHITEOUT) {
            return Err(Errno::EINVAL);
        }
        let Child::There(id, _) = self.overlay_lookup(from.0, from.1)? else { return Err(Errno::ENOENT) };
        let source = Named { dir: from.0, name: from.1, node: Node { fs: from.0.fs, id } };
        let there = self.overlay_lookup(to.0, to.1)?;
        match there {
            Child::There(id, _) if flags.contains(RenameFlags::EXCHANGE) => {
                let target = Named { dir: to.0, name: to.1, node: Node { fs: to.0.fs, id } };
                self.swap_names(source, target)
            }
            Child::Missing { .. } if flags.contains(RenameFlags::EXCHANGE) => Err(Errno::ENOENT),
            Child::There(id, _) => self.move_name(source, to, Taken::By(Node { fs: to.0.fs, id })),
            Child::Missing { whiteout } => self.move_name(source, to, Taken::No { whiteout }),
        }
    }

    fn move_name(&mut self, source: Named<'_>, to: (Node, &[u8]), taken: Taken) -> Result<()> {
        self.must_be_movable(source.node)?;
        // Rule 4: a directory in the way must show no names; the whiteouts that its upper part holds go.
        let mut hidden = Vec::new();
        if let Taken::By(target) = taken
            && self.overlay(target.fs)?.dentry(target.id)?.is_dir()
            && !self.pure_upper(target)?
        {
            hidden = self.whiteouts_of_empty(target)?;
        }
        let covers = self.lower_positive(source.node)?;
        self.copy_up(source.node, false)?;
        let from_upper = self.copy_up(source.dir, false)?;
        let to_upper = self.copy_up(to.0, false)?;
        self.must_be_in_place(source.node)?;
        match taken {
            Taken::By(target) => self.must_be_in_place(target)?,
            Taken::No { whiteout } => self.must_be_whiteout(to_upper, to.1, whiteout)?,
        }
        if let Taken::By(target) = taken
            && !hidden.is_empty()
        {
            self.clear_empty(target, to_upper, &hidden)?;
            // What stands there now is another directory: it is looked up anew if the rename fails.
            let held = self.held(target);
            self.overlay_mut(target.fs)?.unhash(target.id, held);
        }
        self.prepare(source, to.0)?;

        // Rule 5, and rule 6: a whiteout in the way changes places with what leaves one behind.
        let now = self.clock;
        let (at, onto) = ((from_upper.id, source.name), (to_upper.id, to.1));
        let disk = self.disk_mut(from_upper.fs)?;
        let gone = if covers && matches!(taken, Taken::No { whiteout: true }) {
            disk.exchange(at, onto, now)?;
            None
        } else {
            let gone = disk.rename(at, onto, now)?;
            if covers {
                let owner = Owner { uid: 0, gid: 0, mode: 0 };
                disk.create(at.0, at.1, Body::Char(Device::WHITEOUT), owner, now)?;
            }
            gone
        };
        self.release(from_upper.fs, gone)?;

        if let Taken::By(target) = taken {
            let held = self.held(target);
            self.overlay_mut(target.fs)?.unhash(target.id, held);
        }
        self.overlay_mut(source.dir.fs)?.forget_name(source.dir.id, source.name);
        self.now_named(source.node, to)?;
        self.names_changed(source.dir, to.0)
    }

    fn swap_names(&mut self, a: Named<'_>, b: Named<'_>) -> Result<()> {
        self.must_be_movable(a.node)?;
        self.must_be_movable(b.node)?;
        for node in [a.node, b.node] {
            self.copy_up(node, false)?;
        }
        let (a_upper, b_upper) = (self.copy_up(a.dir, false)?, self.copy_up(b.dir, false)?);
        self.must_be_in_place(a.node)?;
        self.must_be_in_place(b.node)?;
        self.prepare(a, b.dir)?;
        self.prepare(b, a.dir)?;
        let now = self.clock;
        self.disk_mut(a_upper.fs)?.exchange((a_upper.id, a.name), (b_upper.id, b.name), now)?;
        self.now_named(a.node, (b.dir, b.name))?;
        self.now_named(b.node, (a.dir, a.name))?;
        self.names_changed(a.dir, b.dir)
    }

    /// Rule 3: where redirects are not made, a directory with a lower part stays where it is.
    fn must_be_movable(&self, node: Node) -> Result<()> {
        let overlay = self.overlay(node.fs)?;
        let dentry = overlay.dentry(node.id)?;
        let stays = dentry.is_dir() && dentry.merged_or_lower() && overlay.redirect != Redirect::On;
        if stays { Err(Errno::EXDEV) } else { Ok(()) }
    }

    /// Marks what is about to move into `dir`, so that it is found there as what it is here.
    fn prepare(&mut self, moved: Named<'_>, dir: Node) -> Result<()> {
        let overlay = self.overlay(moved.node.fs)?;
        let dentry = overlay.dentry(moved.node.id)?;
        // Rule 10.
        let impure = dentry.has_origin();
        if dentry.is_dir() {
            let below = !overlay.dentry(dir.id)?.lower().is_empty();
            if dentry.merged() {
                self.redirect_to_old_place(moved, dir)?;
            } else if below && !dentry.opaque {
                // Rule 7.
                self.mark(moved.node, OPAQUE, b"y")?;
                self.overlay_mut(moved.node.fs)?.dentry_mut(moved.node.id)?.opaque = true;
            }
        }
        if impure { self.set_impure(dir) } else { Ok(()) }
    }

    /// Rule 8: the redirect of a directory with lower parts; in the same parent a name is enough.
    fn redirect_to_old_place(&mut self, moved: Named<'_>, dir: Node) -> Result<()> {
        let written = self.written_redirect(moved.node)?;
        let to = match written {
            Some(path) if path.starts_with(b"/") => return Ok(()),
            Some(_) if moved.dir == dir => return Ok(()),
            None if moved.dir == dir => moved.name.to_vec(),
            _ => self.path_below(moved.node)?,
        };
        if to.len() > LONGEST_REDIRECT {
            return Err(Errno::EXDEV);
        }
        self.mark(moved.node, REDIRECT, &to)
    }

    /// Returns the path at which lower layers have a directory, as far as redirects in the upper layer tell.
    fn path_below(&self, node: Node) -> Result<Vec<u8>> {
        // The names from the last to the first, up to the root or an absolute redirect.
        let mut names = Vec::new();
        let mut at = node;
        while at.id != ROOT {
            let dentry = self.overlay(at.fs)?.dentry(at.id)?;
            let name = self.written_redirect(at)?.unwrap_or_else(|| dentry.name.to_vec());
            let ends = name.starts_with(b"/");
            names.push(name);
            if ends {
                break;
            }
            at.id = dentry.parent;
        }
        let mut path = Vec::new();
        for name in names.iter().rev() {
            if !name.starts_with(b"/") {
                path.push(b'/');
            }
            path.extend_from_slice(name);
        }
        Ok(path)
    }

    /// Returns the redirect that the upper part of a directory has.
    fn written_redirect(&self, node: Node) -> Result<Option<Vec<u8>>> {
        let Some(upper) = self.overlay(node.fs)?.upper_of(node.id)? else { return Ok(None) };
        Ok(self.inode(upper)?.xattr(REDIRECT).map(|to| to.to_vec()))
    }

    fn mark(&mut self, node: Node, name: &'static [u8], value: &[u8]) -> Result<()> {
        let Some(upper) = self.overlay(node.fs)?.upper_of(node.id)? else { return Ok(()) };
        let now = self.clock;
        let inode = self.inode_mut(upper)?;
        inode.set_own_xattr(name, bytes::Bytes::copy_from_slice(value));
        inode.times.set_ctime(now);
        Ok(())
    }

    fn now_named(&mut self, node: Node, to: (Node, &[u8])) -> Result<()> {
        let overlay = self.overlay_mut(node.fs)?;
        let dentry = overlay.dentry_mut(node.id)?;
        (dentry.parent, dentry.name) = (to.0.id, Name::from_slice(to.1));
        let child = Child::There(node.id, dentry.kind);
        overlay.dentry_mut(to.0.id)?.children.insert(to.1, child);
        Ok(())
    }

    fn names_changed(&mut self, a: Node, b: Node) -> Result<()> {
        let overlay = self.overlay_mut(a.fs)?;
        overlay.changed(a.id);
        overlay.changed(b.id);
        Ok(())
    }
}
