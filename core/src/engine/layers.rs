//! The layer store: which chain id is which directory of the graph driver (`layer/layer_store.go`; oracle:
//! image-db-layout, layerdb-container-mount).

use super::error::{Error, Named as _, Result};
use super::{Engine, layout};
use crate::kernel::{Errno, RenameFlags, Task};
use crate::oci::{Digest, chain_id};

/// Layers of one image (`maxLayerDepth`).
const MAX_LAYERS: usize = 125;

impl Engine<'_> {
    /// The graph driver's name of a layer, if the layer is here.
    pub fn cache_id(&mut self, chain: &Digest) -> Result<Option<String>> {
        self.read_optional(&format!("{}/cache-id", layout::chain(chain)))
    }

    /// Bytes of a layer's own entries.
    pub fn chain_size(&mut self, chain: &Digest) -> Result<Option<u64>> {
        let text = self.read_optional(&format!("{}/size", layout::chain(chain)))?;
        Ok(text.and_then(|text| text.trim().parse().ok()))
    }

    /// The layer below, if there is one.
    pub(super) fn chain_parent(&mut self, chain: &Digest) -> Result<Option<Digest>> {
        let text = self.read_optional(&format!("{}/parent", layout::chain(chain)))?;
        Ok(text.and_then(|text| Digest::parse(text.trim()).ok()))
    }

    /// The chain ids of all layers here.
    pub fn chains(&mut self) -> Result<Vec<Digest>> {
        let names = self.names(&format!("{}/layerdb/sha256", layout::IMAGE))?;
        Ok(names.iter().filter_map(|name| Digest::from_hex(name).ok()).collect())
    }

    /// Makes room for a layer on `parent`: a directory of the graph driver, not yet known to anybody.
    pub(super) fn layer_stage(&mut self, parent: Option<&Digest>) -> Result<String> {
        let mut below = None;
        if let Some(parent) = parent {
            let mut depth = 1;
            let mut at = *parent;
            while let Some(next) = self.chain_parent(&at)? {
                depth += 1;
                at = next;
            }
            if depth >= MAX_LAYERS {
                return Err(Error::Failed("max depth exceeded".to_owned()));
            }
            below = self.cache_id(parent)?;
            if below.is_none() {
                return Err(Error::Failed("layer does not exist".to_owned()));
            }
        }
        let cache_id = self.fresh_id();
        self.layer_create(&cache_id, below.as_deref())?;
        Ok(cache_id)
    }

    /// Makes a staged layer known under its chain id. Where that is known already, the staged one is thrown away.
    pub(super) fn layer_commit(
        &mut self,
        cache_id: &str,
        parent: Option<&Digest>,
        diff_id: &Digest,
        tar_split: &[u8],
    ) -> Result<Digest> {
        let chain = chain_id(parent, diff_id);
        if self.cache_id(&chain)?.is_some() {
            self.layer_remove(cache_id)?;
            return Ok(chain);
        }
        let size = self.layer_size(cache_id)?;
        let staged = format!("{}/layerdb/tmp/write-set-{}", layout::IMAGE, &cache_id[..9]);
        self.remove(&staged)?;
        self.make_dir(&staged, 0o700)?;
        self.write_plain(&format!("{staged}/diff"), diff_id.to_string().as_bytes(), 0o644)?;
        self.write_plain(&format!("{staged}/cache-id"), cache_id.as_bytes(), 0o644)?;
        self.write_plain(&format!("{staged}/size"), size.to_string().as_bytes(), 0o644)?;
        self.write_plain(&format!("{staged}/tar-split.json.gz"), tar_split, 0o600)?;
        if let Some(parent) = parent {
            self.write_plain(&format!("{staged}/parent"), parent.to_string().as_bytes(), 0o644)?;
        }
        let dir = layout::chain(&chain);
        self.make_dir(&format!("{}/layerdb/sha256", layout::IMAGE), 0o755)?;
        let task = Task::root();
        self.kernel
            .rename(&task, staged.as_bytes(), dir.as_bytes(), RenameFlags::empty())
            .named("rename", staged.as_bytes())?;
        Ok(chain)
    }

    /// Removes layers that no image and no container stands on, from this one down. Returns the chain ids removed,
    /// topmost first.
    pub(super) fn layer_release(&mut self, chain: &Digest) -> Result<Vec<Digest>> {
        let mut removed = Vec::new();
        let mut at = Some(*chain);
        while let Some(chain) = at {
            let Some(cache_id) = self.cache_id(&chain)? else { break };
            if self.layer_is_used(&chain)? {
                break;
            }
            at = self.chain_parent(&chain)?;
            self.remove(&layout::chain(&chain))?;
            self.layer_remove(&cache_id)?;
            removed.push(chain);
        }
        Ok(removed)
    }

    fn layer_is_used(&mut self, chain: &Digest) -> Result<bool> {
        for image in self.images()? {
            if image.chain_id().as_ref() == Some(chain) {
                return Ok(true);
            }
        }
        for other in self.chains()? {
            if self.chain_parent(&other)?.as_ref() == Some(chain) {
                return Ok(true);
            }
        }
        for container in self.names(&format!("{}/layerdb/mounts", layout::IMAGE))? {
            let parent = self.read_optional(&format!("{}/parent", layout::mount(&container)))?;
            if parent.is_some_and(|text| text.trim() == chain.to_string()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes a container's writable layer over an image: an init layer with Docker's own mount points, and the writable
    /// one on it.
    pub(super) fn mount_create(&mut self, container: &str, parent: Option<&Digest>) -> Result<()> {
        let below = match parent {
            Some(chain) => {
                Some(self.cache_id(chain)?.ok_or_else(|| Error::Failed("layer does not exist".to_owned()))?)
            }
            None => None,
        };
        let id = self.fresh_id();
        let init = format!("{id}-init");
        self.layer_create(&init, below.as_deref())?;
        let view = self.layer_mount(&init)?;
        let set_up = self.init_setup(&view);
        self.layer_unmount(&init)?;
        set_up?;
        self.layer_create(&id, Some(&init))?;
        let dir = layout::mount(container);
        self.make_dir(&dir, 0o755)?;
        self.write_plain(&format!("{dir}/mount-id"), id.as_bytes(), 0o644)?;
        self.write_plain(&format!("{dir}/init-id"), init.as_bytes(), 0o644)?;
        if let Some(parent) = parent {
            self.write_plain(&format!("{dir}/parent"), parent.to_string().as_bytes(), 0o644)?;
        }
        Ok(())
    }

    /// The graph driver's name of a container's writable layer.
    pub fn mount_id(&mut self, container: &str) -> Result<String> {
        self.read_text(&format!("{}/mount-id", layout::mount(container)))
    }

    /// Removes a container's writable layer, its init layer, and layers that stood for it alone.
    pub(super) fn mount_remove(&mut self, container: &str) -> Result<()> {
        let dir = layout::mount(container);
        let Some(id) = self.read_optional(&format!("{dir}/mount-id"))? else { return Ok(()) };
        let parent = self.read_optional(&format!("{dir}/parent"))?;
        self.layer_remove(&id)?;
        self.layer_remove(&format!("{id}-init"))?;
        self.remove(&dir)?;
        if let Some(parent) = parent.and_then(|text| Digest::parse(text.trim()).ok()) {
            self.layer_release(&parent)?;
        }
        Ok(())
    }

    /// Docker's own entries below every container (`daemon/initlayer/setup_unix.go`): what is in the way and no
    /// directory is removed first.
    fn init_setup(&mut self, root: &str) -> Result<()> {
        enum What {
            Dir,
            File,
            Link(&'static str),
        }
        const ENTRIES: [(&str, What); 10] = [
            ("/dev/pts", What::Dir),
            ("/dev/shm", What::Dir),
            ("/proc", What::Dir),
            ("/sys", What::Dir),
            ("/.dockerenv", What::File),
            ("/etc/resolv.conf", What::File),
            ("/etc/hosts", What::File),
            ("/etc/hostname", What::File),
            ("/dev/console", What::File),
            ("/etc/mtab", What::Link("/proc/mounts")),
        ];
        // As a process in the container's root: a link in the image cannot lead out of it.
        let task = Task::root().chrooted(root);
        for (path, what) in ENTRIES {
            let mut prefix = String::new();
            for part in path.split('/').skip(1) {
                prefix.push('/');
                prefix.push_str(part);
                match self.kernel.unlink(&task, prefix.as_bytes()) {
                    Ok(()) | Err(Errno::ENOENT | Errno::EISDIR | Errno::ENOTDIR | Errno::EPERM) => {}
                    Err(errno) => return Err(errno).named("unlink", prefix.as_bytes()),
                }
            }
            if crate::kernel::fs::exists(self.kernel, &task, path.as_bytes()) {
                continue;
            }
            let parent = crate::kernel::path::parent(path.as_bytes());
            crate::kernel::fs::mkdir_all(self.kernel, &task, parent, 0o755).named("mkdir", parent)?;
            match what {
                What::Dir => self.kernel.mkdir(&task, path.as_bytes(), 0o755),
                What::File => crate::kernel::fs::write(self.kernel, &task, path.as_bytes(), b"", 0o755),
                What::Link(target) => self.kernel.symlink(&task, target.as_bytes(), path.as_bytes()),
            }
            .named("create", path.as_bytes())?;
        }
        Ok(())
    }
}

impl Engine<'_> {
    /// Bytes of all stored layers together.
    ///
    /// # Errors
    /// The disk's.
    pub fn layers_size(&mut self) -> Result<u64> {
        let mut size = 0;
        for chain in self.chains()? {
            size += self.chain_size(&chain)?.unwrap_or_default();
        }
        Ok(size)
    }
}
