//! `layerlab replay`: recorded traces, run on a kernel and held against what was recorded.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use layerlab_core::conformance::trace::{self, Difference, Report, Trace};
use layerlab_core::sim::SimKernel;
use serde_json::json;

use super::{CliError, On, Outcome};
use crate::host::{Answer, Host, HostOptions, Order, cannot_keep_inodes, cannot_replay};

const EXAMPLES: &str = "\
Examples:
  layerlab replay traces/*.jsonl
  layerlab replay --on host traces/whiteout-file.jsonl
  layerlab replay --on host --json traces/*.jsonl | jq -c 'select(.differences != [])'

Exit status: 0 if everything was as recorded, 1 if anything was not or could not be replayed.";

/// Run recorded traces of system calls and compare every answer, every change of the upper directory and the final state
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Replay {
    /// Recorded traces (overlay-trace/1, JSON lines)
    #[arg(required = true, value_name = "TRACE")]
    traces: Vec<PathBuf>,
    /// The kernel to run them on
    #[arg(long, value_enum, default_value = "sim")]
    on: On,
    /// Print one JSON object a trace
    #[arg(long)]
    json: bool,
    /// Do not count as failed what this user cannot replay (other users' files, devices)
    #[arg(long)]
    allow_impossible: bool,
}

/// What became of a trace.
enum Verdict {
    Replayed(Report),
    /// It needs what this session has not.
    Impossible(String),
}

/// Sums over all traces.
#[derive(Default)]
struct Totals {
    calls: usize,
    differences: usize,
    impossible: usize,
}

impl Replay {
    pub(super) fn run(&self) -> Outcome {
        let mut machine = Machine::start(self.on)?;
        let (mut out, mut totals) = (io::stdout().lock(), Totals::default());
        for path in &self.traces {
            let fail = |error| CliError::File { path: path.clone(), error };
            let text = std::fs::read(path).map_err(fail)?;
            let invalid = |problem: String| fail(io::Error::new(io::ErrorKind::InvalidData, problem));
            let trace = Trace::parse(&text).map_err(|error| invalid(error.to_string()))?;
            let name = path.display().to_string();
            match machine.replay(text, &trace)?.map_err(invalid)? {
                Verdict::Replayed(report) => {
                    if self.json {
                        let line = json!({ "trace": name, "calls": report.calls, "differences": report.differences });
                        writeln!(out, "{line}")?;
                    } else if let (Some(first), 0) = (report.differences.first(), totals.differences) {
                        print_difference(&mut out, &name, first)?;
                    }
                    totals.calls += report.calls;
                    totals.differences += report.differences.len();
                }
                Verdict::Impossible(why) => {
                    if self.json {
                        writeln!(out, "{}", json!({ "trace": name, "impossible": why }))?;
                    } else {
                        writeln!(out, "{name}: not possible here: {why}")?;
                    }
                    totals.impossible += 1;
                }
            }
        }
        if !self.json {
            write!(out, "{} calls, {} differences", totals.calls, totals.differences)?;
            match totals.impossible {
                0 => writeln!(out)?,
                1 => writeln!(out, ", 1 trace not possible here")?,
                n => writeln!(out, ", {n} traces not possible here")?,
            }
        }
        let failed = totals.differences > 0 || (totals.impossible > 0 && !self.allow_impossible);
        Ok(u8::from(failed))
    }
}

fn print_difference(out: &mut impl Write, name: &str, difference: &Difference) -> io::Result<()> {
    writeln!(out, "{name}: step {}: {} differs", difference.step, difference.what)?;
    if !difference.op.is_null() {
        writeln!(out, "  op        {}", difference.op)?;
    }
    writeln!(out, "  recorded  {}", difference.recorded)?;
    writeln!(out, "  found     {}", difference.found)
}

/// Where traces are replayed.
enum Machine {
    Sim(Box<SimKernel>),
    Host(Host),
}

impl Machine {
    fn start(on: On) -> Result<Self, CliError> {
        match on {
            On::Sim => Ok(Self::Sim(SimKernel::new().into())),
            On::Host => Ok(Self::Host(Host::start(&HostOptions::default())?)),
            On::Both => Err(On::not_both()),
        }
    }

    fn replay(&mut self, text: Vec<u8>, trace: &Trace) -> Result<Result<Verdict, String>, CliError> {
        match self {
            Self::Sim(kernel) => {
                let report = trace::replay_ticking(&mut **kernel, b"/trace", trace, SimKernel::tick);
                Ok(Ok(Verdict::Replayed(report)))
            }
            Self::Host(host) => {
                if let Some(why) = cannot_replay(trace, host.ready().ids) {
                    return Ok(Ok(Verdict::Impossible(why)));
                }
                host.send(&Order::Replay(text.into()))?;
                match host.receive()? {
                    Answer::Replayed(result) => {
                        Ok(result.map(|report| match cannot_keep_inodes(&report, host.ready().ids) {
                            Some(why) => Verdict::Impossible(why),
                            None => Verdict::Replayed(report),
                        }))
                    }
                    _ => Err(io::Error::other("the host session gave another answer").into()),
                }
            }
        }
    }
}
