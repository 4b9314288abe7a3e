//! The layers of a subject read into one tree: every path that any layer has, with what each has there.

use std::collections::{BTreeMap, VecDeque};

use crate::engine::marks;
use crate::kernel::{ByteString, Errno, FileType, Kernel, Stat, Task, fs, path};
use crate::overlay::Directories;

/// How many entries of a layer are read at most: a screen must not wait for more. What is left out is said.
const WALK: usize = 20_000;

/// Every path of some layers. Node 0 is the root.
#[derive(Debug)]
pub(super) struct Forest {
    pub(super) nodes: Vec<Node>,
    /// Whether a layer has more entries than were read.
    pub(super) cut: bool,
}

/// One path.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) path: ByteString,
    pub(super) children: BTreeMap<ByteString, usize>,
    /// What the layers have there, topmost first.
    pub(super) here: Vec<Here>,
    /// The layers that show it, topmost first. (A renamed directory of a mount made by hand is taken as it lies.)
    pub(super) seen: Vec<usize>,
}

/// What a layer has at a path.
#[derive(Debug, Clone)]
pub(super) struct Here {
    pub(super) layer: usize,
    pub(super) stat: Stat,
    pub(super) opaque: bool,
}

impl Node {
    /// Whether any layer has a directory there.
    pub(super) fn is_dir(&self) -> bool {
        !self.children.is_empty() || self.here.iter().any(|here| here.stat.is_dir())
    }

    /// What a layer has there.
    pub(super) fn at(&self, layer: usize) -> Option<&Here> {
        self.here.iter().find(|here| here.layer == layer)
    }
}

impl Forest {
    /// Reads the layers.
    pub(super) fn read(dirs: &mut Directories<'_>) -> Result<Self, Errno> {
        let mut forest = Self { nodes: vec![Node { path: "/".into(), ..Node::default() }], cut: false };
        for layer in dirs.numbers() {
            if let Some(root) = dirs.dir(layer).cloned() {
                forest.cut |= !walk(dirs.kernel, &root, |inside, stat, opaque| {
                    let id = forest.make(inside);
                    forest.nodes[id].here.push(Here { layer, stat, opaque });
                })?;
            }
        }
        forest.look(dirs.numbers().collect());
        Ok(forest)
    }

    /// The node of a path.
    pub(super) fn find(&self, inside: &[u8]) -> Option<usize> {
        path::components(inside).try_fold(0, |at, name| self.nodes[at].children.get(name).copied())
    }

    /// All nodes but the root with their directories' numbers, directories before what is in them, by their paths.
    pub(super) fn in_order(&self) -> Vec<(usize, usize)> {
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut open = vec![(0, 0)];
        while let Some((id, parent)) = open.pop() {
            if id != 0 {
                order.push((id, parent));
            }
            open.extend(self.nodes[id].children.values().rev().map(|child| (*child, id)));
        }
        order
    }

    fn make(&mut self, inside: &ByteString) -> usize {
        let mut at = 0;
        for name in path::components(inside) {
            at = match self.nodes[at].children.get(name) {
                Some(child) => *child,
                None => {
                    let id = self.nodes.len();
                    let path = path::join(&self.nodes[at].path, name);
                    self.nodes.push(Node { path, ..Node::default() });
                    self.nodes[at].children.insert(name.into(), id);
                    id
                }
            };
        }
        at
    }

    /// Finds which layers show each path: the look-up's rules, for all names at once.
    fn look(&mut self, layers: Vec<usize>) {
        self.nodes[0].seen = layers;
        for (id, parent) in self.in_order() {
            let mut seen = Vec::new();
            for layer in &self.nodes[parent].seen {
                let Some(here) = self.nodes[id].at(*layer) else { continue };
                if here.stat.is_whiteout() || (!here.stat.is_dir() && !seen.is_empty()) {
                    break;
                }
                seen.push(*layer);
                if !here.stat.is_dir() || here.opaque {
                    break;
                }
            }
            self.nodes[id].seen = seen;
        }
    }
}

/// Visits the entries of a directory's tree, shallow ones first; false where there are more than are visited.
fn walk(
    kernel: &mut dyn Kernel,
    root: &ByteString,
    mut each: impl FnMut(&ByteString, Stat, bool),
) -> Result<bool, Errno> {
    let task = Task::root();
    let mut count = 0;
    let mut open = VecDeque::from([ByteString::from("/")]);
    while let Some(dir) = open.pop_front() {
        let entries = match fs::read_dir_sorted(kernel, &task, &path::join(root, &dir[1..])) {
            Ok(entries) => entries,
            // The directory of a mount made by hand may be gone by now.
            Err(Errno::ENOENT | Errno::ENOTDIR) => continue,
            Err(errno) => return Err(errno),
        };
        for entry in entries {
            if count >= WALK {
                return Ok(false);
            }
            count += 1;
            let inside = path::join(&dir, &entry.name);
            let at = path::join(root, &inside[1..]);
            let Some(stat) = fs::lstat_opt(kernel, &task, &at)? else { continue };
            let is_dir = stat.is_dir();
            let opaque = is_dir && marks(kernel, &task, &at).opaque;
            each(&inside, stat, opaque);
            if is_dir {
                open.push_back(inside);
            }
        }
    }
    Ok(true)
}

/// Bytes of the regular files below a directory, as far as it is walked.
pub(super) fn size(kernel: &mut dyn Kernel, root: &ByteString) -> u64 {
    let mut sum = 0;
    // A directory that cannot be read weighs nothing here; the screen says elsewhere that it cannot.
    let _ = walk(kernel, root, |_, stat, _| {
        if stat.kind == FileType::File {
            sum += stat.size;
        }
    });
    sum
}
