//! `sh`, `bash`, `ash`, `dash`: the shell as a program.

use super::common::flavour::{Habits, Words, fill};
use crate::kernel::{ByteString, fs};
use crate::program::{Flow, Process, Program, Scope, System, Terminal, signals};
use crate::shell::io::Io;
use crate::shell::state::{Dialect, ShellState};
use crate::shell::vm::Vm;

pub(super) const SH: Program = program("sh");
pub(super) const BASH: Program = program("bash");
pub(super) const ASH: Program = program("ash");
pub(super) const DASH: Program = program("dash");

/// What `bash --version` prints. The lab's shell is none of the real ones.
const VERSION: &str = "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n\
    Layerlab's own shell, which knows Bash's grammar and most of its builtins\n";
/// What `bash --help` prints.
const HELP: &str = "GNU bash, version 5.2.15(1)-release-(x86_64-pc-linux-gnu)\n\
    Usage:\tbash [GNU long option] [option] ...\n\tbash [GNU long option] [option] script-file ...\n\
    Options of the lab: -c LINE, -s, -i, -o NAME, -aefuvxC\n";

const fn program(name: &'static str) -> Program {
    Program { name, summary: "run commands: -c LINE, a script, or a prompt", scope: Scope::Everywhere, main }
}

fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut state = ShellState::named(
        process.task.clone(),
        process.env.clone(),
        process.place.clone(),
        process.args[0].clone(),
        process.flavour,
    );
    let mut command = false;
    let mut from_stdin = false;
    let mut interactive = false;
    let mut rest = process.args[1..].iter().cloned();
    let mut operands: Vec<ByteString> = Vec::new();
    while let Some(arg) = rest.next() {
        let Some(letters) = arg.strip_prefix(b"-").filter(|l| !l.is_empty()) else {
            operands.push(arg);
            operands.extend(rest.by_ref());
            break;
        };
        if letters == b"-" {
            operands.extend(rest.by_ref());
            break;
        }
        if let Some(word) = letters.strip_prefix(b"-") {
            if word == b"version" && state.dialect == Dialect::Bash {
                process.print(system, VERSION);
                return Flow::OK;
            }
            if word == b"help" && state.dialect == Dialect::Bash {
                process.print(system, HELP);
                return Flow::OK;
            }
            if !matches!(word, b"login" | b"norc" | b"noprofile" | b"posix") {
                let text = [&process.args[0][..], b": ", &arg, b": invalid option\n"].concat();
                process.complain(system, text);
                return Flow::Exit(2);
            }
            continue;
        }
        for letter in letters.iter().map(|b| char::from(*b)) {
            match letter {
                'c' => command = true,
                's' => from_stdin = true,
                'i' => interactive = true,
                'l' => {}
                'o' => {
                    let name = rest.next().unwrap_or_default();
                    if !state.options.set_named(&name.to_text(), true) {
                        let text = [&process.args[0][..], b": ", &name, b": invalid option name\n"].concat();
                        process.complain(system, text);
                        return Flow::Exit(2);
                    }
                }
                letter if state.options.set(letter, true) => {}
                letter => {
                    let text =
                        [&process.args[0][..], format!(": -{letter}: invalid option\n").as_bytes()].concat();
                    process.complain(system, text);
                    return Flow::Exit(2);
                }
            }
        }
    }
    let row = system.world.tasks.get(system.current);
    state.pid = row.map_or(1, |row| row.inner);
    let front = row.is_none_or(|row| row.front);
    let io = Io::of(process);
    state.terminal = Terminal::No;
    if command {
        let mut words = operands.into_iter();
        let Some(text) = words.next() else {
            let why = Words::of(process.flavour).sh_needs_command;
            let text = [&process.args[0][..], why.as_bytes()].concat();
            process.complain(system, text);
            return Flow::Exit(2);
        };
        if let Some(name) = words.next() {
            state.name = name;
        }
        state.params = words.collect();
        return begin(system, Vm::new(state, io).script(text.into_vec()));
    }
    if !from_stdin && let Some(file) = operands.first().cloned() {
        state.params = operands.split_off(1);
        return script(system, process, state, &file, io);
    }
    state.params = operands;
    if process.terminal == Terminal::Yes || interactive && process.stdout.is_terminal(system) {
        state.terminal = Terminal::Yes;
        if front {
            let current = system.current;
            system.world.tasks.readers.push(current);
        }
        return begin(system, Vm::new(state, io).sitting());
    }
    begin(system, Vm::new(state, io).reading())
}

/// The process goes on as a shell, which holds its descriptors from now on.
fn begin(system: &mut System<'_>, shell: Vm) -> Flow {
    system.give_up_streams();
    let sits = shell.is_at_prompt();
    let flow = system.goes_on(shell, None);
    if sits {
        let bits = [signals::INT, signals::QUIT, signals::TERM].map(|signal| 1u64 << signal);
        system.catch(0, bits.into_iter().fold(0, |all, bit| all | bit));
    }
    flow
}

fn script(
    system: &mut System<'_>,
    process: &mut Process,
    mut state: ShellState,
    file: &ByteString,
    io: Io,
) -> Flow {
    match fs::read(system.kernel, &process.task, file) {
        Ok(text) => {
            state.name = file.clone();
            begin(system, Vm::new(state, io).script(text))
        }
        Err(error) => {
            let message = Words::of(process.flavour).sh_cannot_open;
            let parts = [&process.args[0][..], file, error.text().as_bytes()];
            let text = fill(message, &parts, <[u8]>::to_vec);
            process.complain(system, text);
            Flow::Exit(Habits::of(process.flavour).sh_no_script_status)
        }
    }
}
