//! `printenv`: prints variables of the environment.

use super::common::run::Run;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "printenv", summary: "show the environment", scope: Scope::Everywhere, main: printenv };

fn printenv(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let names = run.process.args[1..].to_vec();
    if names.is_empty() {
        let lines: Vec<u8> = run
            .process
            .env
            .iter()
            .flat_map(|(name, value)| [&name[..], b"=", value, b"\n"].concat())
            .collect();
        run.print(lines);
        return run.end();
    }
    for name in names {
        match run.process.env.get(&name).cloned() {
            Some(value) => run.print([&value[..], b"\n"].concat()),
            None => run.status = 1,
        }
    }
    run.end()
}
