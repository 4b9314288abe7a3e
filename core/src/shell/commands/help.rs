//! `help`: lists the commands.

use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "help", summary: "list the commands", scope: Scope::Host, main: help };

fn help(system: &mut System<'_>, process: &mut Process) -> Flow {
    if let Some(name) = process.args.get(1).cloned() {
        return match system.table.get(&name).copied() {
            Some(program) => {
                process.print(system, format!("{}: {}\n", program.name, program.summary));
                Flow::OK
            }
            None => {
                process.complain(system, format!("bash: help: no help topics match `{name}'.\n"));
                Flow::Exit(1)
            }
        };
    }
    let programs: Vec<Program> = system.table.iter().filter(|p| p.scope != Scope::Service).copied().collect();
    for program in programs {
        process.print(system, format!("{:<12} {}\n", program.name, program.summary));
    }
    Flow::OK
}
