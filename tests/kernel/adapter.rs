//! That a call means what it means for a process in a container: root, working directory, ids, names of attributes.

use layerlab_core::kernel::{
    Call, Caps, Device, Errno, FileType, Follow, MountFlags, OpenFlags, RenameFlags, Task, UmountFlags,
    Value, XattrMode,
};
use layerlab_tests::lab::On;

use crate::child::start;

const BOTH: [On; 2] = [On::Root, On::User];

fn lstat(path: &str) -> Call {
    Call::Lstat { path: path.into() }
}

fn stat(path: &str) -> Call {
    Call::Stat { path: path.into() }
}

#[test]
fn links_and_dots_stay_below_the_tasks_root() {
    for on in BOTH {
        let mut lab = start(on, None).unwrap();
        lab.overlay();
        lab.write("/outside", "outside");
        let inside = Task::root().chrooted("/m");
        lab.ok(&inside, Call::Symlink { target: "/f".into(), path: "/absolute".into() });
        lab.ok(&inside, Call::Symlink { target: "../../../outside".into(), path: "/d/up".into() });
        assert_eq!(lab.read(&inside, "/absolute"), "lower");
        assert_eq!(lab.read(&inside, "/../../d/../f"), "lower");
        assert_eq!(lab.err(&inside, stat("/d/up")), Errno::ENOENT);
        assert_eq!(lab.err(&inside, stat("/../outside")), Errno::ENOENT);
        assert_eq!(lab.err(&inside, lstat("/f/")), Errno::ENOTDIR);
        // The lab's own root sees both.
        assert_eq!(lab.read(&Task::root(), "/outside"), "outside");
        assert_eq!(lab.read(&Task::root(), "/m/f"), "lower");
    }
}

#[test]
fn relative_paths_start_where_the_task_stands() {
    for on in BOTH {
        let mut lab = start(on, None).unwrap();
        lab.overlay();
        let inside = Task::root().chrooted("/m");
        let in_d = inside.at("/d");
        assert_eq!(lab.ok(&in_d, Call::Chdir { path: "..//d/.".into() }), Value::Bytes("/d".into()));
        lab.ok(&in_d, Call::Mkdir { path: "e".into(), mode: 0o755 });
        lab.ok(&inside, lstat("/d/e"));
        // The name moves away and something else takes its place: a path is what it says now.
        lab.ok(&inside, Call::Mkdir { path: "/x".into(), mode: 0o755 });
        let in_x = inside.at("/x");
        lab.ok(&in_x, Call::Mkdir { path: "first".into(), mode: 0o755 });
        lab.ok(&inside, Call::Rename { from: "/x".into(), to: "/y".into(), flags: RenameFlags::empty() });
        assert_eq!(lab.err(&in_x, lstat("first")), Errno::ENOENT);
        lab.ok(&inside.at("/y"), lstat("first"));
        assert_eq!(lab.err(&in_x, lstat("")), Errno::ENOENT);
    }
}

