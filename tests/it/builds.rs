//! Builds recorded on Docker 20.10.24, built in the lab.
//!
//! A run tries a tenth, by a seed that it prints; `LAYERLAB_BUILD_CASES=all` tries them all.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use layerlab_tests::builds::{compare, recorded};
use layerlab_tests::sessions::base;

/// The builds that differ, and why.
const KNOWN: &[(&str, &str)] = &[
    ("bk-pull", "the lab's hub answers; the recorded daemon had no network"),
    ("cli-pull", "the lab's hub answers; the recorded daemon had no network"),
    ("ignore-dockerfile", "the recorded context had a .git that was not kept"),
    ("ignore-except", "the recorded context had a .git that was not kept"),
    ("ignore-stars", "the recorded context had a .git that was not kept"),
];

#[test]
fn builds_are_answered_as_docker_answered_them() {
    let all = std::env::var("LAYERLAB_BUILD_CASES").is_ok_and(|value| value == "all");
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as usize);
    let mut cases = recorded();
    assert!(cases.len() > 250, "{} builds are recorded", cases.len());
    if !all {
        eprintln!("a tenth of the builds, from number {} on", seed % 10);
        cases = cases.into_iter().skip(seed % 10).step_by(10).collect();
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let base = base(folder.path());
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(String::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = judged(case, &compare(case, &base));
                    wrong.lock().unwrap().push_str(&found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{wrong}");
}

/// What is wrong with a case: it differs and should not, or the list says that it does.
fn judged(case: &Path, found: &str) -> String {
    let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut wrong = String::new();
    match (KNOWN.iter().any(|(known, _)| *known == name), found.is_empty()) {
        (true, true) => {
            let _ = writeln!(wrong, "{name}: is equal now; take it off the list");
        }
        (false, false) => {
            let _ = writeln!(wrong, "{name}:\n{found}");
        }
        _ => {}
    }
    wrong
}
