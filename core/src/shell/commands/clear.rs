//! `clear`: empties the screen.

use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "clear", summary: "empty the screen", scope: Scope::Everywhere, main: clear };

fn clear(system: &mut System<'_>, process: &mut Process) -> Flow {
    process.print(system, "\u{1b}[H\u{1b}[2J\u{1b}[3J");
    Flow::OK
}
