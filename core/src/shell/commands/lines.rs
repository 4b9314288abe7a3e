//! `sort`, `uniq`, `cut`, `tr`, `tee`, `seq`, `tac`.

use serde::{Deserialize, Serialize};

use super::common::args::{Flag, Order, Usage, flag, missing, mistake, parse, valued};
use super::common::run::Run;
use super::common::stream::{Sink, Stream};
use crate::kernel::{ByteString, OpenFlags};
use crate::program::{Desc, Flow, Output, Process, Program, Scope, System};
use crate::shell::io;

pub(super) const SORT: Program =
    Program { name: "sort", summary: "sort lines by bytes", scope: Scope::Everywhere, main: sort };
pub(super) const UNIQ: Program =
    Program { name: "uniq", summary: "drop repeated lines", scope: Scope::Everywhere, main: uniq };
pub(super) const TEE: Program = Program {
    name: "tee",
    summary: "copy input to output and to files",
    scope: Scope::Everywhere,
    main: tee,
};
pub(super) const SEQ: Program =
    Program { name: "seq", summary: "print numbers in order", scope: Scope::Everywhere, main: seq };
pub(super) const TAC: Program =
    Program { name: "tac", summary: "print lines in reverse", scope: Scope::Everywhere, main: tac };

/// The lines of a text, without their line feeds.
pub(super) fn split(data: &[u8]) -> Vec<&[u8]> {
    match data {
        b"" => Vec::new(),
        _ => data.strip_suffix(b"\n").unwrap_or(data).split(|b| *b == b'\n').collect(),
    }
}

const SORT_FLAGS: &[Flag] = &[
    flag('r', "reverse", "in reverse"),
    flag('n', "numeric-sort", "by number"),
    flag('h', "human-numeric-sort", "by sizes like 2K"),
    flag('u', "unique", "equal lines once"),
    flag('f', "ignore-case", "upper and lower case are one"),
    flag('b', "ignore-leading-blanks", ""),
    flag('s', "stable", ""),
    flag('V', "version-sort", "by version numbers"),
    flag('z', "zero-terminated", ""),
    valued('k', "key", "by this field"),
    valued('t', "field-separator", "fields end at this character"),
    valued('o', "output", "write to this file"),
];
const SORT_USAGE: Usage = Usage {
    synopsis: "[OPTION]... [FILE]...",
    about: "Write sorted concatenation of all FILE(s) to standard output.",
    flags: SORT_FLAGS,
    status: 2,
};

fn sort(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &SORT_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let mut all = Vec::new();
    for file in Run::or_stdin(parsed.operands.clone()) {
        match run.slurp(&file) {
            Ok(data) => {
                all.extend_from_slice(&data);
                if !all.is_empty() && !all.ends_with(b"\n") {
                    all.push(b'\n');
                }
            }
            Err(error) => {
                run.warn_failed(run.words().sort_cannot_read, &file, error);
                return Flow::Exit(2);
            }
        }
    }
    let separator = parsed.value('t').and_then(|t| t.first().copied());
    let keys: Vec<Key> = parsed
        .options
        .iter()
        .filter(|(key, _)| key.letter() == Some('k'))
        .filter_map(|(_, v)| key(v.as_ref()?))
        .collect();
    let global = |letter: char| parsed.has(letter);
    let compare = |a: &[u8], b: &[u8]| {
        let whole = [Key { first: 1, last: None, letters: Vec::new() }];
        for key in if keys.is_empty() { &whole[..] } else { &keys[..] } {
            let own = |letter: char| {
                if key.letters.is_empty() { global(letter) } else { key.letters.contains(&letter) }
            };
            let (left, right) = (field(a, key, separator), field(b, key, separator));
            let order = if own('n') {
                number(left).total_cmp(&number(right))
            } else if own('h') {
                sized(left).total_cmp(&sized(right))
            } else if own('V') {
                version(left).cmp(&version(right))
            } else if own('f') {
                left.to_ascii_uppercase().cmp(&right.to_ascii_uppercase())
            } else {
                left.cmp(right)
            };
            if order.is_ne() {
                return if own('r') { order.reverse() } else { order };
            }
        }
        std::cmp::Ordering::Equal
    };
    let mut lines = split(&all);
    lines.sort_by(|a, b| {
        let last = || if global('r') { b.cmp(a) } else { a.cmp(b) };
        let order = compare(a, b);
        if global('s') || global('u') { order } else { order.then_with(last) }
    });
    if global('u') {
        lines.dedup_by(|a, b| compare(a, b).is_eq());
    }
    let text: Vec<u8> = lines.iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
    match parsed.value('o').cloned() {
        Some(file) => {
            let (kernel, task) = run.kernel();
            if let Err(error) = crate::kernel::fs::write(kernel, task, &file, &text, 0o666) {
                run.warn([b"open failed: ", &file[..], b": ", error.text().as_bytes()].concat());
                run.status = 2;
            }
        }
        None => run.print(text),
    }
    run.end()
}

