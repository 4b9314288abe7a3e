//! `comm`: compares two sorted files line by line (comm(1); order of messages recorded from GNU coreutils 9.1).

use std::cmp::Ordering;

use super::common::args::{Order, Parsed, Usage, Value, flag, long, missing, parse};
use super::common::run::Run;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "comm", summary: "compare two sorted files", scope: Scope::Everywhere, main };

const USAGE: Usage = Usage {
    synopsis: "[OPTION]... FILE1 FILE2",
    about: "Compare sorted files FILE1 and FILE2 line by line: lines of FILE1 alone, of FILE2 alone, of both.",
    flags: &[
        flag('1', "", "without lines of FILE1 alone"),
        flag('2', "", "without lines of FILE2 alone"),
        flag('3', "", "without lines of both"),
        flag('z', "zero-terminated", "lines end with a NUL byte"),
        long("check-order", Value::No, "the files must be sorted, even where all lines are in both"),
        long("nocheck-order", Value::No, "the files need not be sorted"),
        long("output-delimiter", Value::Required, "what separates the columns"),
        long("total", Value::No, "at the end, how many lines each column has"),
    ],
    status: 1,
};

/// When a file that is not sorted is a fault.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Check {
    Always,
    /// Once a line was found that only one file has.
    OnceUnpaired,
    Never,
}

/// A file's lines, and whether they were found out of order.
struct Lines<'d> {
    list: Vec<&'d [u8]>,
    at: usize,
    is_unsorted: bool,
}

impl<'d> Lines<'d> {
    fn new(data: &'d [u8], end: u8) -> Self {
        let list = match data {
            b"" => Vec::new(),
            _ => data.strip_suffix(&[end]).unwrap_or(data).split(|byte| *byte == end).collect(),
        };
        Self { list, at: 0, is_unsorted: false }
    }

    fn line(&self) -> Option<&'d [u8]> {
        self.list.get(self.at).copied()
    }

    /// Goes to the next line. Returns whether that is the first one out of order.
    fn advance(&mut self) -> bool {
        self.at += 1;
        let is_unsorted = self.line().is_some_and(|line| line < self.list[self.at - 1]);
        is_unsorted && !std::mem::replace(&mut self.is_unsorted, true)
    }
}

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let message = match parsed.operands.as_slice() {
        [] => "missing operand".to_owned(),
        [one] => format!("missing operand after '{one}'"),
        [_, _] => String::new(),
        [_, _, extra, ..] => format!("extra operand '{extra}'"),
    };
    if !message.is_empty() {
        return Flow::Exit(missing(&mut run, &USAGE, &message));
    }
    let mut files = Vec::new();
    for file in &parsed.operands {
        match run.slurp(file) {
            Ok(data) => files.push(data),
            Err(error) => {
                run.warn_bare(file, error);
                return run.end();
            }
        }
    }
    let end = if parsed.has('z') { 0 } else { b'\n' };
    compare(&mut run, &parsed, [Lines::new(&files[0], end), Lines::new(&files[1], end)], end);
    run.end()
}

fn compare(run: &mut Run<'_, '_>, parsed: &Parsed, mut files: [Lines<'_>; 2], end: u8) {
    let check = match (parsed.has("check-order"), parsed.has("nocheck-order")) {
        (true, _) => Check::Always,
        (_, true) => Check::Never,
        _ => Check::OnceUnpaired,
    };
    let separator = match parsed.value("output-delimiter") {
        Some(text) if text.is_empty() => b"\0".to_vec(),
        Some(text) => text.to_vec(),
        None => b"\t".to_vec(),
    };
    let shown = ['1', '2', '3'].map(|column| !parsed.has(column));
    let mut totals = [0u64; 3];
    loop {
        let (column, line) = match (files[0].line(), files[1].line()) {
            (None, None) => break,
            (Some(line), None) => (0, line),
            (None, Some(line)) => (1, line),
            (Some(a), Some(b)) => match a.cmp(b) {
                Ordering::Less => (0, a),
                Ordering::Greater => (1, b),
                Ordering::Equal => (2, a),
            },
        };
        totals[column] += 1;
        if shown[column] {
            let before = shown[..column].iter().filter(|shown| **shown).count();
            run.print([&separator.repeat(before)[..], line, &[end]].concat());
        }
        let is_checked = check == Check::Always || check == Check::OnceUnpaired && totals[0] + totals[1] > 0;
        for (number, file) in files.iter_mut().enumerate() {
            if (column == number || column == 2) && file.advance() && is_checked {
                // `warn` sets the exit status.
                run.warn(format!("file {} is not in sorted order", number + 1));
                if check == Check::Always {
                    return;
                }
            }
        }
    }
    if parsed.has("total") {
        let counts = totals.map(|total| total.to_string().into_bytes());
        run.print([&counts.join(&separator[..])[..], &separator, b"total", &[end]].concat());
    }
    if check == Check::OnceUnpaired && files.iter().any(|file| file.is_unsorted) && totals[0] + totals[1] > 0
    {
        run.warn("input is not in sorted order");
    }
}
