//! One name of a layer.

use std::collections::BTreeMap;

use crate::kernel::{ByteString, Device, Timespec};
use crate::oci::tar::{Extent, Kind};

/// What a name of a layer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// A directory and its names.
    Dir {
        /// Its entries, by the bytes of their names.
        children: BTreeMap<ByteString, u32>,
        /// It hides what is below.
        opaque: bool,
    },
    /// A file; `content_at` is its place in the uncompressed stream.
    File {
        /// Where its content starts.
        content_at: u64,
        /// What is stored of a sparse file.
        extents: Option<Box<[Extent]>>,
        /// The SHA-256 of its content, where contents are compared.
        digest: Option<Box<[u8; 32]>>,
    },
    /// A symbolic link to this.
    Symlink(ByteString),
    /// A device.
    Device(Kind, Device),
    /// A named pipe.
    Fifo,
    /// It hides the name in the layers below.
    Whiteout,
}

/// One name of a layer. Several names of one inode have the same `inode`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes of content.
    pub size: u64,
    /// Last change; `None` where the archive has no entry for it.
    pub mtime: Option<Timespec>,
    /// Which inode of the layer it is a name of: the number of the node that was its first name.
    pub inode: u32,
    /// The SHA-256 of its extended attributes, where it has any.
    pub xattrs: Option<Box<[u8; 32]>>,
}

impl Node {
    /// Its names, if it is a directory.
    pub fn children(&self) -> Option<&BTreeMap<ByteString, u32>> {
        match &self.kind {
            NodeKind::Dir { children, .. } => Some(children),
            _ => None,
        }
    }

    /// Whether it hides what is below it in lower layers.
    pub fn is_opaque(&self) -> bool {
        matches!(self.kind, NodeKind::Dir { opaque: true, .. })
    }

    pub(super) fn dir(mtime: Option<Timespec>, inode: u32) -> Self {
        let kind = NodeKind::Dir { children: BTreeMap::new(), opaque: false };
        Self { kind, mode: 0o755, uid: 0, gid: 0, size: 0, mtime, inode, xattrs: None }
    }
}
