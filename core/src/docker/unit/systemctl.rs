//! `systemctl` and `service`, for the one unit that the lab has.

use super::shutdown::Turn;
use super::status::status;
use super::turns::{FAILED, UNIT, advise, reload, start};
use crate::help::Topic;
use crate::kernel::{ByteString, Task, fs};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const SYSTEMCTL: Program = Program {
    name: "systemctl",
    summary: "start and stop the Docker daemon",
    scope: Scope::Host,
    main: systemctl,
};
pub(super) const SERVICE: Program = Program {
    name: "service",
    summary: "start and stop the Docker daemon",
    scope: Scope::Host,
    main: service,
};

/// Options that the lab's systemctl acts on: there is no pager, and no question is asked.
const OPTIONS: [&str; 5] = ["--no-pager", "--full", "-l", "-q", "--quiet"];

/// The path of an administrator's unit. The directory with `.d` behind it holds drop-in files (systemd.unit(5)).
const UNIT_FILE: &str = "/etc/systemd/system/docker.service";

fn systemctl(system: &mut System<'_>, process: &mut Process) -> Flow {
    let words: Vec<String> = process.args.iter().skip(1).map(ByteString::to_text).collect();
    if let Some(option) = words.iter().find(|word| word.starts_with('-') && !OPTIONS.contains(&word.as_str()))
    {
        let text = format!("systemctl: unrecognized option '{option}'\n");
        return refuse(system, process, &text, "this systemctl has --no-pager, --full and --quiet");
    }
    let quiet = words.iter().any(|word| word == "-q" || word == "--quiet");
    let mut words = words.iter().filter(|word| !word.starts_with('-')).map(String::as_str);
    let verb = words.next().unwrap_or_default();
    let units: Vec<&str> = words.collect();
    match (verb, units.as_slice()) {
        ("daemon-reload", []) => match written(system) {
            // The one unit is built in.
            None => Flow::OK,
            Some(path) => {
                let why = format!(
                    "the lab's unit is built in and does not read {path}: no proxy, no other environment and no flags of \
                     dockerd's come from there; daemon.json is read"
                );
                refuse(system, process, "", &why)
            }
        },
        ("daemon-reload", _) => {
            refuse(system, process, "Too many arguments.\n", "daemon-reload reads all units again")
        }
        ("start" | "stop" | "restart" | "reload" | "try-restart" | "is-active" | "is-failed", []) => {
            process.complain(system, "Too few arguments.\n");
            Flow::Exit(1)
        }
        ("status", []) => turn(system, process, "status", UNIT, quiet),
        (
            "start" | "stop" | "restart" | "reload" | "try-restart" | "is-active" | "is-failed" | "status",
            [unit],
        ) => turn(system, process, verb, unit, quiet),
        (
            "start" | "stop" | "restart" | "reload" | "try-restart" | "is-active" | "is-failed" | "status",
            _,
        ) => refuse(system, process, "", "the lab has one unit, docker.service: name that alone"),
        ("enable" | "disable" | "mask" | "unmask" | "is-enabled" | "preset", _) => refuse(
            system,
            process,
            "",
            "the lab's machine never boots again, so no unit is enabled or disabled",
        ),
        ("", _) => refuse(system, process, "", "the lab has one unit: systemctl status docker"),
        _ => {
            let text = format!("Unknown command verb {verb}.\n");
            refuse(
                system,
                process,
                &text,
                "this systemctl has start, stop, restart, reload, status, is-active, daemon-reload",
            )
        }
    }
}

/// What somebody wrote for the unit where systemd would read it.
fn written(system: &mut System<'_>) -> Option<String> {
    let task = Task::root();
    if fs::exists(system.kernel, &task, UNIT_FILE.as_bytes()) {
        return Some(UNIT_FILE.to_owned());
    }
    let dir = format!("{UNIT_FILE}.d");
    let found = fs::read_dir_sorted(system.kernel, &task, dir.as_bytes()).ok()?;
    let name = found.iter().find(|entry| entry.name.ends_with(b".conf"))?.name.to_text();
    Some(format!("{dir}/{name}"))
}

fn service(system: &mut System<'_>, process: &mut Process) -> Flow {
    let words: Vec<String> = process.args.iter().skip(1).map(ByteString::to_text).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [unit, verb @ ("start" | "stop" | "restart" | "reload" | "status" | "try-restart")] => {
            turn(system, process, verb, unit, false)
        }
        _ => {
            let text =
                "Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]\n";
            refuse(
                system,
                process,
                text,
                "the lab has one service: service docker start, stop, restart, reload or status",
            )
        }
    }
}

fn refuse(system: &mut System<'_>, process: &mut Process, text: &str, why: &str) -> Flow {
    process.complain(system, format!("{text}Layerlab: {why}\n"));
    Flow::Exit(1)
}

/// Does what a verb asks of a unit.
fn turn(system: &mut System<'_>, process: &mut Process, verb: &str, unit: &str, quiet: bool) -> Flow {
    if !matches!(unit, "docker" | UNIT) {
        let name = if unit.contains('.') { unit.to_owned() } else { format!("{unit}.service") };
        let (text, code) = match verb {
            "status" => (format!("Unit {name} could not be found.\n"), 4),
            "is-active" | "is-failed" => {
                process.print(system, "inactive\n");
                return Flow::Exit(if verb == "is-active" { 3 } else { 1 });
            }
            _ => (format!("Failed to {verb} {name}: Unit {name} not found.\n"), 5),
        };
        process.complain(system, format!("{text}Layerlab: the lab has one unit, {UNIT}\n"));
        return Flow::Exit(code);
    }
    let up = system.world.daemon.is_up();
    match verb {
        "start" if up => Flow::OK,
        "start" => match start(system) {
            Ok(()) => Flow::OK,
            Err(refused) => {
                process.complain(system, FAILED);
                if process.is_heard(system) {
                    advise(system, &refused);
                }
                Flow::Exit(1)
            }
        },
        "try-restart" if !up => Flow::OK,
        "restart" | "try-restart" => system.goes_on(Turn::off_and_on(), None),
        "stop" => system.goes_on(Turn::off(), None),
        "reload" if up => {
            reload(system);
            Flow::OK
        }
        "reload" => {
            process.complain(system, "docker.service is not active, cannot reload.\n");
            process.advise(system, Topic::DaemonDown, &[]);
            Flow::Exit(1)
        }
        "is-active" | "is-failed" => {
            let (word, active) = match system.world.daemon.state {
                crate::program::DaemonState::Up => ("active", true),
                crate::program::DaemonState::Stopped => ("inactive", false),
                crate::program::DaemonState::Failed => ("failed", false),
            };
            if !quiet {
                process.print(system, format!("{word}\n"));
            }
            let is = if verb == "is-active" { active } else { word == "failed" };
            Flow::Exit(match (is, verb) {
                (true, _) => 0,
                (false, "is-active") => 3,
                _ => 1,
            })
        }
        _ => {
            let (text, code) = status(&system.world.daemon, system.now());
            process.print(system, text);
            Flow::Exit(code)
        }
    }
}
