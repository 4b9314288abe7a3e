//! The commands of a container beside BusyBox itself: the same scripts, on the same tree, say the same.
//!
//! BusyBox runs in a real overlay mount (its lower directory is the image's tree), the lab's commands in a container of
//! the same tree on the simulator.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use layerlab_tests::archive::busybox;
use layerlab_tests::normal::normal;
use layerlab_tests::process::{must, need_root, run};
use layerlab_tests::sim;

const SCRIPTS: &str = include_str!("../fixtures/shell/busybox.txt");

/// The tree that every script starts from, made in the directory `$1` with every applet of BusyBox.
const TREE: &str = r"set -e; cd $1; mkdir -p bin etc data/dir/sub tmp root var/log app proc dev sys; touch .dockerenv; chmod 1777 tmp; chmod 700 root
cp /bin/busybox bin/busybox; for a in $(/bin/busybox --list | grep -v '^busybox$'); do ln -s busybox bin/$a; done
printf 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www:/var/www:/bin/false\n' > etc/passwd
printf 'root:x:0:\nwww-data:x:33:\n' > etc/group
echo alpha > data/a.txt; echo bravo > data/b.txt; ln data/b.txt data/b-hard.txt
printf 'one\ntwo\nthree\nfour\nfive\n' > data/c.txt; ln -s a.txt data/link-a; ln -s dir data/link-dir
echo x > data/dir/x; echo y > data/dir/y; echo z > data/dir/sub/z; ln -s nowhere data/dangling
printf '[main]\nkey=value\n' > app/config.ini; printf '#!/bin/sh\necho run $*\n' > app/run.sh; chmod 755 app/run.sh
find . -exec touch -h -d '2023-11-14 22:13:20 UTC' {} +";

/// Runs a script in an overlay of the tree that is gone with its mount namespace.
const IN_OVERLAY: &str = r#"mount -t tmpfs tmpfs "$2"; cd "$2"; mkdir u w m
mount -t overlay overlay -o lowerdir="$1",upperdir=u,workdir=w m
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot m sh -c "$3""#;

struct Said {
    stdout: String,
    stderr: String,
    status: u8,
}

fn real(tree: &Path, scratch: &Path, script: &str) -> Said {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", IN_OVERLAY, "sh"]);
    let out = run(command.arg(tree).arg(scratch).arg(script));
    Said {
        stdout: normal(&String::from_utf8_lossy(&out.stdout)),
        stderr: normal(&String::from_utf8_lossy(&out.stderr)),
        status: u8::try_from(out.status.code().expect("it is not killed")).expect("a status is a byte"),
    }
}

#[test]
fn a_container_says_what_busybox_says() {
    need_root();
    drop(busybox());
    let folder = tempfile::tempdir().unwrap();
    let (tree, scratch, tar) =
        (folder.path().join("tree"), folder.path().join("scratch"), folder.path().join("tree.tar"));
    // On a tmpfs of its own, as the lab's disk is one: sizes of directories are the file system's.
    std::fs::create_dir(&tree).unwrap();
    std::fs::create_dir(&scratch).unwrap();
    must(Command::new("mount").args(["-t", "tmpfs", "tmpfs"]).arg(&tree));
    let mounted = Mounted(&tree);
    must(Command::new("sh").args(["-c", TREE, "sh"]).arg(&tree));
    must(
        Command::new("tar")
            .args(["--numeric-owner", "--sort=name", "-cf"])
            .arg(&tar)
            .arg("-C")
            .arg(&tree)
            .arg("."),
    );

    let mut session = sim::session();
    sim::put(&mut session, "/base.tar", &std::fs::read(&tar).unwrap());
    assert_eq!(sim::run(&mut session, "docker import /base.tar lab:base").status, 0);
    let mut wrong = String::new();
    for script in SCRIPTS.split("\n---\n").skip(1) {
        let script = script.trim_matches('\n');
        sim::put(&mut session, "/script", script.as_bytes());
        let answer =
            sim::run(&mut session, r#"docker run --rm --network none lab:base sh -c "$(cat /script)""#);
        let lab = Said {
            stdout: normal(&String::from_utf8_lossy(&answer.stdout)),
            stderr: normal(&String::from_utf8_lossy(&answer.stderr)),
            status: answer.status,
        };
        let real = real(&tree, &scratch, script);
        if (&lab.stdout, &lab.stderr, lab.status) != (&real.stdout, &real.stderr, real.status) {
            let _ = writeln!(
                wrong,
                "## {script}\n-- busybox, status {}\n{}{}-- lab, status {}\n{}{}",
                real.status, real.stdout, real.stderr, lab.status, lab.stdout, lab.stderr
            );
        }
    }
    drop(mounted);
    assert!(wrong.is_empty(), "{wrong}");
}

/// Unmounts when dropped.
struct Mounted<'a>(&'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}
