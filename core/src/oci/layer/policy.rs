//! What no layer may hold, whoever reads it: judged by an entry's final name, before anything is made of it
//! (design: security.md; what is stricter than Docker is listed in the design's decisions).

use std::collections::BTreeSet;

use super::LayerError;
use crate::kernel::{ByteString, Device, path};
use crate::oci::gopath;
use crate::oci::tar::{Kind, TarEntry};

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
            return Err(refused("name leaves the layer's root"));
        }
        if !devices && entry.kind == Kind::Char && entry.device == Device::WHITEOUT {
            return Err(refused("a raw 0:0 device would be a whiteout"));
        }
        if entry.xattrs.keys().any(steers) {
            return Err(refused("an attribute of overlayfs itself"));
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
