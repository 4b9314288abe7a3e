//! Where recorded traces do not go: an overlay on an overlay, mounts within a merged directory, remounts, mounts without
//! an upper layer. The same calls, one after the other, on the simulator and on this host's kernel.

use layerlab_core::kernel::{
    Access, Call, Device, FileType, Follow, MountFlags, OpenFlags, Outcome, RenameFlags, SetTime, Task,
    Timespec, UmountFlags, Value, XattrMode, perform,
};
use layerlab_core::sim::SimKernel;
use layerlab_tests::lab::On;

use crate::child::{Session, start};

/// Both kernels, and what they answered differently.
struct Both {
    host: Session,
    sim: SimKernel,
    differing: Vec<String>,
    calls: usize,
}

/// An answer without what is a machine's own: numbers of devices and inodes, times, the order of names.
fn plain(outcome: Outcome) -> String {
    match outcome {
        Outcome::Err(errno) => errno.name().to_owned(),
        Outcome::Ok(Value::Stat(s)) => {
            let size = if s.is_dir() { 0 } else { s.size };
            let (Device { major, minor }, blocks) = (s.rdev, if s.is_dir() { 0 } else { s.blocks });
            let fields = [s.mode, s.nlink, s.uid, s.gid, major, minor];
            format!("{:?} {fields:?} {size} bytes in {blocks}", s.kind)
        }
        Outcome::Ok(Value::Entries(mut entries)) => {
            entries.sort_by(|a, b| a.name.cmp(&b.name));
            entries.iter().map(|e| format!("{:?} {:?}", e.name, e.kind)).collect::<Vec<_>>().join(", ")
        }
        Outcome::Ok(Value::Names(mut names)) => {
            names.sort();
            format!("{names:?}")
        }
        Outcome::Ok(Value::Fd(_)) => "a descriptor".to_owned(),
        Outcome::Ok(value) => format!("{value:?}"),
    }
}

impl Both {
    fn new() -> Self {
        let host = start(On::Root, None).expect("a session can be started");
        Self { host, sim: SimKernel::new(), differing: Vec::new(), calls: 0 }
    }

    /// Makes the call on both; the host's answer and the simulator's.
    fn ask(&mut self, task: &Task, call: &Call) -> (Outcome, Outcome) {
        self.calls += 1;
        let answers = (self.host.call(task, call.clone()), perform(&mut self.sim, task, call));
        let (real, model) = (plain(answers.0.clone()), plain(answers.1.clone()));
        if real != model {
            self.differing.push(format!("{call:?}\n    host {real}\n    sim  {model}"));
        }
        answers
    }

    fn call(&mut self, call: Call) -> &mut Self {
        self.ask(&Task::root(), &call);
        self
    }

    /// Opens, makes calls on the descriptor, and closes it.
    fn open(&mut self, path: &str, flags: OpenFlags, calls: &[Call]) -> &mut Self {
        let root = Task::root();
        let open = Call::Open { path: path.into(), flags, mode: 0o644 };
        if let (Outcome::Ok(Value::Fd(real)), Outcome::Ok(Value::Fd(model))) = self.ask(&root, &open) {
            for call in calls.iter().chain([&Call::Close { fd: real }]) {
                self.calls += 1;
                let (mut on_host, mut on_sim) = (call.clone(), call.clone());
                on_host.use_fd(real);
                on_sim.use_fd(model);
                let real = plain(self.host.call(&root, on_host));
                let model = plain(perform(&mut self.sim, &root, &on_sim));
                if real != model {
                    self.differing.push(format!("{path}: {call:?}\n    host {real}\n    sim  {model}"));
                }
            }
        }
        self
    }

    fn mkdir(&mut self, path: &str) -> &mut Self {
        self.call(Call::Mkdir { path: path.into(), mode: 0o755 })
    }

    fn write(&mut self, path: &str, text: &str) -> &mut Self {
        let write = Call::Pwrite { fd: FD, offset: 0, data: text.into() };
        self.open(path, OpenFlags::WRONLY | OpenFlags::CREAT, &[write])
    }

    fn unlink(&mut self, path: &str) -> &mut Self {
        self.call(Call::Unlink { path: path.into() })
    }

    fn rmdir(&mut self, path: &str) -> &mut Self {
        self.call(Call::Rmdir { path: path.into() })
    }

    fn rename(&mut self, from: &str, to: &str) -> &mut Self {
        self.call(Call::Rename { from: from.into(), to: to.into(), flags: RenameFlags::empty() })
    }

    fn chmod(&mut self, path: &str) -> &mut Self {
        self.call(Call::Chmod { path: path.into(), mode: 0o700 })
    }

