//! `date`: prints the lab's time, or another one.

use super::common::args::{Order, Usage, Value, flag, long, parse, valued};
use super::common::run::Run;
use super::common::time;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System, to_timespec};

pub(super) const PROGRAM: Program =
    Program { name: "date", summary: "the lab's date and time", scope: Scope::Everywhere, main: date };

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
