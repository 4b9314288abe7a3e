//! What no layer may hold, whoever reads it: judged by an entry's final name, before anything is made of it
//! (design: security.md; what is stricter than Docker is listed in the design's decisions).

use std::collections::BTreeSet;

use super::LayerError;
use crate::kernel::{ByteString, Device, path};
use crate::oci::gopath;
use crate::oci::tar::{Entry, Kind};

/// Lets each path of one layer in once.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    seen: BTreeSet<Vec<u8>>,
}

impl Gate {
    /// The cleaned name of the next entry, unless it is refused. `steers` tells the attributes that overlayfs itself
    /// goes by.
    pub fn admit(
        &mut self,
        entry: &Entry,
        steers: impl Fn(&ByteString) -> bool,
    ) -> Result<Vec<u8>, LayerError> {
        let refused = |why| LayerError::Refused { entry: entry.name.clone(), why };
        if leaves_root(&entry.name) {
            return Err(refused("name leaves the layer's root"));
        }
        let name = gopath::clean(&entry.name);
        if !self.seen.insert(name.clone()) {
            return Err(LayerError::Duplicate(entry.name.clone()));
        }
        if entry.kind == Kind::Char && entry.device == Device::WHITEOUT {
            return Err(refused("a raw 0:0 device would be a whiteout"));
        }
        if entry.xattrs.keys().any(steers) {
            return Err(refused("an attribute of overlayfs itself"));
        }
        Ok(name)
    }

    /// Lets a path come again: containerd takes the later entry, where Docker refuses both.
    pub fn forget(&mut self, name: &[u8]) {
        self.seen.remove(&gopath::clean(name));
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
