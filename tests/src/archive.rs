//! A small image from scratch, three layers deep, as an archive that Docker itself loads.
//!
//! It is written with the tar crate and not with the project's own writer, so that the two check each other.

use std::fmt::Write;

use serde_json::json;

use crate::listing::sha256;

/// The image's name.
pub const NAME: &str = "lab:three";

/// What stands for a program where nothing real is run: enough for the lab to know an ELF file.
pub const STUB: &[u8] = b"\x7fELF stub";

/// The names that busybox is linked to in the image.
const APPLETS: &[&str] = &[
    "cat",
    "chmod",
    "chown",
    "cp",
    "echo",
    "env",
    "find",
    "grep",
    "head",
    "ln",
    "ls",
    "mkdir",
    "mv",
    "printf",
    "pwd",
    "rm",
    "rmdir",
    "sh",
    "sha256sum",
    "sleep",
    "stat",
    "tail",
    "test",
    "touch",
    "true",
    "wc",
];

/// The real busybox of this machine, statically linked.
pub fn busybox() -> Vec<u8> {
    std::fs::read("/bin/busybox").unwrap_or_else(|e| {
        panic!("/bin/busybox: {e}: apt-get install busybox-static, or `cargo xtask setup`")
    })
}

/// A layer in the making.
#[expect(missing_debug_implementations, reason = "the tar crate's builder has none")]
pub struct Layer(tar::Builder<Vec<u8>>);

impl Default for Layer {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for Layer {
    fn clone(&self) -> Self {
        Self(tar::Builder::new(self.0.get_ref().clone()))
    }
}

impl Layer {
    /// An empty one.
    pub fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    fn entry(
        &mut self,
        name: &str,
        kind: tar::EntryType,
        mode: u32,
        content: &[u8],
        target: &str,
    ) -> &mut Self {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_mtime(1_600_000_000);
        header.set_size(content.len() as u64);
        header.set_uid(0);
        header.set_gid(0);
        if !target.is_empty() {
            header.set_link_name(target).expect("a short target");
        }
        self.0.append_data(&mut header, name, content).expect("a vector takes everything");
        self
    }

    /// Adds a directory.
    pub fn dir(&mut self, name: &str, mode: u32) -> &mut Self {
        self.entry(name, tar::EntryType::Directory, mode, b"", "")
    }

    /// Adds a file.
    pub fn file(&mut self, name: &str, mode: u32, content: &[u8]) -> &mut Self {
        self.entry(name, tar::EntryType::Regular, mode, content, "")
    }

    /// Adds a symbolic link.
    pub fn symlink(&mut self, name: &str, target: &str) -> &mut Self {
        self.entry(name, tar::EntryType::Symlink, 0o777, b"", target)
    }

    /// Adds a character device.
    pub fn device(&mut self, name: &str, major: u32, minor: u32) -> &mut Self {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Char);
        header.set_mode(0o600);
        header.set_size(0);
        header.set_device_major(major).expect("it fits");
        header.set_device_minor(minor).expect("it fits");
        self.0.append_data(&mut header, name, &b""[..]).expect("a vector takes everything");
        self
    }

    /// Adds a hard link.
    pub fn hard_link(&mut self, name: &str, target: &str) -> &mut Self {
        self.entry(name, tar::EntryType::Link, 0o644, b"", target)
    }

    /// The tar.
    pub fn done(self) -> Vec<u8> {
        self.0.into_inner().expect("a vector takes everything")
    }
}

