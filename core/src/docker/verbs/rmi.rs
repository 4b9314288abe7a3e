//! `docker rmi` (oracle: rmi-*).

use super::super::{Call, Failure};
use crate::engine::{Error, RemoveOptions, Removed};
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let force = call.flags.is_set("force");
    let options = RemoveOptions { force, no_prune: call.flags.is_set("no-prune") };
    let mut errors = Vec::new();
    let mut fatal = false;
    for name in call.args() {
        // An empty name is no path of the API; a blank one is refused by the daemon.
        if name.is_empty() {
            errors.push("Error: No such image: ".to_owned());
            continue;
        }
        if name.trim().is_empty() {
            fatal = true;
            errors.push("Error response from daemon: image name cannot be blank".to_owned());
            continue;
        }
        match call.engine()?.remove_image(&name, options) {
            Ok(done) => print_removed(call, &done),
            Err(Error::NotFound(_)) => errors.push(format!("Error: No such image: {name}")),
            Err(error) => {
                fatal = true;
                errors.push(format!("Error response from daemon: {error}"));
            }
        }
    }
    if errors.is_empty() {
        return Ok(Flow::OK);
    }
    if force && !fatal {
        // With -f, what is missing is told and is no error.
        call.complain(&errors.join("\n"));
        return Ok(Flow::OK);
    }
    Err(Failure::new(errors.join("\n")))
}

/// The lines of what went.
pub(super) fn print_removed(call: &mut Call<'_, '_>, done: &[Removed]) {
    for removed in done {
        match removed {
            Removed::Untagged(name) => call.line(&format!("Untagged: {name}")),
            Removed::Deleted(id) => call.line(&format!("Deleted: {id}")),
        }
    }
}
