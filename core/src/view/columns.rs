//! Which paths a stack shows: what changed, what is hidden and what was asked for has a column each, all else shares one
//! column a directory, and a directory is unfolded on demand.

use std::collections::{BTreeMap, BTreeSet};

use super::walk::{Forest, Node};
use super::{Badge, Cell, CellState, Column, Fold};
use crate::kernel::{ByteString, FileType, path};

/// How many new paths of one directory stand before others; a service's start makes more than a learner wants to see.
const NEW_PER_DIRECTORY: usize = 2;
/// How many entries of an unfolded directory have a column each; the rest stays folded.
const UNFOLDED_MAX: usize = 200;
/// How many paths are tried at most, and how many may find no room before no more are tried.
const TRIED_MAX: usize = 64;
const MISSES_MAX: usize = 6;

/// The columns of a stack.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// Each with the number of its node, or with the cells of those that share it.
    pub(super) columns: Vec<(Column, Option<Vec<Cell>>)>,
    /// How many paths there are.
    pub(super) paths: u32,
    /// How many of them have a column of their own.
    pub(super) shown: u32,
    /// The one that tells most.
    pub(super) telling: Option<ByteString>,
}

/// How much a path has to tell: the less, the more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Asked,
    Deleted,
    Changed,
    Shown,
    Hidden,
    New,
    /// Hidden with its directory, or by what Docker mounts; the third new path of a directory. It stays folded.
    Crowd,
}

/// What is asked of the choice.
#[derive(Debug)]
pub(super) struct Wish<'a> {
    /// How many columns fit.
    pub(super) limit: usize,
    /// The path that is explained.
    pub(super) path: Option<&'a ByteString>,
    /// Paths that have a column before others.
    pub(super) show: &'a [ByteString],
    /// Directories that are unfolded.
    pub(super) unfolded: &'a [ByteString],
    /// The layer of Docker's own files, if there is one.
    pub(super) init: Option<usize>,
    /// The layers, topmost first; the first is the upper directory where it is 0.
    pub(super) layers: &'a [usize],
}

/// Chooses the columns.
pub(super) fn choose(forest: &Forest, wish: &Wish<'_>) -> Choice {
    let order = forest.in_order();
    let mut ranked = ranks(forest, &order, wish);
    // Among equals the order of their paths stays.
    ranked.sort_by_key(|(rank, _)| *rank);
    let telling = match ranked.first() {
        Some((rank, id)) if *rank < Rank::Shown => Some(*id),
        first => wish.show.iter().find_map(|path| forest.find(path)).or(first.map(|(_, id)| *id)),
    };
    let telling = telling.map(|id| forest.nodes[id].path.clone());
    ranked.truncate(TRIED_MAX);
    let open: BTreeSet<usize> = wish.unfolded.iter().filter_map(|dir| forest.find(dir)).collect();
    let asked = ranked.iter().filter(|(rank, _)| *rank == Rank::Asked).count();
    let mut plan = Plan { own: BTreeSet::new(), open, split: BTreeSet::new() };
    let limit = wish.limit.max(asked + 1);
    let mut misses = 0;
    for (_, id) in ranked {
        plan.own.insert(id);
        if plan.lay(forest, &order, wish).width() > limit {
            plan.own.remove(&id);
            misses += 1;
            if misses == MISSES_MAX {
                break;
            }
        }
    }
    // What room is left goes to names of directories.
    let laid = plan.lay(forest, &order, wish);
    for group in laid.groups.keys().copied().collect::<Vec<_>>() {
        plan.split.insert(group);
        if plan.lay(forest, &order, wish).width() > limit {
            plan.split.remove(&group);
        }
    }
    let laid = plan.lay(forest, &order, wish);
    let paths = laid.paths;
    let columns = laid.columns(forest, wish);
    let shown = columns.iter().filter(|(column, _)| column.fold.is_none()).count() as u32;
    Choice { columns, paths, shown, telling }
}

