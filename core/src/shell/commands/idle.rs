//! `free` and `uptime`: what `/proc/meminfo`, `/proc/uptime` and `/proc/loadavg` say (proc(5), free(1), uptime(1)).

use super::common::run::Run;
use crate::kernel::{ByteString, fs};
use crate::oci::time;
use crate::program::{Flow, Process, Program, Scope, System, to_timespec};

pub(super) const FREE: Program = Program {
    name: "free",
    summary: "show memory that is used and free",
    scope: Scope::Everywhere,
    main: free,
};
pub(super) const UPTIME: Program = Program {
    name: "uptime",
    summary: "tell how long the machine is up",
    scope: Scope::Everywhere,
    main: uptime,
};

fn text(run: &mut Run<'_, '_>, file: &str) -> String {
    let task = run.process.task.clone();
    let bytes = fs::read(run.system.kernel, &task, file.as_bytes()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn free(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let words: Vec<String> = run.process.args[1..].iter().map(ByteString::to_text).collect();
    let mut unit = Some(1);
    for word in words {
        unit = match word.as_str() {
            "-b" => None,
            "-k" => Some(1),
            "-m" => Some(1024),
            "-g" => Some(1024 * 1024),
            _ => {
                run.complain("Layerlab: the lab's free takes -b, -k, -m and -g\n");
                return Flow::Exit(1);
            }
        };
    }
    let info = text(&mut run, "/proc/meminfo");
    let of = |name: &str| {
        let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default()
    };
    let cache = of("Buffers") + of("Cached") + of("SReclaimable");
    let used = of("MemTotal").saturating_sub(of("MemFree") + cache);
    let memory = [of("MemTotal"), used, of("MemFree"), of("Shmem"), cache, of("MemAvailable")];
    let swap = [of("SwapTotal"), of("SwapTotal").saturating_sub(of("SwapFree")), of("SwapFree")];
    let width = run.habits().free_name_width;
    let row = |name: &str, cells: &[String]| {
        cells.iter().fold(format!("{name:<width$}"), |line, cell| format!("{line}{cell:>12}")) + "\n"
    };
    let scaled = |kib: &u64| unit.map_or(kib * 1024, |unit| kib / unit).to_string();
    let head = ["total", "used", "free", "shared", "buff/cache", "available"].map(str::to_owned);
    let numbers: Vec<String> = memory.iter().map(scaled).collect();
    let swaps: Vec<String> = swap.iter().map(scaled).collect();
    run.print(row("", &head) + &row("Mem:", &numbers) + &row("Swap:", &swaps));
    run.end()
}

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
