//! The tar format: what an entry is, a strict parser without I/O, and a writer that writes as Docker does.
//!
//! Formats read: v7, ustar (POSIX.1-1988), PAX (POSIX.1-2001), GNU long names and sparse files, as Go's `archive/tar` takes them,
//! since that is what Docker, containerd and podman read layers with. Where Go looks away (a directory with a body, two
//! extended headers for one entry, PAX beside GNU) this parser refuses, so that nobody sees another tree than Go.

mod block;
mod parser;
mod pax;
mod sparse;
#[cfg(test)]
mod tests;
mod write;

pub use parser::{Event, Parser};
pub use sparse::{Extent, Sparse};
pub use write::{END, padding, write_header};

use std::collections::BTreeMap;

use crate::kernel::{ByteString, Device, FileType, Timespec};

/// Bytes of a block: headers are one, contents are padded to whole ones.
pub const BLOCK: usize = 512;

/// What an entry makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A file with content.
    File,
    /// Another name of an entry that came before.
    Hardlink,
    /// A symbolic link.
    Symlink,
    /// A character device.
    Char,
    /// A block device.
    Block,
    /// A directory.
    Dir,
    /// A named pipe.
    Fifo,
}

impl Kind {
    /// The type flag of the header.
    pub fn flag(self) -> u8 {
        match self {
            Self::File => b'0',
            Self::Hardlink => b'1',
            Self::Symlink => b'2',
            Self::Char => b'3',
            Self::Block => b'4',
            Self::Dir => b'5',
            Self::Fifo => b'6',
        }
    }

    /// The inode's kind; a hard link's is that of its target.
    pub fn file_type(self) -> Option<FileType> {
        Some(match self {
            Self::File => FileType::File,
            Self::Hardlink => return None,
            Self::Symlink => FileType::Symlink,
            Self::Char => FileType::Char,
            Self::Block => FileType::Block,
            Self::Dir => FileType::Dir,
            Self::Fifo => FileType::Fifo,
        })
    }
}

/// One entry, with every override (PAX, GNU) applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TarEntry {
    /// The name as it stands in the archive, not cleaned.
    pub name: ByteString,
    /// What it makes.
    pub kind: Kind,
    /// Mode bits as stored; Docker's own layers hold the `S_IFMT` bits too.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes of content; 0 for everything but files.
    pub size: u64,
    /// Last change.
    pub mtime: Timespec,
    /// Last read, where PAX has it.
    pub atime: Option<Timespec>,
    /// The target of a link.
    pub link: ByteString,
    /// The owner's name.
    pub uname: ByteString,
    /// The group's name.
    pub gname: ByteString,
    /// Of a device.
    pub device: Device,
    /// Extended attributes (`SCHILY.xattr.*`), by full name.
    pub xattrs: BTreeMap<ByteString, ByteString>,
    /// Where its content starts in the stream.
    pub content_at: u64,
    /// How the content of a sparse file is stored there.
    pub sparse: Option<Box<Sparse>>,
}

impl TarEntry {
    /// An entry owned by root, without content.
    pub fn new(name: impl Into<ByteString>, kind: Kind, mode: u32) -> Self {
        Self {
            name: name.into(),
            kind,
            mode,
            uid: 0,
            gid: 0,
            size: 0,
            mtime: Timespec::default(),
            atime: None,
            link: ByteString::new(),
            uname: ByteString::new(),
            gname: ByteString::new(),
            device: Device::default(),
            xattrs: BTreeMap::new(),
            content_at: 0,
            sparse: None,
        }
    }
}

/// What is wrong with a tar stream, where, and in which entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault} (byte {at}{})", entry_suffix(.entry))]
pub struct TarError {
    /// What is wrong.
    pub fault: Fault,
    /// The offset in the (uncompressed) stream.
    pub at: u64,
    /// The entry's name, as far as it was known.
    pub entry: ByteString,
}

fn entry_suffix(entry: &ByteString) -> String {
    if entry.is_empty() { String::new() } else { format!(", entry \"{}\"", entry.escape_ascii()) }
}

/// The kinds of damage and of trickery.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is its text")]
pub enum Fault {
    #[error("not a tar archive")]
    NotTar,
    #[error("not a tar archive: shorter than one header")]
    TooShort,
    #[error("header checksum is wrong")]
    Checksum,
    #[error("{0} is not a number")]
    Number(&'static str),
    #[error("{0} is negative")]
    Negative(&'static str),
    #[error("{0} is out of range")]
    Range(&'static str),
    #[error("stream ends inside {0}")]
    Truncated(&'static str),
    #[error("unknown entry type {:?}", char::from(*.0))]
    UnknownType(u8),
    #[error("sparse map is wrong")]
    SparseMap,
    #[error("sparse map asks for more bytes than are stored")]
    SparseMissing,
    #[error("sparse map leaves out bytes that are stored")]
    SparseExtra,
    /// Docker says that before it reads any content: it unpacks no such file.
    #[error("sparse map of the old form does not match the size")]
    OldSparse,
    #[error("GNU multi-volume, volume label and dumpdir entries are not supported")]
    GnuSpecial(u8),
    #[error("an entry without content has size {0}")]
    Body(u64),
    #[error("malformed PAX record")]
    PaxRecord,
    #[error("two PAX headers before one entry")]
    PaxTwice,
    #[error("two GNU long names before one entry")]
    GnuTwice,
    #[error("PAX and GNU extensions on one entry")]
    PaxAndGnu,
    #[error("a global PAX header may not set {0}")]
    PaxGlobal(String),
    #[error("PAX size {pax} contradicts header size {header}")]
    SizeConflict { pax: u64, header: u64 },
    #[error("extended header without an entry")]
    Orphan,
    #[error("extended headers over the limit of {0} bytes")]
    Metadata(usize),
    #[error("path over the limit of {0} bytes")]
    Path(usize),
    #[error("more than {0} entries")]
    Entries(u64),
}

impl TarError {
    /// What Go's `archive/tar`, and so Docker, says.
    pub fn docker_text(&self) -> String {
        match &self.fault {
            Fault::Truncated(_) | Fault::TooShort => "unexpected EOF".to_owned(),
            Fault::Metadata(_) => "archive/tar: header field too long".to_owned(),
            Fault::SparseMissing => "archive/tar: sparse file references non-existent data".to_owned(),
            Fault::SparseExtra => "archive/tar: sparse file contains unreferenced data".to_owned(),
            Fault::OldSparse => format!("unhandled tar header type {}", b'S'),
            Fault::UnknownType(flag) | Fault::GnuSpecial(flag) => {
                format!("unhandled tar header type {flag}")
            }
            _ => "archive/tar: invalid tar header".to_owned(),
        }
    }
}
