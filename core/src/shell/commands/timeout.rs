//! `timeout`: runs a program and ends it when the time is up.

use super::common::args::{Order, Usage, flag, missing, parse, valued};
use super::common::run::Run;
use super::common::start::cannot;
use crate::program::{
    Body, Flow, Nanos, Next, Pid, Process, Program, ProgramState, Scope, Spawn, System, Wait, find, signals,
};
use serde::{Deserialize, Serialize};

pub(super) const PROGRAM: Program = Program {
    name: "timeout",
    summary: "run a command for so long at most",
    scope: Scope::Everywhere,
    main: timeout,
};

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
    let nanos = |text: &[u8]| super::common::length::seconds(text).map(|seconds| (seconds * 1e9) as Nanos);
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
