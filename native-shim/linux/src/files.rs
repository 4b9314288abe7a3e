//! Loops around calls on descriptors that Linux may cut short.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use bytes::Bytes;
use layerlab_core::kernel::{ByteString, DirEntry, Errno, Result};
use rustix::buffer::spare_capacity;
use rustix::fs::{RawDir, SeekFrom};
use rustix::io::Errno as Raw;

use super::convert::{entry_kind, errno};

/// At most this much is asked for, or set aside, at once.
const PIECE: usize = 1 << 20;

pub(super) fn read(file: &OwnedFd, offset: u64, len: usize) -> Result<Bytes> {
    let mut data = Vec::new();
    while data.len() < len {
        // Room for what is asked, never more than a piece ahead of what the file turned out to hold.
        data.reserve_exact((len - data.len()).min(PIECE));
        let at = offset + data.len() as u64;
        match rustix::io::pread(file, spare_capacity(&mut data), at) {
            Ok(0) => break,
            Ok(_) | Err(Raw::INTR) => {}
            Err(error) => return Err(errno(error)),
        }
    }
    data.truncate(len);
    Ok(data.into())
}

pub(super) fn write(file: &OwnedFd, offset: u64, data: &[u8]) -> Result<usize> {
    let mut done = 0;
    loop {
        match rustix::io::pwrite(file, &data[done..], offset + done as u64) {
            Ok(n) => done += n,
            Err(Raw::INTR) => continue,
            // What is written is written, as write(2) counts it.
            Err(_) if done > 0 => return Ok(done),
            Err(error) => return Err(errno(error)),
        }
        if done >= data.len() {
            return Ok(done);
        }
    }
}

/// `copy_file_range(2)`, and by hand between file systems of two types, where Linux says EXDEV.
pub(super) fn copy(from: &OwnedFd, mut at: u64, to: &OwnedFd, mut to_at: u64, len: u64) -> Result<u64> {
    let mut done = 0;
    while done < len {
        let wanted = usize::try_from(len - done).unwrap_or(usize::MAX).min(1 << 30);
        match rustix::fs::copy_file_range(from, Some(&mut at), to, Some(&mut to_at), wanted) {
            Ok(0) => break,
            Ok(n) => done += n as u64,
            Err(Raw::INTR) => {}
            Err(Raw::XDEV | Raw::NOSYS | Raw::OPNOTSUPP) => {
                return copy_by_hand(from, at, to, to_at, len - done).map(|n| done + n);
            }
            Err(error) => return Err(errno(error)),
        }
    }
    Ok(done)
}

fn copy_by_hand(from: &OwnedFd, at: u64, to: &OwnedFd, to_at: u64, len: u64) -> Result<u64> {
    let mut done = 0;
    while done < len {
        let wanted = (len - done).min(PIECE as u64) as usize;
        let piece = read(from, at + done, wanted)?;
        if piece.is_empty() {
            break;
        }
        let written = write(to, to_at + done, &piece)?;
        done += written as u64;
        if written < piece.len() {
            return Err(Errno::ENOSPC);
        }
    }
    Ok(done)
}

/// The names of a directory, read through `room`.
pub(super) fn entries(dir: &OwnedFd, room: &mut [MaybeUninit<u8>]) -> Result<Vec<DirEntry>> {
    // A fifo has no offset, and getdents64(2) would say what it is not.
    rustix::fs::seek(dir, SeekFrom::Start(0)).map_err(errno).map_err(|error| match error {
        Errno::ESPIPE => Errno::ENOTDIR,
        other => other,
    })?;
    let mut raw = RawDir::new(dir, room);
    let mut entries = Vec::new();
    while let Some(entry) = raw.next() {
        let entry = entry.map_err(errno)?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            let name = ByteString::from(name);
            entries.push(DirEntry { name, kind: entry_kind(entry.file_type()), ino: entry.ino() });
        }
    }
    Ok(entries)
}
