//! Digests of what a `COPY` brings: of each entry's tar header without its time, and its content (moby `pkg/tarsum`,
//! version 1).

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::super::error::{Named as _, Result};
use crate::kernel::{ByteString, FileType, Follow, Kernel, OpenFlags, Stat, Task, fs, path};

/// How much of a file is read at once.
const PIECE: usize = 1 << 20;
/// Entries that one source may have; more are refused.
pub(in crate::engine) const MAX_ENTRIES: usize = 200_000;

/// Whose owners an entry is counted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Counted {
    /// A context's: the client sends everything as root's.
    AsRoot,
    /// Its own.
    Own,
}

/// The digest of one entry, named by its path from the source's root.
pub(in crate::engine) fn entry(
    kernel: &mut dyn Kernel,
    task: &Task,
    at: &[u8],
    name: &[u8],
    stat: &Stat,
    counted: Counted,
) -> Result<String> {
    let mut hash = Sha256::new();
    let (uid, gid) = if counted == Counted::AsRoot { (0, 0) } else { (stat.uid, stat.gid) };
    let mut name = name.to_vec();
    let (kind, size) = match stat.kind {
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
    let link = if kind == '2' { kernel.readlink(task, at).named("readlink", at)? } else { ByteString::new() };
    let (major, minor) = if matches!(kind, '3' | '4') { (stat.rdev.major, stat.rdev.minor) } else { (0, 0) };
    let mode = stat.mode & 0o7777;
    hash.update(b"name");
    hash.update(&name);
    hash.update(format!("mode{mode}uid{uid}gid{gid}size{size}typeflag{kind}linkname"));
    hash.update(link.as_slice());
    hash.update(format!("unamegnamedevmajor{major}devminor{minor}"));
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

/// The digest of a tree: of the sorted digests of all that is below it.
pub(in crate::engine) fn tree(
    kernel: &mut dyn Kernel,
    task: &Task,
    at: &[u8],
    name: &[u8],
    counted: Counted,
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
        if !full.is_empty() {
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
            return Err(super::super::Error::Failed(format!(
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
