//! What differs between two views: two layers of an image, or two images.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::stack::Mark;
use super::{Node, NodeKind, Sheet, Stack};
use crate::kernel::ByteString;

/// One path that differs, with the letter of `docker diff` from the first view to the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The path, with its leading slash.
    pub path: ByteString,
    /// Only in the second, in both and different, only in the first.
    pub mark: Mark,
    /// Bytes in the first.
    pub before: u64,
    /// Bytes in the second.
    pub after: u64,
}

/// What differs between two stacks' merged views (or, with stacks of one sheet, between two layers). Contents count as
/// equal if size and time are, as for `docker diff`.
pub fn compare(before: &Stack, after: &Stack) -> Vec<Change> {
    let collect = |stack: &'_ Stack| -> BTreeMap<Vec<u8>, (usize, u32)> {
        stack.shown().iter().map(|(path, shown)| (path.clone(), (shown.layer, shown.node))).collect()
    };
    let (first, second) = (collect(before), collect(after));
    let node = |sheets: &'_ [Sheet], at: (usize, u32)| sheets[at.0].node(at.1).clone();
    let mut out = Vec::new();
    let change =
        |path: &[u8], mark, before, after| Change { path: [b"/", path].concat().into(), mark, before, after };
    for (path, at) in &first {
        let old = node(before.sheets(), *at);
        match second.get(path) {
            None => out.push(change(path, Mark::D, old.size, 0)),
            Some(at) => {
                let new = node(after.sheets(), *at);
                if !is_same(&old, &new) {
                    out.push(change(path, Mark::C, old.size, new.size));
                }
            }
        }
    }
    for (path, at) in &second {
        if !first.contains_key(path) {
            out.push(change(path, Mark::A, 0, node(after.sheets(), *at).size));
        }
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}

fn is_same(old: &Node, new: &Node) -> bool {
    let content = match (&old.kind, &new.kind) {
        (NodeKind::Dir { .. }, NodeKind::Dir { .. }) => true,
        (NodeKind::File { .. }, NodeKind::File { .. }) => old.size == new.size && old.mtime == new.mtime,
        (a, b) => a == b,
    };
    content && (old.mode, old.uid, old.gid) == (new.mode, new.uid, new.gid)
}
