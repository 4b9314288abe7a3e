//! Copies with a message that names both ends.

use std::fs;
use std::path::Path;

use crate::sh::Result;

pub(super) fn copy(from: &Path, to: &Path) -> Result {
    fs::copy(from, to).map(drop).map_err(|e| format!("{} to {}: {e}", from.display(), to.display()))
}
