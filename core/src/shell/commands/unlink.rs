//! `unlink`: takes a file's name away.

use super::common::run::Run;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "unlink", summary: "take a file's name away", scope: Scope::Everywhere, main: unlink };

fn unlink(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let [file] = &run.process.args[1..] else {
        run.warn("one name is needed");
        return run.end();
    };
    let file = file.clone();
    let (kernel, task) = run.kernel();
    if let Err(error) = kernel.unlink(task, &file) {
        run.warn_path("cannot unlink", &file, error);
    }
    run.end()
}
