//! `docker logs`.

use serde::{Deserialize, Serialize};

use super::super::{Call, Failure, running, when};
use super::log_driver;
use crate::engine::Error;
use crate::oci::time;
use crate::program::{
    Flow, LogLine, Nanos, Next, Pid, Process, ProgramState, Stream, System, Wait, from_timespec, to_timespec,
};

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
    let container = match call.engine()?.find_container(&name) {
        Ok(container) => container,
        Err(Error::NotFound(_)) => return Err(Failure::new(format!("Error: No such container: {name}"))),
        Err(error) => return Err(error.into()),
    };
    let since = moment(call, "since", now)?;
    // moby reads the moment 0 as no end.
    let until = moment(call, "until", now)?.filter(|until| *until != 0);
    let logging = call.engine()?.host_config(&container.id)?.log_config;
    if !log_driver::can_be_read(&logging.kind) {
        return Err(Failure::new(
            "Error response from daemon: configured logging driver does not support reading",
        ));
    }
    let details = if call.flags.is_set("details") {
        log_driver::details(&logging.config, &container.config) + " "
    } else {
        String::new()
    };
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

/// A moment as `--since` and `--until` take it: RFC 3339, seconds since 1970, or how long ago.
fn moment(call: &Call<'_, '_>, flag: &str, now: Nanos) -> Result<Option<Nanos>, Failure> {
    let Some(text) = call.flags.text(flag) else { return Ok(None) };
    match when::moment(&text, to_timespec(now)) {
        Ok(at) => Ok(Some(from_timespec(at))),
        Err(why) => Err(Failure::new(format!("invalid value for \"{flag}\": {why}"))),
    }
}

fn show(system: &mut System<'_>, process: &Process, line: &LogLine, timestamps: bool, details: &str) {
    let lead = if timestamps { format!("{} ", nine_digits(&line.time)) } else { String::new() };
    let to = if line.stream == Stream::Stdout { process.stdout } else { process.stderr };
    to.write(system, format!("{lead}{details}{}", line.log));
}

/// A log's time as `-t` shows it: nine digits of a second always (moby's `jsonmessage.RFC3339NanoFixed`).
fn nine_digits(time: &str) -> String {
    let plain = time.trim_end_matches('Z');
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    format!("{whole}.{fraction:0<9}Z")
}

impl ProgramState for Follows {
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
    use super::nine_digits;

    #[test]
    fn a_second_has_nine_digits() {
        assert_eq!(nine_digits("2026-11-30T06:16:58.5Z"), "2026-11-30T06:16:58.500000000Z");
        assert_eq!(nine_digits("2026-11-30T06:16:58Z"), "2026-11-30T06:16:58.000000000Z");
    }
}
