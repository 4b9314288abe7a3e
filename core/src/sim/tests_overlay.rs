//! Overlay mounts with options, over several file systems, and with odd things in their layers: as Linux 6.18 answered.

use super::SimKernel;
use super::overlay::{IMPURE, ORIGIN, REDIRECT};
use crate::kernel::*;

fn lab(dirs: &[&str]) -> (SimKernel, Task) {
    let (mut k, t) = (SimKernel::new(), Task { umask: 0, ..Task::root() });
    for dir in dirs {
        fs::mkdir_all(&mut k, &t, dir.as_bytes(), 0o755).unwrap();
    }
    k.tick();
    (k, t)
}

fn mount(k: &mut SimKernel, options: &str) -> Result<String> {
    let t = Task::root();
    k.mount(&t, b"ov", b"/m", b"overlay", MountFlags::empty(), options.as_bytes())?;
    Ok(k.mountinfo()?.pop().unwrap().options.to_text())
}

fn umount(k: &mut SimKernel) {
    k.umount(&Task::root(), b"/m", UmountFlags::empty()).unwrap();
}

const UPPER: &str = "lowerdir=/l,upperdir=/u,workdir=/w";
const DIRS: [&str; 5] = ["/l/d", "/u", "/w", "/m", "/l2"];

#[test]
fn the_mount_table_shows_what_is_not_by_default() {
    for (given, shown) in [
        (",default_permissions", ",default_permissions,uuid=on"),
        (",redirect_dir=follow", ",uuid=on"),
        (",redirect_dir=on", ",redirect_dir=on,uuid=on"),
        (",redirect_dir=nofollow", ",redirect_dir=nofollow,uuid=on"),
        (",uuid=null", ",uuid=null"),
        (",volatile", ",uuid=on,fsync=volatile"),
        (",xino=on", ",uuid=on"),
    ] {
        let (mut k, _) = lab(&DIRS);
        assert_eq!(mount(&mut k, &format!("{UPPER}{given}")), Ok(format!("rw,relatime,{UPPER}{shown}")));
    }
    for (given, shown) in [
        ("lowerdir=/l:/l2", "lowerdir=/l:/l2,redirect_dir=on"),
        ("lowerdir=/l:/l2,uuid=on,volatile,workdir=/w", "lowerdir=/l:/l2,redirect_dir=on,uuid=null"),
        ("lowerdir+=/l,lowerdir+=/l2", "lowerdir+=/l,lowerdir+=/l2,redirect_dir=on"),
        ("sync,lowerdir=/l:/l2", "sync,lowerdir=/l:/l2,redirect_dir=on"),
    ] {
        let (mut k, _) = lab(&DIRS);
        assert_eq!(mount(&mut k, given), Ok(format!("rw,relatime,{shown}")));
        assert!(k.mountinfo().unwrap().pop().unwrap().read_only);
    }
    for given in ["lowerdir=/l,lowerdir+=/l2", "lowerdir+=/l,lowerdir=/l2", "lowerdir=/l:/l2,index=on"] {
        let (mut k, _) = lab(&DIRS);
        assert_eq!(mount(&mut k, given), Err(Errno::EINVAL), "{given}");
    }
    // An upper directory that was used before there were ids keeps to none.
    let (mut k, t) = lab(&DIRS);
    k.setxattr(&t, b"/u", IMPURE, b"y", XattrMode::Set, Follow::Link).unwrap();
    assert_eq!(mount(&mut k, UPPER), Ok(format!("rw,relatime,{UPPER},uuid=null")));
}

#[test]
fn a_moved_directory_keeps_what_it_has_below() {
    let (mut k, t) = lab(&DIRS);
    fs::write(&mut k, &t, b"/l/d/f", b"x", 0o644).unwrap();
    let moved = k.clone();
    mount(&mut k, &format!("{UPPER},redirect_dir=on")).unwrap();
    k.rename(&t, b"/m/d", b"/m/e", RenameFlags::empty()).unwrap();
    k.mkdir(&t, b"/m/new", 0o755).unwrap();
    k.rename(&t, b"/m/e", b"/m/new/g", RenameFlags::empty()).unwrap();
    assert_eq!(fs::read(&mut k, &t, b"/m/new/g/f").unwrap(), "x");
    let to = k.getxattr(&t, b"/u/new/g", REDIRECT, Follow::Link);
    assert_eq!(to, Ok("/d".into()));
    umount(&mut k);
    // It is followed where redirects are only followed. Where they are not, the new directory has nothing below to miss.
    mount(&mut k, UPPER).unwrap();
    assert_eq!(fs::read(&mut k, &t, b"/m/new/g/f").unwrap(), "x");
    umount(&mut k);
    mount(&mut k, &format!("{UPPER},redirect_dir=nofollow")).unwrap();
    // [redirects-refused/upper-path]
    assert!(k.lstat(&t, b"/m/new/g").unwrap().is_dir());
    assert_eq!(fs::read(&mut k, &t, b"/m/new/g/f"), Err(Errno::ENOENT));
    let mut off = moved;
    mount(&mut off, &format!("{UPPER},redirect_dir=off")).unwrap();
    assert_eq!(off.rename(&t, b"/m/d", b"/m/e", RenameFlags::empty()), Err(Errno::EXDEV));
}

