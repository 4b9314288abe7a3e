//! `pidof`: prints the numbers of processes, by name.

use super::common::processes::seen;
use super::common::run::Run;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "pidof",
    summary: "print the numbers of processes by name",
    scope: Scope::Everywhere,
    main: pidof,
};

fn pidof(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let words: Vec<ByteString> = run.process.args[1..].to_vec();
    let mut found: Vec<u32> = seen(&run)
        .into_iter()
        .filter(|(_, _, name)| words.iter().any(|w| w[..] == name[..]))
        .map(|row| row.1)
        .collect();
    found.reverse();
    if found.is_empty() {
        return Flow::Exit(1);
    }
    let text: Vec<String> = found.iter().map(u32::to_string).collect();
    run.print(text.join(" ") + "\n");
    run.end()
}
