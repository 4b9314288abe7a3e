//! Real Docker and the lab as two places where the same lines are typed.

use std::path::Path;
use std::process::Command;

use layerlab_core::session::Session;
use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::process::run;
use layerlab_tests::sim;

/// What a line said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: u8,
}

/// A place with a shell, `docker` and files.
pub(crate) trait Side {
    fn line(&mut self, line: &str) -> Said;
    fn put(&mut self, name: &str, content: &[u8]);
    fn get(&mut self, name: &str) -> Vec<u8>;
}

/// This host with a daemon of the test's own.
pub(crate) struct Real {
    pub(crate) docker: Dockerd,
    folder: tempfile::TempDir,
}

impl Real {
    pub(crate) fn start() -> Self {
        Self { docker: Dockerd::start(), folder: layerlab_tests::tools::folder("scripts") }
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(Path::new(name))
    }
}

impl Side for Real {
    fn line(&mut self, line: &str) -> Said {
        // What waits for ever, at a pipe that nobody reads, is found as a difference.
        let mut command = Command::new("timeout");
        command.args(["120", "sh", "-c", line]).current_dir(self.folder.path()).env("LC_ALL", "C");
        // Debian's client, whatever else is installed.
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("DOCKER_HOST", self.docker.host()).env("DOCKER_CONFIG", self.docker.folder());
        let out = run(&mut command);
        let root = self.docker.folder().join("data").display().to_string();
        let home = self.folder.path().display().to_string();
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes).replace(&root, "/var/lib/docker").replace(&home, "/root")
        };
        let status = out.status.code().and_then(|code| u8::try_from(code).ok()).expect("it is not killed");
        Said { stdout: text(&out.stdout), stderr: text(&out.stderr), status }
    }

    fn put(&mut self, name: &str, content: &[u8]) {
        std::fs::write(self.at(name), content).expect("our own folder");
    }

    fn get(&mut self, name: &str) -> Vec<u8> {
        std::fs::read(self.at(name)).unwrap_or_default()
    }
}

/// A session on the simulator.
pub(crate) struct Lab(Session);

impl Lab {
    pub(crate) fn start() -> Self {
        Self(sim::session())
    }
}

impl Side for Lab {
    fn line(&mut self, line: &str) -> Said {
        let answer = sim::run(&mut self.0, line);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { stdout: text(&answer.stdout), stderr: text(&answer.stderr), status: answer.status }
    }

    fn put(&mut self, name: &str, content: &[u8]) {
        let path = if name.starts_with('/') { name.to_owned() } else { format!("/root/{name}") };
        sim::put(&mut self.0, &path, content);
    }

    fn get(&mut self, name: &str) -> Vec<u8> {
        sim::get(&mut self.0, &format!("/root/{name}"))
    }
}
