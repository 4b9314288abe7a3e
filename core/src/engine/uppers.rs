//! A container's writable layer, for whoever looks at what a line changed.

use super::Engine;
use super::error::Result;
use super::stores::{ORIGIN, OVERLAY};
use crate::kernel::{ByteString, Follow, Kernel, Task};

/// What overlayfs wrote beside an entry of an upper directory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// The directory hides everything below it.
    pub opaque: bool,
    /// The entry was copied up from a lower layer.
    pub origin: bool,
}

impl Engine<'_> {
    /// The upper directory of a container's writable layer, in the kernel's tree.
    ///
    /// # Errors
    /// The disk's: a container whose files are damaged has none to show.
    pub fn upper_of(&mut self, container: &str) -> Result<ByteString> {
        let id = self.mount_id(container)?;
        Ok(self.graph_dirs(&id)?.upper.into())
    }
}

/// Reads overlayfs's marks of an entry, by its path in the upper directory itself.
pub fn marks(kernel: &mut dyn Kernel, task: &Task, path: &[u8]) -> Marks {
    let opaque = kernel.getxattr(task, path, OVERLAY.opaque, Follow::Link);
    let origin = kernel.getxattr(task, path, ORIGIN, Follow::Link);
    Marks { opaque: opaque.is_ok_and(|value| value == "y"), origin: origin.is_ok() }
}
