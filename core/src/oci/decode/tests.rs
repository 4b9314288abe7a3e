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

/// The sample as xz 5.4 and bzip2 1.0.8 write it: `xz -9`, and `xz --x86 --check=sha256 --block-size=100000`.
const XZ: &[u8] = include_bytes!("../../../../tests/fixtures/oci/packed/sample.xz");
const XZ_BLOCKS: &[u8] = include_bytes!("../../../../tests/fixtures/oci/packed/blocks.xz");
const BZIP2: &[u8] = include_bytes!("../../../../tests/fixtures/oci/packed/sample.bz2");

fn decode_in(blob: &[u8], piece: usize, limits: Limits) -> Result<Vec<u8>, DecodeError> {
    let mut decoder = Decoder::new(detect(blob), limits);
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
    assert_eq!(decode(XZ).unwrap(), data);
    assert_eq!(decode(XZ_BLOCKS).unwrap(), data);
    assert_eq!(decode(BZIP2).unwrap(), data);
    assert_eq!(decode(&[XZ, &[0; 8], XZ_BLOCKS, &[0; 4]].concat()).unwrap(), data.repeat(2));
    assert_eq!(decode(&[BZIP2, BZIP2].concat()).unwrap(), data.repeat(2));
}

#[test]
fn a_broken_stream_is_named() {
    let all = [gzip(&sample()), zstd(&sample()), XZ.to_vec(), BZIP2.to_vec()];
    for (i, packed) in all.iter().enumerate() {
        assert!(matches!(decode(&packed[..packed.len() / 2]), Err(DecodeError::Truncated(_))));
        let behind = decode(&[&packed[..], b"rubbish behind"].concat());
        match i {
            0 => assert_eq!(behind.unwrap(), sample(), "gzip passes over what follows"),
            _ => assert!(matches!(behind, Err(DecodeError::Trailing(_))), "{behind:?}"),
        }
        let mut bent = packed.clone();
        let at = bent.len() - 2;
        bent[at] ^= 1;
        assert!(matches!(decode(&bent), Err(DecodeError::Corrupt(..))), "{:?}", decode(&bent).err());
    }
    assert!(matches!(decode(&[XZ, &[0; 3]].concat()), Err(DecodeError::Trailing("xz"))));
    assert!(matches!(decode(&[BZIP2, &[0; 4]].concat()), Err(DecodeError::Trailing("bzip2"))));
    assert_eq!(decode(&[&all[0][..], &vec![0; 40_000]].concat()).unwrap(), sample());
    // A frame that asks for dictionary 7.
    assert!(matches!(decode(b"\x28\xb5\x2f\xfd\x21\x07\x00\x01\0\0"), Err(DecodeError::Unsupported(_))));
    // A window of 2^41 bytes: refused before any of it is had.
    assert!(matches!(decode(b"\x28\xb5\x2f\xfd\x00\xf8\x01\0\0"), Err(DecodeError::Window { .. })));
}

/// A stream that says it wants 1.5 GiB of dictionary, its header's checksum right: refused before any of it is had.
#[test]
fn a_dictionary_is_limited() {
    let mut claims = XZ.to_vec();
    // .xz 3.1.5: block header size, flags, LZMA2's id and property size, the dictionary's size, padding, checksum.
    let size = (usize::from(claims[12]) + 1) * 4;
    let at = 12 + claims[12..12 + size].windows(2).position(|pair| pair == [0x21, 1]).unwrap() + 2;
    claims[at] = 37;
    let mut crc = flate2::Crc::new();
    crc.update(&claims[12..12 + size - 4]);
    claims[12 + size - 4..12 + size].copy_from_slice(&crc.sum().to_le_bytes());
    let told = DecodeError::Dictionary { size: 3 << 29, limit: 64 << 20 };
    assert_eq!(decode(&claims), Err(told));
}

/// Damaged by the thousand: an error or the sample, the same in small pieces, and never a panic.
#[test]
fn damage_is_an_error() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = move |n: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % n as u64) as usize
    };
    for packed in [XZ_BLOCKS, BZIP2] {
        for round in 0..150 {
            let mut bent = packed.to_vec();
            for _ in 0..=below(3) {
                let at = if below(3) == 0 { below(40) } else { below(bent.len()) };
                bent[at] = below(256) as u8;
            }
            let whole = decode_in(&bent, usize::MAX, Limits::default());
            let small = decode_in(&bent, 1 + below(900), Limits::default());
            assert_eq!(whole.as_ref().map(Vec::len), small.as_ref().map(Vec::len), "round {round}");
        }
    }
}

#[test]
fn a_bomb_stops_at_its_limit() {
    let packed = gzip(&vec![0; 4 << 20]);
    let small = Limits { expanded: 1 << 20, ..Limits::default() };
    assert_eq!(decode_in(&packed, 4096, small), Err(DecodeError::Expanded(1 << 20)));
    let steep = Limits { ratio: 100, ratio_from: 1 << 20, ..Limits::default() };
    assert_eq!(decode_in(&packed, 4096, steep), Err(DecodeError::Ratio(100)));
}

/// What comes out of a blob that is read again, and Docker's words for what is wrong with it.
fn again(kind: Compression, blob: &[u8], piece: usize) -> (Vec<u8>, String) {
    let mut decoder = Decoder::again(kind, Limits::default(), 0);
    let mut out = Vec::new();
    for chunk in blob.chunks(piece) {
        let mut rest = chunk;
        while !rest.is_empty() {
            match decoder.push(rest, &mut out) {
                Ok(used) => rest = &rest[used..],
                Err(fault) => return (out, fault.docker_text()),
            }
        }
    }
    (out, decoder.finish().map_or_else(|fault| fault.docker_text(), |()| String::new()))
}

