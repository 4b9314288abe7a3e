//! The efficiency figure that layer explorers usually print, so that people can compare; beside it stands what can
//! really be had back ([`super::Stack::reclaimable`]).
//!
//! Source of the rule: wagoodman/dive, `filetree/efficiency.go`: over every path, the smallest of its sizes in any layer
//! divided by the sum of all. A whiteout counts as what its directory held, and opaque markers do not count at all. A hard
//! link has no size of its own, as in the tar: its bytes are counted under the first name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Stack;
use super::node::NodeKind;

/// The usual figure, and the bytes beside it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Efficiency {
    /// 1 where no path is in two layers.
    pub score: f64,
    /// Bytes that are in the image and that nobody sees: the same as the report's `reclaimable_bytes`. Layer explorers print
    /// the sum of all copies under this name, the one that is seen counted too (wagoodman/dive#684).
    pub wasted_bytes: u64,
    /// Bytes of all copies of the paths that are in two layers or more.
    pub repeated_bytes: u64,
}

/// Computes it.
pub fn efficiency(stack: &Stack) -> Efficiency {
    // Smallest, sum, how often.
    let mut paths: BTreeMap<Vec<u8>, (u64, u64, u32)> = BTreeMap::new();
    for (layer, sheet) in stack.sheets().iter().enumerate() {
        sheet.visit(|path, id, node| {
            if node.children().is_some_and(|names| !names.is_empty()) {
                return;
            }
            let size = match node.kind {
                NodeKind::Whiteout => stack.taken.get(&(layer, path.to_vec())).copied().unwrap_or(0),
                _ if node.inode != id => 0,
                _ => node.size,
            };
            let data = paths.entry(path.to_vec()).or_insert((u64::MAX, 0, 0));
            *data = (data.0.min(size), data.1 + size, data.2 + 1);
        });
    }
    let smallest: u64 = paths.values().map(|data| data.0).sum();
    let all: u64 = paths.values().map(|data| data.1).sum();
    let repeated_bytes = paths.values().filter(|data| data.2 > 1).map(|data| data.1).sum();
    let wasted_bytes = stack.reclaimable().iter().map(|hidden| hidden.size).sum();
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    let score = if all == 0 { 1.0 } else { smallest as f64 / all as f64 };
    Efficiency { score, wasted_bytes, repeated_bytes }
}
