//! `seq`: prints numbers in order.

use super::common::args::{Order, Usage, flag, missing, mistake, parse, valued};
use super::common::run::Run;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "seq", summary: "print numbers in order", scope: Scope::Everywhere, main: seq };

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
