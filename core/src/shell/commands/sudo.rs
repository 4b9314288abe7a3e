//! `sudo`: runs a program as root. The lab's user is root already.

use super::common::run::Run;
use super::common::start::replace;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "sudo", summary: "run a command as root", scope: Scope::Host, main: sudo };

fn sudo(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let mut words = run.process.args[1..].iter().peekable();
    // For root these options change nothing.
    while words
        .next_if(|word| matches!(&word[..], b"-E" | b"-H" | b"-n" | b"-S" | b"--" | b"-i" | b"-s"))
        .is_some()
    {}
    let command: Vec<_> = words.cloned().collect();
    match command.first() {
        None => {
            run.complain("usage: sudo [-EHnS] [command [arg ...]]\n");
            Flow::Exit(1)
        }
        Some(word) if word.starts_with(b"-") => {
            let text = format!("Layerlab: sudo {word} is not there: the lab's terminal is root's\n");
            run.complain(text);
            Flow::Exit(1)
        }
        Some(_) => {
            run.process.task.uid = 0;
            run.process.task.gid = 0;
            replace(&mut run, command)
        }
    }
}
