//! Layers of mounted overlays that a command changes directly, not through the mount.
//!
//! The kernel's `Documentation/filesystems/overlayfs.rst` ("Changes to underlying filesystems") leaves undefined what the
//! mount shows then. A learner reads so once while the layer is mounted.

use crate::kernel::{ByteString, Kernel, MountFlags, OpenFlags, Task, path};
use crate::map::Map;
use crate::overlay::options::layer_paths;

/// The layers of all overlays that are mounted, and those of them that were changed directly.
#[derive(Debug, Clone, Default)]
pub(super) struct Direct {
    layers: Map<ByteString, Layer>,
    /// The layers of each overlay, by its mount point.
    mounts: Map<ByteString, Vec<ByteString>>,
    found: Vec<ByteString>,
}

/// A layer of an overlay that is mounted.
#[derive(Debug, Clone, Default)]
struct Layer {
    /// How many mounts it is in.
    mounts: usize,
    /// Whether it was changed directly since it is mounted.
    changed: bool,
}

impl Direct {
    /// Notes an overlay that was mounted.
    pub(super) fn mounted(
        &mut self,
        kernel: &mut dyn Kernel,
        task: &Task,
        target: &[u8],
        flags: MountFlags,
        data: &[u8],
    ) {
        if flags.intersects(MountFlags::BIND | MountFlags::REMOUNT) || task.root != "/" {
            return;
        }
        let layers: Vec<ByteString> =
            layer_paths(data).iter().map(|layer| real(kernel, task, layer)).collect();
        for layer in &layers {
            self.layers.get_or_default(layer.clone()).mounts += 1;
        }
        self.mounts.insert(full(task, target), layers);
    }

    /// Notes that what was mounted on a directory is no longer there.
    pub(super) fn unmounted(&mut self, task: &Task, target: &[u8]) {
        for layer in self.mounts.remove(&full(task, target)).unwrap_or_default() {
            match self.layers.get_mut(&layer) {
                Some(layer) if layer.mounts > 1 => layer.mounts -= 1,
                _ => {
                    self.layers.remove(&layer);
                }
            }
        }
    }

    /// Notes that a process changed the file at a path. Calls of the Docker engine do not count: they have no process, and
    /// so hold no working directory. Calls of a container do not count: they cannot leave its root.
    pub(super) fn changed(&mut self, task: &Task, changed: &[u8]) {
        if task.dir.is_none() || task.root != "/" || self.layers.is_empty() {
            return;
        }
        let changed = full(task, changed);
        let mut at: &[u8] = &changed;
        while at.len() > 1 && !self.mounts.contains_key(at) {
            if let Some(layer) = self.layers.get(at) {
                if !layer.changed {
                    self.layers.get_mut(at).into_iter().for_each(|layer| layer.changed = true);
                    self.found.push(at.into());
                }
                return;
            }
            at = path::parent(at);
        }
    }

    /// Whether such an open call can change something.
    pub(super) fn is_change(flags: OpenFlags) -> bool {
        flags.intersects(OpenFlags::WRONLY | OpenFlags::RDWR | OpenFlags::CREAT | OpenFlags::TRUNC)
    }

    /// Takes the layers that were changed since this was last asked.
    pub(super) fn take(&mut self) -> Vec<ByteString> {
        std::mem::take(&mut self.found)
    }
}

/// The absolute path of what a task names.
fn full(task: &Task, named: &[u8]) -> ByteString {
    path::normalize(&path::join(&task.cwd, named))
}

/// The directory that a mount's option names; Docker names its layers by short links (`l/…`).
fn real(kernel: &mut dyn Kernel, task: &Task, layer: &[u8]) -> ByteString {
    let named = full(task, layer);
    match kernel.readlink(&Task::root(), &named) {
        Ok(target) => path::normalize(&path::join(path::parent(&named), &target)),
        Err(_) => named,
    }
}
