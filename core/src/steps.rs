//! The look-up of a path as plain data: what each layer held, and how the look-up went on.

use serde::{Deserialize, Serialize};

use crate::kernel::{ByteString, FileType};

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathEntry {
    /// Its kind.
    pub kind: FileType,
    /// Bytes.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// A symbolic link's target.
    pub target: Option<ByteString>,
}

/// What the lookup met in one layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerLookup {
    /// The row.
    pub row: u32,
    /// What was found there.
    pub found: Found,
    /// Whether the lookup went on below.
    pub went: Went,
    /// What is there, whether looked at or not.
    pub entry: Option<PathEntry>,
    /// The component that decided, where it was not the last: `/etc` for `/etc/motd`.
    pub at: Option<ByteString>,
}

/// What a layer held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// Nothing.
    Nothing,
    /// Anything but a directory.
    File,
    /// A directory.
    Dir,
    /// A directory that hides those below.
    OpaqueDir,
    /// A whiteout.
    Whiteout,
}

/// How the lookup went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Went {
    /// To the layer below.
    On,
    /// It ended here.
    Stopped,
    /// It never came here.
    NotReached,
}
