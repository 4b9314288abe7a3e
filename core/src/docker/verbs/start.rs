//! `docker start` and `docker attach` (oracle: start-*).

use super::super::keys;
use super::super::running::{self, Attached, Joins, Started, Stdin};
use super::super::supervise;
use super::super::{Call, Failure};
use crate::engine::Container;
use crate::program::{Flow, Pid};
use crate::shell::Vm;

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
        let interactive = call.flags.is_set("interactive");
        if container.state.running {
            return join(call, &container, interactive, Joins::Started);
        }
        call.engine()?.tell_container(&container, "attach", &[]);
        let Some(detach_keys) = keys::detach_keys(call) else { return Err(keys::refused()) };
        let stdin = if interactive { Stdin::Of(call.process.stdin) } else { Stdin::Nobody };
        let front = call.is_front();
        return match supervise::start(call.system, &mut container, stdin, front)? {
            Started::Failed(why, _) => {
                // The client stops waiting before it prints the reason (recorded session: AttachReturnsOnError).
                let called_off = super::run::called_off(call)?;
                Err(Failure::new(format!("{called_off}\nError response from daemon: {why}")))
            }
            Started::Up(pid) => {
                // `-a` and `-i` are for all streams, whatever `docker create -a` said.
                container.config.attach_stdout = true;
                container.config.attach_stderr = true;
                let keys = if interactive && container.config.tty {
                    keys::of_container(
                        call.system,
                        &container.id,
                        true,
                        call.process.stdin,
                        detach_keys,
                        keys::Alone::Ends,
                    )
                } else {
                    None
                };
                Ok(running::attach(
                    call.system,
                    call.process,
                    &container,
                    keys,
                    Attached { pid, joins: Joins::Started, follows: false },
                    running::reach(&call.flags, &container, interactive),
                ))
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
    if container.state.is_running() {
        return Ok(());
    }
    match supervise::start(call.system, &mut container, Stdin::Nobody, false)? {
        Started::Failed(why, _) => Err(Failure::new(format!("Error response from daemon: {why}"))),
        Started::Up(_) => Ok(()),
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
    if container.state.restarting {
        return Err(Failure::new("You cannot attach to a restarting container, wait until it is running"));
    }
    if !container.state.running {
        return Err(Failure::new("You cannot attach to a stopped container, start it first"));
    }
    let interactive = !call.flags.is_set("no-stdin");
    join(call, &container, interactive, Joins::Running)
}

/// Goes to a container that is up: what it writes from now on is seen, and what is typed goes to it, where its standard input
/// was kept open. Its shell, if it waits at a terminal, takes whole lines.
fn join(
    call: &mut Call<'_, '_>,
    container: &Container,
    interactive: bool,
    joins: Joins,
) -> Result<Flow, Failure> {
    let Some(detach_keys) = keys::detach_keys(call) else { return Err(keys::refused()) };
    call.engine()?.tell_container(container, "attach", &[]);
    let Some(running) = call.system.world.running.get(&container.id).cloned() else {
        return Err(Failure::new("You cannot attach to a stopped container, start it first"));
    };
    let pid = running.pid;
    let typed = interactive && container.config.tty && container.config.open_stdin && call.is_front();
    let mut sits = false;
    if typed {
        let tasks = &mut call.system.world.tasks;
        // Its shell, and those that were started in it and not left.
        let is_shell = |pid: &Pid| tasks.job::<Vm>(*pid).is_some_and(Vm::is_interactive);
        let shells: Vec<Pid> = tasks
            .iter()
            .map(|row| row.pid)
            .filter(|shell| tasks.is_below(*shell, pid) && !tasks.has_ended(*shell) && is_shell(shell))
            .collect();
        sits = !shells.is_empty();
        tasks.readers.retain(|reader| !shells.contains(reader));
        tasks.readers.extend(shells);
        tasks.to_front(pid);
    }
    let input = call.process.stdin;
    let keys = if interactive {
        keys::of_container(
            call.system,
            &container.id,
            container.config.tty,
            input,
            detach_keys,
            keys::Alone::Stays,
        )
    } else {
        None
    };
    Ok(running::attach(
        call.system,
        call.process,
        container,
        keys,
        Attached { pid, joins, follows: !sits },
        running::reach(&call.flags, container, typed),
    ))
}
