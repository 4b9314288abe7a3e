//! The lab from outside: the binary `layerlab`, on each kernel.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use base64::Engine;
use serde_json::Value;

use crate::process::{must, run, said};
use crate::transcript::Answer;

/// The kernels that a session can run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// The simulator, in the binary.
    Sim,
    /// This host, as root.
    Root,
    /// This host, as uid 1000 in a user namespace.
    User,
}

impl On {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sim, Self::Root, Self::User];

    /// The name used in a transcript's `# on:` line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sim => "sim",
            Self::Root => "root",
            Self::User => "user",
        }
    }
}

/// The user that rootless sessions run as.
pub const USER: u32 = 1000;

/// The binary `layerlab`, built from this checkout and put where uid 1000 may run it.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = BINARY.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the root");
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build.current_dir(root).args(["build", "--locked", "-p", "layerlab", "--message-format=json"]);
        // What the outer cargo says of this package would make build scripts run again, and their dependents with them.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_")
                || text.starts_with("CARGO_MANIFEST_")
                || text == "CARGO_CRATE_NAME"
            {
                build.env_remove(&name);
            }
        }
        let messages = must(&mut build);
        let mut built = messages.lines().filter_map(|line| {
            let message: Value = serde_json::from_str(line).ok()?;
            let executable = message.get("executable")?.as_str()?;
            (message["target"]["name"] == "layerlab").then(|| PathBuf::from(executable))
        });
        let built = built.next_back().expect("cargo names the executable that it built");
        let folder = shared_folder();
        let path = folder.path().join("layerlab");
        // By another process: a program that this one has open for writing, and each that it starts then, cannot run.
        must(Command::new("cp").arg(&built).arg(&path));
        (folder, path)
    });
    path
}

/// A folder under /tmp that every user may enter and write to, gone when dropped.
pub fn shared_folder() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("layerlab-test-").tempdir().expect("a temporary folder");
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).expect("our own folder");
    folder
}

/// `layerlab` as the given user, without arguments.
pub fn layerlab(on: On) -> Command {
    let mut command = Command::new(binary());
    command.current_dir("/").env_remove("NO_COLOR").env("HOME", "/tmp");
    if on == On::User {
        command.uid(USER).gid(USER);
    }
    command
}

/// Real files that go in before the first line, and files of the lab that come out after the last.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// A real file and its path in the lab.
    pub copy_in: Vec<(PathBuf, String)>,
    /// A path in the lab and the real file that it becomes.
    pub copy_out: Vec<(String, PathBuf)>,
}

/// Runs lines in a fresh session and returns an answer a line.
pub fn session(on: On, lines: &[String], files: &Files) -> Vec<Answer> {
    let mut command = layerlab(on);
    command.args(["run", "--tty", "--json", "--on", if on == On::Sim { "sim" } else { "host" }]);
    for (file, path) in &files.copy_in {
        command.arg("--copy-in").arg(format!("{}:{path}", file.display()));
    }
    for (path, file) in &files.copy_out {
        command.arg("--copy-out").arg(format!("{path}:{}", file.display()));
    }
    for line in lines {
        command.arg("-c").arg(line);
    }
    let out = run(&mut command);
    let text = String::from_utf8_lossy(&out.stdout);
    let answers: Vec<Answer> = text.lines().map(answer).collect();
    assert_eq!(
        answers.len(),
        lines.len(),
        "{} answers to {} lines:\n{}",
        answers.len(),
        lines.len(),
        said(&out)
    );
    assert_eq!(String::from_utf8_lossy(&out.stderr), "", "run --json keeps its own stderr empty");
    let last = answers.last().map_or(0, |a| a.status);
    assert_eq!(out.status.code(), Some(last.into()), "the exit status is the last line's");
    answers
}

fn answer(line: &str) -> Answer {
    let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("not JSON ({e}): {line}"));
    let status = value["status"].as_u64().and_then(|s| u8::try_from(s).ok());
    let help = value["help"].as_array().into_iter().flatten();
    Answer {
        help: help.map(|help| help["text"].as_str().unwrap_or_default().to_owned()).collect(),
        stdout: bytes(&value["stdout"]),
        stderr: bytes(&value["stderr"]),
        status: status.unwrap_or_else(|| panic!("no status: {line}")),
    }
}

/// A byte string as serialised: a string, or `{"b64": …}`.
fn bytes(value: &Value) -> Vec<u8> {
    if let Some(text) = value.as_str() {
        return text.as_bytes().to_vec();
    }
    let text = value["b64"].as_str().unwrap_or_else(|| panic!("not a byte string: {value}"));
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}
