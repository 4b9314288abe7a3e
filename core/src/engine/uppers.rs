//! The writable layers that there are, for whoever looks at what a line changed.

use super::Engine;
use super::stores::{ORIGIN, OVERLAY};
use crate::kernel::{ByteString, Follow, Kernel, Task};

/// A container's own layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WritableLayer {
    /// The container's name.
    pub container: String,
    /// Its upper directory, in the kernel's tree.
    pub upper: ByteString,
}

/// What overlayfs wrote beside an entry of an upper directory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// The directory hides everything below it.
    pub opaque: bool,
    /// The entry was copied up from a lower layer.
    pub origin: bool,
}

impl Engine<'_> {
    /// Every container's writable layer. A container whose files are damaged has none to show.
    pub fn writable_layers(&mut self) -> Vec<WritableLayer> {
        let mut layers = Vec::new();
        for container in self.containers().unwrap_or_default() {
            let dirs = self.mount_id(&container.id).and_then(|id| self.graph_dirs(&id));
            if let Ok(dirs) = dirs {
                layers.push(WritableLayer {
                    container: container.plain_name().into(),
                    upper: dirs.upper.into(),
                });
            }
        }
        layers
    }
}

/// Reads overlayfs's marks of an entry, by its path in the upper directory itself.
pub fn marks(kernel: &mut dyn Kernel, task: &Task, path: &[u8]) -> Marks {
    let opaque = kernel.getxattr(task, path, OVERLAY.opaque, Follow::Link);
    let origin = kernel.getxattr(task, path, ORIGIN, Follow::Link);
    Marks { opaque: opaque.is_ok_and(|value| value == "y"), origin: origin.is_ok() }
}
