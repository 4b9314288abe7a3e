//! A program that looks at each line for itself, run on a piece of its input after another.

use serde::{Deserialize, Serialize};

use super::job::{Next, ProgramState};
use super::{Flow, Input, Process, System, Wait};
use crate::kernel::ByteString;

/// How much is taken in a step, and the longest line that is waited for.
const PIECE: usize = 16 << 10;
const LINE: usize = 1 << 20;

/// Such a program, between two pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piecewise {
    program: String,
    /// The beginning of a line.
    open: ByteString,
    status: Option<u8>,
}

impl Piecewise {
    pub(super) fn new(program: &str) -> Self {
        Self { program: program.to_owned(), open: ByteString::new(), status: None }
    }

    /// Runs the program on whole lines. A status of 0 once is one for all (grep), and the worst one stays.
    fn run(&mut self, system: &mut System<'_>, process: &Process, lines: Vec<u8>) {
        let Some(program) = system.table.get(self.program.as_bytes()).copied() else { return };
        let desc = system.world.files.bytes(lines);
        let mut piece = Process { stdin: Input(desc), ..process.clone() };
        let status = match (program.main)(system, &mut piece) {
            Flow::Exit(status) => status,
            Flow::GoesOn => 2,
        };
        system.next = None;
        system.world.files.release(system.kernel, desc);
        self.status = Some(match (self.status, status) {
            (None, status) => status,
            (Some(0), 1) | (Some(1), 0) if self.program.ends_with("grep") => 0,
            (Some(before), status) => before.max(status),
        });
    }
}

impl ProgramState for Piecewise {
    const NAME: &'static str = "piecewise";
    const WRITES: bool = true;

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        if !system.world.files.is_readable(process.stdin.0) {
            return Next::Wait(Wait::readable(process.stdin.0));
        }
        let _ = system.limits.spend((PIECE / 4096) as u64);
        let piece = process.stdin.read(system, PIECE).unwrap_or_default();
        let ended = piece.is_empty();
        self.open.extend_from_slice(&piece);
        let whole = match self.open.iter().rposition(|b| *b == b'\n') {
            _ if ended || self.open.len() > LINE => self.open.len(),
            Some(end) => end + 1,
            None => 0,
        };
        let lines: Vec<u8> = self.open.drain(..whole).collect();
        if !lines.is_empty() || ended && self.status.is_none() {
            self.run(system, process, lines);
        }
        if ended { Next::Exit(self.status.unwrap_or_default()) } else { Next::Again }
    }
}
