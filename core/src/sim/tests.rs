//! The plain disk, call by call.

use super::SimKernel;
use crate::kernel::*;
use crate::overlay::{CopyUps, Cost};

fn text(result: Result<ByteString>) -> String {
    result.map_or_else(|e| e.name().to_owned(), |t| t.to_text())
}

fn errno<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.map_or_else(Errno::name, |_| "ok")
}

fn kernel() -> (SimKernel, Task) {
    (SimKernel::new(), Task::root())
}

#[test]
fn files_directories_and_links() {
    let (mut k, t) = kernel();
    k.mkdir(&t, b"/d", 0o777).unwrap();
    fs::write(&mut k, &t, b"/d/f", b"hello", 0o666).unwrap();
    k.link(&t, b"/d/f", b"/d/g").unwrap();
    k.symlink(&t, b"d", b"/s").unwrap();
    let stat = k.stat(&t, b"/s/g").unwrap();
    assert_eq!((stat.nlink, stat.size, stat.mode, stat.blocks), (2, 5, 0o644, 8));
    assert_eq!(fs::read(&mut k, &t, b"/s/f").unwrap(), "hello");
    assert_eq!(k.stat(&t, b"/").unwrap().nlink, 3);
    assert_eq!(errno(k.rmdir(&t, b"/d")), "ENOTEMPTY");
    k.rename(&t, b"/d/f", b"/h", RenameFlags::empty()).unwrap();
    k.unlink(&t, b"/d/g").unwrap();
    k.rmdir(&t, b"/d").unwrap();
    assert_eq!(k.stat(&t, b"/h").unwrap().nlink, 1);
    assert_eq!(errno(k.stat(&t, b"/s")), "ENOENT");
    assert_eq!(text(k.readlink(&t, b"/s")), "d");
    let fd = k.open(&t, b"/s", OpenFlags::WRONLY | OpenFlags::CREAT, 0o600).unwrap();
    k.pwrite(fd, 3, b"x").unwrap();
    k.unlink(&t, b"/d").unwrap();
    assert_eq!(k.fstat(fd).unwrap().size, 4);
    k.close(fd).unwrap();
    let names: Vec<_> = fs::read_dir(&mut k, &t, b"/").unwrap().into_iter().map(|e| e.name).collect();
    assert_eq!(names, ["h", "s"]);
}

#[test]
fn paths_that_go_wrong() {
    let (mut k, t) = kernel();
    k.mkdir(&t, b"/d", 0o755).unwrap();
    fs::write(&mut k, &t, b"/f", b"", 0o644).unwrap();
    k.symlink(&t, b"loop", b"/loop").unwrap();
    k.symlink(&t, b"/f", b"/to-f").unwrap();
    let long = [b'a'; 256];
    let mut deep = b"/".repeat(4095);
    for (path, want) in [
        (&b""[..], "ENOENT"),
        (b"/f/", "ENOTDIR"),
        (b"/f/x", "ENOTDIR"),
        (b"/f/.", "ENOTDIR"),
        (b"/to-f/", "ENOTDIR"),
        (b"/loop", "ELOOP"),
        (b"/none/x", "ENOENT"),
        (b"/../../d/./../d/", "ok"),
        (&long, "ENAMETOOLONG"),
        (&deep, "ok"),
    ] {
        assert_eq!(errno(k.stat(&t, path)), want, "{}", path.escape_ascii());
    }
    deep.push(b'/');
    assert_eq!(errno(k.stat(&t, &deep)), "ENAMETOOLONG");
    assert_eq!(errno(k.mkdir(&t, b"/d/.", 0o755)), "EEXIST");
    assert_eq!(errno(k.mkdir(&t, b"/n/", 0o755)), "ok");
    assert_eq!(errno(k.symlink(&t, b"x", b"/m/")), "ENOENT");
    assert_eq!(errno(k.rmdir(&t, b"/d/.")), "EINVAL");
    assert_eq!(errno(k.rmdir(&t, b"/d/..")), "ENOTEMPTY");
    assert_eq!(errno(k.unlink(&t, b"/d/")), "EISDIR");
    assert_eq!(errno(k.rename(&t, b"/d", b"/d/e", RenameFlags::empty())), "EINVAL");
    assert_eq!(errno(k.rename(&t, b"/f", b"/d", RenameFlags::empty())), "EISDIR");
    assert_eq!(errno(k.rename(&t, b"/d", b"/f", RenameFlags::empty())), "ENOTDIR");
    for i in 0..41 {
        k.symlink(&t, format!("l{}", i + 1).as_bytes(), format!("/l{i}").as_bytes()).unwrap();
    }
    k.mkdir(&t, b"/l41", 0o755).unwrap();
    assert_eq!(errno(k.stat(&t, b"/l1")), "ok");
    assert_eq!(errno(k.stat(&t, b"/l0")), "ELOOP");
}

