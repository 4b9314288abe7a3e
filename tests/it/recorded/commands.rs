//! Recorded commands, each after lines that bring the lab to a like state.

use layerlab_tests::oracle;

use super::{Lab, Said, normal, text};

/// Two imports, one of them without a name.
const IMPORTED: &[&str] = &[
    "sleep 1; docker import -m 'imported rootfs' -c 'ENV A=1' -c 'CMD [\"/bin/sh\"]' base.tar lab:imp",
    "sleep 1; docker import base.tar",
    "sleep 2",
];
/// A container that is up.
const GARBAGE: &[&str] =
    &["i=0; while [ $i -lt 100 ]; do echo garbage garbage; i=$((i+1)); done > garbage.tar"];
const UP: &[&str] = &["docker run -d --network none --name lab-run1 lab:base sleep 100000"];
/// A container that is up, one that was never started, two whose program is not there.
const SEVERAL: &[&str] = &[
    "docker run --network none --name lab-nf lab:base nosuchcmd 2>/dev/null",
    "sleep 1; docker run --network none --name lab-nf28 lab:base nosuchcmd 2>/dev/null",
    "sleep 8; docker run -d --network none --name lab-run1 lab:base sleep 100000",
    "sleep 1; docker create --network none --name lab-created lab:base sh -c 'echo created'",
];
/// The container under its later name, with 43 bytes of its own.
const RENAMED: &[&str] = &[
    "docker run -d --network none --name lab-run1b lab:base sleep 100000",
    "docker exec lab-run1b sh -c 'echo live > /data/live.txt'",
    "echo from host > hostfile; mkdir -p hostdir; echo 1 > hostdir/one",
];
/// An image without changes, thrice.
const NOOP: &[&str] = &[
    "docker run --network none --name lab-noop lab:base true",
    "docker commit -m nothing lab-noop lab:nothing",
];
/// An image of a container's change, and one on top of it.
const CHAIN: &[&str] = &[
    "docker run -d --network none --name lab-run1b lab:base sleep 100000",
    "docker exec lab-run1b sh -c 'printf 0123456789012345678901234567890123456789012 > /new'",
    "docker commit lab-run1b lab:np",
    "sleep 9; docker run --network none --name lab-cc lab:np sh -c 'echo two > /two.txt'",
    "docker commit -m second lab-cc lab:c2",
    "sleep 1",
];
/// An image of one layer more than the base, with two names.
const LEAF: &[&str] = &[
    "docker run --name lab-leaf --network none lab:base sh -c 'echo leaf > /leaf'",
    "docker commit lab-leaf labs:leaf; docker rm lab-leaf; docker tag labs:leaf labz:leaf",
];
/// The same with one name and a container that is not up.
const LEAF_STOPPED: &[&str] = &[
    "docker run --name lab-leaf --network none lab:base sh -c 'echo leaf > /leaf'",
    "docker commit lab-leaf labs:leaf; docker rm lab-leaf",
    "docker run --name lab-leafc --network none labs:leaf true",
];
/// The same with one name and a container that is up.
const LEAF_UP: &[&str] = &[
    "docker run --name lab-leaf --network none lab:base sh -c 'echo leaf > /leaf'",
    "docker commit lab-leaf labs:leaf; docker rm lab-leaf",
    "docker run -d --name lab-leafr --network none labs:leaf sleep 1000",
];
/// The recorded archives, under the names that the commands have.
const ARCHIVES: &[&str] = &["true"];

