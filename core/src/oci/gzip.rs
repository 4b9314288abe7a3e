//! gzip's checksum, and gzip streams without name and time (RFC 1952), so that equal contents have equal digests.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// CRC-32 and length of what went by: flate2's where there are instructions for it, and otherwise one without 16 kB of
/// tables, which the page would wait for.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use flate2::Crc;
#[cfg(target_arch = "wasm32")]
pub(crate) use slicing::Crc;

/// A gzip stream in the making.
#[derive(Debug)]
pub(crate) struct Writer {
    deflate: DeflateEncoder<Vec<u8>>,
    crc: Crc,
}

impl Writer {
    /// A stream of nothing yet.
    pub(crate) fn new(level: Compression) -> Self {
        // RFC 1952, 2.3.1: XFL tells the slowest and the fastest method, OS 255 is "unknown".
        let extra = match level.level() {
            9.. => 2,
            0 | 1 => 4,
            _ => 0,
        };
        let header = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, extra, 255];
        Self { deflate: DeflateEncoder::new(header, level), crc: Crc::new() }
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, data: &[u8]) {
        self.crc.update(data);
        self.deflate.write_all(data).expect("a vector takes all bytes");
    }

    /// What is ready so far; whoever takes it out takes it for good.
    pub(crate) fn ready(&mut self) -> &mut Vec<u8> {
        self.deflate.get_mut()
    }

    /// The end of the stream, behind what was taken out.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut out = self.deflate.finish().expect("a vector takes all bytes");
        out.extend_from_slice(&self.crc.sum().to_le_bytes());
        out.extend_from_slice(&self.crc.amount().to_le_bytes());
        out
    }
}

/// Bytes as a gzip stream.
pub(crate) fn compress(data: &[u8], level: Compression) -> Vec<u8> {
    let mut writer = Writer::new(level);
    writer.push(data);
    writer.finish()
}

#[cfg(any(target_arch = "wasm32", test))]
mod slicing {
    use std::sync::LazyLock;

    /// Eight bytes a step: table `n` is for a byte with `n` bytes behind it.
    static TABLES: LazyLock<Box<[[u32; 256]; 8]>> = LazyLock::new(|| {
        let mut tables = Box::new([[0_u32; 256]; 8]);
        for byte in 0..256_usize {
            // RFC 1952, 8: the polynomial 0xedb88320, low bits first.
            tables[0][byte] = (0..8).fold(byte as u32, |c, _| (c >> 1) ^ (0xedb8_8320 * (c & 1)));
        }
        for table in 1..8 {
            for byte in 0..256_usize {
                let before = tables[table - 1][byte];
                tables[table][byte] = (before >> 8) ^ tables[0][(before & 255) as usize];
            }
        }
        tables
    });

    /// CRC-32 and length, as flate2's `Crc` has them.
    #[derive(Debug, Default)]
    pub(crate) struct Crc {
        inverted: u32,
        amount: u32,
    }

    impl Crc {
        pub(crate) fn new() -> Self {
            Self { inverted: !0, amount: 0 }
        }

        pub(crate) fn sum(&self) -> u32 {
            !self.inverted
        }

        /// The length modulo 2^32.
        pub(crate) fn amount(&self) -> u32 {
            self.amount
        }

        pub(crate) fn reset(&mut self) {
            *self = Self::new();
        }

        pub(crate) fn update(&mut self, data: &[u8]) {
            let tables = &**TABLES;
            let at = |table: usize, word: u64, byte: u32| tables[table][(word >> (8 * byte) & 255) as usize];
            self.amount = self.amount.wrapping_add(data.len() as u32);
            let (words, rest) = data.as_chunks::<8>();
            for word in words {
                let word = u64::from_le_bytes(*word) ^ u64::from(self.inverted);
                self.inverted = (0..8).fold(0, |sum, byte| sum ^ at(7 - byte as usize, word, byte));
            }
            for byte in rest {
                let index = (self.inverted ^ u32::from(*byte)) & 255;
                self.inverted = (self.inverted >> 8) ^ tables[0][index as usize];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn the_checksum_is_flate2s() {
        let data: Vec<u8> = (0..4_099_u32).map(|n| ((n * n) >> 3) as u8).collect();
        for cut in [0, 1, 7, 8, 9, 1000, 4099] {
            let (mut ours, mut theirs) = (slicing::Crc::new(), flate2::Crc::new());
            for piece in [&data[..cut], &data[cut..]] {
                ours.update(piece);
                theirs.update(piece);
            }
            assert_eq!((ours.sum(), ours.amount()), (theirs.sum(), theirs.amount()));
            ours.reset();
            assert_eq!((ours.sum(), ours.amount()), (0, 0));
        }
    }

    #[test]
    fn a_stream_is_flate2s() {
        for level in [0, 1, 6, 9].map(Compression::new) {
            let mut theirs = flate2::GzBuilder::new().write(Vec::new(), level);
            theirs.write_all(b"hello hello hello").unwrap();
            assert_eq!(compress(b"hello hello hello", level), theirs.finish().unwrap());
        }
    }
}
