//! Docker's neighbours, each with storage of the test's own: podman, buildah, containerd, skopeo, umoci, a registry.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::dockerd::storage;
use crate::poll::poll;
use crate::process::{Daemon, must, need_root, tool};

/// A folder where any of these tools can keep its storage.
pub fn folder(name: &str) -> tempfile::TempDir {
    let prefix = format!("layerlab-{name}-");
    tempfile::Builder::new().prefix(&prefix).tempdir_in(storage()).expect("a folder for a tool's storage")
}

/// podman or buildah over storage of their own.
#[derive(Debug)]
pub struct Containers {
    folder: tempfile::TempDir,
}

impl Containers {
    /// Empty storage, with the driver `vfs`, which every kernel and file system can hold.
    pub fn new() -> Self {
        need_root();
        Self { folder: folder("containers") }
    }

    /// `podman` on this storage.
    pub fn podman(&self) -> Command {
        let mut command = self.on("/usr/bin/podman", "podman");
        command.args(["--cgroup-manager", "cgroupfs", "--events-backend", "none"]);
        command
    }

    /// `buildah` on this storage.
    pub fn buildah(&self) -> Command {
        self.on("/usr/bin/buildah", "buildah")
    }

    fn on(&self, path: &str, package: &str) -> Command {
        let mut command = tool(path, package);
        command.arg("--root").arg(self.folder.path().join("root"));
        command.arg("--runroot").arg(self.folder.path().join("run")).args(["--storage-driver", "vfs"]);
        command
    }
}

impl Default for Containers {
    fn default() -> Self {
        Self::new()
    }
}

/// A containerd of the test's own.
#[derive(Debug)]
pub struct Containerd {
    daemon: Daemon,
    folder: tempfile::TempDir,
}

impl Containerd {
    /// Starts one and waits until it answers.
    pub fn start() -> Self {
        need_root();
        let folder = folder("containerd");
        let at = |name: &str| folder.path().join(name).display().to_string();
        let config = format!(
            "version = 2\nroot = {:?}\nstate = {:?}\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n[grpc]\naddress = {:?}\n",
            at("root"),
            at("state"),
            at("sock")
        );
        std::fs::write(at("config.toml"), config).expect("our own folder");
        let mut command = tool("/usr/bin/containerd", "containerd");
        let daemon =
            Daemon::start(command.args(["--config", &at("config.toml")]), &folder.path().join("log"));
        let mut this = Self { daemon, folder };
        poll("containerd to answer", Duration::from_secs(30), || {
            this.daemon.must_run();
            this.ctr().arg("version").output().ok()?.status.success().then_some(())
        });
        this
    }

    /// `ctr`, talking to it.
    pub fn ctr(&self) -> Command {
        let mut command = tool("/usr/bin/ctr", "containerd");
        command.arg("--address").arg(self.folder.path().join("sock"));
        command
    }
}

impl Drop for Containerd {
    fn drop(&mut self) {
        self.daemon.end();
    }
}

/// `skopeo`, which keeps nothing.
pub fn skopeo() -> Command {
    let mut command = tool("/usr/bin/skopeo", "skopeo");
    command.arg("--insecure-policy");
    command
}

/// Unpacks an image of an OCI layout with umoci and returns the folder of its root file system.
pub fn umoci_unpack(layout: &Path, tag: &str, bundle: &Path) -> PathBuf {
    let image = format!("{}:{tag}", layout.display());
    must(tool("/usr/bin/umoci", "umoci").args(["unpack", "--image", &image]).arg(bundle));
    bundle.join("rootfs")
}

/// Distribution, the registry, on a loopback port, without TLS.
#[derive(Debug)]
pub struct Registry {
    daemon: Daemon,
    folder: tempfile::TempDir,
    port: u16,
}

impl Registry {
    /// Starts one and waits until it answers.
    pub fn start() -> Self {
        Self::start_with(|_| String::new())
    }

    /// Starts one with more lines of configuration, which may name files of the folder given; `http:` is the last
    /// section, whose lines may go on.
    pub fn start_with(more: impl FnOnce(&Path) -> String) -> Self {
        let folder = folder("registry");
        // It takes no port 0, so a free one is looked for; should another process take it first, the start fails loudly.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {:?}}}\n  delete: {{enabled: true}}\n\
             http:\n  addr: \"127.0.0.1:{port}\"\n{}",
            folder.path().join("data").display().to_string(),
            more(folder.path())
        );
        let file = folder.path().join("config.yml");
        std::fs::write(&file, config).expect("our own folder");
        let mut command = tool("/usr/bin/docker-registry", "docker-registry");
        let daemon = Daemon::start(command.arg("serve").arg(&file), &folder.path().join("log"));
        let mut this = Self { daemon, folder, port };
        poll("the registry to listen", Duration::from_secs(30), || {
            this.daemon.must_run();
            TcpStream::connect(("127.0.0.1", port)).ok().map(drop)
        });
        this
    }

    /// `127.0.0.1:PORT`, which begins the names of its images.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The folder where it stores what is pushed.
    pub fn storage(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What it said.
    pub fn log(&self) -> String {
        self.daemon.log()
    }
}
