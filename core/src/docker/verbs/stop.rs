//! `docker stop`, `docker kill` and `docker restart` (oracle: stop-*, ps-a-after-stop).

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::super::running::{self, Started, Stdin};
use super::super::supervise;
use super::super::{Call, Failure};
use crate::engine::Container;
use crate::program::{Flow, Nanos, Next, Pid, Process, ProgramState, SECOND, System, Wait, signals};

/// Seconds that Docker waits before it kills.
const TIMEOUT: i64 = 10;

/// A client that stops containers, one after another, and starts them again for `docker restart`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::docker) struct Stops {
    names: VecDeque<String>,
    /// `--time`.
    seconds: Option<i64>,
    again: bool,
    at: Option<At>,
    errors: Vec<String>,
}

/// One that is being stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct At {
    name: String,
    id: String,
    pid: Pid,
    kill_at: Option<Nanos>,
}

pub(crate) fn stop(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    begin(call, false)
}

pub(crate) fn restart(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    begin(call, true)
}

fn begin(call: &mut Call<'_, '_>, again: bool) -> Result<Flow, Failure> {
    if let [name] = &call.args()[..] {
        // A single name that nothing has is told at once.
        call.engine()?.find_container(name)?;
    }
    let names = call.args().into();
    let job = Stops { names, seconds: call.flags.int("time"), again, at: None, errors: Vec::new() };
    Ok(call.system.goes_on(job, None))
}

impl Stops {
    fn next(&mut self, system: &mut System<'_>, name: &str) -> Result<bool, Failure> {
        let mut engine = running::engine(system)?;
        let container = engine.find_container(name)?;
        if system.world.restarting.remove(&container.id).is_some() {
            running::engine(system)?.stopped_restarting(&container.id)?;
        }
        let Some(up) = system.world.running.get_mut(&container.id) else { return Ok(false) };
        up.stopping = true;
        let pid = up.pid;
        if up.paused {
            // A paused process gets no signal: Docker lets it go on first.
            let mut container = container.clone();
            running::engine(system)?.set_paused(&mut container, false)?;
        }
        let signal = signals::number(&container.config.stop_signal).unwrap_or(signals::TERM);
        let seconds = self.seconds.or(container.config.stop_timeout).unwrap_or(TIMEOUT);
        // A negative number waits for as long as it takes.
        let kill_at = (seconds >= 0).then(|| system.now().saturating_add(seconds.saturating_mul(SECOND)));
        tell_kill(system, &container, signal)?;
        system.signal(pid, signal);
        self.at = Some(At { name: name.to_owned(), id: container.id, pid, kill_at });
        Ok(true)
    }

    fn finish(&self, system: &mut System<'_>, process: &mut Process, name: &str) -> Result<(), Failure> {
        if self.again {
            let mut container = running::engine(system)?.find_container(name)?;
            if let Started::Failed(why, _) = supervise::start(system, &mut container, Stdin::Nobody, false)? {
                return Err(Failure::new(format!("Error response from daemon: {why}")));
            }
            tell(system, &container.id, "restart")?;
        }
        process.print(system, format!("{name}\n"));
        Ok(())
    }
}

impl ProgramState for Stops {
    const NAME: &'static str = "docker stop";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        if let Some(at) = self.at.clone() {
            if let Err(failure) = running::settle(system, &at.id) {
                self.errors.push(failure.text);
            }
            let up = system.world.running.get(&at.id).is_some_and(|up| up.pid == at.pid);
            if up && at.kill_at.is_some_and(|kill| kill <= system.now()) {
                let container =
                    running::engine(system).ok().and_then(|mut engine| engine.container(&at.id).ok()?);
                if let Some(container) = container {
                    let _ = tell_kill(system, &container, signals::KILL);
                }
                system.signal(at.pid, signals::KILL);
                return Next::Again;
            }
            if up {
                let gone = Some((at.id, at.pid));
                return Next::Wait(Wait { until: at.kill_at, gone, ended: vec![at.pid], ..Wait::default() });
            }
            self.at = None;
            let _ = tell(system, &at.id, "stop");
            if let Err(failure) = self.finish(system, process, &at.name) {
                self.errors.push(failure.text);
            }
        }
        let Some(name) = self.names.pop_front() else {
            if self.errors.is_empty() {
                return Next::Exit(0);
            }
            process.complain(system, format!("{}\n", self.errors.join("\n")));
            return Next::Exit(1);
        };
        match self.next(system, &name) {
            Ok(true) => {}
            Ok(false) => {
                if let Err(failure) = self.finish(system, process, &name) {
                    self.errors.push(failure.text);
                }
            }
            Err(failure) => self.errors.push(failure.text),
        }
        Next::Again
    }
}

pub(crate) fn kill(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let signal = call.flags.text("signal").filter(|text| !text.is_empty());
    let signal = signal.unwrap_or_else(|| "KILL".to_owned());
    if let Ok(other) = signal.parse::<i64>()
        && !(0..=i64::from(signals::RTMAX)).contains(&other)
    {
        // Go prints the number without its sign.
        let other = other as u64;
        return call.each(|_, name| {
            let why = format!("The linux daemon does not support signal {other}");
            Err(Failure::new(format!("Error response from daemon: Cannot kill container: {name}: {why}")))
        });
    }
    let Some(number) = signals::number(&signal) else {
        return call
            .each(|_, _| Err(Failure::new(format!("Error response from daemon: Invalid signal: {signal}"))));
    };
    call.each(|call, name| {
        let container = call.engine()?.find_container(name).map_err(|error| {
            Failure::new(format!("Error response from daemon: Cannot kill container: {name}: {error}"))
        })?;
        kill_one(call, &container, name, number)?;
        call.line(name);
        Ok(())
    })
}

/// Sends a signal to a container's own process. What ends it is the end of the container: it is not started again.
pub(super) fn kill_one(
    call: &mut Call<'_, '_>,
    container: &Container,
    name: &str,
    number: u8,
) -> Result<(), Failure> {
    let calls_off = call.system.world.restarting.remove(&container.id).is_some();
    let Some(up) = call.system.world.running.get_mut(&container.id) else {
        if calls_off {
            // A container that waits to be started again has no process: it stays ended.
            return Ok(call.engine()?.stopped_restarting(&container.id)?);
        }
        return Err(Failure::new(format!(
            "Error response from daemon: Cannot kill container: {name}: Container {} is not running",
            container.id
        )));
    };
    let own = signals::number(&container.config.stop_signal).unwrap_or(signals::TERM);
    up.stopping |= number == signals::KILL || number == own;
    let pid = up.pid;
    if number == signals::KILL && up.paused {
        up.paused = false;
    }
    tell_kill(call.system, container, number)?;
    call.system.signal(pid, number);
    running::settle(call.system, &container.id)
}

/// Tells of something that has happened to a container.
fn tell(system: &mut System<'_>, id: &str, action: &str) -> Result<(), Failure> {
    let mut engine = running::engine(system)?;
    if let Some(container) = engine.container(id)? {
        engine.tell_container(&container, action, &[]);
    }
    Ok(())
}

fn tell_kill(system: &mut System<'_>, container: &Container, signal: u8) -> Result<(), Failure> {
    running::engine(system)?.tell_container(container, "kill", &[("signal", &signal.to_string())]);
    Ok(())
}
