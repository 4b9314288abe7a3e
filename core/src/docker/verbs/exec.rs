//! `docker exec` (oracle: exec-*).

use super::super::running::{self, Awaits, Wires};
use super::super::{Call, Failure};
use crate::engine::Error;
use crate::kernel::path;
use crate::program::{Flow, Input, Output, Spawn, Terminal, Wait};

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
    let mut place = match call.engine()?.place(&container, &root, &user) {
        Ok(place) => place,
        Err(Error::Failed(why)) if !detach => {
            // The daemon writes it to the stream that is open already.
            call.print(format!("{why}\r\n"));
            return Ok(Flow::Exit(126));
        }
        Err(error) => return Err(error.into()),
    };
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
    let streams = match (detach, tty) {
        (true, _) => (Output::NULL, Output::NULL),
        (false, true) => (call.process.stdout, call.process.stdout),
        (false, false) => (call.process.stdout, call.process.stderr),
    };
    let started = running::prepare(call.system, &container.id, place, &args, &wires, streams);
    let (process, body) = match started {
        Ok(started) => started,
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
    let exec = call.system.world.new_id();
    let words = args.join(" ");
    for action in ["exec_create", "exec_start"] {
        // The daemon puts the arguments behind the program, and a blank after it (recorded on 20.10.24).
        let (program, rest) = words.split_once(' ').unwrap_or((&words, ""));
        let action = format!("{action}: {program} {rest}");
        call.engine()?.tell_container(&container, &action, &[("execID", &exec)]);
    }
    let parent = if detach { 0 } else { call.system.current };
    let front = !detach && call.is_front();
    let spawn = Spawn { front, forgotten: detach, ..Spawn::new(parent, process, body) };
    let pid = call.system.spawn(spawn).map_err(|errno| Failure::new(crate::engine::go_text(errno)))?;
    if detach {
        return Ok(Flow::OK);
    }
    Ok(call.system.goes_on(Awaits { pid, exec: Some((container.id, exec)) }, Wait::child(pid)))
}
