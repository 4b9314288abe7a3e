//! Merged listings: what descriptors hold, and what the lower layers list together.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::super::place::Node;
use crate::kernel::Fd;
use crate::overlay::{Below, Merged};

/// How many directories' lower listings are kept: those that were listed last.
const KEPT: usize = 16;

/// A merged listing, and the descriptors that read it.
#[derive(Debug, Clone)]
pub(crate) struct KeptListing {
    pub(crate) listed: Arc<Merged>,
    pub(crate) readers: BTreeSet<Fd>,
}

/// A directory of a disk, and what becomes another number or length whenever a name comes or goes.
pub(crate) type Version = (Node, u32, usize);

/// What the lower parts of directories list together, kept for as long as those stay as they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct LowerListings {
    /// The last used is the last.
    kept: VecDeque<(Vec<Version>, Arc<Below>)>,
}

impl LowerListings {
    /// The one made of exactly these.
    pub(crate) fn get(&mut self, versions: &[Version]) -> Option<Arc<Below>> {
        let at = self.kept.iter().rposition(|(of, _)| of == versions)?;
        let found = self.kept.remove(at)?;
        let below = Arc::clone(&found.1);
        self.kept.push_back(found);
        Some(below)
    }

    /// Keeps one, in place of the one that was asked for least lately.
    pub(crate) fn put(&mut self, versions: Vec<Version>, below: Arc<Below>) {
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((versions, below));
    }
}
