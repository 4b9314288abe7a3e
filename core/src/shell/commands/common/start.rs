//! Programs that commands start or become.

use super::run::Run;
use crate::kernel::ByteString;
use crate::program::{Body, ExecError, Flow, Pid, Spawn, find};

/// Lets a program take this process's place; 126 and 127 where it cannot.
pub(in crate::shell::commands) fn replace(run: &mut Run<'_, '_>, args: Vec<ByteString>) -> Flow {
    let name = args[0].clone();
    let mut child = run.process.child(args);
    match find(run.system, &mut child) {
        Ok(program) => run.system.becomes(child, program),
        Err(error) => cannot(run, &name, &error),
    }
}

/// Starts a program as a child, which the caller waits for; 126 and 127 where it cannot be.
pub(in crate::shell::commands) fn start(run: &mut Run<'_, '_>, args: Vec<ByteString>) -> Result<Pid, u8> {
    let name = args[0].clone();
    let mut child = run.process.child(args);
    let error = match find(run.system, &mut child) {
        Ok(program) => {
            let row = run.system.world.tasks.get(run.system.current);
            let (front, group) = (row.is_none_or(|row| row.front), row.map(|row| row.group));
            let body = Body::Fresh(program.name.into());
            match run.system.spawn(Spawn { front, group, ..Spawn::new(run.system.current, child, body) }) {
                Ok(pid) => return Ok(pid),
                Err(errno) => ExecError::File(errno),
            }
        }
        Err(error) => error,
    };
    Err(cannot(run, &name, &error).status())
}

pub(in crate::shell::commands) fn cannot(run: &mut Run<'_, '_>, name: &[u8], error: &ExecError) -> Flow {
    let (status, text) = match error {
        ExecError::NotInPath => (127, "No such file or directory".to_owned()),
        ExecError::File(errno) => {
            (if *errno == crate::kernel::Errno::ENOENT { 127 } else { 126 }, errno.text().to_owned())
        }
        ExecError::MachineCode(_) => {
            run.complain(format!("Layerlab: {error}\n"));
            return Flow::Exit(126);
        }
    };
    let words = run.words();
    let message = if run.name() == "env" { words.env_cannot_execute } else { words.cannot_execute };
    run.warn_filled(message, &[name, text.as_bytes()]);
    Flow::Exit(status)
}
