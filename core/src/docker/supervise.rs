//! What the daemon does for a container that is up: it notes its end, and starts it again where its policy says so.

use serde::{Deserialize, Serialize};

use super::Failure;
use super::health::Checks;
use super::running::{self, Started, Stdin, Wires};
use crate::engine::Container;
use crate::program::{
    Body, Desc, Flavour, Input, MILLISECOND, Nanos, Next, Output, Pid, Process, ProgramState, SECOND, Spawn,
    Stream, System, Terminal, Wait,
};

/// How long the daemon waits before the first restart; each further one takes twice as long, a minute at most
/// (`restartmanager.go`: `backoffMultiplier`, `defaultTimeout`, `maxRestartTimeout`).
const FIRST_DELAY: Nanos = 100 * MILLISECOND;
const LONGEST_DELAY: Nanos = 60 * SECOND;
/// A process that was up for so long has started well: the delay begins anew.
const GOOD: Nanos = 10 * SECOND;

/// A container's supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Supervisor {
    id: String,
    pid: Pid,
    /// The writing end of a standard input that nobody types into.
    keeper: Option<Desc>,
    since: Nanos,
    delay: Nanos,
    /// When the container is started again.
    again: Option<Nanos>,
    checks: Option<Checks>,
    /// It has looked for checks.
    looked: bool,
}

impl Supervisor {
    pub(super) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            pid: 0,
            keeper: None,
            since: 0,
            delay: 0,
            again: None,
            checks: None,
            looked: false,
        }
    }

    /// Holds this end of a pipe for as long as the container is up.
    pub(super) fn keeps(&mut self, desc: Desc) {
        self.keeper = Some(desc);
    }

    /// The container's own process.
    pub(super) fn watches(&mut self, pid: Pid) {
        self.pid = pid;
    }

    fn let_go(&mut self, system: &mut System<'_>) {
        if let Some(desc) = self.keeper.take() {
            system.world.files.release(system.kernel, desc);
        }
    }

    /// When to start the container again, if its policy wants that after this end.
    fn wants_again(&mut self, system: &mut System<'_>) -> Option<Nanos> {
        let (_, status, stopping) =
            *system.world.exits.get(&self.id).filter(|(pid, _, _)| *pid == self.pid)?;
        let now = system.now();
        let mut engine = running::engine(system).ok()?;
        let mut container = engine.container(&self.id).ok()??;
        let policy = engine.host_config(&self.id).ok()?.restart_policy;
        let count = container.restart_count;
        let wanted = !stopping
            && match &policy.name[..] {
                "always" | "unless-stopped" => true,
                "on-failure" => {
                    status != 0
                        && (policy.maximum_retry_count == 0 || i64::from(count) < policy.maximum_retry_count)
                }
                _ => false,
            };
        if !wanted {
            return None;
        }
        self.delay = if self.delay == 0 || now - self.since >= GOOD {
            FIRST_DELAY
        } else {
            (self.delay * 2).min(LONGEST_DELAY)
        };
        container.restart_count += 1;
        engine.restarting(&mut container).ok()?;
        system.world.restarting.insert(self.id.clone(), self.pid);
        Some(now + self.delay)
    }
}

impl ProgramState for Supervisor {
    const NAME: &'static str = "supervisor";

    fn step(&mut self, system: &mut System<'_>, _: &mut Process) -> Next {
        if self.since == 0 {
            self.since = system.now();
        }
        if let Some(at) = self.again {
            let stopped = !system.world.restarting.contains_key(&self.id);
            if stopped {
                return Next::Exit(0);
            }
            if at > system.now() {
                return Next::Wait(Wait::until(at));
            }
            self.again = None;
            system.world.restarting.remove(&self.id);
            let container =
                running::engine(system).ok().and_then(|mut engine| engine.container(&self.id).ok()?);
            let Some(mut container) = container else { return Next::Exit(0) };
            let current = system.current;
            self.since = system.now();
            return match boot(system, &mut container, Stdin::Nobody, false, current) {
                Ok(Started::Up(pid)) => {
                    self.pid = pid;
                    self.looked = false;
                    Next::Again
                }
                Ok(Started::Failed(..)) | Err(_) => Next::Exit(0),
            };
        }
        if !system.world.tasks.has_ended(self.pid) {
            if !std::mem::replace(&mut self.looked, true) {
                let container =
                    running::engine(system).ok().and_then(|mut engine| engine.container(&self.id).ok()?);
                let check = container.and_then(|container| container.config.healthcheck);
                self.checks = Checks::of(check.as_ref(), system.now());
            }
            let mut wait = Wait::child(self.pid);
            if let Some(checks) = &mut self.checks {
                checks.go_on(system, &self.id, &mut wait);
            }
            return Next::Wait(wait);
        }
        if let Some(mut checks) = self.checks.take() {
            checks.close(system);
        }
        // The daemon has nobody to tell of a disk that fails; the container's document stays as it was.
        let _ = running::settle(system, &self.id);
        self.let_go(system);
        match self.wants_again(system) {
            Some(at) => {
                self.again = Some(at);
                Next::Again
            }
            None => Next::Exit(0),
        }
    }

