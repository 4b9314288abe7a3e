//! What a directory holds, in a form in which two kernels can be compared.

use std::fmt::Write as _;

use super::types::{Seen, Tree};
use crate::engine::{self, Engine};
use crate::kernel::{ByteString, FileType, Follow, Kernel, Result, Stat, Task, fs, path};
use crate::oci::Digest;
use crate::program::World;

/// A longer content is compared by its digest.
const CONTENT_MAX: usize = 64;

/// Looks at every upper directory of a container and at every overlay that is mounted.
pub fn look(kernel: &mut dyn Kernel, world: &mut World) -> Seen {
    let mut seen = Seen::default();
    let names = Engine::new(kernel, world).and_then(|mut engine| engine.registry()).unwrap_or_default();
    for (name, id) in names.iter() {
        let upper = Engine::new(kernel, world).and_then(|mut engine| engine.upper_of(id));
        if let Ok(tree) = upper.map_err(|_| ()).and_then(|upper| walk(kernel, &upper).map_err(|_| ())) {
            seen.trees.insert(format!("the upper directory of {name}"), tree);
        }
    }
    for mount in kernel.mountinfo().unwrap_or_default() {
        if mount.fstype != "overlay" {
            continue;
        }
        if let Ok(tree) = walk(kernel, &mount.target) {
            seen.trees.insert(format!("the view at {}", mount.target), tree);
        }
        let upper = mount.options.split(|b| *b == b',').find_map(|option| option.strip_prefix(b"upperdir="));
        if let Some(upper) = upper
            && upper.starts_with(b"/")
            && let Ok(tree) = walk(kernel, upper)
        {
            seen.trees.insert(format!("the upper directory {}", String::from_utf8_lossy(upper)), tree);
        }
    }
    seen
}

/// Everything below a directory, without what is mounted in it.
fn walk(kernel: &mut dyn Kernel, root: &[u8]) -> Result<Tree> {
    let task = Task::root().chrooted(root);
    let mut tree = Tree::new();
    let device = kernel.lstat(&task, b"/")?.dev;
    let mut open = vec![ByteString::from("/")];
    while let Some(dir) = open.pop() {
        for name in fs::read_dir(kernel, &task, &dir)? {
            let inside = path::join(&dir, &name.name);
            // A ghost is listed and cannot be looked at.
            let Some(stat) = fs::lstat_opt(kernel, &task, &inside)? else {
                tree.insert(inside.to_text(), "cannot be looked at".into());
                continue;
            };
            if stat.is_dir() && stat.dev != device {
                tree.insert(inside.to_text(), "something is mounted here".into());
                continue;
            }
            if stat.is_dir() {
                open.push(inside.clone());
            }
            let words = describe(kernel, &task, &inside, &stat)?;
            tree.insert(inside.to_text(), words);
        }
    }
    Ok(tree)
}

fn describe(kernel: &mut dyn Kernel, task: &Task, at: &[u8], stat: &Stat) -> Result<String> {
    if stat.is_whiteout() {
        return Ok("a whiteout".into());
    }
    let kind = format!("{:?}", stat.kind).to_lowercase();
    let mut words = format!("{kind} {:04o} {}:{}", stat.mode, stat.uid, stat.gid);
    match stat.kind {
        FileType::File => {
            let content = fs::read(kernel, task, at)?;
            let shown = match std::str::from_utf8(&content) {
                Ok(text) if text.len() <= CONTENT_MAX => format!("{text:?}"),
                _ => Digest::of(&content).to_string(),
            };
            let _ = write!(words, ", {} bytes, {} links: {shown}", stat.size, stat.nlink);
        }
        FileType::Symlink => {
            let _ = write!(words, " to {}", kernel.readlink(task, at)?);
        }
        FileType::Char | FileType::Block => {
            let _ = write!(words, " {}:{}", stat.rdev.major, stat.rdev.minor);
        }
        _ => {}
    }
    let marks = engine::marks(kernel, task, at);
    if marks.opaque {
        words.push_str(", opaque");
    }
    for name in kernel.listxattr(task, at, Follow::Link).unwrap_or_default() {
        // Overlayfs's own are what `marks` tells, and a handle, which is this kernel's.
        if !engine::OVERLAY.reserved.iter().any(|prefix| name.starts_with(prefix)) {
            let value = kernel.getxattr(task, at, &name, Follow::Link).unwrap_or_default();
            let _ = write!(words, ", {name}={value}");
        }
    }
    Ok(words)
}
