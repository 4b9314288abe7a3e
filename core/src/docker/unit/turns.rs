//! The daemon comes up, reads its file, and starts what its containers' policies ask for.

use super::super::running::{self, Started, Stdin};
use super::super::supervise;
use crate::engine::daemon::{self, Refused};
use crate::engine::{Container, VERSION};
use crate::help::Topic;
use crate::oci::time;
use crate::program::{DaemonState, Settings, System, to_timespec};

/// The unit's name.
pub(super) const UNIT: &str = "docker.service";
/// Its description.
pub(super) const ABOUT: &str = "Docker Application Container Engine";

/// What systemd says where the unit did not start.
pub(super) const FAILED: &str = "Job for docker.service failed because the control process exited with error code.\nSee \
                                 \"systemctl status docker.service\" and \"journalctl -xeu docker.service\" for details.\n";

/// Reads the settings when the machine boots. The disk may be from an earlier session.
pub(in crate::docker) fn boot(system: &mut System<'_>) {
    if daemon::settings(system.kernel) != Ok(Settings::default()) {
        // Nothing waits for the answer at boot; the journal has it.
        let _ = bring_up(system);
    }
}

/// Starts the daemon, which reads its file; containers whose policy asks for it are started again.
///
/// # Errors
/// Why it does not start. The journal has it too.
pub(super) fn start(system: &mut System<'_>) -> Result<(), Refused> {
    bring_up(system)?;
    for mut container in to_restart(system) {
        // As with dockerd, one container that cannot start keeps no other from it: its document says why.
        match supervise::start(system, &mut container, Stdin::Nobody, false) {
            Ok(Started::Up(_)) => {}
            Ok(Started::Failed(why, _)) => complain(system, &container, &why),
            Err(failure) => complain(system, &container, &failure.text),
        }
    }
    Ok(())
}

fn bring_up(system: &mut System<'_>) -> Result<(), Refused> {
    let now = system.now();
    let read = daemon::settings(system.kernel);
    // A daemon that starts reads its disk, and knows nothing else.
    system.world.registry = None;
    system.world.held = crate::program::Held::default();
    let unit = &mut system.world.daemon;
    unit.starts += 1;
    unit.since = now;
    unit.unit_says(now, format!("Starting {UNIT} - {ABOUT}..."));
    match read {
        Ok(settings) => {
            let started = format!(
                "time=\"{}\" level=info msg=\"Docker daemon\" commit=5d6db84 graphdriver(s)=overlay2 version={VERSION}",
                time::format(to_timespec(now))
            );
            unit.logs(now, "info", "Starting up");
            unit.says(now, started);
            unit.logs(now, "info", "Daemon has completed initialization");
            unit.unit_says(now, format!("Started {UNIT} - {ABOUT}."));
            unit.logs(now, "info", "API listen on /run/docker.sock");
            unit.settings = settings;
            unit.state = DaemonState::Up;
            Ok(())
        }
        Err(refused) => {
            unit.says(now, refused.text());
            unit.unit_says(now, format!("{UNIT}: Main process exited, code=exited, status=1/FAILURE"));
            unit.unit_says(now, format!("{UNIT}: Failed with result 'exit-code'."));
            unit.unit_says(now, format!("Failed to start {UNIT} - {ABOUT}."));
            unit.state = DaemonState::Failed;
            Err(refused)
        }
    }
}

fn complain(system: &mut System<'_>, container: &Container, why: &str) {
    let now = system.now();
    let text = format!("Failed to start container {}: {why}", container.id);
    system.world.daemon.logs(now, "error", &text);
}

/// The containers that the daemon starts as it comes up (Docker documentation, "Start containers automatically"): with
/// `always` all, with `unless-stopped` those that nobody stopped, with `on-failure` those that failed.
fn to_restart(system: &mut System<'_>) -> Vec<Container> {
    let ours = std::mem::take(&mut system.world.daemon.ended);
    let Ok(mut engine) = running::engine(system) else { return Vec::new() };
    let list = engine.containers().unwrap_or_default();
    let wanted = |container: &Container| {
        if container.state.running {
            return false;
        }
        let Ok(host) = engine.host_config(&container.id) else { return false };
        let ended = engine
            .world
            .exits
            .get(&container.id)
            .map(|(_, status, asked)| (*status, *asked && !ours.contains(&container.id)));
        match host.restart_policy.name.as_str() {
            "always" => ended.is_some(),
            "unless-stopped" => ended.is_some_and(|(_, stopped)| !stopped),
            "on-failure" => ended.is_some_and(|(status, stopped)| status != 0 && !stopped),
            _ => false,
        }
    };
    let mut list: Vec<Container> = list.into_iter().filter(wanted).collect();
    list.reverse();
    list
}

/// Reads the file again while the daemon is up (`SIGHUP`): the settings that dockerd takes over then. A file that is refused
/// changes nothing, and the journal says why.
pub(super) fn reload(system: &mut System<'_>) {
    let now = system.now();
    let read = daemon::settings(system.kernel);
    let unit = &mut system.world.daemon;
    unit.unit_says(now, format!("Reloading {UNIT} - {ABOUT}..."));
    match read {
        Ok(new) => {
            let Settings { log_opts, experimental, .. } = std::mem::take(&mut unit.settings);
            unit.settings = Settings { log_opts, experimental, ..new };
            unit.logs(now, "info", "Got signal to reload configuration");
        }
        Err(refused) => unit.logs(now, "error", &refused.text()),
    }
    unit.unit_says(now, format!("Reloaded {UNIT} - {ABOUT}."));
}

/// The advice behind a refused start.
pub(super) fn advise(system: &mut System<'_>, refused: &Refused) {
    match refused {
        Refused::Key(_, key, near) => system.help(Topic::DaemonKey, &[key, near]),
        Refused::File(text) => system.help(Topic::DaemonFile, &[text]),
        Refused::Lab(key, why) => system.help(Topic::DaemonSetting, &[key, why]),
    }
}
