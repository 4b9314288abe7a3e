//! The lens: one stack of layers, as different programs resolve it.
//!
//! The same entries mean different trees to the image specification, to overlayfs with layers unpacked apart (Docker,
//! containerd), and to programs that apply one layer after the other to one directory (podman's vfs, umoci). The rules
//! are those that oracle/layers shows for each (`IMPL.tree.jsonl`, `IMPL.err`), and the specification's `layer.md`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::sheet::{NodeKind, Sheet};
use super::why::why;
use crate::kernel::{ByteString, Device, Errno, Timespec, path};
use crate::oci::gopath;
use crate::oci::layer::{LayerError, Marker};
use crate::oci::tar::{Entry, Kind};

/// Whose rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lens {
    /// The OCI image specification: whiteouts act on lower layers alone, wherever they stand.
    Spec,
    /// Docker's overlay2: each layer in a directory of its own, and overlayfs over them.
    Overlay2,
    /// containerd's overlayfs snapshotter: the same, but for repeated paths and AUFS's own names.
    Containerd,
    /// podman's vfs: one directory, a whiteout removes what is there at that moment.
    Vfs,
    /// umoci: one directory, a whiteout spares what its own layer has brought.
    Umoci,
}

/// What a path is under a lens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// `dir`, `file`, `symlink`, `char`, `block`, `fifo`, or `ghost`: listed, and not there.
    pub kind: ByteString,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last change; `None` where it is the time of unpacking.
    pub mtime: Option<Timespec>,
    /// A link's target.
    pub target: Option<ByteString>,
    /// A device's numbers.
    pub device: Option<Device>,
    /// A file's content: the layer that holds it, its place in the stream, its size.
    pub content: Option<(usize, u64, u64)>,
}

/// The tree that a stack comes to, by path (the root left out); or the layer that is refused, and why.
pub fn resolve(
    layers: &[Vec<Entry>],
    lens: Lens,
) -> Result<BTreeMap<ByteString, Resolved>, (usize, LayerError)> {
    match lens {
        Lens::Overlay2 | Lens::Containerd => overlay(layers, lens),
        Lens::Spec | Lens::Vfs | Lens::Umoci => {
            let mut tree = Tree::new(lens);
            for (layer, entries) in layers.iter().enumerate() {
                tree.apply(layer, entries).map_err(|error| (layer, error))?;
            }
            Ok(tree.finish())
        }
    }
}

fn overlay(layers: &[Vec<Entry>], lens: Lens) -> Result<BTreeMap<ByteString, Resolved>, (usize, LayerError)> {
    let mut sheets = Vec::new();
    for (layer, entries) in layers.iter().enumerate() {
        let mut sheet = Sheet::new();
        for entry in entries {
            // containerd knows AUFS's own names at the root alone.
            let aufs = gopath::clean(&entry.name).starts_with(AUFS) && !is_opaque(entry);
            if lens == Lens::Containerd {
                if aufs {
                    continue;
                }
                sheet.forget(&entry.name);
            }
            sheet.add(entry).map_err(|error| (layer, error))?;
        }
        sheet.settle();
        sheets.push(sheet);
    }
    let mut out = BTreeMap::new();
    // An image of one layer is no mount: what is stored is what is seen, whiteouts too.
    let raw = sheets.len() == 1 && lens == Lens::Overlay2;
    let mut todo: Vec<Vec<u8>> = vec![b"/".to_vec()];
    while let Some(dir) = todo.pop() {
        let merges = why(&sheets, &dir).merges;
        let mut names = BTreeSet::new();
        for layer in &merges {
            let id = sheets[*layer].find(&dir).unwrap_or(0);
            names.extend(
                sheets[*layer]
                    .node(id)
                    .children()
                    .into_iter()
                    .flatten()
                    .map(|(name, id)| (name, *layer, *id)),
            );
        }
        let mut done = BTreeSet::new();
        for (name, layer, id) in names {
            let at = path::join(&dir, name);
            let node = sheets[layer].node(id);
            if node.kind == NodeKind::Whiteout && (raw || merges.len() == 1) {
                if raw {
                    out.insert(at, of_node(node, layer));
                } else if lens != Lens::Containerd || why(&sheets, &at).provider.is_none() {
                    out.insert(at, ghost());
                }
                continue;
            }
            if !done.insert(name) {
                continue;
            }
            if let Some(provider) = why(&sheets, &at).provider
                && let Some(id) = sheets[provider].find(&at)
            {
                let node = sheets[provider].node(id);
                if node.children().is_some() {
                    todo.push(at.to_vec());
                }
                let mut resolved = of_node(node, provider);
                // containerd makes a missing parent in the image of the lower one; what is made in it changes its time.
                let bare = node.mtime.is_none() && node.children().is_some_and(BTreeMap::is_empty);
                if lens == Lens::Containerd && bare {
                    let lower =
                        sheets[..provider].iter().rev().find_map(|s| s.find(&at).map(|id| s.node(id)));
                    resolved.mtime = lower.and_then(|node| node.mtime);
                }
                out.insert(at, resolved);
            }
        }
    }
    Ok(out)
}

