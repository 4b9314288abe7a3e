//! Paths in a container as the daemon reads them: links are followed inside its root, also through what is not there (moby
//! 20.10 `container/archive.go`, `pkg/symlink`).

use crate::docker::Failure;
use crate::engine::go_text;
use crate::kernel::{ByteString, Errno, FileType, Kernel, Stat, Task, path};
use crate::oci::gopath;

/// Components that are walked before links count as endless (`evalSymlinksInScope`, `maxIter`).
const MAX_PARTS: usize = 255;

/// A container's files, while they are mounted.
#[derive(Debug)]
pub(super) struct Scope<'r> {
    inside: Task,
    /// What the daemon calls its root.
    merged: &'r str,
}

/// A path that is there.
#[derive(Debug)]
pub(super) struct Found {
    /// Where it is, with every link before its last part followed.
    pub(super) at: ByteString,
    pub(super) stat: Stat,
    /// Where a link leads in the end, be something there or not.
    pub(super) link: Option<ByteString>,
}

/// Why a path cannot be had.
#[derive(Debug)]
pub(super) enum Lost {
    /// `containerFileNotFound`.
    Missing,
    Told(String),
}

impl Lost {
    /// What the client prints of it.
    pub(super) fn of(self, name: &str, path: &[u8]) -> Failure {
        match self {
            Self::Missing => {
                let path = String::from_utf8_lossy(path);
                Failure::new(format!("Error: No such container:path: {name}:{path}"))
            }
            Self::Told(why) => Failure::new(format!("Error response from daemon: {why}")),
        }
    }
}

impl<'r> Scope<'r> {
    pub(super) fn new(root: &str, merged: &'r str) -> Self {
        Self { inside: Task::root().chrooted(root), merged }
    }

    /// Who sees the container's root as `/`.
    pub(super) fn task(&self) -> &Task {
        &self.inside
    }

    /// `StatPath` of what `ResolvePath` gives: a path that ends in a slash or a dot is what its last link leads to.
    pub(super) fn stat(&self, kernel: &mut dyn Kernel, asked: &[u8]) -> Result<Found, Lost> {
        if asked.is_empty() {
            // The API's own check (`ArchiveFormValues`).
            return Err(Lost::Told("bad parameter: pathcannot be empty".to_owned()));
        }
        let absolute = absolute(asked);
        let slash = absolute.iter().rposition(|b| *b == b'/').unwrap_or_default();
        let (dir, base) = absolute.split_at(slash + 1);
        let at = self.beneath(&self.follow(kernel, dir)?, base);
        let stat = self.lstat(kernel, &at)?;
        let is_link = stat.kind == FileType::Symlink;
        let link = if is_link { Some(self.follow(kernel, &absolute)?) } else { None };
        Ok(Found { at, stat, link })
    }

    /// The directory that a tar is unpacked in, its last link followed too (`containerExtractToDir`).
    pub(super) fn directory(&self, kernel: &mut dyn Kernel, asked: &[u8]) -> Result<ByteString, Lost> {
        let at = self.follow(kernel, &absolute(asked))?;
        if self.lstat(kernel, &at)?.is_dir() {
            return Ok(at);
        }
        Err(Lost::Told("extraction point is not a directory".to_owned()))
    }

    fn lstat(&self, kernel: &mut dyn Kernel, at: &[u8]) -> Result<Stat, Lost> {
        kernel.lstat(&self.inside, at).map_err(|errno| match errno {
            Errno::ENOENT => Lost::Missing,
            errno => Lost::Told(format!("lstat {}: {}", self.shown(at), go_text(errno))),
        })
    }

    /// `evalSymlinksInScope`.
    fn follow(&self, kernel: &mut dyn Kernel, asked: &[u8]) -> Result<ByteString, Lost> {
        let asked = gopath::clean(asked);
        let mut rest = asked.clone();
        let mut at = ByteString::from(b"/");
        for walked in 0.. {
            if rest.is_empty() {
                break;
            }
            if walked > MAX_PARTS {
                let shown = self.shown(&asked);
                return Err(Lost::Told(format!("evalSymlinksInScope: too many links in {shown}")));
            }
            let end = rest.iter().position(|b| *b == b'/');
            let part: Vec<u8> = rest.drain(..end.map_or(rest.len(), |end| end + 1)).collect();
            let part = part.strip_suffix(b"/").unwrap_or(&part);
            if part.is_empty() {
                continue;
            }
            let next = ByteString::from(gopath::rooted(&path::join(&at, part)));
            if next == "/" {
                at = next;
                continue;
            }
            match self.lstat(kernel, &next) {
                Ok(stat) if stat.kind == FileType::Symlink => {
                    let text = kernel.readlink(&self.inside, &next).unwrap_or_default();
                    if text.starts_with(b"/") {
                        at = ByteString::from(b"/");
                    }
                    rest = [&text[..], b"/", &rest].concat();
                }
                Ok(_) | Err(Lost::Missing) => at = next,
                Err(told) => return Err(told),
            }
        }
        Ok(at)
    }

    fn beneath(&self, dir: &[u8], base: &[u8]) -> ByteString {
        let dir = dir.strip_suffix(b"/").unwrap_or(dir);
        [dir, b"/", base].concat().into()
    }

    /// A path of the container as the daemon sees it.
    fn shown(&self, at: &[u8]) -> String {
        let at = String::from_utf8_lossy(at);
        if at == "/" { self.merged.to_owned() } else { format!("{}{at}", self.merged) }
    }
}

/// A path made absolute and clean, with the slash or the dot at its end kept (`PreserveTrailingDotOrSeparator`).
fn absolute(asked: &[u8]) -> Vec<u8> {
    let mut clean = gopath::rooted(asked);
    let end = asked.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
    if gopath::base(&asked[..end]) == b"." {
        if clean != b"/" {
            clean.push(b'/');
        }
        clean.push(b'.');
    }
    if asked.ends_with(b"/") && !clean.ends_with(b"/") {
        clean.push(b'/');
    }
    clean
}
