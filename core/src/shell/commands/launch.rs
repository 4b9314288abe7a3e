//! `timeout`, `time`, `nohup`, `sudo`: programs that run another one in their own way.

use serde::{Deserialize, Serialize};

use super::common::args::{Order, Usage, flag, missing, parse, valued};
use super::common::run::Run;
use super::who::{cannot, replace};
use crate::program::{
    Body, Flow, Nanos, Next, Pid, Process, Program, ProgramState, Scope, Spawn, System, Wait, find, signals,
};

pub(super) const TIMEOUT: Program = Program {
    name: "timeout",
    summary: "run a command for so long at most",
    scope: Scope::Everywhere,
    main: timeout,
};
pub(super) const NOHUP: Program = Program {
    name: "nohup",
    summary: "run a command that goes on without its terminal",
    scope: Scope::Everywhere,
    main: nohup,
};
pub(super) const SUDO: Program =
    Program { name: "sudo", summary: "run a command as root", scope: Scope::Host, main: sudo };

pub(super) const TIME: Program =
    Program { name: "time", summary: "say how long a command takes", scope: Scope::Everywhere, main: time };

const TIMEOUT_USAGE: Usage = Usage {
    synopsis: "[OPTION] DURATION COMMAND [ARG]...",
    about: "Start COMMAND, and kill it if still running after DURATION.",
    flags: &[
        valued('s', "signal", "this signal, not TERM"),
        valued('k', "kill-after", "KILL as well after this time"),
        flag('p', "preserve-status", "the command's own status"),
    ],
    status: 125,
};

/// The status of `timeout` when the time is up.
const UP: u8 = 124;

/// A `timeout` that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Timed {
    pid: Pid,
    at: Nanos,
    signal: u8,
    kill_after: Option<Nanos>,
    own_status: bool,
    up: bool,
}

fn timeout(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &TIMEOUT_USAGE, Order::OptionsFirst) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    let (Some(duration), [_, command @ ..]) = (parsed.operands.first(), &parsed.operands[..]) else {
        return Flow::Exit(missing(&mut run, &TIMEOUT_USAGE, "missing operand"));
    };
    if command.is_empty() {
        return Flow::Exit(missing(&mut run, &TIMEOUT_USAGE, "missing operand"));
    }
    let nanos = |text: &[u8]| super::clock::seconds(text).map(|seconds| (seconds * 1e9) as Nanos);
    let Some(length) = nanos(duration) else {
        let shown = run.curly(duration);
        run.warn([b"invalid time interval ", &shown[..]].concat());
        return Flow::Exit(125);
    };
    let signal = match parsed.value('s') {
        Some(text) => match signals::number(&text.to_text()) {
            Some(signal) => signal,
            None => {
                let shown = run.curly(&text.clone());
                run.warn([&shown[..], b": invalid signal"].concat());
                return Flow::Exit(125);
            }
        },
        None => signals::TERM,
    };
    let kill_after = parsed.value('k').and_then(|text| nanos(text));
    let mut child = run.process.child(command.to_vec());
    let program = match find(run.system, &mut child) {
        Ok(program) => program,
        Err(error) => return cannot(&mut run, &command[0].clone(), &error),
    };
    let own_status = parsed.has('p');
    let at = if length == 0 { Nanos::MAX } else { system.now().saturating_add(length) };
    let front = system.world.tasks.get(system.current).is_none_or(|row| row.front);
    let body = Body::Fresh(program.name.into());
    match system.spawn(Spawn { front, ..Spawn::new(system.current, child, body) }) {
        Ok(pid) => system.goes_on(Timed { pid, at, signal, kill_after, own_status, up: false }, None),
        Err(error) => {
            process.complain(system, format!("timeout: fork system call failed: {}\n", error.text()));
            Flow::Exit(125)
        }
    }
}

