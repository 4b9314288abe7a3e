//! Images: reading a large one beside `sha256sum`, `gzip`, and the tools that do the same; hostile ones beside their limits.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::process::{must, tool};
use layerlab_tests::tools::{folder, skopeo, umoci_unpack};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::Figure;

/// Three equal layers, as the budget says: 100,000 files and 1 GiB in all.
const LAYERS: usize = 3;
const FILES: usize = 100_000;
const BYTES: usize = 1 << 30;

/// A program's time and its peak of resident memory.
struct Ran {
    seconds: f64,
    megabytes: f64,
}

/// Runs to the end, whatever the status, with its output thrown away.
fn ran(command: &mut Command) -> Ran {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|e| panic!("cannot start {command:?}: {e}"));
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0;
    loop {
        if let Some(kilobytes) = fs::read_to_string(&status).ok().and_then(|text| peak_of(&text)) {
            peak = kilobytes / 1000.0;
        }
        if child.try_wait().expect("a child can be asked").is_some() {
            return Ran { seconds: start.elapsed().as_secs_f64(), megabytes: peak };
        }
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

fn peak_of(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// The faster of two runs: what else the machine did counts once at most.
fn best(mut make: impl FnMut() -> Command) -> Ran {
    let (first, second) = (ran(&mut make()), ran(&mut make()));
    Ran { seconds: first.seconds.min(second.seconds), megabytes: first.megabytes.max(second.megabytes) }
}

/// The release build of this checkout.
fn binary() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the root");
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.current_dir(root).args([
        "build",
        "--release",
        "--locked",
        "-p",
        "layerlab",
        "--message-format=json",
    ]);
    for (name, _) in std::env::vars()
        .filter(|(name, _)| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
    {
        build.env_remove(name);
    }
    let messages = must(&mut build);
    let built = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let built = built.filter(|m| m["target"]["name"] == "layerlab");
    built
        .filter_map(|m| m["executable"].as_str().map(PathBuf::from))
        .next_back()
        .expect("cargo names what it built")
}

struct Hashing<W> {
    to: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        let n = self.to.write(data)?;
        self.hash.update(&data[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

pub(crate) fn hex(hash: Sha256) -> String {
    layerlab_tests::listing::hex(&hash.finalize())
}

/// One layer's tar in a file, of so many files of so many bytes; its digest. Half of each content is text that shrinks,
/// half is noise.
pub(crate) fn layer(path: &Path, number: usize, files: usize, size: usize) -> String {
    let file = BufWriter::new(File::create(path).expect("our own folder"));
    let mut tar = tar::Builder::new(Hashing { to: file, hash: Sha256::new() });
    let mut state = number as u64 + 1;
    let mut content = vec![b'-'; size];
    for i in 0..files {
        for byte in &mut content[..size / 2] {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
        let mut header = tar::Header::new_ustar();
        header.set_size(size as u64);
        header.set_mode(0o644);
        header.set_mtime(1_600_000_000);
        let name = format!("l{number}/d{:03}/f{i:05}", i / 100);
        tar.append_data(&mut header, name, &content[..]).expect("our own folder");
    }
    let mut out = tar.into_inner().expect("our own folder");
    out.flush().expect("our own folder");
    hex(out.hash)
}

/// The image in docker's form, and as a layout with gzip layers.
fn generate(dir: &Path) {
    let mut docker = tar::Builder::new(File::create(dir.join("docker.tar")).expect("our own folder"));
    let layout = dir.join("layout/blobs/sha256");
    fs::create_dir_all(&layout).expect("our own folder");
    let (mut diff_ids, mut names, mut packed) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..LAYERS {
        let path = dir.join("layer.tar");
        let digest = layer(&path, number, FILES / LAYERS, BYTES / FILES);
        docker.append_path_with_name(&path, format!("{digest}/layer.tar")).expect("our own folder");
        names.push(format!("{digest}/layer.tar"));
        diff_ids.push(format!("sha256:{digest}"));
        let gz = dir.join("layer.tar.gz");
        must(tool("/bin/gzip", "gzip").args(["-1", "--force"]).arg(&path));
        let digest = must(tool("/usr/bin/sha256sum", "coreutils").arg(&gz))[..64].to_owned();
        packed.push(json!({"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": format!("sha256:{digest}"), "size": gz.metadata().expect("it is there").len()}));
        fs::rename(&gz, layout.join(digest)).expect("our own folder");
    }
    let config = json!({"os": "linux", "architecture": "amd64", "config": {}, "rootfs": {"type": "layers", "diff_ids": diff_ids}});
    let config = config.to_string();
    let blob = |data: &str| {
        let digest = hex(Sha256::new_with_prefix(data));
        fs::write(layout.join(&digest), data).expect("our own folder");
        json!({"digest": format!("sha256:{digest}"), "size": data.len()})
    };
    let mut described = blob(&config);
    described["mediaType"] = json!("application/vnd.oci.image.config.v1+json");
    let media = "application/vnd.oci.image.manifest.v1+json";
    let mut manifest = blob(
        &json!({"schemaVersion": 2, "mediaType": media, "config": described, "layers": packed}).to_string(),
    );
    manifest["mediaType"] = json!(media);
    manifest["annotations"] = json!({"org.opencontainers.image.ref.name": "big"});
    let index = json!({"schemaVersion": 2, "manifests": [manifest]}).to_string();
    fs::write(dir.join("layout/index.json"), index).expect("our own folder");
    fs::write(dir.join("layout/oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("our own folder");
    let id = hex(Sha256::new_with_prefix(&config));
    let mut small = |name: &str, data: &str| {
        let mut header = tar::Header::new_ustar();
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        docker.append_data(&mut header, name, data.as_bytes()).expect("our own folder");
    };
    small(&format!("{id}.json"), &config);
    let manifest = json!([{"Config": format!("{id}.json"), "RepoTags": ["lab/big:1"], "Layers": names}]);
    small("manifest.json", &manifest.to_string());
    docker.finish().expect("our own folder");
    must(
        tool("/bin/tar", "tar")
            .arg("-C")
            .arg(dir.join("layout"))
            .arg("-cf")
            .arg(dir.join("oci.tar"))
            .arg("."),
    );
}

/// All figures of images.
pub(crate) fn figures() -> Vec<Figure> {
    let (layerlab, folder) = (binary(), folder("bench"));
    let dir = folder.path();
    generate(dir);
    let explore = |file: &str| {
        let mut command = Command::new(&layerlab);
        command.arg("image").arg(dir.join(file)).arg("--json");
        command
    };
    let shell = |line: &str| {
        let mut command = Command::new("sh");
        command.current_dir(dir).args(["-c", line]);
        command
    };
    let mut figures = Vec::new();
    let mut add = |name: &str, value: f64, budget: f64, unit| {
        figures.push(Figure { name: name.to_owned(), value, budget, unit });
    };
    let docker = best(|| explore("docker.tar"));
    let sum = best(|| shell("sha256sum docker.tar"));
    add("docker archive of 1 GiB: layerlab image --json", docker.seconds, sum.seconds, "s");
    add("  its memory", docker.megabytes, 200.0, "MB");
    let gzip = best(|| explore("oci.tar"));
    let unpack = best(|| {
        shell(
            "for f in layout/blobs/sha256/*; do case $(stat -c %s $f) in ????????*) gzip -dc $f;; esac; done > plain",
        )
    });
    let sums = best(|| shell("sha256sum plain"));
    add("gzip OCI archive: layerlab image --json", gzip.seconds, 1.2 * (unpack.seconds + sums.seconds), "s");
    add("  its memory", gzip.megabytes, 200.0, "MB");
    // What others need for the same image; they write it to a disk, too.
    let free = f64::INFINITY;
    let file = dir.join("docker.tar");
    let mut copy = skopeo();
    copy.args([
        "copy",
        "--quiet",
        &format!("docker-archive:{}", file.display()),
        &format!("dir:{}", dir.join("copy").display()),
    ]);
    add("  skopeo copy of the docker archive", ran(&mut copy).seconds, free, "s");
    let daemon = Dockerd::start();
    let mut load = daemon.docker();
    add("  docker load of it", ran(load.args(["load", "-i"]).arg(&file)).seconds, free, "s");
    let start = Instant::now();
    umoci_unpack(&dir.join("layout"), "big", &dir.join("bundle"));
    add("  umoci unpack of the gzip layers", start.elapsed().as_secs_f64(), free, "s");
    figures.extend(hostile(&layerlab));
    figures
}

/// The slowest and the largest of the hostile archives, read and loaded on the simulator.
fn hostile(layerlab: &Path) -> Vec<Figure> {
    let at = layerlab_tests::oracle::folder("bad-images");
    let (mut slowest, mut largest) = ((0.0, String::new()), (0.0, String::new()));
    for file in fs::read_dir(at).expect("a folder").flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        if !name.contains(".tar") {
            continue;
        }
        let mut read = Command::new(layerlab);
        let mut load = Command::new(layerlab);
        load.args([
            "run",
            "--copy-in",
            &format!("{}:/in", file.path().display()),
            "-c",
            "docker load -i /in",
        ]);
        for command in [read.arg("image").arg(file.path()), &mut load] {
            let ran = ran(command);
            if ran.seconds > slowest.0 {
                slowest = (ran.seconds, name.clone());
            }
            if ran.megabytes > largest.0 {
                largest = (ran.megabytes, name.clone());
            }
        }
    }
    vec![
        Figure {
            name: format!("slowest bad image, {}", slowest.1),
            value: slowest.0,
            budget: 10.0,
            unit: "s",
        },
        Figure {
            name: format!("largest bad image, {}", largest.1),
            value: largest.0,
            budget: 537.0,
            unit: "MB",
        },
    ]
}
