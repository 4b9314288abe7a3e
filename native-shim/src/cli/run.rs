//! `layerlab run`: lines, as typed in the lab's terminal, in a fresh session.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;
use layerlab_core::help::{Help, Topic};
use layerlab_core::kernel::ByteString;
use layerlab_core::program::Stream;
use layerlab_core::session::{Event, Request};
use serde_json::json;

use super::advice::{AdviceArgs, Teller};
use super::both::Both;
use super::calls::Calls;
use super::screen::Screen;
use super::session::{LabArgs, copy_out, is_waiting};
use super::text::json as json_line;
use super::{CliError, Outcome};
use crate::lab::{Lab, LabError};

const EXAMPLES: &str = "\
Examples:
  layerlab run -c 'docker run -d --name web nginx' -c 'docker exec web rm /etc/nginx/nginx.conf' -c 'docker diff web'
  layerlab run --on host session.txt
  echo 'docker images' | layerlab run -
  layerlab run --copy-in image.tar:/tmp/in.tar --copy-out /tmp/out.tar:new.tar \\
    -c 'docker load -i /tmp/in.tar' -c 'docker save -o /tmp/out.tar app:latest'
  layerlab run --json -c 'docker ps' | jq .status
  layerlab run --on both session.txt
  layerlab run --calls calls.jsonl -c 'mkdir d; mv d e'

Exit status: that of the last line; 1 if a file could not be copied, there is no session, or two kernels differ.";

/// Run lines, as typed in the lab's terminal, in a fresh session
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Run {
    #[command(flatten)]
    lab: LabArgs,
    /// Bring a file of the lab out at the end (may be given again)
    #[arg(long, value_name = "PATH:FILE", value_parser = copy_out)]
    copy_out: Vec<(String, PathBuf)>,
    #[command(flatten)]
    advice: AdviceArgs,
    /// Give the lines a terminal, as `layerlab shell` has one (default: where standard output is one)
    #[arg(long, overrides_with = "no_tty")]
    tty: bool,
    /// Give the lines no terminal: `ls` prints a name a line, `docker run -it` is refused as Docker refuses it
    #[arg(long, overrides_with = "tty")]
    no_tty: bool,
    /// Print one JSON object a line: line, stdout, stderr, status, changes, help
    #[arg(long)]
    json: bool,
    /// With --on both: the file that the first difference is written to
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Write the system calls of each line with their results to a file, one JSON object a call
    #[arg(long, value_name = "FILE")]
    calls: Option<PathBuf>,
    /// A line to run (may be given again)
    #[arg(short = 'c', value_name = "LINE", conflicts_with = "script")]
    lines: Vec<String>,
    /// A file of lines to run, or - for standard input
    #[arg(value_name = "SCRIPT", required_unless_present = "lines")]
    script: Option<PathBuf>,
}

impl Run {
    pub(super) fn run(&self) -> Outcome {
        // The script is looked for before a session is made.
        let script: Option<Box<dyn BufRead>> = match &self.script {
            None => None,
            Some(path) if path.as_os_str() == "-" => Some(Box::new(io::stdin().lock())),
            Some(path) => {
                let file = File::open(path).map_err(|error| CliError::File { path: path.clone(), error })?;
                Some(Box::new(BufReader::new(file)))
            }
        };
        if let Some((mut sim, mut host)) = self.lab.both()? {
            self.give_terminal(&mut sim)?;
            self.give_terminal(&mut host)?;
            return self.run_both(Both::new(sim, host, self.trace.as_deref()), script);
        }
        let mut lab = self.lab.lab()?;
        self.give_terminal(&mut lab)?;
        let mut lines = Lines {
            lab,
            json: self.json,
            teller: self.advice.teller(),
            waiting: Vec::new(),
            status: 0,
            calls: self.calls.as_deref().map(Calls::begin).transpose()?,
            told: 0,
        };
        if let Some(calls) = &mut lines.calls {
            calls.write(&mut lines.lab, 0, None)?;
        }
        for line in &self.lines {
            lines.run(line.as_bytes())?;
        }
        if let Some(script) = script {
            for line in script.split(b'\n') {
                let line = line?;
                // A script that comes from elsewhere may end its lines in CR LF.
                lines.run(line.strip_suffix(b"\r").unwrap_or(&line))?;
            }
        }
        let (mut lab, calls, mut status) = lines.end()?;
        calls.map_or(Ok(()), Calls::end)?;
        for (path, file) in &self.copy_out {
            if let Err(error) = lab.copy_out(path.as_bytes(), file) {
                let text = match error {
                    LabError::File(error) => format!("{}: {error}", file.display()),
                    error => error.to_string(),
                };
                writeln!(io::stderr(), "layerlab: --copy-out: {text}")?;
                status = if status == 0 { 1 } else { status };
            }
        }
        Ok(status)
    }
}

impl Run {
    /// Says to a session whether it has a terminal: what it prints goes to one, or the flags say so.
    fn give_terminal(&self, lab: &mut Lab) -> Result<(), CliError> {
        let has = self.tty || !self.no_tty && io::stdout().is_terminal();
        lab.ask(Request::Terminal { has }, &mut |_| {})?;
        Ok(())
    }

