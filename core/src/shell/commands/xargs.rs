//! `xargs`.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::common::args::{Flag, Order, Usage, flag, parse, valued};
use super::common::run::Run;
use super::common::start::start;
use crate::kernel::ByteString;
use crate::program::{Flow, Next, Pid, Process, Program, ProgramState, Scope, System, Wait};

pub(super) const PROGRAM: Program = Program {
    name: "xargs",
    summary: "run a command on the words of its input",
    scope: Scope::Everywhere,
    main: xargs,
};

const XARGS_FLAGS: &[Flag] = &[
    flag('0', "null", "words end at NUL"),
    valued('n', "max-args", "this many words a command"),
    valued('I', "", "replace this text by a line"),
    valued('L', "", "this many lines a command"),
    valued('P', "max-procs", ""),
    flag('r', "no-run-if-empty", "no input, no command"),
    flag('t', "verbose", "say what is run"),
    valued('d', "delimiter", "words end at this character"),
];
const XARGS_USAGE: Usage = Usage {
    synopsis: "[OPTION]... COMMAND [INITIAL-ARGS]...",
    about: "Run COMMAND with arguments INITIAL-ARGS and more arguments read from input.",
    flags: XARGS_FLAGS,
    status: 1,
};

fn xargs(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &XARGS_USAGE, Order::OptionsFirst) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let data = match run.slurp(b"-") {
        Ok(data) => data,
        Err(error) => {
            run.warn(format!("read error: {}", error.text()));
            return run.end();
        }
    };
    let command = if parsed.operands.is_empty() { vec!["echo".into()] } else { parsed.operands.clone() };
    let words: Vec<ByteString> = if parsed.has('0') {
        data.split(|b| *b == 0).filter(|word| !word.is_empty()).map(ByteString::from).collect()
    } else if let Some(by) = parsed.value('d').and_then(|d| crate::shell::escape::ansi(d).first().copied()) {
        data.strip_suffix(b"\n").unwrap_or(&data).split(|b| *b == by).map(ByteString::from).collect()
    } else if parsed.has('I') {
        super::common::lines::split(&data).into_iter().map(|line| line.trim_ascii_start().into()).collect()
    } else {
        match words(&data) {
            Ok(words) => words,
            Err(quote) => {
                let name = if quote == b'"' { "double" } else { "single" };
                run.warn_filled(run.words().xargs_open_quote, &[name.as_bytes()]);
                return run.end();
            }
        }
    };
    if words.is_empty() && (parsed.has('r') || parsed.has('I') || !run.habits().xargs_runs_without_words) {
        return run.end();
    }
    let mut lines: Vec<Vec<ByteString>> = Vec::new();
    if let Some(mark) = parsed.value('I') {
        for word in &words {
            lines.push(command.iter().map(|arg| replace(arg, mark, word)).collect());
        }
    } else {
        let most = parsed
            .value('n')
            .or_else(|| parsed.value('L'))
            .and_then(|n| n.to_text().parse().ok())
            .unwrap_or(5000usize);
        let mut chunks: Vec<&[ByteString]> = words.chunks(most.max(1)).collect();
        if chunks.is_empty() {
            chunks.push(&[]);
        }
        lines.extend(chunks.into_iter().map(|chunk| [&command[..], chunk].concat()));
    }
    run.process.stdin = crate::program::Input::EMPTY;
    let lines = lines.into();
    let mut commands = Commands { lines, told: parsed.has('t'), status: run.status, child: None };
    match commands.go_on(&mut run) {
        Next::Exit(status) => Flow::Exit(status),
        Next::Wait(wait) => system.goes_on(commands, wait),
        _ => system.goes_on(commands, None),
    }
}

/// The commands that there still are to run, one after another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Commands {
    lines: VecDeque<Vec<ByteString>>,
    /// Each is printed before it runs.
    told: bool,
    status: u8,
    child: Option<Pid>,
}

impl Commands {
    /// Starts the next command, and goes on when it has ended.
    fn go_on(&mut self, run: &mut Run<'_, '_>) -> Next {
        if let Some(pid) = self.child {
            let tasks = &mut run.system.world.tasks;
            if !tasks.has_ended(pid) {
                return Next::Wait(Wait::child(pid));
            }
            self.child = None;
            match tasks.reap(pid).unwrap_or_default() {
                0 => {}
                status @ (126 | 127) => return Next::Exit(status),
                255 => return Next::Exit(124),
                _ => self.status = 123,
            }
        }
        let Some(line) = self.lines.pop_front() else { return Next::Exit(self.status) };
        if !run.step() {
            return Next::Exit(run.status.max(self.status));
        }
        if self.told {
            let text = line.iter().map(ByteString::to_text).collect::<Vec<_>>().join(" ");
            run.complain(text + "\n");
        }
        match start(run, line) {
            Ok(pid) => {
                self.child = Some(pid);
                Next::Wait(Wait::child(pid))
            }
            Err(status) => Next::Exit(status),
        }
    }
}

impl ProgramState for Commands {
    const NAME: &'static str = "xargs";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        self.go_on(&mut Run::new(system, process))
    }
}

fn replace(arg: &[u8], mark: &[u8], word: &[u8]) -> ByteString {
    let mut out = Vec::new();
    let mut at = 0;
    while at < arg.len() {
        if !mark.is_empty() && arg[at..].starts_with(mark) {
            out.extend_from_slice(word);
            at += mark.len();
        } else {
            out.push(arg[at]);
            at += 1;
        }
    }
    out.into()
}

/// Words between blanks, with quotes and backslashes.
fn words(data: &[u8]) -> Result<Vec<ByteString>, u8> {
    let mut out: Vec<ByteString> = Vec::new();
    let mut current: Option<Vec<u8>> = None;
    let mut bytes = data.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' | b'\t' | b'\n' => out.extend(current.take().map(ByteString::from)),
            b'\\' => current.get_or_insert_default().extend(bytes.next()),
            quote @ (b'"' | b'\'') => {
                let word = current.get_or_insert_default();
                loop {
                    match bytes.next() {
                        Some(byte) if byte == quote => break,
                        Some(byte) => word.push(*byte),
                        None => return Err(*quote),
                    }
                }
            }
            byte => current.get_or_insert_default().push(*byte),
        }
    }
    out.extend(current.map(ByteString::from));
    Ok(out)
}
