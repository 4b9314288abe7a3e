//! The rows of the drivers `vfs` and `btrfs` on this kernel: a real dockerd with each, and what lies on its disk.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use layerlab_core::drivers::{DRIVERS, Driver, Unit};
use layerlab_tests::archive::{self, Layer};
use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::process::{must, run, said, tool};
use layerlab_tests::tools::folder;

/// The file that is appended to.
const SIZE: usize = 1 << 20;
const NAME: &str = "lab:drivers";

fn row(name: &str) -> &'static Driver {
    DRIVERS.iter().find(|driver| driver.name == name).expect("the table has it")
}

/// A file system of Btrfs in a file, mounted until the test ends.
struct Mounted(PathBuf);

impl Mounted {
    fn new(folder: &Path) -> Self {
        let kernel = fs::read_to_string("/proc/filesystems").expect("a kernel has a list");
        assert!(
            kernel.lines().any(|line| line.trim() == "btrfs"),
            "this kernel has no Btrfs (/proc/filesystems), on which the driver btrfs is checked: load the module btrfs"
        );
        let (file, at) = (folder.join("disk"), folder.join("mnt"));
        fs::create_dir(&at).expect("our own folder");
        fs::File::create(&file).and_then(|disk| disk.set_len(512 << 20)).expect("our own folder");
        must(tool("/usr/sbin/mkfs.btrfs", "btrfs-progs").arg("--quiet").arg(&file));
        must(tool("/usr/bin/mount", "mount").args(["-o", "loop"]).arg(&file).arg(&at));
        Self(at)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let out = run(tool("/usr/bin/umount", "mount").arg("--recursive").arg(&self.0));
        assert!(out.status.success() || std::thread::panicking(), "{}", said(&out));
    }
}

/// Where a driver's layers are, by the row.
fn layers(driver: &Driver, data: &Path) -> Vec<PathBuf> {
    let place = driver.place.strip_prefix("/var/lib/docker/").and_then(|place| place.strip_suffix("/ID"));
    let dir = data.join(place.expect("the row names a place below Docker's directory"));
    let mut found: Vec<PathBuf> =
        fs::read_dir(dir).expect("the layers are there").flatten().map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// Runs the session of the table: a container that appends a byte to a file and deletes another one. Returns the container's
/// own layers: the one that it writes to is the first.
fn session(docker: &Dockerd, driver: &Driver, data: &Path) -> Vec<PathBuf> {
    let mut layer = Layer::new();
    layer.dir("bin/", 0o755).file("bin/busybox", 0o755, &archive::busybox()).symlink("bin/sh", "busybox");
    layer.dir("etc/", 0o755).file("etc/motd", 0o644, b"hello\n").file("data", 0o644, &vec![7; SIZE]);
    let image = docker.folder().join("image.tar");
    fs::write(&image, archive::docker_save(NAME, &[("one", layer.done())], &[])).expect("our own folder");
    docker.must(&["load", "--quiet", "--input", &image.display().to_string()]);
    let before: BTreeSet<PathBuf> = layers(driver, data).into_iter().collect();
    assert_eq!(before.len(), 1, "the image has one layer");
    let line = "printf x >> /data; busybox rm /etc/motd";
    docker.must(&["run", "--network", "none", "--name", "c1", NAME, "sh", "-c", line]);
    let mut own: Vec<PathBuf> =
        layers(driver, data).into_iter().filter(|dir| !before.contains(dir)).collect();
    own.sort_by_key(|dir| dir.to_string_lossy().ends_with("-init"));
    assert_eq!(own.len(), 2, "the container's, and Docker's own below it: {own:?}");
    for (dir, size) in [(&own[0], SIZE + 1), (&own[1], SIZE)] {
        assert_eq!(fs::metadata(dir.join("data")).expect("it shows the file").len(), size as u64);
    }
    // A deletion leaves nothing: no whiteout of any form.
    let names: Vec<fs::DirEntry> =
        fs::read_dir(own[0].join("etc")).expect("it is a directory").flatten().collect();
    for entry in &names {
        let (name, kind) = (entry.file_name(), entry.file_type().expect("it is there"));
        let name = name.to_string_lossy();
        assert!(name != "motd" && !kind.is_char_device() && !name.starts_with(".w"), "{name}");
    }
    let graph =
        docker.must(&["inspect", "--format", "{{.GraphDriver.Name}} {{json .GraphDriver.Data}}", "c1"]);
    assert_eq!(graph.trim(), format!("{} null", driver.name));
    assert!(driver.data.is_empty());
    own
}

/// The keys of what `docker info` says of its driver.
fn keys<'t>(lines: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    lines.filter_map(|line| line.split_once(':')).map(|(key, _)| key.trim()).collect()
}

fn status(docker: &Dockerd) -> String {
    docker.must(&["info", "--format", "{{range .DriverStatus}}{{index . 0}}: {{index . 1}}\n{{end}}"])
}

#[test]
fn vfs_copies_everything_for_each_container() {
    let driver = row("vfs");
    let desk = folder("vfs");
    let data = desk.path().join("data");
    let docker = Dockerd::start_on("vfs", &data);
    let own = session(&docker, driver, &data);
    assert_eq!(driver.unit, Unit::Everything(own.len() as u64));
    // Copies are files of their own, not names of the image's.
    let image = layers(driver, &data).into_iter().find(|dir| !own.contains(dir)).expect("the image's layer");
    let inode =
        |dir: &Path| std::os::unix::fs::MetadataExt::ino(&fs::metadata(dir.join("bin/busybox")).unwrap());
    let inodes: BTreeSet<u64> = own.iter().chain([&image]).map(|dir| inode(dir)).collect();
    assert_eq!(inodes.len(), 3);
    assert_eq!(keys(status(&docker).lines()), keys(driver.info.iter().copied()));
}

#[test]
fn btrfs_copies_the_blocks_that_are_written() {
    let driver = row("btrfs");
    let desk = folder("btrfs");
    let disk = Mounted::new(desk.path());
    let docker = Dockerd::start_on("btrfs", &disk.0);
    let own = session(&docker, driver, &disk.0);
    must(&mut tool("/usr/bin/sync", "coreutils"));
    // Bytes of the file that no other file has.
    let exclusive = |file: PathBuf| -> u64 {
        let text = must(tool("/usr/bin/btrfs", "btrfs-progs").args(["filesystem", "du", "--raw"]).arg(file));
        let line = text.lines().last().expect("a line for the file");
        line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("bytes")
    };
    let Unit::Block(block) = driver.unit else { panic!("{:?}", driver.unit) };
    assert_eq!(exclusive(own[0].join("data")), block);
    assert_eq!(exclusive(own[0].join("bin/busybox")), 0);
    assert_eq!(exclusive(own[1].join("data")), 0);
    // The keys of the row are the documents', of which later libraries say fewer.
    let known = keys(driver.info.iter().copied());
    let text = status(&docker);
    assert!(keys(text.lines()).iter().all(|key| known.contains(key)), "{text}");
    drop(docker);
}
