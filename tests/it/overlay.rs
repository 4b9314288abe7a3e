//! Random sequences on the simulated kernel: what holds whatever is done.

use layerlab_core::conformance::trace::{Trace, record, replay, replay_ticking};
use layerlab_core::conformance::verify::{Random, from_bytes, naive_view, sequence};
use layerlab_core::sim::SimKernel;
use layerlab_tests::oracle;
use proptest::prelude::*;

/// Runs a sequence; the view must be what the layers say by another rule, the disk must be sound during and after it,
/// and nothing may be left when all was taken away.
fn sound(trace: &Trace) -> Result<(), String> {
    let mut kernel = SimKernel::new();
    let recorded = record(&mut kernel, b"/base", trace).map_err(|error| error.name().to_owned())?;
    let mut wrong = naive_view(&recorded);
    wrong.extend(kernel.inconsistencies());
    if kernel.inodes() != 1 {
        wrong.push(format!("{} inodes are left", kernel.inodes()));
    }
    // The same again, beside what was there: the same answers.
    let report = replay(&mut kernel, b"/other", &recorded);
    wrong.extend(report.differences.iter().map(|difference| format!("not the same again: {difference:?}")));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

#[test]
fn sequences_from_seeds_are_sound() {
    for seed in 1..=40 {
        let trace = sequence(Random::new(seed), 60, 8);
        if let Err(wrong) = sound(&trace) {
            panic!("seed {seed}: {wrong}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sequences_from_bytes_are_sound(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(sound(&from_bytes(&bytes)), Ok(()));
    }
}

#[test]
fn what_the_fuzzer_starts_from_is_sound() {
    let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/sim_calls");
    let files: Vec<_> = std::fs::read_dir(seeds).expect("the seeds are there").flatten().collect();
    assert!(files.len() >= 8);
    for file in files {
        let bytes = std::fs::read(file.path()).expect("a file can be read");
        assert_eq!(sound(&from_bytes(&bytes)), Ok(()), "{}", file.path().display());
    }
}

#[test]
fn recorded_traces_replay_without_a_difference() {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let recorded = oracle::folder("overlay");
    let own = tests.join("fixtures/traces");
    let folders = [own.join("found"), own, recorded.join("micro"), recorded.join("random")];
    let mut replayed = 0;
    for entry in
        folders.iter().flat_map(|folder| std::fs::read_dir(folder).expect("the traces are there")).flatten()
    {
        if entry.path().is_dir() {
            continue;
        }
        let text = std::fs::read(entry.path()).expect("a trace can be read");
        let trace = Trace::parse(&text).expect("a trace is one");
        let report = replay_ticking(&mut SimKernel::new(), b"/base", &trace, SimKernel::tick);
        assert_eq!(report.differences, [], "{}", entry.path().display());
        replayed += 1;
    }
    assert!(replayed > 100, "{replayed} traces");
}
