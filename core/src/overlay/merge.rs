//! The listing of a merged directory (`ovl_dir_read_merged` in `fs/overlayfs/readdir.c`).

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
    let upper: Vec<Listed> = layers.into_iter().flatten().collect();
    // Places in `upper`, by name and from the top: the first of a name is the one that counts.
    let mut by_name: Vec<usize> = (0..upper.len()).collect();
    by_name.sort_unstable_by(|a, b| upper[*a].entry.name[..].cmp(&upper[*b].entry.name[..]).then(a.cmp(b)));
    by_name.dedup_by(|later, first| upper[*later].entry.name == upper[*first].entry.name);
    let find = |name: &[u8]| by_name.binary_search_by(|at| upper[*at].entry.name[..].cmp(name)).ok();
    // Which of the lowest layer's names an upper layer has as well, and where.
    let covers: Vec<Option<usize>> = lowest.iter().map(|l| find(&l.entry.name).map(|i| by_name[i])).collect();
    let mut counts = vec![false; upper.len()];
    for at in &by_name {
        counts[*at] = true;
    }
    let mut upper: Vec<Option<Listed>> =
        upper.into_iter().zip(counts).map(|(listed, counts)| counts.then_some(listed)).collect();
    let mut merged = Vec::with_capacity(lowest.len() + by_name.len());
    for (listed, cover) in lowest.into_iter().zip(covers) {
        match cover {
            Some(at) => merged.extend(upper[at].take()),
            None => merged.push(listed),
        }
    }
    merged.extend(upper.into_iter().flatten());
    merged
}
