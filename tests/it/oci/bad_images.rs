//! Hostile, malformed and unusual archives: each ends as `INDEX.tsv` says, in little time and memory.

use layerlab_tests::oracle;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use layerlab_core::explore::{Explorer, LayerScan, Report};
use layerlab_core::kernel::{Task, fs};
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::{self, Index, open};
use layerlab_core::oci::decode::Compression;
use layerlab_core::oci::layer::{Expected, unpack};
use layerlab_core::sim::SimKernel;

use super::stacks::OVERLAY2;

/// A build without optimisation is some ten times slower: it gets the time, and a tenth of the entries.
const SLOWNESS: u32 = if cfg!(debug_assertions) { 10 } else { 1 };

/// Opens the archive and unpacks every layer of every image, as an import does.
fn import(file: &Path) -> Result<Vec<String>, String> {
    let usual = Limits::default();
    let limits = Limits { entries: usual.entries / u64::from(SLOWNESS), ..usual };
    let mut source = Bytes::from(std::fs::read(file).unwrap());
    let say = |error: archive::ArchiveError| error.to_string();
    if archive::outer_compression(&mut source).map_err(say)? != Compression::None {
        let mut plain = Vec::new();
        archive::expand(&mut source, limits, |piece| {
            plain.extend_from_slice(piece);
            Ok(())
        })
        .map_err(say)?;
        source = plain.into();
    }
    let index = Index::of_tar(&mut source, limits).map_err(say)?;
    let archive = open(&index, &mut source, limits).map_err(say)?;
    let mut kernel = SimKernel::new();
    let task = Task::root();
    for (i, image) in archive.images.iter().enumerate() {
        for (l, layer) in image.layers.iter().enumerate() {
            let Some(blob) = layer.blob else { continue };
            let dir = format!("/l/{i}-{l}").into_bytes();
            fs::mkdir_all(&mut kernel, &task, &dir, 0o755).unwrap();
            let expected = Expected {
                digest: layer.digest,
                diff_id: Some(layer.diff_id),
                compression: None,
                again: None,
            };
            unpack(&mut kernel, &task, &dir, &mut source, blob, expected, OVERLAY2, limits, None)
                .map_err(|error| format!("{}: {error}", layer.file))?;
            fs::remove_all(&mut kernel, &task, b"/l").unwrap();
        }
    }
    let strays = fs::read_dir(&mut kernel, &task, b"/").unwrap();
    assert!(strays.iter().all(|entry| entry.name == "l"), "written outside the store: {strays:?}");
    Ok(archive.warnings)
}

/// Opens the archive and reads every layer as the explorer does.
fn explored(file: &Path) -> Result<(), String> {
    let usual = Limits::default();
    let limits = Limits { entries: usual.entries / u64::from(SLOWNESS), ..usual };
    let mut source = Bytes::from(std::fs::read(file).unwrap());
    let say = |error: archive::ArchiveError| error.to_string();
    if archive::outer_compression(&mut source).map_err(say)? != Compression::None {
        let mut plain = Vec::new();
        archive::expand(&mut source, limits, |piece| {
            plain.extend_from_slice(piece);
            Ok(())
        })
        .map_err(say)?;
        source = plain.into();
    }
    let index = Index::of_tar(&mut source, limits).map_err(say)?;
    let archive = open(&index, &mut source, limits).map_err(say)?;
    for image in archive.images {
        let mut scans = Vec::new();
        for layer in &image.layers {
            scans.push(LayerScan::read(&mut source, layer, limits, &mut |_| true).map_err(say)?);
        }
        let report = Report::of(&Explorer::new(image, scans));
        assert!(report.reclaimable_bytes <= report.content_bytes);
    }
    Ok(())
}

#[test]
fn every_recorded_archive_ends_as_it_must() {
    let root = oracle::folder("bad-images");
    let table = std::fs::read_to_string(root.join("INDEX.tsv")).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let (file, expected, also_safe) = (fields[0], fields[2], fields[3]);
        if !root.join(file).exists() {
            continue;
        }
        count += 1;
        let start = Instant::now();
        let result = import(&root.join(file));
        let took = start.elapsed();
        let verdict = if result.is_ok() { "accept" } else { "reject" };
        if !expected.starts_with(verdict) && !also_safe.starts_with(verdict) {
            wrong.push(format!("{file}: {result:?}, must {expected} | {also_safe}"));
        }
        let read = explored(&root.join(file));
        let verdict = if read.is_ok() { "accept" } else { "reject" };
        if !expected.starts_with(verdict) && !also_safe.starts_with(verdict) {
            wrong.push(format!("{file}: the explorer: {read:?}, must {expected} | {also_safe}"));
        }
        if took > Duration::from_secs(10) * SLOWNESS {
            wrong.push(format!("{file}: took {took:?}"));
        }
        if std::env::var_os("LAYERLAB_VERBOSE").is_some() {
            wrong.push(format!("    {file}: {took:?} {result:?} | {expected} | {also_safe}"));
        }
    }
    assert!(count > 50, "the recorded archives are there");
    assert!(wrong.is_empty(), "of {count}:\n{}", wrong.join("\n"));
}
