//! `realpath`: prints a path without links and dots.

use super::common::args::{Order, Usage, flag, missing, parse};
use super::common::canonical::Missing;
use super::common::canonical::canonical;
use super::common::run::Run;
use crate::kernel::path;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "realpath",
    summary: "a path without links and dots",
    scope: Scope::Everywhere,
    main: realpath,
};

const REALPATH_USAGE: Usage = Usage {
    synopsis: "FILE...",
    about: "Print the resolved absolute file name; all but the last component must exist.",
    flags: &[
        flag('e', "canonicalize-existing", "all must exist"),
        flag('m', "canonicalize-missing", "nothing need exist"),
        flag('q', "quiet", ""),
        flag('s', "strip", "do not expand links"),
    ],
    status: 1,
};

fn realpath(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &REALPATH_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &REALPATH_USAGE, "missing operand"));
    }
    for file in &parsed.operands {
        if parsed.has('s') {
            let full = path::normalize(&path::join(&run.process.task.cwd, file));
            run.print([&full[..], b"\n"].concat());
            continue;
        }
        let rest = match parsed.last_of("em") {
            Some('e') => Missing::Nothing,
            Some(_) => Missing::Anything,
            None => Missing::Last,
        };
        match canonical(&mut run, file, rest) {
            Ok(full) => run.print([&full[..], b"\n"].concat()),
            Err(_) if parsed.has('q') => run.status = 1,
            Err(error) => run.warn_bare(file, error),
        }
    }
    run.end()
}
