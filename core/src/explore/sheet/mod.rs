//! One layer as a tree in memory, with what it hides: the second sink of the one layer reader.
//!
//! The rules, and the refusals, are those of [`crate::oci::layer::Unpacker`] (moby 20.10 `pkg/archive`), so that what the
//! explorer shows is what the engine would store. Contents are not kept: a file knows its place in the stream.

mod mark;
mod spec;
mod walk;
mod xattrs;

use std::collections::BTreeMap;

use super::node::{Node, NodeKind};
use crate::kernel::path::NAME_MAX;
use crate::kernel::{ByteString, Errno, Timespec};
use crate::oci::gopath;
use crate::oci::layer::{EntryPolicy, LayerError, Marker, Trick, leaves_root};

use crate::oci::tar::{Kind, TarEntry};
pub use spec::Refusal;

/// One layer. Node 0 is its root.
#[derive(Debug, Clone)]
pub struct Sheet {
    nodes: Vec<Node>,
    policy: EntryPolicy,
    /// What the last name of an inode with several said of it.
    linked: BTreeMap<u32, (u32, u32, u32, Option<Timespec>)>,
    warnings: Vec<String>,
    replaced: Vec<Replaced>,
    /// Directories with entries of their own that later entries took away.
    lost: Vec<Vec<u8>>,
    refusals: Vec<Refusal>,
    /// How many there were: not all are kept.
    refused: u64,
    near: Near,
}

/// The way to the directory that was asked for last, as far as it leads over no link: where its parts end, and their nodes.
#[derive(Debug, Clone, Default)]
struct Near {
    path: Vec<u8>,
    ends: Vec<(usize, u32)>,
}

/// A file that a later entry of its own layer took away: its bytes are in the tar all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// Its path, without a leading slash.
    pub path: Vec<u8>,
    /// Its node.
    pub node: u32,
}

impl Default for Sheet {
    fn default() -> Self {
        Self {
            nodes: vec![Node::dir(None, 0)],
            policy: EntryPolicy::default(),
            linked: BTreeMap::new(),
            warnings: Vec::new(),
            replaced: Vec::new(),
            lost: Vec::new(),
            refusals: Vec::new(),
            refused: 0,
            near: Near::default(),
        }
    }
}

impl Sheet {
    /// A layer without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// The node with this number.
    pub fn node(&self, id: u32) -> &Node {
        &self.nodes[id as usize]
    }

    /// How many nodes there are, the root and what was replaced counted.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether it has no names at all.
    pub fn is_empty(&self) -> bool {
        self.node(0).children().is_none_or(BTreeMap::is_empty)
    }

    /// What is odd and was let pass.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The files that later entries took away.
    pub fn replaced(&self) -> &[Replaced] {
        &self.replaced
    }

    /// The node of a path, links not followed.
    pub fn find(&self, path: &[u8]) -> Option<u32> {
        let mut at = 0;
        for part in crate::kernel::path::components(path) {
            at = *self.node(at).children()?.get(part)?;
        }
        Some(at)
    }

    /// Visits every name below the root, directories before what is in them, names by their bytes. Paths have no leading
    /// slash.
    pub fn visit(&self, mut each: impl FnMut(&[u8], u32, &Node)) {
        let mut todo: Vec<(Vec<u8>, u32)> = vec![(Vec::new(), 0)];
        while let Some((path, id)) = todo.pop() {
            let node = self.node(id);
            if id != 0 {
                each(&path, id, node);
            }
            for (name, child) in node.children().into_iter().flatten().rev() {
                let mut below = path.clone();
                if !below.is_empty() {
                    below.push(b'/');
                }
                below.extend_from_slice(name);
                todo.push((below, *child));
            }
        }
    }

    /// Takes the next entry, as Docker would; the node it made, if it is a file.
    pub fn add(&mut self, entry: &TarEntry) -> Result<Option<u32>, LayerError> {
        let steers = |name: &ByteString| {
            name.strip_prefix(b"trusted.")
                .or(name.strip_prefix(b"user."))
                .is_some_and(|rest| rest.starts_with(b"overlay."))
        };
        let name = EntryPolicy::admit(entry, steers, false)?;
        self.policy.pass(&entry.name)?;
        self.make(entry, &name)
    }