#[test]
fn a_chroot_is_not_left() {
    let (mut k, t) = kernel();
    for path in ["/jail", "/jail/etc", "/etc"] {
        k.mkdir(&t, path.as_bytes(), 0o755).unwrap();
    }
    k.symlink(&t, b"/etc", b"/jail/abs").unwrap();
    k.symlink(&t, b"../../etc", b"/jail/up").unwrap();
    let jailed = t.chrooted("/jail");
    let inside = k.stat(&t, b"/jail/etc").unwrap().ino;
    for path in ["/abs", "/up", "/../etc", "/../../jail/../etc", "../etc"] {
        assert_eq!(
            k.stat(&jailed, path.as_bytes()).map(|s| s.ino).ok(),
            Some(inside).filter(|_| !path.contains("jail")),
            "{path}"
        );
    }
    assert_eq!(text(k.chdir(&jailed.at("/etc"), b"../up/.")), "/etc");
}

#[test]
fn other_users() {
    let (mut k, t) = kernel();
    let user = t.with_user(1000, 1000);
    k.mkdir(&t, b"/tmp", 0o777).unwrap();
    k.chmod(&t, b"/tmp", 0o1777).unwrap();
    fs::write(&mut k, &t, b"/tmp/root", b"x", 0o600).unwrap();
    assert_eq!(errno(fs::read(&mut k, &user, b"/tmp/root")), "EACCES");
    assert_eq!(errno(k.unlink(&user, b"/tmp/root")), "EPERM");
    assert_eq!(errno(k.mkdir(&user, b"/d", 0o755)), "EACCES");
    fs::write(&mut k, &user, b"/tmp/mine", b"x", 0o4755).unwrap();
    k.chmod(&user, b"/tmp/mine", 0o4777).unwrap();
    assert_eq!(errno(k.chown(&user, b"/tmp/mine", Some(0), None, Follow::Target)), "EPERM");
    assert_eq!(k.stat(&t, b"/tmp/mine").unwrap().mode, 0o4777);
    fs::write(&mut k, &user, b"/tmp/mine", b"y", 0).unwrap();
    assert_eq!(k.stat(&t, b"/tmp/mine").unwrap().mode, 0o777);
    assert_eq!(
        errno(k.setxattr(&user, b"/tmp/mine", b"trusted.x", b"", XattrMode::Set, Follow::Target)),
        "EPERM"
    );
    assert_eq!(
        errno(k.setxattr(&user, b"/tmp/mine", b"user.x", b"1", XattrMode::Replace, Follow::Target)),
        "ENODATA"
    );
}

