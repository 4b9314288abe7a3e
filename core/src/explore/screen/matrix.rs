//! The matrix of files and layers as a tree that folds: all paths in one list, directories before what is in them.

use crate::explore::{Mark, NodeKind, Stack, why};

use super::types::{LayerCell, LayerState, Line, Only};

/// So many rows are unfolded at first, where layers meet.
const FIRST_ROWS: usize = 48;

/// Every path of an image, and which of them are shown.
#[derive(Debug)]
pub(super) struct Matrix {
    nodes: Vec<Node>,
    /// Which directories are unfolded, by the nodes' numbers.
    open: Vec<bool>,
    /// While paths are filtered: which stay, and what was unfolded before.
    filtered: Option<Filtered>,
    /// The rows as they are shown.
    shown: Vec<u32>,
}

#[derive(Debug)]
struct Filtered {
    keep: Vec<bool>,
    before: Vec<bool>,
}

#[derive(Debug)]
struct Node {
    path: Vec<u8>,
    level: u32,
    parent: Option<u32>,
    /// One past the last node below it.
    end: u32,
}

impl Matrix {
    /// The paths of a stack.
    pub(super) fn new(stack: &Stack) -> Self {
        let mut paths: Vec<&Vec<u8>> = stack.marks().keys().collect();
        // A directory comes right before what is in it: the slash sorts before every other byte of a name.
        let key = |path: &'_ [u8]| path.iter().map(|b| if *b == b'/' { 0 } else { *b }).collect::<Vec<u8>>();
        paths.sort_by_cached_key(|path| key(path));
        let mut nodes: Vec<Node> = Vec::with_capacity(paths.len());
        let mut trail: Vec<u32> = Vec::new();
        for path in paths {
            while let Some(last) = trail.last().copied() {
                let above = &nodes[last as usize].path;
                if path.len() > above.len() && path.starts_with(above) && path[above.len()] == b'/' {
                    break;
                }
                nodes[last as usize].end = nodes.len() as u32;
                trail.pop();
            }
            let id = nodes.len() as u32;
            nodes.push(Node {
                path: path.clone(),
                level: trail.len() as u32 + 1,
                parent: trail.last().copied(),
                end: id + 1,
            });
            trail.push(id);
        }
        for left in trail {
            nodes[left as usize].end = nodes.len() as u32;
        }
        let open = vec![false; nodes.len()];
        let mut matrix = Self { nodes, open, filtered: None, shown: Vec::new() };
        matrix.unfold_first(stack);
        matrix.show();
        matrix
    }

    /// How many paths there are.
    pub(super) fn paths(&self) -> u32 {
        self.nodes.len() as u32
    }

    /// How many rows are shown.
    pub(super) fn rows(&self) -> u32 {
        self.shown.len() as u32
    }

    /// The nodes of so many rows.
    pub(super) fn window(&self, from: u32, count: u32) -> impl Iterator<Item = u32> {
        self.shown.iter().copied().skip(from as usize).take(count as usize)
    }

    /// The row at which a node is shown.
    pub(super) fn place(&self, id: u32) -> Option<u32> {
        self.shown.binary_search(&id).ok().map(|row| row as u32)
    }

    /// Unfolds or folds a directory; numbers that are none are let pass.
    pub(super) fn fold(&mut self, id: u32, open: bool) {
        if let Some(node) = self.open.get_mut(id as usize) {
            *node = open;
            self.show();
        }
    }

    /// Unfolds or folds all.
    pub(super) fn fold_all(&mut self, open: bool) {
        self.open.fill(open);
        self.show();
    }

    /// Unfolds the directories that are unfolded in another matrix, and no others.
    pub(super) fn open_as(&mut self, other: &Self) {
        let open = other.filtered.as_ref().map_or(&other.open, |filtered| &filtered.before);
        let is_open = other.nodes.iter().zip(open).filter(|(_, open)| **open).map(|(node, _)| &node.path);
        let wanted: std::collections::BTreeSet<_> = is_open.collect();
        for (node, open) in self.nodes.iter().zip(&mut self.open) {
            *open = wanted.contains(&node.path);
        }
        self.show();
    }

    /// Unfolds what leads to a path, if there is such a one; what is filtered out comes back.
    pub(super) fn reveal(&mut self, stack: &Stack, path: &[u8]) -> Option<u32> {
        let id = self.find(path)?;
        if self.filtered.as_ref().is_some_and(|filtered| !filtered.keep[id as usize]) {
            self.filter(stack, "", Only::All);
        }
        self.unfold_to(id);
        self.show();
        Some(id)
    }

    /// Shows only the paths that are meant, unfolded, and what leads to them.
    pub(super) fn filter(&mut self, stack: &Stack, text: &str, only: Only) {
        if let Some(filtered) = self.filtered.take() {
            self.open = filtered.before;
        }
        if !text.is_empty() || only != Only::All {
            let hidden = match only {
                Only::Hidden => stack.reclaimable().into_iter().map(|hidden| hidden.path).collect(),
                Only::All | Only::Touched => std::collections::BTreeSet::new(),
            };
            let wanted = text.to_ascii_lowercase().into_bytes();
            let mut keep = vec![false; self.nodes.len()];
            let mut open = keep.clone();
            for id in 0..self.nodes.len() {
                let path = &self.nodes[id].path;
                let is_meant = match only {
                    Only::All => true,
                    Only::Touched => is_touched(stack, path),
                    Only::Hidden => hidden.contains(path),
                };
                if is_meant && contains(path, &wanted) {
                    keep[id] = true;
                    let mut above = self.nodes[id].parent;
                    while let Some(at) = above {
                        if std::mem::replace(&mut open[at as usize], true) {
                            break;
                        }
                        keep[at as usize] = true;
                        above = self.nodes[at as usize].parent;
                    }
                }
            }
            let before = std::mem::replace(&mut self.open, open);
            self.filtered = Some(Filtered { keep, before });
        }
        self.show();
    }

