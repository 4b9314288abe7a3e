//! `docker logs`.

use serde::{Deserialize, Serialize};

use super::super::{Call, Failure, running};
use crate::engine::Error;
use crate::oci::time;
use crate::program::{Flow, LogLine, Nanos, Next, Pid, Process, State, Stream, System, Wait, from_timespec};

/// A client that shows a log, and with `-f` what comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::docker) struct Follows {
    id: String,
    timestamps: bool,
    details: String,
    until: Option<Nanos>,
    /// How many lines it has seen, counted from the first that was ever written.
    seen: u64,
    pid: Pid,
}

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    let timestamps = call.flags.is_set("timestamps");
    let tail = match call.flags.text("tail") {
        Some(text) => text.parse::<usize>().ok(),
        None => None,
    };
    let now = call.system.now();
    let since = moment(call, "since", now)?;
    let until = moment(call, "until", now)?;
    let container = match call.engine()?.find_container(&name) {
        Ok(container) => container,
        Err(Error::NotFound(_)) => return Err(Failure::new(format!("Error: No such container: {name}"))),
        Err(error) => return Err(error.into()),
    };
    let details = if call.flags.is_set("details") { details(&container.config) } else { String::new() };
    let lines = call.engine()?.log(&container)?;
    let dropped = call.system.world.logs.dropped(&container.id);
    if dropped > 0 {
        call.complain(&format!(
            "Layerlab: {dropped} older lines were dropped; a container's log keeps its newest 1 MiB"
        ));
    }
    let from = |line: &LogLine| {
        let at = time::parse(&line.time).map_or(0, from_timespec);
        since.is_none_or(|since| at >= since) && until.is_none_or(|until| at <= until)
    };
    let total = lines.len() as u64;
    let wanted: Vec<&LogLine> = lines.iter().filter(|line| from(line)).collect();
    let skip = tail.map_or(0, |tail| wanted.len().saturating_sub(tail));
    for line in &wanted[skip..] {
        show(call.system, call.process, line, timestamps, &details);
    }
    if !call.flags.is_set("follow") {
        return Ok(Flow::OK);
    }
    let Some(up) = call.system.world.running.get(&container.id) else { return Ok(Flow::OK) };
    let pid = up.pid;
    let seen = dropped + total;
    let job = Follows { id: container.id.clone(), timestamps, details, until, seen, pid };
    Ok(call.system.goes_on(job, None))
}

/// What `--details` puts before each line: the labels and variables that the log driver was told to keep, none by default.
fn details(_: &crate::oci::config::ContainerConfig) -> String {
    " ".to_owned()
}

/// A moment as `--since` and `--until` take it: RFC 3339, seconds since 1970, or how long ago.
fn moment(call: &Call<'_, '_>, flag: &str, now: Nanos) -> Result<Option<Nanos>, Failure> {
    let Some(text) = call.flags.text(flag) else { return Ok(None) };
    if let Ok(seconds) = text.parse::<f64>() {
        return Ok(Some((seconds * 1e9) as Nanos));
    }
    if let Some(ago) = duration(&text) {
        return Ok(Some(now - ago));
    }
    let full = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        16 => format!("{text}:00Z"),
        19 => format!("{text}Z"),
        _ => text.clone(),
    };
    match time::parse(&full) {
        Some(at) => Ok(Some(from_timespec(at))),
        None => Err(Failure::new(format!(
            "invalid value for \"{flag}\": failed to parse value as time or duration: \
             \"{text}\""
        ))),
    }
}

/// A duration in Go's form, `1h30m`.
pub(in crate::docker) fn duration(text: &str) -> Option<Nanos> {
    let mut total = 0f64;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let units =
            [("ms", 1e6), ("us", 1e3), ("µs", 1e3), ("ns", 1.0), ("h", 3.6e12), ("m", 6e10), ("s", 1e9)];
        let (unit, scale) = units.iter().find(|(unit, _)| rest.starts_with(unit))?;
        total += number * scale;
        rest = &rest[unit.len()..];
    }
    (!text.is_empty()).then_some(total as Nanos)
}

fn show(system: &mut System<'_>, process: &Process, line: &LogLine, timestamps: bool, details: &str) {
    let lead = if timestamps { format!("{} ", line.time) } else { String::new() };
    let to = if line.stream == Stream::Stdout { process.stdout } else { process.stderr };
    to.write(system, format!("{lead}{details}{}", line.log));
}

impl State for Follows {
    const NAME: &'static str = "docker logs";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let ended = system.world.running.get(&self.id).is_none_or(|up| up.pid != self.pid);
        let new = system.world.logs.written(&self.id).saturating_sub(self.seen);
        if new > 0 {
            let lines = running::engine(system).ok().and_then(|mut engine| {
                let container = engine.container(&self.id).ok()??;
                engine.log(&container).ok()
            });
            let lines = lines.unwrap_or_default();
            let first = lines.len().saturating_sub(new as usize);
            for line in &lines[first..] {
                let at = time::parse(&line.time).map_or(0, from_timespec);
                if self.until.is_some_and(|until| at > until) {
                    return Next::Exit(0);
                }
                show(system, process, line, self.timestamps, &self.details);
            }
            self.seen += new;
        }
        if ended || self.until.is_some_and(|until| until <= system.now()) {
            return Next::Exit(0);
        }
        Next::Wait(Wait {
            grown: Some((self.id.clone(), self.seen)),
            gone: Some((self.id.clone(), self.pid)),
            until: self.until,
            follows: true,
            ..Wait::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::SECOND;

    #[test]
    fn durations_are_gos() {
        assert_eq!(duration("1m30s"), Some(90 * SECOND));
        assert_eq!(duration("1.5h"), Some(5400 * SECOND));
        assert_eq!(duration("10"), None);
        assert_eq!(duration(""), None);
    }
}
