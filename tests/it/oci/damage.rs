//! Damaged archives, documents and layers by the thousand: each ends in a result or an error, never in a panic, and a stream
//! in small pieces says what it says in one.

use bytes::Bytes;
use layerlab_core::explore::{Explorer, LayerScan, Report, Scanner};
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::{Index, open};
use layerlab_core::oci::manifest::{Document, parse_archive_manifest};
use layerlab_core::oci::{ConfigDocument, Reference};
use layerlab_tests::random::Random;

const SAVE: &[u8] = include_bytes!("../../fixtures/oci/docker20-save-tiny.tar");
const CONFIG: &[u8] = include_bytes!("../../fixtures/oci/docker20-config.json");

/// Flips, cuts, doubles or moves some bytes; checksums of headers are mended half of the time, so that damage gets
/// past them.
pub(super) fn damage(random: &mut Random, sample: &[u8]) -> Vec<u8> {
    let mut bytes = sample.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] = random.below(256) as u8,
            1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes.truncate(at),
            3 => {
                let piece: Vec<u8> = bytes[at..].iter().take(512).copied().collect();
                bytes.splice(at..at, piece);
            }
            4 => bytes[at] = *b"0123456789{}[]\",:./\0\xff".get(random.below(22)).unwrap_or(&0),
            _ => drop(bytes.drain(at..(at + random.below(600)).min(bytes.len()))),
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    if random.below(2) == 0 {
        for block in bytes.chunks_exact_mut(512).filter(|block| &block[257..262] == b"ustar") {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
            block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        }
    }
    bytes
}

fn scan(tar: &[u8], piece: usize, limits: Limits) -> Result<u64, String> {
    let mut scanner = Scanner::new(limits);
    for chunk in tar.chunks(piece) {
        scanner.push(chunk).map_err(|error| error.to_string())?;
    }
    scanner.finish().map(|scanned| scanned.entries).map_err(|error| error.to_string())
}

fn import(archive: &[u8], limits: Limits) -> Result<(), String> {
    let mut source = Bytes::copy_from_slice(archive);
    let index = Index::of_tar(&mut source, limits).map_err(|error| error.to_string())?;
    let archive = open(&index, &mut source, limits).map_err(|error| error.to_string())?;
    for image in archive.images {
        let scans: Result<Vec<_>, _> = image
            .layers
            .iter()
            .map(|layer| LayerScan::read(&mut source, layer, limits, &mut |_| true))
            .collect();
        let report = Report::of(&Explorer::new(image, scans.map_err(|error| error.to_string())?));
        assert!(report.reclaimable_bytes <= report.content_bytes);
    }
    Ok(())
}

#[test]
fn damage_ends_in_an_error_or_a_result() {
    let limits = Limits::default();
    let rounds = std::env::var("LAYERLAB_DAMAGE").ok().and_then(|n| n.parse().ok()).unwrap_or(2000);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut taken = 0;
    for round in 0..rounds {
        let bytes = damage(&mut random, SAVE);
        let whole = scan(&bytes, usize::MAX, limits);
        assert_eq!(whole, scan(&bytes, 1 + random.below(700), limits), "round {round}");
        taken += u32::from(import(&bytes, limits).is_ok());
        let text = damage(&mut random, CONFIG);
        if let Ok(config) = ConfigDocument::parse(&text, limits.json) {
            let again = ConfigDocument::parse(&config.config.to_json(), limits.json)
                .expect("what is written is read");
            assert_eq!(again.config, config.config, "round {round}");
        }
        let _ = Document::parse(&text, "", limits.json);
        let _ = parse_archive_manifest(&text, limits.json);
        let _ = Reference::parse(&String::from_utf8_lossy(&text[..text.len().min(40)]));
    }
    // Most damage hits contents that a digest covers, or padding that nothing covers.
    assert!(taken > 0 && taken < rounds, "{taken} of {rounds} were taken");
}
