//! Programs in containers: started, passed on to the terminal, logged, ended.

use super::Failure;
use crate::engine::{Container, Engine, Place};
use crate::kernel::{ByteString, Errno};
use crate::program::{
    Attached, ExecError, Flavour, Flow, Input, Output, Process, Role, Scope, Stream, System, Terminal,
    Transcript, exec, find_in_path,
};

/// How a process in a container is connected.
#[derive(Debug, Clone)]
pub(super) struct Wires {
    /// What it reads.
    pub stdin: Input,
    /// `-t`.
    pub terminal: Terminal,
}

/// What became of a process.
#[derive(Debug)]
pub(super) struct Outcome {
    /// How it came to rest.
    pub flow: Flow,
    /// What it wrote.
    pub written: Transcript,
}

/// Why a process could not be started, in runc's words, and the status that says so.
#[derive(Debug)]
pub(super) struct StartError {
    pub why: String,
    pub status: u8,
}

/// Runs a program in a container whose view is mounted.
pub(super) fn launch(
    system: &mut System<'_>,
    container: &str,
    place: Place,
    args: &[String],
    wires: Wires,
) -> Result<Outcome, StartError> {
    let tty = wires.terminal == Terminal::Yes;
    let second = if tty { Stream::Stdout } else { Stream::Stderr };
    let (out, err) = system.world.files.record(Stream::Stdout, second);
    let result = launch_into(system, container, place, args, wires, (Output(out), Output(err)));
    let written = system.world.files.take_record(out);
    for desc in [out, err] {
        system.world.files.release(system.kernel, desc);
    }
    result.map(|flow| Outcome { flow, written })
}

fn launch_into(
    system: &mut System<'_>,
    container: &str,
    place: Place,
    args: &[String],
    wires: Wires,
    (stdout, stderr): (Output, Output),
) -> Result<Flow, StartError> {
    let mut process = Process {
        task: place.task,
        env: place.env,
        args: args.iter().map(|arg| ByteString::from(arg.as_str())).collect(),
        stdin: wires.stdin,
        stdout,
        stderr,
        place: crate::program::Place::Container(container.to_owned()),
        terminal: wires.terminal,
        flavour: Flavour::default(),
        spoken: None,
    };
    let name = args.first().cloned().unwrap_or_default();
    if let Err(errno) = system.kernel.chdir(&process.task.at("/"), &process.task.cwd) {
        let cwd = process.task.cwd.to_text();
        let why =
            format!("chdir to cwd (\"{cwd}\") set in config.json failed: {}", crate::engine::go_text(errno));
        return Err(StartError { why, status: if errno == Errno::EACCES { 126 } else { 127 } });
    }
    if let Err(error) = find_in_path(system.kernel, &process) {
        return Err(not_found(&name, &error));
    }
    let flow = match exec(system, &mut process) {
        Ok(flow) => flow,
        Err(error) => {
            // The file is there and could not be run: what execve(2) says, on the process's own standard error.
            let (text, status) = match &error {
                ExecError::MachineCode(_) => (format!("Layerlab: {error}\n"), 126),
                other => (format!("exec {name}: {other}\n"), 1),
            };
            process.complain(system, text);
            Flow::Exit(status)
        }
    };
    Ok(flow)
}

/// runc's words for a program that is not there or cannot be run (oracle: run-cmd-not-found, run-not-exec).
fn not_found(name: &str, error: &ExecError) -> StartError {
    let (why, status) = match error {
        ExecError::File(Errno::EACCES) => (format!("exec: \"{name}\": permission denied"), 126),
        ExecError::File(errno) if name.contains('/') => {
            (format!("exec: \"{name}\": stat {name}: {}", crate::engine::go_text(*errno)), 127)
        }
        other => (format!("exec: \"{name}\": {other}"), 127),
    };
    StartError { why, status }
}

/// Passes on what a process wrote.
pub(super) fn pass_on(system: &mut System<'_>, process: &Process, written: &Transcript) {
    for (stream, bytes) in &written.pieces {
        let to = if *stream == Stream::Stdout { process.stdout } else { process.stderr };
        to.write(system, bytes);
    }
}

/// What starting a container came to.
#[derive(Debug)]
pub(super) enum Started {
    /// Its process ran.
    Ran(Outcome),
    /// It could not be started: the daemon's text.
    Failed(String),
}

/// Starts a container's own process. `attached`: its output is wanted, and a shell on a terminal becomes the session's.
pub(super) fn start(
    system: &mut System<'_>,
    container: &mut Container,
    stdin: Input,
    attached: bool,
) -> Result<Started, Failure> {
    let mut engine = engine(system)?;
    if let Err(error) = engine.network_up(container) {
        engine.failed_to_start(container, 128, &error.to_string())?;
        return Ok(Started::Failed(error.to_string()));
    }
    let root = match engine.mount_container(container) {
        Ok(root) => root,
        Err(error) => {
            engine.failed_to_start(container, 128, &error.to_string())?;
            return Ok(Started::Failed(error.to_string()));
        }
    };
    let place = match engine.place(container, &root, "") {
        Ok(place) => place,
        Err(error) => {
            engine.failed_to_start(container, 126, &error.to_string())?;
            return Ok(Started::Failed(error.to_string()));
        }
    };
    engine.started(container)?;
    let args: Vec<String> = std::iter::once(&container.path).chain(&container.args).cloned().collect();
    let terminal = if container.config.tty { Terminal::Yes } else { Terminal::No };
    let outcome = match launch(system, &container.id, place, &args, Wires { stdin, terminal }) {
        Ok(outcome) => outcome,
        Err(error) => {
            let why = format!(
                "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container \
                 process: {}: unknown",
                error.why
            );
            self::engine(system)?.failed_to_start(container, error.status, &why)?;
            return Ok(Started::Failed(why));
        }
    };
    let mut engine = self::engine(system)?;
    engine.log_append(container, &outcome.written.pieces)?;
    match outcome.flow {
        Flow::Exit(status) => engine.exited(&container.id, status)?,
        Flow::Waiting => {}
        Flow::Entered if attached => {
            if let Some(entered) = &mut system.entered {
                entered.container = Some(Attached { id: container.id.clone(), role: Role::Main });
            }
        }
        Flow::Entered => {
            // A shell on a terminal at which nobody sits: it waits, and `docker attach` goes to it.
            system.entered = None;
            return Ok(Started::Ran(Outcome { flow: Flow::Waiting, ..outcome }));
        }
    }
    Ok(Started::Ran(outcome))
}

/// The status with which a container's process ends when it is asked to stop: a service shuts down, anything else that
/// is process 1 ignores the signal and is killed (oracle: ps-a-after-stop).
pub(super) fn stop_status(system: &mut System<'_>, container: &Container) -> u8 {
    let name = crate::kernel::path::file_name(container.path.as_bytes()).unwrap_or_default();
    let is_service = system.table.get(name).is_some_and(|program| program.scope == Scope::Service);
    if is_service { 0 } else { 137 }
}

/// A shell that the session was in has ended. Its container stops with it if it was the container's own process.
///
/// # Errors
/// None that the session could do anything about: what could not be cleared away is told as a text to print.
pub fn ended(system: &mut System<'_>, attached: &Attached, status: u8) -> Result<(), String> {
    if attached.role == Role::Exec {
        return Ok(());
    }
    let done = engine(system).and_then(|mut engine| Ok(engine.exited(&attached.id, status)?));
    done.map_err(|failure| failure.text)
}

fn engine<'a>(system: &'a mut System<'_>) -> Result<Engine<'a>, Failure> {
    Ok(Engine::new(&mut *system.kernel, &mut *system.world)?)
}
