//! Named volumes: directories below `/var/lib/docker/volumes` that outlive containers.

use super::error::{Error, Named as _, Result};
use super::{Engine, Image, layout};
use crate::kernel::{Errno, Task, fs};

impl Engine<'_> {
    /// The volume of this name, made where it is missing; without a name a new one. An empty volume takes over what the
    /// image has at its place. Returns its name and directory.
    ///
    /// # Errors
    /// A bad name, or the disk's.
    pub fn volume_for(&mut self, name: &str, place: &str, image: &Image) -> Result<(String, String)> {
        let name = if name.is_empty() { self.world.new_id() } else { name.to_owned() };
        let (_, data) = self.volume_create(&name)?;
        if self.names(&data)?.is_empty() {
            self.volume_fill(&data, place, image)?;
        }
        Ok((name, data))
    }

    /// Makes a volume; one that is there stays as it is. Returns whether it is new, and its directory.
    ///
    /// # Errors
    /// A bad name, or the disk's.
    pub fn volume_create(&mut self, name: &str) -> Result<(bool, String)> {
        let mut bytes = name.bytes();
        let good = name.len() >= 2
            && bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
            && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
        if !good {
            return Err(Error::Invalid(format!(
                "create {name}: \"{name}\" includes invalid characters for a local volume name, only \
                 \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
            )));
        }
        let data = format!("{}/{name}/_data", layout::VOLUMES);
        let is_new = !fs::exists(self.kernel, &Task::root(), data.as_bytes());
        if is_new {
            self.make_dir(&format!("{}/{name}", layout::VOLUMES), 0o701)?;
            self.make_dir(&data, 0o755)?;
        }
        Ok((is_new, data))
    }

    /// Copies what an image has at a place into an empty volume.
    fn volume_fill(&mut self, data: &str, place: &str, image: &Image) -> Result<()> {
        let Some(chain) = image.chain_id() else { return Ok(()) };
        if self.cache_id(&chain)?.is_none() {
            return Ok(());
        }
        // Read through a layer of its own, so that the image's top layer stays as it is.
        let (view, root) = self.layers().view(self, &chain)?;
        let copied = {
            let inside = Task::root().chrooted(root.as_str());
            match self.kernel.chdir(&inside, place.as_bytes()) {
                Ok(real) => {
                    let from = [root.as_bytes(), &real].concat();
                    super::copy::copy_contents(self.kernel, &from, data.as_bytes())
                }
                Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(()),
                Err(errno) => Err(errno).named("chdir", place.as_bytes()),
            }
        };
        self.layers().remove(self, &view)?;
        copied
    }

    /// A directory of the host for a bind mount: made where it is missing, as Docker does for `-v`.
    ///
    /// # Errors
    /// The disk's.
    pub fn make_host_dir(&mut self, path: &str) -> Result<()> {
        if fs::exists(self.kernel, &Task::root(), path.as_bytes()) {
            Ok(())
        } else {
            self.make_dir(path, 0o755)
        }
    }
}

impl Engine<'_> {
    /// The volumes' names, sorted.
    ///
    /// # Errors
    /// The disk's.
    pub fn volume_names(&mut self) -> Result<Vec<String>> {
        self.names(layout::VOLUMES)
    }

    /// When a volume was made.
    ///
    /// # Errors
    /// The disk's.
    pub fn volume_created(&mut self, name: &str) -> Result<crate::kernel::Timespec> {
        let dir = format!("{}/{name}", layout::VOLUMES);
        let stat = self.kernel.stat(&Task::root(), dir.as_bytes()).named("stat", dir.as_bytes())?;
        Ok(crate::kernel::Timespec::seconds(stat.mtime.sec))
    }

    /// Removes a volume with what is in it.
    ///
    /// # Errors
    /// The disk's.
    pub fn volume_remove(&mut self, name: &str) -> Result<()> {
        self.remove(&format!("{}/{name}", layout::VOLUMES))
    }
}

impl Engine<'_> {
    /// Bytes in a volume.
    ///
    /// # Errors
    /// The disk's.
    pub fn volume_size(&mut self, name: &str) -> Result<u64> {
        self.tree_size(&format!("{}/{name}/_data", layout::VOLUMES))
    }
}
