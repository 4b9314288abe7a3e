//! Tests of decompression.

use std::io::Write;

use flate2::Compression as Level;
use flate2::write::GzEncoder;

use super::*;

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zstd(data: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(data, ruzstd::encoding::CompressionLevel::Fastest)
}

fn decode_in(blob: &[u8], piece: usize, limits: Limits) -> Result<Vec<u8>, DecodeError> {
    let mut decoder = Decoder::new(detect(blob)?, limits);
    let (mut all, mut out) = (Vec::new(), Vec::new());
    for chunk in blob.chunks(piece) {
        let mut rest = chunk;
        while !rest.is_empty() {
            let used = decoder.push(rest, &mut out)?;
            rest = &rest[used..];
            all.append(&mut out);
        }
    }
    decoder.finish()?;
    Ok(all)
}

fn decode(blob: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let whole = decode_in(blob, usize::MAX, Limits::default());
    assert_eq!(whole, decode_in(blob, 5, Limits::default()), "the same in small pieces");
    whole
}

fn sample() -> Vec<u8> {
    (0..120_000u32).flat_map(|i| (i / 7).to_le_bytes()).collect()
}

#[test]
fn every_member_and_frame_is_read() {
    let data = sample();
    assert_eq!(
        decode(&[gzip(&data), gzip(b""), gzip(b"end")].concat()).unwrap(),
        [&data[..], b"end"].concat()
    );
    assert_eq!(decode(&[zstd(&data), zstd(b"end")].concat()).unwrap(), [&data[..], b"end"].concat());
    let skip = b"\x50\x2a\x4d\x18\x03\0\0\0xyz".to_vec();
    assert_eq!(decode(&[skip, zstd(b"a")].concat()).unwrap(), b"a");
    assert_eq!(decode(b"plain").unwrap(), b"plain");
}

#[test]
fn a_broken_stream_is_named() {
    for packed in [gzip(&sample()), zstd(&sample())] {
        assert!(matches!(decode(&packed[..packed.len() / 2]), Err(DecodeError::Truncated(_))));
        assert!(matches!(decode(&[&packed[..], b"rubbish"].concat()), Err(DecodeError::Trailing(_))));
        let mut bent = packed.clone();
        let at = bent.len() - 1;
        bent[at] ^= 1;
        assert!(matches!(decode(&bent), Err(DecodeError::Corrupt(..))), "{:?}", decode(&bent).err());
    }
    assert_eq!(decode(b"BZh91AY"), Err(DecodeError::Unsupported("bzip2")));
    assert_eq!(decode(b"\xfd7zXZ\0"), Err(DecodeError::Unsupported("xz")));
    // A frame that asks for dictionary 7.
    assert_eq!(decode(b"\x28\xb5\x2f\xfd\x21\x07\x00\x01\0\0"), Err(DecodeError::Dictionary));
    // A window of 2^41 bytes: refused before any of it is had.
    assert!(matches!(decode(b"\x28\xb5\x2f\xfd\x00\xf8\x01\0\0"), Err(DecodeError::Window { .. })));
}

#[test]
fn a_bomb_stops_at_its_limit() {
    let packed = gzip(&vec![0; 4 << 20]);
    let small = Limits { expanded: 1 << 20, ..Limits::default() };
    assert_eq!(decode_in(&packed, 4096, small), Err(DecodeError::Expanded(1 << 20)));
    let steep = Limits { ratio: 100, ratio_from: 1 << 20, ..Limits::default() };
    assert_eq!(decode_in(&packed, 4096, steep), Err(DecodeError::Ratio(100)));
}
