//! What a change cost.

use serde::{Deserialize, Serialize};

use crate::kernel::{ByteString, FileType};

/// Something that was copied up: what a change cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyUp {
    /// Its path inside the overlay mount.
    pub path: ByteString,
    /// What it is. Each counts as one entry.
    pub kind: FileType,
    /// The bytes of content that were copied.
    pub bytes: u64,
}
