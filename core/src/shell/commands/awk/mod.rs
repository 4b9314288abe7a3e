//! `awk` (POSIX): rules on records and fields, variables, arrays, `printf`, and the functions on texts and numbers. It has no
//! functions of the program's own, no `getline`, no `system` and no output to files: each is refused by name.

mod ast;
mod call;
mod eval;
mod expr;
mod lex;
mod parse;
mod statements;
#[cfg(test)]
mod tests;
mod text;
mod value;

use self::ast::{Pattern, Rule};
use self::eval::Awk;
use self::statements::Then;
use self::value::Value;
use super::common::args::{Flag, Order, Usage, parse, valued};
use super::common::run::Run;
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};
use crate::shell::commands::common::refusal::Refusal;

pub(super) const PROGRAM: Program =
    Program { name: "awk", summary: "run rules on the fields of lines", scope: Scope::Everywhere, main };

const FLAGS: &[Flag] = &[
    valued('F', "field-separator", "fields end at this"),
    valued('v', "assign", "set a variable, NAME=VALUE"),
    valued('f', "file", "read the program from this file"),
];
const USAGE: Usage = Usage {
    synopsis: "[-F FS] [-v NAME=VALUE]... PROGRAM [FILE | NAME=VALUE]...",
    about: "Run PROGRAM on each line of the FILEs, or of standard input: BEGIN, END, /expression/, { print $1, NF }.",
    flags: FLAGS,
    status: 2,
};

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &USAGE, Order::OptionsFirst) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let mut operands = parsed.operands;
    let mut program: Vec<u8> = Vec::new();
    let mut settings: Vec<(String, Vec<u8>)> = Vec::new();
    let mut has_file = false;
    for (key, value) in &parsed.options {
        let value = value.as_ref().map(|value| value.to_vec()).unwrap_or_default();
        match key.letter() {
            Some('F') => {
                settings
                    .push(("FS".to_owned(), if value == b"t" { b"\t".to_vec() } else { escapes(&value) }));
            }
            Some('v') => match setting(&value) {
                Some(setting) => settings.push(setting),
                None => {
                    run.warn([b"bad assignment: ", &value[..]].concat());
                    return Flow::Exit(2);
                }
            },
            _ => match run.slurp(&value) {
                Ok(text) => {
                    has_file = true;
                    program.extend_from_slice(&text);
                    program.push(b'\n');
                }
                Err(error) => {
                    run.warn_bare(&value, error);
                    return Flow::Exit(2);
                }
            },
        }
    }
    if !has_file {
        if operands.is_empty() {
            run.complain("Usage: awk [-F FS] [-v NAME=VALUE]... PROGRAM [FILE]...\n");
            return Flow::Exit(2);
        }
        program = operands.remove(0).into_vec();
    }
    let rules = match parse::program(&program) {
        Ok(rules) => rules,
        Err(why) => return Flow::Exit(refuse(&mut run, &why)),
    };
    let mut awk = Awk::new(rules.len());
    let env: Vec<(ByteString, ByteString)> = run.process.env.clone().into_iter().collect();
    for (name, value) in env {
        awk.set_item("ENVIRON", &name, Value::input(&value));
    }
    for (name, value) in settings {
        awk.set(&name, Value::input(&value));
    }
    match work(&mut run, &mut awk, &rules, &operands) {
        Ok(()) => Flow::Exit(if run.status == 0 { awk.status } else { run.status }),
        Err(why) => Flow::Exit(refuse(&mut run, &why)),
    }
}

/// Tells what is wrong with a program; what this awk has not is told by the lab.
fn refuse(run: &mut Run<'_, '_>, why: &Refusal) -> u8 {
    why.tell(run);
    2
}

fn work(
    run: &mut Run<'_, '_>,
    awk: &mut Awk,
    rules: &[Rule],
    operands: &[ByteString],
) -> Result<(), Refusal> {
    let mut ended = matches!(awk.rules(run, rules, &Pattern::Begin)?, Then::Exit);
    let needs_input = rules.iter().any(|rule| !matches!(rule.pattern, Pattern::Begin));
    if !needs_input {
        return Ok(());
    }
    let mut count = 0.0;
    let mut files: Vec<ByteString> = operands.to_vec();
    if !files.iter().any(|operand| setting(operand).is_none()) {
        files.push("-".into());
    }
    for file in files {
        if ended {
            break;
        }
        if let Some((name, value)) = setting(&file) {
            awk.set(&name, Value::input(&value));
            continue;
        }
        let data = match run.slurp(&file) {
            Ok(data) => data,
            Err(error) => {
                run.warn([b"cannot open \"", &file[..], b"\" (", error.text().as_bytes(), b")"].concat());
                run.status = 2;
                continue;
            }
        };
        awk.set("FILENAME", Value::Text(if file == "-" { Vec::new() } else { file.to_vec() }));
        for (number, record) in records(&data, &awk.var("RS")).into_iter().enumerate() {
            count += 1.0;
            awk.set("NR", Value::Number(count));
            awk.set("FNR", Value::Number((number + 1) as f64));
            awk.read(record)?;
            if !run.step() || matches!(awk.rules(run, rules, &Pattern::Always)?, Then::Exit) {
                ended = true;
                break;
            }
        }
    }
    awk.rules(run, rules, &Pattern::End)?;
    Ok(())
}

/// The records of a text: lines, what stands between one character, or paragraphs where the separator is empty.
fn records<'d>(data: &'d [u8], separator: &[u8]) -> Vec<&'d [u8]> {
    let Some(mark) = separator.first() else {
        let mut list: Vec<&[u8]> = Vec::new();
        let mut start = None;
        let mut at = 0;
        for line in data.split_inclusive(|b| *b == b'\n') {
            if line == b"\n" {
                list.extend(start.take().map(|from: usize| data[from..at].trim_ascii_end()));
            } else {
                start.get_or_insert(at);
            }
            at += line.len();
        }
        list.extend(start.map(|from| data[from..].strip_suffix(b"\n").unwrap_or(&data[from..])));
        return list;
    };
    if data.is_empty() {
        return Vec::new();
    }
    data.strip_suffix(&[*mark]).unwrap_or(data).split(|b| b == mark).collect()
}

/// `NAME=VALUE`, with the escapes of the value read.
fn setting(text: &[u8]) -> Option<(String, Vec<u8>)> {
    let at = text.iter().position(|b| *b == b'=')?;
    let name = std::str::from_utf8(&text[..at]).ok()?;
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_name = starts && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then(|| (name.to_owned(), escapes(&text[at + 1..])))
}

fn escapes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        match bytes.next() {
            Some(b't') => out.push(b'\t'),
            Some(b'n') => out.push(b'\n'),
            Some(b'\\') => out.push(b'\\'),
            next => {
                out.push(b'\\');
                out.extend(next);
            }
        }
    }
    out
}
