//! What must hold of any bytes at all: driven by the fuzz targets, and over their corpus by the ordinary tests.
//!
//! Each function takes what may be an image's tar, archive or document, and panics if something is not as promised.

use bytes::Bytes;
use layerlab_core::explore::{Explorer, LayerScan, Report, Scanner};
use layerlab_core::kernel::{Kernel, Task, fs};
use layerlab_core::oci::archive::{Index, open};
use layerlab_core::oci::decode::{Decoder, detect};
use layerlab_core::oci::layer::{Blob, Expected, OverlayNames, assemble, unpack};
use layerlab_core::oci::manifest::{Document, parse_archive_manifest};
use layerlab_core::oci::{ConfigDocument, Digest, Hasher, Limits, Reference};
use layerlab_core::sim::SimKernel;

const OVERLAY: OverlayNames =
    OverlayNames { opaque: b"trusted.overlay.opaque", reserved: &[b"trusted.overlay.", b"user.overlay."] };

/// Small enough that a limit is met often.
fn limits() -> Limits {
    Limits {
        entries: 2000,
        expanded: 16 << 20,
        ratio_from: 1 << 20,
        zstd_window: 8 << 20,
        ..Limits::default()
    }
}

fn scan(tar: &[u8], piece: usize) -> Result<u64, String> {
    let mut scanner = Scanner::new(limits());
    for chunk in tar.chunks(piece.max(1)) {
        scanner.push(chunk).map_err(|error| error.to_string())?;
    }
    scanner.finish().map(|scanned| scanned.entries).map_err(|error| error.to_string())
}

/// A layer: read in pieces as in one, unpacked inside its directory alone, and written again to the byte.
pub fn tar(data: &[u8]) {
    let whole = scan(data, usize::MAX);
    assert_eq!(whole, scan(data, 1 + usize::from(data.first().copied().unwrap_or(0)) * 3));
    let mut kernel = SimKernel::new();
    let task = Task::root();
    kernel.mkdir(&task, b"/l", 0o755).expect("an empty disk has room");
    let mut source = Bytes::copy_from_slice(data);
    let (blob, mut split) = (Blob { offset: 0, len: data.len() as u64 }, Vec::new());
    let expected = Expected::default();
    let unpacked =
        unpack(&mut kernel, &task, b"/l", &mut source, blob, expected, OVERLAY, limits(), Some(&mut split));
    let root = fs::read_dir(&mut kernel, &task, b"/").expect("the root is there");
    assert!(root.iter().all(|entry| entry.name == "l"), "written outside: {root:?}");
    if let Ok((streamed, _)) = unpacked {
        let mut again = Vec::new();
        assemble(&mut kernel, &task, b"/l", &mut Bytes::from(split), &mut again).expect("what was recorded");
        assert_eq!(Digest::of(&again), streamed.diff_id, "written again");
    }
    fs::remove_all(&mut kernel, &task, b"/l").expect("what was made can be removed");
    assert_eq!(kernel.inconsistencies(), Vec::<String>::new());
}

/// An archive: refused, or an image whose figures add up.
pub fn archive(data: &[u8]) {
    let mut source = Bytes::copy_from_slice(data);
    let Ok(index) = Index::of_tar(&mut source, limits()) else { return };
    let Ok(archive) = open(&index, &mut source, limits()) else { return };
    assert!(!archive.images.is_empty());
    for image in archive.images {
        assert_eq!(image.layers.len(), image.config.config.rootfs.diff_ids.len());
        let scans: Result<Vec<_>, _> = image
            .layers
            .iter()
            .map(|layer| LayerScan::read(&mut source, layer, limits(), &mut |_| true))
            .collect();
        let Ok(scans) = scans else { continue };
        let report = Report::of(&Explorer::new(image, scans));
        assert!(report.reclaimable_bytes <= report.content_bytes);
        assert!((0.0..=1.0).contains(&report.efficiency.score), "{:?}", report.efficiency);
    }
}

/// A compressed blob: read in pieces as in one, and never to more than the limits allow. Which of several faults is told
/// may depend on the pieces.
pub fn decode(data: &[u8]) {
    let whole = decoded(data, usize::MAX).ok();
    assert_eq!(whole, decoded(data, 1 + usize::from(data.last().copied().unwrap_or(0))).ok());
}

fn decoded(data: &[u8], piece: usize) -> Result<Digest, String> {
    let mut decoder = Decoder::new(detect(data), limits());
    let (mut hasher, mut made, mut out) = (Hasher::new(), 0, Vec::new());
    for chunk in data.chunks(piece) {
        let mut rest = chunk;
        while !rest.is_empty() {
            let used = decoder.push(rest, &mut out).map_err(|error| error.to_string())?;
            rest = &rest[used..];
            made += out.len() as u64;
            assert!(made <= limits().expanded);
            hasher.update(&out);
            out.clear();
        }
    }
    decoder.finish().map_err(|error| error.to_string())?;
    Ok(hasher.finish())
}

/// A manifest or an index, of either form: one thing at most, and what is written is read again.
pub fn manifest(data: &[u8]) {
    if let Ok(document) = Document::parse(data, "", limits().json) {
        let again = match &document {
            Document::Manifest(manifest) => serde_json::to_vec(manifest),
            Document::Index(index) => serde_json::to_vec(index),
        };
        let again = again.expect("a document has string keys");
        assert_eq!(Document::parse(&again, "", limits().json).as_ref(), Ok(&document));
    }
    if let Ok(images) = parse_archive_manifest(data, limits().json) {
        let again = serde_json::to_vec(&images).expect("a document has string keys");
        assert_eq!(parse_archive_manifest(&again, limits().json), Ok(images));
    }
}

/// A configuration: its bytes are kept, and what is written of it is read again. And a reference.
pub fn config(data: &[u8]) {
    if let Ok(config) = ConfigDocument::parse(data, limits().json) {
        assert_eq!((&config.bytes[..], config.id), (data, Digest::of(data)));
        let again = ConfigDocument::parse(&config.config.to_json(), limits().json).expect("what is written");
        assert_eq!(again.config, config.config);
    }
    let text = String::from_utf8_lossy(&data[..data.len().min(300)]);
    if let Ok(reference) = Reference::parse(&text) {
        assert_eq!(Reference::parse(&reference.to_string()), Ok(reference));
    }
}
