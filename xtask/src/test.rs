//! `cargo xtask test`: every check and test there is, as named steps.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::report::{Ended, Report};
use crate::sh::{self, Result};
use crate::{build, checks, linux, setup};

struct Step {
    name: &'static str,
    what: &'static str,
    run: fn() -> Ended,
}

const STEPS: &[Step] = &[
    Step { name: "setup", what: "the wasm target, Debian packages, crates", run: set_up },
    Step { name: "fmt", what: "cargo fmt --check", run: || cargo(&["fmt", "--all", "--check"]) },
    Step {
        name: "tree",
        what: "rules that no compiler knows: lengths, imports, spellings, paths",
        run: checks::all,
    },
    Step { name: "clippy", what: "every target, -D warnings", run: clippy },
    Step { name: "wasm", what: "core and the page for wasm32, -D warnings", run: clippy_wasm },
    Step {
        name: "deny",
        what: "licences, bans and sources of dependencies (not advisories: deny.toml says why)",
        run: deny,
    },
    Step { name: "unit", what: "the tests beside the code", run: unit },
    Step { name: "it", what: "tests/it: the simulator", run: || cargo_test("it") },
    Step { name: "kernel", what: "tests/kernel: this host's kernel, as root and as uid 1000", run: kernel },
    Step { name: "docker", what: "tests/docker: real Docker and its neighbours", run: docker },
    Step { name: "browser", what: "tests/browser: the page as it is shipped, in Chromium", run: browser },
];

/// Steps that run only when they are named: CONTRIBUTING.md says why.
const NAMED: &[Step] = &[Step {
    name: "linux",
    what: "tests/linux: the Linux that the page runs, against recordings and the simulator",
    run: linux,
}];

/// `cargo xtask test [--list] [STEP…]`.
pub(crate) fn test(names: &[&str]) -> Result {
    if names == ["--list"] {
        for step in STEPS {
            println!("{:<10} {}", step.name, step.what);
        }
        for step in NAMED {
            println!("{:<10} {} (only when it is named)", step.name, step.what);
        }
        return Ok(());
    }
    let all = || STEPS.iter().chain(NAMED);
    if let Some(unknown) = names.iter().find(|n| !all().any(|s| s.name == **n)) {
        let known: Vec<&str> = all().map(|s| s.name).collect();
        return Err(format!("there is no step {unknown}; there are {}", known.join(", ")));
    }
    let mut report = Report::default();
    let unnamed = if names.is_empty() { STEPS } else { &[] };
    for step in unnamed.iter().chain(all().filter(|s| names.contains(&s.name))) {
        report.step(step.name, step.what, &format!("cargo xtask test {}", step.name), step.run);
    }
    report.finish()
}

fn set_up() -> Ended {
    setup::rust(&["fmt", "clippy"])?;
    for packages in [setup::KERNEL, setup::DOCKER, setup::BROWSER] {
        setup::debian(packages)?;
    }
    cargo_deny()?;
    Ok(Vec::new())
}

fn clippy() -> Ended {
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

fn clippy_wasm() -> Ended {
    setup::rust(&["clippy"])?;
    let target = "wasm32-unknown-unknown";
    cargo(&[
        "clippy",
        "-p",
        "layerlab-core",
        "-p",
        "layerlab-web",
        "--target",
        target,
        "--",
        "-D",
        "warnings",
    ])
}

/// cargo-deny, of the version that deny.toml is written for.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    setup::krate("cargo-deny", "0.20.2", "checks the licences and sources of dependencies")
}

fn deny() -> Ended {
    let program = cargo_deny()?;
    cargo(&["fetch", "--locked"])?;
    let mut command = sh::command(program);
    command.args(["--offline", "--log-level", "error", "check", "--hide-inclusion-graph"]);
    ended(sh::kept(command.args(["licenses", "bans", "sources"])), |line| line.contains(" ok"))
}

fn unit() -> Ended {
    let mut lines = cargo(&["test", "--workspace", "--lib", "--bins", "--no-fail-fast"])?;
    lines.extend(cargo(&["test", "--workspace", "--doc", "--no-fail-fast"])?);
    Ok(lines)
}

/// What such a test leaves in its temporary folder, the programs that it runs as another user among it, goes with the folder.
fn cargo_test(name: &str) -> Ended {
    let folder = TestFolder::new()?;
    let mut command = sh::cargo(&["test", "-p", "layerlab-tests", "--no-fail-fast", "--test", name]);
    ended(sh::kept(command.env("TMPDIR", &folder.0)), is_result)
}

fn needs_root(tests: &str) -> Result {
    if sh::is_root() {
        return Ok(());
    }
    Err(format!(
        "tests/{tests} mounts overlays and changes users, which only root may do here; do: \
         sudo --preserve-env=PATH,HOME,CARGO_HOME,RUSTUP_HOME cargo xtask test {tests}"
    ))
}

fn kernel() -> Ended {
    needs_root("kernel")?;
    setup::debian(setup::KERNEL)?;
    cargo_test("kernel")
}

fn docker() -> Ended {
    needs_root("docker")?;
    setup::debian(setup::DOCKER)?;
    cargo_test("docker")
}

fn browser() -> Ended {
    setup::debian(setup::BROWSER)?;
    setup::npm_folder("tests/browser", "axe-core looks at every screen")?;
    build::build(build::Effort::Full)?;
    cargo_test("browser")
}

fn linux() -> Ended {
    linux::linux(&[])?;
    cargo_test("linux")
}

fn cargo(args: &[&str]) -> Ended {
    ended(sh::kept(&mut sh::cargo(args)), is_result)
}

fn is_result(line: &str) -> bool {
    line.starts_with("test result:")
}

/// A folder for temporary files, which every user may write to; gone when dropped.
struct TestFolder(PathBuf);

impl TestFolder {
    fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("layerlab-tests-{}", std::process::id()));
        let failed = |e: std::io::Error| format!("cannot make {}: {e}", path.display());
        fs::create_dir(&path).map_err(failed)?;
        let folder = Self(path.clone());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o1777)).map_err(failed)?;
        Ok(folder)
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        if let Err(e) = fs::remove_dir_all(&self.0) {
            eprintln!("cannot remove {}: {e}", self.0.display());
        }
    }
}

/// A command's end as a step's: on success only the lines that `keep` chooses.
fn ended(ran: Result<(bool, String)>, keep: impl Fn(&str) -> bool) -> Ended {
    let (ok, output) = ran?;
    if !ok {
        return Err(output);
    }
    Ok(output
        .lines()
        .filter(|line| keep(line) && !line.contains(" 0 passed; 0 failed; 0 ignored"))
        .map(str::to_owned)
        .collect())
}
