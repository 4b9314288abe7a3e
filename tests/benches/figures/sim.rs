//! The simulated kernel beside this host's overlay on tmpfs: the same calls on both, in one run, as root.

use std::fs;
use std::hint::black_box;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use layerlab_core::kernel::verify::Random;
use layerlab_core::kernel::{Device, Follow, Kernel, MountFlags, OpenFlags, RenameFlags, Task, fs as calls};
use layerlab_core::sim::SimKernel;

use super::Figure;

/// The calls of the mix, on either kernel; whether they succeed is not asked, as in a random trace.
trait Calls {
    fn stat(&mut self, path: &str);
    fn list(&mut self, path: &str) -> usize;
    fn write(&mut self, path: &str);
    fn read(&mut self, path: &str);
    fn unlink(&mut self, path: &str);
    fn mkdir(&mut self, path: &str);
    fn rmdir(&mut self, path: &str);
    fn rename(&mut self, from: &str, to: &str);
    fn link(&mut self, from: &str, to: &str);
    fn chmod(&mut self, path: &str, mode: u32);
}

struct Sim {
    kernel: SimKernel,
    task: Task,
}

impl Calls for Sim {
    fn stat(&mut self, path: &str) {
        let _ = black_box(self.kernel.stat(&self.task, path.as_bytes()));
    }
    fn list(&mut self, path: &str) -> usize {
        calls::read_dir(&mut self.kernel, &self.task, path.as_bytes()).map_or(0, |entries| entries.len())
    }
    fn write(&mut self, path: &str) {
        let flags = OpenFlags::WRONLY | OpenFlags::CREAT;
        if let Ok(fd) = self.kernel.open(&self.task, path.as_bytes(), flags, 0o644) {
            let _ = self.kernel.pwrite(fd, 0, b"new content");
            let _ = self.kernel.close(fd);
        }
    }
    fn read(&mut self, path: &str) {
        let _ = black_box(calls::read(&mut self.kernel, &self.task, path.as_bytes()));
    }
    fn unlink(&mut self, path: &str) {
        let _ = self.kernel.unlink(&self.task, path.as_bytes());
    }
    fn mkdir(&mut self, path: &str) {
        let _ = self.kernel.mkdir(&self.task, path.as_bytes(), 0o755);
    }
    fn rmdir(&mut self, path: &str) {
        let _ = self.kernel.rmdir(&self.task, path.as_bytes());
    }
    fn rename(&mut self, from: &str, to: &str) {
        let _ = self.kernel.rename(&self.task, from.as_bytes(), to.as_bytes(), RenameFlags::empty());
    }
    fn link(&mut self, from: &str, to: &str) {
        let _ = self.kernel.link(&self.task, from.as_bytes(), to.as_bytes());
    }
    fn chmod(&mut self, path: &str, mode: u32) {
        let _ = self.kernel.chmod(&self.task, path.as_bytes(), mode);
    }
}

struct Host;

impl Calls for Host {
    fn stat(&mut self, path: &str) {
        let _ = black_box(fs::metadata(path));
    }
    fn list(&mut self, path: &str) -> usize {
        fs::read_dir(path).map_or(0, Iterator::count)
    }
    fn write(&mut self, path: &str) {
        use std::os::unix::fs::FileExt;
        if let Ok(file) = fs::OpenOptions::new().write(true).create(true).truncate(false).open(path) {
            let _ = file.write_at(b"new content", 0);
        }
    }
    fn read(&mut self, path: &str) {
        let _ = black_box(fs::read(path));
    }
    fn unlink(&mut self, path: &str) {
        let _ = fs::remove_file(path);
    }
    fn mkdir(&mut self, path: &str) {
        let _ = fs::create_dir(path);
    }
    fn rmdir(&mut self, path: &str) {
        let _ = fs::remove_dir(path);
    }
    fn rename(&mut self, from: &str, to: &str) {
        let _ = fs::rename(from, to);
    }
    fn link(&mut self, from: &str, to: &str) {
        let _ = fs::hard_link(from, to);
    }
    fn chmod(&mut self, path: &str, mode: u32) {
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode));
    }
}

/// The same tree below `base`: ten layers with 100 names each in `/dir`, and a small tree that the mix works on.
fn layers(on: &mut dyn Calls, base: &str) -> String {
    let mut lower = Vec::new();
    for layer in 0..10 {
        let root = format!("{base}/l{layer}");
        for dir in ["", "/dir", "/a", "/a/b", "/b", "/b/a", "/c"] {
            on.mkdir(&format!("{root}{dir}"));
        }
        for name in 0..100 {
            on.write(&format!("{root}/dir/n{:04}", name * 10 + layer));
        }
        for (at, dir) in ["", "/a", "/a/b", "/b", "/c"].into_iter().enumerate() {
            on.write(&format!("{root}{dir}/{}", ["d", "e", "f", "g", "h"][(at + layer) % 5]));
        }
        lower.push(root);
    }
    for dir in ["u", "w", "m"] {
        on.mkdir(&format!("{base}/{dir}"));
    }
    format!("lowerdir={},upperdir={base}/u,workdir={base}/w", lower.join(":"))
}

