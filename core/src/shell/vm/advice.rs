//! Advice on a command that is nowhere.

use crate::help::{Help, Topic, nearest_command};
use crate::kernel::{Task, fs};
use crate::program::{Place, Scope};
use crate::shell::builtins;
use crate::shell::live::Shell;

/// Programs that install others.
const OF_PACKAGES: [&str; 10] =
    ["apk", "apt", "apt-get", "dnf", "dpkg", "npm", "pip", "pip3", "yum", "zypper"];
/// Programs whose work is the network beyond the lab.
const OF_THE_NETWORK: [&str; 4] = ["git", "scp", "ssh", "telnet"];

impl Shell<'_, '_> {
    /// Gives advice on a name that no program has.
    pub(super) fn advise_not_found(&mut self, name: &[u8]) {
        if !self.system.world.files.is_heard(self.io.stderr().0) || !self.system.world.help.has_room() {
            return;
        }
        let Ok(name) = std::str::from_utf8(name) else { return };
        let in_container = self.state.place != Place::Host;
        let help = match name {
            "" => return,
            _ if name.contains('/') => return,
            "docker" if in_container => Help::new(Topic::DockerInContainer, &[]),
            "docker-compose" => Help::new(Topic::VerbNotInLab, &["compose"]),
            _ if OF_PACKAGES.contains(&name) && !in_container => Help::new(Topic::PackageHost, &[name]),
            // An entry point runs what stands behind the image: `exec "$@"`.
            _ if in_container && name.starts_with('-') => Help::new(Topic::FlagAfterImage, &[name, "run"]),
            _ if name.starts_with('[') && name.len() > 1 => Help::new(Topic::NotJson, &[name, ""]),
            _ if OF_THE_NETWORK.contains(&name) => Help::new(Topic::NoNetwork, &[name]),
            _ => {
                let here = self.programs_here();
                let mut known: Vec<&str> = builtins::names().collect();
                known.extend(here.iter().map(String::as_str));
                let near = nearest_command(name, known).unwrap_or_default();
                let images = self.system.world.hub.repositories_with(name).join(", ");
                Help::new(Topic::CommandMissing, &[name, near, &images])
            }
        };
        self.system.world.help.add(help);
    }

    /// The names that could have been typed: the programs of the host, or of the container's `$PATH`.
    fn programs_here(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        if self.state.place == Place::Host {
            let programs = self.system.table.iter().filter(|program| program.scope != Scope::Service);
            names.extend(programs.map(|program| program.name.to_owned()));
            return names;
        }
        let path = self.state.environment().get(&b"PATH"[..]).cloned().unwrap_or_default();
        let reader = Task { uid: 0, ..self.state.task.clone() };
        for dir in path.split(|b| *b == b':').filter(|dir| !dir.is_empty()) {
            let entries = fs::read_dir(self.system.kernel, &reader, dir).unwrap_or_default();
            names.extend(entries.iter().map(|entry| entry.name.to_text()));
        }
        names
    }
}
