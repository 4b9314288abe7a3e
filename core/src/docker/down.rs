//! What Docker's client says while the daemon is down (recorded with a client whose socket nobody answers).

use super::verb::Verb;
use super::{Call, Failure};

/// Docker's sentence.
pub(super) const CANNOT_CONNECT: &str =
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";

/// Commands that do their work in the client alone, or say by themselves that nobody answers.
fn is_clients(help: &str) -> bool {
    matches!(help, "logout" | "version" | "info" | "completion bash") || help.starts_with("context")
}

/// The failure of a command that asks the daemon, if none answers where it asks.
pub(super) fn refuse(call: &mut Call<'_, '_>, verb: &Verb) -> Option<Failure> {
    if is_clients(verb.help) {
        return None;
    }
    match call.top.elsewhere.take() {
        Some(address) => {
            let why =
                format!("Cannot connect to the Docker daemon at {address}. Is the docker daemon running?");
            let mut failure = unanswered(call, verb, &why);
            failure.text += "\nLayerlab: the lab has one daemon, its own";
            Some(failure)
        }
        None if call.system.world.daemon.is_up() => None,
        None => Some(unanswered(call, verb, CANNOT_CONNECT)),
    }
}

/// What each command says where no daemon answers.
fn unanswered(call: &mut Call<'_, '_>, verb: &Verb, why: &str) -> Failure {
    let args = call.args();
    let each = || vec![why; args.len().max(1)].join("\n");
    match verb.help {
        "run" => Failure::with_status(format!("docker: {why}.\nSee 'docker run --help'."), 125),
        "inspect" | "image inspect" | "container inspect" | "volume inspect" | "network inspect" => {
            call.line("[]");
            Failure::new(why)
        }
        "stop" | "restart" | "rm" | "rmi" | "kill" | "pause" | "unpause" | "wait" | "update"
        | "volume rm" => Failure::new(each()),
        "start" => {
            Failure::new(format!("{}\nError: failed to start containers: {}", each(), args.join(", ")))
        }
        "rename" => Failure::new(format!("{why}\nError: failed to rename container named {}", call.arg(0))),
        "network rm" => Failure::new(format!("{}\nexit status 1", each())),
        _ => Failure::new(why),
    }
}