    /// Makes what an entry says, whose name was let in.
    fn make(&mut self, entry: &TarEntry, name: &[u8]) -> Result<Option<u32>, LayerError> {
        let path = gopath::rooted(name);
        if path == b"/" {
            return self.root(entry, name);
        }
        let parent = gopath::dir(&path);
        self.make_parent(parent)?;
        let base = gopath::base(&path);
        match Marker::of(base) {
            Some(marker) => {
                // What has the marker's own name stands in its way.
                if let Ok(dir) = self.reach(parent)
                    && let Some(there) = self.child(dir, base)
                    && !(entry.kind == Kind::Dir && self.node(there).children().is_some())
                {
                    self.take_away(dir, &path);
                }
                self.mark(entry, marker, parent).map(|()| None)
            }
            None => self.create(entry, &path, parent, base),
        }
    }

    /// Takes a global header, whose name is a path as another.
    pub fn global(&mut self, name: &ByteString) -> Result<(), LayerError> {
        self.policy.pass(name)
    }

    fn root(&mut self, entry: &TarEntry, name: &[u8]) -> Result<Option<u32>, LayerError> {
        if name == b"." {
            if entry.kind != Kind::Dir {
                self.warnings.push("an entry for the root that is no directory was ignored".to_owned());
            }
            return Ok(None);
        }
        if entry.kind != Kind::Dir {
            let why = Trick::RootOfOtherType;
            return Err(LayerError::Refused { entry: entry.name.clone(), why });
        }
        self.set_metadata(0, entry);
        Ok(None)
    }

    fn create(
        &mut self,
        entry: &TarEntry,
        path: &[u8],
        parent: &[u8],
        base: &[u8],
    ) -> Result<Option<u32>, LayerError> {
        let op = match entry.kind {
            Kind::Dir => "mkdir",
            Kind::File => "open",
            Kind::Symlink => "symlink",
            Kind::Hardlink => "link",
            _ => "mknod",
        };
        let failed = |errno| call(op, path, errno);
        if entry.kind == Kind::Symlink && entry.link.is_empty() {
            return Err(failed(Errno::ENOENT));
        }
        let mut dir = self.reach(parent).map_err(failed)?;
        if self.node(dir).children().is_none() {
            return Err(failed(Errno::ENOTDIR));
        }
        if let Some(there) = self.child(dir, base) {
            if entry.kind == Kind::Dir && self.node(there).children().is_some() {
                xattrs::check(entry, &self.node(there).kind, path)?;
                self.set_metadata(there, entry);
                return Ok(None);
            }
            self.take_away(dir, path);
            // It may have been a link on the way to itself.
            dir = self.reach(parent).map_err(failed)?;
        }
        let id = self.nodes.len() as u32;
        let kind = match entry.kind {
            Kind::Dir => NodeKind::Dir { children: BTreeMap::new(), opaque: false },
            Kind::File => NodeKind::File {
                content_at: entry.content_at,
                extents: entry.sparse.as_ref().map(|sparse| sparse.extents.as_slice().into()),
                digest: None,
            },
            Kind::Symlink => NodeKind::Symlink(entry.link.clone()),
            Kind::Fifo => NodeKind::Fifo,
            Kind::Char | Kind::Block => NodeKind::Device(entry.kind, entry.device),
            Kind::Hardlink => return self.link(entry, dir, base, path),
        };
        xattrs::check(entry, &kind, path)?;
        let node = Node { kind, size: entry.size, inode: id, ..Node::dir(None, id) };
        self.put(dir, base, node).map_err(failed)?;
        self.set_metadata(id, entry);
        Ok((entry.kind == Kind::File).then_some(id))
    }

