//! `env`: prints the environment, or runs a program in another one.

use super::common::args::{Order, Usage, flag, parse, valued};
use super::common::run::Run;
use super::common::start::replace;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "env",
    summary: "show the environment, or run a program in another",
    scope: Scope::Everywhere,
    main: env,
};

const ENV_USAGE: Usage = Usage {
    synopsis: "[OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]",
    about: "Set each NAME to VALUE in the environment and run COMMAND, or print the environment.",
    flags: &[
        flag('i', "ignore-environment", "start with an empty environment"),
        valued('u', "unset", "without this variable"),
        valued('C', "chdir", "in this directory"),
        flag('0', "null", "end each line with NUL"),
    ],
    status: 125,
};

fn env(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &ENV_USAGE, Order::OptionsFirst) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let mut operands = parsed.operands.clone();
    let bare = operands.first().is_some_and(|arg| *arg == "-");
    if bare {
        operands.remove(0);
    }
    if parsed.has('i') || bare {
        run.process.env.clear();
    }
    for (_, name) in parsed.options.iter().filter(|(key, _)| key.letter() == Some('u')) {
        run.process.env.remove(&name.clone().unwrap_or_default());
    }
    while let Some(at) = operands.first().and_then(|arg| arg.iter().position(|b| *b == b'=')) {
        let arg = operands.remove(0);
        run.process.env.insert(arg[..at].into(), arg[at + 1..].into());
    }
    if operands.is_empty() {
        let end: &[u8] = if parsed.has('0') { b"\0" } else { b"\n" };
        let lines: Vec<u8> =
            run.process.env.iter().flat_map(|(name, value)| [&name[..], b"=", value, end].concat()).collect();
        run.print(lines);
        return run.end();
    }
    replace(&mut run, operands)
}