#[test]
fn a_task_stands_in_a_directory_and_not_in_its_name() {
    for on in BOTH {
        let mut lab = start(on, None).unwrap();
        lab.overlay();
        let inside = Task::root().chrooted("/m");
        lab.ok(&inside, Call::Mkdir { path: "/x".into(), mode: 0o755 });
        let flags = OpenFlags::PATH | OpenFlags::DIRECTORY;
        let Value::Fd(dir) = lab.ok(&inside, Call::Open { path: "/x".into(), flags, mode: 0 }) else {
            panic!("open gives a descriptor")
        };
        let in_x = Task { dir: Some(dir), ..inside.clone() };
        lab.ok(&inside, Call::Rename { from: "/x".into(), to: "/y".into(), flags: RenameFlags::empty() });
        lab.ok(&in_x, Call::Mkdir { path: "first".into(), mode: 0o755 });
        lab.ok(&inside, lstat("/y/first"));
        assert_eq!(lab.ok(&in_x, Call::Getcwd), Value::Bytes("/y".into()));
        // Another process holds it on its own.
        let Value::Fd(other) = lab.ok(&in_x, Call::Dup { fd: dir }) else { panic!("dup gives one as well") };
        lab.ok(&in_x, Call::Close { fd: dir });
        assert_eq!(lab.err(&in_x, lstat("first")), Errno::EBADF);
        let other = Task { dir: Some(other), ..inside.clone() };
        let umount = || Call::Umount { target: "/m".into(), flags: UmountFlags::empty() };
        assert_eq!(lab.err(&Task::root(), umount()), Errno::EBUSY);
        lab.ok(&inside, Call::Rmdir { path: "/y/first".into() });
        lab.ok(&inside, Call::Rmdir { path: "/y".into() });
        assert_eq!(lab.err(&other, Call::Getcwd), Errno::ENOENT);
        assert_eq!(lab.err(&other, Call::Mkdir { path: "x".into(), mode: 0o755 }), Errno::ENOENT);
        lab.ok(&other, Call::Close { fd: other.dir.unwrap() });
        lab.ok(&Task::root(), umount());
    }
}

#[test]
fn root_has_the_capabilities_of_its_task() {
    for on in BOTH {
        let mut lab = start(on, None).unwrap();
        lab.overlay();
        let inside = Task::root().chrooted("/m");
        let bare = inside.with_caps(Caps::empty());
        lab.ok(&inside, Call::Mkdir { path: "/closed".into(), mode: 0o500 });
        let make = || Call::Mkdir { path: "/closed/d".into(), mode: 0o755 };
        assert_eq!(lab.err(&bare, make()), Errno::EACCES);
        let mount = || Call::Mount {
            source: "x".into(),
            target: "/d".into(),
            fstype: "tmpfs".into(),
            flags: MountFlags::empty(),
            data: "".into(),
        };
        assert_eq!(lab.err(&inside.with_caps(Caps::CONTAINER), mount()), Errno::EPERM);
        let name = || "trusted.x".into();
        let get = || Call::Getxattr { path: "/d".into(), name: name(), follow: Follow::Link };
        assert_eq!(lab.err(&inside.with_caps(Caps::CONTAINER), get()), Errno::ENODATA);
        // The same thread has them all again for the next caller.
        lab.ok(&inside, make());
        lab.ok(&inside.with_caps(Caps::CONTAINER | Caps::SYS_ADMIN), mount());
        lab.ok(&inside, Call::Umount { target: "/d".into(), flags: UmountFlags::empty() });
    }
}

#[test]
fn a_mount_is_seen_at_once_and_can_be_taken_away() {
    for on in BOTH {
        let mut lab = start(on, None).unwrap();
        lab.mkdir("/m");
        let inside = Task::root().chrooted("/m");
        lab.ok(&inside.at("/"), lstat("/"));
        lab.ok(&Task::root(), Call::Rmdir { path: "/m".into() });
        lab.overlay();
        // The same task again: its root is the mount now.
        assert_eq!(lab.read(&inside, "/f"), "lower");
        lab.ok(&Task::root(), Call::Umount { target: "/m".into(), flags: UmountFlags::empty() });
        assert_eq!(lab.err(&inside, lstat("/f")), Errno::ENOENT);
    }
}