#[test]
fn numbers_over_two_file_systems() {
    let (mut k, t) = lab(&["/l/d", "/b", "/m"]);
    fs::write(&mut k, &t, b"/l/f", b"x", 0o644).unwrap();
    k.mount(&t, b"x", b"/b", b"tmpfs", MountFlags::empty(), b"").unwrap();
    for dir in ["/b/u", "/b/w"] {
        k.mkdir(&t, dir.as_bytes(), 0o755).unwrap();
    }
    let options = "lowerdir=/l,upperdir=/b/u,workdir=/b/w";
    mount(&mut k, options).unwrap();
    let before = k.stat(&t, b"/m/f").unwrap();
    k.chmod(&t, b"/m/f", 0o600).unwrap();
    let after = k.stat(&t, b"/m/f").unwrap();
    assert_eq!((after.ino, after.dev), (before.ino, before.dev));
    assert_ne!(after.dev, k.stat(&t, b"/m").unwrap().dev);
    assert_ne!(k.stat(&t, b"/m/d").unwrap().ino, k.stat(&t, b"/l/d").unwrap().ino);
    umount(&mut k);
    assert!(mount(&mut k, &format!("{options},xino=on")).unwrap().ends_with(",xino=on"));
    let stat = k.stat(&t, b"/m/f").unwrap();
    assert_eq!((stat.dev, stat.ino), (k.stat(&t, b"/m").unwrap().dev, before.ino | 1 << 63));
}

#[test]
fn a_copy_that_says_it_is_another_file_is_stale() {
    let (mut k, t) = lab(&DIRS);
    fs::write(&mut k, &t, b"/l/o", b"x", 0o644).unwrap();
    mount(&mut k, UPPER).unwrap();
    k.rename(&t, b"/m/o", b"/m/r1", RenameFlags::empty()).unwrap();
    umount(&mut k);
    let origin = k.getxattr(&t, b"/u/r1", ORIGIN, Follow::Link).unwrap();
    fs::write(&mut k, &t, b"/u/r2", b"y", 0o644).unwrap();
    k.setxattr(&t, b"/u/r2", ORIGIN, &origin, XattrMode::Set, Follow::Link).unwrap();
    mount(&mut k, UPPER).unwrap();
    assert_eq!(fs::read(&mut k, &t, b"/m/r1").unwrap(), "x");
    assert_eq!(fs::read(&mut k, &t, b"/m/r2"), Err(Errno::ESTALE));
}

#[test]
fn leftovers_that_lie_deep_leave_the_mount_read_only() {
    let (mut k, t) = lab(&["/l", "/u", "/w/work/a/b/c", "/m"]);
    assert!(mount(&mut k, UPPER).unwrap().starts_with("rw,"));
    assert_eq!(k.mkdir(&t, b"/m/x", 0o755), Err(Errno::EROFS));
    assert!(fs::exists(&mut k, &t, b"/w/work/a/b/c"));
    let flags = MountFlags::REMOUNT;
    assert_eq!(k.mount(&t, b"", b"/m", b"", flags, b""), Err(Errno::EROFS));
    // What a mount itself leaves is taken away.
    let (mut k, t) = lab(&["/l", "/u", "/w/work/a/b", "/m"]);
    mount(&mut k, UPPER).unwrap();
    k.mkdir(&t, b"/m/x", 0o755).unwrap();
}

