//! Decompression without I/O: compressed bytes in, plain bytes out, in pieces of bounded size.
//!
//! What a blob is, is told by its first bytes, as Docker and containerd do; a media type is a hint that may be wrong.

mod bzip2;
mod docker;
mod gzip;
#[cfg(test)]
mod tests;
mod xz;
mod zstd;

use super::Limits;

/// How a blob is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip (RFC 1952), one member or more.
    Gzip,
    /// Zstandard (RFC 8878), one frame or more.
    Zstd,
    /// bzip2, one stream or more.
    Bzip2,
    /// xz, one stream or more.
    Xz,
}

/// The most that one push appends, in bytes.
const PIECE: usize = 256 << 10;
/// What can be wrong with a stream of more than one kind.
const MAGIC: &str = "invalid header";
const HEADER_SUM: &str = "header checksum does not match";
const SUM: &str = "checksum does not match";
const LENGTH: &str = "length does not match";

/// Why a blob cannot be decompressed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is its text")]
pub enum DecodeError {
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    #[error("{0} stream ends early")]
    Truncated(&'static str),
    #[error("{0} data is corrupt: {1}")]
    Corrupt(&'static str, String),
    #[error("bytes after the {0} stream")]
    Trailing(&'static str),
    #[error("zstd window of {window} bytes is over the limit of {limit}")]
    Window { window: u64, limit: u64 },
    #[error("xz dictionary of {size} bytes is over the limit of {limit}")]
    Dictionary { size: u64, limit: u64 },
    #[error("expands past the limit of {0} bytes")]
    Expanded(u64),
    #[error("expands more than {0} times")]
    Ratio(u64),
}

/// Bytes that [`detect`] wants to see.
pub const MAGIC_LEN: usize = 6;

/// Tells the compression by a blob's first bytes.
pub fn detect(start: &[u8]) -> Compression {
    match start {
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        _ => detect_docker(start),
    }
}

/// Tells the compression as Docker 20.10 does (`pkg/archive`, `DetectCompression`), which does not know zstd: it takes
/// that for a tar, and finds that it is none.
pub fn detect_docker(start: &[u8]) -> Compression {
    match start {
        [0x1f, 0x8b, 8, ..] => Compression::Gzip,
        [b'B', b'Z', b'h', ..] => Compression::Bzip2,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
        _ => Compression::None,
    }
}

fn corrupt(name: &'static str, what: &str) -> DecodeError {
    DecodeError::Corrupt(name, what.to_owned())
}

/// Decompresses one blob.
#[derive(Debug)]
pub struct Decoder {
    inner: Inner,
    limits: Limits,
    taken: u64,
    made: u64,
}

#[derive(Debug)]
enum Inner {
    None,
    Gzip(Box<gzip::Gzip>),
    Zstd(Box<zstd::Zstd>),
    Bzip2(Box<bzip2::Bzip2>),
    Xz(Box<xz::Xz>),
}

impl Decoder {
    /// Creates a decoder at the start of a blob.
    pub fn new(compression: Compression, limits: Limits) -> Self {
        let inner = match compression {
            Compression::None => Inner::None,
            Compression::Gzip => Inner::Gzip(Box::new(gzip::Gzip::new())),
            Compression::Zstd => Inner::Zstd(Box::new(zstd::Zstd::new(limits.zstd_window))),
            Compression::Bzip2 => Inner::Bzip2(Box::new(bzip2::Bzip2::new())),
            Compression::Xz => Inner::Xz(Box::new(xz::Xz::new(limits.xz_dictionary))),
        };
        Self { inner, limits, taken: 0, made: 0 }
    }

    /// A decoder to read a blob again that was found broken after `made` bytes: slower, it gives every byte that comes before
    /// the fault, and names that as the programs do which Docker runs.
    pub fn again(compression: Compression, limits: Limits, made: u64) -> Self {
        let inner = match compression {
            Compression::Gzip => Inner::Gzip(Box::new(gzip::Gzip::exact())),
            Compression::Xz => Inner::Xz(Box::new(xz::Xz::again(limits.xz_dictionary, made))),
            // These know it at once.
            Compression::None | Compression::Bzip2 | Compression::Zstd => {
                return Self::new(compression, limits);
            }
        };
        Self { inner, limits, taken: 0, made: 0 }
    }

    /// Consumes from the front of `input` and appends at most some 256 KiB to `out`. Returns the bytes consumed: call
    /// again with the rest until it is empty. What came out before an error stands in `out`.
    pub fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, DecodeError> {
        let before = out.len();
        let used = match &mut self.inner {
            Inner::None => {
                out.extend_from_slice(input);
                input.len()
            }
            Inner::Gzip(gzip) => gzip.push(input, out)?,
            Inner::Zstd(zstd) => zstd.push(input, out)?,
            Inner::Bzip2(bzip2) => bzip2.push(input, out)?,
            Inner::Xz(xz) => xz.push(input, out)?,
        };
        self.taken += used as u64;
        self.made += (out.len() - before) as u64;
        if self.made > self.limits.expanded {
            return Err(DecodeError::Expanded(self.limits.expanded));
        }
        let compressed = !matches!(self.inner, Inner::None);
        if compressed
            && self.made > self.limits.ratio_from
            && self.made > self.taken.saturating_mul(self.limits.ratio)
        {
            return Err(DecodeError::Ratio(self.limits.ratio));
        }
        Ok(used)
    }

    /// The blob has no more bytes: is what came whole?
    pub fn finish(&self) -> Result<(), DecodeError> {
        match &self.inner {
            Inner::None => Ok(()),
            Inner::Gzip(gzip) => gzip.finish(),
            Inner::Zstd(zstd) => zstd.finish(),
            Inner::Bzip2(bzip2) => bzip2.finish(),
            Inner::Xz(xz) => xz.finish(),
        }
    }
}
