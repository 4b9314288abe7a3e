//! A question that the person at the terminal answers: `Are you sure you want to continue? [y/N]`.

use serde::{Deserialize, Serialize};

use crate::program::{Flow, Next, Process, ProgramState, System, Wait};

/// The longest answer that is read.
const ANSWER: usize = 4096;

/// A command that has asked. With a yes it begins again, with `--force`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Confirms {
    /// Whether a no is told as space that was not gained.
    pub(super) tells: bool,
}

/// Whether an answer is a yes.
pub(super) fn is_yes(answer: &[u8]) -> bool {
    let first = answer.split(|b| *b == b'\n').next().unwrap_or_default();
    first.trim_ascii().eq_ignore_ascii_case(b"y")
}

/// Lets a command that has asked wait for the answer.
pub(super) fn wait(system: &mut System<'_>, process: &Process, tells: bool) -> Flow {
    system.goes_on(Confirms { tells }, Wait::readable(process.stdin.0))
}

impl ProgramState for Confirms {
    const NAME: &'static str = "docker confirms";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let input = process.stdin.0;
        if !system.world.files.is_readable(input) {
            return Next::Wait(Wait::readable(input));
        }
        let answer = system.world.files.read_line(system.kernel, input, ANSWER).unwrap_or_default();
        if !is_yes(&answer) {
            if self.tells {
                process.print(system, "Total reclaimed space: 0B\n");
            }
            return Next::Exit(0);
        }
        process.args.push("--force".into());
        let Some(docker) = system.table.get(b"docker").copied() else { return Next::Exit(127) };
        Next::Exit((docker.main)(system, process).status())
    }
}
