//! `tac`: prints lines in reverse.

use super::common::lines::split;
use super::common::run::Run;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "tac", summary: "print lines in reverse", scope: Scope::Everywhere, main: tac };

fn tac(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let files = Run::or_stdin(run.process.args[1..].to_vec());
    for file in files {
        match run.slurp(&file) {
            Ok(data) => {
                let text: Vec<u8> =
                    split(&data).iter().rev().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
                run.print(text);
            }
            Err(error) => run.warn_path("failed to open", &file, error),
        }
    }
    run.end()
}
