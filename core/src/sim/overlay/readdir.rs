//! Listings of an overlay mount (`fs/overlayfs/readdir.c`).

use super::super::state::{Node, State};
use super::{Child, IMPURE};
use crate::kernel::{DirEntry, Errno, FileType, Result};
use crate::overlay::{Listed, merge};

impl State {
    /// The entries of a directory: merged where it has several parts, else those of its one part as they are, whiteouts
    /// too. [whiteout-in-nonmerged-dir-shows-in-readdir]
    pub(crate) fn overlay_list(&mut self, dir: Node) -> Result<Vec<DirEntry>> {
        let overlay = self.overlay(dir.fs)?;
        let dentry = overlay.dentry(dir.id)?;
        let upper = overlay.upper_of(dir.id)?;
        let mut entries = Vec::new();
        let merged = dentry.whiteouts;
        if merged {
            let listed = self.merged_list(dir)?;
            let from_upper = |l: &Listed| (l.layer == 0 && upper.is_some(), l.entry.clone());
            entries.extend(listed.iter().filter(|l| !l.whiteout).map(from_upper));
        } else {
            let real = overlay.real(dir.id)?;
            entries.extend(self.list(real)?.into_iter().map(|entry| (upper.is_some(), entry)));
        }
        // What was copied up keeps its number, here too (`ovl_calc_d_ino`): the look-up knows it.
        let impure = match upper {
            Some(upper) => self.inode(upper)?.xattr(IMPURE).is_some(),
            None => false,
        };
        let mut differs = false;
        let mut shown = Vec::with_capacity(entries.len());
        for (from_upper, mut entry) in entries {
            if impure
                && from_upper
                && let Ok(Child::There(id)) = self.overlay_lookup(dir, &entry.name)
            {
                let ino = self.overlay_getattr(Node { fs: dir.fs, id })?.ino;
                differs |= ino != entry.ino;
                entry.ino = ino;
            }
            shown.push(entry);
        }
        // A listing that finds nothing of the kind takes the mark away (`ovl_cache_get_impure`).
        // [random: r1-0032-rename-l1]
        if let Some(upper) = upper
            && impure
            && !merged
            && !differs
        {
            self.inode_mut(upper)?.remove_xattr(IMPURE);
        }
        Ok(shown)
    }

    /// Every name of every part, with the whiteouts.
    pub(super) fn merged_list(&mut self, dir: Node) -> Result<Vec<Listed>> {
        let overlay = self.overlay(dir.fs)?;
        let dentry = overlay.dentry(dir.id)?;
        let lower = dentry.lower.clone();
        let upper = overlay.upper_of(dir.id)?;
        let xattrs: Vec<usize> =
            if dentry.xwhiteouts { overlay.xwhiteout_layers.clone() } else { Vec::new() };
        let mut layers = Vec::new();
        if let Some(upper) = upper {
            layers.push(self.layer_list(upper, 0, &xattrs)?);
        }
        for part in lower.as_deref().unwrap_or_default() {
            layers.push(self.layer_list(part.node, part.layer, &xattrs)?);
        }
        Ok(merge(layers))
    }

    /// One part. Whiteouts in the form of attributes are looked for only where `opaque=x` says so.
    fn layer_list(&mut self, dir: Node, layer: usize, xattrs: &[usize]) -> Result<Vec<Listed>> {
        let entries = self.list(dir)?;
        let search = xattrs.contains(&layer);
        let mut listed = Vec::with_capacity(entries.len());
        for entry in entries {
            let suspect = entry.kind == FileType::Char || search && entry.kind == FileType::File;
            let whiteout = suspect && {
                let node = self.lookup(dir, &entry.name)?.ok_or(Errno::ENOENT)?;
                if entry.kind == FileType::Char {
                    self.inode(node)?.is_whiteout_device()
                } else {
                    self.is_xwhiteout(node)?
                }
            };
            listed.push(Listed { entry, whiteout, layer });
        }
        Ok(listed)
    }
}
