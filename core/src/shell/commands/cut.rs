//! `cut`: prints parts of lines.

use super::common::args::{Flag, Order, Usage, Value, flag, long, missing, mistake, parse, valued};
use super::common::lines::split;
use super::common::run::Run;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "cut", summary: "print parts of lines", scope: Scope::Everywhere, main: cut };

const CUT_FLAGS: &[Flag] = &[
    valued('b', "bytes", "these bytes"),
    valued('c', "characters", "these characters"),
    valued('f', "fields", "these fields"),
    valued('d', "delimiter", "fields end at this character instead of TAB"),
    flag('s', "only-delimited", "no lines without it"),
    flag('n', "", ""),
    long("output-delimiter", Value::Required, "between fields"),
    long("complement", Value::No, "everything else"),
];

const CUT_USAGE: Usage = Usage {
    synopsis: "OPTION... [FILE]...",
    about: "Print selected parts of lines from each FILE to standard output.",
    flags: CUT_FLAGS,
    status: 1,
};

fn cut(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &CUT_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let Some(kind) = parsed.last_of("bcf") else {
        let text = "you must specify a list of bytes, characters, or fields";
        return Flow::Exit(missing(&mut run, &CUT_USAGE, text));
    };
    let list = parsed.value(kind).cloned().unwrap_or_default();
    let Some(ranges) = ranges(&list.to_text()) else {
        let shown = run.curly(&list);
        let text = format!("invalid field range {}", String::from_utf8_lossy(&shown));
        return Flow::Exit(mistake(&mut run, &CUT_USAGE, &text));
    };
    let chosen =
        |at: usize| ranges.iter().any(|(low, high)| (*low..=*high).contains(&at)) != parsed.has("complement");
    let by = parsed.value('d').and_then(|d| d.first().copied()).unwrap_or(b'\t');
    let joiner = parsed.value("output-delimiter").map_or_else(|| vec![by], |text| text.to_vec());
    for file in Run::or_stdin(parsed.operands.clone()) {
        let data = match run.slurp(&file) {
            Ok(data) => data,
            Err(error) => {
                run.warn_bare(&file, error);
                continue;
            }
        };
        let mut out = Vec::new();
        for line in split(&data) {
            match kind {
                'f' if !line.contains(&by) => {
                    if parsed.has('s') {
                        continue;
                    }
                    out.extend_from_slice(line);
                }
                'f' => {
                    let fields = line.split(|b| *b == by).enumerate().filter(|(at, _)| chosen(at + 1));
                    let fields: Vec<&[u8]> = fields.map(|(_, field)| field).collect();
                    out.extend(fields.join(&joiner[..]));
                }
                'c' => {
                    let text = String::from_utf8_lossy(line);
                    let kept: String =
                        text.chars().enumerate().filter(|(at, _)| chosen(at + 1)).map(|(_, c)| c).collect();
                    out.extend_from_slice(kept.as_bytes());
                }
                _ => out.extend(line.iter().enumerate().filter(|(at, _)| chosen(at + 1)).map(|(_, b)| *b)),
            }
            out.push(b'\n');
        }
        run.print(out);
    }
    run.end()
}

/// `1,3-5,7-`
fn ranges(text: &str) -> Option<Vec<(usize, usize)>> {
    text.split(',')
        .map(|part| {
            let number =
                |text: &str, default: usize| if text.is_empty() { Some(default) } else { text.parse().ok() };
            let (low, high) = match part.split_once('-') {
                Some(("", "")) => return None,
                Some((low, high)) => (number(low, 1)?, number(high, usize::MAX)?),
                None => (part.parse().ok()?, part.parse().ok()?),
            };
            (low > 0 && low <= high).then_some((low, high))
        })
        .collect()
}
