//! `jq` for the lab's host: what is asked of `docker inspect` and of manifests (jq(1)). What it has not is refused in a line.

mod calls;
mod eval;
mod filter;
mod order;
mod parse;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use super::json::Json;
use crate::kernel::fs;
use crate::program::{Flow, Process, Program, Scope, System};
use eval::Evaluator;
use values::{Evaluate as _, Stop};

pub(super) const PROGRAM: Program =
    Program { name: "jq", summary: "pick values out of JSON", scope: Scope::Host, main };

/// How a line of jq is to be run.
#[derive(Debug, Default)]
struct Line {
    /// The switches that are on, by their letters.
    on: BTreeSet<char>,
    vars: BTreeMap<String, Json>,
    filter: Option<String>,
    files: Vec<Vec<u8>>,
}

impl Line {
    fn turn_on(&mut self, letter: char) {
        self.on.insert(letter);
    }

    fn has(&self, letter: char) -> bool {
        self.on.contains(&letter)
    }
}

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let line = match read(process) {
        Ok(line) => line,
        Err(why) => {
            process.complain(system, why);
            return Flow::Exit(2);
        }
    };
    let Some(text) = &line.filter else {
        process.complain(
            system,
            "jq - commandline JSON processor\n\nUsage:\tjq [options] <jq filter> [file...]\n",
        );
        return Flow::Exit(2);
    };
    let filter = match parse::parse(text) {
        Ok(filter) => filter,
        Err(rest) => {
            let at = if rest.is_empty() { "its end".to_owned() } else { rest };
            process.complain(
                system,
                format!("jq: error: syntax error at <top-level>, line 1:\n{text}\njq: 1 compile error\n"),
            );
            process.complain(system, format!("Layerlab: jq cannot read the filter at {at}; in single quotes the shell leaves it as it is\n"));
            return Flow::Exit(3);
        }
    };
    let (inputs, mut status) = inputs(system, process, &line);
    let (mut last, mut any) = (Json::Null, false);
    for input in inputs {
        let answer = Evaluator::new(line.vars.clone()).all(&filter, &input);
        match answer {
            Ok(values) => {
                for value in values {
                    print(system, process, &line, &value);
                    (last, any) = (value, true);
                }
            }
            Err(Stop::Error(why)) => {
                process.complain(system, format!("jq: error (at <stdin>:0): {why}\n"));
                status = 5;
            }
            Err(Stop::Lacks(what)) => {
                process.complain(system, format!("Layerlab: jq here has no {what}; it has paths, |, map, select, keys, length, sort_by and their like\n"));
                return Flow::Exit(3);
            }
        }
    }
    if line.has('e') && status == 0 {
        status = if any { u8::from(!values::truth(&last)) } else { 4 };
    }
    Flow::Exit(status)
}

/// Reads the options (jq(1), "Invoking jq").
fn read(process: &Process) -> Result<Line, String> {
    let mut line = Line::default();
    let mut words = process.args[1..].iter();
    while let Some(word) = words.next() {
        let text = word.to_text();
        if let Some(long) = text.strip_prefix("--").filter(|long| !long.is_empty()) {
            match long {
                "compact-output" => line.turn_on('c'),
                "raw-output" => line.turn_on('r'),
                "join-output" => line.turn_on('j'),
                "sort-keys" => line.turn_on('S'),
                "slurp" => line.turn_on('s'),
                "null-input" => line.turn_on('n'),
                "exit-status" => line.turn_on('e'),
                "monochrome-output" => {}
                "arg" | "argjson" => {
                    let (name, value) = (words.next(), words.next());
                    let (Some(name), Some(value)) = (name, value) else {
                        return Err(format!(
                            "jq: error: --{long} takes two parameters (e.g. --{long} varname value)\n"
                        ));
                    };
                    let value = match long {
                        "arg" => Json::Text(value.to_text()),
                        _ => serde_json::from_str(&value.to_text())
                            .map_err(|_| "jq: Invalid JSON text passed to --argjson\n".to_owned())?,
                    };
                    line.vars.insert(name.to_text(), value);
                }
                other => return Err(unknown(&format!("--{other}"))),
            }
        } else if text.starts_with('-') && text.len() > 1 {
            for letter in text[1..].chars() {
                match letter {
                    'c' | 'r' | 'j' | 'S' | 's' | 'n' | 'e' => line.turn_on(letter),
                    // There are no colours here.
                    'M' => {}
                    other => return Err(unknown(&format!("-{other}"))),
                }
            }
        } else if line.filter.is_none() {
            line.filter = Some(text);
        } else {
            line.files.push(word.to_vec());
        }
    }
    Ok(line)
}

fn unknown(option: &str) -> String {
    format!("Layerlab: jq here has no {option}; it takes -c, -r, -j, -S, -s, -n, -e, --arg and --argjson\n")
}

/// The values that are read, and the status so far.
fn inputs(system: &mut System<'_>, process: &mut Process, line: &Line) -> (Vec<Json>, u8) {
    if line.has('n') {
        return (vec![Json::Null], 0);
    }
    let mut texts = Vec::new();
    let mut status = 0;
    for file in &line.files {
        match fs::read(system.kernel, &process.task, file) {
            Ok(text) => texts.push(text.to_vec()),
            Err(errno) => {
                let file = String::from_utf8_lossy(file);
                process.complain(system, format!("jq: error: Could not open {file}: {}\n", errno.text()));
                status = 2;
            }
        }
    }
    if line.files.is_empty() {
        texts.push(process.stdin.read_to_end(system).unwrap_or_default());
    }
    let mut values = Vec::new();
    for text in texts {
        for value in serde_json::Deserializer::from_slice(&text).into_iter::<Json>() {
            match value {
                Ok(value) => values.push(value),
                Err(error) => {
                    let (line, column) = (error.line(), error.column());
                    let text = format!("jq: parse error: Invalid JSON at line {line}, column {column}\n");
                    process.complain(system, text);
                    status = 2;
                    break;
                }
            }
        }
    }
    (if line.has('s') { vec![Json::List(values)] } else { values }, status)
}

fn print(system: &mut System<'_>, process: &mut Process, line: &Line, value: &Json) {
    let sorted = if line.has('S') { by_name(value) } else { value.clone() };
    let text = match &sorted {
        Json::Text(text) if line.has('r') || line.has('j') => text.clone(),
        value if line.has('c') => value.line(),
        value => value.indented(b"  "),
    };
    process.print(system, if line.has('j') { text } else { text + "\n" });
}

/// The value with the fields of its objects sorted. JSON is never read deeper than 128 levels.
fn by_name(value: &Json) -> Json {
    match value {
        Json::List(items) => Json::List(items.iter().map(by_name).collect()),
        Json::Object(fields) => Json::Object(
            order::by_name(fields).into_iter().map(|(name, value)| (name.clone(), by_name(value))).collect(),
        ),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
