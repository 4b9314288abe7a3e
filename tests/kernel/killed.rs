//! A load that is killed at any moment leaves an image or none, and the next load is whole.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Duration;

use layerlab_tests::archive::Layer;
use layerlab_tests::lab::{self, On};
use layerlab_tests::layout::{Layout, Stored};
use layerlab_tests::listing::tar_tree;
use layerlab_tests::poll::poll;
use layerlab_tests::process::{must, run, said};

/// How often, and in how many places.
const STEPS: usize = 4;

/// Three layers of many small files, as a tar with docker's half.
fn many_files(folder: &Path) -> PathBuf {
    let layer = |l: usize| {
        let mut layer = Layer::new();
        layer.dir(&format!("d{l}/"), 0o755);
        for i in 0..100 {
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
    let folder = lab::shared_folder();
    let archive = many_files(folder.path());
    let session = |root: &Path, lines: &[&str], out: Option<&Path>| {
        let mut command = lab::layerlab(On::Root);
        command.args(["run", "--on", "host", "--root"]).arg(root);
        command.arg("--copy-in").arg(format!("{}:/in.tar", archive.display()));
        if let Some(out) = out {
            command.arg("--copy-out").arg(format!("/out.tar:{}", out.display()));
        }
        for line in lines {
            command.args(["-c", line]);
        }
        command
    };
    let load = "docker load -i /in.tar";
    let look = [
        "docker images -q --no-trunc",
        load,
        "docker create --name many lab/many:1 x",
        "docker export -o /out.tar many",
    ];
    let place = |name: &str| {
        let root = folder.path().join(name);
        fs::create_dir(&root).unwrap();
        root
    };
    let clean = place("clean");
    let want = folder.path().join("want.tar");
    must(&mut session(&clean, &[&look[1..], &["docker images -q --no-trunc"]].concat(), Some(&want)));
    let want = tar_tree(Cursor::new(fs::read(&want).unwrap()));
    let all = files(&clean.join("var/lib/docker"));
    assert!(all > 300, "{all}");
    for step in 0..STEPS {
        let root = place(&format!("k{step}"));
        let mut child = session(&root, &[load], None).spawn().unwrap();
        let enough = all * step / STEPS;
        poll("the load to come so far", Duration::from_mins(1), || {
            let ended = child.try_wait().unwrap().is_some();
            (ended || files(&root.join("var/lib/docker")) > enough).then_some(())
        });
        let _ = child.kill();
        child.wait().unwrap();
        let out = folder.path().join(format!("out{step}.tar"));
        // The process that holds the disk ends a moment after the one that was killed.
        let after = poll("the disk to be free", Duration::from_secs(30), || {
            let after = run(&mut session(&root, &look, Some(&out)));
            (!said(&after).contains("is in use by another session")).then_some(after)
        });
        assert!(after.status.success(), "step {step}: {}", said(&after));
        let before_load = said(&after).lines().next().unwrap_or_default().to_owned();
        let is_named = before_load.starts_with("sha256:");
        assert!(is_named || before_load.starts_with("Loaded image"), "step {step}: {}", said(&after));
        assert!(tar_tree(Cursor::new(fs::read(&out).unwrap())) == want, "step {step}: the tree is whole");
    }
}
