//! `uptime`: prints how long the machine has been up.

use super::common::proc::text;
use super::common::run::Run;
use crate::oci::time;
use crate::program::{Flow, Process, Program, Scope, System, to_timespec};

pub(super) const PROGRAM: Program = Program {
    name: "uptime",
    summary: "tell how long the machine is up",
    scope: Scope::Everywhere,
    main: uptime,
};

fn uptime(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    if run.process.args.len() > 1 {
        run.complain("Layerlab: the lab's uptime takes no options\n");
        return Flow::Exit(1);
    }
    let up = text(&mut run, "/proc/uptime");
    let seconds: u64 = up.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or_default();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let mut since = match days {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        _ => format!("{days} days, "),
    };
    since += &if hours > 0 { format!("{hours:2}:{minutes:02}") } else { format!("{minutes} min") };
    let now = time::format(to_timespec(run.system.now()));
    let load = text(&mut run, "/proc/loadavg");
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    let clock = now.get(11..19).unwrap_or_default();
    run.print(format!(" {clock} up {since},  0 users,  load average: {}\n", load.join(", ")));
    run.end()
}
