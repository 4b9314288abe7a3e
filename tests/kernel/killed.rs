//! A load that is killed, at any moment or before any call that changes what is known, leaves an image or none, and the
//! next load is whole.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use layerlab_tests::archive::Layer;
use layerlab_tests::lab::{self, On};
use layerlab_tests::layout::{Layout, Stored};
use layerlab_tests::listing::tar_tree;
use layerlab_tests::poll::poll;
use layerlab_tests::process::{must, run, said, tool};

/// How often, and in how many places.
const STEPS: usize = 4;

/// Three layers of small files, so many each, as a tar with docker's half.
fn three_layers(folder: &Path, count: usize) -> PathBuf {
    let layer = |l: usize| {
        let mut layer = Layer::new();
        layer.dir(&format!("d{l}/"), 0o755);
        for i in 0..count {
            layer.file(&format!("d{l}/f{i:03}"), 0o644, format!("{l} {i}\n").repeat(20).as_bytes());
        }
        (layer.done(), Stored::Plain)
    };
    let layout = folder.join("layout");
    Layout::default().image("lab/many:1", ("linux", "amd64"), &[layer(0), layer(1), layer(2)]).write(&layout);
    let file = folder.join("many.tar");
    must(lab::layerlab(On::Sim).arg("image").arg(&layout).arg("--to").arg(&file));
    file
}

const LOAD: &str = "docker load -i /in.tar";
/// What is there, and what the next load makes of it.
const LOOK: [&str; 9] = [
    "docker images -q --no-trunc",
    LOAD,
    "docker create --name many lab/many:1 x",
    "docker export -o /out.tar many",
    "docker save -o /saved.tar lab/many:1",
    "docker rm many",
    "docker rmi lab/many:1",
    "echo left:",
    "ls /var/lib/docker/image/overlay2/layerdb/sha256",
];

/// Where loads are killed, and what one that is not makes.
struct Bench {
    folder: tempfile::TempDir,
    archive: PathBuf,
    want: BTreeMap<String, String>,
    /// Files of the engine after it.
    all: usize,
}

impl Bench {
    fn new(count: usize) -> Self {
        let folder = lab::shared_folder();
        let archive = three_layers(folder.path(), count);
        let mut this = Self { folder, archive, want: BTreeMap::new(), all: 0 };
        let clean = this.place("clean");
        let want = this.folder.path().join("want.tar");
        must(&mut this.session(&clean, &LOOK[1..4], Some(&want)));
        this.want = tar_tree(Cursor::new(fs::read(&want).expect("what the session brought out")));
        this.all = files(&clean.join("var/lib/docker"));
        this
    }

    fn place(&self, name: &str) -> PathBuf {
        let root = self.folder.path().join(name);
        fs::create_dir(&root).expect("our own folder");
        root
    }

    fn session(&self, root: &Path, lines: &[&str], out: Option<&Path>) -> Command {
        let mut command = lab::layerlab(On::Root);
        command.args(["run", "--on", "host", "--root"]).arg(root);
        command.arg("--copy-in").arg(format!("{}:/in.tar", self.archive.display()));
        if let Some(out) = out {
            command.arg("--copy-out").arg(format!("/out.tar:{}", out.display()));
        }
        for line in lines {
            command.args(["-c", line]);
        }
        command
    }

    /// After a load was killed here: an image or none, and the next load is whole.
    fn is_whole_or_absent(&self, root: &Path, step: &str) {
        let out = root.with_extension("out");
        // The process that holds the disk ends a moment after the one that was killed.
        let after = poll("the disk to be free", Duration::from_secs(30), || {
            let after = run(&mut self.session(root, &LOOK, Some(&out)));
            (!said(&after).contains("is in use by another session")).then_some(after)
        });
        assert!(after.status.success(), "{step}: {}", said(&after));
        let before_load = said(&after).lines().next().unwrap_or_default().to_owned();
        let is_named = before_load.starts_with("sha256:");
        assert!(is_named || before_load.starts_with("Loaded image"), "{step}: {}", said(&after));
        assert!(said(&after).ends_with("left:\n"), "{step}: layers that nobody knows: {}", said(&after));
        assert!(
            tar_tree(Cursor::new(fs::read(&out).expect("what the session brought out"))) == self.want,
            "{step}: the tree is whole"
        );
    }
}

fn files(dir: &Path) -> usize {
    let mut todo = vec![dir.to_owned()];
    let mut count = 0;
    while let Some(dir) = todo.pop() {
        // What goes away while it is counted does not count.
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            count += 1;
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                todo.push(entry.path());
            }
        }
    }
    count
}

#[test]
fn a_load_that_is_killed_is_whole_or_absent() {
    let bench = Bench::new(100);
    assert!(bench.all > 300, "{}", bench.all);
    for step in 0..STEPS {
        let root = bench.place(&format!("k{step}"));
        let mut child = bench.session(&root, &[LOAD], None).spawn().unwrap();
        let enough = bench.all * step / STEPS;
        poll("the load to come so far", Duration::from_mins(1), || {
            let ended = child.try_wait().unwrap().is_some();
            (ended || files(&root.join("var/lib/docker")) > enough).then_some(())
        });
        let _ = child.kill();
        child.wait().unwrap();
        bench.is_whole_or_absent(&root, &format!("step {step}"));
    }
}

/// The same under strace, which tells the calls, or kills at one.
fn traced(command: &Command, log: &Path, more: &[&str]) -> Command {
    let mut strace = tool("/usr/bin/strace", "strace");
    strace.args(["-f", "-qq", "-s", "300", "-e", "trace=openat,mkdirat,renameat,renameat2", "-o"]).arg(log);
    strace.args(more).arg(command.get_program()).args(command.get_args()).env("HOME", "/tmp");
    // The dynamic loader looks for libraries in every directory of it, in calls that would be counted.
    strace.env_remove("LD_LIBRARY_PATH");
    strace
}

/// Each call that makes or moves something of what the engine knows, and is the n-th of its name in its thread.
#[test]
fn a_load_that_is_killed_at_any_change_of_what_is_known_is_whole_or_absent() {
    let bench = Bench::new(2);
    let log = bench.folder.path().join("calls");
    let root = bench.place("told");
    must(&mut traced(&bench.session(&root, &[LOAD], None), &log, &[]));
    let told = fs::read_to_string(&log).unwrap();
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut changes = Vec::new();
    for line in told.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let Some((name, _)) = call.trim_start().split_once('(') else { continue };
        let count = counts.entry((thread, name)).or_default();
        *count += 1;
        let is_change = name != "openat" || call.contains("O_CREAT");
        if is_change && call.contains("/image/overlay2/") {
            changes.push((thread, name, *count));
        }
    }
    // strace counts in each thread: a call that another thread comes to as well would be that one's.
    changes.retain(|(thread, name, count)| {
        let others = counts.iter().filter(|((other, of), _)| other != thread && of == name);
        others.map(|(_, most)| *most).max().unwrap_or(0) < *count
    });
    assert!(changes.len() > 25, "{changes:?} of\n{told}");
    for (_, name, count) in changes {
        let root = bench.place(&format!("{name}-{count}"));
        let kill = format!("inject={name}:signal=SIGKILL:when={count}");
        let killed = run(&mut traced(&bench.session(&root, &[LOAD], None), &log, &["-e", &kill]));
        assert!(!killed.status.success(), "{kill}: {}", said(&killed));
        bench.is_whole_or_absent(&root, &kill);
    }
}
