//! Two images, or two layers of one, beside each other: paths, settings, layers, and how much of each.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::compare::{PathChange, compare};
use super::image::Explorer;
use super::settings::{Setting, settings};
use super::stack::{Mark, Stack};
use crate::oci::Digest;

/// What differs between two images, or between two layers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The paths that differ, in the order of their bytes.
    pub changes: Vec<PathChange>,
    /// How many there are in all, and their bytes.
    pub counts: Counted,
    /// The settings that differ; none for layers.
    pub settings: Vec<Setting>,
    /// The layers of both; none where layers are compared.
    pub layers: Option<Shared>,
}

/// How many paths differ, and how many bytes they have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Only in the second: paths, and their bytes.
    pub added: (usize, u64),
    /// In both.
    pub changed: usize,
    /// Only in the first: paths, and their bytes.
    pub deleted: (usize, u64),
}

/// Layers of two images, by their diff ids: how many, and their bytes as stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// In both images.
    pub both: (usize, u64),
    /// In the first alone.
    pub before: (usize, u64),
    /// In the second alone.
    pub after: (usize, u64),
}

impl Comparison {
    /// Compares two images.
    pub fn images(before: &Explorer, after: &Explorer) -> Self {
        let layers = Some(shared(before, after));
        let settings = settings(&before.image.config, &after.image.config);
        Self { settings, layers, ..Self::stacks(&before.stack, &after.stack) }
    }

    /// Compares two layers of an image, lowest 0; `None` where there is no such layer. A whiteout is nothing.
    pub fn layers(explorer: &Explorer, before: usize, after: usize) -> Option<Self> {
        let sheets = explorer.stack.sheets();
        let one = |layer: usize| Some(Stack::new(vec![sheets.get(layer)?.clone()]));
        Some(Self::stacks(&one(before)?, &one(after)?))
    }

    fn stacks(before: &Stack, after: &Stack) -> Self {
        let changes = compare(before, after);
        let mut counts = Counted::default();
        for change in &changes {
            match change.mark {
                Mark::A => counts.added = (counts.added.0 + 1, counts.added.1 + change.after),
                Mark::C => counts.changed += 1,
                Mark::D => counts.deleted = (counts.deleted.0 + 1, counts.deleted.1 + change.before),
            }
        }
        Self { changes, counts, ..Self::default() }
    }

    /// Returns the same with at most so many paths and settings each; the counts stay.
    #[must_use]
    pub fn cut(mut self, most: usize) -> Self {
        self.changes.truncate(most);
        self.settings.truncate(most);
        self
    }
}

fn shared(before: &Explorer, after: &Explorer) -> Shared {
    let ids = |explorer: &Explorer| -> BTreeSet<Digest> {
        explorer.image.layers.iter().map(|layer| layer.diff_id).collect()
    };
    let (old, new) = (ids(before), ids(after));
    // Each of its own layers once, with the bytes that the archive has of it.
    let sum = |explorer: &Explorer, own: &BTreeSet<Digest>, other: &BTreeSet<Digest>, both: bool| {
        let mut left: BTreeSet<&Digest> = own.iter().filter(|id| other.contains(id) == both).collect();
        let count = left.len();
        let layers = explorer.image.layers.iter();
        let bytes = layers.filter(|layer| left.remove(&layer.diff_id));
        (count, bytes.map(|layer| layer.blob.map_or(0, |blob| blob.len)).sum())
    };
    Shared {
        both: sum(before, &old, &new, true),
        before: sum(before, &old, &new, false),
        after: sum(after, &new, &old, false),
    }
}
