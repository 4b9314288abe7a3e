//! What a trace says of one path of a layer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kernel::ByteString;

/// A kind of entry in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the kinds of inodes, and the whiteout (a character device 0:0)")]
pub enum Kind {
    File,
    Dir,
    Symlink,
    Fifo,
    Char,
    Block,
    Socket,
    Whiteout,
}

/// A path of a layer, with all that is stored there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TreeEntry {
    /// Which lower layer; nothing in an upper directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<usize>,
    /// Absolute in the layer, `/` for its root.
    pub path: ByteString,
    /// What it is.
    pub kind: Kind,
    /// Octal, `0755`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Owner.
    #[serde(default)]
    pub uid: u32,
    /// Group.
    #[serde(default)]
    pub gid: u32,
    /// What a file holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<ByteString>,
    /// The same in base64, where it is no ASCII.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_b64: Option<String>,
    /// Where a symbolic link points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<ByteString>,
    /// Major and minor number of a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rdev: Option<(u32, u32)>,
    /// Seconds; nothing for "when it was built".
    #[serde(default)]
    pub mtime: Option<i64>,
    /// It is another name of this path's inode, in the same layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_to: Option<ByteString>,
    /// Extended attributes by full name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub xattrs: BTreeMap<String, ByteString>,
    /// Overlayfs's own, by the name after its prefix; `true` for a value that cannot be set (a file handle).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overlay_xattrs: BTreeMap<String, Value>,
}
