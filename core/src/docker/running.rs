//! Starts programs in containers, passes what they write to the log and to who is attached, and ends them.

use serde::{Deserialize, Serialize};

use super::Failure;
use super::flags::Flags;
use super::keys::{self, Keys, Pressed};
use crate::engine::{Cause, Container, Engine, Place};
use crate::kernel::{ByteString, Errno};
use crate::program::{
    Body, Desc, ExecError, Flavour, Flow, Input, Next, Output, Pid, Process, ProgramState, System, Terminal,
    Wait, find, find_in_path,
};

/// How a process in a container is connected.
#[derive(Debug, Clone)]
pub(super) struct Wires {
    /// What it reads.
    pub stdin: Input,
    /// `-t`.
    pub terminal: Terminal,
}

/// Why a process could not be started, in runc's words.
#[derive(Debug)]
pub(super) struct StartError {
    pub why: String,
    /// The status that the container's document has then.
    pub status: u8,
    /// What decides the status of `docker run`.
    pub cause: Cause,
}

impl StartError {
    /// The process could not be made.
    pub(super) fn spawn(errno: Errno) -> Self {
        Self { why: crate::engine::go_text(errno), status: 126, cause: Cause::of(errno) }
    }
}

/// A process that could not be executed, though its file is there: it says why on its own standard error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said {
    text: String,
    status: u8,
}

impl ProgramState for Said {
    const NAME: &'static str = "said";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        process.complain(system, &self.text);
        Next::Exit(self.status)
    }
}

/// A client that waits for a process that it started, and ends as that ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Awaits {
    pub(super) pid: Pid,
    /// What it passes on to it.
    pub(super) keys: Option<Keys>,
    /// The container and the id of what `docker exec` runs.
    #[serde(default)]
    pub(super) exec: Option<(String, String)>,
}

impl ProgramState for Awaits {
    const NAME: &'static str = "awaits";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        match system.world.tasks.reap(self.pid) {
            Some(status) => {
                self.tell(system, status);
                return Next::Exit(status);
            }
            None if system.world.tasks.get(self.pid).is_none() => return Next::Exit(0),
            None => {}
        }
        let mut wait = Wait::child(self.pid);
        if let Some(keys) = &mut self.keys {
            if keys.pass_on(system, process, self.pid) == Pressed::Left {
                system.world.tasks.leave(self.pid);
                process.complain(system, keys::LEFT);
                return Next::Exit(1);
            }
            keys.waits(process, &mut wait);
        }
        Next::Wait(wait)
    }

    fn close(&mut self, system: &mut System<'_>) {
        if let Some(keys) = &self.keys {
            system.world.files.release(system.kernel, keys.target());
        }
    }
}

impl Awaits {
    /// Tells that what `docker exec` ran has ended. Where the container is gone, there is nobody to tell of.
    fn tell(&self, system: &mut System<'_>, status: u8) {
        let Some((id, exec)) = &self.exec else { return };
        if let Ok(mut engine) = self::engine(system)
            && let Ok(Some(container)) = engine.container(id)
        {
            let more = [("execID", &exec[..]), ("exitCode", &status.to_string())];
            engine.tell_container(&container, "exec_die", &more);
        }
    }
}

/// Makes a process of a container whose view is mounted ready to be started.
pub(super) fn prepare(
    system: &mut System<'_>,
    container: &str,
    place: Place,
    args: &[String],
    wires: &Wires,
    (stdout, stderr): (Output, Output),
) -> Result<(Process, Body), StartError> {
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
        let status = if errno == Errno::EACCES { 126 } else { 127 };
        return Err(StartError { why, status, cause: Cause::of(errno) });
    }
    if let Err(error) = find_in_path(system.kernel, &process) {
        return Err(not_found(&name, &error));
    }
    let body = match find(system, &mut process) {
        Ok(program) => Body::Fresh(program.name.into()),
        // The file is there and could not be run: what execve(2) says, on the process's own standard error.
        Err(error @ ExecError::MachineCode(_)) => {
            Body::Job(Box::new(Said { text: format!("Layerlab: {error}\n"), status: 126 }))
        }
        Err(error) => Body::Job(Box::new(Said { text: format!("exec {name}: {error}\n"), status: 1 })),
    };
    Ok((process, body))
}

