//! `sleep`: waits.

use super::common::args::{Order, Usage, bad_value, missing, parse};
use super::common::length::seconds;
use super::common::run::Run;
use crate::program::{Flow, Nanos, Next, Process, Program, ProgramState, Scope, System, Wait};
use serde::{Deserialize, Serialize};

pub(super) const PROGRAM: Program =
    Program { name: "sleep", summary: "let time pass", scope: Scope::Everywhere, main: sleep };

const SLEEP_USAGE: Usage = Usage {
    synopsis: "NUMBER[SUFFIX]...",
    about: "Pause for NUMBER seconds; SUFFIX is s, m, h or d. The lab's clock goes on at once.",
    flags: &[],
    status: 1,
};

fn sleep(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut run = Run::new(system, process);
    let parsed = match parse(&mut run, &SLEEP_USAGE, Order::Any) {
        Ok(parsed) => parsed,
        Err(status) => return Flow::Exit(status),
    };
    if parsed.operands.is_empty() {
        return Flow::Exit(missing(&mut run, &SLEEP_USAGE, "missing operand"));
    }
    let mut total = 0.0;
    for operand in &parsed.operands {
        match seconds(operand) {
            Some(seconds) => total += seconds,
            None => {
                let message = run.words().bad_interval;
                return Flow::Exit(bad_value(&mut run, &SLEEP_USAGE, message, operand));
            }
        }
    }
    let nanos = if total.is_finite() { (total * 1e9) as i64 } else { i64::MAX };
    let until = run.system.now().saturating_add(nanos);
    run.system.goes_on(Sleeping { until }, Wait::until(until))
}

/// A sleep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sleeping {
    until: Nanos,
}

impl ProgramState for Sleeping {
    const NAME: &'static str = "sleep";

    fn step(&mut self, system: &mut System<'_>, _: &mut Process) -> Next {
        if self.until <= system.now() { Next::Exit(0) } else { Next::Wait(Wait::until(self.until)) }
    }
}
