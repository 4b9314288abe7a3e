//! The lab's shell: a POSIX shell language over the process model, and the commands that go with it.
//!
//! A line is parsed, compiled to flat code ([`compile`]) and run by a machine ([`vm`]) that can stop at every wait, since
//! all that it holds is data. A shell is a process like others: [`open`] starts one at the session's terminal, `sh` one
//! with a script.
//!
//! No text makes the shell recurse without bound or run for ever: nesting has a limit when it is parsed, functions have
//! one, and running has the steps of [`crate::program::Limits`].

mod alias;
mod array;
mod ast;
mod brace;
mod builtins;
mod code;
pub mod commands;
mod compile;
mod escape;
mod expand;
mod fields;
mod io;
mod live;
mod parse;
mod pattern;
mod state;
#[cfg(test)]
mod tests;
mod vm;

pub use builtins::names as builtin_names;
pub use commands::{process_table, programs};
pub use state::ShellState;
pub use vm::Vm;

use crate::program::{Body, Desc, Env, Pid, Place, Process, Spawn, System, Terminal, World, loader};

/// Whether the text ends inside something (an open quote, an unfinished `if`, a here-document, a trailing `|` or
/// backslash), so that a prompt should ask for the next line with `> ` and put a line feed between.
pub fn is_incomplete(text: &[u8]) -> bool {
    parse::is_incomplete(text, state::Dialect::Bash)
}

/// The quote that the text opens and does not close.
pub fn open_quote(text: &[u8]) -> Option<char> {
    parse::open_quote(text)
}

/// Starts a shell at the session's terminal, in front of what sits there.
///
/// # Errors
/// Where there are as many processes as there may be.
pub fn open(system: &mut System<'_>, state: ShellState) -> Result<Pid, crate::kernel::Errno> {
    let terminal = if system.world.files.no_terminal { Terminal::No } else { Terminal::Yes };
    let mut process = process_of(&state, terminal, (Desc::TERMINAL, Desc::TERMINAL_ERR));
    process.stdin = crate::program::Input(Desc::KEYBOARD);
    let vm = Vm::new(state, io::Io::of(&process)).sitting();
    let spawn = Spawn { bare: true, kept: true, ..Spawn::new(0, process, Body::Job(Box::new(vm))) };
    let pid = system.spawn(spawn)?;
    let bits = [crate::program::signals::INT, crate::program::signals::QUIT, crate::program::signals::TERM];
    if let Some(row) = system.world.tasks.get_mut(pid) {
        row.ignore(bits.into_iter().fold(0, |all, signal| all | 1 << signal));
    }
    if let Some(vm) = system.world.tasks.job_mut::<Vm>(pid) {
        vm.state.pid = pid;
    }
    system.world.tasks.readers.push(pid);
    Ok(pid)
}

/// Says whether the session has a terminal: whether what its shells start sees one.
pub fn set_terminal(world: &mut World, has: bool) {
    world.files.no_terminal = !has;
    for pid in world.tasks.readers.clone() {
        if let Some(vm) = world.tasks.job_mut::<Vm>(pid) {
            vm.io.terminal = if has { Terminal::Yes } else { Terminal::No };
        }
    }
}

/// Starts a shell that runs one line unseen; it is there until somebody asks how it ended.
///
/// # Errors
/// Where there are as many processes as there may be.
pub fn unseen(
    system: &mut System<'_>,
    mut state: ShellState,
    line: &[u8],
    out: Desc,
) -> Result<Pid, crate::kernel::Errno> {
    state.terminal = Terminal::No;
    let process = process_of(&state, Terminal::No, (out, Desc::NULL));
    // The shell holds what it writes to, and lets it go when it ends.
    system.world.files.retain(out);
    let vm = Vm::new(state, io::Io::of(&process)).script(line);
    system.spawn(Spawn { bare: true, kept: true, ..Spawn::new(0, process, Body::Job(Box::new(vm))) })
}

fn process_of(state: &ShellState, terminal: Terminal, (out, err): (Desc, Desc)) -> Process {
    Process {
        task: state.task.clone(),
        env: Env::new(),
        args: vec![state.name.clone()],
        stdin: crate::program::Input(if terminal == Terminal::Yes { Desc::KEYBOARD } else { Desc::NULL }),
        stdout: crate::program::Output(out),
        stderr: crate::program::Output(err),
        place: Place::Host,
        terminal,
        flavour: crate::program::Flavour::Gnu,
        spoken: None,
    }
}

/// The states of the shell's programs, for [`crate::program::Table::with_jobs`].
pub fn jobs() -> Vec<(&'static str, crate::program::Loader)> {
    let mut jobs = vec![loader::<Vm>()];
    jobs.extend(commands::jobs());
    jobs
}
