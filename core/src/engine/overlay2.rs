//! The graph driver: layers as directories, stacked by overlay mounts, laid out as Docker's `overlay2` does
//! (`daemon/graphdriver/overlay2/overlay.go`; oracle: overlay2-base-layer-dir, overlay2-init-dir, overlay2-l-dir).
//!
//! ```text
//! ID/diff        the layer's own entries          ID/link   its short name, 26 letters
//! ID/lower       l/AAA:l/BBB, topmost first       l/AAA     a link to ../ID/diff
//! ID/work        overlayfs's own                  ID/merged the mounted view, there only while it is mounted
//! ID/committed   empty: something was put on top of the layer, so that it is mounted read-only
//! ```

use sha2::{Digest as _, Sha256};

use super::error::{Error, Named as _, Result};
use super::{Engine, layout};
use crate::kernel::{Errno, FileType, MountFlags, Task, UmountFlags, fs};
use crate::oci::layer::OverlayNames;

/// Layers below one mount (`maxDepth`).
const MAX_DEPTH: usize = 128;
/// Letters of a link's name (`idLength`).
const LINK_LEN: usize = 26;
/// One page: an option string with its terminating NUL must fit (overlay.md, 22).
const PAGE: usize = 4096;

/// Overlayfs's own names, as the kernel stores them for its administrator.
pub(crate) const OVERLAY: OverlayNames =
    OverlayNames { opaque: b"trusted.overlay.opaque", reserved: &[b"trusted.overlay.", b"user.overlay."] };

/// The mark of an entry that was copied up: a file handle of where it came from.
pub(super) const ORIGIN: &[u8] = b"trusted.overlay.origin";

/// Where a layer's parts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphDirs {
    /// The layers below, topmost first, as `…/diff` paths.
    pub lower: Vec<String>,
    /// Its own entries.
    pub upper: String,
    /// The mounted view.
    pub merged: String,
    /// Overlayfs's own.
    pub work: String,
}

