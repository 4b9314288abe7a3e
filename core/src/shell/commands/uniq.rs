//! `uniq`: drops repeated lines.

use super::common::args::{Order, Usage, flag, parse};
use super::common::lines::split;
use super::common::run::Run;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "uniq", summary: "drop repeated lines", scope: Scope::Everywhere, main: uniq };

const UNIQ_USAGE: Usage = Usage {
    synopsis: "[OPTION]... [INPUT [OUTPUT]]",
    about: "Filter adjacent matching lines from INPUT (or standard input).",
    flags: &[
        flag('c', "count", "with how often"),
        flag('d', "repeated", "repeated lines alone"),
        flag('u', "unique", "lines that are not repeated alone"),
        flag('i', "ignore-case", "upper and lower case are one"),
    ],
    status: 1,
};

fn uniq(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &UNIQ_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let file = parsed.operands.first().cloned().unwrap_or_else(|| "-".into());
    let data = match run.slurp(&file) {
        Ok(data) => data,
        Err(error) => {
            run.warn_failed(run.words().cannot_open, &file, error);
            return run.end();
        }
    };
    let mut groups: Vec<(&[u8], u64)> = Vec::new();
    for line in split(&data) {
        match groups.last_mut() {
            Some((last, count)) if *last == line || parsed.has('i') && last.eq_ignore_ascii_case(line) => {
                *count += 1;
            }
            _ => groups.push((line, 1)),
        }
    }
    let mut out = Vec::new();
    for (line, count) in groups {
        if parsed.has('d') && count < 2 || parsed.has('u') && count > 1 {
            continue;
        }
        if parsed.has('c') {
            out.extend_from_slice(format!("{count:7} ").as_bytes());
        }
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    run.print(out);
    run.end()
}
