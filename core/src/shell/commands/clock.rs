//! `date` and `sleep`.

use serde::{Deserialize, Serialize};

use super::common::args::{Order, Usage, Value, bad_value, flag, long, missing, parse, valued};
use super::common::run::Run;
use super::common::time;
use crate::kernel::ByteString;
use crate::program::{Flow, Nanos, Next, Process, Program, ProgramState, Scope, System, Wait, to_timespec};

pub(super) const DATE: Program =
    Program { name: "date", summary: "the lab's date and time", scope: Scope::Everywhere, main: date };
pub(super) const SLEEP: Program =
    Program { name: "sleep", summary: "let time pass", scope: Scope::Everywhere, main: sleep };

const DATE_USAGE: Usage = Usage {
    synopsis: "[OPTION]... [+FORMAT]",
    about: "Display date and time in the given FORMAT.",
    flags: &[
        valued('d', "date", "this time instead of now"),
        valued('r', "reference", "the time when this file was last changed"),
        flag('u', "utc", ""),
        flag('R', "rfc-email", "like Mon, 14 Aug 2006 02:34:56 -0600"),
        long("iso-8601", Value::Optional, "like 2006-08-14"),
        long("rfc-3339", Value::Required, "like 2006-08-14 02:34:56-06:00"),
        valued('s', "set", ""),
    ],
    status: 1,
};

fn date(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &DATE_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let now = to_timespec(run.system.now());
    let at = match (parsed.value('d').cloned(), parsed.value('r').cloned()) {
        (Some(text), _) => match time::parse(&text.to_text(), now) {
            Some(at) => at,
            None => {
                let shown = run.curly(&text);
                run.warn([b"invalid date ", &shown[..]].concat());
                return run.end();
            }
        },
        (None, Some(file)) => match run.stat(&file) {
            Ok(stat) => stat.mtime,
            Err(error) => {
                run.warn_bare(&file, error);
                return run.end();
            }
        },
        (None, None) => now,
    };
    let form: Vec<u8> = match parsed.operands.first() {
        Some(arg) if arg.starts_with(b"+") => arg[1..].to_vec(),
        Some(arg) => {
            let shown = run.curly(arg);
            run.warn([b"invalid date ", &shown[..]].concat());
            return run.end();
        }
        None if parsed.has('R') => b"%a, %d %b %Y %T %z".to_vec(),
        None if parsed.has("iso-8601") => {
            match parsed.value("iso-8601").map(ByteString::to_text).as_deref() {
                Some("seconds" | "s") => b"%FT%T%:z".to_vec(),
                _ => b"%F".to_vec(),
            }
        }
        None if parsed.has("rfc-3339") => b"%F %T%:z".to_vec(),
        None => b"%a %b %e %H:%M:%S %Z %Y".to_vec(),
    };
    let mut text = time::format(at, &form);
    text.push(b'\n');
    run.print(text);
    run.end()
}

const SLEEP_USAGE: Usage = Usage {
    synopsis: "NUMBER[SUFFIX]...",
    about: "Pause for NUMBER seconds; SUFFIX is s, m, h or d. The lab's clock goes on at once.",
    flags: &[],
    status: 1,
};

fn sleep(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &SLEEP_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &SLEEP_USAGE, "missing operand"));
    }
    let mut total = 0.0;
    for operand in &parsed.operands {
        match seconds(operand) {
            Some(seconds) => total += seconds,
            None => {
                let message = run.words().bad_interval;
                return Flow::Exit(bad_value(&mut run, &SLEEP_USAGE, message, operand));
            }
        }
    }
    let nanos = if total.is_finite() { (total * 1e9) as i64 } else { i64::MAX };
    let until = run.system.now().saturating_add(nanos);
    run.system.goes_on(Sleeping { until }, Wait::until(until))
}

/// A sleep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sleeping {
    until: Nanos,
}

impl ProgramState for Sleeping {
    const NAME: &'static str = "sleep";

    fn step(&mut self, system: &mut System<'_>, _: &mut Process) -> Next {
        if self.until <= system.now() { Next::Exit(0) } else { Next::Wait(Wait::until(self.until)) }
    }
}

pub(super) fn seconds(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    if text == "infinity" || text == "inf" {
        return Some(f64::INFINITY);
    }
    let (number, unit) = match text.char_indices().next_back()? {
        (at, 's') => (&text[..at], 1.0),
        (at, 'm') => (&text[..at], 60.0),
        (at, 'h') => (&text[..at], 3600.0),
        (at, 'd') => (&text[..at], 86_400.0),
        _ => (text, 1.0),
    };
    let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let number: f64 = number.parse().ok()?;
    (plain && number >= 0.0).then_some(number * unit)
}
