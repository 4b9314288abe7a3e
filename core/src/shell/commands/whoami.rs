//! `whoami`: prints the user's name.

use super::common::args::{Flag, Order, Usage, mistake, parse};
use super::common::run::Run;
use super::common::users::Users;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "whoami", summary: "the user's name", scope: Scope::Everywhere, main: whoami };

const NOTHING: &[Flag] = &[];

const WHOAMI_USAGE: Usage =
    Usage { synopsis: "", about: "Print the user name of the effective user.", flags: NOTHING, status: 1 };

fn whoami(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &WHOAMI_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if let Some(extra) = parsed.operands.first() {
        let shown = run.curly(extra);
        let text = format!("extra operand {}", String::from_utf8_lossy(&shown));
        return Flow::Exit(mistake(&mut run, &WHOAMI_USAGE, &text));
    }
    let users = Users::read(&mut run);
    let uid = run.process.task.uid;
    match users.user_name(uid) {
        Some(name) => run.print(format!("{name}\n")),
        None => run.warn_filled(run.words().no_name_for_uid, &[uid.to_string().as_bytes()]),
    }
    run.end()
}
