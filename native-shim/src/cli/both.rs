//! `layerlab run --on both`: every line on the simulated kernel and on this machine's, held against each other.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use layerlab_core::kernel::ByteString;
use layerlab_core::session::compare::{self, Difference, Said, Seen};
use layerlab_core::session::{Event, Request};
use serde_json::json;

use super::session::is_waiting;
use super::{CliError, Outcome};
use crate::lab::Lab;

/// The file that a difference is written to, unless another one is named.
const TRACE: &str = "layerlab-difference.json";

/// Two labs that are told the same.
pub(super) struct Both {
    sim: Lab,
    host: Lab,
    trace: PathBuf,
    lines: Vec<ByteString>,
    status: u8,
}

impl Both {
    pub(super) fn new(sim: Lab, host: Lab, trace: Option<&Path>) -> Self {
        let trace = trace.map_or_else(|| PathBuf::from(TRACE), Path::to_path_buf);
        Self { sim, host, trace, lines: Vec::new(), status: 0 }
    }

    /// Runs a line on both. What the simulator prints is shown; a difference ends the run.
    pub(super) fn run(&mut self, line: &[u8]) -> Result<Option<u8>, CliError> {
        self.lines.push(line.into());
        let (sim, waits) = run_line(&mut self.sim, line)?;
        let (host, _) = run_line(&mut self.host, line)?;
        io::stdout().write_all(&sim.stdout)?;
        io::stderr().write_all(&sim.stderr)?;
        self.status = sim.status;
        if waits {
            return Ok(None);
        }
        let (sim_seen, host_seen) = (seen(&mut self.sim)?, seen(&mut self.host)?);
        let Some(found) = compare::difference((&sim, &sim_seen), (&host, &host_seen)) else {
            return Ok(None);
        };
        self.tell(&found, (&sim, &sim_seen), (&host, &host_seen))?;
        Ok(Some(1))
    }

    /// The status of a run without a difference: that of its last line.
    pub(super) fn end(self) -> Outcome {
        writeln!(io::stderr(), "layerlab: {} lines, no difference", self.lines.len())?;
        Ok(self.status)
    }

    fn tell(&self, found: &Difference, sim: (&Said, &Seen), host: (&Said, &Seen)) -> Result<(), CliError> {
        let line = self.lines.last().cloned().unwrap_or_default();
        let mut err = io::stderr();
        writeln!(err, "layerlab: line {}, {line}: {} differs", self.lines.len(), found.what)?;
        writeln!(err, "  simulator  {}", found.first)?;
        writeln!(err, "  kernel     {}", found.second)?;
        let trace = json!({
            "format": "layerlab-difference/1",
            "lines": self.lines,
            "difference": found,
            "simulator": { "said": sim.0, "seen": sim.1 },
            "kernel": { "said": host.0, "seen": host.1 },
        });
        std::fs::write(&self.trace, format!("{trace}\n"))
            .map_err(|error| CliError::File { path: self.trace.clone(), error })?;
        writeln!(err, "  written to {}", self.trace.display())?;
        Ok(())
    }
}

fn run_line(lab: &mut Lab, line: &[u8]) -> Result<(Said, bool), CliError> {
    let mut said = Said::default();
    let reply = lab.ask(Request::line(line), &mut |event| {
        if let Event::Output { stream, data } = event {
            said.take(stream, &data);
        }
    })?;
    let waits = is_waiting(&reply);
    (said.status, said.prompt) = (reply.status, reply.prompt);
    Ok((said, waits))
}

fn seen(lab: &mut Lab) -> Result<Seen, CliError> {
    let mut seen = Seen::default();
    lab.ask(Request::Look, &mut |event| {
        if let Event::Seen { seen: told } = event {
            seen = told;
        }
    })?;
    Ok(seen)
}
