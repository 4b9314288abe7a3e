//! `free`: prints how much memory there is.

use super::common::proc::text;
use super::common::run::Run;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program = Program {
    name: "free",
    summary: "show memory that is used and free",
    scope: Scope::Everywhere,
    main: free,
};

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
