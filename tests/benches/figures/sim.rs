//! The simulated kernel beside this host's overlay on tmpfs: the same calls on both through the seam, in one run, as
//! root.

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use layerlab::linux::{LinuxKernel, Naming};
use layerlab_core::kernel::{Device, FileType, Follow, Kernel, MountFlags, Task, UmountFlags, fs as calls};
use layerlab_core::sim::SimKernel;

use super::{Figure, traces};

/// Where the host's side of it is: a tmpfs of its own.
const BASE: &str = "/run/layerlab-bench";
const FILES: usize = 100_000;

fn seconds(count: usize, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..count {
        work();
    }
    start.elapsed().as_secs_f64() / count as f64
}

/// The shortest of so many rounds: what else the machine does only ever makes a round longer.
pub(super) fn best(rounds: usize, mut round: impl FnMut() -> f64) -> f64 {
    (0..rounds).map(|_| round()).fold(f64::INFINITY, f64::min)
}

fn mkdir(kernel: &mut dyn Kernel, path: &str) {
    calls::mkdir_all(kernel, &Task::root(), path.as_bytes(), 0o755).expect("a new directory");
}

fn write(kernel: &mut dyn Kernel, path: &str) {
    calls::write(kernel, &Task::root(), path.as_bytes(), b"content", 0o644).expect("a new file");
}

fn list(kernel: &mut dyn Kernel, path: &str) -> usize {
    calls::read_dir(kernel, &Task::root(), path.as_bytes()).expect("it can be listed").len()
}

fn mount(kernel: &mut dyn Kernel, fstype: &str, at: &str, options: &str) {
    let flags = MountFlags::empty();
    kernel
        .mount(&Task::root(), fstype.as_bytes(), at.as_bytes(), fstype.as_bytes(), flags, options.as_bytes())
        .expect("it can be mounted");
}

/// Layers below `base`, mounted at its `m`: each has `dir` with what `fill` puts there.
fn layered(kernel: &mut dyn Kernel, base: &str, count: usize, fill: impl Fn(&mut dyn Kernel, usize, &str)) {
    let lower: Vec<String> = (0..count).map(|layer| format!("{base}/l{layer}")).collect();
    for (layer, root) in lower.iter().enumerate() {
        let dir = format!("{root}/dir");
        mkdir(kernel, &dir);
        fill(kernel, layer, &dir);
    }
    for dir in ["u", "w", "m"] {
        mkdir(kernel, &format!("{base}/{dir}"));
    }
    let options = format!("lowerdir={},upperdir={base}/u,workdir={base}/w", lower.join(":"));
    mount(kernel, "overlay", &format!("{base}/m"), &options);
}

/// Seconds of a `stat` of a file in the lowest of so many layers.
fn stat_through(count: usize) -> f64 {
    let mut sim = SimKernel::new();
    layered(&mut sim, "/s", count, |kernel, layer, dir| {
        if layer == count - 1 {
            write(kernel, &format!("{dir}/f"));
        }
    });
    let root = Task::root();
    let mut stat = || {
        black_box(sim.stat(&root, b"/s/m/dir/f").expect("it is there"));
    };
    stat();
    best(9, || seconds(20_000, &mut stat))
}

/// Seconds of listing 1,000 names over ten layers: the same again, and after a change.
fn listings(kernel: &mut dyn Kernel, base: &str) -> (f64, f64) {
    layered(kernel, base, 10, |kernel, layer, dir| {
        for name in 0..100 {
            write(kernel, &format!("{dir}/n{:04}", name * 10 + layer));
        }
    });
    let dir = format!("{base}/m/dir");
    assert_eq!(list(kernel, &dir), 1000);
    let again = best(9, || seconds(50, || assert_eq!(list(kernel, &dir), 1000)));
    let extra = format!("{dir}/extra");
    let changed = best(9, || {
        let mut spent = 0.0;
        for _ in 0..50 {
            write(kernel, &extra);
            kernel.unlink(&Task::root(), extra.as_bytes()).expect("it is there");
            spent += seconds(1, || assert_eq!(list(kernel, &dir), 1000));
        }
        spent / 50.0
    });
    (again, changed)
}

