//! That nothing of the machine can be reached from a session, and that nothing of a session is left on the machine.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use layerlab_core::kernel::{Call, Device, Errno, FileType, MountFlags, OpenFlags, Task};
use layerlab_tests::lab::{self, On};
use layerlab_tests::poll::poll;
use layerlab_tests::process::must;

use crate::child::{overlay_mount, start};

#[test]
fn a_file_outside_is_never_touched() {
    for on in [On::Root, On::User] {
        let folder = lab::shared_folder();
        let canary = folder.path().join("canary");
        std::fs::write(&canary, "alive").unwrap();
        let before = std::fs::metadata(&canary).unwrap().modified().unwrap();
        let path = canary.to_str().unwrap();

        let mut lab = start(on, None).unwrap();
        lab.overlay();
        let (task, inside) = (Task::root(), Task::root().chrooted("/m"));
        for way in
            [path.to_owned(), format!("/../../..{path}"), format!("..{path}"), format!("/proc/1/root{path}")]
        {
            for task in [&task, &inside] {
                assert_eq!(lab.err(task, Call::Unlink { path: way.clone().into() }), Errno::ENOENT);
                let flags = OpenFlags::WRONLY | OpenFlags::TRUNC;
                assert_eq!(
                    lab.err(task, Call::Open { path: way.clone().into(), flags, mode: 0 }),
                    Errno::ENOENT
                );
            }
        }
        for fstype in ["proc", "sysfs", "devtmpfs", "ext4", "cgroup2"] {
            let mount = Call::Mount {
                source: "x".into(),
                target: "/m".into(),
                fstype: fstype.into(),
                flags: MountFlags::empty(),
                data: "".into(),
            };
            assert_eq!(lab.err(&task, mount), Errno::ENODEV, "{fstype}");
        }
        let outside = format!("lowerdir={},upperdir=/u,workdir=/w", folder.path().display());
        assert_eq!(lab.err(&task, overlay_mount(&outside)), Errno::ENOENT);
        assert_eq!(lab.mounts().len(), 2, "the root and the overlay");

        assert_eq!(std::fs::read_to_string(&canary).unwrap(), "alive");
        assert_eq!(std::fs::metadata(&canary).unwrap().modified().unwrap(), before);
    }
}

#[test]
fn devices_cannot_be_opened() {
    let mut lab = start(On::Root, None).unwrap();
    lab.overlay();
    let null = Device { major: 1, minor: 3 };
    let open = |path: &str| Call::Open { path: path.into(), flags: OpenFlags::RDWR, mode: 0 };
    for (task, path) in [(Task::root(), "/null"), (Task::root().chrooted("/m"), "/null2")] {
        lab.ok(&task, Call::Mknod { path: path.into(), kind: FileType::Char, mode: 0o666, device: null });
        assert_eq!(lab.err(&task, open(path)), Errno::EACCES);
    }
}

#[test]
fn nothing_stays_mounted_when_a_session_is_killed() {
    let before = mounts_of("self");
    for on in [On::Root, On::User] {
        let mut lab = start(on, None).unwrap();
        lab.overlay();
        let pid = lab.pid();
        // Its own two mounts, and none of the machine's.
        let inside = mounts_of(&pid.to_string());
        assert_eq!(inside.lines().count(), 2, "{inside}");
        assert!(inside.contains(" - overlay "), "{inside}");
        let namespace = namespace_of(pid);
        must(Command::new("kill").args(["-KILL", &pid.to_string()]));
        drop(lab);
        poll("the namespace to end", Duration::from_secs(10), || (!in_use(&namespace)).then_some(()));
    }
    assert_eq!(mounts_of("self"), before);
}

#[test]
fn the_child_ends_with_its_parent() {
    for on in [On::Root, On::User] {
        // A parent that replays for as long as it is let.
        let trace = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/traces/copied-up-by-a-change.jsonl");
        let folder = lab::shared_folder();
        let copy = folder.path().join("trace.jsonl");
        std::fs::copy(trace, &copy).unwrap();
        let mut command = lab::layerlab(on);
        command.args(["replay", "--on", "host"]).args(std::iter::repeat_n(copy, 10_000));
        let mut parent = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        let child = poll("the child", Duration::from_secs(10), || child_of(parent.id()));
        let namespace = namespace_of(child);
        parent.kill().unwrap();
        parent.wait().unwrap();
        poll("the namespace to end", Duration::from_secs(10), || (!in_use(&namespace)).then_some(()));
    }
}

#[test]
fn a_reset_leaves_an_empty_disk() {
    for on in [On::Root, On::User] {
        let mut lab = start(on, None).unwrap();
        lab.overlay();
        let open = Call::Open { path: "/m/f".into(), flags: OpenFlags::RDWR, mode: 0 };
        lab.ok(&Task::root(), open);
        for _ in 0..3 {
            lab.reset().unwrap();
            assert_eq!(lab.err(&Task::root(), Call::Lstat { path: "/m".into() }), Errno::ENOENT);
            assert_eq!(lab.mounts().len(), 1);
            lab.overlay();
        }
        assert_eq!(mounts_of(&lab.pid().to_string()).lines().count(), 2);
    }
}

fn mounts_of(process: &str) -> String {
    std::fs::read_to_string(format!("/proc/{process}/mountinfo")).expect("the process is there")
}

fn namespace_of(process: u32) -> String {
    std::fs::read_link(format!("/proc/{process}/ns/mnt")).expect("the process is there").display().to_string()
}

/// Whether any process is in the mount namespace.
fn in_use(namespace: &str) -> bool {
    let processes = std::fs::read_dir("/proc").expect("Linux has /proc").flatten();
    processes
        .filter_map(|entry| std::fs::read_link(entry.path().join("ns/mnt")).ok())
        .any(|link| link.to_str() == Some(namespace))
}

/// The child of a process, once it has mounts of its own.
fn child_of(parent: u32) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    let child = children.split_whitespace().next()?.parse().ok()?;
    (namespace_of(child) != namespace_of(parent)).then_some(child)
}