#[test]
fn mounts_cover_and_uncover() {
    let (mut k, t) = kernel();
    k.mkdir(&t, b"/m", 0o755).unwrap();
    k.mkdir(&t, b"/m/under", 0o755).unwrap();
    k.mount(&t, b"none", b"/m", b"tmpfs", MountFlags::empty(), b"mode=700").unwrap();
    assert_eq!(errno(k.stat(&t, b"/m/under")), "ENOENT");
    fs::write(&mut k, &t, b"/m/f", b"1", 0o644).unwrap();
    assert_eq!(errno(k.rename(&t, b"/m/f", b"/f", RenameFlags::empty())), "EXDEV");
    assert_eq!(errno(k.rmdir(&t, b"/m")), "EBUSY");
    k.mkdir(&t, b"/b", 0o755).unwrap();
    k.mount(&t, b"/m", b"/b", b"", MountFlags::BIND, b"").unwrap();
    assert_eq!(errno(k.stat(&t, b"/b/f")), "ok");
    assert_eq!(text(k.chdir(&t, b"/b/../m/.")), "/m");
    let fd = k.open(&t, b"/m/f", OpenFlags::RDONLY, 0).unwrap();
    assert_eq!(errno(k.umount(&t, b"/m", UmountFlags::empty())), "EBUSY");
    k.umount(&t, b"/m", UmountFlags::DETACH).unwrap();
    assert_eq!(k.pread(fd, 0, 9).unwrap(), "1");
    assert_eq!(errno(k.stat(&t, b"/m/under")), "ok");
    assert_eq!(errno(k.umount(&t, b"/m", UmountFlags::empty())), "EINVAL");
    let shown: Vec<_> =
        k.mountinfo().unwrap().into_iter().map(|m| format!("{} {}", m.target, m.options)).collect();
    assert_eq!(shown, ["/ rw,relatime", "/b rw,relatime,mode=700"]);
}

#[test]
fn a_clone_is_another_world() {
    let (mut k, t) = kernel();
    fs::write(&mut k, &t, b"/f", b"one", 0o644).unwrap();
    let mut other = k.clone();
    fs::write(&mut other, &t, b"/f", b"two!", 0o644).unwrap();
    other.unlink(&t, b"/f").unwrap();
    assert_eq!(fs::read(&mut k, &t, b"/f").unwrap(), "one");
    assert_eq!(errno(other.stat(&t, b"/f")), "ENOENT");
}

/// `/l0` over `/l1` below `/u`, mounted at `/m`, each with what the test puts there first.
fn overlay(k: &mut SimKernel, t: &Task, files: &[&str]) {
    for dir in ["/l0", "/l1", "/u", "/w", "/m"] {
        k.mkdir(t, dir.as_bytes(), 0o755).unwrap();
    }
    for path in files {
        fs::mkdir_all(k, t, crate::kernel::path::parent(path.as_bytes()), 0o755).unwrap();
        fs::write(k, t, path.as_bytes(), b"1234", 0o644).unwrap();
    }
    let data = b"lowerdir=/l0:/l1,upperdir=/u,workdir=/w";
    k.mount(t, b"overlay", b"/m", b"overlay", MountFlags::empty(), data).unwrap();
}

#[test]
fn a_change_costs_what_it_copies_up() {
    let (mut k, t) = kernel();
    overlay(&mut k, &t, &["/l1/d/f", "/l1/d/g"]);
    k.unlink(&t, b"/m/d/g").unwrap();
    k.chmod(&t, b"/m/d/f", 0o600).unwrap();
    k.chmod(&t, b"/m/d/f", 0o644).unwrap();
    let copied = k.take_copy_ups();
    let list: Vec<_> = copied.list.iter().map(|c| (c.path.to_text(), c.bytes)).collect();
    assert_eq!(list, [("/d".to_owned(), 0), ("/d/f".to_owned(), 4)]);
    assert_eq!(copied.cost, Cost { entries: 2, bytes: 4 });
    let upper = k.stat(&t, b"/u").unwrap();
    assert_eq!(copied.list[0].upper, (upper.dev, upper.ino));
    assert_eq!(k.take_copy_ups(), CopyUps::default());
    assert!(k.lstat(&t, b"/u/d/g").unwrap().is_whiteout());
    assert_eq!(errno(k.lstat(&t, b"/m/d/g")), "ENOENT");
    assert_eq!(k.inconsistencies(), Vec::<String>::new());
}

