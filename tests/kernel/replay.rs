//! Recorded traces on this host's kernel: the proof that the adapter adds and loses nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use layerlab_tests::lab::{self, On};
use layerlab_tests::oracle;
use layerlab_tests::process::{need_root, run, said};

/// Traces of the project's own, and the recorded ones.
fn traces() -> Vec<PathBuf> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = tests.join("fixtures/traces");
    let recorded = oracle::folder("overlay");
    let mut traces = listed(&own);
    assert!(traces.len() >= 3, "the fixtures are there");
    let own = traces.len();
    for set in ["micro", "random"] {
        traces.extend(listed(&recorded.join(set)));
    }
    assert!(traces.len() > own + 100, "{} traces", traces.len());
    traces
}

fn listed(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut traces: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "jsonl")).collect();
    traces.sort();
    traces
}

/// Copies that every user can read.
fn readable(folder: &Path) -> Vec<PathBuf> {
    let copy = |trace: PathBuf| {
        let copy = folder.join(trace.file_name().expect("a trace is a file"));
        std::fs::copy(&trace, &copy).expect("our own folder");
        copy
    };
    traces().into_iter().map(copy).collect()
}

fn replay(on: On, arguments: &[&str], traces: &[PathBuf]) -> std::process::Output {
    let mut command: Command = lab::layerlab(on);
    command.args(["replay", "--on", "host"]).args(arguments).args(traces);
    run(&mut command)
}

#[test]
fn all_is_as_recorded_for_root() {
    need_root();
    let folder = lab::shared_folder();
    let out = replay(On::Root, &[], &readable(folder.path()));
    assert!(out.status.success(), "{}", said(&out));
    assert!(String::from_utf8_lossy(&out.stdout).ends_with(" calls, 0 differences\n"), "{}", said(&out));
}

#[test]
fn a_user_is_told_what_is_not_possible_and_why() {
    need_root();
    let folder = lab::shared_folder();
    let traces = readable(folder.path());
    let out = replay(On::User, &["--allow-impossible"], &traces);
    assert!(out.status.success(), "{}", said(&out));
    assert!(String::from_utf8_lossy(&out.stdout).contains(" calls, 0 differences"), "{}", said(&out));
    // One that needs another user's files is a failure unless it is allowed.
    let other = folder.path().join("other.jsonl");
    let trace = r#"{"header":{"format":"overlay-trace/1","lower_layers":1,"lower":[{"layer":0,"path":"/","kind":"dir","mode":"0755","uid":7,"gid":7}],"upper":[]}}"#;
    std::fs::write(&other, trace).unwrap();
    let out = replay(On::User, &[], &[other]);
    assert_eq!(out.status.code(), Some(1), "{}", said(&out));
    assert!(said(&out).contains("not possible here: it needs the ids 7:7"), "{}", said(&out));
}

#[test]
fn a_difference_is_shown_in_full_and_counts() {
    need_root();
    let folder = lab::shared_folder();
    let wrong = folder.path().join("wrong.jsonl");
    let header = r#"{"header":{"format":"overlay-trace/1","lower_layers":1,"lower":[{"layer":0,"path":"/","kind":"dir","mode":"0755"}],"upper":[]}}"#;
    let step = r#"{"op":"unlink","path":"/nothing","result":{"ok":{}},"upper_delta":null}"#;
    std::fs::write(&wrong, format!("{header}\n{step}\n")).unwrap();
    let out = replay(On::Root, &[], std::slice::from_ref(&wrong));
    assert_eq!(out.status.code(), Some(1));
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(
        text.contains("step 1: result differs") && text.contains(r#"found     {"err":"ENOENT"}"#),
        "{text}"
    );
    assert!(text.ends_with("1 calls, 1 differences\n"), "{text}");
    std::fs::write(&wrong, "no trace").unwrap();
    let out = replay(On::Root, &[], &[wrong]);
    assert_eq!(out.status.code(), Some(1));
    assert!(said(&out).contains("wrong.jsonl: not a trace"), "{}", said(&out));
}