/// Calls a second of a random mix below `merged`.
fn mix(on: &mut dyn Calls, merged: &str, count: usize) -> f64 {
    let mut random = Random::new(5);
    let path = |random: &mut Random| {
        let mut path = merged.to_owned();
        for _ in 0..=random.below(3) {
            path.push('/');
            path.push(random.pick(&['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']));
        }
        path
    };
    let plan: Vec<(usize, String, String)> =
        (0..count).map(|_| (random.below(20), path(&mut random), path(&mut random))).collect();
    let start = Instant::now();
    for (what, one, other) in &plan {
        match what {
            0..=4 => on.stat(one),
            5 => drop(black_box(on.list(one))),
            6..=8 => on.write(one),
            9 => on.read(one),
            10 | 11 => on.unlink(one),
            12 | 13 => on.mkdir(one),
            14 => on.rmdir(one),
            15 | 16 => on.rename(one, other),
            17 => on.link(one, other),
            _ => on.chmod(one, 0o755),
        }
    }
    count as f64 / start.elapsed().as_secs_f64()
}

fn seconds(count: usize, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..count {
        work();
    }
    start.elapsed().as_secs_f64() / count as f64
}

fn new_sim() -> Sim {
    Sim { kernel: SimKernel::new(), task: Task::root() }
}

fn mounted(sim: &mut Sim, options: &str, at: &str) {
    let flags = MountFlags::empty();
    sim.kernel
        .mount(&sim.task, b"overlay", at.as_bytes(), b"overlay", flags, options.as_bytes())
        .expect("the simulator mounts its layers");
}

/// Seconds of a `stat` of a file in the lowest of so many layers.
fn stat_through(count: usize) -> f64 {
    let mut sim = new_sim();
    let dirs: Vec<String> = (0..count).map(|layer| format!("/l{layer}")).collect();
    for dir in dirs.iter().map(String::as_str).chain(["/u", "/w", "/m"]) {
        sim.mkdir(dir);
        sim.mkdir(&format!("{dir}/d"));
    }
    sim.write(&format!("/l{}/d/f", count - 1));
    mounted(&mut sim, &format!("lowerdir={},upperdir=/u,workdir=/w", dirs.join(":")), "/m");
    sim.stat("/m/d/f");
    seconds(200_000, || sim.stat("/m/d/f"))
}

fn resident() -> f64 {
    let text = fs::read_to_string("/proc/self/statm").expect("Linux has it");
    let pages: f64 = text.split(' ').nth(1).and_then(|n| n.parse().ok()).expect("its second number");
    pages * 4096.0
}

fn run(command: &str) {
    let done = Command::new("sh").args(["-c", command]).status().expect("there is a shell");
    assert!(done.success(), "{command}: needs root and overlayfs");
}

pub(super) fn figures() -> Vec<Figure> {
    const FILES: usize = 100_000;
    let mut figures = Vec::new();
    let mut add = |name: &str, value: f64, budget: f64, unit: &'static str| {
        figures.push(Figure { name: name.to_owned(), value, budget, unit });
    };
    // Memory first, while the process is small.
    let before = resident();
    let mut many = new_sim();
    let mut names = 0;
    for dir in 0..FILES / 100 {
        many.mkdir(&format!("/d{dir:04}"));
        for file in 0..100 {
            let name = format!("/d{dir:04}/file{file:02}");
            names += 6;
            many.kernel
                .mknod(
                    &many.task,
                    name.as_bytes(),
                    layerlab_core::kernel::FileType::File,
                    0o644,
                    Device::default(),
                )
                .expect("the name is free");
        }
    }
    add("memory of a file beyond its name", (resident() - before - names as f64) / FILES as f64, 300.0, "B");
    add("clone of 100,000 files", seconds(1000, || drop(black_box(many.kernel.clone()))) * 1e6, 10.0, "us");
    let mut copy = many.kernel.clone();
    let _ = copy.chown(&many.task, b"/d0000/file00", Some(1), None, Follow::Target);
    let (one, hundred) = (stat_through(1), stat_through(100));
    add("stat through 100 layers, times that of 1", hundred / one, 2.0, "x");

    let base = "/run/layerlab-bench";
    let host_base = PathBuf::from(base);
    fs::create_dir_all(&host_base).expect("root may");
    run(&format!("mount -t tmpfs tmpfs {base}"));
    let host_options = layers(&mut Host, base);
    run(&format!("mount -t overlay overlay -o {host_options} {base}/m"));
    let mut sim = new_sim();
    sim.mkdir("/run");
    sim.mkdir(base);
    let options = layers(&mut sim, base);
    mounted(&mut sim, &options, &format!("{base}/m"));
    let merged = format!("{base}/m");
    let dir = format!("{merged}/dir");
    assert_eq!((sim.list(&dir), Host.list(&dir)), (1000, 1000));
    // Something is changed before each listing, so that neither gives its last one again.
    let listing = |on: &mut dyn Calls| {
        seconds(200, || {
            on.write(&format!("{dir}/extra"));
            on.unlink(&format!("{dir}/extra"));
            on.list(&dir);
        })
    };
    let (model, kernel) = (listing(&mut sim), listing(&mut Host));
    add("listing of 1,000 names over 10 layers, of the kernel's time", model / kernel * 100.0, 100.0, "%");
    let (model, kernel) = (mix(&mut sim, &merged, 200_000), mix(&mut Host, &merged, 200_000));
    run(&format!("umount {base}/m {base} && rmdir {base}"));
    add("mixed calls, of the kernel's time", kernel / model * 100.0, 20.0, "%");
    figures
}
