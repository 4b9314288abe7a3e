//! `readlink`: prints where a symbolic link leads.

use super::common::args::{Order, Usage, flag, missing, parse};
use super::common::canonical::Missing;
use super::common::canonical::canonical;
use super::common::run::Run;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "readlink",
    summary: "where a symbolic link leads",
    scope: Scope::Everywhere,
    main: readlink,
};

const READLINK_USAGE: Usage = Usage {
    synopsis: "[OPTION]... FILE...",
    about: "Print value of a symbolic link or canonical file name.",
    flags: &[
        flag('f', "canonicalize", "follow every link; the last part need not exist"),
        flag('e', "canonicalize-existing", "the same, all must exist"),
        flag('m', "canonicalize-missing", "the same, nothing need exist"),
        flag('n', "no-newline", "without a line feed"),
        flag('q', "quiet", ""),
        flag('s', "silent", ""),
        flag('v', "verbose", "say what went wrong"),
    ],
    status: 1,
};

fn readlink(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &READLINK_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &READLINK_USAGE, "missing operand"));
    }
    for file in &parsed.operands {
        let found = match parsed.last_of("fem") {
            None => {
                let (kernel, task) = run.kernel();
                kernel.readlink(task, file)
            }
            Some('f') => canonical(&mut run, file, Missing::Last),
            Some('e') => canonical(&mut run, file, Missing::Nothing),
            Some(_) => canonical(&mut run, file, Missing::Anything),
        };
        match found {
            Ok(text) => {
                let end: &[u8] = if parsed.has('n') { b"" } else { b"\n" };
                run.print([&text[..], end].concat());
            }
            Err(error) if parsed.has('v') => run.warn_bare(file, error),
            Err(_) => run.status = 1,
        }
    }
    run.end()
}