fn layers(program: &[u8]) -> [Vec<u8>; 3] {
    let mut base = Layer::new();
    base.dir("bin/", 0o755).file("bin/busybox", 0o755, program);
    for applet in APPLETS {
        base.symlink(&format!("bin/{applet}"), "busybox");
    }
    base.dir("etc/", 0o755).file("etc/motd", 0o644, b"first\n").file(
        "etc/passwd",
        0o644,
        b"root:x:0:0::/root:/bin/sh\n",
    );
    base.dir("etc/conf.d/", 0o755);
    for name in ["a", "b", "c"] {
        base.file(&format!("etc/conf.d/{name}"), 0o600, format!("{name} = 1\n").as_bytes());
    }
    base.dir("root/", 0o700).dir("tmp/", 0o1777).dir("var/", 0o755).dir("var/log/", 0o755);
    base.file("var/log/app.log", 0o640, "a line of the log\n".repeat(100).as_bytes());
    base.dir("var/cache/", 0o755).file("var/cache/old1", 0o644, b"1").file("var/cache/old2", 0o644, b"2");

    let mut middle = Layer::new();
    middle.dir("etc/", 0o755).file("etc/motd", 0o644, b"second\n").file("etc/.wh.nothing", 0o600, b"");
    middle.dir("etc/conf.d/", 0o755).file("etc/conf.d/.wh.b", 0o600, b"");
    middle.dir("srv/", 0o755).dir("srv/data/", 0o2775).file("srv/data/one", 0o644, b"one\n");
    middle.hard_link("srv/data/two", "srv/data/one").file("srv/tool", 0o4755, b"#!/bin/sh\necho tool\n");
    middle.symlink("srv/motd", "../etc/motd");

    let mut top = Layer::new();
    top.dir("var/", 0o755).dir("var/cache/", 0o755).file("var/cache/.wh..wh..opq", 0o600, b"");
    top.file("var/cache/new", 0o644, b"new\n");
    [base.done(), middle.done(), top.done()]
}

/// The image as `docker save` of Docker 20.10 writes one, around this busybox (or [`STUB`]).
pub fn three_layers(program: &[u8]) -> Vec<u8> {
    let [base, second, third] = layers(program);
    docker_save(NAME, &[("ADD base", base), ("RUN second", second), ("RUN third", third)], &[])
}

/// An image of these layers, each with the command that made it, as `docker save` of Docker 20.10 writes one.
pub fn docker_save(name: &str, layers: &[(&str, Vec<u8>)], env: &[&str]) -> Vec<u8> {
    let diff_ids: Vec<String> = layers.iter().map(|(_, tar)| format!("sha256:{}", sha256(tar))).collect();
    let history: Vec<_> = layers
        .iter()
        .map(|(by, _)| json!({"created": "2020-09-13T12:26:40Z", "created_by": format!("/bin/sh -c {by}")}))
        .collect();
    let variables: Vec<&str> = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"].iter().chain(env).copied().collect();
    let config = json!({
        "architecture": "amd64", "os": "linux", "created": "2020-09-13T12:26:40Z",
        "config": {"Cmd": ["sh"], "Env": variables, "WorkingDir": "/"},
        "history": history, "rootfs": {"type": "layers", "diff_ids": diff_ids},
    });
    let config = serde_json::to_vec(&config).expect("plain data");
    let config_name = format!("{}.json", sha256(&config));
    let mut outer = Layer::new();
    let mut names = Vec::new();
    let mut chain = String::new();
    for ((_, layer), diff_id) in layers.iter().zip(&diff_ids) {
        let _ = write!(chain, "{diff_id} ");
        let id = sha256(chain.as_bytes());
        outer.dir(&format!("{id}/"), 0o755).file(&format!("{id}/VERSION"), 0o644, b"1.0");
        outer.file(&format!("{id}/json"), 0o644, json!({"id": id}).to_string().as_bytes());
        outer.file(&format!("{id}/layer.tar"), 0o644, layer);
        names.push(format!("{id}/layer.tar"));
    }
    outer.file(&config_name, 0o644, &config);
    let manifest = json!([{"Config": config_name, "RepoTags": [name], "Layers": names}]);
    outer.file("manifest.json", 0o644, manifest.to_string().as_bytes());
    let (repo, tag) = name.split_once(':').expect("the name has a tag");
    let top = names.last().expect("a layer").trim_end_matches("/layer.tar").to_owned();
    outer.file("repositories", 0o644, json!({repo: {tag: top}}).to_string().as_bytes());
    outer.done()
}

