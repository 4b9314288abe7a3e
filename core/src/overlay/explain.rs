//! Why a path of a merged view is what it is, on any kernel: the look-up's own steps, from the directories of the layers.

use serde::{Deserialize, Serialize};

use super::{Class, Ground, Layers, Lower, Opaque, Step, lookup};
use crate::kernel::{ByteString, Errno, FileType, Follow, Kernel, Result, Task, path};

/// How one name of a path was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The path so far, absolute in the merged view.
    pub path: ByteString,
    /// What was seen in each layer that was asked; layer 0 is the upper one, 1 the topmost lower one.
    pub steps: Vec<Step>,
    /// The layers that provide it: several for a merged directory, none where it is not there.
    pub layers: Vec<usize>,
}

/// The layers as directories of a kernel.
struct Dirs<'k> {
    kernel: &'k mut dyn Kernel,
    task: &'k Task,
    /// The upper directory, and the lower ones, topmost first.
    roots: Vec<Option<ByteString>>,
}

impl Dirs<'_> {
    fn xattr(&mut self, path: &[u8], name: &[u8]) -> Result<Option<ByteString>> {
        let name = [b"trusted.overlay.", name].concat();
        match self.kernel.getxattr(self.task, path, &name, Follow::Link) {
            Ok(value) => Ok(Some(value)),
            Err(Errno::ENODATA | Errno::EOPNOTSUPP | Errno::EPERM) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Layers for Dirs<'_> {
    type Node = ByteString;
    type Error = Errno;

    fn find(&mut self, _layer: usize, dir: &ByteString, name: &[u8]) -> Result<Option<(ByteString, Class)>> {
        let path = path::join(dir, name);
        let stat = match self.kernel.lstat(self.task, &path) {
            Ok(stat) => stat,
            Err(Errno::ENOENT | Errno::ENOTDIR | Errno::ENAMETOOLONG) => return Ok(None),
            Err(error) => return Err(error),
        };
        let empty = stat.kind == FileType::File && stat.size == 0;
        let class = if stat.is_whiteout() || empty && self.xattr(&path, b"whiteout")?.is_some() {
            Class::Whiteout
        } else if stat.is_dir() {
            Class::Dir
        } else {
            Class::Other
        };
        Ok(Some((path, class)))
    }

    fn opaque(&mut self, _layer: usize, dir: &ByteString) -> Result<Opaque> {
        Ok(match self.xattr(dir, b"opaque")?.as_deref().map(Vec::as_slice) {
            Some(b"y") => Opaque::Yes,
            Some(b"x") => Opaque::Xattrs,
            _ => Opaque::No,
        })
    }

    fn redirect(&mut self, _layer: usize, dir: &ByteString) -> Result<Option<ByteString>> {
        self.xattr(dir, b"redirect")
    }

    fn root(&mut self, layer: usize) -> ByteString {
        self.roots.get(layer).cloned().flatten().unwrap_or_default()
    }

    fn lowest(&self) -> usize {
        self.roots.len() - 1
    }
}

/// Explains every name of `path`, from the top, as far as there is something. `upper` and `lower` (topmost first) are
/// the layers' directories as the task sees them. Symbolic links are not followed: they are files here.
pub fn explain(
    kernel: &mut dyn Kernel,
    task: &Task,
    upper: Option<&[u8]>,
    lower: &[ByteString],
    path: &[u8],
) -> Result<Vec<Explained>> {
    let roots = std::iter::once(upper.map(ByteString::from)).chain(lower.iter().cloned().map(Some)).collect();
    let mut dirs = Dirs { kernel, task, roots };
    let mut at_upper = upper.map(ByteString::from);
    let mut at_lower: Vec<Lower<ByteString>> =
        lower.iter().zip(1..).map(|(dir, layer)| Lower { layer, node: dir.clone() }).collect();
    let mut so_far = ByteString::from("/");
    let mut explained = Vec::new();
    for name in path::components(path).filter(|name| *name != b".") {
        let mut steps = Vec::new();
        let ground = Ground { upper: at_upper.as_ref(), lower: &at_lower };
        let found = lookup(&mut dirs, ground, name, &mut steps)?;
        so_far = path::join(&so_far, name);
        let mut layers: Vec<usize> = found.upper.iter().map(|_| 0).collect();
        layers.extend(found.lower.iter().map(|part| part.layer));
        let goes_on = found.dir && !layers.is_empty();
        explained.push(Explained { path: so_far.clone(), steps, layers });
        if !goes_on {
            break;
        }
        (at_upper, at_lower) = (found.upper, found.lower);
    }
    Ok(explained)
}
