//! An inode of the simulated disk.

use bytes::Bytes;
use triomphe::Arc;

use super::attributes::Xattrs;
use super::content::Content;
use super::names::Names;
use crate::kernel::{Device, FileType, Stat, Timespec};

/// What tmpfs adds to a directory's size for each name, seen on Linux 6.18.
const DIRENT_SIZE: u64 = 20;
/// The longest symbolic link that tmpfs keeps in the inode (`SHORT_SYMLINK_LEN`).
const SHORT_SYMLINK: usize = 128;

/// A name's meaning in a directory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NameEntry {
    /// The inode's number.
    pub(crate) ino: u64,
    /// When it came into the directory: listings show the newest first, as tmpfs does.
    pub(crate) order: u32,
    /// `d_type`.
    pub(crate) kind: FileType,
}

/// A directory's own part.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dir {
    /// The directory that it is in; itself for the root.
    pub(crate) parent: u64,
    /// The `order` of the next name.
    pub(crate) next: u32,
    /// Its names, without `.` and `..`.
    pub(crate) names: Names<NameEntry>,
}

/// What an inode is, with what only its kind has.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    File(Content),
    Dir(Dir),
    Symlink(std::sync::Arc<[u8]>),
    Char(Device),
    Block(Device),
    Fifo,
    Socket,
}

/// Access, modification and change time, packed: an inode is kept small.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Times {
    sec: [i64; 3],
    nsec: [u32; 3],
}

impl Times {
    /// The same for all three.
    pub(crate) fn all(now: Timespec) -> Self {
        Self { sec: [now.sec; 3], nsec: [now.nsec; 3] }
    }

    fn get(&self, i: usize) -> Timespec {
        Timespec { sec: self.sec[i], nsec: self.nsec[i] }
    }

    fn set(&mut self, i: usize, t: Timespec) {
        self.sec[i] = t.sec;
        self.nsec[i] = t.nsec;
    }

    pub(crate) fn atime(&self) -> Timespec {
        self.get(0)
    }

    pub(crate) fn mtime(&self) -> Timespec {
        self.get(1)
    }

    pub(crate) fn ctime(&self) -> Timespec {
        self.get(2)
    }

    pub(crate) fn set_atime(&mut self, t: Timespec) {
        self.set(0, t);
    }

    pub(crate) fn set_mtime(&mut self, t: Timespec) {
        self.set(1, t);
    }

    pub(crate) fn set_ctime(&mut self, t: Timespec) {
        self.set(2, t);
    }
}

/// An inode. Its number is its key in the disk's table.
#[derive(Debug, Clone)]
pub(crate) struct Inode {
    pub(crate) body: Body,
    /// Permission, set-id and sticky bits.
    pub(crate) mode: u32,
    pub(crate) nlink: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) times: Times,
    pub(crate) xattrs: Option<Arc<Xattrs>>,
}

impl Inode {
    pub(crate) fn kind(&self) -> FileType {
        match self.body {
            Body::File(_) => FileType::File,
            Body::Dir(_) => FileType::Dir,
            Body::Symlink(_) => FileType::Symlink,
            Body::Char(_) => FileType::Char,
            Body::Block(_) => FileType::Block,
            Body::Fifo => FileType::Fifo,
            Body::Socket => FileType::Socket,
        }
    }

    pub(crate) fn is_dir(&self) -> bool {
        matches!(self.body, Body::Dir(_))
    }

    pub(crate) fn dir(&self) -> Option<&Dir> {
        match &self.body {
            Body::Dir(dir) => Some(dir),
            _ => None,
        }
    }

    pub(crate) fn dir_mut(&mut self) -> Option<&mut Dir> {
        match &mut self.body {
            Body::Dir(dir) => Some(dir),
            _ => None,
        }
    }

    pub(crate) fn content(&self) -> Option<&Content> {
        match &self.body {
            Body::File(content) => Some(content),
            _ => None,
        }
    }

    pub(crate) fn content_mut(&mut self) -> Option<&mut Content> {
        match &mut self.body {
            Body::File(content) => Some(content),
            _ => None,
        }
    }

    pub(crate) fn rdev(&self) -> Device {
        match self.body {
            Body::Char(device) | Body::Block(device) => device,
            _ => Device::default(),
        }
    }

    /// A character device 0:0.
    pub(crate) fn is_whiteout_device(&self) -> bool {
        matches!(self.body, Body::Char(Device::WHITEOUT))
    }

    pub(crate) fn xattr(&self, name: &[u8]) -> Option<&Bytes> {
        self.xattrs.as_deref()?.get(name)
    }

    pub(crate) fn set_xattr(&mut self, name: &[u8], value: Bytes) {
        self.put_xattr(Bytes::copy_from_slice(name), value);
    }

    /// The same, for one of the program's own names.
    pub(crate) fn set_own_xattr(&mut self, name: &'static [u8], value: Bytes) {
        self.put_xattr(Bytes::from_static(name), value);
    }

    fn put_xattr(&mut self, name: Bytes, value: Bytes) {
        Arc::make_mut(self.xattrs.get_or_insert_with(Arc::default)).insert(name, value);
    }

    /// Whether there was one.
    pub(crate) fn remove_xattr(&mut self, name: &[u8]) -> bool {
        let Some(xattrs) = self.xattrs.as_mut() else { return false };
        let removed = Arc::make_mut(xattrs).remove(name);
        if xattrs.is_empty() {
            self.xattrs = None;
        }
        removed
    }

    pub(crate) fn size(&self) -> u64 {
        match &self.body {
            Body::File(content) => content.size(),
            Body::Dir(dir) => (dir.names.len() as u64 + 2) * DIRENT_SIZE,
            Body::Symlink(target) => target.len() as u64,
            _ => 0,
        }
    }

    /// `stat(2)`'s answer; `dev` and `ino` are the caller's to give.
    pub(crate) fn stat(&self, dev: u64, ino: u64) -> Stat {
        Stat {
            kind: self.kind(),
            mode: self.mode,
            nlink: self.nlink,
            uid: self.uid,
            gid: self.gid,
            size: self.size(),
            blocks: match &self.body {
                Body::File(content) => content.blocks(),
                Body::Symlink(target) if target.len() >= SHORT_SYMLINK => 8,
                _ => 0,
            },
            rdev: self.rdev(),
            dev,
            ino,
            atime: self.times.atime(),
            mtime: self.times.mtime(),
            ctime: self.times.ctime(),
        }
    }
}
