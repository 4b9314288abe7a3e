//! Listings of an overlay mount (docs/design/overlayfs.md, rules 28 and 29).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::inode::NameEntry;
use super::super::names::Name;
use super::super::overlay::{Child, IMPURE, KeptListing, Version};
use super::super::place::Node;
use super::super::state::SimState;
use crate::kernel::{DirEntry, Errno, Fd, FileType, Result};
use crate::overlay::{Below, Listed, Merged};

/// A layer's number, and an entry of it.
type FromLayer = (usize, DirEntry);

fn visible(merged: &Merged) -> impl Iterator<Item = FromLayer> {
    let entry = |l: &Listed| DirEntry { name: l.name[..].into(), kind: l.kind, ino: l.ino };
    merged.iter().filter(|l| !l.whiteout).map(move |l| (l.layer, entry(l)))
}

impl SimState {
    /// The entries of a directory: merged where it has several parts, else those of its one part as they are, whiteouts
    /// too. [whiteout-in-nonmerged-dir-shows-in-readdir]
    pub(crate) fn overlay_list(&mut self, dir: Node) -> Result<Vec<DirEntry>> {
        if !self.overlay(dir.fs)?.dentry(dir.id)?.whiteouts {
            let real = self.overlay(dir.fs)?.real(dir.id)?;
            let entries = self.list(real)?;
            return self.show(dir, entries.len(), entries.into_iter().map(|entry| (0, entry)));
        }
        let merged = self.merged_list(dir)?;
        self.show(dir, merged.len(), visible(&merged))
    }

    /// The same for a descriptor. A merged listing is kept while a descriptor that read it is open, and serves the
    /// others: copy-up moves nothing in it, what makes or removes a name has it made again.
    pub(crate) fn overlay_list_open(&mut self, dir: Node, fd: Fd) -> Result<Vec<DirEntry>> {
        if !self.overlay(dir.fs)?.dentry(dir.id)?.whiteouts {
            return self.overlay_list(dir);
        }
        if !self.overlay(dir.fs)?.listings.contains_key(&dir.id) {
            let listed = Arc::new(self.merged_list(dir)?);
            let kept = KeptListing { listed, readers: BTreeSet::new() };
            self.overlay_mut(dir.fs)?.listings.insert(dir.id, kept);
        }
        let kept = self.overlay_mut(dir.fs)?.listings.get_mut(&dir.id).ok_or(Errno::EIO)?;
        kept.readers.insert(fd);
        let listed = Arc::clone(&kept.listed);
        self.show(dir, listed.len(), visible(&listed))
    }

    /// Entries with the layer that each is from, as they are shown.
    fn show(
        &mut self,
        dir: Node,
        count: usize,
        entries: impl Iterator<Item = FromLayer>,
    ) -> Result<Vec<DirEntry>> {
        let overlay = self.overlay(dir.fs)?;
        let upper = overlay.upper_of(dir.id)?;
        let merged = overlay.dentry(dir.id)?.whiteouts;
        let numbered = overlay.same_fs || overlay.xino_bits > 0;
        // What was copied up keeps its number, here too: the look-up knows it.
        let impure = match upper {
            Some(upper) => self.inode(upper)?.xattr(IMPURE).is_some(),
            None => false,
        };
        let mut differs = false;
        let mut shown = Vec::with_capacity(count);
        for (layer, mut entry) in entries {
            if impure && layer == 0 && numbered {
                match self.overlay_lookup(dir, &entry.name) {
                    Ok(Child::There(id, _)) => {
                        let ino = self.overlay_getattr(Node { fs: dir.fs, id })?.ino;
                        differs |= ino != entry.ino;
                        entry.ino = ino;
                    }
                    // A whiteout of which only the look-up knows.
                    Ok(Child::Missing { .. }) if merged => continue,
                    _ => {}
                }
            }
            shown.push(entry);
        }
        // A listing that finds nothing of the kind takes the mark away.
        // [random: r1-0032-rename-l1]
        if let Some(upper) = upper
            && impure
            && numbered
            && !merged
            && !differs
        {
            let now = self.clock;
            let inode = self.inode_mut(upper)?;
            inode.remove_xattr(IMPURE);
            inode.times.set_ctime(now);
        }
        Ok(shown)
    }

    /// Every name of every part, with the whiteouts.
    fn merged_list(&mut self, dir: Node) -> Result<Merged> {
        let overlay = self.overlay(dir.fs)?;
        let search = overlay.dentry(dir.id)?.xwhiteouts;
        let xattrs = if search { overlay.xwhiteout_layers.clone() } else { Vec::new() };
        self.list_parts(dir, &xattrs)
    }

    fn list_parts(&mut self, dir: Node, xattrs: &[usize]) -> Result<Merged> {
        let above = match self.overlay(dir.fs)?.upper_of(dir.id)? {
            Some(upper) => self.layer_list(upper, 0, xattrs)?,
            None => Vec::new(),
        };
        Ok(Merged::new(above, self.lower_list(dir, xattrs)?))
    }