#[test]
fn umask_and_ids_are_the_tasks() {
    let mut lab = start(On::Root, None).unwrap();
    lab.overlay();
    let root = Task::root().chrooted("/m");
    let user = root.with_user(1000, 1000);
    assert_eq!(lab.err(&user, Call::Mkdir { path: "/mine".into(), mode: 0o777 }), Errno::EACCES);
    lab.ok(&root, Call::Chmod { path: "/d".into(), mode: 0o1777 });
    lab.ok(&Task { umask: 0o027, ..user.clone() }, Call::Mkdir { path: "/d/mine".into(), mode: 0o777 });
    let Value::Stat(stat) = lab.ok(&root, lstat("/d/mine")) else { panic!("lstat gives a stat") };
    assert_eq!((stat.mode, stat.uid, stat.gid), (0o750, 1000, 1000));
    let other = Task { groups: vec![1000], ..root.with_user(1001, 1001) };
    lab.ok(&other, Call::Chdir { path: "/d/mine".into() });
    assert_eq!(lab.err(&root.with_user(1001, 1001), Call::Chdir { path: "/d/mine".into() }), Errno::EACCES);
    // A whiteout belongs to the mounter, and trusted names are root's.
    lab.ok(&user, Call::Rmdir { path: "/d/mine".into() });
    let opaque = |name: &str| Call::Getxattr { path: "/d".into(), name: name.into(), follow: Follow::Link };
    assert_eq!(lab.err(&user, opaque("trusted.overlay.opaque")), Errno::ENODATA);
}

#[test]
fn a_user_namespace_names_attributes_as_root_does() {
    for on in BOTH {
        let mut lab = start(on, None).unwrap();
        lab.overlay();
        let (host, inside) = (Task::root(), Task::root().chrooted("/m"));
        lab.ok(&inside, Call::Rmdir { path: "/d".into() });
        lab.ok(&inside, Call::Mkdir { path: "/d".into(), mode: 0o755 });
        let listed = lab.ok(&host, Call::Listxattr { path: "/u/d".into(), follow: Follow::Link });
        assert_eq!(listed, Value::Names(vec!["trusted.overlay.opaque".into()]));
        let name = || "trusted.overlay.opaque".into();
        let value = lab.ok(&host, Call::Getxattr { path: "/u/d".into(), name: name(), follow: Follow::Link });
        assert_eq!(value, Value::Bytes("y".into()));
        lab.ok(&host, Call::Removexattr { path: "/u/d".into(), name: name(), follow: Follow::Link });
        let follow = Follow::Link;
        lab.ok(
            &host,
            Call::Setxattr {
                path: "/u/d".into(),
                name: name(),
                value: "y".into(),
                mode: XattrMode::Create,
                follow,
            },
        );
        // Through the mount overlay's own are hidden, and others are escaped.
        assert_eq!(lab.ok(&inside, Call::Listxattr { path: "/d".into(), follow }), Value::Names(vec![]));
        // What `mount` prints tells nothing of it either.
        let overlay = lab.mounts().pop().unwrap();
        let options = overlay.options.to_text();
        assert_eq!(options, "rw,relatime,lowerdir=/l,upperdir=/u,workdir=/w,uuid=on", "{on:?}");
    }
}

#[test]
fn one_mapped_id_is_one_id() {
    let mut lab = start(On::User, None).unwrap();
    lab.mkdir("/d");
    let task = Task::root();
    let chown = Call::Chown { path: "/d".into(), uid: Some(1000), gid: None, follow: Follow::Link };
    assert_eq!(lab.err(&task, chown), Errno::EINVAL);
    assert_eq!(lab.err(&task.with_user(1000, 0), lstat("/d")), Errno::EINVAL);
    // And the session goes on as root.
    lab.mkdir("/e");
}

#[test]
fn opening_a_fifo_does_not_wait() {
    for on in BOTH {
        let mut lab = start(on, None).unwrap();
        let (task, device) = (Task::root(), Device::default());
        lab.ok(&task, Call::Mknod { path: "/p".into(), kind: FileType::Fifo, mode: 0o644, device });
        let open = |flags| Call::Open { path: "/p".into(), flags, mode: 0 };
        lab.ok(&task, open(OpenFlags::RDONLY));
        let mut alone = start(on, None).unwrap();
        alone.ok(&task, Call::Mknod { path: "/p".into(), kind: FileType::Fifo, mode: 0o644, device });
        assert_eq!(alone.err(&task, open(OpenFlags::WRONLY)), Errno::ENXIO);
    }
}
