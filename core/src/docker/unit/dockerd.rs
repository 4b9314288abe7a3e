//! `dockerd` typed at the prompt: what it says of its file. The lab's daemon itself is the unit's.

use crate::engine::{VERSION, daemon};
use crate::kernel::ByteString;
use crate::program::{Flow, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "dockerd", summary: "what the daemon says of its file", scope: Scope::Host, main };

/// Answers as dockerd 20.10.24 does where one runs already, or its file is refused.
fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let first = process.args.get(1).map(ByteString::to_text);
    let said = match first.as_deref() {
        Some("--version" | "-v") => {
            process.print(system, format!("Docker version {VERSION}, build 5d6db84\n"));
            return Flow::OK;
        }
        Some(flag) if flag.starts_with('-') => {
            let why = if flag == "--validate" {
                "Docker has --validate since 23.0; here dockerd alone reads the file and says what is wrong with it"
            } else {
                "the lab's dockerd takes its settings from /etc/docker/daemon.json alone"
            };
            format!("Status: unknown flag: {flag}\nSee 'dockerd --help'., Code: 125\nLayerlab: {why}\n")
        }
        Some(_) => "\"dockerd\" accepts no argument(s).\nSee 'dockerd --help'.\n".to_owned(),
        None => match daemon::settings(system.kernel) {
            Err(refused) => format!("{}\n", refused.text()),
            Ok(_) if system.world.daemon.is_up() => {
                "failed to start daemon: pid file found, ensure docker is not running or \
                                                     delete /var/run/docker.pid\n"
                    .to_owned()
            }
            Ok(_) => "Layerlab: the file is accepted; systemctl start docker starts the daemon\n".to_owned(),
        },
    };
    process.complain(system, said);
    Flow::Exit(1)
}
