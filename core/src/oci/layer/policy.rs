//! What no layer may hold, whoever reads it: judged by an entry's final name, before anything is made of it
//! (design: security.md; what is stricter than Docker is listed in the design's decisions).

use std::collections::BTreeSet;

use super::LayerError;
use crate::kernel::{ByteString, Device, path};
use crate::oci::gopath;
use crate::oci::tar::{Kind, TarEntry};

/// Why an entry is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trick {
    /// Its name climbs over the root.
    #[error("name leaves the layer's root")]
    NameLeavesRoot,
    /// It is a hard link to what lies over the root.
    #[error("hard link target leaves the layer's root")]
    LinkLeavesRoot,
    /// It would make the root another thing than a directory.
    #[error("the root may not change its type")]
    RootOfOtherType,
    /// It hides a name that no file has.
    #[error("a whiteout may not name '.', '..' or nothing")]
    WhiteoutOfNothing,
    /// It is a device that overlayfs takes for a whiteout.
    #[error("a raw 0:0 device would be a whiteout")]
    RawWhiteout,
    /// It has an extended attribute of overlayfs.
    #[error("an attribute of overlayfs itself")]
    OverlayAttribute,
}

impl Trick {
    /// Whether Docker takes the entry, so that the lab refuses it of its own accord.
    pub(super) fn is_taken_by_docker(self) -> bool {
        matches!(self, Self::WhiteoutOfNothing | Self::RawWhiteout | Self::OverlayAttribute)
    }
}

/// Lets each path of one layer in once.
#[derive(Debug, Clone, Default)]
pub struct EntryPolicy {
    seen: BTreeSet<Vec<u8>>,
}

impl EntryPolicy {
    /// The cleaned name of an entry, unless it is refused whatever came before. `steers` tells the attributes that
    /// overlayfs itself goes by; `devices` lets a raw 0:0 device in.
    pub fn admit(
        entry: &TarEntry,
        steers: impl Fn(&ByteString) -> bool,
        devices: bool,
    ) -> Result<Vec<u8>, LayerError> {
        let refused = |why| LayerError::Refused { entry: entry.name.clone(), why };
        if leaves_root(&entry.name) {
            return Err(refused(Trick::NameLeavesRoot));
        }
        if !devices && entry.kind == Kind::Char && entry.device == Device::WHITEOUT {
            return Err(refused(Trick::RawWhiteout));
        }
        if entry.xattrs.keys().any(steers) {
            return Err(refused(Trick::OverlayAttribute));
        }
        Ok(gopath::clean(&entry.name))
    }

    /// Lets a path in once (tar-split `tar/storage/packer.go`, `AddEntry`). A global header's name is a path too.
    pub fn pass(&mut self, name: &ByteString) -> Result<(), LayerError> {
        if self.seen.insert(gopath::clean(name)) { Ok(()) } else { Err(LayerError::Duplicate(name.clone())) }
    }
}

/// Whether a name climbs over its root at any point; a leading slash means the root.
pub fn leaves_root(name: &[u8]) -> bool {
    let mut depth = 0i64;
    path::components(name).any(|part| {
        match part {
            b"." => {}
            b".." => depth -= 1,
            _ => depth += 1,
        }
        depth < 0
    })
}