fn resident() -> f64 {
    let text = fs::read_to_string("/proc/self/statm").expect("Linux has it");
    let pages: f64 = text.split(' ').nth(1).and_then(|n| n.parse().ok()).expect("its second number");
    pages * 4096.0
}

/// A tree of [`FILES`] files, and bytes of memory that each takes beyond its name.
fn many_files() -> (SimKernel, f64) {
    let before = resident();
    let (mut sim, root, mut names) = (SimKernel::new(), Task::root(), 0);
    for dir in 0..FILES / 100 {
        mkdir(&mut sim, &format!("/d{dir:04}"));
        for file in 0..100 {
            let name = format!("/d{dir:04}/file{file:02}");
            names += "file00".len();
            let device = Device::default();
            sim.mknod(&root, name.as_bytes(), FileType::File, 0o644, device).expect("the name is free");
        }
    }
    let taken = resident() - before - names as f64;
    (sim, taken / FILES as f64)
}

pub(super) fn figures() -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut add = |name: &str, value: f64, budget: f64, unit: &'static str| {
        figures.push(Figure { name: name.to_owned(), value, budget, unit });
    };
    // Memory first, while the process is small.
    let (many, memory) = many_files();
    add("memory of a file beyond its name", memory, 300.0, "B");
    add("clone of 100,000 files", seconds(1000, || drop(black_box(many.clone()))) * 1e6, 10.0, "us");
    // A clone is cheap because it shares; the first change after it must be cheap as well.
    let first_change = || {
        let mut copy = many.clone();
        copy.chown(&Task::root(), b"/d0000/file00", Some(1), None, Follow::Target).expect("root may");
    };
    add("the same, and a change of one file", seconds(1000, first_change) * 1e6, 100.0, "us");
    drop(many);
    add("stat through 100 layers, times that of 1", stat_through(100) / stat_through(1), 2.0, "x");

    let (model, kernel, traces) = std::thread::scope(|scope| {
        // The adapter takes its thread's root, ids and working directory for its own.
        scope.spawn(beside_the_host).join().expect("root can mount an overlay here")
    });
    let part = |model: f64, kernel: f64| model / kernel * 100.0;
    add("listing 1,000 names over 10 layers, of the kernel's time", part(model.0, kernel.0), 100.0, "%");
    add("the same after a change, of the kernel's time", part(model.1, kernel.1), 100.0, "%");
    add("calls of recorded random traces, of the kernel's time", part(traces[0], traces[1]), 20.0, "%");
    figures
}

/// Listings the same again and after a change, in seconds.
type Listings = (f64, f64);

/// The simulator's times and the host's, of listings and of traces.
fn beside_the_host() -> (Listings, Listings, [f64; 2]) {
    let proc = fs::File::open("/proc").expect("Linux has /proc");
    let mut host = LinuxKernel::new(Naming::Trusted, proc.into()).expect("run as root");
    let mut sim = SimKernel::new();
    let root = Task::root();
    for kernel in [&mut sim as &mut dyn Kernel, &mut host] {
        mkdir(kernel, BASE);
    }
    mount(&mut host, "tmpfs", BASE, "");
    let of = |kernel: &mut dyn Kernel| {
        let times = listings(kernel, &format!("{BASE}/list"));
        kernel.umount(&root, format!("{BASE}/list/m").as_bytes(), UmountFlags::empty()).expect("not in use");
        times
    };
    let (model, kernel) = (of(&mut sim), of(&mut host));
    let traces = traces::seconds(&mut [&mut sim, &mut host], &format!("{BASE}/trace"));
    host.umount(&root, BASE.as_bytes(), UmountFlags::empty()).expect("not in use");
    host.rmdir(&root, BASE.as_bytes()).expect("empty by now");
    (model, kernel, traces)
}
