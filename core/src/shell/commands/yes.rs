//! `yes`.

use serde::{Deserialize, Serialize};

use crate::kernel::ByteString;
use crate::program::{Flow, Next, Process, Program, ProgramState, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "yes", summary: "print a line until it is stopped", scope: Scope::Everywhere, main };

/// How much is printed in a step.
const PIECE: usize = 4096;

/// A `yes` that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Yes {
    piece: ByteString,
}

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let words: Vec<&[u8]> = process.args[1..].iter().map(ByteString::as_bytes).collect();
    let mut line = if words.is_empty() { b"y".to_vec() } else { words.join(&b' ') };
    line.push(b'\n');
    let piece = line.repeat((PIECE / line.len()).max(1)).into();
    system.goes_on(Yes { piece }, None)
}

impl ProgramState for Yes {
    const NAME: &'static str = "yes";
    const WRITES: bool = true;

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        process.print(system, &self.piece);
        Next::Again
    }
}
