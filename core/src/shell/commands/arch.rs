//! `arch`: prints the machine's kind.

use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "arch", summary: "print the machine's kind", scope: Scope::Everywhere, main: arch };

fn arch(system: &mut System<'_>, process: &mut Process) -> Flow {
    process.print(system, "x86_64\n");
    Flow::OK
}
