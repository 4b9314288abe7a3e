//! Digests of what a `COPY` brings: of each entry's tar header without its time, and its content (moby `pkg/tarsum`,
//! version 1).

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::super::error::{Named as _, Result};
use super::super::scoped::scoped;
use crate::kernel::{ByteString, FileType, Follow, Kernel, OpenFlags, Stat, Task, fs, path};
use crate::oci::layer::Names;

/// How much of a file is read at once.
const PIECE: usize = 1 << 20;
/// Entries that one source may have; more are refused.
pub(in crate::engine) const MAX_ENTRIES: usize = 200_000;

/// Whose owners an entry is counted with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) enum Counted {
    /// A context's: the client sends everything as root's, without names.
    AsRoot,
    /// As [`Counted::AsRoot`], but of a file with several names the content counts under each (BuildKit).
    AsRootWhole,
    /// Its own, with the names that they have on the host.
    Own(Names),
}

/// The digest of one entry, named by its path from the source's root.
pub(in crate::engine) fn entry(
    kernel: &mut dyn Kernel,
    task: &Task,
    at: &[u8],
    name: &[u8],
    stat: &Stat,
    counted: &Counted,
) -> Result<String> {
    let mut hash = Sha256::new();
    let none = ByteString::new();
    let (uid, gid, user, group) = match counted {
        Counted::AsRoot | Counted::AsRootWhole => (0, 0, &none, &none),
        Counted::Own(names) => (
            stat.uid,
            stat.gid,
            names.users.get(&stat.uid).unwrap_or(&none),
            names.groups.get(&stat.gid).unwrap_or(&none),
        ),
    };
    let mut name = name.to_vec();
    let (mut kind, mut size) = match stat.kind {
        FileType::Dir => {
            name.push(b'/');
            ('5', 0)
        }
        FileType::Symlink => ('2', 0),
        FileType::Char => ('3', 0),
        FileType::Block => ('4', 0),
        FileType::Fifo => ('6', 0),
        _ => ('0', stat.size),
    };
    let twin = if *counted == Counted::AsRoot && kind == '0' && stat.nlink > 1 {
        first_name(kernel, task, stat)?.filter(|first| **first != name[..])
    } else {
        None
    };
    let link = match (kind, twin) {
        ('2', _) => kernel.readlink(task, at).named("readlink", at)?,
        (_, Some(first)) => {
            (kind, size) = ('1', 0);
            first
        }
        _ => ByteString::new(),
    };
    let (major, minor) = if matches!(kind, '3' | '4') { (stat.rdev.major, stat.rdev.minor) } else { (0, 0) };
    // Docker writes the type's bits into a header's mode as well.
    let mode = stat.mode & 0o7777 | type_bits(stat.kind);
    hash.update(b"name");
    hash.update(&name);
    hash.update(format!("mode{mode}uid{uid}gid{gid}size{size}typeflag{kind}linkname"));
    hash.update(link.as_slice());
    for (field, value) in [("uname", user), ("gname", group)] {
        hash.update(field);
        hash.update(value.as_slice());
    }
    hash.update(format!("devmajor{major}devminor{minor}"));
    let attributes = kernel.listxattr(task, at, Follow::Link).unwrap_or_default();
    if attributes.iter().any(|known| *known == "security.capability") {
        let value = kernel.getxattr(task, at, b"security.capability", Follow::Link).named("getxattr", at)?;
        hash.update(b"security.capability");
        hash.update(value.as_slice());
    }
    if kind == '0' {
        let flags = OpenFlags::RDONLY | OpenFlags::NONBLOCK;
        fs::with_open(kernel, task, at, flags, 0, |kernel, fd| {
            let mut offset = 0;
            loop {
                let piece = kernel.pread(fd, offset, PIECE)?;
                if piece.is_empty() {
                    return Ok(());
                }
                hash.update(&piece);
                offset += piece.len() as u64;
            }
        })
        .named("open", at)?;
    }
    Ok(hex(&hash.finalize()))
}

