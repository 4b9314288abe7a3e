//! What Docker 20.10's daemon says of a stream that cannot be decompressed. It reads gzip through unpigz and xz through
//! xz, whose words it repeats behind their exit status, and bzip2 with Go's own package.

use super::{DecodeError, HEADER_SUM, LENGTH, MAGIC, SUM, bzip2, gzip, xz};

impl DecodeError {
    /// Docker's words, as far as they do not depend on which bytes were read at once.
    pub fn docker_text(&self) -> String {
        let unpigz = |what: &str| format!("exit status 1: unpigz: skipping: <stdin>{what}\n");
        let from_xz = |what: &str| format!("exit status 1: xz: (stdin): {what}\n");
        match self {
            Self::Truncated(gzip::NAME) => unpigz(": corrupted -- incomplete deflate data"),
            Self::Corrupt(gzip::NAME, what) => match what.as_str() {
                MAGIC | gzip::CUT => unpigz(" unrecognized format"),
                HEADER_SUM => unpigz(" corrupt: header crc error"),
                SUM => unpigz(": corrupted -- crc32 mismatch"),
                LENGTH => unpigz(": corrupted -- length mismatch"),
                gzip::TRAILER => unpigz(": corrupted -- missing trailer"),
                what => unpigz(&format!(": corrupted -- invalid deflate data ({what})")),
            },
            Self::Truncated(xz::NAME) => from_xz("Unexpected end of input"),
            Self::Corrupt(xz::NAME, _) | Self::Trailing(xz::NAME) => from_xz("Compressed data is corrupt"),
            Self::Unsupported(xz::NAME) => from_xz("Unsupported options"),
            Self::Truncated(bzip2::NAME) => "unexpected EOF".to_owned(),
            Self::Trailing(bzip2::NAME) => {
                "bzip2 data invalid: bad magic value in continuation file".to_owned()
            }
            Self::Corrupt(bzip2::NAME, what) => match what.as_str() {
                bzip2::LEVEL => "bzip2 data invalid: invalid compression level".to_owned(),
                MAGIC => "bzip2 data invalid: bad magic value found".to_owned(),
                // Go tells the faults of a block apart, libbzip2 does not; most end here.
                _ => "bzip2 data invalid: block checksum mismatch".to_owned(),
            },
            other => other.to_string(),
        }
    }
}
