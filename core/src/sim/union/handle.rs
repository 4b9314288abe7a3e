//! `trusted.overlay.origin`: the file handle of what was copied up, as Linux 6.18 stores it.
//!
//! 5 bytes of header, the file system's UUID, and tmpfs's handle: generation and inode number.

use bytes::Bytes;

use super::super::place::Node;
use super::super::state::SimState;
use crate::kernel::{Errno, Result};

const HEADER: [u8; 5] = [0x00, 0xfb, 0x21, 0x00, 0x01];
const UUID_LEN: usize = 16;
const LEN: usize = 33;

/// The UUID of a simulated file system: its number, in a fixed text, so that the same session gives the same bytes.
fn uuid(fs: u32) -> [u8; UUID_LEN] {
    let mut uuid = *b"layerlab-sim\0\0\0\0";
    uuid[12..].copy_from_slice(&fs.to_le_bytes());
    uuid
}

/// The handle of an inode.
fn encode(node: Node) -> Bytes {
    let mut handle = Vec::with_capacity(LEN);
    handle.extend_from_slice(&HEADER);
    handle.extend_from_slice(&uuid(node.fs));
    handle.extend_from_slice(&[0; 4]);
    handle.extend_from_slice(&node.id.to_le_bytes());
    handle.into()
}

impl SimState {
    /// What is kept of where something was copied up from: its handle, or nothing where that is an overlay, which gives
    /// none; that it was copied up is told all the same.
    pub(super) fn handle_of(&self, lower: Node) -> Bytes {
        if self.disk(lower.fs).is_ok() { encode(lower) } else { Bytes::new() }
    }

    /// The inode of a handle, if it is still there.
    pub(super) fn decode_handle(&self, handle: &[u8]) -> Result<Node> {
        let rest = handle.strip_prefix(&HEADER).filter(|_| handle.len() == LEN).ok_or(Errno::ENODATA)?;
        let fs = u32::from_le_bytes(rest[12..16].try_into().expect("four bytes"));
        if rest[..UUID_LEN] != uuid(fs) {
            return Err(Errno::ESTALE);
        }
        let id = u64::from_le_bytes(rest[20..28].try_into().expect("eight bytes"));
        let node = Node { fs, id };
        if self.disk(fs)?.get(id)?.nlink == 0 { Err(Errno::ESTALE) } else { Ok(node) }
    }
}
