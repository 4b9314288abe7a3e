//! Files of the merged view with the same contents under other names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::node::NodeKind;
use super::stack::Stack;
use crate::kernel::ByteString;

/// Files that are equal, each stored on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Same {
    /// Bytes of one of them.
    pub size: u64,
    /// Their names, with leading slashes; of a file with several names the first.
    pub names: Vec<ByteString>,
}

impl Same {
    /// Bytes of all but one of them.
    pub fn extra(&self) -> u64 {
        self.size.saturating_mul(self.names.len().saturating_sub(1) as u64)
    }
}

/// Finds equal files by their digests, those that cost most first. Empty ones cost nothing, and names of one file are one.
pub fn same_contents(stack: &Stack) -> Vec<Same> {
    let mut seen = std::collections::BTreeSet::new();
    let mut groups: BTreeMap<&[u8; 32], Same> = BTreeMap::new();
    for (path, shown) in stack.shown() {
        let node = stack.sheets()[shown.layer].node(shown.node);
        if let NodeKind::File { digest: Some(digest), .. } = &node.kind
            && node.size > 0
            && seen.insert((shown.layer, node.inode))
        {
            let group = groups.entry(digest).or_insert(Same { size: node.size, names: Vec::new() });
            group.names.push([b"/", &path[..]].concat().into());
        }
    }
    let mut out: Vec<Same> = groups.into_values().filter(|same| same.names.len() > 1).collect();
    out.sort_by(|a, b| b.extra().cmp(&a.extra()).then_with(|| a.names.cmp(&b.names)));
    out
}
