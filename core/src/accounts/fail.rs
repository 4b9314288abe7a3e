//! How these programs fail.

use crate::program::{Flow, Process, System};

/// Prints a message that begins with the program's name, and ends with a status.
pub(super) fn fail(system: &mut System<'_>, process: &mut Process, status: u8, text: &str) -> Flow {
    let name = String::from_utf8_lossy(process.name()).into_owned();
    process.complain(system, format!("{name}: {text}\n"));
    Flow::Exit(status)
}
