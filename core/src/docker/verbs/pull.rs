//! `docker pull` (oracle: pull-*).

use serde::{Deserialize, Serialize};

use super::super::{Call, Failure, running};
use crate::engine::{Progress, Pull, Transfer};
use crate::kernel::ByteString;
use crate::oci::Reference;
use crate::program::{Flow, Next, Output, Process, ProgramState, System};

/// Steps of the scheduler that a turn of a pull or a push counts for, so that Ctrl-C is heard between two layers.
pub(super) const STEPS: u16 = 128;

/// A pull under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::docker) struct Pulls {
    pull: Pull,
    shown: Reference,
    all: bool,
    quiet: bool,
    args: Vec<ByteString>,
    /// Steps until the next turn.
    rest: u16,
}

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let text = call.arg(0);
    let name = Reference::parse(&text).map_err(|error| Failure::new(error.to_string()))?;
    let all = call.flags.is_set("all-tags");
    let quiet = call.flags.is_set("quiet");
    if all && !name.is_name_only() {
        return Err(Failure::new("tag can't be used with --all-tags/-a"));
    }
    let mut shown = name.clone();
    if !all && name.is_name_only() {
        shown = name.clone().or_latest();
        if !quiet {
            call.line("Using default tag: latest");
        }
    }
    let mut engine = call.engine()?;
    let pull = if all { Pull::all(&mut engine, &shown)? } else { Pull::one(&shown) };
    let mut job = Pulls { pull, shown, all, quiet, args: call.flags.args.clone(), rest: 0 };
    // A missing repository is an error before any progress.
    job.turn(call)?;
    Ok(call.system.goes_on(job, None))
}

impl Pulls {
    fn turn(&mut self, call: &mut Call<'_, '_>) -> Result<Transfer, Failure> {
        let to = if self.quiet { Output::NULL } else { call.process.stdout };
        let mut lines = Vec::new();
        let turned = self.pull.turn(&mut call.engine()?, &mut |event| lines.push(event));
        print(call, to, &lines);
        Ok(turned?)
    }

    fn next(&mut self, call: &mut Call<'_, '_>) -> Result<Option<Flow>, Failure> {
        if self.turn(call)? == Transfer::GoesOn {
            return Ok(None);
        }
        if !self.all {
            call.engine()?.tell_transfer("pull", &self.shown);
        }
        let full = self.shown.to_string();
        call.line(&full);
        Ok(Some(Flow::OK))
    }
}

impl ProgramState for Pulls {
    const NAME: &'static str = "docker pull";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        if self.rest > 0 {
            self.rest -= 1;
            return Next::Again;
        }
        self.rest = STEPS;
        let mut call = Call::again(system, process, "pull", self.args.clone());
        match self.next(&mut call) {
            Ok(None) => Next::Again,
            Ok(Some(flow)) => call.ends(Ok(flow)),
            Err(failure) => call.ends(Err(failure)),
        }
    }

    fn close(&mut self, system: &mut System<'_>) {
        if let Ok(mut engine) = running::engine(system) {
            // Nobody is left to tell of a disk that fails.
            let _ = self.pull.stop(&mut engine);
        }
    }
}

/// Pulls for `docker run`: progress goes to standard error.
pub(super) fn for_run(call: &mut Call<'_, '_>, text: &str) -> Result<(), Failure> {
    let name = Reference::parse(text).map_err(|error| Failure::new(error.to_string()))?.or_latest();
    let to = call.process.stderr;
    let mut lines = Vec::new();
    let result = call.engine()?.pull(&name, &mut |event| lines.push(event));
    print(call, to, &lines);
    result?;
    call.engine()?.tell_transfer("pull", &name);
    Ok(())
}

fn print(call: &mut Call<'_, '_>, to: Output, lines: &[Progress]) {
    for line in lines {
        let text = match line {
            Progress::Pulling(text) => format!("{text}\n"),
            Progress::Layer(digest, what) => format!("{}: {what}\n", digest.short()),
            Progress::Digest(digest) => format!("Digest: {digest}\n"),
            Progress::Status(text) => format!("Status: {text}\n"),
        };
        to.write(call.system, text);
    }
}
