//! `layerlab verify`: random sequences of system calls on the simulated kernel and on the running one.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;
use layerlab_core::kernel::verify::{Plan, Verdict};
use serde_json::json;

use super::{CliError, Outcome};
use crate::host::{Answer, Host, HostOptions, Ids, Order};

const EXAMPLES: &str = "\
Examples:
  layerlab verify
  layerlab verify --seed 1 --count 5000 --calls 200
  layerlab verify --seed 4711 --count 1 --save found.jsonl; layerlab replay found.jsonl

Needs root: the sequences act as several users.
Exit status: 0 if the kernels agreed on everything, 1 if not.";

/// Run random sequences of system calls on both kernels and compare every answer and every change of the upper directory
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Verify {
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
    /// Write the shrunken trace of a difference to this file (the seed is added to its name with --keep-going)
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Print one JSON object at the end, and one a difference
    #[arg(long)]
    json: bool,
}

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
        let progress = io::stderr().is_terminal() && !self.json;
        let (mut calls, mut differing) = (0, 0);
        for seed in self.seed..self.seed.saturating_add(self.count) {
            host.send(&Order::Verify(Plan { seed, calls: self.calls, layers: self.layers as usize }))?;
            let Answer::Verified(verdict) = host.receive()? else {
                return Err(io::Error::other("the host session gave another answer").into());
            };
            match verdict {
                Verdict::Agree { calls: made } => calls += made,
                Verdict::Impossible(errno) => {
                    writeln!(out, "seed {seed}: the sequence cannot be run: {errno}")?;
                    differing += 1;
                }
                Verdict::Differ { first, trace } => {
                    differing += 1;
                    if self.json {
                        writeln!(out, "{}", json!({ "seed": seed, "difference": first, "trace": trace }))?;
                    } else {
                        writeln!(out, "seed {seed}: step {}: {} differs", first.step, first.what)?;
                        writeln!(out, "  op         {}", first.op)?;
                        writeln!(out, "  kernel     {}", first.recorded)?;
                        writeln!(out, "  simulator  {}", first.found)?;
                    }
                    self.save(seed, &trace)?;
                }
            }
            if differing > 0 && !self.keep_going {
                break;
            }
            if progress && seed % 20 == 0 {
                write!(io::stderr(), "\r{calls} calls")?;
            }
        }
        if progress {
            writeln!(io::stderr())?;
        }
        if self.json {
            writeln!(out, "{}", json!({ "calls": calls, "differing": differing }))?;
        } else {
            writeln!(out, "seeds from {}: {calls} calls, {differing} sequences differ", self.seed)?;
        }
        Ok(u8::from(differing > 0))
    }

    fn save(&self, seed: u64, trace: &[u8]) -> Result<(), CliError> {
        let Some(path) = &self.save else { return Ok(()) };
        let mut path = path.clone();
        if self.keep_going {
            path.set_extension(format!("{seed}.jsonl"));
        }
        std::fs::write(&path, trace).map_err(|error| CliError::File { path, error })
    }
}