    fn set(&mut self, path: &str, name: &str, value: &str) -> &mut Self {
        let (mode, follow) = (XattrMode::Set, Follow::Link);
        self.call(Call::Setxattr { path: path.into(), name: name.into(), value: value.into(), mode, follow })
    }

    fn mount(&mut self, fstype: &str, at: &str, flags: MountFlags, data: &str) -> &mut Self {
        let source = if flags.contains(MountFlags::BIND) { data } else { fstype };
        let data = if flags.contains(MountFlags::BIND) { "" } else { data };
        let (source, target, fstype) = (source.into(), at.into(), fstype.into());
        self.call(Call::Mount { source, target, fstype, flags, data: data.into() })
    }

    fn overlay(&mut self, at: &str, data: &str) -> &mut Self {
        self.mount("overlay", at, MountFlags::empty(), data)
    }

    fn umount(&mut self, at: &str) -> &mut Self {
        self.call(Call::Umount { target: at.into(), flags: UmountFlags::empty() })
    }

    /// All that is below a directory, looked at in every way.
    fn look(&mut self, at: &str) -> &mut Self {
        let mut todo = vec![at.to_owned()];
        while let Some(path) = todo.pop() {
            let root = Task::root();
            let (real, _) = self.ask(&root, &Call::Lstat { path: path.as_str().into() });
            let Outcome::Ok(Value::Stat(stat)) = real else { continue };
            let names = Call::Listxattr { path: path.as_str().into(), follow: Follow::Link };
            if let (Outcome::Ok(Value::Names(names)), _) = self.ask(&root, &names) {
                // Handles are the machine's own.
                for name in names.into_iter().filter(|name| *name != "trusted.overlay.origin") {
                    if name != "trusted.overlay.uuid" {
                        self.call(Call::Getxattr { path: path.as_str().into(), name, follow: Follow::Link });
                    }
                }
            }
            match stat.kind {
                FileType::Dir => {
                    self.open(&path, OpenFlags::DIRECTORY, &[Call::Getdents { fd: FD }]);
                    todo.extend(self.names(&path).into_iter().map(|name| format!("{path}/{name}")));
                }
                FileType::File => {
                    self.open(&path, OpenFlags::RDONLY, &[Call::Pread { fd: FD, offset: 0, len: 100 }]);
                }
                _ => {}
            }
        }
        self
    }

    /// The names that the host lists.
    fn names(&mut self, path: &str) -> Vec<String> {
        let (root, flags) = (Task::root(), OpenFlags::DIRECTORY);
        let open = Call::Open { path: path.into(), flags, mode: 0 };
        let Value::Fd(fd) = self.host.ok(&root, open) else { return Vec::new() };
        let Value::Entries(entries) = self.host.ok(&root, Call::Getdents { fd }) else { return Vec::new() };
        self.host.ok(&root, Call::Close { fd });
        entries.into_iter().map(|entry| entry.name.to_text()).collect()
    }

    fn agree(&self) {
        assert!(self.calls > 30, "{} calls", self.calls);
        assert!(self.differing.is_empty(), "{}", self.differing.join("\n"));
    }
}

/// In the place of the descriptor that is opened.
const FD: layerlab_core::kernel::Fd = layerlab_core::kernel::Fd(0);

/// Two lower directories that share names, and what overlays need, all at `/`.
fn layers(both: &mut Both) {
    for dir in ["/a", "/a/d", "/a/d/e", "/b", "/b/d", "/b/gone", "/b/x", "/u", "/w", "/u2", "/w2", "/m", "/n"]
    {
        both.mkdir(dir);
    }
    for file in
        ["/a/f", "/a/d/f", "/a/d/e/f", "/b/f", "/b/g", "/b/d/g", "/b/d/h", "/b/gone/f", "/b/x/f", "/b/x/g"]
    {
        both.write(file, file);
    }
    both.call(Call::Link { from: "/b/g".into(), to: "/b/g2".into() });
    both.call(Call::Symlink { target: "d/f".into(), path: "/b/link".into() });
}

const FIRST: &str = "lowerdir=/a:/b,upperdir=/u,workdir=/w";

