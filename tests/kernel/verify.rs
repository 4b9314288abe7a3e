//! The simulated kernel held against this host's: fresh random sequences, and those that once differed.

use std::path::Path;

use layerlab_tests::lab::{self, On};
use layerlab_tests::process::{need_root, run, said};

#[test]
fn random_sequences_agree() {
    need_root();
    let mut command = lab::layerlab(On::Root);
    command.args(["verify", "--seed", "90000", "--count", "30", "--calls", "100"]);
    let out = run(&mut command);
    assert!(out.status.success(), "{}", said(&out));
    assert!(
        String::from_utf8_lossy(&out.stdout).contains("3000 calls, 0 sequences differ"),
        "{}",
        said(&out)
    );
}

#[test]
fn every_call_on_every_thing_agrees_in_a_sample() {
    need_root();
    let mut command = lab::layerlab(On::Root);
    let out = run(command.args(["verify", "--matrix", "--every", "131"]));
    assert!(out.status.success(), "{}", said(&out));
    let text = String::from_utf8_lossy(&out.stdout);
    let calls = text.strip_prefix("matrix: ").and_then(|rest| rest.split(' ').next());
    let calls: usize = calls.and_then(|number| number.parse().ok()).unwrap_or(0);
    assert!(calls > 2_000, "{text}");
}

#[test]
fn what_once_differed_is_the_kernels_answer() {
    need_root();
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/traces/found");
    let traces: Vec<_> = std::fs::read_dir(found).expect("the fixtures are there").flatten().collect();
    assert!(traces.len() >= 6);
    let folder = lab::shared_folder();
    let copies = traces.iter().map(|entry| {
        let copy = folder.path().join(entry.file_name());
        std::fs::copy(entry.path(), &copy).expect("our own folder");
        copy
    });
    let copies: Vec<_> = copies.collect();
    for on in ["host", "sim"] {
        let mut command = lab::layerlab(On::Root);
        let out = run(command.args(["replay", "--on", on]).args(&copies));
        assert!(out.status.success(), "{on}: {}", said(&out));
    }
}
