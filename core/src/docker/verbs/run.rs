//! `docker run` (oracle: run-*).

use super::super::keys;
use super::super::options::Detached;
use super::super::running::{self, Attached, Joins, Started, Stdin};
use super::super::supervise;
use super::super::{Call, Failure};
use super::create::create;
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let detach = call.flags.is_set("detach");
    let tty = call.flags.is_set("tty");
    let interactive = call.flags.is_set("interactive");
    if tty && interactive && !detach && !call.process.stdin.is_terminal(call.system) {
        return Err(Failure::new("the input device is not a TTY"));
    }
    if detach && call.flags.has("attach") {
        return Err(Failure::new("Conflicting options: -a and -d"));
    }
    let detached = if detach { Detached::Yes } else { Detached::No };
    let mut container = create(call, "run", detached)?;
    let detach_keys = keys::detach_keys(call);
    if detach_keys.is_none() && !detach {
        return Err(keys::refused());
    }
    if detach {
        let id = container.id.clone();
        call.line(&id);
    }
    if !detach {
        call.engine()?.tell_container(&container, "attach", &[]);
    }
    let stdin = if interactive && !detach { Stdin::Of(call.process.stdin) } else { Stdin::Nobody };
    let auto_remove = call.flags.is_set("rm");
    let front = !detach && call.is_front();
    match supervise::start(call.system, &mut container, stdin, front)? {
        Started::Failed(why, cause) => {
            let why = why.strip_suffix('.').unwrap_or(&why).to_owned();
            let mut text = format!("docker: Error response from daemon: {why}.");
            if !detach && !auto_remove {
                text = format!("{text}\n{}", called_off(call)?);
            }
            Err(Failure::with_status(text, cause.status()))
        }
        Started::Up(_) if detach => Ok(Flow::OK),
        Started::Up(pid) => {
            let keys = if interactive && tty {
                let input = call.process.stdin;
                keys::of_container(
                    call.system,
                    &container.id,
                    true,
                    input,
                    detach_keys.unwrap_or_default(),
                    keys::Alone::Ends,
                )
            } else {
                None
            };
            Ok(running::attach(
                call.system,
                call.process,
                &container,
                keys,
                Attached { pid, joins: Joins::Started, follows: false },
                running::reach(&call.flags, &container, interactive),
            ))
        }
    }
}

/// What the client logs when its wait for a container that did not start is called off (oracle: run-cmd-not-found).
///
/// # Errors
/// The disk's.
pub(super) fn called_off(call: &mut Call<'_, '_>) -> Result<String, Failure> {
    let now = call.engine()?.now();
    let now = crate::oci::time::format(crate::kernel::Timespec::seconds(now.sec));
    Ok(format!("time=\"{now}\" level=error msg=\"error waiting for container: context canceled\""))
}
