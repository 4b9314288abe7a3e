//! What must hold of any bytes at all: driven by the fuzz targets, and over their corpus by the ordinary tests.
//!
//! Each function takes what may be an image's tar, archive or document, and panics if something is not as promised.

use bytes::Bytes;
use layerlab_core::explore::{Explorer, LayerScan, Report, Scanner};
use layerlab_core::kernel::{Kernel, Task, fs};
use layerlab_core::oci::archive::{Index, open};
use layerlab_core::oci::decode::{Compression, DecodeError, Decoder, detect};
use layerlab_core::oci::layer::{Blob, Expected, LayerError, OverlayNames, assemble, unpack};
use layerlab_core::oci::manifest::{ArchiveImage, Document, parse_archive_manifest};
use layerlab_core::oci::{ConfigDocument, Digest, Hasher, Limits, Reference, gojson};
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

/// A layer: read in pieces as in one, unpacked inside its directory alone, and written again to the byte, or refused: Docker
/// does not save a layer that replaced or hid its own files.
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
        match assemble(&mut kernel, &task, b"/l", &mut Bytes::from(split), &mut again) {
            Ok(()) => assert_eq!(Digest::of(&again), streamed.diff_id, "written again"),
            Err(LayerError::Changed(_) | LayerError::Call { .. }) => {}
            Err(error) => panic!("the record of a layer cannot be read: {error}"),
        }
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
/// may depend on the pieces. Read again, it is as good or as bad, and gives no less of what is broken.
pub fn decode(data: &[u8]) {
    let small = 1 + usize::from(data.last().copied().unwrap_or(0));
    let kind = detect(data);
    let (whole, made) = decoded(data, usize::MAX, Decoder::new(kind, limits()));
    assert_eq!(whole.as_ref().ok(), decoded(data, small, Decoder::new(kind, limits())).0.ok().as_ref());
    // What lies is not met by the same limits in smaller pieces.
    if matches!(&whole, Err(DecodeError::Expanded(_) | DecodeError::Ratio(_))) {
        return;
    }
    let again = |piece| decoded(data, piece, Decoder::again(kind, limits(), made));
    let (second, more) = again(usize::MAX);
    assert_eq!(whole.as_ref().ok(), second.as_ref().ok());
    if kind == Compression::Xz && !matches!(second, Err(DecodeError::Expanded(_) | DecodeError::Ratio(_))) {
        assert!(more >= made, "{more} of {made}");
    }
    if kind == Compression::Gzip {
        assert_eq!((second, more), again(small));
    }
}

/// What comes out, its digest or what is wrong, and how much that is.
fn decoded(data: &[u8], piece: usize, mut decoder: Decoder) -> (Result<Digest, DecodeError>, u64) {
    let (mut hasher, mut made, mut out) = (Hasher::new(), 0, Vec::new());
    for chunk in data.chunks(piece) {
        let mut rest = chunk;
        while !rest.is_empty() {
            let used = decoder.push(rest, &mut out);
            made += out.len() as u64;
            hasher.update(&out);
            out.clear();
            match used {
                Ok(used) => rest = &rest[used..],
                Err(fault) => return (Err(fault), made),
            }
            assert!(made <= limits().expanded);
        }
    }
    (decoder.finish().map(|()| hasher.finish()), made)
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
        assert_eq!(parse_archive_manifest(&again, limits().json).as_ref(), Ok(&images));
        // Docker sees the same in it.
        if gojson::decode(data, &gojson::MANIFEST).is_ok() {
            let seen = gojson::read(data, &gojson::MANIFEST).expect("every reader sees the same");
            assert_eq!(parse_archive_manifest(&seen, limits().json).map(paths), Ok(paths(images)));
        }
    }
    if gojson::decode(data, &gojson::MANIFEST).is_ok()
        && let Ok(seen) = gojson::read(data, &gojson::MANIFEST)
    {
        assert_eq!(gojson::decode(&seen, &gojson::MANIFEST), Ok(()));
        assert_eq!(gojson::read(&seen, &gojson::MANIFEST), Ok(seen));
    }
}

/// Where an archive's images are said to be.
fn paths(images: Vec<ArchiveImage>) -> Vec<(String, Vec<String>, Vec<String>)> {
    images
        .into_iter()
        .map(|image| (image.config, image.repo_tags.unwrap_or_default(), image.layers))
        .collect()
}

/// A configuration: its bytes are kept, and what is written of it is read again. And a reference.
pub fn config(data: &[u8]) {
    if let Ok(config) = ConfigDocument::parse(data, limits().json) {
        assert_eq!((&config.bytes[..], config.id), (data, Digest::of(data)));
        let again = ConfigDocument::parse(&config.config.to_json(), limits().json).expect("what is written");
        assert_eq!(again.config, config.config);
    }
    // What Docker sees in it is a document in which every reader sees the same.
    if gojson::unmarshal(data, &gojson::IMAGE).is_ok()
        && let Ok(seen) = gojson::read(data, &gojson::IMAGE)
    {
        assert_eq!(gojson::unmarshal(&seen, &gojson::IMAGE), Ok(()));
        assert_eq!(gojson::read(&seen, &gojson::IMAGE).as_ref(), Ok(&seen));
        let both =
            (ConfigDocument::parse_docker(data, limits().json), ConfigDocument::parse(&seen, limits().json));
        if let (Ok(docker), Ok(strict)) = both {
            assert_eq!(docker.config, strict.config);
        }
    }
    let text = String::from_utf8_lossy(&data[..data.len().min(300)]);
    if let Ok(reference) = Reference::parse(&text) {
        assert_eq!(Reference::parse(&reference.to_string()), Ok(reference));
    }
}

/// A Dockerfile: read or refused, and what was read is in its lines; every word can be expanded or refused.
pub fn dockerfile(data: &[u8]) {
    use layerlab_core::dockerfile::{Dockerfile, expand};
    let text = String::from_utf8_lossy(data);
    let Ok(file) = Dockerfile::parse(&text) else { return };
    let lines = text.lines().count();
    let escape = file.directives.escape;
    for stage in &file.stages {
        assert!((1..=lines).contains(&stage.from.line), "line {}", stage.from.line);
        for instruction in &stage.instructions {
            assert!((1..=lines).contains(&instruction.line), "line {}", instruction.line);
            let env = ["A=1".to_owned(), "B=".to_owned()];
            // Either is an answer; neither may fall over.
            let _ = expand::words(&instruction.code, &env, escape);
            let _ = instruction.command.clone().expand(&env, escape);
        }
    }
}

/// A `.dockerignore`: read or refused; a path that is left out whole is left out below.
pub fn dockerignore(data: &[u8]) {
    use layerlab_core::dockerfile::ignore::Ignore;
    let Ok(ignore) = Ignore::parse(&String::from_utf8_lossy(data), &[]) else { return };
    for path in ["a", "a/b", "a/b/c.md", "Dockerfile", ".git/config"] {
        let _ = (ignore.excludes(path), ignore.skips(path));
    }
    if ignore.is_empty() {
        assert!(!ignore.excludes("a"));
    }
}
