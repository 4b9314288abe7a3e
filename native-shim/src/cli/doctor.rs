//! `layerlab doctor`: what this host has for `--on host`, and what to do about each lack.
//!
//! It tries, rather than guesses: each finding is what a session on this host answered.

use std::io::{self, Write};

use clap::Args;
use layerlab_core::kernel::ByteString;
use layerlab_core::session::{Event, Request};
use serde::Serialize;

use super::Outcome;
use crate::host::{HostOptions, Kind};
use crate::lab::Lab;

const EXAMPLES: &str = "\
Examples:
  layerlab doctor
  sudo layerlab doctor

Exit status: 0 if a session can run on this host, 1 if not.";

/// Say what this host has for --on host, and what to do about what it lacks
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Doctor {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What was looked at, and what was found.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    good: bool,
    said: String,
}

/// What a session in memory tries: the lines, and what it means if they fail.
const TRIALS: [(&str, &str, &str, &str); 4] = [
    (
        "overlay mounts",
        "mkdir /l /u /w /m && mount -t overlay overlay -o lowerdir=/l,upperdir=/u,workdir=/w /m && touch /m/f && umount /m && rm -r /l /u /w /m",
        "an overlay is mounted, written and unmounted",
        "see the kernel's log (dmesg)",
    ),
    (
        "containers",
        "docker run --rm busybox true",
        "a container starts and ends",
        "the line above says why; a session without containers still runs",
    ),
    (
        "owners",
        "touch /f && chown 5:6 /f && rm /f",
        "files can belong to anybody",
        "only your own id is mapped: run as root to see layers with other owners",
    ),
    (
        "device nodes",
        "mknod /n c 1 3 && rm /n",
        "device nodes can be made",
        "in a user namespace there are none (mknod(2)): run as root for lessons that make them",
    ),
];

impl Doctor {
    pub(super) fn run(&self) -> Outcome {
        let findings = findings();
        // Without the first three there is no session; owners and devices are what an ordinary user does without.
        let is_well = findings.iter().take(3).all(|finding| finding.good) && findings.len() > 3;
        if self.json {
            let object = serde_json::json!({ "works": is_well, "findings": findings });
            writeln!(io::stdout(), "{object}")?;
        } else {
            for Finding { what, good, said } in &findings {
                writeln!(io::stdout(), "{:4} {what}: {said}", if *good { "ok" } else { "no" })?;
            }
            let end = if is_well {
                "--on host works here."
            } else {
                "--on host does not work here; the simulated kernel (--on sim) does."
            };
            writeln!(io::stdout(), "{end}")?;
        }
        Ok(u8::from(!is_well))
    }
}

fn findings() -> Vec<Finding> {
    let who = if rustix::process::geteuid().is_root() {
        "root: layers with trusted attributes, as Docker's"
    } else {
        "an ordinary user: a user namespace, and overlays with userxattr"
    };
    let kernel = rustix::system::uname();
    let mut findings = vec![Finding {
        what: "kernel",
        good: kernel.sysname().to_bytes() == b"Linux",
        said: format!(
            "{} {}, as {who}",
            kernel.sysname().to_string_lossy(),
            kernel.release().to_string_lossy()
        ),
    }];
    let mut lab = match Lab::child(&HostOptions::new(Kind::Host { root: None })) {
        Ok(lab) => lab,
        Err(error) => {
            findings.push(Finding { what: "session", good: false, said: error.to_string() });
            return findings;
        }
    };
    for (what, line, has, lacks) in TRIALS {
        let mut err = ByteString::new();
        let reply = lab.ask(Request::line(line), &mut |event| {
            if let Event::Output { data, .. } = event {
                err = data;
            }
        });
        let good = reply.as_ref().is_ok_and(|reply| reply.status == 0);
        let why = match &reply {
            Ok(_) => err.to_text().trim().to_owned(),
            Err(error) => error.to_string(),
        };
        let said = if good { has.to_owned() } else { format!("{why}; {lacks}") };
        findings.push(Finding { what, good, said });
    }
    findings
}
