//! What can be done with an overlay mount: look-up, listing, copy-up, and the changes that leave in the upper layer what
//! Linux leaves there.

mod copy_up;
mod create;
mod handle;
mod lookup;
mod mount;
mod options;
mod readdir;
mod remove;
mod rename;
mod xattr;

use smallvec::SmallVec;
use triomphe::Arc;

use super::overlay::{Overlay, ROOT};
use super::place::{Node, device_number};
use super::state::{Fs, SimState};
use crate::kernel::{ByteString, Errno, Result, Stat};

/// Where the numbers begin that directories have of their own: above those of a disk's inodes.
const OWN_NUMBERS: u64 = 1 << 31;

impl SimState {
    /// The overlay with this number; `EIO` if it is none.
    pub(crate) fn overlay(&self, fs: u32) -> Result<&Overlay> {
        match self.fs.get(fs) {
            Some(Fs::Overlay(overlay)) => Ok(overlay),
            _ => Err(Errno::EIO),
        }
    }

    pub(crate) fn overlay_mut(&mut self, fs: u32) -> Result<&mut Overlay> {
        match self.fs.get_mut(fs) {
            Some(Fs::Overlay(overlay)) => Ok(Arc::make_mut(overlay)),
            _ => Err(Errno::EIO),
        }
    }

    /// Whether a descriptor holds the node or what was in it, or a mount shows it: a bound directory stays when its name is
    /// removed, and `..` leads from a directory that is held to the one that it was in.
    /// [found: up-from-a-removed-directory]
    pub(crate) fn held(&self, node: Node) -> bool {
        let holds = |held: Node| {
            held.fs == node.fs
                && self.overlay(node.fs).is_ok_and(|overlay| overlay.is_above(node.id, held.id))
        };
        self.open.values().any(|open| open.pos.node == node || holds(open.pos.node))
            || self.mounts.shows(node)
    }

    /// What the real inode says, but for the link count of merged directories (always 1) and the
    /// number, which stays what it was before copy-up. [nlink-of-directories, hardlink-copied-up-single-keeps-ino]
    pub(crate) fn overlay_getattr(&self, node: Node) -> Result<Stat> {
        let overlay = self.overlay(node.fs)?;
        let dentry = overlay.dentry(node.id)?;
        let real = overlay.real(node.id)?;
        let mut stat = self.getattr(real)?;
        if dentry.merged() {
            stat.nlink = 1;
        }
        let mut of = real.fs;
        let origin = dentry.lower().first().filter(|_| dentry.has_origin());
        if let Some(origin) = origin {
            let lower = self.getattr(origin.node)?;
            if dentry.is_dir() || lower.nlink == 1 {
                stat.ino = lower.ino;
                of = origin.node.fs;
            }
        }
        stat.dev = device_number(node.fs);
        if overlay.same_fs {
            return Ok(stat);
        }
        // High bits of the number tell the file system, where that is asked for and they are free.
        let shift = u64::BITS - overlay.xino_bits;
        if overlay.xino_bits > 0 && stat.ino >> shift == 0 {
            let number = overlay.file_systems.iter().position(|fs| *fs == Some(of)).unwrap_or(0);
            stat.ino |= (number as u64) << (shift + 1);
        } else if dentry.is_dir() {
            // A number of its own, which lasts as long as the mount.
            stat.ino = OWN_NUMBERS + node.id;
        } else {
            // Another device number stands for each file system below.
            stat.dev = device_number(node.fs) * 1000 + device_number(of);
        }
        Ok(stat)
    }

    /// The path of a dentry inside its mount.
    pub(crate) fn overlay_path(&self, fs: u32, mut id: u64) -> Result<ByteString> {
        let overlay = self.overlay(fs)?;
        let mut names: SmallVec<[&[u8]; 8]> = SmallVec::new();
        let mut len = 0;
        while id != ROOT {
            let dentry = overlay.dentry(id)?;
            len += dentry.name.len() + 1;
            names.push(&dentry.name);
            id = dentry.parent;
        }
        let mut path = Vec::with_capacity(len.max(1));
        for name in names.iter().rev() {
            path.push(b'/');
            path.extend_from_slice(name);
        }
        if path.is_empty() {
            path.push(b'/');
        }
        Ok(path.into())
    }
}