#[test]
fn an_overlay_on_an_overlay() {
    let mut both = Both::new();
    layers(&mut both);
    both.overlay("/m", FIRST);
    // What is hidden, opaque and changed in the one below.
    both.unlink("/m/g").unlink("/m/d/h").write("/m/d/f", "changed").mkdir("/m/new").write("/m/new/f", "new");
    both.unlink("/m/gone/f").rmdir("/m/gone").mkdir("/m/gone").chmod("/m/x");
    // Attributes that mean something one storey up.
    both.set("/m/new", "trusted.overlay.opaque", "y").set("/m/x", "trusted.overlay.opaque", "x");
    both.write("/m/x/hidden", "").set("/m/x/hidden", "trusted.overlay.whiteout", "y");
    both.set("/m/f", "trusted.overlay.k", "v")
        .set("/m/f", "trusted.overlay.overlay.k", "v")
        .set("/m/f", "user.k", "v");
    both.call(Call::Mknod { path: "/m/c".into(), kind: FileType::Char, mode: 0, device: Device::WHITEOUT });
    both.mkdir("/c")
        .mkdir("/c/new")
        .write("/c/new/below", "below")
        .write("/c/x", "")
        .mkdir("/c/d")
        .write("/c/d/z", "z");
    both.look("/m").look("/u");
    both.overlay("/n", "lowerdir=/m:/c,upperdir=/u2,workdir=/w2").look("/n");
    both.write("/n/f", "again")
        .chmod("/n/d")
        .unlink("/n/g2")
        .unlink("/n/d/f")
        .rename("/n/new/f", "/n/d/moved");
    both.rename("/n/new", "/n/elsewhere").rmdir("/n/gone").mkdir("/n/gone").write("/n/gone/f", "third");
    both.set("/n/d/g", "trusted.overlay.k", "v")
        .set("/n/x", "user.k", "v")
        .unlink("/n/x/hidden")
        .unlink("/n/c");
    both.call(Call::Link { from: "/n/link".into(), to: "/n/link2".into() });
    both.unlink("/n/x/f").unlink("/n/x/g").rmdir("/n/x");
    both.look("/n").look("/u2").look("/m");
    // A third storey is one too many.
    for dir in ["/u3", "/w3", "/o"] {
        both.mkdir(dir);
    }
    both.overlay("/o", "lowerdir=/n,upperdir=/u3,workdir=/w3").overlay("/o", "lowerdir=/n:/a");
    both.overlay("/o", "lowerdir=/a,upperdir=/m/d,workdir=/w3")
        .overlay("/o", "lowerdir=/a,upperdir=/u3,workdir=/m/x");
    both.umount("/m").umount("/n").umount("/m").look("/u").look("/u2");
    both.overlay("/m", FIRST).look("/m").agree();
}

#[test]
fn mounts_within_a_merged_directory() {
    let mut both = Both::new();
    layers(&mut both);
    both.overlay("/m", FIRST).mount("tmpfs", "/m/d", MountFlags::empty(), "").look("/m");
    both.write("/m/d/on-top", "tmpfs")
        .look("/m")
        .rmdir("/m/d")
        .rename("/m/d", "/m/d2")
        .rename("/m/x", "/m/d");
    both.unlink("/m/d").rename("/m/f", "/m/d/f");
    both.call(Call::Link { from: "/m/f".into(), to: "/m/d/link".into() });
    both.call(Call::Rename { from: "/m/d".into(), to: "/m/x".into(), flags: RenameFlags::EXCHANGE });
    both.call(Call::Stat { path: "/m/d/../f".into() }).call(Call::Chdir { path: "/m/d/../x/.".into() });
    both.chmod("/m/d").set("/m/d", "user.k", "v").look("/u");
    // A file over a file, and a directory at a second place.
    both.mount("none", "/m/f", MountFlags::BIND, "/b/g")
        .write("/m/f", "bound")
        .unlink("/m/f")
        .rename("/m/f", "/m/f2");
    both.rename("/m/g", "/m/f")
        .call(Call::Stat { path: "/m/f/".into() })
        .call(Call::Lstat { path: "/m/f".into() });
    both.mkdir("/second")
        .mount("none", "/second", MountFlags::BIND, "/m/x")
        .write("/second/f", "through the second");
    both.rename("/second/g", "/m/x/g2")
        .rename("/second/g", "/m/g2")
        .unlink("/second/g")
        .look("/m/x")
        .look("/second");
    both.rmdir("/m/x").unlink("/second/f").rmdir("/m/x").look("/u").umount("/m");
    both.umount("/second")
        .umount("/m/f")
        .umount("/m/d")
        .rmdir("/m/x")
        .look("/m")
        .umount("/m")
        .look("/u")
        .agree();
}