/// The paths that may have a column of their own.
fn ranks(forest: &Forest, order: &[(usize, usize)], wish: &Wish<'_>) -> Vec<(Rank, usize)> {
    let asked = wish.path.and_then(|path| forest.find(path)).filter(|id| *id != 0);
    let show: BTreeSet<usize> = wish.show.iter().filter_map(|path| forest.find(path)).collect();
    let has_upper = wish.layers.first() == Some(&0);
    let mut crowd: BTreeMap<usize, usize> = BTreeMap::new();
    let mut ranked = Vec::new();
    for (id, parent) in order {
        let node = &forest.nodes[*id];
        let rank = if Some(*id) == asked {
            Some(Rank::Asked)
        } else if show.contains(id) {
            Some(Rank::Shown.min(rank(forest, node, *parent, has_upper, wish.init).unwrap_or(Rank::Shown)))
        } else {
            rank(forest, node, *parent, has_upper, wish.init)
        };
        let rank = rank.map(|rank| {
            let of_its_kind = crowd.entry(*parent).or_default();
            *of_its_kind += usize::from(rank == Rank::New);
            if rank == Rank::New && *of_its_kind > NEW_PER_DIRECTORY { Rank::Crowd } else { rank }
        });
        ranked.extend(rank.filter(|rank| *rank < Rank::Crowd).map(|rank| (rank, *id)));
    }
    ranked
}

fn rank(forest: &Forest, node: &Node, parent: usize, has_upper: bool, init: Option<usize>) -> Option<Rank> {
    let top = node.here.first()?;
    if node.here.iter().any(|here| here.stat.is_whiteout() || here.opaque) {
        return Some(Rank::Deleted);
    }
    if has_upper && top.layer == 0 {
        let below = node.here.get(1);
        return match below {
            // A directory that was copied up to hold another tells nothing by itself: overlay.md, 12.
            Some(old) if top.stat.is_dir() && old.stat.is_dir() => {
                let key = |s: &crate::kernel::Stat| (s.mode, s.uid, s.gid);
                (key(&top.stat) != key(&old.stat)).then_some(Rank::Changed)
            }
            Some(_) => Some(Rank::Changed),
            None if node.children.is_empty() => Some(Rank::New),
            // A new directory is told by what is in it.
            None => None,
        };
    }
    if top.stat.is_dir() {
        return None;
    }
    if node.seen.is_empty() {
        // Its directory was deleted, or replaced: that tells it all.
        return (!forest.nodes[parent].seen.is_empty()).then_some(Rank::Crowd);
    }
    let hidden = node.here.len() > 1;
    match hidden {
        true if Some(top.layer) == init => Some(Rank::Crowd),
        true => Some(Rank::Hidden),
        false => None,
    }
}

/// Which paths have a column, which directories are unfolded, and which have their directories named.
struct Plan {
    own: BTreeSet<usize>,
    open: BTreeSet<usize>,
    split: BTreeSet<usize>,
}

/// The groups of columns: one a heading.
#[derive(Default)]
struct Laid {
    groups: BTreeMap<usize, Group>,
    order: Vec<usize>,
    paths: u32,
}

#[derive(Default)]
struct Group {
    /// In the order of their paths: a path of its own, or a directory that is folded.
    parts: Vec<usize>,
    own: BTreeSet<usize>,
    folds: BTreeMap<usize, Shared>,
    rest: Shared,
    open: bool,
}

/// What paths that share a column come to.
#[derive(Default)]
struct Shared {
    paths: u32,
    last: usize,
    seen: u32,
    layers: BTreeMap<usize, Part>,
}

#[derive(Default)]
struct Part {
    paths: u32,
    seen: u32,
    whiteouts: u32,
    added: u32,
    bytes: u64,
}

impl Plan {
    fn lay(&self, forest: &Forest, order: &[(usize, usize)], wish: &Wish<'_>) -> Laid {
        let mut laid = Laid::default();
        let heads = self.heads(forest, order);
        // For each node the heading that it stands under, and the directory that is folded around it.
        let mut place: Vec<(usize, Option<usize>)> = vec![(0, None); forest.nodes.len()];
        laid.group(0, self.open.contains(&0));
        for (id, parent) in order {
            let node = &forest.nodes[*id];
            let (head, around) = place[*parent];
            let named = self.open.contains(&head) || self.split.contains(&head);
            let is_own = self.own.contains(id);
            let around = match around {
                None if named && head == *parent && node.is_dir() && !is_own => Some(*id),
                around => around,
            };
            place[*id] = if heads.contains(id) { (*id, None) } else { (head, around) };
            if heads.contains(id) {
                laid.group(*id, self.open.contains(id));
            }
            let is_leaf = node.children.is_empty();
            laid.paths += u32::from(is_leaf || is_own);
            let group = laid.groups.entry(head).or_default();
            let direct = group.open && head == *parent && !node.is_dir() && group.own.len() < UNFOLDED_MAX;
            if is_own || direct {
                group.parts.push(*id);
                group.own.insert(*id);
            } else if is_leaf && !heads.contains(id) {
                let shared = match around {
                    Some(dir) => {
                        if !group.folds.contains_key(&dir) {
                            group.parts.push(dir);
                        }
                        group.folds.entry(dir).or_default()
                    }
                    None => &mut group.rest,
                };
                shared.add(*id, node, wish.layers);
            }
        }
        laid
    }