    /// Every line on both kernels, until they differ.
    fn run_both(&self, mut both: Both, script: Option<Box<dyn BufRead>>) -> Outcome {
        if self.json || !self.copy_out.is_empty() || self.calls.is_some() {
            return Err(CliError::Usage(
                "--on both prints no objects and brings no files or calls out".into(),
            ));
        }
        for line in &self.lines {
            if let Some(status) = both.run(line.as_bytes())? {
                return Ok(status);
            }
        }
        for line in script.into_iter().flat_map(|script| script.split(b'\n')) {
            let line = line?;
            if let Some(status) = both.run(line.strip_suffix(b"\r").unwrap_or(&line))? {
                return Ok(status);
            }
        }
        both.end()
    }
}

/// A session that is given lines.
struct Lines {
    lab: Lab,
    json: bool,
    teller: Teller,
    /// Lines that wait for the end of what they began (a quote, an `if`).
    waiting: Vec<u8>,
    status: u8,
    calls: Option<Calls>,
    /// The entry whose calls were written last: an empty line makes none.
    told: usize,
}

impl Lines {
    fn run(&mut self, line: &[u8]) -> Result<(), CliError> {
        let mut said = Said::new(&self.teller, self.json);
        let request = Request::line(line);
        // A script's quotes may go over lines.
        let is_quote = |event: &Event| matches!(event, Event::Help { help } if help.id == Topic::QuoteOpen);
        let reply = self.lab.ask(request, &mut |event| {
            if !is_quote(&event) {
                said.take(event);
            }
        })?;
        said.error.map_or(Ok(()), Err)?;
        self.waiting.extend_from_slice(line);
        if is_waiting(&reply) {
            self.waiting.push(b'\n');
            return Ok(());
        }
        self.status = reply.status;
        let line = ByteString::from(std::mem::take(&mut self.waiting));
        if self.json {
            let object = json!({
                "line": line,
                "stdout": ByteString::from(said.stdout),
                "stderr": ByteString::from(said.stderr),
                "status": reply.status,
                "changes": reply.changes,
                "copied_up": reply.copied_up,
                "help": said.help.iter().map(|help| self.teller.json(help)).collect::<Vec<_>>(),
            });
            writeln!(io::stdout(), "{}", json_line(&object)?)?;
        }
        match &mut self.calls {
            Some(calls) if reply.node > self.told => {
                self.told = reply.node;
                calls.write(&mut self.lab, reply.node, Some(&line))
            }
            _ => Ok(()),
        }
    }

    /// A script that stops in the middle is what a shell calls it.
    fn end(mut self) -> Result<(Lab, Option<Calls>, u8), CliError> {
        if !self.waiting.is_empty() {
            self.lab.ask(Request::Interrupt, &mut |_| {})?;
            writeln!(io::stderr(), "bash: syntax error: unexpected end of file")?;
            self.status = 2;
        }
        Ok((self.lab, self.calls, self.status))
    }
}

/// What comes while a line runs: passed on at once, or kept for its object.
pub(super) struct Said<'t> {
    teller: &'t Teller,
    json: bool,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    screens: (Screen<io::Stdout>, Screen<io::Stderr>),
    help: Vec<Help>,
    pub(super) error: Option<io::Error>,
}

impl<'t> Said<'t> {
    pub(super) fn new(teller: &'t Teller, json: bool) -> Self {
        let screens = (Screen::new(io::stdout()), Screen::new(io::stderr()));
        Self { teller, json, stdout: Vec::new(), stderr: Vec::new(), screens, help: Vec::new(), error: None }
    }

    pub(super) fn take(&mut self, event: Event) {
        let written = match event {
            Event::Output { stream: Stream::Stdout, data } if self.json => {
                self.stdout.extend_from_slice(&data);
                Ok(())
            }
            Event::Output { stream: Stream::Stderr, data } if self.json => {
                self.stderr.extend_from_slice(&data);
                Ok(())
            }
            Event::Output { stream: Stream::Stdout, data } => self.screens.0.write(&data),
            Event::Output { stream: Stream::Stderr, data } => self.screens.1.write(&self.teller.own(&data)),
            Event::Help { help } if self.json => {
                self.help.push(help);
                Ok(())
            }
            Event::Help { help } => self.teller.tell(&help),
            Event::Progress { what, done, total } => show_progress(&what, done, total),
            _ => Ok(()),
        };
        if let Err(error) = written {
            self.error.get_or_insert(error);
        }
    }
}

/// On a terminal only.
fn show_progress(what: &str, done: u64, total: u64) -> io::Result<()> {
    let mut err = io::stderr();
    if !err.is_terminal() {
        return Ok(());
    }
    match total {
        0 => write!(err, "\r{what} {done}\x1b[K"),
        _ if done >= total => write!(err, "\r\x1b[K"),
        _ => write!(err, "\r{what} {}%\x1b[K", done * 100 / total),
    }
}
