//! What the containers of the lab have changed, as far as a driver's cost depends on it.

use std::collections::BTreeSet;

use crate::engine::{Container, Engine, Result};
use crate::kernel::{ByteString, Errno, FileType, Kernel, OpenFlags, Task, fs, path};

/// Bytes that are compared as one: the smallest block of any driver.
pub(super) const GRAIN: u64 = 4096;
/// How much is read at once.
const PIECE: usize = 1 << 20;

/// A container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its name.
    pub name: String,
    /// Bytes of its image, as its containers see it.
    pub image: u64,
    /// What it changed, by path.
    pub changes: Vec<Changed>,
}

/// A changed name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The path in the container.
    pub path: ByteString,
    /// What became of it.
    pub what: What,
}

/// What became of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A file that no image has there: its bytes.
    New(u64),
    /// A file of the image: its bytes now, and which pieces of [`GRAIN`] bytes differ.
    Copied(u64, BTreeSet<u64>),
    /// A file of the image that is gone.
    Deleted,
}

/// The containers of a lab with what they changed, in the order of their making.
///
/// # Errors
/// The disk's.
pub(super) fn collect(engine: &mut Engine<'_>) -> Result<Vec<Made>> {
    let mut found = Vec::new();
    let mut containers = engine.containers()?;
    containers.sort_by(|a, b| a.created.cmp(&b.created));
    for container in containers {
        let image = match engine.image(&container.image)? {
            Some(image) => engine.image_size(&image)?,
            None => 0,
        };
        let changes = changes(engine, &container)?;
        found.push(Made { name: container.plain_name().to_owned(), image, changes });
    }
    Ok(found)
}

fn changes(engine: &mut Engine<'_>, container: &Container) -> Result<Vec<Changed>> {
    let key = engine.mount_id(&container.id)?;
    let dirs = engine.graph_dirs(&key)?;
    let task = Task::root();
    let mut found = Vec::new();
    let mut todo = vec![ByteString::from("/")];
    while let Some(dir) = todo.pop() {
        let at = path::join(dirs.upper.as_bytes(), dir.strip_prefix(b"/").unwrap_or(&dir));
        for entry in fs::read_dir_sorted(engine.kernel, &task, &at).unwrap_or_default() {
            let name = path::join(&dir, &entry.name);
            let here = path::join(&at, &entry.name);
            let Ok(stat) = engine.kernel.lstat(&task, &here) else { continue };
            let what = match stat.kind {
                FileType::Dir => {
                    todo.push(name);
                    continue;
                }
                _ if stat.is_whiteout() => What::Deleted,
                FileType::File => match below(engine.kernel, &dirs.lower, &name) {
                    None => What::New(stat.size),
                    Some(lower) => What::Copied(stat.size, differing(engine.kernel, &here, &lower)),
                },
                _ => continue,
            };
            found.push(Changed { path: name, what });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// The file that a path is in the layers below, topmost first.
fn below(kernel: &mut dyn Kernel, lower: &[String], name: &[u8]) -> Option<ByteString> {
    for dir in lower {
        let at = path::join(dir.as_bytes(), name.strip_prefix(b"/").unwrap_or(name));
        if let Ok(stat) = kernel.lstat(&Task::root(), &at) {
            return (stat.kind == FileType::File).then_some(at);
        }
    }
    None
}

/// The pieces in which two files differ; what cannot be read is all different.
fn differing(kernel: &mut dyn Kernel, one: &[u8], other: &[u8]) -> BTreeSet<u64> {
    let mut found = BTreeSet::new();
    // A file that cannot be read counts as empty.
    let _ = compare(kernel, one, other, &mut found);
    found
}

fn compare(
    kernel: &mut dyn Kernel,
    one: &[u8],
    other: &[u8],
    found: &mut BTreeSet<u64>,
) -> std::result::Result<(), Errno> {
    let task = Task::root();
    let a = kernel.open(&task, one, OpenFlags::RDONLY, 0)?;
    let b = match kernel.open(&task, other, OpenFlags::RDONLY, 0) {
        Ok(b) => b,
        Err(errno) => {
            kernel.close(a)?;
            return Err(errno);
        }
    };
    let mut at = 0;
    let result = loop {
        let (mine, theirs) = match (kernel.pread(a, at, PIECE), kernel.pread(b, at, PIECE)) {
            (Ok(mine), Ok(theirs)) => (mine, theirs),
            (Err(errno), _) | (_, Err(errno)) => break Err(errno),
        };
        if mine.is_empty() {
            break Ok(());
        }
        let pieces = mine.chunks(GRAIN as usize).zip(0_u64..);
        for (piece, number) in pieces {
            let from = (number * GRAIN) as usize;
            if theirs.get(from..from + piece.len()) != Some(piece) {
                found.insert(at / GRAIN + number);
            }
        }
        at += mine.len() as u64;
    };
    kernel.close(a)?;
    kernel.close(b)?;
    result
}
