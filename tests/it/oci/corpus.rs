//! The fuzz targets' small corpus (fuzz/seeds), once more on every run: what was found once stays found.

use std::path::Path;

use layerlab_tests::properties;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let mut count = 0;
    for file in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = file.unwrap().path();
        // Told before, so that a panic has a name.
        eprintln!("{}", path.display());
        check(&std::fs::read(&path).unwrap());
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
fn manifests() {
    replay("manifest", properties::manifest);
}

#[test]
fn configurations() {
    replay("config", properties::config);
}