#[test]
fn why_a_path_is_what_it_is() {
    use crate::overlay::{Directories, Saw, UpperLayer, explain};
    let (mut k, t) = kernel();
    overlay(&mut k, &t, &["/l0/d/f", "/l1/d/f", "/l1/d/g"]);
    k.unlink(&t, b"/m/d/g").unwrap();
    let lower = vec!["/l0".into(), "/l1".into()];
    let mut dirs = Directories { kernel: &mut k, upper: Some("/u".into()), lower };
    let mut why = |path: &str| {
        let names = explain(&mut dirs, UpperLayer::Asked, path.as_bytes()).unwrap();
        names
            .into_iter()
            .map(|name| {
                let saw: Vec<Saw> = name.steps.iter().map(|step| step.saw.clone()).collect();
                (name.layers().collect::<Vec<_>>(), saw)
            })
            .collect::<Vec<_>>()
    };
    let dir = (vec![0, 1, 2], vec![Saw::Dir, Saw::Dir, Saw::Dir]);
    assert_eq!(why("/d/f"), [dir.clone(), (vec![1], vec![Saw::Nothing, Saw::Other])]);
    assert_eq!(why("/d/g"), [dir.clone(), (vec![], vec![Saw::Whiteout])]);
    assert_eq!(why("/d/f/x"), why("/d/f"));
    assert_eq!(why("/"), []);
}

#[test]
fn a_changed_layer_is_seen_at_the_next_look() {
    let (mut k, t) = kernel();
    overlay(&mut k, &t, &["/l0/a"]);
    assert_eq!(errno(k.stat(&t, b"/m/b")), "ENOENT");
    fs::write(&mut k, &t, b"/l0/b", b"", 0o644).unwrap();
    assert_eq!(errno(k.stat(&t, b"/m/b")), "ok");
    k.mkdir(&t, b"/u/a", 0o755).unwrap();
    assert!(k.stat(&t, b"/m/a").unwrap().is_dir());
}

#[test]
fn what_cannot_be_mounted() {
    let (mut k, t) = kernel();
    overlay(&mut k, &t, &["/l0/d/f"]);
    k.mkdir(&t, b"/n", 0o755).unwrap();
    k.mkdir(&t, b"/w/x", 0o755).unwrap();
    let many = vec!["/l0"; 501].join(":");
    for (data, want) in [
        ("lowerdir=/l0:/l0".to_owned(), "ELOOP"),
        ("lowerdir=/l0:/l0/d".to_owned(), "ELOOP"),
        ("lowerdir=/none".to_owned(), "ENOENT"),
        ("upperdir=/u,workdir=/w".to_owned(), "EINVAL"),
        ("lowerdir=/l0,upperdir=/u".to_owned(), "EINVAL"),
        ("lowerdir=/l0,upperdir=/w/x,workdir=/w".to_owned(), "EINVAL"),
        ("lowerdir=/l0,nonsense".to_owned(), "EINVAL"),
        ("lowerdir=/m".to_owned(), "EINVAL"),
        (format!("lowerdir={many}"), "EINVAL"),
        (format!("lowerdir=/l0{}", "/".repeat(4096)), "EINVAL"),
    ] {
        let got = k.mount(&t, b"overlay", b"/n", b"overlay", MountFlags::empty(), data.as_bytes());
        assert_eq!(errno(got), want, "{}", &data[..data.len().min(60)]);
    }
    // Without an upper layer it takes two lower ones.
    k.mkdir(&t, b"/o", 0o755).unwrap();
    k.mount(&t, b"overlay", b"/n", b"overlay", MountFlags::empty(), b"lowerdir=/m:/o").unwrap();
    assert_eq!(errno(k.stat(&t, b"/n/d/f")), "ok");
    assert_eq!(errno(k.mkdir(&t, b"/n/x", 0o755)), "EROFS");
}
