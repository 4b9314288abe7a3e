//! The daemon stops: it ends its containers first, and starts again where that was asked.

use serde::{Deserialize, Serialize};

use super::super::running;
use super::turns::{ABOUT, FAILED, UNIT, advise, start};
use crate::program::{DaemonState, Nanos, Next, Pid, Process, ProgramState, SECOND, System, Wait, signals};

/// Seconds that a container has to end before it is killed; its own `--stop-timeout` counts instead.
const TIMEOUT: i64 = 10;

/// What `systemctl stop` and `restart` wait for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::docker) struct Turn {
    /// The containers that are being ended; nothing before the signals were sent.
    ending: Option<Vec<Ending>>,
    again: bool,
}

/// A container that is being ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ending {
    id: String,
    pid: Pid,
    kill_at: Nanos,
}

impl Turn {
    /// Stops the daemon.
    pub(super) fn off() -> Self {
        Self { ending: None, again: false }
    }

    /// Stops it and starts it again.
    pub(super) fn off_and_on() -> Self {
        Self { ending: None, again: true }
    }

    /// Sends each container that is up its stop signal.
    fn begin(system: &mut System<'_>) -> Vec<Ending> {
        let now = system.now();
        let unit = &mut system.world.daemon;
        if !unit.is_up() {
            return Vec::new();
        }
        unit.unit_says(now, format!("Stopping {UNIT} - {ABOUT}..."));
        unit.logs(now, "info", "Processing signal 'terminated'");
        if unit.settings.live_restore {
            return Vec::new();
        }
        let most = unit.settings.shutdown_timeout;
        for id in std::mem::take(&mut system.world.restarting).keys() {
            if let Ok(mut engine) = running::engine(system) {
                // The daemon stops even where the container's document cannot be written.
                let _ = engine.stopped_restarting(id);
            }
        }
        let ids: Vec<String> = system.world.running.keys().cloned().collect();
        ids.into_iter().filter_map(|id| Self::end(system, id, most)).collect()
    }

    fn end(system: &mut System<'_>, id: String, most: Option<i64>) -> Option<Ending> {
        let mut container = running::engine(system).ok()?.container(&id).ok()??;
        let up = system.world.running.get_mut(&id)?;
        up.stopping = true;
        let (pid, paused) = (up.pid, up.paused);
        if paused {
            running::engine(system).ok()?.set_paused(&mut container, false).ok()?;
        }
        let own = container.config.stop_timeout.unwrap_or(TIMEOUT).max(0);
        let seconds = most.filter(|most| *most >= 0).map_or(own, |most| own.min(most));
        let kill_at = system.now().saturating_add(seconds.saturating_mul(SECOND));
        system.signal(pid, signals::number(&container.config.stop_signal).unwrap_or(signals::TERM));
        Some(Ending { id, pid, kill_at })
    }
}

impl ProgramState for Turn {
    const NAME: &'static str = "systemctl";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let Some(ending) = &mut self.ending else {
            self.ending = Some(Self::begin(system));
            return Next::Again;
        };
        while let Some(first) = ending.first() {
            if let Err(failure) = running::settle(system, &first.id) {
                process.complain(system, format!("{}\n", failure.text));
            }
            let up = system.world.running.get(&first.id).is_some_and(|up| up.pid == first.pid);
            if up && first.kill_at <= system.now() {
                system.signal(first.pid, signals::KILL);
                return Next::Again;
            }
            if up {
                let gone = Some((first.id.clone(), first.pid));
                let (until, ended) = (Some(first.kill_at), vec![first.pid]);
                return Next::Wait(Wait { until, ended, gone, ..Wait::default() });
            }
            let ended = ending.remove(0);
            system.world.daemon.ended.insert(ended.id);
        }
        let now = system.now();
        let unit = &mut system.world.daemon;
        if unit.is_up() {
            unit.logs(now, "info", "Daemon shutdown complete");
            unit.unit_says(now, format!("{UNIT}: Deactivated successfully."));
            unit.unit_says(now, format!("Stopped {UNIT} - {ABOUT}."));
        }
        unit.since = now;
        unit.state = DaemonState::Stopped;
        if !self.again {
            return Next::Exit(0);
        }
        match start(system) {
            Ok(()) => Next::Exit(0),
            Err(refused) => {
                process.complain(system, FAILED);
                if process.is_heard(system) {
                    advise(system, &refused);
                }
                Next::Exit(1)
            }
        }
    }
}
