//! Sparse files: where the bytes that are stored belong (GNU tar's manual, "Storing Sparse Files"; Go: `archive/tar`,
//! `reader.go`). Old GNU maps stand in header blocks, PAX ones in records (0.0, 0.1) or before the content (1.0).

use super::block::Block;
use super::{BLOCK, Fault};

/// A run of stored bytes: its offset in the file, and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Where it belongs.
    pub at: u64,
    /// Its bytes.
    pub len: u64,
}

/// How a sparse file is stored: what is between its extents is zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sparse {
    /// The extents, in the order of their offsets and of their bytes in the stream.
    pub extents: Vec<Extent>,
    /// It has a type of its own (GNU's `S`), which Docker does not unpack.
    pub is_old: bool,
}

impl Sparse {
    /// Checks the map against the file's size and the bytes that are stored (Go: `validateSparseEntries`).
    pub(super) fn check(&self, size: u64, stored: u64) -> Result<(), Fault> {
        let mut end = 0;
        let mut sum = 0u64;
        for extent in &self.extents {
            let after = extent.at.checked_add(extent.len).ok_or(Fault::SparseMap)?;
            if extent.at < end || after > size {
                return Err(Fault::SparseMap);
            }
            end = after;
            sum += extent.len;
        }
        match sum.cmp(&stored) {
            std::cmp::Ordering::Equal => Ok(()),
            _ if self.is_old => Err(Fault::OldSparse),
            std::cmp::Ordering::Greater => Err(Fault::SparseMissing),
            std::cmp::Ordering::Less => Err(Fault::SparseExtra),
        }
    }
}

/// The map in a header block of the old form; whether more of it follows.
pub(super) fn old_header(block: &Block<'_>) -> Result<(Vec<Extent>, bool), Fault> {
    let mut extents = Vec::new();
    entries(block, 386, 4, &mut extents)?;
    Ok((extents, block.byte(482) != 0))
}

/// More of the old form's map, a block of 21; whether more follows.
pub(super) fn old_more(bytes: &[u8; BLOCK], extents: &mut Vec<Extent>) -> Result<bool, Fault> {
    let block = Block::bare(bytes);
    entries(&block, 0, 21, extents)?;
    Ok(block.byte(504) != 0)
}

fn entries(block: &Block<'_>, from: usize, most: usize, extents: &mut Vec<Extent>) -> Result<(), Fault> {
    for at in (from..).step_by(24).take(most) {
        if block.byte(at) == 0 {
            break;
        }
        let number = |at| u64::try_from(block.number(at, 12, "sparse map")?).map_err(|_| Fault::SparseMap);
        extents.push(Extent { at: number(at)?, len: number(at + 12)? });
    }
    Ok(())
}

/// A map of the form 1.0 as far as it was read: a count, and a pair of numbers a run, each with a newline behind it.
#[derive(Debug, Default)]
pub(super) struct Text {
    bytes: Vec<u8>,
    lines: u64,
    /// How many lines it has, once the first one tells.
    want: Option<u64>,
}

impl Text {
    pub(super) fn push(&mut self, block: &[u8; BLOCK]) {
        self.bytes.extend_from_slice(block);
        self.lines += block.iter().filter(|b| **b == b'\n').count() as u64;
    }

    /// Whether every line is there; what follows the last one in its block is padding.
    pub(super) fn is_whole(&self) -> bool {
        self.want.is_some_and(|want| self.lines >= want)
    }

    /// The map, once it is whole.
    pub(super) fn read(&mut self) -> Result<Option<Vec<Extent>>, Fault> {
        let mut lines = self.bytes.split(|b| *b == b'\n');
        if self.lines == 0 {
            return Ok(None);
        }
        let first = lines.next().unwrap_or_default();
        let want = match self.want {
            Some(want) => want,
            None => number(first)?.checked_mul(2).filter(|n| *n < 1 << 63).ok_or(Fault::SparseMap)? + 1,
        };
        self.want = Some(want);
        if !self.is_whole() {
            return Ok(None);
        }
        let mut extents = Vec::new();
        for _ in 0..want / 2 {
            let mut next = || number(lines.next().ok_or(Fault::SparseMap)?);
            extents.push(Extent { at: next()?, len: next()? });
        }
        Ok(Some(extents))
    }
}

/// A map of the forms 0.0 and 0.1: numbers with commas between them.
pub(super) fn listed(count: &[u8], map: &[u8]) -> Result<Vec<Extent>, Fault> {
    let numbers: Vec<u64> = if map.is_empty() {
        Vec::new()
    } else {
        map.split(|b| *b == b',').map(number).collect::<Result<_, _>>()?
    };
    if number(count)?.checked_mul(2) != Some(numbers.len() as u64) {
        return Err(Fault::SparseMap);
    }
    Ok(numbers.as_chunks::<2>().0.iter().map(|[at, len]| Extent { at: *at, len: *len }).collect())
}

/// A decimal number of at most 63 bits, and nothing else.
pub(super) fn number(digits: &[u8]) -> Result<u64, Fault> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Fault::SparseMap);
    }
    let text = std::str::from_utf8(digits).map_err(|_| Fault::SparseMap)?;
    text.parse::<i64>().map(i64::cast_unsigned).map_err(|_| Fault::SparseMap)
}

/// A sparse file on its way: what comes next, stored bytes or zeros.
#[derive(Debug)]
pub(super) struct Run {
    extents: std::vec::IntoIter<Extent>,
    next: Option<Extent>,
    at: u64,
    size: u64,
}

/// What comes next of a sparse file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// This many zeros.
    Hole(u64),
    /// At most this many stored bytes.
    Data(u64),
    /// Nothing.
    End,
}

impl Run {
    pub(super) fn new(extents: &[Extent], size: u64) -> Self {
        let mut extents: std::vec::IntoIter<Extent> =
            extents.iter().copied().filter(|extent| extent.len > 0).collect::<Vec<_>>().into_iter();
        let next = extents.next();
        Self { extents, next, at: 0, size }
    }

    pub(super) fn part(&self) -> Part {
        match self.next {
            Some(next) if next.at > self.at => Part::Hole(next.at - self.at),
            Some(next) => Part::Data(next.at + next.len - self.at),
            None if self.size > self.at => Part::Hole(self.size - self.at),
            None => Part::End,
        }
    }

    pub(super) fn advance(&mut self, len: u64) {
        self.at += len;
        if self.next.is_some_and(|next| self.at >= next.at + next.len) {
            self.next = self.extents.next();
        }
    }
}
