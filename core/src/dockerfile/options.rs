//! `HEALTHCHECK` and its flags, and names of signals.

use super::flags::{self, Kind, value};
use super::lines::{Args, Node};
use super::{duration, json};
use crate::oci::config::Healthcheck;

/// The shortest time that a health check may be given.
const SHORTEST: i64 = 1_000_000;

/// Reads `HEALTHCHECK`.
///
/// # Errors
/// Docker's words.
pub fn health(node: &Node) -> Result<Healthcheck, String> {
    let Args::Health(Some((kind, line))) = &node.args else {
        return Err("HEALTHCHECK requires at least one argument".to_owned());
    };
    let words = line.words();
    let kind = kind.to_uppercase();
    match kind.as_str() {
        "NONE" if !words.is_empty() => Err("HEALTHCHECK NONE takes no arguments".to_owned()),
        "NONE" => Ok(Healthcheck { test: Some(vec!["NONE".to_owned()]), ..Healthcheck::default() }),
        "CMD" => {
            let known = [
                ("interval", Kind::Value),
                ("timeout", Kind::Value),
                ("start-period", Kind::Value),
                ("retries", Kind::Value),
            ];
            let read = flags::read(&node.flags, &known)?;
            if words.is_empty() {
                return Err("Missing command after HEALTHCHECK CMD".to_owned());
            }
            let form = if line.is_json() { "CMD" } else { "CMD-SHELL" };
            let test = std::iter::once(form.to_owned()).chain(words.iter().cloned()).collect();
            let time = |name: &str| time(name, &value(&read, name));
            let retries = match value(&read, "retries").as_str() {
                "" => 0,
                text => {
                    let count: i64 = text.parse().map_err(|_| {
                        format!("strconv.ParseInt: parsing {}: invalid syntax", json::quote(text))
                    })?;
                    if count < 1 {
                        return Err(format!("--retries must be at least 1 (not {count})"));
                    }
                    count
                }
            };
            Ok(Healthcheck {
                test: Some(test),
                interval: time("interval")?,
                timeout: time("timeout")?,
                start_period: time("start-period")?,
                retries,
            })
        }
        other => Err(format!("Unknown type {} in HEALTHCHECK (try CMD)", json::quote(other))),
    }
}

fn time(name: &str, text: &str) -> Result<i64, String> {
    if text.is_empty() {
        return Ok(0);
    }
    let nanos = duration::parse(text)?;
    if nanos == 0 {
        return Ok(0);
    }
    if nanos < SHORTEST {
        return Err(format!("Interval {} cannot be less than 1ms", json::quote(name)));
    }
    Ok(nanos)
}

/// A health check as Go's `%+q` writes its struct: what `docker history` shows.
pub fn health_text(check: &Healthcheck) -> String {
    let test = json::quote_list(check.test.as_deref().unwrap_or_default());
    let times: Vec<String> = [check.interval, check.timeout, check.start_period]
        .iter()
        .map(|nanos| json::quote_ascii(&duration::text(*nanos)))
        .collect();
    format!("&{{{test} {} {}}}", times.join(" "), json::quote_char(check.retries))
}

/// Signals by name, without `SIG`.
const SIGNALS: [&str; 35] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
    "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU",
    "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN",
];

/// Whether Docker knows a signal, by its number or its name.
pub fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<i64>() {
        return number != 0;
    }
    let name = text.to_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let real_time = |start: &str, most: u32| {
        name.strip_prefix(start).is_some_and(|n| n.parse::<u32>().is_ok_and(|n| (1..=most).contains(&n)))
    };
    SIGNALS.contains(&name) || name == "RTMAX" || real_time("RTMIN+", 15) || real_time("RTMAX-", 14)
}
