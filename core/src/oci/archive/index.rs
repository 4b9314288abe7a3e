//! The files of an archive: found by one pass over its headers, contents passed over.

use std::collections::BTreeMap;

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
        let mut at = inside(path).ok_or_else(|| entry("leaves the archive"))?;
        for _ in 0..LINKS_MAX {
            match self.members.get(&at) {
                Some(Member::File(blob)) => return Ok(*blob),
                Some(Member::Link(target)) => at.clone_from(target),
                Some(Member::Dir | Member::Other) => return Err(entry("is not a file")),
                None => return Err(ArchiveError::Missing { file: path.to_owned() }),
            }
        }
        Err(entry("is a loop of links"))
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

/// The cleaned path inside the archive; `None` if it leaves it. A leading slash means nothing outside a link.
fn inside(path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let cleaned = String::from_utf8(gopath::clean(path.as_bytes())).ok()?;
    let leaves = cleaned == ".." || cleaned.starts_with("../");
    (!leaves).then_some(cleaned)
}
