//! Recorded traces, made again on it, and fresh random ones.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use layerlab_core::conformance::trace::{Difference, Op, Report, Trace, replay_ticking};
use layerlab_core::conformance::verify::{Plan, generate, shrink};
use layerlab_core::sim::SimKernel;
use layerlab_tests::guest::Guest;
use layerlab_tests::oracle;

/// Traces that this Linux answers otherwise than the one they were recorded on: `docs/design/linux-versions.md` has both
/// answers.
const OTHERWISE: &[&str] = &[
    "found/a-removed-directory-cannot-be-copied-up.jsonl",
    "found/a-removed-fifo-is-moved-over-a-new-file.jsonl",
    "found/a-removed-file-that-is-found-again.jsonl",
    "found/an-empty-capability-keeps-a-directory.jsonl",
    "found/no-whiteout-where-one-was.jsonl",
    "found/rename-where-a-whiteout-was.jsonl",
    "traces/redirects-refused.jsonl",
];

/// Of the long random recordings one in so many is replayed.
const ONE_IN: usize = 10;

fn listed(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut traces: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")).collect();
    traces.sort();
    traces
}

fn replay(guest: &mut Guest, traces: &[PathBuf]) -> (usize, BTreeSet<String>) {
    let (mut calls, mut otherwise) = (0, BTreeSet::new());
    for path in traces {
        let report = guest.replay(&std::fs::read(path).expect("a trace"));
        calls += report.calls;
        if !report.differences.is_empty() {
            let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
            let name = format!("{folder}/{}", path.file_name().unwrap_or_default().to_string_lossy());
            for difference in &report.differences {
                println!("{name}: {}", told(difference));
            }
            otherwise.insert(name);
        }
    }
    println!("{} traces, {calls} calls, {} answered otherwise", traces.len(), otherwise.len());
    (calls, otherwise)
}

fn told(difference: &Difference) -> String {
    let Difference { step, op, what, recorded, found } = difference;
    format!("step {step}, {what} of {op}\n  recorded {recorded}\n  found    {found}")
}

#[test]
fn recorded_traces_are_answered_as_the_list_of_differences_says() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let recorded = oracle::folder("overlay");
    let mut traces = listed(&tests.join("fixtures/traces"));
    traces.extend(listed(&tests.join("fixtures/traces/found")));
    traces.extend(listed(&recorded.join("micro")));
    traces.extend(listed(&recorded.join("random")).into_iter().step_by(ONE_IN));
    assert!(traces.len() > 60, "{} traces", traces.len());
    let (calls, otherwise) = replay(&mut Guest::start(), &traces);
    assert!(calls > 1000, "{calls} calls");
    let known: BTreeSet<String> = OTHERWISE.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(otherwise, known, "what differs, and what docs/design/linux-versions.md lists");
}

#[test]
fn random_operations_are_answered_as_the_simulator_answers_them() {
    let mut guest = Guest::start();
    let mut differ = Vec::new();
    for seed in 70_000..70_020 {
        let mut plan = generate(&Plan { seed, calls: 100, layers: 4 });
        // An empty capability is copied up by one version and not by the other (docs/design/linux-versions.md).
        plan.steps.retain(|step| !matches!(&step.op, Op::Setxattr { name, value, .. } if name.ends_with(b"capability") && value.is_empty()));
        let trace = guest.record(&plan).expect("the layers can be made");
        if on_the_simulator(&trace).differences.is_empty() {
            continue;
        }
        let small = shrink(trace, |trace| {
            let recorded = guest.record(trace).ok()?;
            (!on_the_simulator(&recorded).differences.is_empty()).then_some(recorded)
        });
        let first = on_the_simulator(&small).differences.first().map(told);
        differ.push(format!("seed {seed}: {}\n{}", first.unwrap_or_default(), small.to_text()));
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

fn on_the_simulator(trace: &Trace) -> Report {
    replay_ticking(&mut SimKernel::new(), b"/trace", trace, SimKernel::tick)
}