/// Read again, a stream is what it is at first: also stored, with fixed codes, in two members, in any pieces.
#[test]
fn the_exact_reading_is_the_same() {
    let data = sample();
    for level in [0, 1, 6, 9] {
        for length in [0, 1, 5, data.len()] {
            let mut encoder = GzEncoder::new(Vec::new(), Level::new(level));
            encoder.write_all(&data[..length]).unwrap();
            let packed = encoder.finish().unwrap().repeat(2);
            for piece in [1, 100, usize::MAX] {
                let (out, fault) = again(Compression::Gzip, &packed, piece);
                assert!(
                    out == data[..length].repeat(2) && fault.is_empty(),
                    "{level} {length} {piece}: {fault}"
                );
            }
        }
    }
    for piece in [7, usize::MAX] {
        assert_eq!(again(Compression::Xz, XZ_BLOCKS, piece).0, data, "byte by byte");
    }
}

/// zlib 1.2.13's words, and what came out before them (unpigz 2.6, from the same bits).
#[test]
fn a_broken_deflate_stream_in_zlibs_words() {
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    // A literal `a` with the fixed codes is 10010001; numbers stand with their lowest bit first.
    for (bits, out, words) in [
        ("1 11", "", "invalid block type"),
        ("1 00 00000 1000000000000000 0000000000000000", "", "invalid stored block lengths"),
        ("1 10 10010001 1100011000", "a", "invalid literal/length code"),
        ("1 10 10010001 0000001 11110", "a", "invalid distance code"),
        ("1 10 10010001 0000001 01000 000", "a", "invalid distance too far back"),
        ("1 01 11111 00000 0000", "", "too many length or distance symbols"),
        ("1 01 00000 00000 0000 100 100 100 100", "", "invalid code lengths set"),
        ("1 01 00000 00000 0000 100 000 000 100 1", "", "invalid bit length repeat"),
        (
            &format!("1 01 00000 00000 0000 000 000 000 000 {}", "0".repeat(258)),
            "",
            "invalid code -- missing end-of-block",
        ),
    ] {
        let bits: Vec<u8> = bits.bytes().filter(|b| *b != b' ').map(|b| b - b'0').collect();
        let body = bits.chunks(8).map(|byte| byte.iter().zip(0..).map(|(bit, at)| bit << at).sum::<u8>());
        let blob: Vec<u8> = head.into_iter().chain(body).collect();
        let said = format!(
            "exit status 1: unpigz: skipping: <stdin>: corrupted -- invalid deflate data ({words})\n"
        );
        for piece in [1, usize::MAX] {
            assert_eq!(again(Compression::Gzip, &blob, piece), (out.as_bytes().to_vec(), said.clone()));
            // Bits to spare behind it: where a decoder may be fast.
            let blob = [&blob[..], &[0; 1000]].concat();
            assert_eq!(again(Compression::Gzip, &blob, piece), (out.as_bytes().to_vec(), said.clone()));
        }
    }
}

/// Whatever is damaged or cut, what comes out and what is said do not depend on the pieces.
#[test]
fn a_broken_deflate_stream_is_the_same_in_any_pieces() {
    let packed = gzip(&sample());
    for at in (20..packed.len()).step_by(997) {
        let mut damaged = packed.clone();
        damaged[at] ^= 0x55;
        for blob in [&damaged[..], &packed[..at]] {
            let whole = again(Compression::Gzip, blob, usize::MAX);
            assert_eq!(again(Compression::Gzip, blob, 1), whole, "{at}");
            assert!(!whole.1.contains("bad state") && !whole.1.is_empty(), "{at}: {}", whole.1);
        }
    }
}

/// What Go's `compress/bzip2` says of the faults that libbzip2 tells apart; what stands before the fault has come out.
#[test]
fn a_broken_bzip2_stream_in_gos_words() {
    let bent = |at: usize, bits: u8| {
        let mut bent = BZIP2.to_vec();
        bent[at] ^= bits;
        bent
    };
    // A stream's magic and level, its first block's magic, and that block's sum.
    for (blob, words) in [
        (bent(3, 2), "invalid compression level"),
        (bent(4, 1), "bad magic value found"),
        (bent(10, 1), "block checksum mismatch"),
        ([BZIP2, b"xy"].concat(), "bad magic value in continuation file"),
    ] {
        for piece in [1, usize::MAX] {
            let (_, said) = again(Compression::Bzip2, &blob, piece);
            assert_eq!(said, format!("bzip2 data invalid: {words}"));
        }
    }
    let (out, said) = again(Compression::Bzip2, &[BZIP2, b"B"].concat(), 50);
    assert_eq!((out, said.as_str()), (sample(), "unexpected EOF"));
}

/// A run that fills many pushes, behind which little of the input is left to ask for it.
#[test]
fn output_waits_for_its_push() {
    // `bzip2` of ten million zeros.
    const ZEROS: &[u8] = include_bytes!("../../../../tests/fixtures/oci/packed/zeros.bz2");
    let (out, fault) = again(Compression::Bzip2, ZEROS, usize::MAX);
    assert_eq!((out.len(), fault.as_str()), (10_000_000, ""));
    // Cut behind its only block.
    assert_eq!(again(Compression::Bzip2, &ZEROS[..ZEROS.len() - 10], 7).1, "unexpected EOF");
}
