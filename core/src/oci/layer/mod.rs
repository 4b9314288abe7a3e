//! Layers: a tar stream unpacked into a directory as Docker's overlay2 does, and a directory packed as Docker commits
//! it. Between them the whiteout changes its form: `.wh.` in the tar, a character device 0:0 on the disk.

mod metadata;
mod pack;
mod policy;
mod split;
#[cfg(test)]
mod tests;
pub mod times;
mod unpack;
mod verify;
mod xattrs;

pub use metadata::Owners;
pub use pack::{Names, Packed, directory_size, pack_diff, pack_part, pack_tree};
pub use policy::{EntryPolicy, Trick, leaves_root};
pub use split::{Split, assemble};
pub use unpack::{Unpacked, Unpacker};
pub use verify::{Blob, Expected, Flow, Streamed, made, stream, unpack};

use super::blob::SourceError;
use super::decode::DecodeError;
use super::digest::Digest;
use super::tar::TarError;
use crate::kernel::{ByteString, Errno};

/// What a marker's name starts with (OCI image-spec `layer.md`, "Whiteouts").
pub const WHITEOUT: &[u8] = b".wh.";
/// The marker that makes its directory opaque.
pub const OPAQUE: &[u8] = b".wh..wh..opq";
/// Names of AUFS's own start so; engines skip them, each in its own places.
pub const AUFS: &[u8] = b".wh..wh.";
/// AUFS's directory of what has several names.
pub const AUFS_LINKS: &[u8] = b".wh..wh.plnk";

/// How overlayfs's own names are spelled on this kernel's disk; the engine says.
#[derive(Debug, Clone, Copy)]
pub struct OverlayNames {
    /// The attribute that makes a directory opaque, with the value `y`.
    pub opaque: &'static [u8],
    /// Starts of attribute names that steer overlayfs, and so must not come from a layer.
    pub reserved: &'static [&'static [u8]],
}

/// What a marker means, by the last part of an entry's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker<'a> {
    /// The directory that it stands in hides all that is below.
    Opaque,
    /// This name is hidden.
    Whiteout(&'a [u8]),
}

impl<'a> Marker<'a> {
    /// Reads the last part of a name; `None` for an ordinary one.
    pub fn of(base: &'a [u8]) -> Option<Self> {
        if base == OPAQUE {
            return Some(Self::Opaque);
        }
        base.strip_prefix(WHITEOUT).map(Self::Whiteout)
    }
}

/// Why a layer cannot be unpacked or packed. `Display` says what, and in which entry; [`LayerError::docker_text`] is
/// what Docker 20.10 prints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayerError {
    /// The stream is no proper tar.
    #[error("{0}")]
    Tar(#[from] TarError),
    /// The blob cannot be decompressed.
    #[error("{0}")]
    Decode(#[from] DecodeError),
    /// The blob cannot be read.
    #[error("{0}")]
    Source(#[from] SourceError),
    /// One path twice in one layer (tar-split refuses; oracle: hardlink-replace-target-same-layer).
    #[error("duplicate path \"{}\"", .0.escape_ascii())]
    Duplicate(ByteString),
    /// A system call failed; the text is Go's, with the paths inside the layer.
    #[error("{what}: {}", go_text(*.errno))]
    Call {
        /// The kind of call. The message and the next step depend on it.
        call: LayerCall,
        /// The call with its paths, `link /a /b`.
        what: String,
        /// Why.
        errno: Errno,
    },
    /// The entry is a trick (design: security.md).
    #[error("entry \"{}\": {why}", .entry.escape_ascii())]
    Refused {
        /// The entry's name.
        entry: ByteString,
        /// What is wrong with it.
        why: Trick,
    },
    /// The directory is no longer what was unpacked, or never was: a layer can replace and hide its own files (tar-split
    /// `tar/asm/assemble.go`, the text too).
    #[error("file integrity checksum failed for {}", crate::oci::gojson::quote(.0))]
    Changed(ByteString),
    /// What a container has stays as it is (`docker cp`); the text is Docker's.
    #[error("{0}")]
    Kept(String),
    /// A type of entry that Docker does not unpack.
    #[error("entry \"{}\": unhandled type {:?}", .entry.escape_ascii(), char::from(*.flag))]
    Type {
        /// The entry's name.
        entry: ByteString,
        /// Its type.
        flag: u8,
    },
    /// The error, after words that the child process logged.
    #[error("{error}")]
    Logged {
        /// Whole lines.
        log: String,
        /// What is wrong.
        error: Box<LayerError>,
    },
    /// The blob has another length than its descriptor says.
    #[error("blob has {found} bytes, not {expected}")]
    Size {
        /// What the descriptor says.
        expected: u64,
        /// What there is.
        found: u64,
    },
    /// The blob's bytes are not those that were promised.
    #[error("blob does not match its digest: {0}")]
    Digest(Box<Mismatch>),
    /// The uncompressed layer is not the one that the configuration names.
    #[error("layer does not match its diff id: {0}")]
    DiffId(Box<Mismatch>),
}

/// A system call of the kinds that are told apart when they fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayerCall {
    /// A device or a pipe is made.
    MakeNode,
    /// An extended attribute is set.
    SetXattr,
    /// A file is given to its owner.
    SetOwner,
    /// Any other.
    Other,
}

/// Two digests that should be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, got {found}")]
pub struct Mismatch {
    /// What was promised.
    pub expected: Digest,
    /// What came.
    pub found: Digest,
}

impl LayerError {
    /// Returns the error of a call that nothing more hangs on.
    pub fn call(what: impl Into<String>, errno: Errno) -> Self {
        Self::Call { call: LayerCall::Other, what: what.into(), errno }
    }

    /// What Docker 20.10's daemon says (oracle/layers `docker-overlay2.err`, load-garbage, import-garbage): the work
    /// is done in a child process, whose words stand after its exit status.
    pub fn docker_text(&self) -> String {
        let (log, error) = match self {
            Self::Logged { log, error } => (log.as_str(), &**error),
            error => ("", error),
        };
        let said = match error {
            Self::Duplicate(_) => {
                return format!("Error processing tar file(duplicates of file paths not supported): {log}");
            }
            Self::Tar(error) => error.docker_text(),
            // The child unpacked what came well, and ended well.
            Self::Decode(error) => {
                return format!("Error processing tar file({}): {log}", error.docker_text());
            }
            // Docker takes these two; the lab refuses them of its own accord.
            Self::Refused { entry, why } if why.is_taken_by_docker() => {
                return format!(
                    "Layerlab: the lab loads no layer with \"{}\": {why}; layerlab image --as overlay2 shows what Docker does with it",
                    entry.escape_ascii()
                );
            }
            Self::Type { flag, .. } => format!("unhandled tar header type {flag}"),
            Self::DiffId(digests) => {
                let Mismatch { expected, found } = **digests;
                return format!("invalid diffID for layer 0: expected \"{expected}\", got \"{found}\"");
            }
            // Go's wrappers of these two calls tell the number alone.
            Self::Call { call: LayerCall::MakeNode | LayerCall::SetXattr, errno, .. } => go_text(*errno),
            other => other.to_string(),
        };
        format!("Error processing tar file(exit status 1): {log}{said}")
    }
}

/// An error number in Go's words: the C library's, in lower case.
pub fn go_text(errno: Errno) -> String {
    errno.text().to_lowercase()
}