/// Names of AUFS's own start so.
const AUFS: &[u8] = b".wh..wh.";

fn is_opaque(entry: &Entry) -> bool {
    Marker::of(gopath::base(&gopath::clean(&entry.name))) == Some(Marker::Opaque)
}

fn ghost() -> Resolved {
    let kind = "ghost".into();
    Resolved { kind, mode: 0, uid: 0, gid: 0, mtime: None, target: None, device: None, content: None }
}

fn of_node(node: &super::Node, layer: usize) -> Resolved {
    let (mut target, mut device, mut content) = (None, None, None);
    match &node.kind {
        NodeKind::Symlink(to) => target = Some(to.clone()),
        NodeKind::Device(_, number) => device = Some(*number),
        NodeKind::Whiteout => device = Some(Device::WHITEOUT),
        NodeKind::File { content_at } => content = Some((layer, *content_at, node.size)),
        NodeKind::Dir { .. } | NodeKind::Fifo => {}
    }
    let kind = if node.kind == NodeKind::Whiteout { "char" } else { node.kind.name() };
    Resolved {
        kind: kind.into(),
        mode: node.mode,
        uid: node.uid,
        gid: node.gid,
        mtime: node.mtime,
        target,
        device,
        content,
    }
}

/// One directory that layers are applied to, one after the other.
struct Tree {
    lens: Lens,
    names: BTreeMap<Vec<u8>, Resolved>,
    /// Real paths that the layer at hand has brought.
    own: BTreeSet<Vec<u8>>,
}

impl Tree {
    fn new(lens: Lens) -> Self {
        Self { lens, names: BTreeMap::new(), own: BTreeSet::new() }
    }

    fn finish(self) -> BTreeMap<ByteString, Resolved> {
        self.names.into_iter().map(|(path, resolved)| (path.into(), resolved)).collect()
    }