/// The name under which the client sends a file of several names: the first one that a walk in order meets. The others are
/// sent as hard links to it.
fn first_name(kernel: &mut dyn Kernel, task: &Task, stat: &Stat) -> Result<Option<ByteString>> {
    let mut open = vec![ByteString::new()];
    while let Some(below) = open.pop() {
        let at = path::join(b"/", &below);
        let found = kernel.lstat(task, &at).named("lstat", &at)?;
        if (found.dev, found.ino) == (stat.dev, stat.ino) {
            return Ok(Some(below));
        }
        if found.is_dir() {
            for entry in fs::read_dir_sorted(kernel, task, &at).named("open", &at)?.into_iter().rev() {
                open.push(if below.is_empty() { entry.name } else { path::join(&below, &entry.name) });
            }
        }
    }
    Ok(None)
}

/// What a symbolic link counts for: the entry that it leads to, or a path where it leads to none (moby 20.10
/// `builder/remotecontext`: the link's own path in a context, the target's in an image).
fn followed(kernel: &mut dyn Kernel, task: &Task, link: &[u8], counted: &Counted) -> Result<String> {
    let at = scoped(kernel, task, &path::join(b"/", link))?;
    let name = at.strip_prefix(b"/").unwrap_or(&at).to_vec();
    match fs::lstat_opt(kernel, task, &at).named("lstat", &at)? {
        Some(stat) if !name.is_empty() => entry(kernel, task, &at, &name, &stat, counted),
        _ => {
            let shown = if matches!(counted, Counted::Own(_)) { &name } else { link };
            Ok(String::from_utf8_lossy(shown).into_owned())
        }
    }
}

/// A type's bits of `st_mode` (inode(7)).
fn type_bits(kind: FileType) -> u32 {
    match kind {
        FileType::File => 0o100_000,
        FileType::Dir => 0o040_000,
        FileType::Symlink => 0o120_000,
        FileType::Fifo => 0o010_000,
        FileType::Char => 0o020_000,
        FileType::Block => 0o060_000,
        FileType::Socket => 0o140_000,
    }
}

/// The digest of a tree: of the sorted digests of all that is below it.
pub(in crate::engine) fn tree(
    kernel: &mut dyn Kernel,
    task: &Task,
    at: &[u8],
    name: &[u8],
    counted: &Counted,
) -> Result<String> {
    let mut sums = Vec::new();
    let mut open: Vec<ByteString> = vec![ByteString::new()];
    while let Some(below) = open.pop() {
        let dir = if below.is_empty() { ByteString::from(at) } else { path::join(at, &below) };
        let stat = kernel.lstat(task, &dir).named("lstat", &dir)?;
        let full = match (name.is_empty(), below.is_empty()) {
            (_, true) => ByteString::from(name),
            (true, false) => below.clone(),
            (false, false) => path::join(name, &below),
        };
        if stat.kind == FileType::Symlink {
            sums.push(followed(kernel, task, &full, counted)?);
        } else if !full.is_empty() {
            sums.push(entry(kernel, task, &dir, &full, &stat, counted)?);
        }
        if !stat.is_dir() {
            continue;
        }
        for child in fs::read_dir(kernel, task, &dir).named("open", &dir)? {
            open.push(if below.is_empty() { child.name } else { path::join(&below, &child.name) });
        }
        if sums.len() + open.len() > MAX_ENTRIES {
            let why = format!("more than {MAX_ENTRIES} files in one source");
            return Err(super::super::Error::Limit(format!(
                "{why}\nLayerlab: {why} are too many for the lab"
            )));
        }
    }
    sums.sort();
    Ok(list("dir", &sums))
}

/// The digest of several digests, under a word for what they are.
pub(in crate::engine) fn list(word: &str, sums: &[String]) -> String {
    format!("{word}:{}", hex(&Sha256::digest(sums.join(","))))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all text");
        text
    })
}
