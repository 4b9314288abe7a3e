//! The transcripts whose head says `# docker: yes`, on a real dockerd with a bridge: life cycles, signals, logs, health,
//! networks, volumes, images.
//!
//! Continuous integration types a few of them from a fresh seed, a soak all.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};

use layerlab_tests::dockerd::Dockerd;
use layerlab_tests::process::{must, tool};
use layerlab_tests::random::Random;
use layerlab_tests::sessions;
use layerlab_tests::transcript::{self, Answer, Transcript};

/// How many are typed; `LAYERLAB_TRANSCRIPTS` is another number.
const COUNT: usize = 8;

/// What brings the image: the lab pulls it, and here it is imported.
const PULL: &str = "docker pull -q busybox > /dev/null";

fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// What a line said, without what the client logs when its wait for a container is called off: whether that comes depends
/// on which of two answers the client reads first.
fn plain(text: &str) -> Vec<u8> {
    let is_kept = |line: &&str| !(line.starts_with("time=") && line.contains("error waiting for container"));
    text.split_inclusive('\n').filter(is_kept).collect::<String>().replace("\r\n", "\n").into_bytes()
}

/// A real daemon with the image, and a client by the name of `docker`.
struct Real {
    dockerd: Dockerd,
    runs: usize,
}

impl Real {
    fn start() -> Self {
        let dockerd = Dockerd::start_with_bridge();
        let base = sessions::base(dockerd.folder());
        dockerd.must(&["import", "-c", "CMD [\"sh\"]", &base.display().to_string(), "busybox"]);
        let client = dockerd.folder().join("docker");
        let text = format!("#!/bin/sh\nexec /usr/bin/docker --host {} \"$@\"\n", dockerd.host());
        fs::write(&client, text).expect("our own folder");
        fs::set_permissions(&client, fs::Permissions::from_mode(0o755)).expect("our own file");
        Self { dockerd, runs: 0 }
    }

    /// Types the lines of a transcript into one shell, in a directory of their own.
    fn answers(&mut self, transcript: &Transcript) -> Vec<Answer> {
        self.runs += 1;
        let (home, io) = (self.folder("home"), self.folder("io"));
        let lines = transcript.lines();
        let mut script = format!("cd {}\n", home.display());
        for (number, line) in lines.iter().enumerate() {
            let at = io.join(number.to_string()).display().to_string();
            if line != PULL {
                fs::write(&at, line).expect("our own folder");
                let _ =
                    writeln!(script, "eval \"$(cat {at})\" > {at}.out 2> {at}.err; echo $? > {at}.status");
            }
        }
        let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", self.dockerd.folder().display());
        // What a line says is in the files; that a line never ends is a failure of its own.
        let _ = tool("/usr/bin/timeout", "coreutils")
            .args(["300", "bash", "-c", &script])
            .env_clear()
            .envs([("PATH", &path[..]), ("HOME", "/root"), ("LANG", "C.UTF-8")])
            .stdin(Stdio::null())
            .status()
            .expect("bash runs");
        let answer = |number: usize| {
            let read = |end: &str| fs::read(io.join(format!("{number}.{end}"))).unwrap_or_default();
            let status = String::from_utf8_lossy(&read("status")).trim().parse().unwrap_or(255);
            let plain = |bytes: Vec<u8>| plain(&String::from_utf8_lossy(&bytes));
            Answer { stdout: plain(read("out")), stderr: plain(read("err")), status, help: Vec::new() }
        };
        let found = lines.iter().enumerate();
        let answers =
            found.map(|(at, line)| if line == PULL { Answer::default() } else { answer(at) }).collect();
        self.clear();
        answers
    }

    fn folder(&self, name: &str) -> std::path::PathBuf {
        let folder = self.dockerd.folder().join("runs").join(self.runs.to_string()).join(name);
        fs::create_dir_all(&folder).expect("our own folder");
        folder
    }

    /// Removes what a transcript left, but for the image.
    fn clear(&self) {
        let list =
            |args: &[&str]| -> Vec<String> { self.dockerd.must(args).lines().map(str::to_owned).collect() };
        let all = |verb: &[&str], names: Vec<String>| {
            if !names.is_empty() {
                must(self.dockerd.docker().args(verb).args(names));
            }
        };
        all(&["rm", "-fv"], list(&["ps", "-aq"]));
        all(&["volume", "rm", "-f"], list(&["volume", "ls", "-q"]));
        self.dockerd.must(&["network", "prune", "-f"]);
        let mut images = list(&["images", "--format", "{{.Repository}}:{{.Tag}}"]);
        images.retain(|name| name != "busybox:latest" && !name.contains("<none>"));
        all(&["rmi", "-f"], images);
        self.dockerd.must(&["image", "prune", "-f"]);
    }
}

#[test]
fn a_real_daemon_answers_as_written() {
    let mut chosen: Vec<Transcript> =
        transcript::all().into_iter().filter(|t| t.setting("docker") == Some("yes")).collect();
    assert!(chosen.len() >= 60, "{} transcripts are for a real dockerd", chosen.len());
    let seed = setting("LAYERLAB_TRANSCRIPTS_SEED")
        .unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| time.as_secs()));
    let count = setting("LAYERLAB_TRANSCRIPTS").unwrap_or(COUNT);
    let mut random = Random(seed.max(1));
    while chosen.len() > count {
        chosen.swap_remove(random.below(chosen.len()));
    }
    let mut real = Real::start();
    let wrong: String = chosen.iter().map(|t| t.differences(&real.answers(t))).collect();
    assert!(wrong.is_empty(), "LAYERLAB_TRANSCRIPTS_SEED={seed} LAYERLAB_TRANSCRIPTS={count}:\n{wrong}");
}

#[test]
fn the_kinds_that_learners_type_are_among_them() {
    let names: Vec<String> = transcript::all()
        .iter()
        .filter(|t| t.setting("docker") == Some("yes"))
        .map(Transcript::name)
        .collect();
    for kind in ["life", "signals", "logs", "health", "net", "volumes", "files", "images"] {
        let count = names.iter().filter(|name| name.starts_with(&format!("docker-{kind}-"))).count();
        assert!(count >= 2, "{kind}: {count}");
    }
}
