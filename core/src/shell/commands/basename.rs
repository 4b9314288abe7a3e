//! `basename`: prints the last part of a path.

use super::common::args::{Order, Usage, flag, missing, parse, valued};
use super::common::run::Run;
use crate::kernel::path;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "basename",
    summary: "the last part of a path",
    scope: Scope::Everywhere,
    main: basename,
};

const BASENAME_USAGE: Usage = Usage {
    synopsis: "NAME [SUFFIX]",
    about: "Print NAME with any leading directory components removed.",
    flags: &[
        flag('a', "multiple", "several names"),
        valued('s', "suffix", "without this suffix"),
        flag('z', "zero", ""),
    ],
    status: 1,
};

fn basename(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &BASENAME_USAGE, Order::OptionsFirst) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let Some(first) = parsed.operands.first() else {
        return Flow::Exit(missing(&mut run, &BASENAME_USAGE, "missing operand"));
    };
    let several = parsed.has('a') || parsed.has('s');
    let suffix = parsed
        .value('s')
        .or_else(|| parsed.operands.get(1).filter(|_| !several))
        .cloned()
        .unwrap_or_default();
    let names = if several { parsed.operands.clone() } else { vec![first.clone()] };
    for name in names {
        let last = path::file_name(&name).unwrap_or(if name.is_empty() { b"" } else { b"/" });
        let cut = last.strip_suffix(&suffix[..]).filter(|rest| !rest.is_empty()).unwrap_or(last);
        run.print([cut, b"\n"].concat());
    }
    run.end()
}
