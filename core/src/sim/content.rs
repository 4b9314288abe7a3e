//! The content of a file: pieces of shared memory, with holes.
//!
//! A copy of a range shares it, and so does a layer that is a range of an imported archive. Small neighbours are joined
//! as they are written, so that a file grown by many short appends stays a few pieces.

use std::sync::Arc;

use bytes::Bytes;

use crate::kernel::{Errno, Result};

/// The largest file: what tmpfs allows (`MAX_LFS_FILESIZE`).
pub(crate) const MAX_SIZE: u64 = i64::MAX as u64;
/// The unit in which tmpfs takes space.
pub(crate) const PAGE: u64 = 4096;
/// What a copy-up moves at once (seen on Linux 6.18).
const CHUNK: u64 = 1 << 20;
/// What holes that are filled are filled with, without taking memory.
static ZEROS: [u8; 1 << 16] = [0; 1 << 16];

#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    offset: u64,
    data: Bytes,
}

impl Piece {
    fn end(&self) -> u64 {
        self.offset + self.data.len() as u64
    }
}

/// The bytes of a regular file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    size: u64,
    pieces: Pieces,
}

#[derive(Debug, Clone, Default)]
enum Pieces {
    #[default]
    None,
    /// One piece that starts at 0: nearly every file.
    One(Bytes),
    /// In order, not overlapping.
    Many(Arc<Vec<Piece>>),
}

impl Content {
    /// The size in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Space taken, in blocks of 512 bytes: the pages that hold data.
    pub(crate) fn blocks(&self) -> u64 {
        let mut pages = 0;
        let mut next = 0;
        self.each_in(0, self.size, |offset, data| {
            let first = (offset / PAGE).max(next);
            let end = (offset + data.len() as u64).div_ceil(PAGE);
            pages += end.saturating_sub(first);
            next = next.max(end);
        });
        pages * (PAGE / 512)
    }

    /// At most `len` bytes from `offset`; fewer at the end. Shared where one piece has them all. `ENOMEM` where a
    /// hole asks for more memory than there is.
    pub(crate) fn read(&self, offset: u64, len: usize) -> Result<Bytes> {
        let len = self.size.saturating_sub(offset).min(len as u64) as usize;
        if len == 0 {
            return Ok(Bytes::new());
        }
        let end = offset + len as u64;
        if let Pieces::One(data) = &self.pieces
            && end <= data.len() as u64
        {
            return Ok(data.slice(offset as usize..end as usize));
        }
        let mut out = Vec::new();
        out.try_reserve_exact(len).map_err(|_| Errno::ENOMEM)?;
        self.each_in(offset, end, |at, data| {
            out.resize((at - offset) as usize, 0);
            out.extend_from_slice(&data);
        });
        out.resize(len, 0);
        Ok(out.into())
    }

    /// The pieces of `offset .. end`, cut to it, in order; holes are left out.
    pub(crate) fn each_in(&self, offset: u64, end: u64, mut each: impl FnMut(u64, Bytes)) {
        let mut cut = |at: u64, data: &Bytes| {
            let from = at.max(offset);
            let to = (at + data.len() as u64).min(end);
            if from < to {
                each(from, data.slice((from - at) as usize..(to - at) as usize));
            }
        };
        match &self.pieces {
            Pieces::None => {}
            Pieces::One(data) => cut(0, data),
            Pieces::Many(pieces) => {
                let first = pieces.partition_point(|p| p.end() <= offset);
                pieces[first..].iter().take_while(|p| p.offset < end).for_each(|p| cut(p.offset, &p.data));
            }
        }
    }

    /// The content as overlayfs copies it up: from the next page that holds data a chunk of 1 MiB is copied, holes in it
    /// too; holes before that are passed over. [sparse files in the recorded sessions]
    pub(crate) fn copied_in_chunks(&self) -> Self {
        let whole = match &self.pieces {
            Pieces::None => true,
            Pieces::One(data) => data.len() as u64 == self.size,
            Pieces::Many(_) => false,
        };
        if whole {
            return self.clone();
        }
        let mut pieces: Vec<Piece> = Vec::new();
        let mut filled = 0;
        self.each_in(0, self.size, |offset, data| {
            let end = offset + data.len() as u64;
            if filled == 0 || offset >= filled {
                // The rest of the chunk before, then a new one from this page on.
                fill(&mut pieces, filled);
                let start = (offset / PAGE * PAGE).max(filled);
                pieces.push(Piece { offset: start, data: Bytes::new() });
                filled = start;
            }
            fill(&mut pieces, offset);
            pieces.push(Piece { offset, data });
            while filled < end {
                filled = (filled + CHUNK).min(self.size);
            }
        });
        fill(&mut pieces, filled);
        pieces.retain(|piece| !piece.data.is_empty());
        let mut copy = Self { size: self.size, pieces: Pieces::None };
        copy.put_pieces(pieces);
        copy
    }

    /// Puts `data` at `offset`, without copying it. `EFBIG` beyond the largest file.
    pub(crate) fn write(&mut self, offset: u64, data: Bytes) -> Result<()> {
        let end = offset.checked_add(data.len() as u64).filter(|end| *end <= MAX_SIZE).ok_or(Errno::EFBIG)?;
        if data.is_empty() {
            return Ok(());
        }
        match &self.pieces {
            Pieces::None if offset == 0 => self.pieces = Pieces::One(data),
            Pieces::One(old) if offset == 0 && data.len() >= old.len() => self.pieces = Pieces::One(data),
            _ => {
                let mut pieces = self.take_pieces();
                carve(&mut pieces, offset, end);
                let at = pieces.partition_point(|p| p.offset < offset);
                pieces.insert(at, Piece { offset, data });
                join(&mut pieces, at);
                self.put_pieces(pieces);
            }
        }
        self.size = self.size.max(end);
        Ok(())
    }

