//! A header block: fields at fixed places, numbers in octal or base 256.

use super::{BLOCK, Fault};
use crate::kernel::Timespec;

/// A header block whose checksum is right.
#[derive(Debug)]
pub(super) struct Block<'a>(&'a [u8; BLOCK]);

impl<'a> Block<'a> {
    /// Checks the sum: over unsigned bytes (POSIX), or signed ones (old Sun tar), as Go takes both.
    pub(super) fn new(bytes: &'a [u8; BLOCK], first: bool) -> Result<Self, Fault> {
        let block = Self(bytes);
        let sum = |value: fn(u8) -> i64| -> i64 {
            bytes
                .iter()
                .enumerate()
                .map(|(i, b)| if (148..156).contains(&i) { i64::from(b' ') } else { value(*b) })
                .sum()
        };
        let wrong = if first { Fault::NotTar } else { Fault::Checksum };
        let stored = block.number(148, 8, "checksum").map_err(|_| wrong.clone())?;
        if stored != sum(i64::from) && stored != sum(|b| i64::from(b.cast_signed())) {
            // A header that is not a tar header at all is another fault than a damaged one.
            let magic = bytes[257..262] == *b"ustar";
            return Err(if magic { Fault::Checksum } else { wrong });
        }
        Ok(block)
    }

    /// A block of which nothing is asked but numbers at places.
    pub(super) fn bare(bytes: &'a [u8; BLOCK]) -> Self {
        Self(bytes)
    }

    pub(super) fn byte(&self, at: usize) -> u8 {
        self.0[at]
    }

    pub(super) fn flag(&self) -> u8 {
        self.0[156]
    }

    /// A NUL-terminated string, or one that fills its field.
    fn text(&self, at: usize, len: usize) -> &'a [u8] {
        let field = &self.0[at..at + len];
        let end = field.iter().position(|b| *b == 0).unwrap_or(len);
        &field[..end]
    }

    /// A number, octal between spaces and NULs or base 256 with the top bit set (Go: `parseNumeric`).
    pub(super) fn number(&self, at: usize, len: usize, what: &'static str) -> Result<i64, Fault> {
        let field = &self.0[at..at + len];
        if field[0] & 0x80 != 0 {
            return base256(field).ok_or(Fault::Range(what));
        }
        let blank = |b: &u8| *b == b' ' || *b == 0;
        let Some(start) = field.iter().position(|b| !blank(b)) else { return Ok(0) };
        let end = field.iter().rposition(|b| !blank(b)).map_or(start, |i| i + 1);
        let digits = &field[start..end];
        let digits = &digits[..digits.iter().position(|b| *b == 0).unwrap_or(digits.len())];
        digits.iter().try_fold(0i64, |value, b| match b {
            b'0'..=b'7' => value.checked_mul(8).map(|v| v + i64::from(b - b'0')).ok_or(Fault::Range(what)),
            _ => Err(Fault::Number(what)),
        })
    }

    /// The name, with the ustar prefix where the format has one.
    pub(super) fn name(&self) -> Vec<u8> {
        let name = self.text(0, 100);
        let prefix = if self.is_gnu() {
            // Go before 1.8 wrote a prefix where GNU has times; its reader knows one by its not being numbers.
            Some(self.text(345, 155)).filter(|text| self.gnu_atime().is_err() && text.is_ascii())
        } else if self.0[257..263] == *b"ustar\0" {
            // POSIX ustar; star's own variant ends in "tar\0" and has a shorter prefix.
            Some(self.text(345, if self.0[508..512] == *b"tar\0" { 131 } else { 155 }))
        } else {
            None
        };
        match prefix {
            Some(prefix) if !prefix.is_empty() => [prefix, b"/", name].concat(),
            _ => name.to_vec(),
        }
    }

    /// The time of the last reading, where a GNU header has one.
    pub(super) fn atime(&self) -> Option<Timespec> {
        if self.is_gnu() { self.gnu_atime().ok().flatten() } else { None }
    }

    /// GNU's atime, if it is set; a fault if its place, or ctime's, holds something else.
    fn gnu_atime(&self) -> Result<Option<Timespec>, Fault> {
        let time = |at: usize| match self.0[at] {
            0 => Ok(None),
            _ => self.number(at, 12, "time").map(|sec| Some(Timespec::seconds(sec))),
        };
        let atime = time(345)?;
        time(357).map(|_| atime)
    }

    pub(super) fn is_gnu(&self) -> bool {
        self.0[257..265] == *b"ustar  \0"
    }

    pub(super) fn link(&self) -> &'a [u8] {
        self.text(157, 100)
    }

    /// Owner's and group's name; v7 has none.
    pub(super) fn names(&self) -> (&'a [u8], &'a [u8]) {
        if self.has_magic() { (self.text(265, 32), self.text(297, 32)) } else { (b"", b"") }
    }

    pub(super) fn has_magic(&self) -> bool {
        self.0[257..263] == *b"ustar\0" || self.is_gnu()
    }
}

/// Two's complement, most significant byte first, the marker bit left out; `None` over 63 bits.
fn base256(field: &[u8]) -> Option<i64> {
    let negative = field[0] & 0x40 != 0;
    let invert = if negative { 0xff } else { 0 };
    let mut value = 0u64;
    for (i, byte) in field.iter().enumerate() {
        let mut byte = byte ^ invert;
        if i == 0 {
            byte &= 0x7f;
        }
        if value >> 56 != 0 {
            return None;
        }
        value = (value << 8) | u64::from(byte);
    }
    let value = i64::try_from(value).ok()?;
    Some(if negative { !value } else { value })
}
