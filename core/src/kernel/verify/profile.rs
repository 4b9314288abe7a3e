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
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Generic, Self::Rename, Self::Permission, Self::Deep, Self::Whiteout, Self::Descriptor];
}