    /// Cuts to `size`, or grows with a hole. `EFBIG` beyond the largest file.
    pub(crate) fn truncate(&mut self, size: u64) -> Result<()> {
        if size > MAX_SIZE {
            return Err(Errno::EFBIG);
        }
        if size == 0 {
            self.pieces = Pieces::None;
        } else if size < self.size {
            let mut pieces = self.take_pieces();
            carve(&mut pieces, size, u64::MAX);
            self.put_pieces(pieces);
        }
        self.size = size;
        Ok(())
    }

    /// Makes `offset .. offset + len` a hole.
    pub(crate) fn punch(&mut self, offset: u64, len: u64) {
        let mut pieces = self.take_pieces();
        carve(&mut pieces, offset, offset.saturating_add(len));
        self.put_pieces(pieces);
    }

    fn take_pieces(&mut self) -> Vec<Piece> {
        match std::mem::take(&mut self.pieces) {
            Pieces::None => Vec::new(),
            Pieces::One(data) => vec![Piece { offset: 0, data }],
            Pieces::Many(pieces) => Arc::unwrap_or_clone(pieces),
        }
    }

    fn put_pieces(&mut self, mut pieces: Vec<Piece>) {
        self.pieces = match pieces.as_slice() {
            [] => Pieces::None,
            [only] if only.offset == 0 => Pieces::One(pieces.remove(0).data),
            _ => Pieces::Many(Arc::new(pieces)),
        };
    }
}

/// Fills what lies between the last piece and `end` with zeros.
fn fill(pieces: &mut Vec<Piece>, end: u64) {
    let Some(mut at) = pieces.last().map(Piece::end) else { return };
    while at < end {
        let len = (end - at).min(ZEROS.len() as u64);
        pieces.push(Piece { offset: at, data: Bytes::from_static(&ZEROS[..len as usize]) });
        at += len;
    }
}

/// Removes `from .. to` from the pieces.
fn carve(pieces: &mut Vec<Piece>, from: u64, to: u64) {
    let first = pieces.partition_point(|p| p.end() <= from);
    let last = pieces.partition_point(|p| p.offset < to);
    if first >= last {
        return;
    }
    let mut kept = Vec::new();
    for piece in &pieces[first..last] {
        if piece.offset < from {
            let data = piece.data.slice(..(from - piece.offset) as usize);
            kept.push(Piece { offset: piece.offset, data });
        }
        if piece.end() > to {
            kept.push(Piece { offset: to, data: piece.data.slice((to - piece.offset) as usize..) });
        }
    }
    pieces.splice(first..last, kept);
}

/// Joins the piece at `at` with its left neighbours while it is no smaller than half of them: each byte is copied a
/// logarithmic number of times, however many short writes there are.
fn join(pieces: &mut Vec<Piece>, mut at: usize) {
    const LARGEST: usize = 1 << 20;
    while at > 0 {
        let (left, piece) = (&pieces[at - 1], &pieces[at]);
        let total = left.data.len() + piece.data.len();
        if left.end() != piece.offset
            || total > LARGEST
            || piece.data.len() * 2 < left.data.len() && total > 256
        {
            return;
        }
        let mut data = Vec::with_capacity(total);
        data.extend_from_slice(&left.data);
        data.extend_from_slice(&piece.data);
        pieces[at - 1].data = data.into();
        pieces.remove(at);
        at -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_a_plain_vector() {
        let mut content = Content::default();
        let mut plain: Vec<u8> = Vec::new();
        let mut seed = 7u32;
        let mut next = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % below
        };
        for round in 0..3_000u32 {
            let offset = next(2_000) as usize;
            let len = next(300) as usize;
            if round % 7 == 0 {
                content.truncate(offset as u64).unwrap();
                plain.resize(offset, 0);
            } else {
                content.write(offset as u64, vec![round as u8; len].into()).unwrap();
                if len > 0 {
                    plain.resize(plain.len().max(offset + len), 0);
                    plain[offset..offset + len].fill(round as u8);
                }
            }
            assert_eq!(content.size(), plain.len() as u64);
            assert_eq!(content.read(0, usize::MAX).unwrap(), plain);
            let from = next(2_000) as usize;
            let want = plain.get(from..).map_or(&[][..], |rest| &rest[..rest.len().min(50)]);
            assert_eq!(content.read(from as u64, 50).unwrap(), want);
        }
    }

    #[test]
    fn appends_stay_few_pieces_and_reads_share() {
        let mut content = Content::default();
        for i in 0..10_000u64 {
            content.write(i, Bytes::from_static(b"x")).unwrap();
        }
        let mut count = 0;
        content.each_in(0, u64::MAX, |_, _| count += 1);
        assert!(count < 20, "{count}");
        let mut one = Content::default();
        let data = Bytes::from(vec![1; 100]);
        one.write(0, data.clone()).unwrap();
        assert_eq!(one.read(0, 100).unwrap().as_ptr(), data.as_ptr());
        assert_eq!(one.blocks(), 8);
        one.truncate(1 << 40).unwrap();
        assert_eq!((one.blocks(), one.size()), (8, 1 << 40));
    }
}
