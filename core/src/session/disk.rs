//! The lab's own disk at the start: a small host's tree, made through system calls alone.

use crate::engine::fill_dev;
use crate::kernel::{Device, Errno, FileType, Kernel, Result, Task, fs};
use crate::program::{Env, proc};

/// The home of the lab's user, where its shell begins.
pub(super) const HOME: &str = "/root";

const DIRS: &[(&str, u32)] = &[
    ("/dev", 0o755),
    ("/dev/shm", 0o1777),
    ("/etc", 0o755),
    ("/etc/docker", 0o755),
    ("/home", 0o755),
    ("/mnt", 0o755),
    ("/proc", 0o755),
    (HOME, 0o700),
    ("/run", 0o755),
    ("/sys", 0o755),
    ("/tmp", 0o1777),
    ("/usr", 0o755),
    ("/var", 0o755),
    ("/var/lib", 0o755),
    ("/var/lib/docker", 0o710),
];

const FILES: &[(&str, &str)] = &[
    ("/etc/hostname", "lab\n"),
    ("/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tlab\n"),
    ("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nlearner:x:1000:1000::/home/learner:/bin/bash\n"),
    ("/etc/group", "root:x:0:\nlearner:x:1000:\n"),
    (
        "/etc/os-release",
        "NAME=\"Layerlab\"\nID=layerlab\nPRETTY_NAME=\"Layerlab, a laboratory for layers\"\n",
    ),
];

/// Makes the tree, on an empty disk; what is there already (a named directory on a host) is kept.
pub(super) fn prepare(kernel: &mut dyn Kernel) -> Result<()> {
    let task = Task { umask: 0, ..Task::root() };
    for (dir, mode) in DIRS {
        match kernel.mkdir(&task, dir.as_bytes(), *mode) {
            // A named directory on a host may hold it already.
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(error) => return Err(error),
        }
    }
    for (file, content) in FILES {
        if fs::lstat_opt(kernel, &task, file.as_bytes())?.is_none() {
            fs::write(kernel, &task, file.as_bytes(), content.as_bytes(), 0o644)?;
        }
    }
    if fs::lstat_opt(kernel, &task, b"/var/run")?.is_none() {
        kernel.symlink(&task, b"/run", b"/var/run")?;
    }
    // The daemon's socket: nothing listens there, as the lab's client needs none.
    let socket = b"/run/docker.sock";
    if fs::lstat_opt(kernel, &task, socket)?.is_none() {
        kernel.mknod(&task, socket, FileType::Socket, 0o660, Device::default())?;
    }
    if fs::lstat_opt(kernel, &task, b"/dev/null")?.is_none() {
        fill_dev(kernel, &task)?;
    }
    proc::mount(kernel, b"/")?;
    let shell = proc::Shown {
        pid: 1000,
        parent: 0,
        args: vec!["bash".into()],
        task: Task::root(),
        state: 'S',
        cgroup: "/".to_owned(),
    };
    proc::add(kernel, b"/", &shell)
}

/// The environment of the lab's host shell.
pub(super) fn environment() -> Env {
    [
        ("HOME", HOME),
        ("HOSTNAME", "lab"),
        ("LANG", "C.UTF-8"),
        ("LOGNAME", "root"),
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("SHELL", "/bin/bash"),
        ("TERM", "xterm-256color"),
        ("USER", "root"),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), value.into()))
    .collect()
}
