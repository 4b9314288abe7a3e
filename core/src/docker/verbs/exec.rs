//! `docker exec` (oracle: exec-*).

use super::super::running::{self, Wires};
use super::super::{Call, Failure};
use crate::engine::Error;
use crate::kernel::path;
use crate::program::{Attached, Flow, Input, Role, Terminal};

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    let tty = call.flags.is_set("tty");
    let interactive = call.flags.is_set("interactive");
    let detach = call.flags.is_set("detach");
    let piped = call.process.stdin != Input::EMPTY;
    if tty && interactive && !detach && piped && call.process.terminal == Terminal::No {
        return Err(Failure::new("the input device is not a TTY"));
    }
    let mut engine = call.engine()?;
    let container = match engine.find_container(&name) {
        Ok(container) => container,
        Err(Error::NotFound(_)) => return Err(Failure::new(format!("Error: No such container: {name}"))),
        Err(error) => return Err(error.into()),
    };
    let refuse = |why: String| Failure::new(format!("Error response from daemon: {why}"));
    if !container.state.running {
        return Err(refuse(format!("Container {} is not running", container.id)));
    }
    if container.state.paused {
        return Err(refuse(format!("Container {name} is paused, unpause the container before exec")));
    }
    let root = engine.merged_of(&container.id)?;
    let user = call.flags.text("user").unwrap_or_default();
    let mut place = call.engine()?.place(&container, &root, &user)?;
    if tty {
        place.env.insert("TERM".into(), "xterm".into());
    }
    for line in call.flags.list("env") {
        match line.split_once('=') {
            Some((key, value)) => drop(place.env.insert(key.into(), value.into())),
            None => match call.process.env.get(line.as_bytes()) {
                Some(value) => drop(place.env.insert(line.as_str().into(), value.clone())),
                None => drop(place.env.remove(line.as_bytes())),
            },
        }
    }
    if let Some(dir) = call.flags.bytes("workdir") {
        if !dir.starts_with(b"/") {
            let cwd = dir.to_text();
            let text = format!(
                "OCI runtime exec failed: exec failed: unable to start container process: cwd must be an absolute path: \"{cwd}\": unknown"
            );
            call.print(format!("{text}\r\n"));
            return Ok(Flow::Exit(126));
        }
        place.task.cwd = path::normalize(dir);
    }
    let args: Vec<String> = call.args()[1..].to_vec();
    let stdin = if interactive && !detach { call.process.stdin } else { Input::EMPTY };
    let wires = Wires { stdin, terminal: if tty { Terminal::Yes } else { Terminal::No } };
    let outcome = match running::launch(call.system, &container.id, place, &args, wires) {
        Ok(outcome) => outcome,
        Err(error) => {
            let why = format!(
                "OCI runtime exec failed: exec failed: unable to start container process: {}: unknown",
                error.why
            );
            if detach {
                return Err(Failure::new(format!("Error response from daemon: {why}")));
            }
            // The daemon writes it to the stream that is open already.
            call.print(format!("{why}\r\n"));
            return Ok(Flow::Exit(error.status));
        }
    };
    if detach {
        call.system.entered = None;
        return Ok(Flow::OK);
    }
    running::pass_on(call.system, call.process, &outcome.written);
    if outcome.flow == Flow::Entered
        && let Some(entered) = &mut call.system.entered
    {
        entered.container = Some(Attached { id: container.id.clone(), role: Role::Exec });
    }
    Ok(match outcome.flow {
        Flow::Waiting => {
            call.complain("Layerlab: the process waits and would hold the terminal; docker exec -d leaves it in the background");
            Flow::OK
        }
        flow => flow,
    })
}
