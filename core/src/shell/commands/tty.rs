//! `tty`: prints the terminal's name.

use crate::program::{Flow, Process, Program, Scope, System, Terminal};

pub(super) const PROGRAM: Program =
    Program { name: "tty", summary: "print the terminal's name", scope: Scope::Everywhere, main: tty };

fn tty(system: &mut System<'_>, process: &mut Process) -> Flow {
    if process.terminal == Terminal::Yes {
        process.print(system, "/dev/pts/0\n");
        return Flow::OK;
    }
    if process.args.get(1).is_none_or(|arg| *arg != "-s") {
        process.print(system, "not a tty\n");
    }
    Flow::Exit(1)
}
