//! The files of an archive: found by one pass over its headers, contents passed over.

use std::collections::{BTreeMap, BTreeSet};

use super::ArchiveError;
use crate::kernel::Errno;
use crate::oci::blob::BlobSource;
use crate::oci::layer::{Blob, LayerCall};
use crate::oci::tar::{Event, Fault, Kind, Parser, TarEntry, TarError};
use crate::oci::{Limits, gopath};

const WINDOW: usize = 64 << 10;
/// Parts of names on the way to one path, those of links included: a way that is longer is taken for one without end.
const STEPS_MAX: usize = 256;

/// What stands at a path of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// A file, at this place of the source.
    File(Blob),
    /// A symbolic link, as it is written (`docker save` links a layer that two images share).
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

/// The files of an archive by their cleaned paths. Whoever unpacks one writes through a link to a directory: what is below
/// such a link is here below the directory.
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
                    index.add(&entry, limits)?;
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
        match self.look(&at) {
            Found::File(blob) => Ok(blob),
            Found::Dir | Found::Other => Err(entry("is not a file")),
            Found::Loop => Err(entry("is a loop of links")),
            Found::Nothing => Err(ArchiveError::Missing { file: path.to_owned() }),
        }
    }

    /// What is at this cleaned path, through links inside the archive. A directory needs no entry of its own.
    pub fn look(&self, path: &str) -> Found {
        let Some(path) = self.follow(path) else { return Found::Loop };
        match self.members.get(&path) {
            Some(Member::File(blob)) => Found::File(*blob),
            Some(Member::Dir) => Found::Dir,
            Some(Member::Other | Member::Link(_)) => Found::Other,
            None if path == "." || self.has_below(&path) => Found::Dir,
            None => Found::Nothing,
        }
    }

    /// The path that this one leads to through links, which never leave the archive: above its root is its root. What is
    /// not there is no link. `None` for links without end (moby `pkg/symlink`, `evalSymlinksInScope`).
    pub fn follow(&self, path: &str) -> Option<String> {
        let mut at = String::new();
        let mut todo: Vec<&str> = parts(path).rev().collect();
        let mut steps = 0;
        while let Some(part) = todo.pop() {
            steps += 1;
            if steps > STEPS_MAX {
                return None;
            }
            let above = at.len();
            if part == ".." {
                at.truncate(at.rfind('/').unwrap_or_default());
                continue;
            }
            if above > 0 {
                at.push('/');
            }
            at.push_str(part);
            if let Some(Member::Link(target)) = self.members.get(&at) {
                at.truncate(if target.starts_with('/') { 0 } else { above });
                todo.extend(parts(target).rev());
            }
        }
        Some(if at.is_empty() { ".".to_owned() } else { at })
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

    /// Puts an entry where whoever unpacks the archive puts it (moby `pkg/archive`, `Unpack`).
    fn add(&mut self, entry: &TarEntry, limits: Limits) -> Result<(), ArchiveError> {
        let refused = |why: &str| ArchiveError::Entry {
            file: entry.name.escape_ascii().to_string(),
            why: why.to_owned(),
        };
        // Names that are no text are nothing that a document could name.
        let Ok(name) = std::str::from_utf8(&entry.name) else { return Ok(()) };
        let named = inside(name).ok_or_else(|| refused("leaves the archive"))?;
        if parts(&named).chain(std::str::from_utf8(&entry.link).map(parts).into_iter().flatten()).count()
            > limits.archive_depth
        {
            return Err(refused(&format!("has more than {} parts in its names", limits.archive_depth)));
        }
        let call = |errno| {
            let link = String::from_utf8_lossy(&entry.link);
            let what = match entry.kind {
                Kind::File => format!("open /{named}"),
                Kind::Dir => format!("mkdir /{named}"),
                Kind::Symlink => format!("symlink {link} /{named}"),
                Kind::Hardlink => {
                    format!("link {} /{named}", String::from_utf8_lossy(&gopath::rooted(&entry.link)))
                }
                Kind::Char | Kind::Block | Kind::Fifo => format!("mknod /{named}"),
            };
            let call = match entry.kind {
                Kind::Char | Kind::Block | Kind::Fifo => LayerCall::MakeNode,
                _ => LayerCall::Other,
            };
            ArchiveError::Call { call, what, errno }
        };
        if named == "." {
            // The root is there, whatever the entry says it is.
            return Ok(());
        }
        let path = self.place(&named).map_err(call)?;
        let member = match entry.kind {
            Kind::File if entry.sparse.as_ref().is_some_and(|sparse| sparse.is_old) => {
                let fault = Fault::UnknownType(b'S');
                return Err(TarError { fault, at: entry.content_at, entry: entry.name.clone() }.into());
            }
            Kind::File if entry.sparse.is_some() => return Err(refused("is a sparse file")),
            Kind::File => Member::File(Blob { offset: entry.content_at, len: entry.size }),
            Kind::Dir => Member::Dir,
            Kind::Symlink | Kind::Hardlink => {
                let Ok(target) = std::str::from_utf8(&entry.link) else {
                    return Err(refused("is a link to no name"));
                };
                if entry.kind == Kind::Symlink {
                    // Whoever unpacks the archive has made its directory the root: a link leads nowhere else, however it
                    // is written (moby `pkg/chrootarchive`).
                    Member::Link(target.to_owned())
                } else {
                    let aim = inside(target).ok_or_else(|| refused("is a link to outside the archive"))?;
                    self.linked(&aim).map_err(call)?
                }
            }
            Kind::Char | Kind::Block | Kind::Fifo => Member::Other,
        };
        // A directory may be listed again, and after what is in it.
        let is_dir = member == Member::Dir;
        match self.members.get(&path) {
            Some(Member::Dir) if is_dir => return Ok(()),
            Some(_) => return Err(refused("is there twice")),
            None if !is_dir && self.has_below(&path) => {
                return Err(refused("is there twice"));
            }
            None => {}
        }
        self.members.insert(path, member);
        Ok(())
    }

    /// Where an entry of this path is made: in the directory that its parent leads to, which is made where it is missing.
    fn place(&self, path: &str) -> Result<String, Errno> {
        let Some((parent, name)) = path.rsplit_once('/') else { return Ok(path.to_owned()) };
        let parent = self.follow(parent).ok_or(Errno::ELOOP)?;
        // The nearest of those above it that is there may be a file.
        let mut above = Some(parent.as_str());
        while let Some(path) = above {
            match self.members.get(path) {
                Some(Member::Dir) => break,
                Some(Member::File(_) | Member::Other) => return Err(Errno::ENOTDIR),
                Some(Member::Link(_)) | None => above = path.rsplit_once('/').map(|(above, _)| above),
            }
        }
        Ok(if parent == "." { name.to_owned() } else { format!("{parent}/{name}") })
    }

    /// What another name of what is at this path is: a link's own is a link, too.
    fn linked(&self, target: &str) -> Result<Member, Errno> {
        let place = self.place(target)?;
        match self.members.get(&place) {
            Some(Member::Dir) => Err(Errno::EPERM),
            Some(member) => Ok(member.clone()),
            None if place == "." || self.has_below(&place) => Err(Errno::EPERM),
            None => Err(Errno::ENOENT),
        }
    }
}

/// The parts of a path, without those that say nothing.
fn parts(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|part| !matches!(*part, "" | "."))
}

/// The cleaned path inside the archive; `None` if it leaves it. A leading slash means the archive's own root.
fn inside(path: &str) -> Option<String> {
    let cleaned = String::from_utf8(gopath::clean(path.trim_start_matches('/').as_bytes())).ok()?;
    let leaves = cleaned == ".." || cleaned.starts_with("../");
    (!leaves).then_some(cleaned)
}