impl ProgramState for Timed {
    const NAME: &'static str = "timeout";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        if let Some(status) = system.world.tasks.reap(self.pid) {
            let by_signal = Run::new(system, process).habits().timeout_tells_signal;
            return Next::Exit(if self.up && !self.own_status && !by_signal { UP } else { status });
        }
        if self.at <= system.now() {
            system.signal(self.pid, if self.up { signals::KILL } else { self.signal });
            self.up = true;
            self.at = self.kill_after.take().map_or(Nanos::MAX, |after| system.now().saturating_add(after));
            return Next::Again;
        }
        Next::Wait(Wait { until: (self.at < Nanos::MAX).then_some(self.at), ..Wait::child(self.pid) })
    }
}

fn nohup(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let command = run.process.args[1..].to_vec();
    if command.is_empty() {
        run.warn("missing operand\nTry 'nohup --help' for more information.");
        return Flow::Exit(125);
    }
    if run.process.stdout.is_terminal(run.system) {
        run.complain("Layerlab: the lab's terminal never hangs up, and the output stays on it: there is no nohup.out\n");
    }
    replace(&mut run, command)
}

fn sudo(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let mut words = run.process.args[1..].iter().peekable();
    // Options that change nothing for who is root already.
    while words
        .next_if(|word| matches!(&word[..], b"-E" | b"-H" | b"-n" | b"-S" | b"--" | b"-i" | b"-s"))
        .is_some()
    {}
    let command: Vec<_> = words.cloned().collect();
    match command.first() {
        None => {
            run.complain("usage: sudo [-EHnS] [command [arg ...]]\n");
            Flow::Exit(1)
        }
        Some(word) if word.starts_with(b"-") => {
            let text = format!("Layerlab: sudo {word} is not there: the lab's terminal is root's\n");
            run.complain(text);
            Flow::Exit(1)
        }
        Some(_) => {
            run.process.task.uid = 0;
            run.process.task.gid = 0;
            replace(&mut run, command)
        }
    }
}

/// A `time` that waits for its command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Clocked {
    pid: Pid,
    since: Nanos,
}

/// `time COMMAND`: how long it took by the lab's clock.
fn time(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let mut command: Vec<_> = run.process.args[1..].to_vec();
    if command.first().is_some_and(|word| *word == "-p") {
        command.remove(0);
    }
    let since = run.system.now();
    if command.is_empty() {
        let text = took(&run, 0);
        run.complain(text);
        return Flow::OK;
    }
    let mut child = run.process.child(command.clone());
    let program = match find(run.system, &mut child) {
        Ok(program) => program,
        Err(error) => return cannot(&mut run, &command[0], &error),
    };
    let front = system.world.tasks.get(system.current).is_none_or(|row| row.front);
    let body = Body::Fresh(program.name.into());
    match system.spawn(Spawn { front, ..Spawn::new(system.current, child, body) }) {
        Ok(pid) => system.goes_on(Clocked { pid, since }, None),
        Err(error) => {
            process.complain(system, format!("time: fork: {}\n", error.text()));
            Flow::Exit(125)
        }
    }
}

impl ProgramState for Clocked {
    const NAME: &'static str = "time";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let Some(status) = system.world.tasks.reap(self.pid) else {
            return Next::Wait(Wait::child(self.pid));
        };
        let length = system.now() - self.since;
        let run = Run::new(system, process);
        let text = took(&run, length);
        process.complain(system, text);
        Next::Exit(status)
    }
}

/// What `time` tells in three lines; the lab's clock knows no other time than the real one.
fn took(run: &Run<'_, '_>, length: Nanos) -> Vec<u8> {
    let millis = length / crate::program::MILLISECOND;
    let (minutes, seconds, rest) = (millis / 60_000, millis / 1000 % 60, millis % 1000);
    let parts = [minutes.to_string(), seconds.to_string(), format!("{rest:03}"), format!("{:02}", rest / 10)];
    run.fill(run.words().time_taken, &parts.each_ref().map(String::as_bytes))
}
