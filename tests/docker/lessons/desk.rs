//! Real Docker as a desk that lessons are run at.

use std::path::{Path, PathBuf};
use std::process::Command;

use layerlab_core::lesson::{LessonLab, Tested};
use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::process::run;

use super::images;

/// `docker`, but that a pull takes the image from a file, for there is no network.
const CLIENT: &str = "#!/bin/sh
if [ \"$1\" = pull ]; then
    for image; do :; done
    /usr/bin/docker load -q -i \"$IMAGES/$image.tar\" > /dev/null && echo \"docker.io/library/$image:latest\"
else
    exec /usr/bin/docker \"$@\"
fi
";

/// What a lesson begins without.
const CLEAN: &str = "docker ps -aq | xargs -r docker rm -fv; docker volume ls -q | xargs -r docker volume rm; \
                     docker image prune -af; docker builder prune -af";

/// This host with a daemon of the test's own, and a home of the test's own.
pub(crate) struct RealDesk {
    docker: Dockerd,
    home: PathBuf,
    /// Where the shell stands.
    at: PathBuf,
}

impl RealDesk {
    pub(crate) fn start() -> Self {
        let docker = Dockerd::start();
        let at = |name: &str| docker.folder().join(name);
        for name in ["home", "bin", "images"] {
            std::fs::create_dir(at(name)).expect("our own folder");
        }
        let client = at("bin").join("docker");
        std::fs::write(&client, CLIENT).expect("our own folder");
        std::fs::set_permissions(&client, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .expect("our own file");
        for name in images::NAMES {
            std::fs::write(at("images").join(format!("{name}.tar")), images::archive(name))
                .expect("our own folder");
        }
        Self { home: at("home"), at: at("home"), docker }
    }

    fn data(&self) -> String {
        self.docker.folder().join("data").display().to_string()
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.docker.folder().join(name)
    }

    /// Runs a line where the shell stands; its status, and what it printed.
    fn line(&self, line: &str, both: bool) -> (u8, String) {
        let line = line.replace("/var/lib/docker", &self.data());
        let after = self.folder("at").display().to_string();
        let script =
            format!("{}{line}\nended=$?; pwd > {after}; exit $ended", if both { "exec 2>&1\n" } else { "" });
        let mut command = Command::new("timeout");
        command.args(["120", "bash", "-c", &script]).current_dir(&self.at).stdin(std::process::Stdio::null());
        command.env("LC_ALL", "C.UTF-8").env("HOME", &self.home).env("IMAGES", self.folder("images"));
        command.env("PATH", format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", self.folder("bin").display()));
        command.env("DOCKER_HOST", self.docker.host()).env("DOCKER_CONFIG", self.docker.folder());
        let out = run(&mut command);
        let text = String::from_utf8_lossy(&out.stdout).replace(&self.data(), "/var/lib/docker");
        let status = out.status.code().and_then(|code| u8::try_from(code).ok()).expect("it is not killed");
        (status, text.replace(&self.home.display().to_string(), "/root"))
    }
}

impl LessonLab for RealDesk {
    fn fresh(&mut self, start: &[String]) -> Result<(), String> {
        self.at.clone_from(&self.home);
        let (_, said) = self.line(CLEAN, true);
        let (_, left) = self.line("docker ps -aq; docker images -aq; docker volume ls -q", true);
        if !left.is_empty() {
            return Err(format!("this is left: {left}{said}"));
        }
        std::fs::remove_dir_all(&self.home)
            .and_then(|()| std::fs::create_dir(&self.home))
            .map_err(|error| error.to_string())?;
        start.iter().try_for_each(|line| self.run(line).map(drop))
    }

    fn run(&mut self, line: &str) -> Result<String, String> {
        let (_, said) = self.line(line, true);
        let at = std::fs::read_to_string(self.folder("at")).unwrap_or_default();
        if Path::new(at.trim_end()).is_dir() {
            self.at = at.trim_end().into();
        }
        Ok(said)
    }

    fn test(&mut self, lines: &[String]) -> Result<Vec<Tested>, String> {
        let tested = lines.iter().map(|line| {
            let (status, output) = self.line(line, false);
            Tested { status, output }
        });
        Ok(tested.collect())
    }
}
