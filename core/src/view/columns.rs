//! Which paths a stack shows: what changed, what is hidden and what was asked for has a column each, all else shares one
//! column a directory, and a directory is unfolded on demand.

use std::collections::{BTreeMap, BTreeSet};

use super::shared::Shared;
use super::walk::{Forest, Node};
use super::{Cell, Column, Fold};
use crate::kernel::{ByteString, path};

/// How many new paths of one directory stand before others; a service's start makes more than a learner wants to see.
const NEW_PER_DIRECTORY: usize = 2;
/// How many paths the topmost layer of an image may bring to be told by them; a whole system is told by none.
const TOP_MAX: usize = 8;
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
    /// What an image brings itself, above the layers that others have too.
    Brought,
    Hidden,
    New,
    /// What the topmost layer of an image brings.
    Top,
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
    /// The layers that an image alone has, above those that others have too; of an image that shares none, and of a
    /// container's, those on top.
    pub(super) own: &'a [usize],
    /// Whether it is an image that stands on layers that others have too.
    pub(super) based: bool,
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
    let mut plan = Plan { own: BTreeSet::new(), open, named: BTreeSet::new() };
    let limit = wish.limit.max(asked + 1);
    let leaves = || order.iter().map(|(id, _)| *id).filter(|id| forest.nodes[*id].children.is_empty());
    if leaves().take(limit + 1).count() <= limit {
        // Where everything has room nothing is folded.
        ranked.extend(leaves().map(|id| (Rank::Crowd, id)));
    }
    let mut misses = 0;
    for (_, id) in ranked {
        if !plan.own.insert(id) {
            continue;
        }
        if plan.lay(forest, &order, wish).width() > limit {
            plan.own.remove(&id);
            misses += 1;
            if misses == MISSES_MAX {
                break;
            }
        }
    }
    // What room is left goes to names of directories, those that hold most first.
    let mut laid = plan.lay(forest, &order, wish);
    loop {
        let room = limit.saturating_sub(laid.width());
        let names = laid.names(room);
        if names.is_empty() {
            break;
        }
        plan.named.extend(names);
        laid = plan.lay(forest, &order, wish);
    }
    let paths = laid.paths;
    let columns = laid.columns(forest, wish);
    let shown = columns.iter().filter(|(column, _)| column.fold.is_none()).count() as u32;
    Choice { columns, paths, shown, telling }
}

/// The paths that may have a column of their own.
fn ranks(forest: &Forest, order: &[(usize, usize)], wish: &Wish<'_>) -> Vec<(Rank, usize)> {
    let asked = wish.path.and_then(|path| forest.find(path)).filter(|id| *id != 0);
    let show: BTreeSet<usize> = wish.show.iter().filter_map(|path| forest.find(path)).collect();
    let mut crowd: BTreeMap<(usize, Rank), usize> = BTreeMap::new();
    let mut ranked = Vec::new();
    for (id, parent) in order {
        let node = &forest.nodes[*id];
        let rank = if Some(*id) == asked {
            Some(Rank::Asked)
        } else if show.contains(id) {
            Some(Rank::Shown.min(rank(forest, node, *parent, wish).unwrap_or(Rank::Shown)))
        } else {
            rank(forest, node, *parent, wish)
        };
        let rank = rank.map(|rank| {
            let of_its_kind = crowd.entry((*parent, rank)).or_default();
            let is_one_of_many = matches!(rank, Rank::New | Rank::Brought | Rank::Top);
            *of_its_kind += usize::from(is_one_of_many);
            if is_one_of_many && *of_its_kind > NEW_PER_DIRECTORY { Rank::Crowd } else { rank }
        });
        ranked.extend(rank.filter(|rank| *rank < Rank::Crowd).map(|rank| (rank, *id)));
    }
    let top: usize = crowd.iter().filter(|((_, rank), _)| *rank == Rank::Top).map(|(_, count)| count).sum();
    ranked.retain(|(rank, _)| *rank != Rank::Top || top <= TOP_MAX);
    ranked
}

fn rank(forest: &Forest, node: &Node, parent: usize, wish: &Wish<'_>) -> Option<Rank> {
    let (has_upper, init, own) = (wish.layers.first() == Some(&0), wish.init, wish.own);
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
        false => own.contains(&top.layer).then_some(if wish.based && !is_left(&node.path) {
            Rank::Brought
        } else {
            Rank::Top
        }),
    }
}

/// Whether a path is what programs leave while they run (FHS 3.0, 3.15, 3.18, 5.5, 5.10): it tells little of what is made.
fn is_left(inside: &[u8]) -> bool {
    let dirs: [&[u8]; 6] = [b"/run/", b"/tmp/", b"/var/cache/", b"/var/log/", b"/var/run/", b"/var/tmp/"];
    dirs.iter().any(|dir| inside.starts_with(dir))
}

/// Which paths have a column, which directories are unfolded, and which have a column with their name.
struct Plan {
    own: BTreeSet<usize>,
    open: BTreeSet<usize>,
    named: BTreeSet<usize>,
}

/// The groups of columns: one a heading.
#[derive(Default)]
struct Laid {
    groups: BTreeMap<usize, Group>,
    order: Vec<usize>,
    paths: u32,
    /// Each directory under a heading that is folded without its name: the heading, and how many paths it holds.
    hold: BTreeMap<usize, (usize, u32)>,
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

impl Plan {
    fn lay(&self, forest: &Forest, order: &[(usize, usize)], wish: &Wish<'_>) -> Laid {
        let mut laid = Laid::default();
        let heads = self.heads(forest, order);
        // For each node the heading that it stands under, and the directory that is folded around it.
        let mut place: Vec<(usize, Option<usize>)> = vec![(0, None); forest.nodes.len()];
        // The directory under its heading that each node is in.
        let mut within: Vec<Option<usize>> = vec![None; forest.nodes.len()];
        laid.group(0, self.open.contains(&0));
        for (id, parent) in order {
            let node = &forest.nodes[*id];
            let (head, around) = place[*parent];
            let is_own = self.own.contains(id);
            let named = self.open.contains(&head) || self.named.contains(id);
            within[*id] = match within[*parent] {
                _ if heads.contains(id) => None,
                None if head == *parent && node.is_dir() && !is_own => Some(*id),
                within => within,
            };
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
                    None => {
                        if let Some(dir) = within[*id] {
                            laid.hold.entry(dir).or_insert((head, 0)).1 += 1;
                        }
                        &mut group.rest
                    }
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

    /// The directories that get a name where so many columns are left: those that hold most; one that is all that a heading
    /// folds takes no column.
    fn names(&self, room: usize) -> Vec<usize> {
        let is_all =
            |head: usize, paths: u32| self.groups.get(&head).is_some_and(|group| group.rest.paths == paths);
        let alone = self.hold.iter().filter(|(_, (head, paths))| is_all(*head, *paths));
        let alone: Vec<usize> = alone.map(|(dir, _)| *dir).collect();
        if !alone.is_empty() {
            return alone;
        }
        let mut dirs: Vec<_> =
            self.hold.iter().map(|(dir, (_, paths))| (std::cmp::Reverse(*paths), *dir)).collect();
        dirs.sort_unstable();
        dirs.into_iter().take(room).map(|(_, dir)| dir).collect()
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
