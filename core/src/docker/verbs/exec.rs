//! `docker exec` (oracle: exec-*).

use super::super::keys::{self, Alone, Keys};
use super::super::options::files;
use super::super::running::{self, Awaits, Wires};
use super::super::{Call, Failure};
use crate::engine::Error;
use crate::help::{Help, Topic};
use crate::kernel::{Caps, path};
use crate::program::{Flow, Input, Output, Spawn, Terminal};

/// The status of what could not be started, whatever the reason (recorded on Docker 20.10.24).
const CANNOT_START: u8 = 126;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    let tty = call.flags.is_set("tty");
    let interactive = call.flags.is_set("interactive");
    let detach = call.flags.is_set("detach");
    if tty && interactive && !detach && !call.process.stdin.is_terminal(call.system) {
        return Err(Failure::new("the input device is not a TTY"));
    }
    let mut given = Vec::new();
    for file in call.flags.list("env-file") {
        given.extend(files::pairs(call, &file, true).map_err(Failure::new)?);
    }
    let mut engine = call.engine()?;
    let container = match engine.find_container(&name) {
        Ok(container) => container,
        Err(Error::NotFound(_)) => return Err(Failure::new(format!("Error: No such container: {name}"))),
        Err(error) => return Err(error.into()),
    };
    let refuse = |why: String| Failure::new(format!("Error response from daemon: {why}"));
    if !container.state.running {
        return Err(refuse(container.why_not_up()));
    }
    if container.state.paused {
        return Err(refuse(format!("Container {name} is paused, unpause the container before exec")));
    }
    let root = engine.merged_of(&container.id)?;
    let user = call.flags.text("user").unwrap_or_default();
    let mut place = match call.engine()?.place(&container, &root, &user) {
        Ok(place) => place,
        Err(Error::Failed(why)) if !detach => {
            call.say_on_stream(&why);
            return Ok(Flow::Exit(126));
        }
        Err(error) => return Err(error.into()),
    };
    if tty {
        place.env.insert("TERM".into(), "xterm".into());
    }
    if call.flags.is_set("privileged") {
        place.task = place.task.with_caps(Caps::all());
    }
    for pair in given {
        if let Some((key, value)) = pair.split_once('=') {
            place.env.insert(key.into(), value.into());
        }
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
            let text = "OCI runtime exec failed: exec failed: Cwd must be an absolute path: unknown";
            call.advised = Some(Help::new(Topic::MountPathRelative, &[&dir.to_text()]));
            call.say_on_stream(text);
            return Ok(Flow::Exit(CANNOT_START));
        }
        place.task.cwd = path::normalize(dir);
    }
    let Some(detach_keys) = keys::detach_keys(call) else {
        let given = call.flags.text("detach-keys").unwrap_or_default();
        return Err(refuse(format!("Invalid escape keys ({given}) provided")));
    };
    let args: Vec<String> = call.args()[1..].to_vec();
    // With a terminal the process has one of its own, at which the client types.
    let terminal = (interactive && tty && !detach).then(|| call.system.world.files.tty());
    let stdin = match terminal {
        Some(desc) => Input(desc),
        None if interactive && !detach => call.process.stdin,
        None => Input::EMPTY,
    };
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
            if let Some(desc) = terminal {
                call.system.world.files.release(call.system.kernel, desc);
            }
            let why = format!(
                "OCI runtime exec failed: exec failed: unable to start container process: {}: unknown",
                error.why
            );
            if detach {
                return Err(Failure::new(format!("Error response from daemon: {why}")));
            }
            call.say_on_stream(&why);
            return Ok(Flow::Exit(CANNOT_START));
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
    let keys = terminal.map(|desc| Keys::to_terminal(detach_keys, desc, Alone::Ends));
    Ok(call.system.goes_on(Awaits { pid, keys, exec: Some((container.id, exec)) }, None))
}
