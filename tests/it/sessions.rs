//! Whole Docker sessions, recorded on Docker 20.10.24, typed in the lab.
//!
//! `tests/fixtures/sessions.tsv` names the sessions that are not equal, with the number of their equal lines and the cause. A
//! run tries a tenth, by a seed that it prints; `LAYERLAB_SESSIONS=all` tries them all, and `UPDATE_EXPECT=1` with it
//! rewrites the numbers in the list.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use layerlab_tests::sessions::{Recorded, Words, base, compare, recorded};

fn list() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sessions.tsv")
}

/// The sessions that differ: how many of their lines are equal, and why not all.
fn known() -> BTreeMap<String, (usize, String)> {
    let text = std::fs::read_to_string(list()).expect("the list is there");
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let mut fields = row.split('\t');
        let mut next = || fields.next().expect("a row has three fields").to_owned();
        let (name, equal, cause) = (next(), next(), next());
        (name, (equal.parse().expect("a number of lines"), cause))
    })
    .collect()
}

/// Types the sessions side by side; how many lines of each are equal, and what differs.
fn results(sessions: &[Recorded]) -> BTreeMap<String, (usize, String)> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (base, words) = (base(folder.path()), Words::read());
    let (next, results) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(session) = sessions.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = compare(session, &base, &words);
                    results.lock().unwrap().insert(session.name.clone(), result);
                }
            });
        }
    });
    results.into_inner().unwrap()
}

#[test]
fn sessions_are_answered_as_docker_answered_them() {
    let all = std::env::var("LAYERLAB_SESSIONS").is_ok_and(|value| value == "all");
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as usize);
    let mut sessions = recorded();
    let total = sessions.len();
    if !all {
        eprintln!("a tenth of the sessions, from number {} on", seed % 10);
        sessions = sessions.into_iter().skip(seed % 10).step_by(10).collect();
    }
    let (known, results) = (known(), results(&sessions));
    let (mut wrong, mut rows, mut lines, mut equal, mut whole) = (String::new(), String::new(), 0, 0, 0);
    for session in &sessions {
        let (same, report) = &results[&session.name];
        lines += session.lines.len();
        equal += same;
        if *same == session.lines.len() {
            whole += 1;
            if known.contains_key(&session.name) {
                let _ = writeln!(wrong, "{}: is equal now; take it off the list", session.name);
            }
            continue;
        }
        let cause = known.get(&session.name).map_or("not looked at", |(_, cause)| cause.as_str());
        let _ = writeln!(rows, "{}\t{same}\t{cause}", session.name);
        if known.get(&session.name).is_none_or(|(expected, _)| expected != same) {
            let _ = writeln!(wrong, "{}: {same} of {} lines\n{report}", session.name, session.lines.len());
        }
    }
    eprintln!("{whole} of {} sessions, {equal} of {lines} lines as Docker's", sessions.len());
    if all && std::env::var_os("UPDATE_EXPECT").is_some() {
        let head = "# Recorded sessions that differ: name, equal lines, cause. Made by UPDATE_EXPECT=1 LAYERLAB_SESSIONS=all; \
                    the causes are written by hand.\n";
        std::fs::write(list(), format!("{head}{rows}")).expect("the list can be written");
    } else {
        assert!(wrong.is_empty(), "{wrong}");
        assert!(total > 100 && !sessions.is_empty());
    }
}