#[test]
fn a_copy_up_fills_the_holes_behind_data() {
    let (mut k, t) = lab(&DIRS);
    // The place of each byte of data, and the size; then the blocks in the upper layer.
    let files: [(&[u64], u64, u64); 5] = [
        (&[4096], 8192, 8),
        (&[0], 8192, 16),
        (&[0], 3 << 20, 2048),
        (&[0, 3 * 4096], 16384, 32),
        (&[], 8193, 0),
    ];
    for (number, (data, size, _)) in files.iter().enumerate() {
        let path = format!("/l/{number}");
        fs::write(&mut k, &t, path.as_bytes(), b"", 0o644).unwrap();
        fs::with_open(&mut k, &t, path.as_bytes(), OpenFlags::WRONLY, 0, |k, fd| {
            data.iter().try_for_each(|at| k.pwrite(fd, *at, b"A").map(drop))?;
            k.ftruncate(fd, *size)
        })
        .unwrap();
    }
    mount(&mut k, UPPER).unwrap();
    for (number, (_, size, blocks)) in files.iter().enumerate() {
        let (path, lower) = (format!("/m/{number}"), format!("/l/{number}"));
        k.chmod(&t, path.as_bytes(), 0o600).unwrap();
        let stat = k.stat(&t, path.as_bytes()).unwrap();
        assert_eq!((stat.size, stat.blocks), (*size, *blocks), "{path}");
        let both = [path, lower].map(|path| fs::read(&mut k, &t, path.as_bytes()).unwrap());
        assert_eq!(both[0], both[1]);
    }
}

#[test]
fn reads_move_the_access_time_as_relatime_says() {
    let (mut k, t) = lab(&DIRS);
    let old = Timespec::seconds(1000);
    fs::write(&mut k, &t, b"/l/f", b"x", 0o644).unwrap();
    let age = |k: &mut SimKernel, path: &[u8]| {
        k.utimens(&Task::root(), path, SetTime::At(old), SetTime::At(old), Follow::Link).unwrap();
    };
    age(&mut k, b"/l/f");
    mount(&mut k, UPPER).unwrap();
    let atime = |k: &mut SimKernel, path: &[u8]| k.lstat(&Task::root(), path).unwrap().atime;
    // What lies below is not touched through the mount.
    fs::read(&mut k, &t, b"/m/f").unwrap();
    assert_eq!((atime(&mut k, b"/m/f"), atime(&mut k, b"/l/f")), (old, old));
    k.chmod(&t, b"/m/f", 0o600).unwrap();
    assert_eq!(atime(&mut k, b"/m/f"), old);
    k.tick();
    fs::read(&mut k, &t, b"/m/f").unwrap();
    let first = atime(&mut k, b"/u/f");
    assert_ne!(first, old);
    // The next read counts after a day.
    k.tick();
    fs::read(&mut k, &t, b"/m/f").unwrap();
    assert_eq!(atime(&mut k, b"/u/f"), first);
    k.set_clock(Timespec::seconds(first.sec + 24 * 3600 + 1));
    fs::read(&mut k, &t, b"/m/f").unwrap();
    assert_ne!(atime(&mut k, b"/u/f"), first);
    // On the disk itself, directories and links as well.
    k.mkdir(&t, b"/x", 0o755).unwrap();
    k.symlink(&t, b"x", b"/s").unwrap();
    for path in [&b"/x"[..], b"/s"] {
        age(&mut k, path);
    }
    fs::read_dir(&mut k, &t, b"/x").unwrap();
    k.readlink(&t, b"/s").unwrap();
    assert!(atime(&mut k, b"/x") != old && atime(&mut k, b"/s") != old);
}

#[test]
fn an_empty_capability_is_anybodys_to_set() {
    let (mut k, t) = lab(&DIRS);
    fs::write(&mut k, &t, b"/l/f", b"x", 0o600).unwrap();
    let name = b"security.capability";
    let mut set = |mode| k.setxattr(&t.with_user(1000, 1000), b"/l/f", name, b"", mode, Follow::Target);
    assert_eq!(set(XattrMode::Replace), Err(Errno::ENODATA));
    assert_eq!(set(XattrMode::Set), Ok(()));
    assert_eq!(set(XattrMode::Create), Err(Errno::EEXIST));
    assert_eq!(k.getxattr(&t, b"/l/f", name, Follow::Target), Err(Errno::EINVAL));
    // A write does not take it away, and a copy-up cannot take it along.
    k.truncate(&t, b"/l/f", 0).unwrap();
    assert_eq!(k.listxattr(&t, b"/l/f", Follow::Target).unwrap(), ["security.capability"]);
    mount(&mut k, UPPER).unwrap();
    assert_eq!(k.chmod(&t, b"/m/f", 0o644), Err(Errno::EINVAL));
}
