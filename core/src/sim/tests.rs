//! The plain disk, call by call.

use super::SimKernel;
use crate::kernel::*;

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
