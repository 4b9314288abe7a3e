//! What `LinuxKernel` adds to a system call: `cargo bench -p layerlab --bench adapter`, as root.

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use layerlab::linux::{LinuxKernel, Naming};
use layerlab_core::kernel::{Kernel, OpenFlags, Task};

const CALLS: u32 = 200_000;

fn main() {
    let folder = "/tmp/layerlab-bench";
    let file = format!("{folder}/file");
    std::fs::create_dir_all(folder).expect("a folder in /tmp");
    std::fs::write(&file, "content").expect("our own folder");
    let proc = std::fs::File::open("/proc").expect("Linux has /proc");
    let mut kernel = LinuxKernel::new(Naming::Trusted, proc.into()).expect("run as root");
    let kernel: &mut dyn Kernel = &mut kernel;
    let (host, inside) = (Task::root(), Task::root().chrooted(folder));
    let (user, there) = (inside.with_user(1000, 1000), Task::root().at(folder));

    let raw = time(|| rustix::fs::stat(file.as_bytes()));
    report("stat, the bare call", raw, raw);
    let same = time(|| kernel.stat(&host, file.as_bytes()));
    report("stat, the same task again", same, raw);
    let relative = time(|| kernel.stat(&there, b"file"));
    report("stat, relative to where it stands", relative, raw);
    let mut turn = false;
    let roots = time(|| {
        turn = !turn;
        let (task, path) = if turn { (&host, file.as_bytes()) } else { (&inside, &b"/file"[..]) };
        kernel.stat(task, path)
    });
    report("stat, two roots in turn", roots, raw);
    let users = time(|| {
        turn = !turn;
        kernel.stat(if turn { &inside } else { &user }, b"/file")
    });
    report("stat, two users in turn", users, raw);

    kernel.stat(&host, b"/").expect("the root is there");
    let raw = time(|| std::fs::File::open(&file));
    report("open and close, the bare calls", raw, raw);
    let same = time(|| {
        let fd = kernel.open(&host, file.as_bytes(), OpenFlags::RDONLY, 0).expect("the file is there");
        kernel.close(fd).expect("it is open");
    });
    report("open and close, the same task again", same, raw);
    let _ = std::fs::remove_dir_all(folder);
}

/// Nanoseconds a call, the best of five rounds.
fn time<T>(mut call: impl FnMut() -> T) -> f64 {
    let mut round = || {
        let start = Instant::now();
        for _ in 0..CALLS {
            let _ = black_box(call());
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
    };
    (0..5).map(|_| round()).fold(f64::INFINITY, f64::min)
}

fn report(what: &str, nanoseconds: f64, bare: f64) {
    let ratio = nanoseconds / bare;
    writeln!(std::io::stdout(), "{what:<38} {nanoseconds:>8.0} ns  {ratio:>5.2} times")
        .expect("stdout is open");
}