    /// What the lower parts list together. It is the same as last time where none of them has changed since, and where
    /// no attribute of a file has a say in it.
    fn lower_list(&mut self, dir: Node, xattrs: &[usize]) -> Result<Arc<Below>> {
        let parts = self.overlay(dir.fs)?.dentry(dir.id)?.lower.clone();
        let parts = parts.as_deref().unwrap_or_default();
        let version = |node: Node| -> Result<Version> {
            let (next, len) = self.disk(node.fs)?.version(node.id)?;
            Ok((node, next, len))
        };
        let versions: Option<Vec<Version>> = parts.iter().map(|part| version(part.node).ok()).collect();
        let versions = versions.filter(|_| xattrs.is_empty());
        if let Some(versions) = &versions
            && let Some(below) = self.overlay_mut(dir.fs)?.lower_listings.get(versions)
        {
            return Ok(below);
        }
        let mut layers = Vec::with_capacity(parts.len());
        for part in parts {
            layers.push(self.layer_list(part.node, part.layer, xattrs)?);
        }
        let below = Arc::new(Below::new(layers));
        if let Some(versions) = versions {
            self.overlay_mut(dir.fs)?.lower_listings.put(versions, Arc::clone(&below));
        }
        Ok(below)
    }

    /// One part. Whiteouts in the form of attributes are looked for only where `opaque=x` says so.
    fn layer_list(&mut self, dir: Node, layer: usize, xattrs: &[usize]) -> Result<Vec<Listed>> {
        let search = xattrs.contains(&layer);
        if let Ok(disk) = self.disk(dir.fs) {
            let listed = |(name, entry): (&Name, &NameEntry)| {
                let NameEntry { ino, kind, .. } = *entry;
                let whiteout = match kind {
                    FileType::Char => disk.get(ino)?.is_whiteout_device(),
                    FileType::File if search => self.is_xwhiteout(Node { fs: dir.fs, id: ino })?,
                    _ => false,
                };
                Ok(Listed { name: name.clone(), kind, ino, whiteout, layer })
            };
            return disk.list(dir.id)?.into_iter().map(listed).collect();
        }
        let entries = self.list(dir)?;
        let mut listed = Vec::with_capacity(entries.len());
        for DirEntry { name, kind, ino } in entries {
            let suspect = kind == FileType::Char || search && kind == FileType::File;
            let whiteout = suspect && {
                let node = self.lookup(dir, &name)?.ok_or(Errno::ENOENT)?;
                if kind == FileType::Char {
                    self.inode(node)?.is_whiteout_device()
                } else {
                    self.is_xwhiteout(node)?
                }
            };
            listed.push(Listed { name: name[..].into(), kind, ino, whiteout, layer });
        }
        Ok(listed)
    }

    /// The whiteouts that the upper part of an empty directory holds; `ENOTEMPTY` if a layer shows a
    /// name that no layer above it has. Whiteouts in the form of attributes are told from files only while names are
    /// given out, and are files until then.
    /// [whiteout-dir; found: attribute-whiteouts-keep-a-directory]
    pub(super) fn whiteouts_of_empty(&mut self, dir: Node) -> Result<Vec<Name>> {
        let overlay = self.overlay(dir.fs)?;
        let upper = overlay.upper_of(dir.id)?;
        let lower = overlay.dentry(dir.id)?.lower.clone();
        let lower = lower.as_deref().unwrap_or_default().iter().map(|part| part.node);
        let mut whiteouts = Vec::new();
        // The names of the layers above, all whiteouts, sorted within each.
        let mut hidden: Vec<Vec<Name>> = Vec::new();
        for part in upper.into_iter().chain(lower) {
            let mut own = Vec::new();
            for (name, whiteout) in self.names_of_part(part)? {
                if whiteout {
                    own.push(name);
                } else if !hidden.iter().any(|names| names.binary_search(&name).is_ok()) {
                    return Err(Errno::ENOTEMPTY);
                }
            }
            if Some(part) == upper {
                whiteouts.clone_from(&own);
            }
            hidden.push(own);
        }
        Ok(whiteouts)
    }

    /// The names of one part, sorted, and whether each is a whiteout's.
    fn names_of_part(&mut self, dir: Node) -> Result<Vec<(Name, bool)>> {
        if let Ok(disk) = self.disk(dir.fs) {
            let told = |(name, entry): (&Name, &NameEntry)| {
                let whiteout = entry.kind == FileType::Char && disk.get(entry.ino)?.is_whiteout_device();
                Ok((name.clone(), whiteout))
            };
            return disk.names(dir.id)?.map(told).collect();
        }
        let listed = self.layer_list(dir, 0, &[])?;
        let mut names: Vec<_> = listed.into_iter().map(|l| (l.name, l.whiteout)).collect();
        names.sort_unstable();
        Ok(names)
    }
}