    fn apply(&mut self, layer: usize, entries: &[Entry]) -> Result<(), LayerError> {
        self.own.clear();
        let mut seen = BTreeSet::new();
        let mut times = Vec::new();
        // The specification's whiteouts come first, whatever the order.
        if self.lens == Lens::Spec {
            for entry in entries {
                self.marker(entry)?;
            }
        }
        for entry in entries {
            let name = gopath::clean(&entry.name);
            if self.lens == Lens::Vfs && !seen.insert(name) {
                return Err(LayerError::Duplicate(entry.name.clone()));
            }
            let is_marker = Marker::of(gopath::base(&gopath::rooted(&entry.name))).is_some();
            if is_marker {
                if self.lens != Lens::Spec {
                    self.marker(entry)?;
                }
                continue;
            }
            if let Some(path) = self.entry(layer, entry)?
                && entry.kind == Kind::Dir
            {
                times.push((path, entry.mtime));
            }
        }
        for (path, mtime) in times {
            match self.names.get_mut(&path) {
                Some(dir) if self.lens != Lens::Umoci || dir.mtime.is_some() => dir.mtime = Some(mtime),
                // podman sets the times last, and fails on a directory that its own layer has deleted.
                None if self.lens == Lens::Vfs => {
                    let what = format!("chtimes {}", String::from_utf8_lossy(&path));
                    return Err(LayerError::Call { what, errno: Errno::ENOENT });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn marker(&mut self, entry: &Entry) -> Result<(), LayerError> {
        let name = gopath::rooted(&entry.name);
        let base = gopath::base(&name);
        let Some(marker) = Marker::of(base) else { return Ok(()) };
        if base.starts_with(AUFS) && marker != Marker::Opaque && self.lens != Lens::Umoci {
            return Ok(());
        }
        let parent = gopath::dir(&name);
        if self.lens == Lens::Vfs {
            self.make_dirs(parent)?;
        }
        // A marker in what is not there, or is no directory, hides nothing.
        let Ok(dir) = self.real(parent) else { return Ok(()) };
        // podman walks the directory by its name, and a walk does not follow a link.
        let by_link = self
            .real(gopath::dir(parent))
            .is_ok_and(|above| path::join(&above, gopath::base(parent)) != dir[..]);
        match marker {
            Marker::Opaque if self.lens == Lens::Vfs && by_link && parent != b"/" => {}
            Marker::Opaque => self.clear(&dir),
            Marker::Whiteout(hidden) => {
                let invalid = matches!(hidden, b"" | b"." | b"..");
                if invalid && self.lens != Lens::Vfs {
                    let why = "a whiteout may not name '.', '..' or nothing";
                    return Err(LayerError::Refused { entry: entry.name.clone(), why });
                }
                let path = gopath::rooted(&[&dir[..], b"/", hidden].concat());
                self.hide(&path);
            }
        }
        Ok(())
    }

    /// A whiteout of a path.
    fn hide(&mut self, path: &[u8]) {
        if !self.names.contains_key(path) {
            return;
        }
        let spares = self.lens == Lens::Umoci;
        let own_below = self.own.iter().any(|own| own == path || is_below(own, path));
        if spares && own_below {
            self.clear(path);
            self.touch(path);
            return;
        }
        self.remove(path);
        self.touch_parent(path);
    }

    /// An opaque marker: everything below goes but what this layer has brought.
    fn clear(&mut self, dir: &[u8]) {
        let below: Vec<Vec<u8>> = self.names.keys().filter(|name| is_below(name, dir)).cloned().collect();
        for path in below.into_iter().rev() {
            let kept = self.own.iter().any(|own| *own == path || is_below(own, &path));
            if !kept && self.names.contains_key(&path) {
                self.names.remove(&path);
                if self.lens == Lens::Vfs || gopath::dir(&path) != dir {
                    self.touch(&gopath::dir(&path).to_vec());
                }
            }
        }
    }

    fn remove(&mut self, path: &[u8]) {
        let names = &mut self.names;
        names.retain(|name, _| name != path && !is_below(name, path));
        self.own.retain(|name| name != path && !is_below(name, path));
    }

    /// The time of a directory in which something changed: umoci puts it back, and for the specification there is none.
    fn touch_parent(&mut self, path: &[u8]) {
        if self.lens == Lens::Vfs {
            self.touch(&gopath::dir(path).to_vec());
        }
    }

    fn touch(&mut self, dir: &[u8]) {
        if self.lens != Lens::Spec
            && let Some(dir) = self.names.get_mut(dir)
            && dir.kind == "dir"
        {
            dir.mtime = None;
        }
    }

    fn entry(&mut self, layer: usize, entry: &Entry) -> Result<Option<Vec<u8>>, LayerError> {
        let name = gopath::rooted(&entry.name);
        if name == b"/" {
            return Ok(None);
        }
        let parent = gopath::dir(&name);
        self.make_dirs(parent)?;
        let op = if entry.kind == Kind::Hardlink { "link" } else { "open" };
        let failed =
            |errno| LayerError::Call { what: format!("{op} {}", String::from_utf8_lossy(&name)), errno };
        let dir = self.real(parent).map_err(failed)?;
        if dir != b"/" && self.names.get(&dir).is_none_or(|there| there.kind != "dir") {
            return Err(failed(Errno::ENOTDIR));
        }
        let path = path::join(&dir, gopath::base(&name)).into_vec();
        let mut made = Resolved {
            kind: entry.kind.file_type().map_or("file", |_| kind_name(entry.kind)).into(),
            mode: entry.mode & 0o7777,
            uid: entry.uid,
            gid: entry.gid,
            mtime: Some(entry.mtime),
            target: (entry.kind == Kind::Symlink).then(|| entry.link.clone()),
            device: matches!(entry.kind, Kind::Char | Kind::Block).then_some(entry.device),
            content: (entry.kind == Kind::File).then_some((layer, entry.content_at, entry.size)),
        };
        if entry.kind == Kind::Hardlink {
            let target = gopath::rooted(&entry.link);
            let dir = self.real(gopath::dir(&target)).map_err(failed)?;
            let at = path::join(&dir, gopath::base(&target)).into_vec();
            let there = self.names.get(&at).ok_or_else(|| failed(Errno::ENOENT))?;
            made = there.clone();
            if made.kind != "symlink" {
                (made.mode, made.uid, made.gid, made.mtime) =
                    (entry.mode & 0o7777, entry.uid, entry.gid, Some(entry.mtime));
            }
        }
        let stays = entry.kind == Kind::Dir && self.names.get(&path).is_some_and(|there| there.kind == "dir");
        if !stays {
            self.remove(&path);
            self.touch_parent(&path);
        }
        self.names.insert(path.clone(), made);
        self.own.insert(path.clone());
        Ok(Some(path))
    }

    /// Makes the directories that have no entry.
    fn make_dirs(&mut self, parent: &[u8]) -> Result<(), LayerError> {
        let ends = (1..parent.len()).filter(|i| parent[*i] == b'/').chain([parent.len()]);
        for end in ends.filter(|end| *end > 1) {
            let part = &parent[..end];
            let failed =
                |errno| LayerError::Call { what: format!("mkdir {}", String::from_utf8_lossy(part)), errno };
            match self.real(part) {
                Ok(_) => {}
                Err(Errno::ENOENT) => {
                    let dir = self.real(gopath::dir(part)).map_err(failed)?;
                    let path = path::join(&dir, gopath::base(part)).into_vec();
                    let made = Resolved { kind: "dir".into(), mode: 0o755, ..ghost() };
                    self.touch(&dir);
                    self.names.insert(path.clone(), made);
                    self.own.insert(path);
                }
                Err(errno) => return Err(failed(errno)),
            }
        }
        Ok(())
    }

    /// The path without links.
    fn real(&self, asked: &[u8]) -> Result<Vec<u8>, Errno> {
        let mut todo: Vec<ByteString> = path::components(asked).rev().map(ByteString::from).collect();
        let mut at = b"/".to_vec();
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == "." {
                continue;
            }
            if part == ".." {
                at = gopath::dir(&at).to_vec();
                continue;
            }
            let next = path::join(&at, &part).into_vec();
            let there = self.names.get(&next).ok_or(Errno::ENOENT)?;
            match &there.target {
                Some(target) => {
                    links += 1;
                    if links > 40 {
                        return Err(Errno::ELOOP);
                    }
                    if target.starts_with(b"/") {
                        at = b"/".to_vec();
                    }
                    todo.extend(path::components(target).rev().map(ByteString::from));
                }
                None if !todo.is_empty() && there.kind != "dir" => return Err(Errno::ENOTDIR),
                None => at = next,
            }
        }
        Ok(at)
    }
}

fn is_below(name: &[u8], dir: &[u8]) -> bool {
    if dir == b"/" {
        name.len() > 1
    } else {
        name.len() > dir.len() && name.starts_with(dir) && name[dir.len()] == b'/'
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Dir => "dir",
        Kind::Symlink => "symlink",
        Kind::Char => "char",
        Kind::Block => "block",
        Kind::Fifo => "fifo",
        Kind::File | Kind::Hardlink => "file",
    }
}