/// runc's words for a program that is not there or cannot be run (oracle: run-cmd-not-found, run-not-exec).
fn not_found(name: &str, error: &ExecError) -> StartError {
    let quoted = super::columns::quote(name);
    let (why, status) = match error {
        ExecError::File(Errno::EACCES) => (format!("exec: {quoted}: permission denied"), 126),
        ExecError::File(errno) if name.contains('/') => {
            (format!("exec: {quoted}: stat {name}: {}", crate::engine::go_text(*errno)), 127)
        }
        other => (format!("exec: {quoted}: {other}"), 127),
    };
    let cause = match error {
        ExecError::NotInPath => Cause::Missing,
        ExecError::File(errno) => Cause::of(*errno),
        ExecError::MachineCode(_) => Cause::Other,
    };
    StartError { why, status, cause }
}

/// What starting a container came to.
#[derive(Debug)]
pub(super) enum Started {
    /// Its process is up, under this number.
    Up(Pid),
    /// It could not be started: the daemon's text, and what decides the status of `docker run`.
    Failed(String, Cause),
}

/// Where a container's standard input comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stdin {
    /// The attached client's own.
    Of(Input),
    /// Nobody writes: the end at once, or with `-i` nothing for as long as it is up.
    Nobody,
}

/// Does what is to be done once a container's own process has ended: its log, its document, its view. Nothing where it
/// has not, or where that was done.
pub(super) fn settle(system: &mut System<'_>, id: &str) -> Result<(), Failure> {
    let Some(running) = system.world.running.get(id).cloned() else { return Ok(()) };
    if !system.world.tasks.has_ended(running.pid) {
        return Ok(());
    }
    let status = system.world.tasks.reap(running.pid).unwrap_or(137);
    let now = system.now();
    system.world.logs.flush(system.kernel, now, id);
    system.world.exits.insert(id.to_owned(), (running.pid, status, running.stopping));
    let newest = system.world.newest.as_deref() == Some(id);
    let short = now - crate::program::from_timespec(running.since) < crate::program::SECOND / 2;
    if newest && short && !running.stopping && !system.world.logs.is_watched(id) {
        // It was left in the background, and its program has ended already.
        let container = self::engine(system)?.container(id)?;
        // Of one that is started again and again it was told at its first end.
        if let Some(container) = container.filter(|container| container.restart_count == 0) {
            let args = [container.plain_name(), &status.to_string()];
            system.help(crate::help::Topic::DetachedAndGone, &args);
        }
    }
    self::engine(system)?.exited(id, status)?;
    Ok(())
}

/// A client that is attached to a container: it ends as the container's process ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Client {
    id: String,
    pid: Pid,
    first: Desc,
    second: Desc,
    keys: Option<Keys>,
    follows: bool,
    /// How it ends when its person leaves by the detach keys.
    left: u8,
    /// What Ctrl-C reaches.
    #[serde(default)]
    reach: Reach,
    /// Whether it has passed a Ctrl-C on.
    #[serde(default)]
    passed: bool,
}

/// What Ctrl-C reaches when a docker client is in front.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Reach {
    /// The container's first process, to which the client passes it on.
    #[default]
    First,
    /// What runs at the container's terminal.
    Terminal,
    /// The client alone.
    Client,
}

/// Returns what Ctrl-C reaches: at a terminal it is a key like others if keys are passed on, and else the client's own.
pub(super) fn reach(flags: &Flags, container: &Container, interactive: bool) -> Reach {
    match (container.config.tty, interactive) {
        (true, true) => Reach::Terminal,
        (false, _) if flags.is_on("sig-proxy") => Reach::First,
        _ => Reach::Client,
    }
}

/// A docker client in front, by the process that it waits for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    /// The client.
    pub pid: Pid,
    /// The process.
    pub process: Pid,
    /// What Ctrl-C reaches.
    pub reach: Reach,
}

