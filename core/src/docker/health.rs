//! Health checks: a container's command is run in it again and again, and its status is the container's health
//! (Dockerfile reference, "HEALTHCHECK").

use serde::{Deserialize, Serialize};

use super::running::{self, Wires};
use crate::engine::{Health, Probe};
use crate::oci::config::Healthcheck;
use crate::oci::time;
use crate::program::{
    Desc, Input, Nanos, Output, Pid, SECOND, Spawn, Stream, System, Terminal, Wait, end, to_timespec,
};

/// The defaults, for what the image does not set (`daemon/health.go`).
const INTERVAL: Nanos = 30 * SECOND;
const TIMEOUT: Nanos = 30 * SECOND;
const RETRIES: i64 = 3;
/// How many results are kept, and how much of what a check writes.
const KEPT: usize = 5;
const OUTPUT: usize = 4096;

/// The health checks of a container that is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checks {
    check: Healthcheck,
    since: Nanos,
    next: Nanos,
    at: Option<At>,
}

/// A check that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct At {
    pid: Pid,
    began: Nanos,
    first: Desc,
    second: Desc,
}

impl Checks {
    /// The checks that a container's configuration wants, if any.
    pub(super) fn of(check: Option<&Healthcheck>, now: Nanos) -> Option<Self> {
        let check = check?.clone();
        let words = check.test.as_ref().filter(|words| words.len() > 1)?;
        if words[0] == "NONE" {
            return None;
        }
        let interval = if check.interval > 0 { check.interval } else { INTERVAL };
        Some(Self { check, since: now, next: now + interval, at: None })
    }

    fn interval(&self) -> Nanos {
        if self.check.interval > 0 { self.check.interval } else { INTERVAL }
    }

    fn timeout(&self) -> Nanos {
        if self.check.timeout > 0 { self.check.timeout } else { TIMEOUT }
    }

    /// Continues the checks of a running container, and adds to `wait` what they wait for next.
    pub(super) fn go_on(&mut self, system: &mut System<'_>, id: &str, wait: &mut Wait) {
        if let Some(at) = self.at {
            let late = at.began + self.timeout();
            if let Some(status) = system.world.tasks.reap(at.pid) {
                self.ended(system, id, at, i64::from(status), None);
            } else if late <= system.now() {
                end(system, at.pid, 137);
                let _ = system.world.tasks.reap(at.pid);
                let seconds = self.timeout() as f64 / SECOND as f64;
                self.ended(system, id, at, -1, Some(format!("Health check exceeded timeout ({seconds}s)")));
            } else {
                wait.ended.push(at.pid);
                wait.until = Some(late);
                return;
            }
        }
        if self.next <= system.now() {
            let paused = system.world.running.get(id).is_none_or(|up| up.paused);
            if paused || self.begin(system, id).is_none() {
                self.next = system.now() + self.interval();
            } else if let Some(at) = self.at {
                wait.ended.push(at.pid);
                wait.until = Some(at.began + self.timeout());
                return;
            }
        }
        wait.until = Some(self.next);
    }

    fn begin(&mut self, system: &mut System<'_>, id: &str) -> Option<()> {
        let mut engine = running::engine(system).ok()?;
        let container = engine.container(id).ok()??;
        let root = engine.merged_of(id).ok()?;
        let place = engine.place(&container, &root, "").ok()?;
        let words = self.check.test.clone().unwrap_or_default();
        let args: Vec<String> = match words.split_first()? {
            (kind, rest) if kind == "CMD-SHELL" => {
                let shell = container.config.shell.clone().filter(|shell| !shell.is_empty());
                let shell = shell.unwrap_or_else(|| vec!["/bin/sh".to_owned(), "-c".to_owned()]);
                shell.into_iter().chain(rest.iter().cloned()).collect()
            }
            (_, rest) => rest.to_vec(),
        };
        let (first, second) = system.world.files.record(Stream::Stdout, Stream::Stdout);
        let wires = Wires { stdin: Input::EMPTY, terminal: Terminal::No };
        let began = system.now();
        let prepared = running::prepare(system, id, place, &args, &wires, (Output(first), Output(second)));
        let current = system.current;
        let pid = match prepared {
            Ok((process, body)) => {
                system.spawn(Spawn { front: false, ..Spawn::new(current, process, body) }).ok()?
            }
            Err(error) => {
                let at = At { pid: 0, began, first, second };
                let why = format!("OCI runtime exec failed: {}: unknown", error.why);
                self.ended(system, id, at, -1, Some(why));
                return None;
            }
        };
        self.at = Some(At { pid, began, first, second });
        Some(())
    }

    fn ended(&mut self, system: &mut System<'_>, id: &str, at: At, status: i64, why: Option<String>) {
        self.at = None;
        let written = system.world.files.take_record(at.first).collect(Stream::Stdout);
        for desc in [at.first, at.second] {
            system.world.files.release(system.kernel, desc);
        }
        let now = system.now();
        self.next = now + self.interval();
        let mut output = why.unwrap_or_else(|| String::from_utf8_lossy(&written).into_owned());
        if output.len() > OUTPUT {
            output = output.chars().take(OUTPUT).collect();
        }
        let starting = now < self.since + self.check.start_period;
        let retries = if self.check.retries > 0 { self.check.retries } else { RETRIES };
        let text = |at| time::format(to_timespec(at));
        let probe = Probe { start: text(at.began), end: text(now), exit_code: status, output };
        // The container may be gone by now, and the disk full: then there is nobody to tell.
        let _ = running::engine(system).and_then(|mut engine| {
            let Some(mut container) = engine.container(id)? else { return Ok(()) };
            let health = container.state.health.get_or_insert_with(Health::default);
            let before = health.status.clone();
            health.log.push(probe);
            let extra = health.log.len().saturating_sub(KEPT);
            health.log.drain(..extra);
            if status == 0 {
                health.failing_streak = 0;
                "healthy".clone_into(&mut health.status);
            } else if !(starting && health.status == "starting") {
                health.failing_streak += 1;
                if health.failing_streak >= retries {
                    "unhealthy".clone_into(&mut health.status);
                }
            }
            let after = health.status.clone();
            engine.keep(&container)?;
            if before != after {
                engine.tell_container(&container, &format!("health_status: {after}"), &[]);
            }
            Ok(())
        });
    }

    /// Lets go of what a check that runs writes to.
    pub(super) fn close(&mut self, system: &mut System<'_>) {
        if let Some(at) = self.at.take() {
            for desc in [at.first, at.second] {
                system.world.files.release(system.kernel, desc);
            }
        }
    }
}
