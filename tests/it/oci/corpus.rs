//! The fuzz targets' small corpus (fuzz/seeds), once more on every run, whole and damaged: what was found once stays
//! found. LAYERLAB_DAMAGE says how often each is damaged.

use std::path::Path;

use layerlab_tests::properties;
use layerlab_tests::random::Random;

use super::damage::damage;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let rounds = std::env::var("LAYERLAB_DAMAGE").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let mut count = 0;
    for file in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = file.unwrap().path();
        // Told before, so that a panic has a name.
        eprintln!("{}", path.display());
        let seed = std::fs::read(&path).unwrap();
        check(&seed);
        for round in 1..=rounds {
            // The round makes the damage: what fails is told by its file and its number.
            eprintln!("  round {round}");
            check(&damage(&mut Random(round), &seed));
        }
        count += 1;
    }
    assert!(count > 4, "{} has {count} files", folder.display());
}

#[test]
fn layers() {
    replay("tar", properties::tar);
}

#[test]
fn archives() {
    replay("archive", properties::archive);
}

#[test]
fn compressed_blobs() {
    replay("decode", properties::decode);
}

#[test]
fn manifests() {
    replay("manifest", properties::manifest);
}

#[test]
fn configurations() {
    replay("config", properties::config);
}
