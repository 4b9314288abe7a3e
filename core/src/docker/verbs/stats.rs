//! `docker stats --no-stream`: a look at what containers use. The lab measures no memory and no traffic: it models them, and
//! says so.

use super::super::json::Json;
use super::super::{Call, Failure};
use super::filter::Filters;
use super::format::{Listing, Style};
use super::select::select;
use crate::engine::{Container, Error};
use crate::program::Flow;

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

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    if !call.flags.is_set("no-stream") {
        return Err(Failure::new(
            "Layerlab: the lab shows one look at a time; `docker stats --no-stream` is one",
        ));
    }
    let (all, no_trunc) = (call.flags.is_set("all"), call.flags.is_set("no-trunc"));
    let style = Style::of(call, "statsFormat");
    let names = call.args();
    let mut engine = call.engine()?;
    let mut list = Vec::new();
    if names.is_empty() {
        list = select(&mut engine, &Filters::default(), all, -1)?;
    }
    for name in names {
        match engine.find_container(&name) {
            Ok(container) => list.push(container),
            Err(error @ Error::NotFound(_)) => return Err(error.into()),
            Err(error) => return Err(error.into()),
        }
    }
    let mut rows = Vec::new();
    for container in &list {
        let limit = engine.host_config(&container.id)?.resources.memory / 1024;
        rows.push(row(container, if limit > 0 { limit } else { ALL_MEMORY }, no_trunc));
    }
    let text = LISTING.render(&style, &rows)?;
    call.print(text);
    if list.iter().any(|container| container.state.running) {
        call.complain(
            "Layerlab: memory is modelled, 1 MiB a process; traffic and disk access are not counted",
        );
    }
    Ok(Flow::OK)
}

fn row(container: &Container, limit: i64, no_trunc: bool) -> Json {
    let up = container.state.running;
    let used = if up { MEMORY.min(limit) } else { 0 };
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
        ("PIDs", if up { "1" } else { "0" }.into()),
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
