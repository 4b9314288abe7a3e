//! Layers applied to one directory, one after the other: the specification, podman's vfs, umoci.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::resolved::{Lens, Resolved, ghost, kind_name};
use crate::kernel::{ByteString, Errno, path};
use crate::oci::gopath;
use crate::oci::layer::{AUFS, LayerError, Marker};
use crate::oci::tar::{Entry, Kind};

/// Links in one path, as Linux follows them.
const LINKS_MAX: usize = 40;

/// One directory that layers are applied to, one after the other.
pub(super) struct Tree {
    lens: Lens,
    names: BTreeMap<Vec<u8>, Resolved>,
    /// Paths that the layer at hand has brought: real ones, for podman as its entries spell them.
    own: BTreeSet<Vec<u8>>,
    /// The names that share an inode, by its place among those, and what the last of its names said of it.
    linked: BTreeMap<Vec<u8>, usize>,
    inodes: Vec<Resolved>,
}

impl Tree {
    pub(super) fn new(lens: Lens) -> Self {
        Self {
            lens,
            names: BTreeMap::new(),
            own: BTreeSet::new(),
            linked: BTreeMap::new(),
            inodes: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> BTreeMap<ByteString, Resolved> {
        for (name, inode) in &self.linked {
            if let Some(resolved) = self.names.get_mut(name) {
                resolved.clone_from(&self.inodes[*inode]);
            }
        }
        self.names.into_iter().map(|(path, resolved)| (path.into(), resolved)).collect()
    }

    pub(super) fn apply(&mut self, layer: usize, entries: &[Entry]) -> Result<(), LayerError> {
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
                Some(dir) if self.lens != Lens::Umoci || (dir.kind == "dir" && dir.mtime.is_some()) => {
                    dir.mtime = Some(mtime);
                }
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
        if spares && self.has_brought(path) {
            self.clear(path);
            self.touch(path);
            return;
        }
        self.remove(path);
        self.touch_parent(path);
    }

    /// Whether the layer at hand has brought this path, or something below it; podman asks for the path alone, so that a
    /// directory that it made unasked goes with all that is in it.
    fn has_brought(&self, path: &[u8]) -> bool {
        self.own.contains(path) || (self.lens != Lens::Vfs && self.own.range(below(path)).next().is_some())
    }

    /// An opaque marker: everything below goes but what this layer has brought.
    fn clear(&mut self, dir: &[u8]) {
        let all: Vec<Vec<u8>> = self.names.range(below(dir)).map(|(name, _)| name.clone()).collect();
        // podman walks from above, and what goes takes with it what is in it.
        let order: Vec<Vec<u8>> = if self.lens == Lens::Vfs { all } else { all.into_iter().rev().collect() };
        for path in order {
            if self.names.contains_key(&path) && !self.has_brought(&path) {
                self.take(&path);
                if self.lens == Lens::Vfs || gopath::dir(&path) != dir {
                    self.touch(gopath::dir(&path));
                }
            }
        }
    }

    /// Takes a path away, with what is below it.
    fn take(&mut self, path: &[u8]) {
        self.names.remove(path);
        self.linked.remove(path);
        let all: Vec<Vec<u8>> = self.names.range(below(path)).map(|(name, _)| name.clone()).collect();
        for name in all {
            self.names.remove(&name);
            self.linked.remove(&name);
        }
    }

    /// As [`Tree::take`]; the layer at hand has not brought it any more.
    fn remove(&mut self, path: &[u8]) {
        if !self.names.contains_key(path) {
            return;
        }
        self.take(path);
        if self.lens != Lens::Vfs {
            self.own.remove(path);
            let below: Vec<Vec<u8>> = self.own.range(below(path)).cloned().collect();
            for name in below {
                self.own.remove(&name);
            }
        }
    }

    /// The time of a directory in which something changed: umoci puts it back, and for the specification there is none.
    fn touch_parent(&mut self, path: &[u8]) {
        if self.lens == Lens::Vfs {
            self.touch(gopath::dir(path));
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
        let mut target_of_link = None;
        if entry.kind == Kind::Hardlink {
            let target = gopath::rooted(&entry.link);
            let dir = self.real(gopath::dir(&target)).map_err(failed)?;
            let at = path::join(&dir, gopath::base(&target)).into_vec();
            let there = self.names.get(&at).ok_or_else(|| failed(Errno::ENOENT))?;
            if there.kind == "dir" {
                return Err(failed(Errno::EPERM));
            }
            made = there.clone();
            // umoci looks at a hard link's name alone; for the others the last entry says what all names are.
            if there.kind != "symlink" && self.lens != Lens::Umoci {
                (made.mode, made.uid, made.gid, made.mtime) =
                    (entry.mode & 0o7777, entry.uid, entry.gid, Some(entry.mtime));
            }
            target_of_link = Some(at);
        }
        let stays = entry.kind == Kind::Dir && self.names.get(&path).is_some_and(|there| there.kind == "dir");
        if !stays {
            self.remove(&path);
            self.touch_parent(&path);
        }
        if let Some(target) = target_of_link {
            // It was what stood in the way.
            if !self.names.contains_key(&target) {
                return Err(failed(Errno::ENOENT));
            }
            let inode = *self.linked.entry(target).or_insert(self.inodes.len());
            self.inodes.resize(self.inodes.len().max(inode + 1), ghost());
            self.inodes[inode] = made.clone();
            self.linked.insert(path.clone(), inode);
        }
        self.names.insert(path.clone(), made);
        self.own.insert(if self.lens == Lens::Vfs { name } else { path.clone() });
        Ok(Some(path))
    }

    /// Makes the directories that have no entry.
    fn make_dirs(&mut self, parent: &[u8]) -> Result<(), LayerError> {
        let mut parent = parent.to_vec();
        let mut links = 0;
        let mut end = 1;
        while end < parent.len() {
            end = parent[end + 1..].iter().position(|b| *b == b'/').map_or(parent.len(), |i| end + 1 + i);
            let part = &parent[..end];
            let failed =
                |errno| LayerError::Call { what: format!("mkdir {}", String::from_utf8_lossy(part)), errno };
            match self.real(part) {
                Ok(_) => continue,
                Err(Errno::ENOENT) => {}
                Err(errno) => return Err(failed(errno)),
            }
            let dir = self.real(gopath::dir(part)).map_err(failed)?;
            let path = path::join(&dir, gopath::base(part)).into_vec();
            let Some(target) = self.names.get(&path).and_then(|there| there.target.clone()) else {
                let made = Resolved { kind: "dir".into(), mode: 0o755, ..ghost() };
                self.touch(&dir);
                self.names.insert(path.clone(), made);
                if self.lens != Lens::Vfs {
                    self.own.insert(path);
                }
                continue;
            };
            // podman sees that something is there, and cannot make anything in it; the others make what it points to.
            links += 1;
            if self.lens == Lens::Vfs || links > LINKS_MAX {
                return Err(failed(if links > LINKS_MAX { Errno::ELOOP } else { Errno::ENOENT }));
            }
            let from = if target.starts_with(b"/") { &b""[..] } else { &dir };
            parent = gopath::rooted(&[from, b"/", &target, &parent[end..]].concat());
            end = 1;
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
                    if links > LINKS_MAX {
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

/// Where the paths below a directory stand among paths in the order of their bytes.
fn below(dir: &[u8]) -> Range<Vec<u8>> {
    let stem = if dir == b"/" { b"" } else { dir };
    [stem, b"/"].concat()..[stem, b"0"].concat()
}
