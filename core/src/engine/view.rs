//! A container's tree as the daemon sees it, which is not what its processes see: without `/proc`, `/dev` and `/sys`.

use super::containers::Container;
use super::error::{Named as _, Result};
use super::{Engine, layout};
use crate::kernel::{MountFlags, Task, UmountFlags};

/// A container's tree, mounted for the time of one command.
#[derive(Debug)]
pub struct View {
    /// Where it is.
    pub root: String,
    /// Where Docker has it.
    pub merged: String,
    layer: String,
    was_up: bool,
}

impl Engine<'_> {
    /// Opens a container's tree with its own files and its volumes: what `docker cp` sees (moby `daemon/archive.go`,
    /// `mountVolumes`).
    ///
    /// # Errors
    /// The mount's.
    pub fn view(&mut self, container: &Container) -> Result<View> {
        let view = self.bare_view(&container.id)?;
        if let Err(error) = self.bind_all(container, &view.root, false) {
            self.leave(&view)?;
            return Err(error);
        }
        Ok(view)
    }

    /// Does something with a container's own tree: what `docker diff` and `docker export` see.
    pub(super) fn with_bare_view<T>(
        &mut self,
        container: &str,
        work: impl FnOnce(&mut Self, &str) -> Result<T>,
    ) -> Result<T> {
        let view = self.bare_view(container)?;
        let result = work(self, &view.root);
        self.leave(&view)?;
        result
    }

    /// Of a container that is up, its tree at a second place, where nothing is mounted in it.
    fn bare_view(&mut self, container: &str) -> Result<View> {
        let layer = self.mount_id(container)?;
        let was_up = self.is_mounted(&layer)?;
        let merged = self.layers().mount(self, &layer)?;
        if !was_up {
            return Ok(View { root: merged.clone(), merged, layer, was_up });
        }
        let root = format!("{}/tmp/view-{}", layout::ROOT, &self.world.new_id()[..16]);
        self.make_dir(&root, 0o700)?;
        let mounted =
            self.kernel.mount(&Task::root(), merged.as_bytes(), root.as_bytes(), b"", MountFlags::BIND, b"");
        if let Err(errno) = mounted {
            self.remove(&root)?;
            return Err(errno).named("mount", root.as_bytes());
        }
        Ok(View { root, merged, layer, was_up })
    }

    /// Closes it again.
    ///
    /// # Errors
    /// The kernel's.
    pub fn leave(&mut self, view: &View) -> Result<()> {
        self.unmount_below(&view.root)?;
        if !view.was_up {
            return self.layers().unmount(self, &view.layer);
        }
        let root = view.root.as_bytes();
        self.kernel.umount(&Task::root(), root, UmountFlags::DETACH).named("unmount", root)?;
        self.remove(&view.root)
    }

    /// Takes away what is mounted below a place.
    pub(super) fn unmount_below(&mut self, place: &str) -> Result<()> {
        let below = format!("{place}/");
        let mounts = self.kernel.mountinfo().named("open", b"/proc/self/mountinfo")?;
        for mount in mounts.iter().rev().filter(|mount| mount.target.starts_with(below.as_bytes())) {
            self.kernel
                .umount(&Task::root(), &mount.target, UmountFlags::DETACH)
                .named("unmount", &mount.target)?;
        }
        Ok(())
    }
}