/// The docker clients that somebody at the terminal waits for.
pub(crate) fn clients(system: &System<'_>) -> Vec<Waiting> {
    let tasks = &system.world.tasks;
    let has_terminal = |pid: Pid| tasks.get(pid).is_some_and(|row| row.tty);
    let of = |pid: Pid| match (tasks.job::<Client>(pid), tasks.job::<Awaits>(pid)) {
        (Some(client), _) => Some(Waiting { pid, process: client.pid, reach: client.reach }),
        (None, Some(Awaits { pid: process, exec: Some(_), .. })) if !has_terminal(*process) => {
            Some(Waiting { pid, process: *process, reach: Reach::Client })
        }
        (None, Some(Awaits { pid: process, exec: Some(_), .. })) => {
            Some(Waiting { pid, process: *process, reach: Reach::Terminal })
        }
        _ => None,
    };
    tasks.iter().filter(|row| row.front && row.ended.is_none()).filter_map(|row| of(row.pid)).collect()
}

/// How a client came to be attached to a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joins {
    /// It started it.
    Started,
    /// It was up already.
    Running,
}

/// A container's process that a client is attached to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attached {
    pub pid: Pid,
    pub joins: Joins,
    /// Whether all its output is shown, whatever the container's own settings say.
    pub follows: bool,
}

/// Lets the current program go on as a client that is attached to a container. `keys`: what it passes on. What a
/// client that joined is left with counts as an error, as Docker's does.
pub(super) fn attach(
    system: &mut System<'_>,
    process: &Process,
    container: &Container,
    keys: Option<Keys>,
    Attached { pid, joins, follows }: Attached,
    reach: Reach,
) -> Flow {
    // `-a` says which streams are wanted.
    let (out, err) = (container.config.attach_stdout, container.config.attach_stderr);
    let all = follows || !(out || err);
    let first = if out || all { process.stdout.0 } else { Desc::NULL };
    let second = if err || all { process.stderr.0 } else { Desc::NULL };
    system.world.logs.attach(&container.id, first, second);
    let id = container.id.clone();
    system.goes_on(
        Client {
            id,
            pid,
            first,
            second,
            keys,
            follows,
            left: u8::from(joins == Joins::Running),
            reach,
            passed: false,
        },
        None,
    )
}

impl ProgramState for Client {
    const NAME: &'static str = "docker client";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let (id, pid) = (&self.id, self.pid);
        if let Err(failure) = settle(system, id) {
            process.complain(system, format!("{}\n", failure.text));
        }
        if system.world.running.get(id).is_none_or(|running| running.pid != pid) {
            let ended = system.world.exits.get(id).filter(|(own, _, _)| *own == pid);
            return Next::Exit(ended.map_or(0, |(_, status, _)| *status));
        }
        let mut wait = Wait { gone: Some((id.clone(), pid)), follows: self.follows, ..Wait::default() };
        if let Some(keys) = &mut self.keys {
            if keys.pass_on(system, process, pid) == Pressed::Left {
                system.world.tasks.leave(pid);
                process.complain(system, keys::LEFT);
                return Next::Exit(self.left);
            }
            keys.waits(process, &mut wait);
        }
        Next::Wait(wait)
    }

    fn close(&mut self, system: &mut System<'_>) {
        system.world.logs.detach(&self.id, self.first, self.second);
    }
}

/// The keys of the client in front that would detach it, and whether this line holds them.
pub(crate) fn detaches(system: &System<'_>, line: &[u8]) -> Option<(ByteString, bool)> {
    let tasks = &system.world.tasks;
    let reader = *tasks.readers.last()?;
    tasks.iter().filter(|row| row.front && row.ended.is_none()).find_map(|row| {
        let (keys, pid) = match (tasks.job::<Client>(row.pid), tasks.job::<Awaits>(row.pid)) {
            (Some(client), _) => (client.keys.as_ref()?, client.pid),
            (None, Some(client)) => (client.keys.as_ref()?, client.pid),
            (None, None) => return None,
        };
        tasks.is_below(reader, pid).then(|| (keys.detaching().into(), keys.are_in(line)))
    })
}

/// Notes that a client passed a Ctrl-C on, and returns whether it is its first.
pub(crate) fn interrupted(system: &mut System<'_>, client: Pid) -> bool {
    let client = system.world.tasks.job_mut::<Client>(client);
    client.is_some_and(|client| !std::mem::replace(&mut client.passed, true))
}

pub(super) fn engine<'a>(system: &'a mut System<'_>) -> Result<Engine<'a>, Failure> {
    Ok(Engine::new(&mut *system.kernel, &mut *system.world)?)
}
