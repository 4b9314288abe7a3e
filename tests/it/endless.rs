//! Lines that would never end, or never stop to grow: each ends by a named limit, in bounded memory, and the lab goes on.

use std::process::Stdio;
use std::time::{Duration, Instant};

use layerlab_core::program::Bound;
use layerlab_tests::lab::{On, layerlab};
use layerlab_tests::poll::poll;

/// What a line may take at most beside the program itself (promise of the limits: every input ends within 512 MiB).
const KILOBYTES: u64 = 512 << 10;
/// And how long; this is a build without optimization on a machine that has other work, one for people takes a tenth.
const SECONDS: u64 = 400;

/// A line, its status, and what its standard error says.
const LINES: &[(&str, u8, &str)] = &[
    ("x=x; for i in $(seq 40); do x=$x$x; done", 2, "limit value"),
    ("cat /dev/zero | wc -c", 124, "limit steps"),
    ("while read x; do :; done < /dev/zero", 2, "limit line"),
    ("truncate -s 3G big; x=$(cat big)", 2, "limit value"),
    ("x=$(yes)", 2, "limit value"),
    ("f() { f; }; f", 2, "nested too deeply"),
    (":(){ :|:& };:", 0, "limit processes"),
    ("while :; do docker run -d busybox true; done", 124, "stopped after 30000 steps"),
    ("while :; do docker run --rm busybox true; done", 124, "limit steps"),
    ("cat /dev/zero > f", 1, "limit files"),
    ("echo x > f; while cat f f > g; do mv g f; done", 0, "limit files"),
    ("yes | sort", 137, "limit pipe"),
    ("echo {1..100000000}", 2, "limit words"),
    ("printf '%2000000000d' 1", 1, "limit width"),
    ("yes | while :; do :; done", 124, "limit steps"),
];

#[test]
fn what_would_never_end_is_stopped_by_a_named_limit() {
    for (line, status, says) in LINES {
        let start = Instant::now();
        let mut command = layerlab(On::Sim);
        // A container takes long without optimization.
        let steps = if line.contains("docker run") { 30_000 } else { Bound::Steps.default() };
        command.args(["run", "--limit", &format!("steps={steps}")]);
        command.args(["-c", "docker pull -q busybox > /dev/null", "-c", line, "-c", "echo alive $?"]);
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| std::fs::File::create(folder.path().join(name)).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(file("out")).stderr(file("err")).spawn().unwrap();
        let (of, mut peak) = (format!("/proc/{}/status", child.id()), 0);
        let ended = poll(line, Duration::from_secs(SECONDS), || {
            peak = std::fs::read_to_string(&of).ok().and_then(|text| peak_of(&text)).unwrap_or(peak);
            child.try_wait().unwrap()
        });
        let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        let (out, err) = (read("out"), String::from_utf8_lossy(&read("err")).into_owned());
        eprintln!("{line}: {:.1} s, {} MB", start.elapsed().as_secs_f64(), peak / 1000);
        let names_it = err.contains(says);
        let err = &err[..err.floor_char_boundary(4000)];
        let alive = format!("alive {status}\n");
        assert!(
            out.ends_with(alive.as_bytes()) && ended.success(),
            "{line}: {} {err}",
            out[out.len().saturating_sub(20)..].escape_ascii()
        );
        assert!(names_it, "{line}: {err}");
        assert!(peak > 0 && peak < KILOBYTES, "{line}: {peak} kB");
    }
}

fn peak_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