/// Which recorded commands run after which lines.
const CASES: &[(&str, &[&str])] = &[
    ("commit-after-rmi-force", CHAIN_USED),
    ("commit-bad-change", RENAMED),
    ("commit-bad-change2", RENAMED),
    ("commit-chain", CHAIN),
    ("commit-chain-history", CHAIN),
    ("commit-chain-run", &["docker import base.tar lab:np"]),
    ("commit-missing", &[]),
    ("commit-no-args", &[]),
    ("commit-no-pause", RENAMED),
    ("commit-running-msg-author-change", RENAMED),
    ("commit-twice-same", NOOP),
    ("copyup-fd-split", &[]),
    ("cp-dir-to-file", RENAMED),
    ("cp-in", RENAMED),
    ("cp-missing", RENAMED),
    ("cp-out", RENAMED),
    ("cp-out-missing", RENAMED),
    (
        "cp-symlink-out-L",
        &[
            "docker run -d --network none --name lab-run1b lab:base sleep 100000",
            "docker exec lab-run1b sh -c 'echo from host > /data/a.txt'",
        ],
    ),
    ("cp-to-created", &["docker create --name lab-created lab:base true", "echo x > hostfile"]),
    ("diff-missing", &[]),
    ("diff-no-args", &[]),
    ("exec-missing", &[]),
    (
        "exec-after-restart",
        &[
            "docker run -d --network none --name lab-run1 lab:base sleep 100000",
            "docker exec lab-run1 sh -c 'echo live > /data/live.txt'; docker stop -t 0 lab-run1; docker start lab-run1",
        ],
    ),
    ("exec-paused", PAUSED),
    ("history-c1-nohuman", COMMITTED),
    ("history-c1", COMMITTED),
    ("history-c1-json", COMMITTED),
    ("history-c1-notrunc", COMMITTED),
    ("history-c1-quiet", COMMITTED),
    ("history-imported", &["sleep 8"]),
    ("history-imported-msg", IMPORTED),
    ("history-missing", &[]),
    ("image-inspect-graphdriver", &[]),
    ("image-inspect-imp-config", IMPORTED),
    ("image-inspect-imported", &[]),
    ("image-inspect-rootfs", &[]),
    ("images-c28", IMPORTED),
    ("images-dangling", IMPORTED),
    ("images-digests", IMPORTED),
    ("images-filter", IMPORTED),
    ("images-no-trunc", IMPORTED),
    ("images-nonexistent", &[]),
    ("images-q", IMPORTED),
    ("import-bad-ref", &[]),
    ("import-exported", &["docker create --name cc lab:base true; docker export cc -o export.tar"]),
    ("import-garbage", GARBAGE),
    ("inspect-container", UP),
    ("inspect-container-graphdriver", UP),
    (
        "inspect-container-size",
        &[
            "docker run -d --network none --name lab-run1 lab:base sleep 100000; docker exec lab-run1 sh -c 'echo live > /data/live.txt'",
        ],
    ),
    ("inspect-missing", &[]),
    ("load-again", ARCHIVES),
    ("load-after-rmi", ARCHIVES),
    ("load-garbage", GARBAGE),
    ("load-layer-count-mismatch", ARCHIVES),
    ("load-missing", &[]),
    ("load-no-manifest", ARCHIVES),
    ("load-nontty-new-layers", &["docker load -i tiny.tar"]),
    ("load-history-missing", &["docker load -i save1.tar"]),
    ("load-parent-empty", &["docker load -i save1.tar"]),
    ("pause", RENAMED),
    ("ps-a", SEVERAL),
    (
        "ps-a-after-stop",
        &[
            "docker run -d --network none --name lab-run1 lab:base sleep 100000",
            "sleep 5; docker stop -t 0 lab-run1",
        ],
    ),
    ("ps-a-notrunc", SEVERAL),
    ("ps-empty", UP),
    ("ps-json", UP),
    ("ps-paused", PAUSED),
    ("ps-running", UP),
    ("pull-bad-ref", &[]),
    ("pull-noregistry", &[]),
    ("rename", UP),
    ("rm-missing", &[]),
    ("rm-ok", &["docker create --name lab-uses lab:base true"]),
    ("rm-paused", PAUSED),
    ("rm-running", UP),
    ("rm-running-c28", UP),
    ("rmi-dependent-children", IMPORTED),
    ("rmi-f-missing", &[]),
    ("rmi-leaf-id-multi-repo", LEAF),
    ("rmi-leaf-id-multi-repo-force", LEAF),
    ("rmi-leaf-id-running", LEAF_UP),
    ("rmi-leaf-id-stopped-container", LEAF_STOPPED),
    ("rmi-leaf-id-stopped-container-force", LEAF_STOPPED),
    ("rmi-leaf-id-two-tags-same-repo", LEAF),
    ("rmi-missing", &[]),
    ("rmi-multi", &[]),
    ("rmi-multi-repo-by-id", CHAIN),
    (
        "rmi-stopped-force",
        &[
            "docker run --name cc lab:base sh -c 'echo two > /two'; docker commit cc lab:np; docker commit cc lab:c2; docker rm cc; docker create --name lab-uses lab:c2 true",
        ],
    ),
    ("rmi-used-by-running-by-id", CHAIN),
    ("rmi-tag-used-by-stopped", RMI_TAG),
    ("run-bad-name", &[]),
    ("run-cmd-not-found", &[]),
    ("run-detached", &[]),
    ("run-invalid-ref", &[]),
    ("run-not-exec", &[]),
    ("save-missing", &[]),
    ("save-deterministic", &["docker load -i save1.tar"]),
    (
        "start",
        &["docker run -d --network none --name lab-run1 lab:base sleep 100000; docker stop -t 0 lab-run1"],
    ),
    ("start-after-rmi-force", CHAIN_USED),
    ("start-missing", &[]),
    ("stop", UP),
    ("stop-missing", &[]),
    ("tag-bad", &[]),
    ("tag-bad2", &[]),
    ("tag-missing", &[]),
    ("tag-no-tag", &[]),
    ("tag-ok", &[]),
    ("unknown-flag", &[]),
    ("unpause", PAUSED),
    ("version", &[]),
];

