//! `docker-init`: the first process of a container that was made with `--init`. It starts the program, passes signals on to
//! it, and ends as it ends (Docker's documentation of `--init`).

use serde::{Deserialize, Serialize};

use crate::kernel::Errno;
use crate::program::{
    Body, ExecError, Flow, Next, Pid, Process, ProgramState, Spawn, System, Wait, find, signals,
};

pub(super) fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let at = process.args.iter().position(|arg| *arg == "--").map_or(1, |at| at + 1);
    let command = process.args.get(at..).unwrap_or_default().to_vec();
    let Some(name) = command.first().cloned() else {
        process.complain(system, "docker-init: a program is needed\n");
        return Flow::Exit(1);
    };
    let mut child = process.child(command);
    let (text, status) = match find(system, &mut child) {
        Ok(program) => {
            let row = system.world.tasks.get(system.current);
            let (front, group) = (row.is_none_or(|row| row.front), row.map(|row| row.group));
            let body = Body::Fresh(program.name.into());
            match system.spawn(Spawn { front, group, ..Spawn::new(system.current, child, body) }) {
                Ok(pid) => {
                    pass_signals_on(system);
                    return system.goes_on(Init { pid }, None);
                }
                Err(errno) => (errno.text(), 1),
            }
        }
        Err(ExecError::NotInPath) => (Errno::ENOENT.text(), 127),
        Err(ExecError::File(errno)) => (errno.text(), if errno == Errno::ENOENT { 127 } else { 126 }),
        Err(error @ ExecError::MachineCode(_)) => {
            process.complain(system, format!("Layerlab: {error}\n"));
            return Flow::Exit(126);
        }
    };
    process.complain(system, format!("[FATAL tini (7)] exec {name} failed: {text}\n"));
    Flow::Exit(status)
}

/// Catches all that can be caught and is meant for the program.
fn pass_signals_on(system: &mut System<'_>) {
    let own = [signals::KILL, signals::STOP, signals::CONT].map(|signal| 1u64 << signal);
    system.catch(!own.into_iter().fold(0, |all, bit| all | bit), 0);
}

/// A `docker-init` that waits for its program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Init {
    pid: Pid,
}

impl ProgramState for Init {
    const NAME: &'static str = "docker-init";

    fn step(&mut self, system: &mut System<'_>, _: &mut Process) -> Next {
        while let Some(signal) = system.take_signal() {
            system.signal(self.pid, signal);
        }
        match system.world.tasks.reap(self.pid) {
            Some(status) => Next::Exit(status),
            None if system.world.tasks.get(self.pid).is_none() => Next::Exit(0),
            None => Next::Wait(Wait { signal: true, ..Wait::child(self.pid) }),
        }
    }
}
