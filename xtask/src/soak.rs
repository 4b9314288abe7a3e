//! `cargo xtask soak`: what is too long for continuous integration, run whole, with figures to quote.
//!
//! Continuous integration runs a tenth of each from fresh seeds. A seed that is printed here repeats the run.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::errand;
use crate::report::{Ended, Report};
use crate::setup;
use crate::sh::{self, Result};

struct Job {
    name: &'static str,
    what: &'static str,
    run: fn(seed: u64) -> Ended,
}

const JOBS: &[Job] = &[
    Job { name: "calls", what: "1,000,000 random system calls on both kernels", run: calls },
    Job { name: "matrix", what: "every call on every kind of thing, on both kernels", run: matrix },
    Job { name: "stacks", what: "300 random stacks of layers on each real program", run: stacks },
    Job { name: "scripts", what: "100 random scripts in containers beside a real dockerd", run: scripts },
    Job {
        name: "flags",
        what: "500 random lines of docker run and create beside a real dockerd",
        run: flags,
    },
    Job { name: "builds", what: "300 random Dockerfiles beside a real dockerd", run: builds },
    Job {
        name: "transcripts",
        what: "every transcript that is for Docker, on a real dockerd with a bridge",
        run: transcripts,
    },
    Job { name: "hub", what: "every image of the hub, loaded by Docker and by podman", run: hub },
    Job { name: "large", what: "builds of 10,000 instructions and 200,001 files", run: large },
    Job { name: "lessons", what: "every lesson that Docker can be asked, on a real dockerd", run: lessons },
    Job { name: "damage", what: "damaged archives and blobs, 2,000 forms of each seed", run: damage },
    Job { name: "walks", what: "1,000 walks through sessions with twenty processes", run: walks },
    Job { name: "fuzz", what: "every fuzz target for 600 seconds", run: fuzz },
];

/// `cargo xtask soak [--list] [NAME…]`.
pub(crate) fn soak(names: &[&str]) -> Result {
    if names == ["--list"] {
        for job in JOBS {
            println!("{:<10} {}", job.name, job.what);
        }
        return Ok(());
    }
    if let Some(unknown) = names.iter().find(|n| !JOBS.iter().any(|j| j.name == **n)) {
        let known: Vec<&str> = JOBS.iter().map(|j| j.name).collect();
        return Err(format!("there is no soak named {unknown}; there are {}", known.join(", ")));
    }
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs());
    println!("soak       seed {seed}");
    let mut report = Report::default();
    for job in JOBS.iter().filter(|j| names.is_empty() || names.contains(&j.name)) {
        report.step(job.name, job.what, &format!("cargo xtask soak {}", job.name), || (job.run)(seed));
    }
    report.finish()
}

/// Runs a command and keeps the lines that tell figures.
fn figures(command: &mut Command) -> Ended {
    let (succeeded, output) = sh::kept(command)?;
    if !succeeded {
        return Err(output);
    }
    let told =
        |line: &&str| line.contains(" calls") || line.contains("test result:") || line.contains("seed");
    Ok(output.lines().filter(told).map(str::to_owned).collect())
}

fn layerlab(args: &[&str]) -> Ended {
    setup::debian(setup::KERNEL)?;
    let mut command =
        sh::cargo(&["run", "--quiet", "--release", "-p", "layerlab", "--bin", "layerlab", "--"]);
    figures(command.args(args))
}

fn calls(seed: u64) -> Ended {
    layerlab(&["verify", "--seed", &seed.to_string(), "--count", "5000", "--calls", "200"])
}

fn matrix(_seed: u64) -> Ended {
    layerlab(&["verify", "--matrix"])
}

/// Runs tests of one of the binaries of `tests/`, told by the environment how much to try.
fn tests(binary: &str, filters: &[&str], settings: &[(&str, String)]) -> Ended {
    setup::debian(setup::DOCKER)?;
    let mut command = sh::cargo(&["test", "--release", "-p", "layerlab-tests", "--test", binary, "--"]);
    command.args(filters).arg("--nocapture");
    for (name, value) in settings {
        command.env(name, value);
    }
    figures(&mut command)
}

fn stacks(seed: u64) -> Ended {
    tests("docker", &["stacks"], &[("LAYERLAB_STACKS", "300".into()), ("LAYERLAB_SEED", seed.to_string())])
}

fn scripts(seed: u64) -> Ended {
    tests(
        "docker",
        &["scripts"],
        &[("LAYERLAB_SCRIPTS", "100".into()), ("LAYERLAB_SCRIPTS_SEED", seed.to_string())],
    )
}

fn flags(seed: u64) -> Ended {
    tests(
        "docker",
        &["flags"],
        &[("LAYERLAB_FLAGS", "500".into()), ("LAYERLAB_FLAGS_SEED", seed.to_string())],
    )
}

fn builds(seed: u64) -> Ended {
    tests(
        "docker",
        &["builds::random"],
        &[("LAYERLAB_BUILDS", "300".into()), ("LAYERLAB_BUILDS_SEED", seed.to_string())],
    )
}

fn transcripts(seed: u64) -> Ended {
    tests(
        "docker",
        &["transcripts"],
        &[("LAYERLAB_TRANSCRIPTS", "1000".into()), ("LAYERLAB_TRANSCRIPTS_SEED", seed.to_string())],
    )
}

fn hub(_seed: u64) -> Ended {
    tests("docker", &["hub"], &[("LAYERLAB_HUB", "1000".into())])
}

fn large(_seed: u64) -> Ended {
    tests("it", &["large_builds"], &[("LAYERLAB_LARGE", "all".into())])
}

fn lessons(seed: u64) -> Ended {
    tests(
        "docker",
        &["lessons"],
        &[("LAYERLAB_LESSONS", "100".into()), ("LAYERLAB_LESSONS_SEED", seed.to_string())],
    )
}

fn damage(_seed: u64) -> Ended {
    tests("it", &["damage", "corpus"], &[("LAYERLAB_DAMAGE", "2000".into())])
}

fn walks(_seed: u64) -> Ended {
    tests("it", &["walks"], &[("PROPTEST_CASES", "1000".into())])
}

fn fuzz(_seed: u64) -> Ended {
    errand::fuzz(&[])?;
    Ok(Vec::new())
}
