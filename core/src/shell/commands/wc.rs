//! `wc`.

use serde::{Deserialize, Serialize};

use super::common::args::{Flag, Order, Usage, flag, parse};
use super::common::run::Run;
use super::common::stream::{Sink, Stream};
use crate::kernel::{ByteString, Errno};
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
    let sink = Wc { shown, named, operands, rows: Vec::new(), widest: 1, open: Open::default() };
    let files = Run::or_stdin(parsed.operands);
    system.goes_on(Stream::new(files, 0, sink), None)
}

/// A `wc` that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wc {
    shown: [bool; 5],
    named: bool,
    operands: usize,
    rows: Vec<(Counts, ByteString)>,
    widest: usize,
    open: Open,
}

/// The counts of the file that is being read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    counts: Counts,
    in_word: bool,
    /// The length of the line at hand, in characters.
    line: u64,
    failed: Option<Errno>,
}

impl Sink for Wc {
    const NAME: &'static str = "wc";

    fn begin(&mut self, run: &mut Run<'_, '_>, file: &ByteString) -> bool {
        self.open = Open::default();
        // GNU sets its columns by the files' sizes, before it counts.
        if let Ok(stat) = run.stat(file)
            && self.named
        {
            self.widest = self.widest.max(if stat.is_dir() { 7 } else { stat.size.to_string().len() });
        }
        true
    }

    fn piece(&mut self, _: &mut Run<'_, '_>, piece: &[u8]) -> usize {
        let Open { counts, in_word, line, .. } = &mut self.open;
        counts[3] += piece.len() as u64;
        for byte in piece {
            // A character of UTF-8 is counted at its first byte.
            let first = byte & 0xc0 != 0x80;
            counts[2] += u64::from(first);
            let blank = byte.is_ascii_whitespace();
            counts[1] += u64::from(!blank && !*in_word);
            *in_word = !blank;
            if *byte == b'\n' {
                counts[0] += 1;
                *line = 0;
            } else {
                *line += u64::from(first);
                counts[4] = counts[4].max(*line);
            }
        }
        piece.len()
    }

    fn unreadable(&mut self, run: &mut Run<'_, '_>, file: &ByteString, error: Errno) {
        run.warn_bare(file, error);
        self.open.failed = Some(error);
    }

    fn file_end(&mut self, _: &mut Run<'_, '_>, file: &ByteString) {
        let Open { counts, failed, .. } = std::mem::take(&mut self.open);
        if failed.is_none_or(|error| error == Errno::EISDIR) {
            self.rows.push((counts, if self.named { file.clone() } else { ByteString::new() }));
        }
    }

    fn end(&mut self, run: &mut Run<'_, '_>) {
        let mut total: Counts = [0; 5];
        for (counts, _) in &self.rows {
            for (sum, one) in total.iter_mut().zip(counts) {
                *sum += one;
            }
        }
        total[4] = self.rows.iter().map(|(counts, _)| counts[4]).max().unwrap_or(0);
        let mut widest = self.widest;
        if self.operands > 1 {
            widest = widest.max(total[3].to_string().len());
            self.rows.push((total, "total".into()));
        }
        let single = self.shown.iter().filter(|show| **show).count() == 1 && self.operands <= 1;
        let columns = run.habits().wc_columns.unwrap_or(if self.named { widest } else { 7 });
        for (counts, name) in std::mem::take(&mut self.rows) {
            let cells: Vec<String> = counts
                .iter()
                .zip(self.shown)
                .filter(|(_, show)| *show)
                .map(|(count, _)| if single { count.to_string() } else { format!("{count:>columns$}") })
                .collect();
            let mut line = cells.join(" ").into_bytes();
            if !name.is_empty() {
                line.push(b' ');
                line.extend_from_slice(&name);
            }
            line.push(b'\n');
            run.print(line);
        }
    }
}
