//! `layerlab drivers` and `layerlab layers`: a session is run, and what the lab's own programs say of it is printed.

use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use clap::Args;
use layerlab_core::program::Stream;
use layerlab_core::session::{Event, Request};

use super::session::{LabArgs, is_waiting};
use super::{CliError, Outcome};

/// A container over an image with a file of 1 MiB: one byte is added to it, and another file goes.
const SESSION: [&str; 6] = [
    "docker pull -q debian",
    "docker run --name mk debian dd if=/dev/zero of=/data.bin bs=1M count=1",
    "docker commit mk one:1",
    "docker rm mk",
    "docker run -dit --name c1 one:1 sh",
    "docker exec c1 sh -c 'printf x >> /data.bin; rm /etc/motd'",
];

/// The session that is looked at.
#[derive(Debug, Args)]
struct Looked {
    #[command(flatten)]
    lab: LabArgs,
    /// A line to run first (may be given again)
    #[arg(short = 'c', value_name = "LINE", conflicts_with = "session")]
    lines: Vec<String>,
    /// A file of lines to run first, or - for standard input; without one, a small session of the lab's own
    #[arg(value_name = "SESSION")]
    session: Option<PathBuf>,
}

/// What seven storage drivers would have done with a session
#[derive(Debug, Args)]
pub(super) struct Drivers {
    #[command(flatten)]
    looked: Looked,
    /// Print bytes and name of each, separated by a tab
    #[arg(long, conflicts_with = "json")]
    bytes: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Every layer of a session once: what it lies on, its bytes, who uses it
#[derive(Debug, Args)]
pub(super) struct Layers {
    #[command(flatten)]
    looked: Looked,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Drivers {
    pub(super) fn run(&self) -> Outcome {
        let flag = if self.bytes { " --bytes" } else { "" };
        self.looked.run(&format!("drivers{flag}{}", if self.json { " --json" } else { "" }))
    }
}

impl Layers {
    pub(super) fn run(&self) -> Outcome {
        self.looked.run(&format!("layers{}", if self.json { " --json" } else { "" }))
    }
}

impl Looked {
    /// Runs the session without a word, but for the lines that fail; then the program.
    fn run(&self, program: &str) -> Outcome {
        let lines: Vec<String> = match &self.session {
            Some(path) => self.read(path)?.lines().map(str::to_owned).collect(),
            None if self.lines.is_empty() => SESSION.iter().map(ToString::to_string).collect(),
            None => self.lines.clone(),
        };
        let mut lab = self.lab.lab()?;
        let mut waiting = false;
        for line in &lines {
            let mut said = Vec::new();
            let reply = lab.ask(Request::line(line.as_bytes()), &mut |event| {
                if let Event::Output { stream: Stream::Stderr, data } = event {
                    said.extend_from_slice(&data);
                }
            })?;
            waiting = is_waiting(&reply);
            if !waiting && reply.status != 0 {
                writeln!(io::stderr(), "layerlab: {line}: exit status {}", reply.status)?;
                io::stderr().write_all(&said)?;
            }
        }
        if waiting {
            lab.ask(Request::Interrupt, &mut |_| {})?;
            return Err(CliError::Usage("the session ends in the middle of a command".into()));
        }
        let mut failed = None;
        let reply = lab.ask(Request::line(program.as_bytes()), &mut |event| {
            let written = match event {
                Event::Output { stream: Stream::Stdout, data } => io::stdout().write_all(&data),
                Event::Output { stream: Stream::Stderr, data } => io::stderr().write_all(&data),
                _ => Ok(()),
            };
            failed = failed.take().or(written.err());
        })?;
        failed.map_or(Ok(reply.status), |error| Err(CliError::Io(error)))
    }

    fn read(&self, path: &PathBuf) -> Result<String, CliError> {
        let read = if path.as_os_str() == "-" {
            let mut text = String::new();
            io::stdin().lock().read_to_string(&mut text).map(|_| text)
        } else {
            fs::read_to_string(path)
        };
        read.map_err(|error| CliError::File { path: path.clone(), error })
    }
}
