//! `docker run` (oracle: run-*).

use super::super::options::Detached;
use super::super::running::{self, Started};
use super::super::{Call, Failure};
use super::create::{create, status_of};
use crate::program::{Flow, Input, Stream, Terminal};

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let detach = call.flags.is_set("detach");
    let tty = call.flags.is_set("tty");
    let interactive = call.flags.is_set("interactive");
    let piped = call.process.stdin != Input::EMPTY;
    if tty && interactive && !detach && piped && call.process.terminal == Terminal::No {
        return Err(Failure::new("the input device is not a TTY"));
    }
    if detach && call.flags.has("attach") {
        return Err(Failure::new("Conflicting options: -a and -d"));
    }
    let detached = if detach { Detached::Yes } else { Detached::No };
    let mut container = create(call, "run", detached)?;
    if detach {
        let id = container.id.clone();
        call.line(&id);
    }
    let stdin = if interactive && !detach { call.process.stdin } else { Input::EMPTY };
    let auto_remove = call.flags.is_set("rm");
    match running::start(call.system, &mut container, stdin, !detach)? {
        Started::Failed(why) => {
            let why = why.strip_suffix('.').unwrap_or(&why).to_owned();
            let mut text = format!("docker: Error response from daemon: {why}.");
            if !detach && !auto_remove {
                // The client's wait for the container is called off, which it logs (oracle: run-cmd-not-found).
                let now = call.engine()?.now();
                let now = crate::oci::time::format(crate::kernel::Timespec::seconds(now.sec));
                let message = "error waiting for container: context canceled";
                text = format!("{text}\ntime=\"{now}\" level=error msg=\"{message}\"");
            }
            Err(Failure::with_status(text, status_of(&why)))
        }
        Started::Ran(outcome) => {
            if detach {
                return Ok(Flow::OK);
            }
            let mut written = outcome.written;
            let (out, err) = (container.config.attach_stdout, container.config.attach_stderr);
            written.pieces.retain(|(stream, _)| if *stream == Stream::Stdout { out } else { err });
            running::pass_on(call.system, call.process, &written);
            Ok(finish(call, outcome.flow))
        }
    }
}

/// How an attached client ends. A process that waits would hold the terminal for good: the lab says so and goes on.
pub(super) fn finish(call: &mut Call<'_, '_>, flow: Flow) -> Flow {
    if flow == Flow::Waiting {
        call.complain(
            "Layerlab: the container's process waits and would hold the terminal; it goes on in the background, as with \
             docker run -d",
        );
        return Flow::OK;
    }
    flow
}
