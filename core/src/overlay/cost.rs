//! What changes cost in the upper layer.

use serde::{Deserialize, Serialize};

use crate::kernel::{ByteString, FileType};

/// Something that was copied up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyUp {
    /// The upper directory that it came into, as `stat(2)` tells it: `st_dev` and `st_ino`.
    pub upper: (u64, u64),
    /// Its path inside the overlay mount.
    pub path: ByteString,
    /// What it is. Each counts as one entry.
    pub kind: FileType,
    /// The bytes of content that were copied: none for a file that was cut when it was opened.
    pub bytes: u64,
}

/// How much was copied up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Files, directories and all else.
    pub entries: u64,
    /// Bytes of content.
    pub bytes: u64,
}

/// What was copied up in a while.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopyUps {
    /// One by one, the first [`CopyUps::LISTED`] of them.
    pub list: Vec<CopyUp>,
    /// All of them.
    pub cost: Cost,
}

impl CopyUps {
    /// The most that are told one by one: who never asks does not fill the memory.
    pub const LISTED: usize = 4096;
}