    /// A row as it is drawn.
    pub(super) fn line(&self, stack: &Stack, id: u32) -> Line {
        let node = &self.nodes[id as usize];
        let cells = cells(stack, &node.path);
        let nodes = |cell: &LayerCell| {
            let sheet = stack.sheets().get(usize::from(cell.layer))?;
            sheet.find(&node.path).map(|id| sheet.node(id))
        };
        let seen = stack.node(&node.path);
        let file =
            |node: &crate::explore::Node| matches!(node.kind, NodeKind::File { .. }).then_some(node.size);
        let size = match seen {
            Some((_, node)) => file(node),
            None => cells.iter().rev().filter_map(nodes).find_map(file),
        };
        let has_below = node.end > id + 1;
        Line {
            id,
            path: [b"/", &node.path[..]].concat().into(),
            level: node.level,
            parent: node.parent.and_then(|parent| self.place(parent)),
            open: has_below.then(|| self.open[id as usize]),
            dir: has_below || cells.iter().filter_map(nodes).any(|node| node.children().is_some()),
            size,
            provider: seen.map(|(layer, _)| layer as u16),
            cells,
            linked: false,
        }
    }

    fn find(&self, path: &[u8]) -> Option<u32> {
        let key = |path: &'_ [u8]| path.iter().map(|b| if *b == b'/' { 0 } else { *b }).collect::<Vec<u8>>();
        let wanted = key(path);
        self.nodes.binary_search_by(|node| key(&node.path).cmp(&wanted)).ok().map(|id| id as u32)
    }

    fn unfold_to(&mut self, id: u32) {
        let mut above = self.nodes[id as usize].parent;
        while let Some(at) = above {
            self.open[at as usize] = true;
            above = self.nodes[at as usize].parent;
        }
    }

    fn is_unfolded_to(&self, id: u32) -> bool {
        let mut above = self.nodes[id as usize].parent;
        while let Some(at) = above {
            if !self.open[at as usize] {
                return false;
            }
            above = self.nodes[at as usize].parent;
        }
        true
    }

    /// Unfolds what leads to paths that several layers touched, as long as a person can scan it.
    fn unfold_first(&mut self, stack: &Stack) {
        self.show();
        for id in 0..self.nodes.len() {
            if self.is_unfolded_to(id as u32) || !is_touched(stack, &self.nodes[id].path) {
                continue;
            }
            let before = self.open.clone();
            self.unfold_to(id as u32);
            self.show();
            if self.shown.len() > FIRST_ROWS {
                self.open = before;
                return;
            }
        }
    }

    fn show(&mut self) {
        self.shown.clear();
        let mut id = 0;
        while let Some(node) = self.nodes.get(id) {
            let kept = self.filtered.as_ref().is_none_or(|filtered| filtered.keep[id]);
            if kept {
                self.shown.push(id as u32);
            }
            id = if kept && self.open[id] { id + 1 } else { node.end as usize };
        }
    }
}

/// Whether more than one layer touched a path, other than by naming its directory again.
fn is_touched(stack: &Stack, path: &[u8]) -> bool {
    let Some(marks) = stack.marks().get(path) else { return false };
    if marks.len() < 2 {
        return false;
    }
    let is_dir = stack.node(path).is_some_and(|(_, node)| node.children().is_some());
    !is_dir || marks.iter().any(|(_, mark)| *mark == Mark::D)
}

fn contains(path: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || path.windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted))
}

/// What the layers have at a path, lowest first.
pub(super) fn cells(stack: &Stack, path: &[u8]) -> Vec<LayerCell> {
    let Some(marks) = stack.marks().get(path) else { return Vec::new() };
    let provider = stack.shown().get(path).map(|shown| shown.layer);
    let is_dir = stack.node(path).is_some_and(|(_, node)| node.children().is_some());
    // Only a directory can be seen from several layers at once.
    let merges = if is_dir && marks.len() > 1 { why(stack.sheets(), path).merges } else { Vec::new() };
    let one = |&(layer, mark): &(u16, Mark)| {
        let at = usize::from(layer);
        let sheet = &stack.sheets()[at];
        let node = sheet.find(path).map(|id| sheet.node(id));
        let is_seen = provider == Some(at) || merges.contains(&at);
        let state = match node {
            None => LayerState::Removed,
            Some(node) if matches!(node.kind, NodeKind::Whiteout) => LayerState::Whiteout,
            Some(_) if !is_seen => LayerState::Hidden,
            Some(node) if node.is_opaque() => LayerState::Opaque,
            Some(_) if merges.len() > 1 => LayerState::Merges,
            Some(_) => LayerState::Provides,
        };
        LayerCell { layer, mark, state }
    };
    marks.iter().map(one).collect()
}
