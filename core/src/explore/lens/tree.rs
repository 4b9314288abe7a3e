//! Layers applied to one tree, one after the other, as the specification has it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::resolved::{Resolved, ghost, kind_name};
use crate::explore::image::Record;
use crate::kernel::{ByteString, Errno, path};
use crate::oci::gopath;
use crate::oci::layer::{AUFS, LayerError, Marker, Trick};
use crate::oci::tar::{Kind, TarEntry};

/// Links in one path, as Linux follows them.
const LINKS_MAX: usize = 40;

/// One tree that layers are applied to, one after the other.
#[derive(Debug, Default)]
pub(super) struct Tree {
    names: BTreeMap<Vec<u8>, Resolved>,
    /// The names that share an inode, by its place among those, and what the last of its names said of it.
    linked: BTreeMap<Vec<u8>, usize>,
    inodes: Vec<Resolved>,
}

impl Tree {
    pub(super) fn finish(mut self) -> BTreeMap<ByteString, Resolved> {
        for (name, inode) in &self.linked {
            if let Some(resolved) = self.names.get_mut(name) {
                resolved.clone_from(&self.inodes[*inode]);
            }
        }
        self.names.into_iter().map(|(path, resolved)| (path.into(), resolved)).collect()
    }

    pub(super) fn apply(&mut self, layer: usize, records: &[Record]) -> Result<(), LayerError> {
        let entries = || records.iter().filter_map(Record::entry);
        // Whiteouts come first, whatever the order.
        for entry in entries() {
            self.marker(entry)?;
        }
        let mut times = Vec::new();
        for entry in entries() {
            let is_marker = Marker::of(gopath::base(&gopath::rooted(&entry.name))).is_some();
            if !is_marker
                && let Some(path) = self.entry(layer, entry)?
                && entry.kind == Kind::Dir
            {
                times.push((path, entry.mtime));
            }
        }
        for (path, mtime) in times {
            if let Some(dir) = self.names.get_mut(&path) {
                dir.mtime = Some(mtime);
            }
        }
        Ok(())
    }

    fn marker(&mut self, entry: &TarEntry) -> Result<(), LayerError> {
        let name = gopath::rooted(&entry.name);
        let base = gopath::base(&name);
        let Some(marker) = Marker::of(base) else { return Ok(()) };
        if base.starts_with(AUFS) && marker != Marker::Opaque {
            return Ok(());
        }
        // A marker in what is not there, or is no directory, hides nothing.
        let Ok(dir) = self.real(gopath::dir(&name)) else { return Ok(()) };
        match marker {
            Marker::Opaque => self.clear(&dir),
            Marker::Whiteout(hidden) => {
                if matches!(hidden, b"" | b"." | b"..") {
                    let why = Trick::WhiteoutOfNothing;
                    return Err(LayerError::Refused { entry: entry.name.clone(), why });
                }
                self.take(&gopath::rooted(&[&dir[..], b"/", hidden].concat()));
            }
        }
        Ok(())
    }

    /// An opaque marker: everything below goes.
    fn clear(&mut self, dir: &[u8]) {
        let all: Vec<Vec<u8>> = self.names.range(below(dir)).map(|(name, _)| name.clone()).collect();
        for path in all {
            self.names.remove(&path);
            self.linked.remove(&path);
        }
    }

    /// Takes a path away, with what is below it.
    fn take(&mut self, path: &[u8]) {
        self.names.remove(path);
        self.linked.remove(path);
        self.clear(path);
    }

    fn entry(&mut self, layer: usize, entry: &TarEntry) -> Result<Option<Vec<u8>>, LayerError> {
        let name = gopath::rooted(&entry.name);
        if name == b"/" {
            return Ok(None);
        }
        let parent = gopath::dir(&name);
        self.make_dirs(parent)?;
        let op = if entry.kind == Kind::Hardlink { "link" } else { "open" };
        let failed = |errno| LayerError::call(format!("{op} {}", String::from_utf8_lossy(&name)), errno);
        let dir = self.real(parent).map_err(failed)?;
        if dir != b"/" && self.names.get(&dir).is_none_or(|there| there.kind != "dir") {
            return Err(failed(Errno::ENOTDIR));
        }
        let path = path::join(&dir, gopath::base(&name)).into_vec();
        let mut made = Resolved {
            kind: entry.kind.file_type().map_or("file", |_| kind_name(entry.kind)).into(),
            // Linux keeps no mode of a link.
            mode: if entry.kind == Kind::Symlink { 0o777 } else { entry.mode & 0o7777 },
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
            // The last entry says what all names are.
            if there.kind != "symlink" {
                (made.mode, made.uid, made.gid, made.mtime) =
                    (entry.mode & 0o7777, entry.uid, entry.gid, Some(entry.mtime));
            }
            target_of_link = Some(at);
        }
        let stays = entry.kind == Kind::Dir && self.names.get(&path).is_some_and(|there| there.kind == "dir");
        if !stays {
            self.take(&path);
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
            let failed = |errno| LayerError::call(format!("mkdir {}", String::from_utf8_lossy(part)), errno);
            match self.real(part) {
                Ok(_) => continue,
                Err(Errno::ENOENT) => {}
                Err(errno) => return Err(failed(errno)),
            }
            let dir = self.real(gopath::dir(part)).map_err(failed)?;
            let path = path::join(&dir, gopath::base(part)).into_vec();
            let Some(target) = self.names.get(&path).and_then(|there| there.target.clone()) else {
                let made = Resolved { kind: "dir".into(), mode: 0o755, ..ghost() };
                self.names.insert(path, made);
                continue;
            };
            // What it points to is made.
            links += 1;
            if links > LINKS_MAX {
                return Err(failed(Errno::ELOOP));
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
