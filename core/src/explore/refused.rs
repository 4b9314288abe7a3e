//! What Docker refuses an image for that is shown all the same.

use serde::{Deserialize, Serialize};

use crate::kernel::ByteString;

/// An entry for which Docker refuses the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The layer, lowest 0.
    pub layer: usize,
    /// The entry's name.
    pub entry: ByteString,
    /// What Docker's `load` prints.
    pub docker: String,
    /// How it is read here.
    pub read_as: String,
}
