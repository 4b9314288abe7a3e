//! `cat`.

use serde::{Deserialize, Serialize};

use super::common::args::{Flag, Order, Usage, flag, parse};
use super::common::run::Run;
use super::common::stream::{Sink, Stream};
use crate::kernel::{ByteString, Errno};
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "cat", summary: "print files one after another", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    flag('A', "show-all", "same as -vET"),
    flag('b', "number-nonblank", "number lines that are not empty"),
    flag('e', "", "same as -vE"),
    flag('E', "show-ends", "print $ at the end of each line"),
    flag('n', "number", "number all lines"),
    flag('s', "squeeze-blank", "print one of several empty lines"),
    flag('t', "", "same as -vT"),
    flag('T', "show-tabs", "print tabs as ^I"),
    flag('u', "", ""),
    flag('v', "show-nonprinting", "print other control characters as ^X and M-X"),
];
const USAGE: Usage = Usage {
    synopsis: "[OPTION]... [FILE]...",
    about: "Concatenate FILE(s) to standard output; with no FILE, or when FILE is -, read standard input.",
    flags: FLAGS,
    status: 1,
};

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let any = |keys: &str| keys.chars().any(|key| parsed.has(key));
    let mut shape = Shape {
        number: any("nb"),
        nonblank: parsed.has('b'),
        ends: any("AEe"),
        tabs: any("ATt"),
        controls: any("Aevt"),
        squeeze: parsed.has('s'),
        line: 0,
        at_start: true,
        blanks: 0,
        plain: false,
    };
    shape.plain = parsed.options.iter().all(|(key, _)| key.letter() == Some('u'));
    let files = Run::or_stdin(parsed.operands);
    system.goes_on(Stream::new(files, 0, shape), None)
}

#[expect(clippy::struct_excessive_bools, reason = "each is one option of cat, and they go in any mixture")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shape {
    number: bool,
    nonblank: bool,
    ends: bool,
    tabs: bool,
    controls: bool,
    squeeze: bool,
    line: u64,
    at_start: bool,
    blanks: u32,
    plain: bool,
}

impl Sink for Shape {
    const NAME: &'static str = "cat";

    fn piece(&mut self, run: &mut Run<'_, '_>, piece: &[u8]) -> usize {
        if self.plain {
            run.print(piece);
        } else {
            let text = self.render(piece);
            run.print(text);
        }
        piece.len()
    }

    fn unopened(&mut self, run: &mut Run<'_, '_>, file: &ByteString, error: Errno) {
        run.warn_failed(run.words().cannot_open, file, error);
    }

    fn unreadable(&mut self, run: &mut Run<'_, '_>, file: &ByteString, error: Errno) {
        run.warn_failed(run.words().cat_cannot_read, file, error);
    }
}

impl Shape {
    fn render(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(piece.len() + piece.len() / 4);
        for byte in piece {
            let blank = *byte == b'\n' && self.at_start;
            self.blanks = if blank { self.blanks.saturating_add(1) } else { 0 };
            if blank && self.squeeze && self.blanks > 1 {
                continue;
            }
            if self.at_start && self.number && !(self.nonblank && blank) {
                self.line += 1;
                out.extend_from_slice(format!("{:6}\t", self.line).as_bytes());
            }
            self.at_start = *byte == b'\n';
            match byte {
                b'\n' if self.ends => out.extend_from_slice(b"$\n"),
                b'\n' => out.push(b'\n'),
                b'\t' if self.tabs => out.extend_from_slice(b"^I"),
                b'\t' => out.push(b'\t'),
                byte if self.controls => visible(*byte, &mut out),
                byte => out.push(*byte),
            }
        }
        out
    }
}

fn visible(byte: u8, out: &mut Vec<u8>) {
    let low = byte & 0x7f;
    if byte >= 0x80 {
        out.extend_from_slice(b"M-");
    }
    match low {
        0..=31 => out.extend_from_slice(&[b'^', low + 64]),
        127 => out.extend_from_slice(b"^?"),
        _ => out.push(low),
    }
}