    /// The directories that are headings: those at the top on the way to a path with a column, and all that are unfolded.
    fn heads(&self, forest: &Forest, order: &[(usize, usize)]) -> BTreeSet<usize> {
        let mut heads: BTreeSet<usize> = self.open.iter().copied().filter(|id| *id != 0).collect();
        let mut top = vec![0; forest.nodes.len()];
        for (id, parent) in order {
            top[*id] = if *parent == 0 { *id } else { top[*parent] };
            if *parent != 0 && (self.own.contains(id) || self.open.contains(id)) {
                heads.insert(top[*id]);
            }
        }
        heads
    }
}

impl Laid {
    fn group(&mut self, id: usize, open: bool) {
        self.order.push(id);
        self.groups.insert(id, Group { open, ..Group::default() });
    }

    /// How many columns must fit; what was unfolded is beside that.
    fn width(&self) -> usize {
        let groups = self.groups.values().filter(|group| !group.open);
        groups.map(|group| group.parts.len() + usize::from(group.rest.paths > 0)).sum()
    }

    fn columns(self, forest: &Forest, wish: &Wish<'_>) -> Vec<(Column, Option<Vec<Cell>>)> {
        let mut columns = Vec::new();
        for id in self.order {
            let Some(group) = self.groups.get(&id) else { continue };
            let heading = &forest.nodes[id].path;
            let column = |id: usize, fold| {
                let node = &forest.nodes[id];
                Column { path: node.path.clone(), dir: node.is_dir(), heading: heading.clone(), fold }
            };
            for part in &group.parts {
                match group.folds.get(part) {
                    Some(shared) => {
                        let fold = Fold { paths: shared.paths, rest: false };
                        columns.push((column(*part, Some(fold)), Some(shared.cells(wish.layers))));
                    }
                    None => columns.push((column(*part, None), None)),
                }
            }
            let last = group.rest.last;
            if group.rest.paths == 1 && (id != 0 || path::components(&forest.nodes[last].path).count() == 1) {
                // One path needs no fold around it.
                columns.push((column(last, None), None));
            } else if group.rest.paths > 0 {
                let fold = Fold { paths: group.rest.paths, rest: true };
                columns.push((column(id, Some(fold)), Some(group.rest.cells(wish.layers))));
            }
        }
        columns
    }
}

impl Shared {
    fn add(&mut self, id: usize, node: &Node, layers: &[usize]) {
        self.paths += 1;
        self.last = id;
        self.seen += u32::from(!node.seen.is_empty());
        for here in &node.here {
            let part = self.layers.entry(here.layer).or_default();
            if here.stat.is_whiteout() {
                part.whiteouts += 1;
                continue;
            }
            part.paths += 1;
            part.seen += u32::from(node.seen.contains(&here.layer));
            part.added += u32::from(node.here.len() == 1 && layers.first() == Some(&here.layer));
            part.bytes += if here.stat.kind == FileType::File { here.stat.size } else { 0 };
        }
    }

    /// The merged view's cell, then each layer's.
    fn cells(&self, layers: &[usize]) -> Vec<Cell> {
        let most = layers.iter().enumerate().filter_map(|(row, layer)| {
            let part = self.layers.get(layer).filter(|part| part.seen > 0)?;
            Some((part.seen, row as u32 + 1))
        });
        let provider = most.max_by_key(|(seen, row)| (*seen, std::cmp::Reverse(*row))).map(|(_, row)| row);
        let state = if self.seen > 0 { CellState::Provided } else { CellState::Absent };
        let mut cells = vec![Cell { state, badge: None, provider, size: 0, paths: self.seen }];
        for layer in layers {
            let none = Part::default();
            let part = self.layers.get(layer).unwrap_or(&none);
            let state = match () {
                () if part.seen > 0 => CellState::Provided,
                () if part.paths > 0 => CellState::Hidden,
                () if part.whiteouts > 0 => CellState::Whiteout,
                () => CellState::Absent,
            };
            let badge = match (*layer, state) {
                (_, CellState::Whiteout) => Some(Badge::D),
                (0, CellState::Absent) => None,
                (0, _) if part.added == part.paths && part.whiteouts == 0 => Some(Badge::A),
                (0, _) => Some(Badge::C),
                _ => None,
            };
            cells.push(Cell {
                state,
                badge,
                provider: None,
                size: part.bytes,
                paths: part.paths + part.whiteouts,
            });
        }
        cells
    }
}
