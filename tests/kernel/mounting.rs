//! What can be mounted: the limits and the traps of overlayfs, answered by the simulator as by this host's kernel.

use layerlab_core::kernel::{Call, Outcome, Task, UmountFlags, perform};
use layerlab_core::sim::SimKernel;
use layerlab_tests::lab::On;

use crate::child::{overlay_mount, start};

/// Short names, so that 500 of them fit into the 4,095 bytes that `mount(2)` takes.
fn layers(count: usize) -> String {
    (0..count).map(|n| format!("/{n:x}")).collect::<Vec<_>>().join(":")
}

/// Options of exactly so many bytes: slashes do not change where a path leads.
fn long(bytes: usize) -> String {
    let (start, end) = ("lowerdir=/l", ",upperdir=/u,workdir=/w");
    format!("{start}{}{end}", "/".repeat(bytes - start.len() - end.len()))
}

#[test]
fn both_kernels_mount_and_refuse_the_same() {
    let mut host = start(On::Root, None).unwrap();
    let mut sim = SimKernel::new();
    let root = Task::root();
    let mut both = |call: Call| {
        let (real, model) = (host.call(&root, call.clone()), perform(&mut sim, &root, &call));
        let error = |outcome: &Outcome| match outcome {
            Outcome::Ok(_) => "ok",
            Outcome::Err(errno) => errno.name(),
        };
        (error(&real), error(&model))
    };
    for dir in ["/l", "/l/d", "/u", "/u/d", "/w", "/m"] {
        assert_eq!(both(Call::Mkdir { path: dir.into(), mode: 0o755 }), ("ok", "ok"));
    }
    for n in 0..=500 {
        assert_eq!(both(Call::Mkdir { path: format!("/{n:x}").into(), mode: 0o755 }), ("ok", "ok"));
    }
    let writable = "upperdir=/u,workdir=/w";
    let cases = [
        (format!("lowerdir={}", layers(500)), "ok"),
        (format!("lowerdir={},{writable}", layers(500)), "ok"),
        (format!("lowerdir={}", layers(501)), "EINVAL"),
        (long(4095), "ok"),
        (long(4096), "EINVAL"),
        ("lowerdir=/l:/l".to_owned(), "ELOOP"),
        ("lowerdir=/l:/l/d".to_owned(), "ELOOP"),
        ("lowerdir=/none".to_owned(), "ENOENT"),
        (writable.to_owned(), "EINVAL"),
        ("lowerdir=/l,upperdir=/u".to_owned(), "EINVAL"),
        ("lowerdir=/l,upperdir=/u,workdir=/u/d".to_owned(), "EINVAL"),
        (format!("lowerdir=/l,{writable},nonsense"), "EINVAL"),
        (format!("lowerdir=/l,{writable},metacopy=on,redirect_dir=off"), "EINVAL"),
        (format!("lowerdir=/l,{writable},index=off,nfs_export=on"), "EINVAL"),
        (format!("lowerdir=/l,{writable},userxattr,redirect_dir=on"), "EINVAL"),
        (format!("lowerdir=/l,{writable},userxattr,metacopy=on"), "EINVAL"),
        (format!("lowerdir=/l,{writable},redirect_dir=off,index=off,metacopy=off"), "ok"),
    ];
    for (data, want) in cases {
        let shown = &data[..data.len().min(70)];
        assert_eq!(both(overlay_mount(&data)), (want, want), "{shown}");
        if want == "ok" {
            let umount = Call::Umount { target: "/m".into(), flags: UmountFlags::empty() };
            assert_eq!(both(umount), ("ok", "ok"), "{shown}");
        }
    }
}
