//! `tr`: changes or removes characters.

use super::common::args::{Order, Usage, flag, missing, parse};
use super::common::run::Run;
use crate::program::{Flow, Process, Program, Scope, System};
use crate::shell::escape::{Octal, unescape};

pub(super) const PROGRAM: Program =
    Program { name: "tr", summary: "translate characters", scope: Scope::Everywhere, main: tr };

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
