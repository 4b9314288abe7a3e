//! `docker stats`: a look at what containers use. The lab measures no memory and no traffic: it models them, and says so.

use serde::{Deserialize, Serialize};

use super::super::json::Json;
use super::super::running::engine;
use super::super::{Call, Failure};
use super::filter::Filters;
use super::format::{Listing, Style};
use super::select::select;
use crate::engine::Container;
use crate::program::{Flow, Next, Place, Process, ProgramState, System, Terminal, Wait};

const LISTING: Listing = Listing {
    go_type: "container.statsContext",
    headings: &[
        ("Container", "CONTAINER"),
        ("ID", "CONTAINER ID"),
        ("Name", "NAME"),
        ("CPUPerc", "CPU %"),
        ("MemUsage", "MEM USAGE / LIMIT"),
        ("MemPerc", "MEM %"),
        ("NetIO", "NET I/O"),
        ("BlockIO", "BLOCK I/O"),
        ("PIDs", "PIDS"),
    ],
    quiet: "",
    table: "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}",
    raw: "",
    raw_quiet: "",
};
/// What a process is taken to hold, in KiB.
const MEMORY: i64 = 1024;
/// The lab's memory, in KiB: 23.54 GiB, as `docker info` says.
const ALL_MEMORY: i64 = 24_683_479;

/// A client that shows what containers use, and shows it again when something has happened to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::docker) struct Looks {
    names: Vec<String>,
    all: bool,
    no_trunc: bool,
    format: Option<String>,
    /// How many events it has seen, counted from the first that ever was.
    seen: Option<u64>,
}

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let looks = Looks {
        names: call.args(),
        all: call.flags.is_set("all"),
        no_trunc: call.flags.is_set("no-trunc"),
        format: Style::of(call, "statsFormat").format,
        seen: None,
    };
    for name in &looks.names {
        call.engine()?.find_container(name)?;
    }
    if !call.flags.is_set("no-stream") {
        return Ok(call.system.goes_on(looks, None));
    }
    let (text, any) = looks.text(call.system)?;
    call.print(text);
    if any {
        call.complain(MODELLED.trim_end());
    }
    Ok(Flow::OK)
}

/// The note on what the figures measure.
const MODELLED: &str =
    "Layerlab: memory is modelled, 1 MiB a process; traffic and disk access are not counted\n";

impl Looks {
    /// The table, and whether a container in it is up.
    fn text(&self, system: &mut System<'_>) -> Result<(String, bool), Failure> {
        let mut engine = engine(system)?;
        let mut list = Vec::new();
        if self.names.is_empty() {
            list = select(&mut engine, &Filters::default(), self.all, -1)?;
        }
        for name in &self.names {
            list.push(engine.find_container(name)?);
        }
        let mut limits = Vec::new();
        for container in &list {
            let limit = engine.host_config(&container.id)?.resources.memory / 1024;
            limits.push(if limit > 0 { limit } else { ALL_MEMORY });
        }
        let rows: Vec<Json> = list
            .iter()
            .zip(limits)
            .map(|(container, limit)| {
                let place = Place::Container(container.id.clone());
                let tasks = system.world.tasks.iter();
                let count =
                    tasks.filter(|row| row.place == place && row.ended.is_none() && !row.hidden).count();
                row(container, limit, count as i64, self.no_trunc)
            })
            .collect();
        let style = Style { format: self.format.clone(), quiet: false };
        let any = list.iter().any(|container| container.state.running);
        Ok((LISTING.render(&style, rows)?, any))
    }
}

impl ProgramState for Looks {
    const NAME: &'static str = "docker stats";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let now = system.world.happened;
        if self.seen != Some(now) {
            match self.text(system) {
                Ok((text, any)) => {
                    // What stood there is wiped away, as `clear` does; nothing is where nobody looks.
                    if process.terminal == Terminal::Yes {
                        process.print(system, "\u{1b}[H\u{1b}[2J\u{1b}[3J");
                    }
                    process.print(system, text);
                    if any && self.seen.is_none() {
                        process.complain(system, MODELLED);
                    }
                }
                Err(failure) => {
                    process.complain(system, format!("{}\n", failure.text));
                    return Next::Exit(1);
                }
            }
            self.seen = Some(now);
        }
        Next::Wait(Wait { events: Some(now), follows: true, ..Wait::default() })
    }
}

fn row(container: &Container, limit: i64, count: i64, no_trunc: bool) -> Json {
    let up = container.state.running;
    let used = if up { (MEMORY * count).min(limit) } else { 0 };
    let memory = format!("{} / {}", binary(used), binary(if up { limit } else { 0 }));
    // In hundredths of a percent.
    let share = (used * 10_000).checked_div(limit).unwrap_or_default();
    let id = if no_trunc { container.id.as_str() } else { container.short_id() };
    Json::object([
        ("BlockIO", "0B / 0B".into()),
        ("CPUPerc", "0.00%".into()),
        ("Container", id.into()),
        ("ID", id.into()),
        ("MemPerc", format!("{}.{:02}%", share / 100, share % 100).into()),
        ("MemUsage", memory.into()),
        ("Name", container.plain_name().into()),
        ("NetIO", "0B / 0B".into()),
        ("PIDs", if up { count } else { 0 }.to_string().into()),
    ])
}

/// A size in powers of 1024 with four digits (`units.BytesSize`).
fn binary(kib: i64) -> String {
    match kib {
        0 => "0B".to_owned(),
        kib if kib < 1024 => format!("{kib}KiB"),
        kib if kib < 1024 * 1024 => scaled(kib, 1024, "MiB"),
        kib => scaled(kib, 1024 * 1024, "GiB"),
    }
}

fn scaled(kib: i64, unit: i64, name: &str) -> String {
    let whole = kib / unit;
    let digits = 4usize.saturating_sub(whole.to_string().len()).min(3);
    let scale = 10i64.pow(digits as u32);
    let rounded = (kib * scale + unit / 2) / unit;
    if digits == 0 {
        return format!("{rounded}{name}");
    }
    let text = format!("{}.{:0digits$}", rounded / scale, rounded % scale);
    format!("{}{name}", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_binary() {
        for (kib, want) in
            [(0, "0B"), (836, "836KiB"), (1024, "1MiB"), (1536, "1.5MiB"), (ALL_MEMORY, "23.54GiB")]
        {
            assert_eq!(binary(kib), want);
        }
    }
}
