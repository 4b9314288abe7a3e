//! The recordings of real systems in `tests/oracle`, unpacked when a test asks for them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use sha2::{Digest as _, Sha256};

/// Where the recordings were unpacked by this process.
static UNPACKED: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());

/// Returns the folder of one set of recordings (`docker`, `layers`, …), unpacked beside the test's own binary.
///
/// The folder's name holds the archive's digest, so that a changed archive is unpacked anew, and it gets that name only
/// when it is whole: two test processes may ask at once.
pub fn folder(set: &str) -> PathBuf {
    let mut unpacked = UNPACKED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    unpacked.entry(set.to_owned()).or_insert_with(|| unpack(set)).clone()
}

fn unpack(set: &str) -> PathBuf {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle").join(format!("{set}.tar.zst"));
    let packed = fs::read(&archive).unwrap_or_else(|e| panic!("{}: {e}", archive.display()));
    let digest = Sha256::digest(&packed);
    let digest = u64::from_be_bytes(*digest.first_chunk().expect("a digest has 32 bytes"));
    let exe = std::env::current_exe().expect("a test has a binary");
    let beside = exe.parent().expect("a binary lies in a folder").join("oracle");
    let whole = beside.join(format!("{set}-{digest:016x}"));
    if !whole.is_dir() {
        fs::create_dir_all(&beside).expect("the build folder takes a folder");
        let partial = tempfile::tempdir_in(&beside).expect("the build folder takes a folder");
        let plain = ruzstd::decoding::StreamingDecoder::new(&packed[..]).expect("our own archive is zstd");
        let mut entries = tar::Archive::new(plain);
        entries.set_preserve_mtime(false);
        entries.unpack(partial.path()).unwrap_or_else(|e| panic!("{}: {e}", archive.display()));
        let made = fs::rename(partial.path().join(set), &whole);
        // Another process may have been faster; its folder is as good.
        assert!(made.is_ok() || whole.is_dir(), "{}: {made:?}", whole.display());
    }
    whole
}
