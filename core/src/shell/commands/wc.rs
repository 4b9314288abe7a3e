//! `wc`.

use super::common::args::{Flag, Order, Usage, flag, parse};
use super::common::run::Run;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "wc", summary: "count lines, words and bytes", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('c', "bytes", "count bytes"),
    flag('m', "chars", "count characters"),
    flag('l', "lines", "count line feeds"),
    flag('L', "max-line-length", "the longest line's width"),
    flag('w', "words", "count words"),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... [FILE]...",
    about: "Print newline, word, and byte counts for each FILE, and a total line if there are several.",
    flags: FLAGS,
    status: 1,
};

type Counts = [u64; 5];

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let given = !parsed.options.is_empty();
    let shown = [
        !given || parsed.has('l'),
        !given || parsed.has('w'),
        parsed.has('m'),
        !given || parsed.has('c'),
        parsed.has('L'),
    ];
    let named = !parsed.operands.is_empty();
    let operands = parsed.operands.len();
    let mut rows: Vec<(Counts, Vec<u8>)> = Vec::new();
    let mut total: Counts = [0; 5];
    let mut widest = 1;
    for file in Run::or_stdin(parsed.operands) {
        // GNU sets its columns by the files' sizes, before it counts.
        if let Ok(stat) = run.stat(&file)
            && named
        {
            widest = widest.max(if stat.is_dir() { 7 } else { stat.size.to_string().len() });
        }
        let data = match run.slurp(&file) {
            Ok(data) => data,
            Err(error) => {
                run.warn_bare(&file, error);
                if error == crate::kernel::Errno::EISDIR {
                    rows.push(([0; 5], file.to_vec()));
                }
                continue;
            }
        };
        let counts = count(&data);
        for (sum, one) in total.iter_mut().zip(counts) {
            *sum += one;
        }
        rows.push((counts, if named { file.to_vec() } else { Vec::new() }));
    }
    total[4] = rows.iter().map(|(counts, _)| counts[4]).max().unwrap_or(0);
    if operands > 1 {
        widest = widest.max(total[3].to_string().len());
        rows.push((total, b"total".to_vec()));
    }
    let single = shown.iter().filter(|show| **show).count() == 1 && operands <= 1;
    let columns = match (run.is_busybox(), named) {
        (true, _) => 9,
        (false, true) => widest,
        (false, false) => 7,
    };
    for (counts, name) in rows {
        let cells: Vec<String> = counts
            .iter()
            .zip(shown)
            .filter(|(_, show)| *show)
            .map(|(count, _)| if single { count.to_string() } else { format!("{count:>columns$}") })
            .collect();
        let mut line = cells.join(" ").into_bytes();
        if !name.is_empty() {
            line.push(b' ');
            line.extend(name);
        }
        line.push(b'\n');
        run.print(line);
    }
    run.end()
}

/// Lines, words, characters, bytes, longest line.
fn count(data: &[u8]) -> Counts {
    let lines = data.split(|b| *b == b'\n').count() as u64 - 1;
    let words = data.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count() as u64;
    let text = String::from_utf8_lossy(data);
    let longest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0) as u64;
    [lines, words, text.chars().count() as u64, data.len() as u64, longest]
}
