//! A task's directory and its capabilities.

use super::SimKernel;
use crate::kernel::{
    Caps, Device, Errno, FileType, Follow, Kernel, MountFlags, RenameFlags, Task, UmountFlags, XattrMode, fs,
};

fn kernel() -> (SimKernel, Task) {
    (SimKernel::new(), Task::root())
}

#[test]
fn who_stands_in_a_directory_moves_with_it() {
    let (mut kernel, root) = kernel();
    let mut task = root.clone();
    kernel.mkdir(&root, b"/d", 0o755).unwrap();
    fs::enter(&mut kernel, &mut task, b"d").unwrap();
    assert_eq!(task.cwd, "/d");
    kernel.rename(&root, b"/d", b"/e", RenameFlags::empty()).unwrap();
    fs::write(&mut kernel, &task, b"f", b"x", 0o644).unwrap();
    assert_eq!(kernel.lstat(&root, b"/e/f").unwrap().size, 1);
    assert_eq!(kernel.getcwd(&task).unwrap(), "/e");
    assert_eq!(kernel.stat(&task.at("/d"), b"f"), Err(Errno::ENOENT));
    // What is gone is there for who stands in it, and holds nothing any more.
    kernel.unlink(&root, b"/e/f").unwrap();
    kernel.rmdir(&root, b"/e").unwrap();
    assert_eq!(kernel.getcwd(&task), Err(Errno::ENOENT));
    assert_eq!(kernel.stat(&task, b".").unwrap().nlink, 0);
    assert_eq!(kernel.mkdir(&task, b"x", 0o755), Err(Errno::ENOENT));
    assert_eq!(kernel.chdir(&task, b".."), Ok("/".into()));
    let inodes = kernel.inodes();
    fs::leave(&mut kernel, &mut task).unwrap();
    assert_eq!((task.dir, kernel.inodes()), (None, inodes - 1));
    assert_eq!(kernel.inconsistencies(), Vec::<String>::new());
}

#[test]
fn a_clone_of_the_kernel_has_directories_of_its_own() {
    let (mut kernel, root) = kernel();
    let mut task = root.clone();
    kernel.mkdir(&root, b"/d", 0o755).unwrap();
    fs::enter(&mut kernel, &mut task, b"/d").unwrap();
    let mut before = kernel.clone();
    kernel.rmdir(&root, b"/d").unwrap();
    kernel.close(task.dir.unwrap()).unwrap();
    assert_eq!(kernel.stat(&task, b"."), Err(Errno::EBADF));
    assert_eq!(before.getcwd(&task).unwrap(), "/d");
    let text = serde_json::to_string(&task).unwrap();
    assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), task);
}

#[test]
fn a_mount_in_which_a_process_stands_is_busy() {
    let (mut kernel, root) = kernel();
    let mut task = root.clone();
    kernel.mkdir(&root, b"/m", 0o755).unwrap();
    kernel.mount(&root, b"x", b"/m", b"tmpfs", MountFlags::empty(), b"").unwrap();
    fs::enter(&mut kernel, &mut task, b"/m").unwrap();
    let mut child = fs::fork(&mut kernel, &task).unwrap();
    assert_eq!(kernel.umount(&root, b"/m", UmountFlags::empty()), Err(Errno::EBUSY));
    fs::enter(&mut kernel, &mut task, b"/").unwrap();
    assert_eq!(kernel.umount(&root, b"/m", UmountFlags::empty()), Err(Errno::EBUSY));
    // Taken out of the tree it lives on for who is in it.
    kernel.umount(&root, b"/m", UmountFlags::DETACH).unwrap();
    kernel.mkdir(&child, b"d", 0o755).unwrap();
    assert_eq!(kernel.lstat(&root, b"/m/d"), Err(Errno::ENOENT));
    assert_eq!(kernel.getcwd(&child), Err(Errno::ENOENT));
    let inodes = kernel.inodes();
    fs::leave(&mut kernel, &mut child).unwrap();
    assert_eq!(kernel.inodes(), inodes - 2);
}

