//! What is asked for, done on this Linux.

use layerlab_core::conformance::Judge;
use layerlab_core::conformance::batch::Reader;
use layerlab_core::conformance::trace::{Trace, record, replay};
use layerlab_core::kernel::{Errno, Outcome};
use layerlab_linux::LinuxKernel;
use serde::Serialize;

use crate::frame::Kind;
use crate::room::Room;

/// Where traces are replayed.
const TRACES: &[u8] = b"/trace";

/// At most so many differences are told of one frame.
const MOST: usize = 8;

pub(crate) struct Worker {
    room: Room,
    kernel: LinuxKernel,
    judge: Judge,
    reader: Reader,
}

/// What became of a frame of calls.
#[derive(Debug, Default, Serialize)]
struct Verdict {
    /// How many calls were made.
    calls: usize,
    /// The call, counted from 0, for which there was no room: those after it were not made.
    full: Option<usize>,
    /// Which calls were answered differently, the first ones.
    differences: Vec<Difference>,
    /// How many were.
    count: usize,
}

#[derive(Debug, Serialize)]
struct Difference {
    /// The call, counted from 0.
    at: usize,
    /// What this Linux answered.
    found: Outcome,
}

impl Worker {
    pub(crate) fn new(room: Room) -> Result<Self, String> {
        let kernel = room.fresh()?;
        Ok(Self { room, kernel, judge: Judge::default(), reader: Reader::default() })
    }

    /// The release of this kernel.
    pub(crate) fn hello(&self) -> Vec<u8> {
        rustix::system::uname().release().to_bytes().to_vec()
    }

    pub(crate) fn answer(&mut self, kind: Kind, payload: &[u8]) -> Result<Vec<u8>, String> {
        match kind {
            Kind::Reset => {
                self.kernel.let_go().map_err(|error| format!("the tree is held: {}", error.name()))?;
                self.kernel = self.room.fresh()?;
                (self.judge, self.reader) = (Judge::default(), Reader::default());
                Ok(Vec::new())
            }
            Kind::Calls => json(&self.calls(payload)?),
            Kind::Replay => {
                let trace = Trace::parse(payload).map_err(|error| error.to_string())?;
                json(&replay(&mut self.kernel, TRACES, &trace))
            }
            Kind::Record => {
                let plan = Trace::parse(payload).map_err(|error| error.to_string())?;
                let trace = record(&mut self.kernel, TRACES, &plan);
                Ok(trace.map_err(|error| error.name().to_owned())?.to_text().into_bytes())
            }
            Kind::Hello | Kind::Taken | Kind::Failed => Ok(self.hello()),
        }
    }

    fn calls(&mut self, payload: &[u8]) -> Result<Verdict, String> {
        let mut verdict = Verdict::default();
        let lines = payload.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        for (at, line) in lines.enumerate() {
            let made = self.reader.read(line).map_err(|error| format!("call {at}: {error}"))?;
            verdict.calls += 1;
            let Some(found) = self.judge.make(&mut self.kernel, &made) else { continue };
            if is_full(&found) && !is_full(&made.outcome) {
                verdict.full = Some(at);
                break;
            }
            verdict.count += 1;
            if verdict.differences.len() < MOST {
                verdict.differences.push(Difference { at, found });
            }
        }
        Ok(verdict)
    }
}

/// Whether there was no room for what the call needs.
fn is_full(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Err(Errno::ENOSPC | Errno::ENOMEM | Errno::EMFILE | Errno::ENFILE))
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, String> {
    serde_json::to_vec(value).map_err(|error| error.to_string())
}