/// An image to look at: a few hundred files in six layers, with all that layers do to each other, and two secrets.
pub fn rich() -> Vec<u8> {
    let mut base = Layer::new();
    for dir in [
        "bin",
        "etc",
        "etc/ssl",
        "usr",
        "usr/lib",
        "usr/share",
        "usr/share/doc",
        "var",
        "var/cache",
        "var/log",
    ] {
        base.dir(&format!("{dir}/"), 0o755);
    }
    base.file("bin/busybox", 0o755, &STUB.repeat(40_000));
    for applet in APPLETS {
        base.symlink(&format!("bin/{applet}"), "busybox");
    }
    for n in 0..180 {
        let content = format!("library {n}\n").repeat(40 + n * 37 % 900);
        base.file(&format!("usr/lib/lib{n:03}.so"), 0o644, content.as_bytes());
    }
    for n in 0..60 {
        base.file(
            &format!("usr/share/doc/page-{n:02}.txt"),
            0o644,
            format!("Page {n}\n").repeat(50).as_bytes(),
        );
    }
    base.file("etc/motd", 0o644, b"Welcome to the lab.\n").file("etc/hostname", 0o644, b"lab\n");
    base.file("etc/nginx.conf", 0o644, "worker_processes 1;\nevents {}\n".repeat(9).as_bytes());

    let mut packages = Layer::new();
    packages.dir("var/", 0o755).dir("var/cache/", 0o755).dir("var/cache/apt/", 0o755);
    for n in 0..24 {
        let content = format!("package {n} ").repeat(2_000);
        packages.file(&format!("var/cache/apt/pkg{n:02}.deb"), 0o644, content.as_bytes());
    }
    packages.dir("usr/", 0o755).dir("usr/sbin/", 0o755).file("usr/sbin/nginx", 0o755, &STUB.repeat(90_000));

    let mut key = Layer::new();
    key.dir("root/", 0o700).dir("root/.ssh/", 0o700);
    let pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nnot a real key\n-----END OPENSSH PRIVATE KEY-----\n";
    key.file("root/.ssh/id_ed25519", 0o600, pem.as_bytes());
    key.dir("etc/", 0o755).file("etc/motd", 0o644, b"Welcome to nginx.\n");

    let mut clean = Layer::new();
    clean.dir("root/", 0o700).dir("root/.ssh/", 0o700).file("root/.ssh/.wh.id_ed25519", 0o600, b"");
    clean.dir("var/", 0o755).dir("var/cache/", 0o755).dir("var/cache/apt/", 0o755);
    clean.file("var/cache/apt/.wh..wh..opq", 0o600, b"").file("var/cache/apt/lock", 0o644, b"");

    let mut site = Layer::new();
    site.dir("srv/", 0o755).dir("srv/www/", 0o755);
    site.file(
        "srv/www/index.html",
        0o644,
        "<!doctype html>\n<title>Lab</title>\n<p>It works.</p>\n".as_bytes(),
    );
    // A name that would mislead, were it more than text: a right-to-left override and a tag.
    site.file("srv/www/<b>\u{202e}gnp.exe", 0o644, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    site.dir("etc/", 0o755).file("etc/nginx.conf", 0o644, "worker_processes auto;\n".repeat(11).as_bytes());

    let mut last = Layer::new();
    last.dir("usr/", 0o755).dir("usr/share/", 0o755).file("usr/share/.wh.doc", 0o600, b"");
    last.dir("etc/", 0o755).file("etc/.wh.hostname", 0o600, b"");
    docker_save(
        "shop:1.4",
        &[
            ("#(nop) ADD file:rootfs.tar in / ", base.done()),
            ("apt-get update && apt-get install -y nginx", packages.done()),
            ("#(nop) COPY file:key in /root/.ssh/ ", key.done()),
            ("rm /root/.ssh/id_ed25519 && apt-get clean", clean.done()),
            ("#(nop) COPY dir:site in /srv/www ", site.done()),
            ("rm -rf /usr/share/doc /etc/hostname", last.done()),
        ],
        &["DB_PASSWORD=hunter2"],
    )
}

/// The image's id: the digest of its config.
pub fn image_id(archive: &[u8]) -> String {
    let mut archive = tar::Archive::new(archive);
    let names = archive
        .entries()
        .expect("a tar")
        .map(|e| String::from_utf8_lossy(&e.expect("an entry").path_bytes()).into_owned());
    let config = names
        .filter(|n| !n.contains('/'))
        .find_map(|n| n.strip_suffix(".json").filter(|n| n.len() == 64).map(str::to_owned));
    format!("sha256:{}", config.expect("a config named by its digest"))
}
