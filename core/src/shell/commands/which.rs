//! `which`: prints the file that a command runs.

use super::common::args::{Order, Usage, flag, parse};
use super::common::run::Run;
use crate::program::{Flow, Process, Program, Scope, System, find_in_path};

pub(super) const PROGRAM: Program =
    Program { name: "which", summary: "where a program is", scope: Scope::Everywhere, main: which };

const WHICH_USAGE: Usage = Usage {
    synopsis: "[-a] NAME...",
    about: "Print the path of the programs that would be run.",
    flags: &[flag('a', "", "all of them")],
    status: 2,
};

fn which(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &WHICH_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    for name in &parsed.operands {
        let probe = run.process.child(vec![name.clone()]);
        let on_host = probe.place == crate::program::Place::Host && !name.contains(&b'/');
        match find_in_path(run.system.kernel, &probe) {
            Ok(file) => run.print([&file[..], b"\n"].concat()),
            Err(_) if on_host && run.system.table.get(name).is_some() => {
                run.print([b"/usr/bin/", &name[..], b"\n"].concat());
            }
            Err(_) => run.status = 1,
        }
    }
    run.end()
}
