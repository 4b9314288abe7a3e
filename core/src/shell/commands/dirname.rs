//! `dirname`: prints a path without its last part.

use super::common::args::{Order, Usage, flag, missing, parse};
use super::common::run::Run;
use crate::kernel::path;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "dirname",
    summary: "a path without its last part",
    scope: Scope::Everywhere,
    main: dirname,
};

const DIRNAME_USAGE: Usage = Usage {
    synopsis: "NAME...",
    about: "Output each NAME with its last component removed.",
    flags: &[flag('z', "zero", "")],
    status: 1,
};

fn dirname(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &DIRNAME_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &DIRNAME_USAGE, "missing operand"));
    }
    for name in &parsed.operands {
        run.print([path::parent(name), b"\n"].concat());
    }
    run.end()
}
