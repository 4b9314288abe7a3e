//! The command line on this host's kernel.

use std::process::Command;

use layerlab_tests::cli::{answer, typed};
use layerlab_tests::lab::{self, On};
use layerlab_tests::process::{must, need_root};

const BOTH: [On; 2] = [On::Root, On::User];

#[test]
fn files_go_in_and_come_out_whole() {
    need_root();
    for on in BOTH {
        let folder = lab::shared_folder();
        let (file, out) = (folder.path().join("in"), folder.path().join("out"));
        let content: Vec<u8> =
            (0u32..400_000).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        std::fs::write(&file, &content).unwrap();
        let (copy_in, copy_out) = (format!("{}:/d/f", file.display()), format!("/d/g:{}", out.display()));
        let arguments = [
            "run",
            "--on",
            "host",
            "--copy-in",
            &copy_in,
            "--copy-out",
            &copy_out,
            "-c",
            "cp /d/f /d/g; echo done",
        ];
        assert_eq!(answer(&typed(on, &arguments, "")), ("done\n".into(), String::new(), 0), "{on:?}");
        assert!(std::fs::read(&out).unwrap() == content, "the content is the same");
    }
}

#[test]
fn undo_replays_on_an_empty_disk() {
    need_root();
    for on in BOTH {
        let folder = lab::shared_folder();
        let file = folder.path().join("in");
        std::fs::write(&file, "from outside\n").unwrap();
        let copy_in = format!("{}:/in", file.display());
        let lines =
            "mkdir /a; echo kept > /a/f\nrm -r /a /in\n:undo\n:redo\nls /a\n:undo\n:undo\ncat /a/f /in\n";
        let (out, err, _) = answer(&typed(on, &["shell", "--on", "host", "--copy-in", &copy_in], lines));
        assert!(out.contains("kept\nfrom outside\n"), "{on:?}: {out}{err}");
        assert!(err.contains("'/a': No such file or directory"), "{on:?}: {out}{err}");
    }
}

#[test]
fn a_disk_that_cannot_be_had_is_one_line_and_status_1() {
    need_root();
    let arguments = ["run", "--on", "host", "--root", "/no/such/folder", "-c", "true"];
    let (out, err, status) = answer(&typed(On::Root, &arguments, ""));
    let line = "layerlab: /no/such/folder: no such directory; make it first (mkdir /no/such/folder)\n";
    assert_eq!((out.as_str(), err.as_str(), status), ("", line, 1));
}

/// What an ordinary user's host cannot prove: other owners than the one mapped id.
const NEED_ROOT: &[&str] = &["28-chown"];

#[test]
fn every_lesson_is_proven() {
    need_root();
    let lessons = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/lessons");
    let folder = lab::shared_folder();
    must(Command::new("cp").arg("-r").arg(lessons).arg(folder.path()));
    let dir = folder.path().join("lessons").display().to_string();
    for on in BOTH {
        let (out, err, status) = answer(&typed(on, &["lesson", "check", "--dir", &dir, "--on", "host"], ""));
        if on == On::User {
            let told = out.lines().chain(err.lines()).filter(|line| line.starts_with(&dir));
            let others: Vec<&str> =
                told.filter(|line| !NEED_ROOT.iter().any(|page| line.contains(page))).collect();
            assert!(out.contains(" pages proven, ") && others.is_empty(), "{others:#?}");
            continue;
        }
        assert!(status == 0 && out.ends_with(" pages proven, 0 problems\n"), "{on:?}: {out}{err}");
    }
}

#[test]
fn the_doctor_says_what_a_host_has() {
    need_root();
    for on in BOTH {
        let (out, err, status) = answer(&typed(on, &["doctor"], ""));
        assert_eq!((err.as_str(), status), ("", 0), "{on:?}: {out}");
        assert!(out.starts_with("ok   kernel: Linux ") && out.ends_with("--on host works here.\n"), "{out}");
        let owners = out.lines().find(|line| line.contains(" owners: ")).expect(&out);
        assert_eq!(owners.starts_with("ok "), on == On::Root, "{out}");
    }
    // What is missing is named with its remedy, and the status says it.
    let mut poor = Command::new("unshare");
    poor.args([
        "-Ur",
        "sh",
        "-c",
        "echo 0 > /proc/sys/user/max_user_namespaces; \
                exec setpriv --bounding-set=-sys_admin --inh-caps=-all \"$0\" doctor --json",
    ]);
    let out = poor.arg(lab::binary()).output().unwrap();
    let object: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((out.status.code(), &object["works"]), (Some(1), &false.into()), "{object}");
    let said = object["findings"][1]["said"].as_str().unwrap();
    assert!(said.starts_with("user namespaces are switched off here"), "{object}");
}