    fn link(
        &mut self,
        entry: &TarEntry,
        dir: u32,
        base: &[u8],
        path: &[u8],
    ) -> Result<Option<u32>, LayerError> {
        let target = gopath::rooted(&entry.link);
        let words = [&target[..], b" ", path].concat();
        if leaves_root(&entry.link) {
            let why = Trick::LinkLeavesRoot;
            return Err(LayerError::Refused { entry: entry.name.clone(), why });
        }
        let failed = |errno| call("link", &words, errno);
        let id = self.lookup(&target, Last::Kept).map_err(failed)?;
        let node = self.node(id).clone();
        if node.children().is_some() {
            return Err(failed(Errno::EPERM));
        }
        xattrs::check(entry, &node.kind, path)?;
        // One inode has one owner, mode and time: the last entry's. Docker finds the inode by the target as it is written;
        // where that is none, or a link, the owner alone is set, and a new owner costs a program its set-id bits.
        let inode = node.inode;
        let (known, time) =
            self.linked.get(&inode).map_or((node.mode, node.mtime), |(mode, _, _, mtime)| (*mode, *mtime));
        let is_found = self
            .lookup(&entry.link, Last::Kept)
            .is_ok_and(|id| !matches!(self.node(id).kind, NodeKind::Symlink(_)));
        let is_link = matches!(node.kind, NodeKind::Symlink(_));
        let (mode, mtime) = match (is_link, is_found) {
            (false, true) => (entry.mode & 0o7777, Some(entry.mtime)),
            (false, false) => (without_set_ids(known), time),
            (true, _) => (known, time),
        };
        self.put(dir, base, node).map_err(failed)?;
        self.linked.insert(inode, (mode, entry.uid, entry.gid, mtime));
        // A link by a name with a slash behind it, which finds a directory: the mode is set of what the new name leads to.
        if is_link && is_found {
            let behind = self.walk(path).map_err(|errno| call("chmod", path, errno))?;
            let behind = &mut self.nodes[behind as usize];
            (behind.mode, behind.mtime) = (entry.mode & 0o7777, Some(entry.mtime));
        }
        Ok(None)
    }

    fn set_metadata(&mut self, id: u32, entry: &TarEntry) {
        let node = &mut self.nodes[id as usize];
        if let Some(digest) = xattrs::digest(entry) {
            node.xattrs = Some(digest);
        }
        // Linux keeps no mode of a link.
        let mode = if entry.kind == Kind::Symlink { 0o777 } else { entry.mode & 0o7777 };
        (node.mode, node.uid, node.gid) = (mode, entry.uid, entry.gid);
        node.mtime = Some(entry.mtime);
    }

    fn child(&self, dir: u32, name: &[u8]) -> Option<u32> {
        self.node(dir).children()?.get(name).copied()
    }

    /// Puts a name into a directory.
    fn put(&mut self, dir: u32, name: &[u8], node: Node) -> Result<(), Errno> {
        if name.len() > NAME_MAX {
            return Err(Errno::ENAMETOOLONG);
        }
        let id = self.nodes.len() as u32;
        let NodeKind::Dir { children, .. } = &mut self.nodes[dir as usize].kind else {
            return Err(Errno::ENOTDIR);
        };
        if children.contains_key(name) {
            return Err(Errno::EEXIST);
        }
        children.insert(name.into(), id);
        self.nodes.push(node);
        Ok(())
    }

    /// Takes a path out of its directory, with all that is below it.
    fn take_away(&mut self, dir: u32, path: &[u8]) {
        self.near = Near::default();
        let mut todo = Vec::new();
        if let NodeKind::Dir { children, .. } = &mut self.nodes[dir as usize].kind {
            todo.extend(children.remove(gopath::base(path)).map(|id| (path[1..].to_vec(), id)));
        }
        while let Some((path, node)) = todo.pop() {
            match &self.nodes[node as usize].kind {
                NodeKind::Dir { children, .. } => {
                    if self.nodes[node as usize].mtime.is_some() {
                        self.lost.push(path.clone());
                    }
                    let below = |(name, id): (&ByteString, &u32)| ([&path[..], b"/", name].concat(), *id);
                    todo.extend(children.iter().map(below));
                }
                NodeKind::File { .. } => self.replaced.push(Replaced { path, node }),
                _ => {}
            }
        }
    }
}

/// Whether a last link is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Followed,
    Kept,
}

/// What `chown(2)` leaves of the mode of what is no directory.
fn without_set_ids(mode: u32) -> u32 {
    let set_group = if mode & 0o010 == 0 { 0 } else { 0o2000 };
    mode & !(0o4000 | set_group)
}

fn call(op: &str, path: &[u8], errno: Errno) -> LayerError {
    LayerError::call(format!("{op} {}", String::from_utf8_lossy(path)), errno)
}
