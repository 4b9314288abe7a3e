//! Sheets on each other: what the merged view shows, which layer provides it, what each layer changed, and what is
//! hidden for good.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::node::{Node, NodeKind};
use super::oddity::Oddity;
use super::sheet::Sheet;

/// What a layer did to a path: the letters of `docker diff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mark {
    /// Added.
    A,
    /// Changed.
    C,
    /// Deleted.
    D,
}

/// One path of the merged view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// The layer that provides it, lowest 0.
    pub layer: usize,
    /// The node there.
    pub node: u32,
}

/// Content that no merged view shows any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// Its path, without a leading slash.
    pub path: Vec<u8>,
    /// The layer that holds it.
    pub layer: usize,
    /// The layer that hid it; its own, where a later entry of the same tar did.
    pub by: usize,
    /// Its bytes.
    pub size: u64,
}

/// The layers of an image, lowest first, and what they come to.
#[derive(Debug, Clone, Default)]
pub struct Stack {
    sheets: Vec<Sheet>,
    shown: BTreeMap<Vec<u8>, Shown>,
    marks: BTreeMap<Vec<u8>, Vec<(u16, Mark)>>,
    /// What was hidden, with the inode: one name of several may go alone.
    gone: Vec<(Hidden, u32)>,
    oddities: Vec<Oddity>,
    /// For the usual efficiency figure: what a whiteout of a directory took away at its time.
    pub(super) taken: BTreeMap<(usize, Vec<u8>), u64>,
}

impl Stack {
    /// Puts the layers on each other, as overlayfs shows them: lowest first.
    pub fn new(sheets: Vec<Sheet>) -> Self {
        let mut stack = Self { sheets, ..Self::default() };
        for layer in 0..stack.sheets.len() {
            let sheet = std::mem::take(&mut stack.sheets[layer]);
            sheet.visit(|path, id, node| stack.put(layer, path, id, node));
            stack.gone.extend(sheet.replaced().iter().map(|gone| {
                let node = sheet.node(gone.node);
                (Hidden { path: gone.path.clone(), layer, by: layer, size: node.size }, node.inode)
            }));
            stack.sheets[layer] = sheet;
        }
        stack
    }

    /// The layers, lowest first.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// The paths of the merged view by their bytes, without leading slashes.
    pub fn shown(&self) -> &BTreeMap<Vec<u8>, Shown> {
        &self.shown
    }

    /// What layers did by the way, and few people mean: links that became directories, directories made anew.
    pub fn oddities(&self) -> &[Oddity] {
        &self.oddities
    }

    /// The node that the merged view shows at a path.
    pub fn node(&self, path: &[u8]) -> Option<(usize, &Node)> {
        let shown = self.shown.get(path)?;
        Some((shown.layer, self.sheets[shown.layer].node(shown.node)))
    }

    /// What layers did to each path that any of them has, lowest layer first.
    pub fn marks(&self) -> &BTreeMap<Vec<u8>, Vec<(u16, Mark)>> {
        &self.marks
    }

    /// Bytes that could be had back: contents in a layer that the view of the whole stack does not show under any name,
    /// an inode once, by path and by the layer that hid them.
    pub fn reclaimable(&self) -> Vec<Hidden> {
        let mut visible = BTreeSet::new();
        for shown in self.shown.values() {
            visible.insert((shown.layer, self.sheets[shown.layer].node(shown.node).inode));
        }
        let mut counted = BTreeSet::new();
        let mut out = Vec::new();
        for (hidden, inode) in &self.gone {
            let key = (hidden.layer, *inode);
            if hidden.size > 0 && !visible.contains(&key) && counted.insert(key) {
                out.push(hidden.clone());
            }
        }
        out
    }

    fn put(&mut self, layer: usize, path: &[u8], id: u32, node: &Node) {
        let there = self.shown.get(path).copied();
        let mark = match (&node.kind, there) {
            (NodeKind::Whiteout, Some(_)) => Mark::D,
            (NodeKind::Whiteout, None) => return,
            (_, Some(_)) => Mark::C,
            (_, None) => Mark::A,
        };
        self.mark(path, layer, mark);
        match &node.kind {
            NodeKind::Whiteout => {
                let taken = self.hide_below(path, layer);
                self.taken.insert((layer, path.to_vec()), taken);
                self.hide(path, layer);
            }
            NodeKind::Dir { opaque, .. } => {
                if let Some(old) = there
                    && let Some(lower) = self.sheet_node(old, layer)
                    && let Some(oddity) = Oddity::of(path, (layer, node), (old.layer, lower))
                {
                    self.oddities.push(oddity);
                }
                let was_dir = there
                    .is_some_and(|old| self.sheet_node(old, layer).is_some_and(|n| n.children().is_some()));
                if *opaque || !was_dir {
                    self.hide_below(path, layer);
                }
                if !was_dir {
                    self.hide(path, layer);
                }
                self.shown.insert(path.to_vec(), Shown { layer, node: id });
            }
            _ => {
                self.hide_below(path, layer);
                self.hide(path, layer);
                self.shown.insert(path.to_vec(), Shown { layer, node: id });
            }
        }
    }

    fn sheet_node(&self, shown: Shown, current: usize) -> Option<&Node> {
        // The sheet at hand is taken out while it is visited: nothing of it is asked for.
        (shown.layer != current).then(|| self.sheets[shown.layer].node(shown.node))
    }

    fn mark(&mut self, path: &[u8], layer: usize, mark: Mark) {
        let marks = self.marks.entry(path.to_vec()).or_default();
        if marks.last().is_none_or(|(last, _)| usize::from(*last) != layer) {
            marks.push((layer as u16, mark));
        }
    }

    /// Hides everything below a path; the bytes of what went.
    fn hide_below(&mut self, path: &[u8], by: usize) -> u64 {
        let from = [path, b"/"].concat();
        let to = [path, b"0"].concat();
        let below: Vec<Vec<u8>> = self.shown.range(from..to).map(|(path, _)| path.clone()).collect();
        let mut bytes = 0;
        for path in below {
            self.mark(&path, by, Mark::D);
            bytes += self.hide(&path, by);
        }
        bytes
    }

    fn hide(&mut self, path: &[u8], by: usize) -> u64 {
        let Some(old) = self.shown.remove(path) else { return 0 };
        let Some(node) = self.sheet_node(old, by) else { return 0 };
        let (size, inode) = (node.size, node.inode);
        if matches!(node.kind, NodeKind::File { .. }) {
            self.gone.push((Hidden { path: path.to_vec(), layer: old.layer, by, size }, inode));
        }
        // Another name of a file has no bytes of its own.
        if inode == old.node { size } else { 0 }
    }
}
