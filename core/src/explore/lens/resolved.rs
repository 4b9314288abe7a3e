//! What a path is under a lens, and the words for it.

use serde::{Deserialize, Serialize};

use crate::kernel::{ByteString, Device, Timespec};
use crate::oci::tar::Kind;

/// Whose rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lens {
    /// The OCI image specification: whiteouts act on lower layers alone, wherever they stand.
    Spec,
    /// Docker's overlay2: each layer in a directory of its own, and overlayfs over them.
    Overlay2,
    /// containerd's overlayfs snapshotter: the same, but for repeated paths and AUFS's own names.
    Containerd,
    /// podman's vfs: one directory, a whiteout removes what is there at that moment.
    Vfs,
    /// umoci: one directory, a whiteout spares what its own layer has brought.
    Umoci,
}

/// What a path is under a lens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// `dir`, `file`, `symlink`, `char`, `block`, `fifo`, or `ghost`: listed, and not there.
    pub kind: ByteString,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last change; `None` where it is the time of unpacking.
    pub mtime: Option<Timespec>,
    /// A link's target.
    pub target: Option<ByteString>,
    /// A device's numbers.
    pub device: Option<Device>,
    /// A file's content: the layer that holds it, its place in the stream, its size.
    pub content: Option<(usize, u64, u64)>,
}

/// Listed, and not there.
pub(super) fn ghost() -> Resolved {
    let kind = "ghost".into();
    Resolved { kind, mode: 0, uid: 0, gid: 0, mtime: None, target: None, device: None, content: None }
}

/// The word for a kind of tar entry.
pub(super) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Dir => "dir",
        Kind::Symlink => "symlink",
        Kind::Char => "char",
        Kind::Block => "block",
        Kind::Fifo => "fifo",
        Kind::File | Kind::Hardlink => "file",
    }
}