const PAUSED: &[&str] = &[
    "docker run -d --network none --name lab-run1b lab:base sleep 100000",
    "sleep 6",
    "docker pause lab-run1b",
];
const COMMITTED: &[&str] = &[
    "sleep 300; docker run -d --network none --name lab-run1b lab:base sleep 100000",
    "docker exec lab-run1b sh -c 'printf 0123456789012345678901234567890123456789012 > /new'",
    "docker commit -m 'my message' -a 'Me <me@x>' lab-run1b lab:c1",
    "sleep 6",
];
const CHAIN_USED: &[&str] = &[
    "docker run --name cc lab:base sh -c 'echo two > /two'; docker commit cc lab:c2; docker rm cc",
    "docker create --network none --name lab-uses lab:c2 true; docker rmi -f lab:c2",
];
const RMI_TAG: &[&str] = &[
    "docker run --network none --name lab-noop lab:base true; docker commit lab-noop lab:nothing",
    "docker run --name cc lab:base sh -c 'echo two > /two'; docker commit cc lab:c2; docker rm cc lab-noop",
];

#[test]
fn recorded_commands() {
    let (docker, samples) = (oracle::folder("docker"), oracle::folder("samples"));
    let mut bad = Vec::new();
    for (name, setup) in CASES {
        let case = docker.join(name);
        let mut lab = Lab::new();
        for (archive, as_name) in [
            ("docker20-save-3layers.tar.gz", "/root/save1.tar"),
            ("docker20-save-tiny.tar", "/root/tiny.tar"),
            ("minimal-3-file-docker-archive.tar", "/root/minimal.tar"),
            ("bad-cfg.tar", "/root/bad-cfg.tar"),
            ("no-manifest.tar", "/root/no-manifest.tar"),
        ] {
            lab.put(as_name, &std::fs::read(samples.join(archive)).expect("a sample"));
        }
        for line in *setup {
            lab.run(line);
        }
        let line = text(&case, "cmd").replace("/usr/local/bin/docker", "docker");
        let line = line.split(" | jq").next().unwrap_or_default().trim_end().to_owned();
        let said = lab.run(&line);
        let want = Said {
            stdout: normal(&text(&case, "stdout")),
            stderr: normal(&text(&case, "stderr")),
            status: text(&case, "code").trim().parse().unwrap_or(0),
        };
        let got = Said { stdout: normal(&said.stdout), stderr: normal(&said.stderr), status: said.status };
        if got != want {
            bad.push(format!("## {name}: {line}\n{}", differences(&got, &want)));
        }
    }
    eprintln!("recorded commands: {} of {} as Docker's", CASES.len() - bad.len(), CASES.len());
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// The lines that differ.
fn differences(got: &Said, want: &Said) -> String {
    let mut out = String::new();
    if got.status != want.status {
        out.push_str(&format!("status {} for {}\n", got.status, want.status));
    }
    for (what, got, want) in [("stdout", &got.stdout, &want.stdout), ("stderr", &got.stderr, &want.stderr)] {
        if got == want {
            continue;
        }
        let (mut ours, mut theirs) = (got.lines(), want.lines());
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => break,
                (a, b) if a == b => {}
                (a, b) => out.push_str(&format!(
                    "{what} lab    {}\n{what} docker {}\n",
                    a.unwrap_or("-"),
                    b.unwrap_or("-")
                )),
            }
        }
    }
    out
}
