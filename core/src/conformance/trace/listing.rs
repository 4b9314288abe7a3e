//! A tree as the recorder lists it: an entry a path, with what `lstat` says, the content and the attributes.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::labels::{Labels, text};
use crate::kernel::{ByteString, Errno, FileType, Follow, Kernel, Result, Stat, Task, Timespec, fs, path};

/// The prefix of overlayfs's own attributes, as the seam names them.
pub(super) const OVERLAY: &[u8] = b"trusted.overlay.";
/// A longer content is compared by its digest.
const CONTENT_MAX: usize = 512;

/// Entries in the recorder's order: the names of a directory sorted, then what is below each.
pub(super) type Listing = Vec<(ByteString, Map<String, Value>)>;

/// When each inode was changed, by path.
pub(super) type Times = BTreeMap<ByteString, Changed>;

/// The times of an inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) ino: u64,
    pub(super) is_dir: bool,
    pub(super) ctime: Timespec,
    pub(super) mtime: Timespec,
}

/// An upper directory: what it holds, and when that was changed.
#[derive(Debug, Clone, Default)]
pub(super) struct Stored {
    pub(super) listing: Listing,
    /// Of all but whiteouts, which are links to one inode.
    pub(super) times: Times,
}

/// Whether contents are read into a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contents {
    /// They are.
    Read,
    /// They are not.
    Skip,
}

/// The word for a kind.
pub(super) fn kind_word(kind: FileType) -> Value {
    serde_json::to_value(kind).unwrap_or_default()
}

/// Kind, mode, owner and links, as every listing shows them.
pub(super) fn stat_fields(stat: &Stat, labels: &Labels) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("kind".into(), kind_word(stat.kind));
    fields.insert("mode".into(), format!("{:04o}", stat.mode).into());
    fields.insert("uid".into(), stat.uid.into());
    fields.insert("gid".into(), stat.gid.into());
    fields.insert("nlink".into(), stat.nlink.into());
    fields.insert("mtime".into(), labels.mtime(stat.mtime));
    if matches!(stat.kind, FileType::Char | FileType::Block) {
        fields.insert("rdev".into(), vec![stat.rdev.major, stat.rdev.minor].into());
    }
    fields
}

/// A content, or its digest where it is long, under `key` or `key_sha256`.
pub(super) fn insert_content(fields: &mut Map<String, Value>, key: &str, data: &[u8]) {
    if data.len() > CONTENT_MAX {
        let mut digest = String::with_capacity(64);
        for byte in Sha256::digest(data) {
            // Writing to a string does not fail.
            let _ = write!(digest, "{byte:02x}");
        }
        fields.insert(format!("{key}_sha256"), digest.into());
    } else {
        fields.insert(key.into(), text(data));
    }
}

/// All that a mount shows. `recorded` gives the inode labels to compare with.
pub(super) fn merged(
    kernel: &mut dyn Kernel,
    task: &Task,
    labels: &mut Labels,
    recorded: &BTreeMap<ByteString, Value>,
) -> Result<Listing> {
    let mut listing = Listing::new();
    walk(kernel, task, b"/", |kernel, path, stat| {
        let mut fields = stat_fields(stat, labels);
        let expected = recorded.get(path).and_then(|entry| entry.get("ino")).unwrap_or(&Value::Null);
        fields.insert("ino".into(), labels.inode(stat.ino, expected));
        if matches!(stat.kind, FileType::File | FileType::Symlink) {
            fields.insert("size".into(), stat.size.into());
        }
        insert_data(kernel, task, path, stat, Contents::Read, &mut fields)?;
        let xattrs = attributes(kernel, task, path)?;
        insert_attributes(&mut fields, "xattrs", xattrs.into_iter());
        listing.push((path.clone(), fields));
        Ok(())
    })?;
    Ok(listing)
}

