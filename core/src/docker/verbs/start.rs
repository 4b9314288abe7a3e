//! `docker start` and `docker attach` (oracle: start-*).

use super::super::running::{self, Started, Wires};
use super::super::{Call, Failure};
use crate::engine::Container;
use crate::program::{Attached, Flow, Input, Role, Terminal};

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let attach = call.flags.is_set("attach") || call.flags.is_set("interactive");
    if attach {
        if call.flags.args.len() > 1 {
            return Err(Failure::new("you cannot start and attach multiple containers at once"));
        }
        let name = call.arg(0);
        let mut container = match call.engine()?.find_container(&name) {
            Ok(container) => container,
            Err(crate::engine::Error::NotFound(_)) => {
                return Err(Failure::new(format!("Error: No such container: {name}")));
            }
            Err(error) => return Err(error.into()),
        };
        if container.state.running {
            return join(call, &container);
        }
        let stdin = if call.flags.is_set("interactive") { call.process.stdin } else { Input::EMPTY };
        return match running::start(call.system, &mut container, stdin, true)? {
            Started::Failed(why) => Err(Failure::new(format!("Error response from daemon: {why}"))),
            Started::Ran(outcome) => {
                running::pass_on(call.system, call.process, &outcome.written);
                Ok(super::run::finish(call, outcome.flow))
            }
        };
    }
    let mut failed = Vec::new();
    for name in call.args() {
        match start_one(call, &name) {
            Ok(()) => call.line(&name),
            Err(failure) => {
                call.complain(&failure.text);
                failed.push(name);
            }
        }
    }
    if failed.is_empty() {
        return Ok(Flow::OK);
    }
    Err(Failure::new(format!("Error: failed to start containers: {}", failed.join(", "))))
}

/// Starts a container in the background; one that is up stays as it is.
pub(super) fn start_one(call: &mut Call<'_, '_>, name: &str) -> Result<(), Failure> {
    let mut container = call.engine()?.find_container(name)?;
    if container.state.paused {
        let why = "cannot start a paused container, try unpause instead";
        return Err(Failure::new(format!("Error response from daemon: {why}")));
    }
    if container.state.running {
        return Ok(());
    }
    match running::start(call.system, &mut container, Input::EMPTY, false)? {
        Started::Failed(why) => Err(Failure::new(format!("Error response from daemon: {why}"))),
        Started::Ran(_) => Ok(()),
    }
}

pub(crate) fn attach(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    let container = match call.engine()?.find_container(&name) {
        Ok(container) => container,
        Err(crate::engine::Error::NotFound(_)) => {
            return Err(Failure::new(format!("Error: No such container: {name}")));
        }
        Err(error) => return Err(error.into()),
    };
    if container.state.paused {
        return Err(Failure::new("You cannot attach to a paused container, unpause it first"));
    }
    if !container.state.running {
        return Err(Failure::new("You cannot attach to a stopped container, start it first"));
    }
    join(call, &container)
}

/// Goes to a container that is up: to its shell, if that waits at a terminal.
fn join(call: &mut Call<'_, '_>, container: &Container) -> Result<Flow, Failure> {
    if !(container.config.tty && container.config.open_stdin) {
        return Ok(super::run::finish(call, Flow::Waiting));
    }
    let mut engine = call.engine()?;
    let root = engine.mount_container(container)?;
    let place = engine.place(container, &root, "")?;
    let args: Vec<String> = std::iter::once(&container.path).chain(&container.args).cloned().collect();
    let wires = Wires { stdin: Input::EMPTY, terminal: Terminal::Yes };
    let outcome = running::launch(call.system, &container.id, place, &args, wires)
        .map_err(|error| Failure::with_status(error.why, error.status))?;
    running::pass_on(call.system, call.process, &outcome.written);
    match outcome.flow {
        Flow::Entered => {
            if let Some(entered) = &mut call.system.entered {
                entered.container = Some(Attached { id: container.id.clone(), role: Role::Main });
            }
        }
        Flow::Exit(status) => call.engine()?.exited(&container.id, status)?,
        Flow::Waiting => {}
    }
    Ok(super::run::finish(call, outcome.flow))
}
