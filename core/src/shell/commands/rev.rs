//! `rev`: prints lines backwards.

use super::common::lines::split;
use super::common::run::Run;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "rev", summary: "print lines backwards", scope: Scope::Everywhere, main: rev };

fn rev(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let files: Vec<ByteString> = run.process.args[1..].to_vec();
    for file in Run::or_stdin(files) {
        match run.slurp(&file) {
            Ok(data) => {
                for line in split(&data) {
                    let text: String = String::from_utf8_lossy(line).chars().rev().collect();
                    run.print(text + "\n");
                }
            }
            Err(error) => run.warn_bare(&file, error),
        }
    }
    run.end()
}
