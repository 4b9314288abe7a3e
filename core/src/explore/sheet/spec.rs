//! Layers that Docker refuses and the image specification reads: what each means, with what Docker says of it.

use super::{NodeKind, Sheet};
use crate::kernel::{ByteString, Errno};
use crate::oci::gopath;
use crate::oci::layer::{LayerCall, LayerError, Marker};
use crate::oci::tar::TarEntry;

/// So many refusals of one layer are kept; the rest is counted.
const REFUSALS_MAX: usize = 20;

/// A layer with more entries that Docker refuses is refused: it is a trick, and nobody's mistake.
const REFUSED_MAX: u64 = 10_000;

/// An entry for which Docker refuses the whole layer, and what it is read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The entry's name.
    pub entry: ByteString,
    /// What is wrong with it, as Docker's unpacking meets it.
    pub error: LayerError,
    /// How it is read all the same.
    pub read_as: &'static str,
}

impl Sheet {
    /// Takes the next entry as the specification reads it (OCI image-spec `layer.md`): what Docker refuses and the
    /// specification has a meaning for is kept in [`Sheet::refusals`]; the node it made, if it is a file.
    ///
    /// # Errors
    /// What is refused by all, or aims out of the layer.
    pub fn take(&mut self, entry: &TarEntry) -> Result<Option<u32>, LayerError> {
        match self.add(entry) {
            Ok(made) => Ok(made),
            Err(error) if self.refused >= REFUSED_MAX => Err(error),
            Err(error @ LayerError::Duplicate(_)) => {
                // A layer is a changeset that is applied entry by entry: the later one counts.
                self.refuse(&entry.name, error, "the later entry of the path counts");
                let name = gopath::clean(&entry.name);
                match self.make(entry, &name) {
                    Ok(made) => Ok(made),
                    Err(error) => self.read_on(entry, error),
                }
            }
            Err(error) => self.read_on(entry, error),
        }
    }

    /// Takes a global header; Docker refuses one with the name of an entry.
    pub fn take_global(&mut self, name: &ByteString) {
        if let Err(error) = self.global(name) {
            self.refuse(name, error, "the header makes nothing");
        }
    }

    /// What Docker refuses the layer for; the first ones, in the order of the tar.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// How many entries Docker refuses the layer for.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    pub(super) fn refuse(&mut self, entry: &ByteString, error: LayerError, read_as: &'static str) {
        self.refused += 1;
        if self.refusals.len() < REFUSALS_MAX {
            self.refusals.push(Refusal { entry: entry.clone(), error, read_as });
        }
    }

    /// Reads an entry that Docker cannot make.
    fn read_on(&mut self, entry: &TarEntry, error: LayerError) -> Result<Option<u32>, LayerError> {
        let LayerError::Call { call, errno, .. } = &error else { return Err(error) };
        let path = gopath::rooted(&gopath::clean(&entry.name));
        let Some(marker) = Marker::of(gopath::base(&path)) else {
            if *call == LayerCall::SetXattr && !entry.xattrs.is_empty() {
                self.refuse(&entry.name, error, "the attribute is left out");
                let bare = TarEntry { xattrs: std::collections::BTreeMap::new(), ..entry.clone() };
                return self.make(&bare, &gopath::clean(&entry.name));
            }
            return Err(error);
        };
        match (marker, errno) {
            (Marker::Whiteout(b"" | b"." | b".."), _) => Err(error),
            (Marker::Whiteout(hidden), Errno::EEXIST) => {
                // "Whiteout files MUST only apply to resources in lower/parent layers."
                let dir = self.walk(gopath::dir(&path)).ok();
                let own = dir.and_then(|dir| self.child(dir, hidden));
                if let Some(NodeKind::Dir { opaque, .. }) = own.map(|own| &mut self.nodes[own as usize].kind)
                {
                    *opaque = true;
                }
                self.refuse(
                    &entry.name,
                    error,
                    "it hides lower layers alone, and its own layer's file stays",
                );
                Ok(None)
            }
            (_, Errno::ENOTDIR | Errno::ENOENT) => {
                self.refuse(&entry.name, error, "it stands in no directory, and hides nothing");
                Ok(None)
            }
            _ => Err(error),
        }
    }

    /// Ends the layer as [`Sheet::settle`] does; what Docker fails on at the end is kept too.
    pub fn end(&mut self) {
        let lost = self.lost.first().cloned();
        // What is left undone after a fault: the lost paths are taken out, so that the second time has none.
        while let Err(error) = self.settle() {
            let entry = lost.clone().unwrap_or_default().into();
            self.refuse(&entry, error, "a later entry has taken the directory away");
        }
    }

    /// Gives a file the digest of its content.
    pub(in crate::explore) fn set_digest(&mut self, file: u32, found: Box<[u8; 32]>) {
        if let Some(NodeKind::File { digest, .. }) =
            self.nodes.get_mut(file as usize).map(|node| &mut node.kind)
        {
            *digest = Some(found);
        }
    }
}