#[test]
fn remounts_and_mounts_without_an_upper_layer() {
    let mut both = Both::new();
    layers(&mut both);
    both.overlay("/m", FIRST);
    let probe = |both: &mut Both| {
        for flags in [OpenFlags::RDONLY, OpenFlags::RDWR, OpenFlags::TRUNC, OpenFlags::CREAT, OpenFlags::PATH]
        {
            both.open("/m/f", flags, &[Call::Fchmod { fd: FD, mode: 0o600 }]).open("/m/none", flags, &[]);
            both.open("/m/d", flags, &[Call::Fchmod { fd: FD, mode: 0o700 }]);
        }
        for access in [Access::READ, Access::WRITE, Access::EXECUTE] {
            both.call(Call::Access { path: "/m/f".into(), access })
                .call(Call::Access { path: "/m/d".into(), access });
        }
        let (at, follow) = (SetTime::At(Timespec::seconds(5)), Follow::Target);
        for (atime, mtime) in [(at, at), (SetTime::Omit, SetTime::Omit)] {
            both.call(Call::Utimens { path: "/m/f".into(), atime, mtime, follow });
        }
        both.mkdir("/m/f")
            .mkdir("/m/new")
            .unlink("/m/f")
            .unlink("/m/none")
            .rmdir("/m/gone")
            .rename("/m/g", "/m/h");
        both.rename("/m/d", "/m/x").chmod("/m/f").set("/m/f", "user.k", "v").set(
            "/m/f",
            "trusted.overlay.k",
            "v",
        );
        both.call(Call::Truncate { path: "/m/g2".into(), size: 9000 });
        both.call(Call::Removexattr { path: "/m/g2".into(), name: "user.none".into(), follow });
        both.call(Call::Link { from: "/m/g2".into(), to: "/m/g3".into() });
        both.call(Call::Symlink { target: "x".into(), path: "/m/s".into() });
        both.look("/m").look("/u");
    };
    let again = |both: &mut Both, flags| {
        both.mount("overlay", "/m", MountFlags::REMOUNT | flags, "");
    };
    again(&mut both, MountFlags::RDONLY);
    probe(&mut both);
    again(&mut both, MountFlags::empty());
    probe(&mut both);
    both.umount("/m").overlay("/m", "lowerdir=/a:/b");
    probe(&mut both);
    again(&mut both, MountFlags::empty());
    probe(&mut both);
    both.umount("/m").mount("overlay", "/m", MountFlags::RDONLY, FIRST);
    probe(&mut both);
    both.agree();
}

#[test]
fn stacks_that_are_refused() {
    let mut both = Both::new();
    layers(&mut both);
    both.mkdir("/w/sub").mkdir("/u/sub").write("/file", "");
    for options in [
        "lowerdir=/a::/b,upperdir=/u,workdir=/w",
        "lowerdir=/a::/b",
        "lowerdir=:/a",
        "lowerdir=/a:",
        "lowerdir=/a:::/b",
        "lowerdir=/file,upperdir=/u,workdir=/w",
        "lowerdir=/a,upperdir=/file,workdir=/w",
        "lowerdir=/a,upperdir=/u,workdir=/file",
        "lowerdir=/a,upperdir=/u,workdir=/u",
        "lowerdir=/a,upperdir=/u,workdir=/u/sub",
        "lowerdir=/a,upperdir=/w/sub,workdir=/w",
        "lowerdir=/u/sub,upperdir=/u,workdir=/w",
        "lowerdir=/u,upperdir=/u/sub,workdir=/w",
        "lowerdir=/a,upperdir=/a,workdir=/w",
        "lowerdir=/w,upperdir=/u,workdir=/w",
        "lowerdir=/,upperdir=/u,workdir=/w",
        "lowerdir=/a,workdir=/w",
        "lowerdir=/a:/b,upperdir=/u",
        "",
        "lowerdir=",
        "lowerdir=/a",
        "lowerdir=/a,upperdir=,workdir=/w",
        "lowerdir=/a,upperdir=/none,workdir=/w",
        "lowerdir=/a,upperdir=/u,workdir=/none",
        "lowerdir=/a,upperdir=/u,workdir=/w,volatile",
        "lowerdir=/a,upperdir=/u,workdir=/w",
        "lowerdir=/a,upperdir=/u,workdir=/w,volatile",
        "lowerdir=/a,upperdir=/u2,workdir=/w2,redirect_dir=nofollow",
        "lowerdir=/a,upperdir=/u2,workdir=/w2,redirect_dir=wrong",
        "lowerdir=/a,upperdir=/u2,workdir=/w2,xino=off",
        "lowerdir=/a,upperdir=/u2,workdir=/w2,xino=wrong",
    ] {
        let root = Task::root();
        let mount = Call::Mount {
            source: "overlay".into(),
            target: "/m".into(),
            fstype: "overlay".into(),
            flags: MountFlags::empty(),
            data: options.into(),
        };
        let (real, model) = both.ask(&root, &mount);
        let umount = Call::Umount { target: "/m".into(), flags: UmountFlags::empty() };
        if matches!(real, Outcome::Ok(_)) {
            for name in both.names("/m") {
                both.call(Call::Lstat { path: format!("/m/{name}").into() });
            }
        }
        // Each on its own: where one alone mounted, the next ones meet an empty place again.
        if matches!(real, Outcome::Ok(_)) {
            both.host.ok(&root, umount.clone());
        }
        if matches!(model, Outcome::Ok(_)) {
            perform(&mut both.sim, &root, &umount);
        }
    }
    both.agree();
}