impl Engine<'_> {
    /// Makes an empty layer on `parent`.
    pub(super) fn layer_create(&mut self, id: &str, parent: Option<&str>) -> Result<()> {
        let task = Task::root();
        let dir = layout::layer(id);
        self.kernel.mkdir(&task, dir.as_bytes(), 0o710).named("mkdir", dir.as_bytes())?;
        let diff = format!("{dir}/diff");
        self.kernel.mkdir(&task, diff.as_bytes(), 0o755).named("mkdir", diff.as_bytes())?;
        let link = self.new_link();
        let path = format!("{}/l/{link}", layout::OVERLAY2);
        let target = format!("../{id}/diff");
        self.kernel.symlink(&task, target.as_bytes(), path.as_bytes()).named("symlink", path.as_bytes())?;
        self.write_plain(&format!("{dir}/link"), link.as_bytes(), 0o644)?;
        let Some(parent) = parent else { return Ok(()) };
        let work = format!("{dir}/work");
        self.kernel.mkdir(&task, work.as_bytes(), 0o700).named("mkdir", work.as_bytes())?;
        let parent_dir = layout::layer(parent);
        self.write_plain(&format!("{parent_dir}/committed"), b"", 0o600)?;
        let mut lower = format!("l/{}", self.read_text(&format!("{parent_dir}/link"))?);
        if let Some(below) = self.read_optional(&format!("{parent_dir}/lower"))? {
            lower.push(':');
            lower.push_str(&below);
        }
        if lower.split(':').count() > MAX_DEPTH {
            return Err(Error::Failed("max depth exceeded".to_owned()));
        }
        self.write_plain(&format!("{dir}/lower"), lower.as_bytes(), 0o644)
    }

    /// Where a layer's parts are, whether mounted or not.
    pub fn graph_dirs(&mut self, id: &str) -> Result<GraphDirs> {
        let dir = layout::layer(id);
        let mut lower = Vec::new();
        if let Some(links) = self.read_optional(&format!("{dir}/lower"))? {
            for link in links.split(':') {
                let path = format!("{}/{link}", layout::OVERLAY2);
                let target = self
                    .kernel
                    .readlink(&Task::root(), path.as_bytes())
                    .named("readlink", path.as_bytes())?;
                let target = target.to_text();
                lower.push(format!("{}/{}", layout::OVERLAY2, target.trim_start_matches("../")));
            }
        }
        Ok(GraphDirs {
            lower,
            upper: format!("{dir}/diff"),
            merged: format!("{dir}/merged"),
            work: format!("{dir}/work"),
        })
    }

    /// Whether the layer's merged view is mounted.
    pub fn is_mounted(&mut self, id: &str) -> Result<bool> {
        let merged = format!("{}/merged", layout::layer(id));
        let mounts = self.kernel.mountinfo().named("open", b"/proc/self/mountinfo")?;
        Ok(mounts.iter().any(|mount| mount.target == *merged))
    }

    /// Mounts a layer's merged view, for writing unless something stands on it, and returns its path. A lowest layer
    /// is its own view.
    pub(super) fn layer_mount(&mut self, id: &str) -> Result<String> {
        let task = Task::root();
        let dir = layout::layer(id);
        let merged = format!("{dir}/merged");
        let Some(lower) = self.read_optional(&format!("{dir}/lower"))? else {
            return Ok(format!("{dir}/diff"));
        };
        if self.is_mounted(id)? {
            return Ok(merged);
        }
        match self.kernel.mkdir(&task, merged.as_bytes(), 0o700) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(errno) => return Err(errno).named("mkdir", merged.as_bytes()),
        }
        let read_only = fs::exists(self.kernel, &task, format!("{dir}/committed").as_bytes());
        let full: Vec<String> = lower.split(':').map(|link| format!("{}/{link}", layout::OVERLAY2)).collect();
        let options = options(&full.join(":"), &dir, read_only);
        let result = if options.len() < PAGE {
            self.kernel.mount(
                &task,
                b"overlay",
                merged.as_bytes(),
                b"overlay",
                MountFlags::empty(),
                options.as_bytes(),
            )
        } else {
            // Too long for one page: relative to the driver's own directory, as Docker's mountFrom does.
            let there = task.at(layout::OVERLAY2);
            let options = self::options(&lower, id, read_only);
            let target = format!("{id}/merged");
            self.kernel.mount(
                &there,
                b"overlay",
                target.as_bytes(),
                b"overlay",
                MountFlags::empty(),
                options.as_bytes(),
            )
        };
        if let Err(errno) = result {
            // Nothing half made is left behind; the mount's own error is the one to tell.
            self.kernel.rmdir(&task, merged.as_bytes()).unwrap_or_default();
            let text = super::error::go_text(errno);
            return Err(Error::Failed(format!("error creating overlay mount to {merged}: {text}")));
        }
        Ok(merged)
    }

    /// Takes a mounted view away again.
    pub(super) fn layer_unmount(&mut self, id: &str) -> Result<()> {
        let task = Task::root();
        let merged = format!("{}/merged", layout::layer(id));
        if !self.is_mounted(id)? {
            return Ok(());
        }
        self.kernel
            .umount(&task, merged.as_bytes(), UmountFlags::DETACH)
            .named("unmount", merged.as_bytes())?;
        self.kernel.rmdir(&task, merged.as_bytes()).named("remove", merged.as_bytes())
    }

    /// Removes a layer's directory and its short name.
    pub(super) fn layer_remove(&mut self, id: &str) -> Result<()> {
        let task = Task::root();
        self.layer_unmount(id)?;
        let dir = layout::layer(id);
        if let Some(link) = self.read_optional(&format!("{dir}/link"))? {
            let path = format!("{}/l/{link}", layout::OVERLAY2);
            match self.kernel.unlink(&task, path.as_bytes()) {
                Ok(()) | Err(Errno::ENOENT) => {}
                Err(errno) => return Err(errno).named("remove", path.as_bytes()),
            }
        }
        fs::remove_all(self.kernel, &task, dir.as_bytes()).named("remove", dir.as_bytes())
    }

    /// Bytes of a layer's own entries: directories count nothing, hard links once (`pkg/directory`).
    pub(super) fn layer_size(&mut self, id: &str) -> Result<u64> {
        let diff = format!("{}/diff", layout::layer(id));
        self.tree_size(&diff)
    }

    /// Bytes below a directory, counted as [`Engine::layer_size`] does.
    pub(super) fn tree_size(&mut self, dir: &str) -> Result<u64> {
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
                if stat.nlink < 2 || seen.insert((stat.dev, stat.ino)) {
                    size += stat.size;
                }
            }
        }
        Ok(size)
    }

    /// A new short name: base 32 of a hash, where Docker takes random bytes.
    fn new_link(&mut self) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        loop {
            let hash = Sha256::digest(self.world.new_id());
            let letters = hash.iter().take(LINK_LEN).map(|byte| char::from(LETTERS[usize::from(byte & 31)]));
            let name: String = letters.collect();
            let path = format!("{}/l/{name}", layout::OVERLAY2);
            if self.kernel.lstat(&Task::root(), path.as_bytes()).is_err() {
                return name;
            }
        }
    }
}

/// The option string of a mount; `dir` is the layer's directory, in the same form as the names in `lower`.
fn options(lower: &str, dir: &str, read_only: bool) -> String {
    if read_only {
        format!("index=off,lowerdir={dir}/diff:{lower}")
    } else {
        format!("index=off,lowerdir={lower},upperdir={dir}/diff,workdir={dir}/work")
    }
}
