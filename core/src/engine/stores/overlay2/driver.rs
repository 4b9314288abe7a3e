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

use super::layout;
use crate::engine::Engine;
use crate::engine::error::{Error, Named as _, Result, go_text};
use crate::engine::stores::GraphDirs;
use crate::kernel::{Errno, MountFlags, Task, UmountFlags, fs};
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
pub(crate) const ORIGIN: &[u8] = b"trusted.overlay.origin";

/// Makes an empty layer on `parent`.
pub(super) fn create(engine: &mut Engine<'_>, id: &str, parent: Option<&str>) -> Result<()> {
    let task = Task::root();
    let dir = layout::layer(id);
    engine.kernel.mkdir(&task, dir.as_bytes(), 0o710).named("mkdir", dir.as_bytes())?;
    let diff = format!("{dir}/diff");
    engine.kernel.mkdir(&task, diff.as_bytes(), 0o755).named("mkdir", diff.as_bytes())?;
    let link = new_link(engine);
    let path = format!("{}/l/{link}", layout::OVERLAY2);
    let target = format!("../{id}/diff");
    engine.kernel.symlink(&task, target.as_bytes(), path.as_bytes()).named("symlink", path.as_bytes())?;
    engine.write_plain(&format!("{dir}/link"), link.as_bytes(), 0o644)?;
    let Some(parent) = parent else { return Ok(()) };
    let work = format!("{dir}/work");
    engine.kernel.mkdir(&task, work.as_bytes(), 0o700).named("mkdir", work.as_bytes())?;
    let parent_dir = layout::layer(parent);
    engine.write_plain(&format!("{parent_dir}/committed"), b"", 0o600)?;
    let mut lower = format!("l/{}", engine.read_text(&format!("{parent_dir}/link"))?);
    if let Some(below) = engine.read_optional(&format!("{parent_dir}/lower"))? {
        lower.push(':');
        lower.push_str(&below);
    }
    if lower.split(':').count() > MAX_DEPTH {
        return Err(Error::Failed("max depth exceeded".to_owned()));
    }
    engine.write_plain(&format!("{dir}/lower"), lower.as_bytes(), 0o644)
}

/// Where a layer's parts are, whether mounted or not.
pub(super) fn dirs(engine: &mut Engine<'_>, id: &str) -> Result<GraphDirs> {
    let dir = layout::layer(id);
    let mut lower = Vec::new();
    if let Some(links) = engine.read_optional(&format!("{dir}/lower"))? {
        for link in links.split(':') {
            let path = format!("{}/{link}", layout::OVERLAY2);
            let target =
                engine.kernel.readlink(&Task::root(), path.as_bytes()).named("readlink", path.as_bytes())?;
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
pub(super) fn is_mounted(engine: &mut Engine<'_>, id: &str) -> Result<bool> {
    let merged = format!("{}/merged", layout::layer(id));
    let mounts = engine.kernel.mountinfo().named("open", b"/proc/self/mountinfo")?;
    Ok(mounts.iter().any(|mount| mount.target == *merged))
}

/// Mounts a layer's merged view, for writing unless something stands on it, and returns its path. A lowest layer
/// is its own view.
pub(super) fn mount(engine: &mut Engine<'_>, id: &str) -> Result<String> {
    let task = Task::root();
    let dir = layout::layer(id);
    let merged = format!("{dir}/merged");
    let Some(lower) = engine.read_optional(&format!("{dir}/lower"))? else {
        return Ok(format!("{dir}/diff"));
    };
    if is_mounted(engine, id)? {
        return Ok(merged);
    }
    match engine.kernel.mkdir(&task, merged.as_bytes(), 0o700) {
        Ok(()) | Err(Errno::EEXIST) => {}
        Err(errno) => return Err(errno).named("mkdir", merged.as_bytes()),
    }
    let read_only = fs::exists(engine.kernel, &task, format!("{dir}/committed").as_bytes());
    let full: Vec<String> = lower.split(':').map(|link| format!("{}/{link}", layout::OVERLAY2)).collect();
    let text = options(&full.join(":"), &dir, read_only);
    let result = if text.len() < PAGE {
        engine.kernel.mount(
            &task,
            b"overlay",
            merged.as_bytes(),
            b"overlay",
            MountFlags::empty(),
            text.as_bytes(),
        )
    } else {
        // Too long for one page: relative to the driver's own directory, as Docker's mountFrom does.
        let there = task.at(layout::OVERLAY2);
        let text = options(&lower, id, read_only);
        let target = format!("{id}/merged");
        engine.kernel.mount(
            &there,
            b"overlay",
            target.as_bytes(),
            b"overlay",
            MountFlags::empty(),
            text.as_bytes(),
        )
    };
    if let Err(errno) = result {
        // Nothing half made is left behind; the mount's own error is the one to tell.
        engine.kernel.rmdir(&task, merged.as_bytes()).unwrap_or_default();
        let text = go_text(errno);
        return Err(Error::Failed(format!("error creating overlay mount to {merged}: {text}")));
    }
    Ok(merged)
}

/// Takes a mounted view away again.
pub(super) fn unmount(engine: &mut Engine<'_>, id: &str) -> Result<()> {
    let task = Task::root();
    let merged = format!("{}/merged", layout::layer(id));
    if !is_mounted(engine, id)? {
        return Ok(());
    }
    engine
        .kernel
        .umount(&task, merged.as_bytes(), UmountFlags::DETACH)
        .named("unmount", merged.as_bytes())?;
    engine.kernel.rmdir(&task, merged.as_bytes()).named("remove", merged.as_bytes())
}

/// Removes a layer's directory and its short name.
pub(super) fn remove(engine: &mut Engine<'_>, id: &str) -> Result<()> {
    let task = Task::root();
    unmount(engine, id)?;
    let dir = layout::layer(id);
    if let Some(link) = engine.read_optional(&format!("{dir}/link"))? {
        let path = format!("{}/l/{link}", layout::OVERLAY2);
        match engine.kernel.unlink(&task, path.as_bytes()) {
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(errno) => return Err(errno).named("remove", path.as_bytes()),
        }
    }
    fs::remove_all(engine.kernel, &task, dir.as_bytes()).named("remove", dir.as_bytes())
}

/// Bytes of a layer's own entries: directories count nothing, hard links once (`pkg/directory`).
pub(super) fn size(engine: &mut Engine<'_>, id: &str) -> Result<u64> {
    let diff = format!("{}/diff", layout::layer(id));
    engine.tree_size(&diff)
}

/// A new short name: base 32 of a hash, where Docker takes random bytes.
fn new_link(engine: &mut Engine<'_>) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    loop {
        let hash = Sha256::digest(engine.world.new_id());
        let letters = hash.iter().take(LINK_LEN).map(|byte| char::from(LETTERS[usize::from(byte & 31)]));
        let name: String = letters.collect();
        let path = format!("{}/l/{name}", layout::OVERLAY2);
        if engine.kernel.lstat(&Task::root(), path.as_bytes()).is_err() {
            return name;
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
