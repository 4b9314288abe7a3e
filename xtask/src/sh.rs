//! Running programs: where the project is, commands with their output kept or shown.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What every fallible step gives: a message that says what failed and what to do.
pub(crate) type Result<T = ()> = std::result::Result<T, String>;

/// The root of the checkout that this run of xtask belongs to.
pub(crate) fn root() -> PathBuf {
    // Read when run, not when compiled: checkouts may share a target directory.
    let manifest =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&manifest).parent().expect("xtask/ lies in the root").to_path_buf()
}

/// Cargo's target directory.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Where xtask keeps the tools that it installs for itself; `rm -r` of it undoes them.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}

/// A command that will run in the project's root.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// `cargo` with these arguments, in the project's root.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).env_remove("CARGO_MANIFEST_DIR");
    command
}

/// The command as a person would type it.
pub(crate) fn typed(command: &Command) -> String {
    let program =
        Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    command.get_args().fold(program, |line, arg| {
        let arg = arg.to_string_lossy();
        if arg.contains(' ') { format!("{line} '{arg}'") } else { format!("{line} {arg}") }
    })
}

/// Runs a command with its output kept, stdout and stderr in one stream in the order written.
///
/// Returns whether it succeeded, and the output.
pub(crate) fn kept(command: &mut Command) -> Result<(bool, String)> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("layerlab-xtask-{}-{number}.log", std::process::id()));
    let file = File::create(&path).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    let other = file.try_clone().map_err(|e| format!("cannot share {}: {e}", path.display()))?;
    let line = typed(command);
    let status = command.stdout(file).stderr(other).status().map_err(|e| format!("cannot run `{line}`: {e}"));
    let output = fs::read(&path).unwrap_or_default();
    let _ = fs::remove_file(&path);
    Ok((status?.success(), String::from_utf8_lossy(&output).into_owned()))
}

/// Runs a command with its output shown as it comes.
pub(crate) fn shown(command: &mut Command) -> Result {
    let line = typed(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` failed ({status})")),
        Err(e) => Err(format!("cannot run `{line}`: {e}")),
    }
}

/// The standard output of a command that must succeed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let line = typed(command);
    let out = command.stderr(Stdio::inherit()).output().map_err(|e| format!("cannot run `{line}`: {e}"))?;
    if !out.status.success() {
        return Err(format!("`{line}` failed ({})", out.status));
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// Whether a program of this name is on PATH (or in the places where Debian keeps an administrator's).
pub(crate) fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(system).any(|dir| dir.join(name).is_file())
}

/// Whether we are root, read from /proc so that no library is needed.
pub(crate) fn is_root() -> bool {
    fs::read_to_string("/proc/self/status")
        .is_ok_and(|text| text.lines().any(|line| line.split_whitespace().take(3).eq(["Uid:", "0", "0"])))
}

/// The files that belong to the project: tracked ones and new ones that are not ignored.
pub(crate) fn files() -> Result<Vec<String>> {
    let list = output(command("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    let mut files: Vec<String> =
        list.split('\0').filter(|f| !f.is_empty() && root().join(f).is_file()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    Ok(files)
}
