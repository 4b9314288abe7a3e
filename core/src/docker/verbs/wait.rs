//! `docker wait`.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::super::running;
use super::super::{Call, Failure};
use crate::program::{Flow, Next, Pid, Process, ProgramState, System, Wait};

/// A client that waits for containers to end, one after another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::docker) struct Waits {
    names: VecDeque<String>,
    at: Option<(String, Pid)>,
    errors: Vec<String>,
}

#[expect(clippy::unnecessary_wraps, reason = "the table of verbs wants one signature")]
pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    for name in call.args() {
        let missing = call.engine().and_then(|mut engine| Ok(engine.find_container(&name)?)).err();
        if let Some(failure) = missing {
            call.advise_on(&failure.text);
        }
    }
    let job = Waits { names: call.args().into(), at: None, errors: Vec::new() };
    Ok(call.system.goes_on(job, None))
}

impl ProgramState for Waits {
    const NAME: &'static str = "docker wait";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        if let Some((id, pid)) = self.at.clone() {
            if system.world.running.get(&id).is_some_and(|up| up.pid == pid) {
                return Next::Wait(Wait { gone: Some((id, pid)), ..Wait::default() });
            }
            let status = system.world.exits.get(&id).map_or(0, |(_, status, _)| *status);
            process.print(system, format!("{status}\n"));
            self.at = None;
        }
        let Some(name) = self.names.pop_front() else {
            if self.errors.is_empty() {
                return Next::Exit(0);
            }
            process.complain(system, format!("{}\n", self.errors.join("\n")));
            return Next::Exit(1);
        };
        let found = running::engine(system).and_then(|mut engine| Ok(engine.find_container(&name)?));
        match found {
            Ok(container) => match system.world.running.get(&container.id) {
                Some(up) => self.at = Some((container.id, up.pid)),
                None => process.print(system, format!("{}\n", container.state.exit_code)),
            },
            Err(failure) => self.errors.push(failure.text),
        }
        Next::Again
    }
}
