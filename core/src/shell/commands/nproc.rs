//! `nproc`: prints how many processors there are.

use super::common::lines::split;
use crate::kernel::fs;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "nproc",
    summary: "print how many processors there are",
    scope: Scope::Everywhere,
    main: nproc,
};

fn nproc(system: &mut System<'_>, process: &mut Process) -> Flow {
    let info = fs::read(system.kernel, &process.task, b"/proc/cpuinfo").unwrap_or_default();
    let count = split(&info).into_iter().filter(|line| line.starts_with(b"processor")).count();
    process.print(system, format!("{}\n", count.max(1)));
    Flow::OK
}
