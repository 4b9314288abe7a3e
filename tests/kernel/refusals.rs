//! What cannot work is said in one line with its remedy, before anything is changed; and a named directory as the disk.

use std::os::unix::fs::PermissionsExt;

use layerlab::host::HostError;
use layerlab_core::kernel::Task;
use layerlab_tests::lab::{self, On};

use crate::child::{start, start_by};

/// The one line.
fn refusal<T>(result: Result<T, HostError>) -> String {
    let Err(HostError::Refused(line)) = result else { panic!("it was not refused") };
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

#[test]
fn a_named_directory_is_kept_and_used_again() {
    for on in [On::Root, On::User] {
        let folder = lab::shared_folder();
        let mut first = start(on, Some(folder.path())).unwrap();
        first.overlay();
        first.write("/m/new", "kept");
        assert!(first.reset().unwrap_err().contains("--root"));
        // One session at a time.
        let line = refusal(start(on, Some(folder.path())));
        assert!(line.contains("in use by another session"), "{line}");
        drop(first);
        assert_eq!(std::fs::read_to_string(folder.path().join("u/new")).unwrap(), "kept");
        let mut second = start(on, Some(folder.path())).unwrap();
        assert_eq!(second.read(&Task::root(), "/u/new"), "kept");
        assert_eq!(second.mounts().len(), 1, "an overlay is mounted anew by whoever needs it");
    }
}

#[test]
fn a_directory_that_cannot_be_the_disk_is_refused() {
    let folder = lab::shared_folder();
    let missing = folder.path().join("missing");
    let line = refusal(start(On::Root, Some(&missing)));
    assert!(
        line.ends_with(&format!("no such directory; make it first (mkdir {})", missing.display())),
        "{line}"
    );
    assert!(!missing.exists());
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(refusal(start(On::Root, Some(&file))).contains("Not a directory"));
    let private = folder.path().join("private");
    std::fs::create_dir(&private).unwrap();
    std::fs::set_permissions(&private, PermissionsExt::from_mode(0o700)).unwrap();
    assert!(refusal(start(On::User, Some(&private))).contains("Permission denied"));
}

#[test]
fn an_overlay_as_the_disk_is_refused() {
    let folder = lab::shared_folder();
    let at = folder.path().display();
    // An overlay that is seen by the session alone, in a mount namespace around it.
    let outside = lab::shared_folder();
    let script = outside.path().join("around");
    let mount = format!(
        "set -e; mount -t tmpfs none {at}; cd {at}; mkdir l u w m; \
         mount -t overlay -o lowerdir=l,upperdir=u,workdir=w none m; exec \"$@\""
    );
    std::fs::write(&script, mount).unwrap();
    let exec = format!("exec unshare -m sh {}", script.display());
    let line = refusal(start_by(&exec, Some(&folder.path().join("m"))));
    assert!(line.contains("is on an overlay"), "{line}");
}

#[test]
fn missing_user_namespaces_are_named() {
    layerlab_tests::process::need_root();
    // Root of a user namespace in which there may be no other, without the capability to mount.
    let exec = "exec unshare -Ur sh -c 'echo 0 > /proc/sys/user/max_user_namespaces; \
                exec setpriv --bounding-set=-sys_admin --inh-caps=-all \"$0\" \"$@\"'";
    let line = refusal(start_by(exec, None));
    assert!(line.starts_with("user namespaces are switched off here: run as root"), "{line}");
}

#[test]
fn root_of_a_user_namespace_is_not_the_machines_root() {
    layerlab_tests::process::need_root();
    let mut lab = start_by("exec unshare -Urm", None).unwrap();
    lab.overlay();
    assert_eq!(lab.read(&Task::root(), "/m/f"), "lower");
}
