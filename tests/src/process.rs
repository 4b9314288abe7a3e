//! Real programs: run to their end with their output kept, or started, watched and killed with the test.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::poll::within;

/// Runs a program that must succeed and returns its standard output.
pub fn must(command: &mut Command) -> String {
    let out = run(command);
    assert!(out.status.success(), "{command:?}: {}\n{}", out.status, said(&out));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// Runs a program that may fail.
pub fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("cannot start {command:?}: {e}"))
}

/// Both streams of a program, for a message.
pub fn said(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

/// The program of a Debian package.
pub fn tool(path: &str, package: &str) -> Command {
    assert!(Path::new(path).exists(), "{path} is missing: apt-get install {package}, or `cargo xtask setup`");
    Command::new(path)
}

/// Fails at once where a test needs root and is not.
pub fn need_root() {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has /proc");
    let root = status.lines().any(|l| l.split_whitespace().take(3).eq(["Uid:", "0", "0"]));
    assert!(root, "this test mounts file systems: run it as root");
}

/// A program that runs beside the test and is killed when this is dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts it with both streams going to `log`.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let file = File::create(log).unwrap_or_else(|e| panic!("{}: {e}", log.display()));
        let other = file.try_clone().expect("a file can be shared");
        let child = command.stdin(Stdio::null()).stdout(file).stderr(other).spawn();
        let child = child.unwrap_or_else(|e| panic!("cannot start {command:?}: {e}"));
        Self { child, log: log.to_path_buf() }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Fails with its log if it has ended.
    pub fn must_run(&mut self) {
        if let Some(status) = self.child.try_wait().expect("a child can be asked") {
            panic!("a daemon ended too early ({status}):\n{}", self.log());
        }
    }

    /// Asks it to end (SIGTERM) and waits for that.
    pub fn end(&mut self) {
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args([OsStr::new("-TERM"), OsStr::new(&id)]).status();
        within(Duration::from_secs(10), || (!matches!(self.child.try_wait(), Ok(None))).then_some(()));
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
