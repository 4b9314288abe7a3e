//! `layerlab verify`: sequences of system calls on the simulated kernel and on the running one.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use layerlab_core::conformance::trace::{Trace, TraceError};
use layerlab_core::conformance::verify::{Plan, Verdict, matrix};
use serde_json::json;

use super::{CliError, Outcome, text};
use crate::host::{Answer, Host, HostOptions, Ids, Order};

const EXAMPLES: &str = "\
Examples:
  layerlab verify
  layerlab verify --seed 1 --count 5000 --calls 200
  layerlab verify --matrix
  layerlab verify --seed 4711 --count 1 --save found.jsonl; layerlab verify found.jsonl; layerlab replay found.jsonl

Needs root: the sequences act as several users.
Exit status: 0 if the kernels agreed on everything, 1 if not.";

/// Run sequences of system calls on both kernels and compare every answer and every change of the upper directory
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Verify {
    /// The operations of these traces instead of random ones; the answers in them are not looked at
    #[arg(value_name = "TRACE", conflicts_with_all = ["matrix", "seed", "count", "calls", "layers"])]
    traces: Vec<PathBuf>,
    /// Every kind of call on every kind of thing in every layer, with every flag, by several users
    #[arg(long, conflicts_with_all = ["seed", "count", "calls", "layers"])]
    matrix: bool,
    /// Of the matrix, every so manieth sequence alone
    #[arg(long, value_name = "N", default_value_t = 1, requires = "matrix",
          value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// The first sequence's seed; the next ones count up
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many sequences
    #[arg(long, default_value_t = 100)]
    count: u64,
    /// Calls in a sequence
    #[arg(long, default_value_t = 150)]
    calls: usize,
    /// The most lower layers (1 to this many are made)
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=100))]
    layers: u64,
    /// Go on after a difference
    #[arg(long)]
    keep_going: bool,
    /// Write the shrunken trace of a difference to this file (the sequence is added to its name with --keep-going)
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Print one JSON object at the end, and one a difference
    #[arg(long)]
    json: bool,
}

/// What is run: its name, and the order for it.
type Subject = (String, Order);

impl Verify {
    pub(super) fn run(&self) -> Outcome {
        let mut host = Host::start(&HostOptions::default())?;
        if host.ready().ids != Ids::Machine {
            return Err(io::Error::other(
                "verify acts as several users, which this user cannot: run it as root",
            )
            .into());
        }
        let mut out = io::stdout().lock();
        let progress = text::shows_progress() && !self.json;
        let (mut calls, mut differing) = (0, 0);
        for (at, subject) in self.subjects().enumerate() {
            let (name, order) = subject?;
            host.send(&order)?;
            let Answer::Verified(verdict) = host.receive()? else {
                return Err(io::Error::other("the host session gave another answer").into());
            };
            if let Verdict::Agree { calls: made } = verdict {
                calls += made;
            } else {
                differing += 1;
                self.report(&mut out, &name, &verdict)?;
            }
            if differing > 0 && !self.keep_going {
                break;
            }
            if progress && at % 20 == 0 {
                write!(io::stderr(), "\r{calls} calls")?;
            }
        }
        if progress {
            writeln!(io::stderr())?;
        }
        if self.json {
            writeln!(out, "{}", json!({ "calls": calls, "differing": differing }))?;
        } else {
            let what = match (self.matrix, self.traces.len()) {
                (true, _) => "matrix".to_owned(),
                (false, 0) => format!("seeds from {}", self.seed),
                (false, count) => format!("{count} traces"),
            };
            writeln!(out, "{what}: {calls} calls, {differing} sequences differ")?;
        }
        Ok(u8::from(differing > 0))
    }

    fn subjects(&self) -> Box<dyn Iterator<Item = Result<Subject, CliError>> + '_> {
        if self.matrix {
            let traces = matrix().step_by(self.every as usize);
            return Box::new(traces.map(|trace| {
                Ok((trace.header.name.clone(), Order::Compare(trace.to_text().into_bytes().into())))
            }));
        }
        if !self.traces.is_empty() {
            return Box::new(self.traces.iter().map(|path| {
                let fail = |error| CliError::File { path: path.clone(), error };
                let text = std::fs::read(path).map_err(fail)?;
                let invalid = |problem: TraceError| {
                    fail(io::Error::new(io::ErrorKind::InvalidData, problem.to_string()))
                };
                Trace::parse(&text).map_err(invalid)?;
                Ok((path.display().to_string(), Order::Compare(text.into())))
            }));
        }
        let plan = |seed| Plan { seed, calls: self.calls, layers: self.layers as usize };
        let seeds = self.seed..self.seed.saturating_add(self.count);
        Box::new(seeds.map(move |seed| Ok((format!("seed {seed}"), Order::Verify(plan(seed))))))
    }

    fn report(&self, out: &mut impl Write, name: &str, verdict: &Verdict) -> Result<(), CliError> {
        match verdict {
            Verdict::Agree { .. } => {}
            Verdict::Impossible(errno) => {
                writeln!(out, "{name}: the sequence cannot be run: {errno}")?;
            }
            Verdict::Differ { first, trace } if self.json => {
                writeln!(out, "{}", json!({ "sequence": name, "difference": first, "trace": trace }))?;
                self.save(name, trace)?;
            }
            Verdict::Differ { first, trace } => {
                writeln!(out, "{name}: step {}: {} differs", first.step, first.what)?;
                writeln!(out, "  op         {}", first.op)?;
                writeln!(out, "  kernel     {}", first.recorded)?;
                writeln!(out, "  simulator  {}", first.found)?;
                self.save(name, trace)?;
            }
        }
        Ok(())
    }

    fn save(&self, name: &str, trace: &[u8]) -> Result<(), CliError> {
        let Some(path) = &self.save else { return Ok(()) };
        let mut path = path.clone();
        if self.keep_going {
            let name: String =
                name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            path.set_extension(format!("{name}.jsonl"));
        }
        std::fs::write(&path, trace).map_err(|error| CliError::File { path, error })
    }
}
