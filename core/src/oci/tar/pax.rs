//! PAX records: `length key=value\n` (POSIX.1-2001, pax, "Extended Header"), read strictly.

use std::collections::BTreeMap;

use super::sparse::{listed, number};
use super::{Extent, Fault};
use crate::kernel::{ByteString, Timespec};

/// The overrides of one extended header.
#[derive(Debug, Default)]
pub(super) struct Pax {
    pub(super) path: Option<ByteString>,
    pub(super) link: Option<ByteString>,
    pub(super) uname: Option<ByteString>,
    pub(super) gname: Option<ByteString>,
    pub(super) uid: Option<i64>,
    pub(super) gid: Option<i64>,
    pub(super) size: Option<u64>,
    pub(super) mtime: Option<Timespec>,
    pub(super) atime: Option<Timespec>,
    pub(super) xattrs: BTreeMap<ByteString, ByteString>,
    sparse: Option<Box<SparseRecords>>,
}

/// The records of a sparse file, as they stand there.
#[derive(Debug, Default)]
struct SparseRecords {
    major: Vec<u8>,
    minor: Vec<u8>,
    name: Vec<u8>,
    size: Vec<u8>,
    real_size: Vec<u8>,
    count: Vec<u8>,
    map: Vec<u8>,
    /// The form 0.0: offsets and lengths by turns, a record each.
    pairs: Vec<u8>,
    numbers: usize,
}

/// What the records of a sparse file say (Go: `readGNUSparsePAXHeaders`).
#[derive(Debug)]
pub(super) struct PaxSparse {
    /// The file's own name, in place of the entry's.
    pub(super) name: Option<ByteString>,
    /// The file's own size.
    pub(super) size: Option<u64>,
    /// The map; `None` where it stands before the content.
    pub(super) map: Option<Vec<Extent>>,
}

const XATTR: &[u8] = b"SCHILY.xattr.";

impl Pax {
    /// Reads all records; of one key twice the last counts, as in Go; an empty value says nothing.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Fault> {
        let mut pax = Self::default();
        for record in Records(body) {
            let (key, value) = record?;
            if let Some(key) = key.strip_prefix(b"GNU.sparse.") {
                pax.sparse.get_or_insert_default().set(key, value)?;
                continue;
            }
            match key.strip_prefix(XATTR) {
                // The last counts here, too: an empty one takes back what an earlier record said.
                Some(name) if value.is_empty() => drop(pax.xattrs.remove(name)),
                Some(name) => drop(pax.xattrs.insert(name.into(), value.into())),
                None if value.is_empty() => {}
                None => pax.set(key, value)?,
            }
        }
        Ok(pax)
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> Result<(), Fault> {
        match key {
            b"path" => self.path = Some(value.into()),
            b"linkpath" => self.link = Some(value.into()),
            b"uname" => self.uname = Some(value.into()),
            b"gname" => self.gname = Some(value.into()),
            b"uid" => self.uid = Some(integer(value, "PAX uid")?),
            b"gid" => self.gid = Some(integer(value, "PAX gid")?),
            b"size" => self.size = Some(integer(value, "PAX size")?.cast_unsigned()),
            b"mtime" => self.mtime = Some(time(value, "PAX mtime")?),
            b"atime" => self.atime = Some(time(value, "PAX atime")?),
            b"ctime" => drop(time(value, "PAX ctime")?),
            _ => {}
        }
        Ok(())
    }

    /// The sparse file that these records describe, if they do.
    pub(super) fn sparse(&self) -> Result<Option<PaxSparse>, Fault> {
        self.sparse.as_ref().map_or(Ok(None), |records| records.file())
    }

    /// Checks a global header: a comment may stand in one, what would change entries unseen may not.
    pub(super) fn check_global(body: &[u8]) -> Result<(), Fault> {
        for record in Records(body) {
            let (key, _) = record?;
            if matches!(key, b"path" | b"linkpath" | b"size") || key.starts_with(b"GNU.sparse.") {
                return Err(Fault::PaxGlobal(key.escape_ascii().to_string()));
            }
        }
        Ok(())
    }
}