/// `-k first[,last][letters]`
struct Key {
    first: usize,
    last: Option<usize>,
    letters: Vec<char>,
}

fn key(text: &ByteString) -> Option<Key> {
    let text = text.to_text();
    let letters = text.chars().filter(char::is_ascii_alphabetic).collect();
    let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
    let (first, last) = match text.split_once(',') {
        Some((first, last)) => (digits(first)?, digits(last)),
        None => (digits(&text)?, None),
    };
    (first > 0).then_some(Key { first, last, letters })
}

fn field<'a>(line: &'a [u8], key: &Key, separator: Option<u8>) -> &'a [u8] {
    let starts: Vec<usize> = match separator {
        Some(by) => std::iter::once(0)
            .chain(line.iter().enumerate().filter(|(_, b)| **b == by).map(|(at, _)| at + 1))
            .collect(),
        None => {
            let blank = |at: usize| line[at].is_ascii_whitespace();
            (0..line.len()).filter(|at| *at == 0 || blank(*at) && !blank(at - 1)).collect()
        }
    };
    let Some(start) = starts.get(key.first - 1).copied() else { return b"" };
    let end = match key.last.and_then(|last| starts.get(last)) {
        Some(next) => next - usize::from(separator.is_some()),
        None => line.len(),
    };
    &line[start..end.max(start)]
}

fn number(text: &[u8]) -> f64 {
    let text = String::from_utf8_lossy(text.trim_ascii_start()).into_owned();
    let end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || *c == '-' && *at == 0))
        .map_or(text.len(), |(at, _)| at);
    text[..end].parse().unwrap_or(0.0)
}

fn sized(text: &[u8]) -> f64 {
    let trimmed = text.trim_ascii();
    let unit = trimmed
        .iter()
        .find_map(|b| b"KMGTPE".iter().position(|u| *u == b.to_ascii_uppercase()))
        .map_or(0, |at| at + 1);
    number(text) * 1024f64.powi(unit as i32)
}

/// Runs of digits compare as numbers.
fn version(text: &[u8]) -> Vec<(Vec<u8>, u128)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.iter().take_while(|b| !b.is_ascii_digit()).count();
        let digits = rest[word..].iter().take_while(|b| b.is_ascii_digit()).count().min(38);
        let number = String::from_utf8_lossy(&rest[word..word + digits]).parse().unwrap_or(0);
        parts.push((rest[..word].to_vec(), number));
        rest = &rest[word + digits..];
    }
    parts
}

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

const TEE_USAGE: Usage = Usage {
    synopsis: "[OPTION]... [FILE]...",
    about: "Copy standard input to each FILE, and also to standard output.",
    flags: &[flag('a', "append", "append to the files"), flag('i', "ignore-interrupts", "")],
    status: 1,
};

fn tee(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &TEE_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let how = if parsed.has('a') { OpenFlags::APPEND } else { OpenFlags::TRUNC };
    let mut copies = Vec::new();
    let flags = OpenFlags::WRONLY | OpenFlags::CREAT | how;
    for file in &parsed.operands {
        match io::open_desc(run.system, &run.process.task, file, flags, |_| None) {
            Ok(desc) => copies.push(desc),
            Err(error) => run.warn_bare(file, error),
        }
    }
    let status = run.status;
    system.goes_on(Stream::new(vec!["-".into()], status, Tee { copies }), None)
}

