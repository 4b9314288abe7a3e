//! Layers as directories of any kernel's disk, for the one look-up that there is.

use std::fmt;
use std::ops::RangeInclusive;

use super::{BadRedirect, Class, Layers, Opaque};
use crate::kernel::{ByteString, Errno, FileType, Follow, Kernel, Result, Task, path};

/// The directories of a stack, by the numbers that the look-up uses: 0 is the upper one, 1 the topmost lower.
pub struct Directories<'k> {
    /// The kernel that they are on. It is asked as root.
    pub kernel: &'k mut dyn Kernel,
    /// The upper directory, if there is one.
    pub upper: Option<ByteString>,
    /// The lower directories, topmost first.
    pub lower: Vec<ByteString>,
}

impl fmt::Debug for Directories<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directories")
            .field("upper", &self.upper)
            .field("lower", &self.lower)
            .finish_non_exhaustive()
    }
}

impl Directories<'_> {
    /// The directory of a layer.
    pub fn dir(&self, layer: usize) -> Option<&ByteString> {
        match layer.checked_sub(1) {
            None => self.upper.as_ref(),
            Some(lower) => self.lower.get(lower),
        }
    }

    /// The numbers of all layers, from the top down.
    pub fn numbers(&self) -> RangeInclusive<usize> {
        usize::from(self.upper.is_none())..=self.lower.len()
    }

    /// One of overlayfs's own attributes; none where the file system below has no such attributes.
    fn own(&mut self, path: &[u8], name: &[u8]) -> Result<Option<ByteString>> {
        let name = [b"trusted.overlay.", name].concat();
        match self.kernel.getxattr(&Task::root(), path, &name, Follow::Link) {
            Ok(value) => Ok(Some(value)),
            Err(Errno::ENODATA | Errno::EOPNOTSUPP | Errno::EPERM) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Layers for Directories<'_> {
    /// The path of the object on the kernel's disk. No component is a link: each was looked at on the way.
    type Node = ByteString;
    type Error = Errno;

    fn find(&mut self, _layer: usize, dir: &ByteString, name: &[u8]) -> Result<Option<(ByteString, Class)>> {
        let path = path::join(dir, name);
        let stat = match self.kernel.lstat(&Task::root(), &path) {
            Ok(stat) => stat,
            Err(Errno::ENOENT | Errno::ENOTDIR | Errno::ENAMETOOLONG) => return Ok(None),
            Err(error) => return Err(error),
        };
        let empty = stat.kind == FileType::File && stat.size == 0;
        let class = if stat.is_whiteout() || empty && self.own(&path, b"whiteout")?.is_some() {
            Class::Whiteout
        } else if stat.is_dir() {
            Class::Dir
        } else {
            Class::Other
        };
        Ok(Some((path, class)))
    }

    fn opaque(&mut self, _layer: usize, dir: &ByteString) -> Result<Opaque> {
        Ok(match self.own(dir, b"opaque")?.as_deref().map(Vec::as_slice) {
            Some(b"y") => Opaque::Yes,
            Some(b"x") => Opaque::Xattrs,
            _ => Opaque::No,
        })
    }

    fn redirect(&mut self, _layer: usize, dir: &ByteString) -> Result<Option<ByteString>> {
        self.own(dir, b"redirect")
    }

    /// Linux's errors. (What the mount's options say of redirects is not known here.)
    fn cannot_follow(&self, why: BadRedirect) -> Result<()> {
        Err(match why {
            BadRedirect::NotFollowed => Errno::EPERM,
            BadRedirect::Malformed => Errno::EINVAL,
            BadRedirect::NoName => Errno::EACCES,
        })
    }

    fn root(&mut self, layer: usize) -> ByteString {
        self.dir(layer).cloned().unwrap_or_default()
    }

    fn lowest(&self) -> usize {
        self.lower.len()
    }
}