/// All that an upper directory holds, as stored.
pub(super) fn stored(
    kernel: &mut dyn Kernel,
    dir: &[u8],
    labels: &Labels,
    contents: Contents,
) -> Result<Stored> {
    // Chrooted, so that links are read as they stand and paths are those of the layer.
    let task = Task::root().chrooted(dir);
    let mut first_name: BTreeMap<u64, ByteString> = BTreeMap::new();
    let (mut listing, mut times) = (Listing::new(), Times::new());
    walk(kernel, &task, b"/", |kernel, path, stat| {
        if stat.is_whiteout() {
            let fields = Map::from_iter([("kind".to_owned(), "whiteout".into())]);
            listing.push((path.clone(), fields));
            return Ok(());
        }
        let Stat { ino, ctime, mtime, .. } = *stat;
        times.insert(path.clone(), Changed { ino, is_dir: stat.is_dir(), ctime, mtime });
        let mut fields = stat_fields(stat, labels);
        if stat.kind == FileType::File {
            fields.insert("size".into(), stat.size.into());
        }
        if stat.nlink > 1 && !stat.is_dir() {
            match first_name.get(&stat.ino) {
                Some(first) => drop(fields.insert("link_to".into(), text(first))),
                None => drop(first_name.insert(stat.ino, path.clone())),
            }
        }
        insert_data(kernel, &task, path, stat, contents, &mut fields)?;
        let (own, others): (Vec<_>, Vec<_>) =
            attributes(kernel, &task, path)?.into_iter().partition(|(name, _)| name.starts_with(OVERLAY));
        insert_attributes(&mut fields, "xattrs", others.into_iter());
        insert_attributes(&mut fields, "overlay_xattrs", own.into_iter().filter_map(own_attribute));
        listing.push((path.clone(), fields));
        Ok(())
    })?;
    Ok(Stored { listing, times })
}

/// Overlayfs's attributes without their prefix; handles and ids are the machine's own, only that they are there counts.
fn own_attribute((name, value): (ByteString, Value)) -> Option<(ByteString, Value)> {
    match name.strip_prefix(OVERLAY).unwrap_or(&name) {
        b"uuid" => None,
        b"origin" => Some((ByteString::from("origin"), true.into())),
        rest => Some((rest.into(), value)),
    }
}

fn insert_data(
    kernel: &mut dyn Kernel,
    task: &Task,
    path: &[u8],
    stat: &Stat,
    contents: Contents,
    fields: &mut Map<String, Value>,
) -> Result<()> {
    match stat.kind {
        FileType::File if contents == Contents::Skip => {}
        FileType::File => insert_content(fields, "content", &fs::read(kernel, task, path)?),
        FileType::Symlink => drop(fields.insert("target".into(), text(&kernel.readlink(task, path)?))),
        _ => {}
    }
    Ok(())
}

fn attributes(kernel: &mut dyn Kernel, task: &Task, path: &[u8]) -> Result<Vec<(ByteString, Value)>> {
    let names = kernel.listxattr(task, path, Follow::Link)?;
    let values = names.into_iter().map(|name| {
        // An empty `security.capability` can be set and is none: whoever reads it is told that.
        match kernel.getxattr(task, path, &name, Follow::Link) {
            Err(Errno::EINVAL) => Ok((name, Value::Null)),
            value => Ok((name, text(&value?))),
        }
    });
    values.collect()
}

fn insert_attributes(
    fields: &mut Map<String, Value>,
    key: &str,
    attributes: impl Iterator<Item = (ByteString, Value)>,
) {
    let map: Map<String, Value> = attributes.map(|(name, value)| (name.to_text(), value)).collect();
    if !map.is_empty() {
        fields.insert(key.into(), map.into());
    }
}

/// Visits the root, then the names of each directory. A name that is listed and cannot be looked at is left out, as the
/// recorder leaves it out.
fn walk(
    kernel: &mut dyn Kernel,
    task: &Task,
    root: &[u8],
    mut visit: impl FnMut(&mut dyn Kernel, &ByteString, &Stat) -> Result<()>,
) -> Result<()> {
    let stat = kernel.lstat(task, root)?;
    visit(kernel, &root.into(), &stat)?;
    let mut open = vec![ByteString::from(root)];
    while let Some(dir) = open.pop() {
        let mut below = Vec::new();
        for entry in fs::read_dir_sorted(kernel, task, &dir)? {
            let path = path::join(&dir, &entry.name);
            let Some(stat) = fs::lstat_opt(kernel, task, &path)? else { continue };
            visit(kernel, &path, &stat)?;
            if stat.is_dir() {
                below.push(path);
            }
        }
        open.extend(below.into_iter().rev());
    }
    Ok(())
}
