//! `nohup`: runs a program.

use super::common::run::Run;
use super::common::start::replace;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "nohup",
    summary: "run a command that goes on without its terminal",
    scope: Scope::Everywhere,
    main: nohup,
};

fn nohup(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let command = run.process.args[1..].to_vec();
    if command.is_empty() {
        run.warn("missing operand\nTry 'nohup --help' for more information.");
        return Flow::Exit(125);
    }
    if run.process.stdout.is_terminal(run.system) {
        run.complain("Layerlab: the lab's terminal never hangs up, and the output stays on it: there is no nohup.out\n");
    }
    replace(&mut run, command)
}
