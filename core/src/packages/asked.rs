//! The question that a package manager asks before it changes anything: `Do you want to continue? [Y/n]`.

use serde::{Deserialize, Serialize};

use super::turn::{Done, Turn};
use super::{apt, yum};
use crate::program::{Flow, Loader, Next, Process, ProgramState, System, Wait, loader};

/// The longest answer that is read.
const ANSWER: usize = 4096;

/// Runs Debian's manager.
pub(super) fn apt(system: &mut System<'_>, process: &mut Process) -> Flow {
    let done = apt::run(system, process, Turn::First);
    wait(system, process, done)
}

/// Runs that of CentOS.
pub(super) fn yum(system: &mut System<'_>, process: &mut Process) -> Flow {
    let done = yum::run(system, process, Turn::First);
    wait(system, process, done)
}

fn wait(system: &mut System<'_>, process: &Process, done: Done) -> Flow {
    match done {
        Done::Ended(status) => Flow::Exit(status),
        Done::Asks => system.goes_on(Asked {}, Wait::readable(process.stdin.0)),
    }
}

/// A manager that has asked. With a yes it begins again, and shows nothing of what was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {}

impl ProgramState for Asked {
    const NAME: &'static str = "package manager asked";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        let input = process.stdin.0;
        if !system.world.files.is_readable(input) {
            return Next::Wait(Wait::readable(input));
        }
        let answer = system.world.files.read_line(system.kernel, input, ANSWER).unwrap_or_default();
        let is_apt = process.name().starts_with(b"apt");
        // An empty line is a yes for apt alone.
        let is_yes = match answer.first() {
            Some(b'y' | b'Y') => true,
            Some(b'\n') => is_apt,
            _ => false,
        };
        if !is_yes {
            process.print(system, if is_apt { "Abort.\n" } else { "Operation aborted.\n" });
            return Next::Exit(1);
        }
        let run = if is_apt { apt::run } else { yum::run };
        match run(system, process, Turn::Agreed) {
            Done::Ended(status) => Next::Exit(status),
            // Nothing is asked twice.
            Done::Asks => Next::Exit(1),
        }
    }
}

/// The state of a manager that has asked, for [`crate::program::Table::with_jobs`].
pub(super) fn jobs() -> [(&'static str, Loader); 1] {
    [loader::<Asked>()]
}
