//! Ends of programs: one whose output is still in a full pipe, one whose place another takes.

use serde::{Deserialize, Serialize};

use super::job::{Loader, Next, ProgramState, loader};
use super::{Flow, Process, Program, System};

/// It ends with this status when there is room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ending {
    pub(super) status: u8,
}

impl ProgramState for Ending {
    const NAME: &'static str = "ending";

    fn step(&mut self, _: &mut System<'_>, _: &mut Process) -> Next {
        Next::Exit(self.status)
    }
}

/// Another program takes this one's place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Becoming {
    pub(super) process: Process,
    pub(super) program: String,
}

impl ProgramState for Becoming {
    const NAME: &'static str = "becoming";

    fn step(&mut self, system: &mut System<'_>, _: &mut Process) -> Next {
        match system.table.get(self.program.as_bytes()) {
            Some(program) => Next::Exec(Box::new(self.process.clone()), program.name),
            None => Next::Exit(127),
        }
    }
}

/// The states of this module, for [`super::Table::with_jobs`].
pub fn jobs() -> [(&'static str, Loader); 3] {
    [loader::<Ending>(), loader::<Becoming>(), loader::<super::piecewise::Piecewise>()]
}

impl System<'_> {
    /// Lets another program take the place of the one that runs: `return system.becomes(process, program)`.
    pub fn becomes(&mut self, process: Process, program: Program) -> Flow {
        self.goes_on(Becoming { process, program: program.name.to_owned() }, None)
    }
}
