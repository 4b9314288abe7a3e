//! `cut` and `tr`.

use super::common::args::{Flag, Order, Usage, Value, flag, long, missing, mistake, parse, valued};
use super::common::run::Run;
use super::lines::split;
use crate::program::{Flow, Process, Program, Scope, System};
use crate::shell::escape::{Octal, unescape};

pub(super) const CUT: Program =
    Program { name: "cut", summary: "print parts of lines", scope: Scope::Everywhere, main: cut };
pub(super) const TR: Program =
    Program { name: "tr", summary: "translate characters", scope: Scope::Everywhere, main: tr };

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

const TR_USAGE: Usage = Usage {
    synopsis: "[OPTION]... SET1 [SET2]",
    about: "Translate, squeeze, and/or delete characters from standard input, writing to standard output.",
    flags: &[
        flag('c', "complement", "all characters but SET1"),
        flag('C', "", "the same"),
        flag('d', "delete", "delete SET1"),
        flag('s', "squeeze-repeats", "repeated characters of the last set once"),
        flag('t', "truncate-set1", ""),
    ],
    status: 1,
};

fn tr(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &TR_USAGE, Order::OptionsFirst) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let (delete, squeeze) = (parsed.has('d'), parsed.has('s'));
    let Some(first) = parsed.operands.first() else {
        return Flow::Exit(missing(&mut run, &TR_USAGE, "missing operand"));
    };
    if parsed.operands.len() < 2 && !delete && !squeeze {
        let shown = run.curly(first);
        let text = format!(
            "missing operand after {}\nTwo strings must be given when translating.",
            String::from_utf8_lossy(&shown)
        );
        return Flow::Exit(missing(&mut run, &TR_USAGE, &text));
    }
    let mut from = set(first);
    if parsed.has('c') || parsed.has('C') {
        from = (0..=255).filter(|b| !from.contains(b)).collect();
    }
    let to = parsed.operands.get(1).map(|text| set(text)).unwrap_or_default();
    let mut map: Vec<Option<u8>> = (0..=255).map(Some).collect();
    for (at, byte) in from.iter().enumerate() {
        map[usize::from(*byte)] =
            if delete { None } else { to.get(at).or(to.last()).copied().or(Some(*byte)) };
    }
    let squeezed = if delete || !to.is_empty() { &to } else { &from };
    let input = run.process.stdin;
    let mut last = None;
    loop {
        let piece = match run.read(input) {
            Ok(piece) if !piece.is_empty() => piece,
            _ => break,
        };
        let mut out = Vec::with_capacity(piece.len());
        for byte in piece.iter().filter_map(|b| map[usize::from(*b)]) {
            if squeeze && last == Some(byte) && squeezed.contains(&byte) {
                continue;
            }
            last = Some(byte);
            out.push(byte);
        }
        run.print(out);
    }
    run.end()
}

/// The bytes of a set, in order: escapes, ranges, classes.
fn set(text: &[u8]) -> Vec<u8> {
    let class = |name: &[u8]| -> Option<fn(&u8) -> bool> {
        Some(match name {
            b"alpha" => u8::is_ascii_alphabetic,
            b"digit" => u8::is_ascii_digit,
            b"alnum" => u8::is_ascii_alphanumeric,
            b"upper" => u8::is_ascii_uppercase,
            b"lower" => u8::is_ascii_lowercase,
            b"space" => |b| b.is_ascii_whitespace() || *b == 11,
            b"blank" => |b| matches!(b, b' ' | b'\t'),
            b"punct" => u8::is_ascii_punctuation,
            b"cntrl" => u8::is_ascii_control,
            b"xdigit" => u8::is_ascii_hexdigit,
            b"print" => |b| matches!(b, b' '..=b'~'),
            b"graph" => u8::is_ascii_graphic,
            _ => return None,
        })
    };
    let text = unescape(text, Octal::Plain).0;
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(b"[:")
            && let Some(end) = text[at..].windows(2).position(|w| w == b":]")
            && let Some(inside) = class(&text[at + 2..at + end])
        {
            out.extend((0..=255u8).filter(inside));
            at += end + 2;
        } else if text.get(at + 1) == Some(&b'-') && text.get(at + 2).is_some_and(|high| *high >= text[at]) {
            out.extend(text[at]..=text[at + 2]);
            at += 3;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}
