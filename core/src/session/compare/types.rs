//! What is compared, and what a comparison finds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Each path with what is there, in words.
pub type Tree = BTreeMap<String, String>;

/// All that can be seen of a machine's layers: its mounted views and upper directories, each by a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What each shows.
    pub trees: BTreeMap<String, Tree>,
}

/// The first thing in which two machines differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What: `standard output`, `the view at /mnt/merged, /etc/motd`.
    pub what: String,
    /// On the first machine.
    pub first: String,
    /// On the second.
    pub second: String,
}
