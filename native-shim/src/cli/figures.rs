//! `layerlab drivers` and `layerlab layers`: a session is run, and what the lab's own programs say of it is printed.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use layerlab_core::program::Stream;
use layerlab_core::session::{Event, Reply, Request};

use super::screen::Screen;
use super::session::{LabArgs, is_waiting};
use super::{CliError, Outcome, export};
use crate::lab::Lab;

const DRIVERS: &str = "\
Examples:
  layerlab drivers
  layerlab drivers session.txt
  layerlab drivers -c 'docker run -d --name c1 nginx' -c 'docker exec c1 rm /etc/motd'
  layerlab drivers --bytes | sort -n

Exit status: 0; 1 if the session cannot be had. Lines of it that fail are told, and the rest is run.";

const LAYERS: &str = "\
Examples:
  layerlab layers
  layerlab layers session.txt
  layerlab layers --json -c 'docker pull nginx' -c 'docker pull debian'

Exit status: 0; 1 if the session cannot be had. Lines of it that fail are told, and the rest is run.";

/// A container over an image with a file of 1 MiB: one byte is added to it, and another file goes.
const SESSION: [&str; 6] = [
    "docker pull -q debian",
    "docker run --name mk debian dd if=/dev/zero of=/data.bin bs=1M count=1",
    "docker commit mk one:1",
    "docker rm mk",
    "docker run -dit --name c1 one:1 sh",
    "docker exec c1 sh -c 'printf x >> /data.bin; rm /etc/motd'",
];

/// The session that is looked at
#[derive(Debug, Args)]
struct Looked {
    #[command(flatten)]
    lab: LabArgs,
    /// A line to run first (may be given again)
    #[arg(short = 'c', value_name = "LINE", conflicts_with = "session")]
    lines: Vec<String>,
    /// A saved session or a file of lines to run first, or - for standard input; without one, a small session of the lab's own
    #[arg(value_name = "SESSION")]
    session: Option<PathBuf>,
}

/// What seven storage drivers would have done with a session
#[derive(Debug, Args)]
#[command(after_help = DRIVERS)]
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
#[command(after_help = LAYERS)]
pub(super) struct Layers {
    #[command(flatten)]
    looked: Looked,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Drivers {
    pub(super) fn run(&self) -> Outcome {
        self.looked.run(match (self.bytes, self.json) {
            (true, _) => "drivers --bytes",
            (false, true) => "drivers --json",
            (false, false) => "drivers",
        })
    }
}

impl Layers {
    pub(super) fn run(&self) -> Outcome {
        self.looked.run(if self.json { "layers --json" } else { "layers" })
    }
}

impl Looked {
    /// Runs the session without a word, but for lines that fail; then the program.
    fn run(&self, program: &str) -> Outcome {
        let text = self.session.as_deref().map(read).transpose()?;
        let mut lab = self.lab.lab()?;
        match &text {
            Some(text) if text.trim_ascii_start().starts_with(b"{") => {
                let how = "--copy-in, in a session of lines";
                export::restore(&mut lab, &export::read(text)?, how, &mut |_| {})?;
            }
            Some(text) => quietly(&mut lab, text.split(|byte| *byte == b'\n'))?,
            None if self.lines.is_empty() => quietly(&mut lab, SESSION.iter().map(|line| line.as_bytes()))?,
            None => quietly(&mut lab, self.lines.iter().map(String::as_bytes))?,
        }
        let (mut out, mut err) = (Screen::new(io::stdout()), Screen::new(io::stderr()));
        let mut failed = None;
        let reply = lab.ask(Request::line(program.as_bytes()), &mut |event| {
            let written = match event {
                Event::Output { stream: Stream::Stdout, data } => out.write(&data),
                Event::Output { stream: Stream::Stderr, data } => err.write(&data),
                _ => Ok(()),
            };
            failed = failed.take().or(written.err());
        })?;
        failed.map_or(Ok(reply.status), |error| Err(CliError::Io(error)))
    }
}

/// Runs lines; of one that fails, what it said on standard error.
fn quietly<'a>(lab: &mut Lab, lines: impl Iterator<Item = &'a [u8]>) -> Result<(), CliError> {
    let mut last: Option<Reply> = None;
    for line in lines {
        // A script that comes from elsewhere may end its lines in CR LF.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut said = Vec::new();
        let reply = lab.ask(Request::line(line), &mut |event| {
            if let Event::Output { stream: Stream::Stderr, data } = event {
                said.extend_from_slice(&data);
            }
        })?;
        if !is_waiting(&reply) && reply.status != 0 && !line.is_empty() {
            let line = String::from_utf8_lossy(line);
            writeln!(io::stderr(), "layerlab: {line}: exit status {}", reply.status)?;
            Screen::new(io::stderr()).write(&said)?;
        }
        last = Some(reply);
    }
    if last.is_some_and(|reply| is_waiting(&reply)) {
        lab.ask(Request::Interrupt, &mut |_| {})?;
        return Err(CliError::Usage("the session ends in the middle of a command".into()));
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let failed = |error| CliError::File { path: path.to_path_buf(), error };
    if path.as_os_str() == "-" {
        let mut text = Vec::new();
        io::stdin().lock().read_to_end(&mut text)?;
        return Ok(text);
    }
    std::fs::read(path).map_err(failed)
}
