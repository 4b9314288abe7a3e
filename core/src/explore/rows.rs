//! The tree of files, a row a path.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::image::Explorer;
use super::node::NodeKind;
use super::sheet::Sheet;
use super::stack::{Mark, Stack};
use crate::kernel::{ByteString, Timespec};

/// One row of the tree of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The path, with its leading slash.
    pub path: ByteString,
    /// `dir`, `file`, `symlink`, `char`, `block`, `fifo`; `None` if the merged view has nothing there.
    pub kind: Option<&'static str>,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes.
    pub size: u64,
    /// A link's target.
    pub target: Option<ByteString>,
    /// Another name of the same file, the first by its bytes: this is a hard link of it.
    pub hard_link: Option<ByteString>,
    /// Last change.
    pub mtime: Option<Timespec>,
    /// The layer that provides it.
    pub provider: Option<usize>,
    /// What each layer did to it.
    pub marks: Vec<(u16, Mark)>,
}

impl Explorer {
    /// The rows of the tree: every path that any layer has, by its bytes, from the `skip`th, `take` of them.
    pub fn rows(&self, skip: usize, take: usize) -> Vec<Row> {
        let firsts = firsts(&self.stack);
        let marks = self.stack.marks().iter().skip(skip).take(take);
        marks.map(|(path, marks)| self.row(path, marks, &firsts)).collect()
    }

    fn row(&self, path: &[u8], marks: &[(u16, Mark)], firsts: &BTreeMap<&[u8], ByteString>) -> Row {
        let shown = self.stack.node(path);
        let node = shown.map(|(_, node)| node);
        Row {
            path: [b"/", path].concat().into(),
            kind: node.map(|node| node.kind.name()),
            mode: node.map_or(0, |node| node.mode),
            uid: node.map_or(0, |node| node.uid),
            gid: node.map_or(0, |node| node.gid),
            size: node.map_or(0, |node| node.size),
            target: node.and_then(|node| match &node.kind {
                NodeKind::Symlink(target) => Some(target.clone()),
                _ => None,
            }),
            mtime: node.and_then(|node| node.mtime),
            hard_link: firsts.get(path).cloned(),
            provider: shown.map(|(layer, _)| layer),
            marks: marks.to_vec(),
        }
    }
}

/// The other names of a file in one layer, with their leading slashes, at most so many; `path` has none.
pub(super) fn other_names(sheet: &Sheet, path: &[u8], most: usize) -> Vec<ByteString> {
    let Some(own) = sheet.find(path).map(|id| sheet.node(id)) else { return Vec::new() };
    let mut names = Vec::new();
    if matches!(own.kind, NodeKind::Dir { .. } | NodeKind::Whiteout) {
        return names;
    }
    sheet.visit(|other, _, node| {
        let is_other = node.inode == own.inode && other != path && node.children().is_none();
        if is_other && names.len() < most {
            names.push(ByteString::from([b"/", other].concat()));
        }
    });
    names
}

/// The paths whose file has several names that are seen.
pub(super) fn linked(stack: &Stack) -> BTreeSet<ByteString> {
    let firsts = firsts(stack);
    let further = firsts.keys().map(|path| ByteString::from([b"/", *path].concat()));
    further.chain(firsts.values().cloned()).collect()
}

/// Of each further name of a file that is seen, the first.
fn firsts(stack: &Stack) -> BTreeMap<&[u8], ByteString> {
    let mut first: BTreeMap<(usize, u32), &[u8]> = BTreeMap::new();
    let mut out = BTreeMap::new();
    for (path, shown) in stack.shown() {
        let node = stack.sheets()[shown.layer].node(shown.node);
        if node.children().is_some() {
            continue;
        }
        match first.get(&(shown.layer, node.inode)) {
            Some(name) => drop(out.insert(path.as_slice(), ByteString::from([b"/", *name].concat()))),
            None => drop(first.insert((shown.layer, node.inode), path.as_slice())),
        }
    }
    out
}

impl NodeKind {
    /// The kind in one word.
    pub fn name(&self) -> &'static str {
        use crate::oci::tar::Kind;
        match self {
            Self::Dir { .. } => "dir",
            Self::File { .. } => "file",
            Self::Symlink(_) => "symlink",
            Self::Device(Kind::Char, _) => "char",
            Self::Device(..) => "block",
            Self::Fifo => "fifo",
            Self::Whiteout => "whiteout",
        }
    }
}
