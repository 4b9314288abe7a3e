//! The engine's layers, as its store keeps them ([`Layers`]), and what Docker puts below every container.

use super::Engine;
use super::error::{Named as _, Result};
use super::stores::{GraphDirs, Layers, Overlay2};
use crate::kernel::{Errno, FileType, Task, fs};
use crate::oci::Digest;

impl Engine<'_> {
    /// The store that keeps the layers.
    pub(super) fn layers(&self) -> &'static dyn Layers {
        &Overlay2
    }

    /// The store's name of a layer, if the layer is here.
    pub fn cache_id(&mut self, chain: &Digest) -> Result<Option<String>> {
        self.layers().key(self, chain)
    }

    /// Bytes of a layer's own entries.
    pub fn chain_size(&mut self, chain: &Digest) -> Result<Option<u64>> {
        self.layers().usage(self, chain)
    }

    /// The chain ids of all layers here.
    pub fn chains(&mut self) -> Result<Vec<Digest>> {
        self.layers().walk(self)
    }

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

    /// The store's name of a container's writable layer.
    pub fn mount_id(&mut self, container: &str) -> Result<String> {
        self.layers().container_key(self, container)
    }

    /// Where a layer's parts are, whether mounted or not.
    pub fn graph_dirs(&mut self, key: &str) -> Result<GraphDirs> {
        self.layers().mounts(self, key)
    }

    /// Whether the layer's merged view is mounted.
    pub fn is_mounted(&mut self, key: &str) -> Result<bool> {
        self.layers().is_mounted(self, key)
    }

    /// Bytes of the files below a directory, hard links once.
    pub(super) fn files_size(&mut self, dir: &str) -> Result<u64> {
        self.size_below(dir, |kind| kind == FileType::File)
    }

    /// Bytes below a directory: directories count nothing, hard links once (`pkg/directory`).
    pub(super) fn tree_size(&mut self, dir: &str) -> Result<u64> {
        self.size_below(dir, |_| true)
    }

    fn size_below(&mut self, dir: &str, counts: impl Fn(FileType) -> bool) -> Result<u64> {
        let task = Task::root();
        let mut seen = std::collections::BTreeSet::new();
        let mut size = 0;
        let mut open = vec![crate::kernel::ByteString::from(dir)];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(self.kernel, &task, &dir).named("open", &dir)? {
                let path = crate::kernel::path::join(&dir, &entry.name);
                if entry.kind == FileType::Dir {
                    open.push(path);
                    continue;
                }
                // A ghost (overlay.md, 28) is listed and cannot be looked at; it weighs nothing.
                let Some(stat) = fs::lstat_opt(self.kernel, &task, &path).named("lstat", &path)? else {
                    continue;
                };
                if !counts(stat.kind) {
                    continue;
                }
                if stat.nlink < 2 || seen.insert((stat.dev, stat.ino)) {
                    size += stat.size;
                }
            }
        }
        Ok(size)
    }

    /// Docker's own entries below every container (`daemon/initlayer/setup_unix.go`): what is in the way and no
    /// directory is removed first.
    pub(super) fn init_setup(&mut self, root: &str) -> Result<()> {
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
