//! Paths inside a sheet: as a process that has chrooted into the layer's directory would walk them.

use super::{Last, Node, NodeKind, Sheet, call};
use crate::kernel::path::NAME_MAX;
use crate::kernel::{ByteString, Errno};
use crate::oci::gopath;
use crate::oci::layer::LayerError;

const LINKS_MAX: usize = 40;

impl Sheet {
    /// Docker's `MkdirAllAndChownNew`, where the parent is not there.
    pub(super) fn make_parent(&mut self, parent: &[u8]) -> Result<(), LayerError> {
        if self.reach(parent).is_ok() || self.lookup(parent, Last::Kept) != Err(Errno::ENOENT) {
            return Ok(());
        }
        let ends = (1..parent.len()).filter(|i| parent[*i] == b'/').chain([parent.len()]);
        for end in ends {
            let path = &parent[..end];
            match self.reach(path) {
                Ok(id) if self.node(id).children().is_some() => {}
                Ok(_) => return Err(call("mkdir", path, Errno::ENOTDIR)),
                Err(Errno::ENOENT) => {
                    let failed = |errno| call("mkdir", path, errno);
                    let dir = self.reach(gopath::dir(path)).map_err(failed)?;
                    let mut node = Node::dir(None, self.nodes.len() as u32);
                    // A directory's set-group-id bit is handed down; its group is root's all the same.
                    node.mode |= self.node(dir).mode & 0o2000;
                    self.put(dir, gopath::base(path), node).map_err(failed)?;
                }
                Err(errno) => return Err(call("mkdir", path, errno)),
            }
        }
        Ok(())
    }

    /// The node of a cleaned path from the root, links followed. Entries come by directory: the way that this path shares
    /// with the last one is not gone again.
    pub(super) fn reach(&mut self, path: &[u8]) -> Result<u32, Errno> {
        let common = path.iter().zip(&self.near.path).take_while(|(a, b)| a == b).count();
        let is_end = |end: usize| end <= common && path.get(end).is_none_or(|byte| *byte == b'/');
        while self.near.ends.last().is_some_and(|(end, _)| !is_end(*end)) {
            self.near.ends.pop();
        }
        let (mut end, mut at) = self.near.ends.last().copied().unwrap_or((0, 0));
        self.near.path.truncate(end);
        self.near.path.extend_from_slice(&path[end..]);
        while end < path.len() {
            let from = end + 1;
            end = path[from..].iter().position(|byte| *byte == b'/').map_or(path.len(), |len| from + len);
            if from == end {
                continue;
            }
            let next = self.node(at).children().and_then(|children| children.get(&path[from..end])).copied();
            match next {
                Some(id) if !matches!(self.node(id).kind, NodeKind::Symlink(_)) => at = id,
                _ => return self.walk(path),
            }
            self.near.ends.push((end, at));
        }
        Ok(at)
    }

    /// The node of a path inside the layer, links followed.
    pub(super) fn walk(&self, path: &[u8]) -> Result<u32, Errno> {
        self.lookup(path, Last::Followed)
    }

    pub(super) fn lookup(&self, path: &[u8], last: Last) -> Result<u32, Errno> {
        let mut todo: Vec<ByteString> = parts(path);
        let mut trail = vec![0u32];
        let mut links = 0;
        while let Some(part) = todo.pop() {
            let at = *trail.last().unwrap_or(&0);
            let Some(children) = self.node(at).children() else { return Err(Errno::ENOTDIR) };
            if part == "." {
                continue;
            }
            if part == ".." {
                if trail.len() > 1 {
                    trail.pop();
                }
                continue;
            }
            if part.len() > NAME_MAX {
                return Err(Errno::ENAMETOOLONG);
            }
            let id = *children.get(&part).ok_or(Errno::ENOENT)?;
            match &self.node(id).kind {
                NodeKind::Symlink(target) if last == Last::Followed || !todo.is_empty() => {
                    links += 1;
                    if links > LINKS_MAX {
                        return Err(Errno::ELOOP);
                    }
                    if target.starts_with(b"/") {
                        trail.truncate(1);
                    }
                    todo.extend(parts(target));
                }
                _ => trail.push(id),
            }
        }
        Ok(*trail.last().unwrap_or(&0))
    }
}

/// The components, last first. A slash at the end asks for a directory, as `.` does.
fn parts(path: &[u8]) -> Vec<ByteString> {
    let slash = path.ends_with(b"/").then(|| ByteString::from("."));
    slash.into_iter().chain(crate::kernel::path::components(path).rev().map(ByteString::from)).collect()
}
