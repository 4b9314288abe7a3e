//! `sort`: sorts lines by bytes, numbers, sizes or versions.

use super::common::args::{Flag, Order, Usage, flag, parse, valued};
use super::common::lines::split;
use super::common::run::Run;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "sort", summary: "sort lines by bytes", scope: Scope::Everywhere, main: sort };

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