/// A `tee` that goes on, with its copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tee {
    copies: Vec<Desc>,
}

impl Sink for Tee {
    const NAME: &'static str = "tee";

    fn piece(&mut self, run: &mut Run<'_, '_>, piece: &[u8]) -> usize {
        run.print(piece);
        for desc in &self.copies {
            Output(*desc).write(run.system, piece);
        }
        piece.len()
    }

    fn end(&mut self, run: &mut Run<'_, '_>) {
        for desc in std::mem::take(&mut self.copies) {
            run.system.world.files.release(run.system.kernel, desc);
        }
    }
}

const SEQ_USAGE: Usage = Usage {
    synopsis: "[OPTION]... [FIRST [INCREMENT]] LAST",
    about: "Print numbers from FIRST to LAST, in steps of INCREMENT.",
    flags: &[
        valued('s', "separator", "between numbers"),
        flag('w', "equal-width", "pad with zeros"),
        valued('f', "format", ""),
    ],
    status: 1,
};

fn seq(system: &mut System<'_>, process: &mut Process) -> Flow {
    // A negative number is an operand: options end before the first one.
    let is_number = |arg: &ByteString| arg.get(1).is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.');
    let mut at = 1;
    while let Some(arg) = process.args.get(at).filter(|arg| arg.starts_with(b"-")) {
        if is_number(arg) {
            process.args.insert(at, "--".into());
            break;
        }
        at += if matches!(&arg[..], b"-s" | b"-f") { 2 } else { 1 };
    }
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &SEQ_USAGE, Order::OptionsFirst) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let mut numbers = Vec::new();
    for operand in &parsed.operands {
        let text = operand.to_text();
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => numbers.push(number),
            _ => {
                let shown = run.curly(operand);
                let text = format!("invalid floating point argument: {}", String::from_utf8_lossy(&shown));
                return Flow::Exit(missing(&mut run, &SEQ_USAGE, &text));
            }
        }
    }
    let (first, step, last) = match numbers[..] {
        [last] => (1.0, 1.0, last),
        [first, last] => (first, 1.0, last),
        [first, step, last] => (first, step, last),
        [] => return Flow::Exit(missing(&mut run, &SEQ_USAGE, "missing operand")),
        _ => return Flow::Exit(mistake(&mut run, &SEQ_USAGE, "extra operand")),
    };
    if step == 0.0 {
        let text = "invalid Zero increment value: ‘0’";
        return Flow::Exit(mistake(&mut run, &SEQ_USAGE, text));
    }
    let decimals = |text: &ByteString| text.to_text().split_once('.').map_or(0, |(_, part)| part.len());
    let places = parsed.operands.iter().map(decimals).max().unwrap_or(0);
    let wide = [first, last].iter().map(|n| format!("{n:.places$}").len()).max().unwrap_or(0);
    let separator = parsed.value('s').cloned().unwrap_or_else(|| "\n".into());
    let mut out = Vec::new();
    let mut turn = 0u64;
    loop {
        let value = first + step * turn as f64;
        let past = if step > 0.0 { value > last + step * 1e-9 } else { value < last + step * 1e-9 };
        if past || !run.step() {
            break;
        }
        if turn > 0 {
            out.extend_from_slice(&separator);
        }
        let text =
            if parsed.has('w') { format!("{value:0>wide$.places$}") } else { format!("{value:.places$}") };
        out.extend_from_slice(text.as_bytes());
        turn += 1;
    }
    if turn > 0 {
        out.push(b'\n');
    }
    run.print(out);
    run.end()
}

fn tac(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let files = Run::or_stdin(run.process.args[1..].to_vec());
    for file in files {
        match run.slurp(&file) {
            Ok(data) => {
                let text: Vec<u8> =
                    split(&data).iter().rev().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
                run.print(text);
            }
            Err(error) => run.warn_path("failed to open", &file, error),
        }
    }
    run.end()
}