impl SparseRecords {
    /// Returns the file that these records describe, if they do.
    fn file(&self) -> Result<Option<PaxSparse>, Fault> {
        let map: &[u8] = if self.numbers > 0 { &self.pairs } else { &self.map };
        let map = match (self.major.as_slice(), self.minor.as_slice()) {
            (b"1", b"0") => None,
            (b"0", b"0" | b"1") => Some(listed(&self.count, map)?),
            (b"", b"") if !map.is_empty() => Some(listed(&self.count, map)?),
            // No sparse file, or a form that nobody knows: what is stored is taken as it is.
            _ => return Ok(None),
        };
        let size = [&self.size, &self.real_size].into_iter().find(|size| !size.is_empty());
        Ok(Some(PaxSparse {
            name: Some(ByteString::from(self.name.as_slice())).filter(|name| !name.is_empty()),
            size: size.map(|size| number(size)).transpose()?,
            map,
        }))
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> Result<(), Fault> {
        let field = match key {
            b"major" => &mut self.major,
            b"minor" => &mut self.minor,
            b"name" => &mut self.name,
            b"size" => &mut self.size,
            b"realsize" => &mut self.real_size,
            b"numblocks" => &mut self.count,
            b"map" => &mut self.map,
            b"offset" | b"numbytes" => return self.pair(key == b"offset", value),
            _ => return Ok(()),
        };
        *field = value.to_vec();
        Ok(())
    }

    fn pair(&mut self, is_offset: bool, value: &[u8]) -> Result<(), Fault> {
        if is_offset != self.numbers.is_multiple_of(2) || value.contains(&b',') {
            return Err(Fault::SparseMap);
        }
        if self.numbers > 0 {
            self.pairs.push(b',');
        }
        self.pairs.extend_from_slice(value);
        self.numbers += 1;
        Ok(())
    }
}

/// The records of a body, until its end or the first bad one.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = Result<(&'a [u8], &'a [u8]), Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let Some((key, value, rest)) = record(self.0) else {
            self.0 = b"";
            return Some(Err(Fault::PaxRecord));
        };
        self.0 = rest;
        Some(Ok((key, value)))
    }
}

/// The first record and what follows it.
fn record(body: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = body.iter().take(20).position(|b| *b == b' ')?;
    let digits = &body[..space];
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let len: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let text = body.get(space + 1..len)?.strip_suffix(b"\n")?;
    let equals = text.iter().position(|b| *b == b'=')?;
    let (key, value) = (&text[..equals], &text[equals + 1..]);
    // Go: validPAXRecord. Names with a NUL would end early in the next reader.
    let plain = matches!(key, b"path" | b"linkpath" | b"uname" | b"gname");
    if key.is_empty() || key.contains(&0) || (plain && value.contains(&0)) {
        return None;
    }
    Some((key, value, &body[len..]))
}

/// A plain decimal number: no sign but a leading minus, which is refused by name.
fn integer(value: &[u8], what: &'static str) -> Result<i64, Fault> {
    let (digits, negative) = match value.strip_prefix(b"-") {
        Some(rest) => (rest, true),
        None => (value, false),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Fault::Number(what));
    }
    if negative {
        return Err(Fault::Negative(what));
    }
    std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).ok_or(Fault::Range(what))
}

/// Seconds with a fraction, perhaps negative (Go: `parsePAXTime`); digits past the ninth are dropped.
fn time(value: &[u8], what: &'static str) -> Result<Timespec, Fault> {
    let (digits, negative) = match value.strip_prefix(b"-") {
        Some(rest) => (rest, true),
        None => (value, false),
    };
    let dot = digits.iter().position(|b| *b == b'.').unwrap_or(digits.len());
    let (whole, fraction) = (&digits[..dot], digits.get(dot + 1..).unwrap_or_default());
    if whole.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return Err(Fault::Number(what));
    }
    // What no file system holds is held at the ends of what one can.
    let text = std::str::from_utf8(whole).map_err(|_| Fault::Number(what))?;
    let seconds = text.parse::<i64>().unwrap_or(i64::MAX).min(i64::MAX / 4);
    let nanos = (0..9).fold(0u32, |n, i| n * 10 + fraction.get(i).map_or(0, |b| u32::from(b - b'0')));
    Ok(match (negative, nanos) {
        (false, nsec) => Timespec { sec: seconds, nsec },
        (true, 0) => Timespec::seconds(-seconds),
        (true, nsec) => Timespec { sec: -seconds - 1, nsec: 1_000_000_000 - nsec },
    })
}