#[test]
fn an_overlays_directory_is_stood_in_over_its_copy_up_and_its_end() {
    let (mut kernel, root) = kernel();
    for dir in ["/l", "/l/d", "/u", "/w", "/m"] {
        kernel.mkdir(&root, dir.as_bytes(), 0o755).unwrap();
    }
    let options = b"lowerdir=/l,upperdir=/u,workdir=/w";
    kernel.mount(&root, b"overlay", b"/m", b"overlay", MountFlags::empty(), options).unwrap();
    let mut task = root.chrooted("/m");
    fs::enter(&mut kernel, &mut task, b"d").unwrap();
    fs::write(&mut kernel, &task, b"f", b"", 0o644).unwrap();
    assert_eq!(kernel.getcwd(&task).unwrap(), "/d");
    kernel.unlink(&task, b"f").unwrap();
    kernel.rmdir(&task, b"/d").unwrap();
    assert_eq!(kernel.getcwd(&task), Err(Errno::ENOENT));
    assert_eq!(fs::write(&mut kernel, &task, b"f", b"", 0o644), Err(Errno::ENOENT));
    fs::leave(&mut kernel, &mut task).unwrap();
}

/// capabilities(7): each call asks for one of them.
#[test]
fn a_call_asks_for_its_own_capability() {
    let (mut kernel, root) = kernel();
    fs::write(&mut kernel, &root, b"/f", b"x", 0o600).unwrap();
    kernel.chown(&root, b"/f", Some(1000), Some(1000), Follow::Target).unwrap();
    let without = |caps: Caps| root.with_caps(Caps::all() - caps);
    let data = Caps::DAC_OVERRIDE | Caps::DAC_READ_SEARCH;
    assert_eq!(fs::read(&mut kernel, &without(data), b"/f"), Err(Errno::EACCES));
    fs::read(&mut kernel, &without(Caps::DAC_OVERRIDE), b"/f").unwrap();
    assert_eq!(kernel.truncate(&without(Caps::DAC_OVERRIDE), b"/f", 0), Err(Errno::EACCES));
    let chown =
        |kernel: &mut SimKernel, caps| kernel.chown(&without(caps), b"/f", Some(0), None, Follow::Target);
    assert_eq!(chown(&mut kernel, Caps::CHOWN), Err(Errno::EPERM));
    assert_eq!(kernel.chmod(&without(Caps::FOWNER), b"/f", 0o644), Err(Errno::EPERM));
    let device = Device { major: 1, minor: 3 };
    let mknod =
        |kernel: &mut SimKernel, caps| kernel.mknod(&without(caps), b"/null", FileType::Char, 0o666, device);
    assert_eq!(mknod(&mut kernel, Caps::MKNOD), Err(Errno::EPERM));
    let set = |kernel: &mut SimKernel, caps, name: &[u8], value: &[u8]| {
        kernel.setxattr(&without(caps), b"/f", name, value, XattrMode::Set, Follow::Target)
    };
    assert_eq!(set(&mut kernel, Caps::SYS_ADMIN, b"trusted.x", b""), Err(Errno::EPERM));
    let mut value = vec![1, 0, 0, 2];
    value.resize(20, 0);
    assert_eq!(set(&mut kernel, Caps::SETFCAP, b"security.capability", &value), Err(Errno::EPERM));
    set(&mut kernel, Caps::SYS_ADMIN, b"security.capability", &value).unwrap();
    let mount = |kernel: &mut SimKernel, task: &Task| {
        kernel.mount(task, b"x", b"/", b"tmpfs", MountFlags::empty(), b"")
    };
    assert_eq!(mount(&mut kernel, &root.with_caps(Caps::CONTAINER)), Err(Errno::EPERM));
    // Writing takes the set-id bits from a file, but not where root with this capability writes.
    kernel.chmod(&root, b"/f", 0o4755).unwrap();
    fs::with_open(&mut kernel, &root, b"/f", crate::kernel::OpenFlags::WRONLY, 0, |k, fd| {
        k.pwrite(fd, 0, b"y")
    })
    .unwrap();
    assert_eq!(kernel.stat(&root, b"/f").unwrap().mode, 0o4755);
    let task = without(Caps::FSETID);
    fs::with_open(&mut kernel, &task, b"/f", crate::kernel::OpenFlags::WRONLY, 0, |k, fd| {
        k.pwrite(fd, 0, b"y")
    })
    .unwrap();
    assert_eq!(kernel.stat(&root, b"/f").unwrap().mode, 0o755);
    // Another user has none of them.
    assert!(!root.with_user(1, 1).can(Caps::CHOWN));
}
