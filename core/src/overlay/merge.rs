//! The listing of a merged directory (`ovl_dir_read_merged` in `fs/overlayfs/readdir.c`).

use std::collections::BTreeMap;

use crate::kernel::DirEntry;

/// A name as one layer lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What the layer's own directory says of it.
    pub entry: DirEntry,
    /// Whether it is a whiteout, in either form.
    pub whiteout: bool,
    /// The layer that it was found in first, from the top; 0 is the upper one.
    pub layer: usize,
}

/// Merges the listings of the layers, topmost first, whiteouts included: who wants the names that are there leaves
/// those out.
///
/// Names of the lowest layer come first, in its order, then what the upper layers have besides, from the top: so that
/// offsets stay when something is created. A name is what its topmost layer says.
pub fn merge(layers: impl IntoIterator<Item = Vec<Listed>>) -> Vec<Listed> {
    let mut layers: Vec<Vec<Listed>> = layers.into_iter().collect();
    let Some(lowest) = layers.pop() else { return Vec::new() };
    if layers.iter().all(Vec::is_empty) {
        return lowest;
    }
    let mut upper: Vec<Option<Listed>> = Vec::new();
    let mut seen: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for listed in layers.into_iter().flatten() {
        if let std::collections::btree_map::Entry::Vacant(slot) = seen.entry(listed.entry.name.to_vec()) {
            slot.insert(upper.len());
            upper.push(Some(listed));
        }
    }
    let mut merged = Vec::with_capacity(lowest.len() + upper.len());
    for listed in lowest {
        match seen.get(&listed.entry.name[..]) {
            Some(at) => merged.extend(upper[*at].take()),
            None => merged.push(listed),
        }
    }
    merged.extend(upper.into_iter().flatten());
    merged
}
