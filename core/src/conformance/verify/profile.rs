//! What a random sequence does most.

use serde::{Deserialize, Serialize};

/// What a sequence does most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// A bit of everything.
    Generic,
    /// Renames, exchanges and links.
    Rename,
    /// Other users, odd modes, sticky and set-gid directories.
    Permission,
    /// Few names, many levels.
    Deep,
    /// Removing and making again.
    Whiteout,
    /// Open descriptors.
    Descriptor,
    /// Paths written in odd ways: slashes, dots, nothing, names that are too long.
    Path,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Generic,
        Self::Rename,
        Self::Permission,
        Self::Deep,
        Self::Whiteout,
        Self::Descriptor,
        Self::Path,
    ];
}
