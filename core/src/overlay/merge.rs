//! The listing of a merged directory: which names it has, and in which order (docs/design/overlayfs.md, rules 1, 3 and 29).

use std::sync::Arc;

use smallvec::SmallVec;

use crate::kernel::FileType;
use crate::kernel::path::head;

/// A name as one layer lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name itself: short ones take no memory of their own.
    pub name: SmallVec<[u8; 16]>,
    /// `d_type`, as the layer's own directory says.
    pub kind: FileType,
    /// `d_ino`, likewise.
    pub ino: u64,
    /// Whether it is a whiteout, in either form.
    pub whiteout: bool,
    /// The layer that it was found in first, from the top; 0 is the upper one.
    pub layer: usize,
}

/// What the lower layers list together: it stays the same for as long as they do, so it can be kept.
#[derive(Debug, Default)]
pub struct Below {
    /// Each name once, as its topmost layer says: first in the lowest layer's order, then what the others have besides.
    listed: Vec<Listed>,
    /// How many are in the lowest layer's order.
    lowest: usize,
    /// Places in `listed`, by name.
    by_name: Vec<u32>,
}

impl Below {
    /// Merges the listings of the lower layers, topmost first.
    pub fn new(layers: impl IntoIterator<Item = Vec<Listed>>) -> Self {
        let mut layers: Vec<Vec<Listed>> = layers.into_iter().collect();
        let lowest = layers.last().map_or(0, Vec::len);
        let mut all: Vec<Option<Listed>> = Vec::with_capacity(layers.iter().map(Vec::len).sum());
        all.extend(layers.drain(..).flatten().map(Some));
        let start_of_lowest = all.len() - lowest;
        let name = |at: u32| all[at as usize].as_ref().map_or(&[][..], |listed| &listed.name[..]);
        let mut sorted: Vec<(u64, u32)> = (0..all.len() as u32).map(|at| (head(name(at)), at)).collect();
        sorted.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| name(a.1).cmp(name(b.1))).then(a.1.cmp(&b.1))
        });
        // Of the places of one name the first counts, and it is shown where the last is if that is the lowest layer's.
        let mut first_of_lowest = vec![0; lowest];
        let (mut others, mut winners) = (Vec::new(), Vec::with_capacity(sorted.len()));
        for group in sorted.chunk_by(|a, b| a.0 == b.0 && name(a.1) == name(b.1)) {
            let (first, last) = (group[0].1, group[group.len() - 1].1);
            winners.push(first);
            match (last as usize).checked_sub(start_of_lowest) {
                Some(place) => first_of_lowest[place] = first,
                None => others.push(first),
            }
        }
        others.sort_unstable();
        let mut place = vec![0; all.len()];
        let mut listed = Vec::with_capacity(winners.len());
        for at in first_of_lowest.into_iter().chain(others) {
            place[at as usize] = listed.len() as u32;
            listed.extend(all[at as usize].take());
        }
        let by_name = winners.into_iter().map(|at| place[at as usize]).collect();
        Self { listed, lowest, by_name }
    }

    fn find(&self, name: &[u8]) -> Option<usize> {
        let found = self.by_name.binary_search_by(|at| self.listed[*at as usize].name[..].cmp(name));
        found.ok().map(|at| self.by_name[at] as usize)
    }
}

/// The listing of a merged directory, whiteouts included: who wants the names that are there leaves those out.
#[derive(Debug)]
pub struct Merged {
    above: Vec<Listed>,
    below: Arc<Below>,
    /// Which names of `below` the upper layer has as well: places there and in `above`, by the former.
    covered: Vec<(usize, usize)>,
    /// The upper layer's names that are not in the lowest layer's part.
    own: Vec<usize>,
}

impl Merged {
    /// Puts the upper layer's listing over what is below.
    pub fn new(above: Vec<Listed>, below: Arc<Below>) -> Self {
        let (mut covered, mut own) = (Vec::new(), Vec::new());
        for (at, listed) in above.iter().enumerate() {
            let place = below.find(&listed.name);
            covered.extend(place.map(|place| (place, at)));
            if place.is_none_or(|place| place >= below.lowest) {
                own.push(at);
            }
        }
        covered.sort_unstable();
        Self { above, below, covered, own }
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.above.len() + self.below.listed.len() - self.covered.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every name: those of the lowest layer first, in its order, then what the upper layers have besides, from the top,
    /// so that offsets stay when something is created. A name is what its topmost layer says.
    pub fn iter(&self) -> impl Iterator<Item = &Listed> {
        let (below, split) = (&self.below.listed, self.below.lowest);
        let mut covered = self.covered.iter().peekable();
        let (mut at, mut own) = (0, self.own.iter());
        std::iter::from_fn(move || {
            loop {
                if at == split
                    && let Some(own) = own.next()
                {
                    return Some(&self.above[*own]);
                }
                let listed = below.get(at)?;
                at += 1;
                match covered.next_if(|(place, _)| *place == at - 1) {
                    None => return Some(listed),
                    Some((place, by)) if *place < split => return Some(&self.above[*by]),
                    Some(_) => {}
                }
            }
        })
    }
}
