//! `link`: gives a file a second name.

use super::common::run::Run;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "link", summary: "give a file a second name", scope: Scope::Everywhere, main: link };

fn link(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let [from, to] = &run.process.args[1..] else {
        run.warn("two names are needed");
        return run.end();
    };
    let (from, to) = (from.clone(), to.clone());
    let (kernel, task) = run.kernel();
    if let Err(error) = kernel.link(task, &from, &to) {
        run.warn(
            [b"cannot create link '", &to[..], b"' to '", &from, b"': ", error.text().as_bytes()].concat(),
        );
    }
    run.end()
}
