//! `docker login` and `docker logout`: the simulated registries ask nobody who they are.

use super::super::{Call, Failure};
use crate::program::{Flow, Terminal};

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let user = call.flags.text("username").unwrap_or_default();
    let password = call.flags.text("password");
    if call.flags.has("password") && call.flags.is_set("password-stdin") {
        return Err(Failure::new("--password and --password-stdin are mutually exclusive"));
    }
    if call.flags.is_set("password-stdin") && user.is_empty() {
        return Err(Failure::new("Must provide --username with --password-stdin"));
    }
    if password.is_some() {
        call.complain("WARNING! Using --password via the CLI is insecure. Use --password-stdin.");
    }
    let given = password.is_some() || call.flags.is_set("password-stdin");
    if !given && call.process.terminal == Terminal::No {
        return Err(Failure::new("Error: Cannot perform an interactive login from a non TTY device"));
    }
    if !given || user.is_empty() {
        return Err(Failure::new(
            "Layerlab: the lab's registries know no users and need no login; pull and push without one",
        ));
    }
    call.line("Login Succeeded");
    Ok(Flow::OK)
}