    fn close(&mut self, system: &mut System<'_>) {
        if let Some(mut checks) = self.checks.take() {
            checks.close(system);
        }
        self.let_go(system);
    }
}

/// Starts a container's own process with its supervisor. `front`: a person at the terminal is attached to it.
pub(super) fn start(
    system: &mut System<'_>,
    container: &mut Container,
    stdin: Stdin,
    front: bool,
) -> Result<Started, Failure> {
    let job = Supervisor::new(&container.id);
    let process = daemon();
    let spawn = Spawn { hidden: true, front: false, ..Spawn::new(0, process, Body::Job(Box::new(job))) };
    let supervisor = system.spawn(spawn).map_err(|errno| Failure::new(crate::engine::go_text(errno)))?;
    let started = boot(system, container, stdin, front, supervisor)?;
    if matches!(started, Started::Failed(..)) {
        crate::program::end(system, supervisor, 0);
    }
    Ok(started)
}

/// The daemon's end of things, as a process.
fn daemon() -> Process {
    Process {
        task: crate::kernel::Task::root(),
        env: crate::program::Env::new(),
        args: vec!["containerd-shim".into()],
        stdin: Input::EMPTY,
        stdout: Output::NULL,
        stderr: Output::NULL,
        place: crate::program::Place::Host,
        terminal: Terminal::No,
        flavour: Flavour::default(),
        spoken: None,
    }
}

/// Starts a container's own process under a supervisor that is there.
pub(super) fn boot(
    system: &mut System<'_>,
    container: &mut Container,
    stdin: Stdin,
    front: bool,
    supervisor: Pid,
) -> Result<Started, Failure> {
    let mut engine = running::engine(system)?;
    if let Err(error) = engine.network_up(container) {
        engine.failed_to_start(container, 128, &error.to_string())?;
        return Ok(Started::Failed(error.to_string(), error.cause()));
    }
    let host = engine.host_config(&container.id)?;
    if let Err(error) = crate::engine::log_driver::check_start(&host) {
        engine.failed_to_start(container, 128, &error.to_string())?;
        return Ok(Started::Failed(error.to_string(), error.cause()));
    }
    if let Err(error) = engine.share_pids(container) {
        engine.failed_to_start(container, 128, &error.to_string())?;
        return Ok(Started::Failed(error.to_string(), error.cause()));
    }
    let root = match engine.mount_container(container) {
        Ok(root) => root,
        Err(error) => {
            engine.failed_to_start(container, 128, &error.to_string())?;
            return Ok(Started::Failed(error.to_string(), error.cause()));
        }
    };
    let place = match engine.place(container, &root, "") {
        Ok(place) => place,
        Err(error) => {
            engine.failed_to_start(container, 126, &error.to_string())?;
            return Ok(Started::Failed(error.to_string(), error.cause()));
        }
    };
    let args = engine.first_args(container)?;
    let tty = container.config.tty;
    let terminal = if tty { Terminal::Yes } else { Terminal::No };
    let files = &mut system.world.files;
    let out = files.log(&container.id, Stream::Stdout);
    let err = files.log(&container.id, if tty { Stream::Stdout } else { Stream::Stderr });
    let mut held = vec![out, err];
    // A client that is attached types at the container's own terminal, so that it can leave and another can come.
    let (stdin, kept) = match stdin {
        _ if tty && container.config.open_stdin => {
            let terminal = files.tty();
            (Input(terminal), Some(terminal))
        }
        Stdin::Of(input) => (input, None),
        Stdin::Nobody if container.config.open_stdin => {
            let (read, write) = files.pipe();
            held.push(read);
            (Input(read), Some(write))
        }
        Stdin::Nobody => (Input::EMPTY, None),
    };
    if let Some(desc) = kept {
        match system.world.tasks.job_mut::<Supervisor>(supervisor) {
            Some(job) => job.keeps(desc),
            None => held.push(desc),
        }
    }
    system.world.logs.open(system.kernel, &container.id, &container.log_path);
    let wires = Wires { stdin, terminal };
    let prepared = running::prepare(system, &container.id, place, &args, &wires, (Output(out), Output(err)));
    let result = prepared.and_then(|(process, body)| {
        let spawn = Spawn { first: true, front, ..Spawn::new(supervisor, process, body) };
        system.spawn(spawn).map_err(running::StartError::spawn)
    });
    for desc in held {
        system.world.files.release(system.kernel, desc);
    }
    match result {
        Ok(pid) => {
            system.charge(crate::program::MILLISECOND);
            running::engine(system)?.started(container, pid)?;
            if let Some(running) = system.world.running.get_mut(&container.id) {
                running.stdin = kept;
            }
            if let Some(job) = system.world.tasks.job_mut::<Supervisor>(supervisor) {
                job.watches(pid);
            }
            Ok(Started::Up(pid))
        }
        Err(error) => {
            let why = format!(
                "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container \
                 process: {}: unknown",
                error.why
            );
            running::engine(system)?.failed_to_start(container, error.status, &why)?;
            Ok(Started::Failed(why, error.cause))
        }
    }
}
