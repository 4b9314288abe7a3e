//! `time`: runs a program and says how long it took.

use super::common::run::Run;
use super::common::start::cannot;
use crate::program::{
    Body, Flow, Nanos, Next, Pid, Process, Program, ProgramState, Scope, Spawn, System, Wait, find,
};
use serde::{Deserialize, Serialize};

pub(super) const PROGRAM: Program =
    Program { name: "time", summary: "say how long a command takes", scope: Scope::Everywhere, main: time };

/// A `time` that waits for its command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Clocked {
    pid: Pid,
    since: Nanos,
}

/// `time COMMAND`: how long it took by the lab's clock.
fn time(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let mut command: Vec<_> = run.process.args[1..].to_vec();
    if command.first().is_some_and(|word| *word == "-p") {
        command.remove(0);
    }
    let since = run.system.now();
    if command.is_empty() {
        let text = took(&run, 0);
        run.complain(text);
        return Flow::OK;
    }
    let mut child = run.process.child(command.clone());
    let program = match find(run.system, &mut child) {
        Ok(program) => program,
        Err(error) => return cannot(&mut run, &command[0], &error),
    };
    let front = system.world.tasks.get(system.current).is_none_or(|row| row.front);
    let body = Body::Fresh(program.name.into());
    match system.spawn(Spawn { front, ..Spawn::new(system.current, child, body) }) {
        Ok(pid) => system.goes_on(Clocked { pid, since }, None),
        Err(error) => {
            process.complain(system, format!("time: fork: {}\n", error.text()));
            Flow::Exit(125)
        }
    }
}

impl ProgramState for Clocked {
    const NAME: &'static str = "time";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let Some(status) = system.world.tasks.reap(self.pid) else {
            return Next::Wait(Wait::child(self.pid));
        };
        let length = system.now() - self.since;
        let run = Run::new(system, process);
        let text = took(&run, length);
        process.complain(system, text);
        Next::Exit(status)
    }
}

/// What `time` tells in three lines; the lab's clock knows no other time than the real one.
fn took(run: &Run<'_, '_>, length: Nanos) -> Vec<u8> {
    let millis = length / crate::program::MILLISECOND;
    let (minutes, seconds, rest) = (millis / 60_000, millis / 1000 % 60, millis % 1000);
    let parts = [minutes.to_string(), seconds.to_string(), format!("{rest:03}"), format!("{:02}", rest / 10)];
    run.fill(run.words().time_taken, &parts.each_ref().map(String::as_bytes))
}
