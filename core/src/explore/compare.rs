//! What differs between two views: two layers of an image, or two images.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::stack::{Mark, Shown};
use super::{Node, NodeKind, Stack};
use crate::kernel::ByteString;

/// One path that differs, with the letter of `docker diff` from the first view to the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathChange {
    /// The path, with its leading slash.
    pub path: ByteString,
    /// Only in the second, in both and different, only in the first.
    pub mark: Mark,
    /// Bytes in the first.
    pub before: u64,
    /// Bytes in the second.
    pub after: u64,
    /// What of it differs; nothing where it is in one view alone.
    pub what: Vec<What>,
}

/// What of a path differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// It is something else: a file where a link was.
    Type,
    /// A file's bytes.
    Content,
    /// Where a symbolic link leads.
    Target,
    /// A device's numbers.
    Device,
    /// Permission bits.
    Mode,
    /// Owner or group.
    Owner,
    /// Extended attributes.
    Xattrs,
    /// Which other names the file has: a hard link is a copy now, or a copy a link.
    Links,
}

impl What {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Content => "content",
            Self::Target => "target",
            Self::Device => "device",
            Self::Mode => "mode",
            Self::Owner => "owner",
            Self::Xattrs => "xattrs",
            Self::Links => "links",
        }
    }
}

/// What differs between two stacks' merged views (or, with stacks of one sheet, between two layers).
///
/// Contents are equal if their digests are; times say nothing of them (moby#31805: two builds may leave the same size and
/// time on other bytes). Where a digest is missing, size and time stand for the content.
pub fn compare(before: &Stack, after: &Stack) -> Vec<PathChange> {
    let (old_links, new_links) = (links(before, after), links(after, before));
    let change = |path: &[u8], mark, before, after, what| PathChange {
        path: [b"/", path].concat().into(),
        mark,
        before,
        after,
        what,
    };
    let node = |stack: &'_ Stack, at: &Shown| stack.sheets()[at.layer].node(at.node).clone();
    let mut out = Vec::new();
    for (path, at) in before.shown() {
        let old = node(before, at);
        match after.shown().get(path) {
            None => out.push(change(path, Mark::D, old.size, 0, Vec::new())),
            Some(at) => {
                let new = node(after, at);
                let mut what = differences(&old, &new);
                if !what.contains(&What::Type)
                    && old_links.get(path.as_slice()) != new_links.get(path.as_slice())
                {
                    what.push(What::Links);
                }
                if !what.is_empty() {
                    out.push(change(path, Mark::C, old.size, new.size, what));
                }
            }
        }
    }
    for (path, at) in after.shown() {
        if !before.shown().contains_key(path) {
            out.push(change(path, Mark::A, 0, node(after, at).size, Vec::new()));
        }
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}

/// Maps each further hard link to the first one, among the names that both views have. A name that one view lacks is
/// reported by itself.
fn links<'a>(stack: &'a Stack, other: &Stack) -> BTreeMap<&'a [u8], &'a [u8]> {
    let mut first: BTreeMap<(usize, u32), &[u8]> = BTreeMap::new();
    let mut out = BTreeMap::new();
    for (path, at) in stack.shown() {
        let node = stack.sheets()[at.layer].node(at.node);
        if node.children().is_some() || !other.shown().contains_key(path) {
            continue;
        }
        match first.get(&(at.layer, node.inode)) {
            Some(name) => drop(out.insert(path.as_slice(), *name)),
            None => drop(first.insert((at.layer, node.inode), path.as_slice())),
        }
    }
    out
}

fn differences(old: &Node, new: &Node) -> Vec<What> {
    let mut what = Vec::new();
    match (&old.kind, &new.kind) {
        (NodeKind::Dir { .. }, NodeKind::Dir { .. }) => {}
        (NodeKind::File { digest: a, extents: from, .. }, NodeKind::File { digest: b, extents: to, .. }) => {
            let is_same = match (a, b) {
                (Some(a), Some(b)) => a == b,
                _ => old.mtime == new.mtime && from == to,
            };
            if old.size != new.size || !is_same {
                what.push(What::Content);
            }
        }
        (NodeKind::Symlink(a), NodeKind::Symlink(b)) => {
            if a != b {
                what.push(What::Target);
            }
        }
        (NodeKind::Device(a, from), NodeKind::Device(b, to)) if a == b => {
            if from != to {
                what.push(What::Device);
            }
        }
        (NodeKind::Fifo, NodeKind::Fifo) => {}
        _ => what.push(What::Type),
    }
    if old.mode != new.mode && !what.contains(&What::Type) {
        what.push(What::Mode);
    }
    if (old.uid, old.gid) != (new.uid, new.gid) {
        what.push(What::Owner);
    }
    if old.xattrs != new.xattrs {
        what.push(What::Xattrs);
    }
    what
}
