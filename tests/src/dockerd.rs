//! A real Docker daemon of the test's own: its own storage, socket and containers, gone with the test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::poll::poll;
use crate::process::{Daemon, must, need_root, run, said, tool};

/// Networks of a daemon that needs none.
const NO_NETWORKS: [&str; 3] = ["--bridge=none", "--ip-masq=false", "--ip-forward=false"];

/// A dockerd with overlay2, unless another driver was asked for.
#[derive(Debug)]
pub struct Dockerd {
    daemon: Daemon,
    folder: tempfile::TempDir,
}

impl Dockerd {
    /// Starts one without any network, and waits until it answers.
    pub fn start() -> Self {
        Self::begin(tool("/usr/sbin/dockerd", "docker.io"), &NO_NETWORKS, "overlay2", None)
    }

    /// Starts one without any network that keeps its data in this folder with this storage driver.
    pub fn start_on(driver: &str, data: &Path) -> Self {
        Self::begin(tool("/usr/sbin/dockerd", "docker.io"), &NO_NETWORKS, driver, Some(data))
    }

    /// Starts one in a network namespace of its own, with Docker's bridge in it.
    pub fn start_with_bridge() -> Self {
        let mut command = tool("/usr/bin/unshare", "util-linux");
        command.args(["--net", "sh", "-c", "ip link set lo up && exec /usr/sbin/dockerd \"$@\"", "sh"]);
        Self::begin(command, &[], "overlay2", None)
    }

    fn begin(mut command: Command, networks: &[&str], driver: &str, data: Option<&Path>) -> Self {
        need_root();
        let folder =
            tempfile::Builder::new().prefix("layerlab-dockerd-").tempdir_in(storage()).expect("a folder");
        let at = |name: &str| folder.path().join(name).display().to_string();
        let data = data.map_or_else(|| at("data"), |data| data.display().to_string());
        command.args(["--data-root", &data, "--exec-root", &at("exec"), "--pidfile", &at("pid")]);
        command.args(["--host", &format!("unix://{}", at("sock")), "--storage-driver", driver]);
        command.args(["--iptables=false", "--ip6tables=false"]).args(networks);
        // Loopback registries are taken without TLS by default; nothing else is reachable.
        let daemon = Daemon::start(&mut command, &folder.path().join("log"));
        let mut this = Self { daemon, folder };
        poll("dockerd to answer", Duration::from_mins(1), || {
            this.daemon.must_run();
            let mut info = this.docker();
            let out = run(info.args(["info", "--format", "{{.Driver}}"]));
            out.status.success().then(|| assert_eq!(said(&out).trim(), driver, "{}", this.daemon.log()))
        });
        this
    }

    /// The docker client of the same package, talking to this daemon.
    pub fn docker(&self) -> Command {
        let mut command = tool("/usr/bin/docker", "docker.io");
        command.arg("--host").arg(self.host());
        command
            .env("DOCKER_CONFIG", self.folder.path())
            .env_remove("DOCKER_CONTEXT")
            .env_remove("DOCKER_HOST");
        command
    }

    /// Where the daemon listens, as `DOCKER_HOST` takes it.
    pub fn host(&self) -> String {
        format!("unix://{}", self.folder.path().join("sock").display())
    }

    /// Runs docker with these arguments; it must succeed. Returns its standard output.
    pub fn must(&self, args: &[&str]) -> String {
        must(self.docker().args(args))
    }

    /// What the daemon logged.
    pub fn log(&self) -> String {
        self.daemon.log()
    }

    /// A folder that goes with the daemon.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Dockerd {
    fn drop(&mut self) {
        // Asked to end, it stops its containers and its containerd, and unmounts what it mounted.
        self.daemon.end();
    }
}

/// A folder on a file system that can hold an overlay's upper directory, with room for images.
pub fn storage() -> PathBuf {
    let places = ["/var/tmp", "/tmp", "/dev/shm"];
    for place in places {
        let kind = must(Command::new("stat").args(["--file-system", "--format=%T", place]));
        if kind.trim() != "overlayfs" {
            return place.into();
        }
    }
    panic!(
        "{places:?} are all on overlayfs, which cannot hold an upper directory: mount a tmpfs on one of them"
    );
}
