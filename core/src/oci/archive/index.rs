//! The files of an archive: found by one pass over its headers, contents passed over.

use std::collections::{BTreeMap, BTreeSet};

use super::ArchiveError;
use crate::oci::blob::BlobSource;
use crate::oci::layer::Blob;
use crate::oci::tar::{Entry, Event, Kind, Parser};
use crate::oci::{Limits, gopath};

const WINDOW: usize = 64 << 10;
const LINKS_MAX: usize = 16;

/// What stands at a path of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// A file, at this place of the source.
    File(Blob),
    /// A link to another path of the archive (`docker save` links a layer that two images share).
    Link(String),
    /// A directory.
    Dir,
    /// A device, a fifo: nothing that an archive has.
    Other,
}

/// What a path of an archive leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A file.
    File(Blob),
    /// A directory.
    Dir,
    /// A device, a fifo.
    Other,
    /// Links that lead to each other.
    Loop,
    /// Nothing.
    Nothing,
}

/// The files of an archive by their cleaned paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    members: BTreeMap<String, Member>,
}

impl Index {
    /// Reads the headers of a tar that is not compressed.
    pub fn of_tar(source: &mut dyn BlobSource, limits: Limits) -> Result<Self, ArchiveError> {
        let mut parser = Parser::new(Limits { entries: limits.archive_files, ..limits });
        let mut index = Self::default();
        let size = source.size();
        while parser.position() < size && !parser.is_ended() {
            let window = source.read_at(parser.position(), WINDOW)?;
            if window.is_empty() {
                break;
            }
            let mut rest = &window[..];
            while !rest.is_empty() {
                let (used, event) = parser.step(rest)?;
                rest = &rest[used..];
                if let Some(Event::Entry(entry)) = event {
                    index.add(&entry)?;
                }
                // Contents beyond the window are never read here.
                let beyond = parser.content_left().saturating_sub(rest.len() as u64);
                if beyond > 0 && parser.position() + parser.content_left() <= size {
                    parser.skip_content(parser.content_left());
                    break;
                }
            }
        }
        // The end of a last entry without content needs no bytes.
        while parser.step(b"")?.1.is_some() {}
        parser.finish()?;
        if size == 0 {
            return Err(ArchiveError::NotAnImage);
        }
        Ok(index)
    }

    /// An index of files that are somewhere else: an OCI layout that is a directory.
    pub fn of_files(files: impl IntoIterator<Item = (String, Blob)>) -> Self {
        Self { members: files.into_iter().map(|(path, blob)| (path, Member::File(blob))).collect() }
    }

    /// The paths and what they are, in the order of their bytes.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Member)> {
        self.members.iter().map(|(path, member)| (path.as_str(), member))
    }

    /// Whether the path is there, and a file.
    pub fn has(&self, path: &str) -> Result<bool, ArchiveError> {
        match self.find(path) {
            Ok(_) => Ok(true),
            Err(ArchiveError::Missing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The file at this path, through links inside the archive (moby `safePath`: never outside it).
    pub fn find(&self, path: &str) -> Result<Blob, ArchiveError> {
        let entry = |why: &str| ArchiveError::Entry { file: path.to_owned(), why: why.to_owned() };
        let at = inside(path).ok_or_else(|| entry("leaves the archive"))?;
        match self.look(at) {
            Found::File(blob) => Ok(blob),
            Found::Dir | Found::Other => Err(entry("is not a file")),
            Found::Loop => Err(entry("is a loop of links")),
            Found::Nothing => Err(ArchiveError::Missing { file: path.to_owned() }),
        }
    }

    /// What is at this cleaned path, through links inside the archive. A directory needs no entry of its own.
    pub fn look(&self, mut path: String) -> Found {
        for _ in 0..LINKS_MAX {
            match self.members.get(&path) {
                Some(Member::File(blob)) => return Found::File(*blob),
                Some(Member::Link(target)) => path.clone_from(target),
                Some(Member::Dir) => return Found::Dir,
                Some(Member::Other) => return Found::Other,
                None if path == "." || self.has_below(&path) => return Found::Dir,
                None => return Found::Nothing,
            }
        }
        Found::Loop
    }

    fn has_below(&self, path: &str) -> bool {
        let start = format!("{path}/");
        self.members.range(start.clone()..).next().is_some_and(|(name, _)| name.starts_with(&start))
    }

    /// The directories at the top, in the order of their names.
    pub fn top_dirs(&self) -> BTreeSet<&str> {
        let dirs = self.members.iter().filter_map(|(path, member)| match path.split_once('/') {
            Some((dir, _)) => Some(dir),
            None => (*member == Member::Dir).then_some(path.as_str()),
        });
        dirs.filter(|dir| *dir != ".").collect()
    }

    /// The file at this path, which must not be a link.
    pub fn find_plain(&self, path: &str) -> Result<Blob, ArchiveError> {
        match self.members.get(path) {
            Some(Member::File(blob)) => Ok(*blob),
            Some(_) => Err(ArchiveError::Entry { file: path.to_owned(), why: "is not a file".to_owned() }),
            None => Err(ArchiveError::Missing { file: path.to_owned() }),
        }
    }

    fn add(&mut self, entry: &Entry) -> Result<(), ArchiveError> {
        let refused = |why: &str| ArchiveError::Entry {
            file: entry.name.escape_ascii().to_string(),
            why: why.to_owned(),
        };
        // Names that are no text are nothing that a document could name.
        let Ok(name) = std::str::from_utf8(&entry.name) else { return Ok(()) };
        let path = inside(name).ok_or_else(|| refused("leaves the archive"))?;
        let member = match entry.kind {
            Kind::File if entry.sparse.is_some() => return Err(refused("is a sparse file")),
            Kind::File => Member::File(Blob { offset: entry.content_at, len: entry.size }),
            Kind::Dir => Member::Dir,
            Kind::Symlink | Kind::Hardlink => {
                let Ok(target) = std::str::from_utf8(&entry.link) else {
                    return Err(refused("is a link to no name"));
                };
                let from = if entry.kind == Kind::Symlink { gopath::dir(path.as_bytes()) } else { b"." };
                let joined = [from, b"/", target.as_bytes()].concat();
                let target =
                    if target.starts_with('/') { None } else { inside(&String::from_utf8_lossy(&joined)) };
                Member::Link(target.ok_or_else(|| refused("is a link to outside the archive"))?)
            }
            Kind::Char | Kind::Block | Kind::Fifo => Member::Other,
        };
        match self.members.insert(path, member.clone()) {
            // A directory may be listed again.
            Some(Member::Dir) if member == Member::Dir => Ok(()),
            Some(_) => Err(refused("is there twice")),
            None => Ok(()),
        }
    }
}

/// The cleaned path inside the archive; `None` if it leaves it. A leading slash means the archive's own root.
fn inside(path: &str) -> Option<String> {
    let cleaned = String::from_utf8(gopath::clean(path.trim_start_matches('/').as_bytes())).ok()?;
    let leaves = cleaned == ".." || cleaned.starts_with("../");
    (!leaves).then_some(cleaned)
}
