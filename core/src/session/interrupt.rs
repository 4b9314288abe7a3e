//! Ctrl-C: who hears it, and what of it reaches into a container.

use super::machine::Machine;
use crate::docker::{self, Reach};
use crate::program::{Desc, Pid, Place, System, Table, signals};

/// What is said of a container whose first process neither ends at SIGINT nor catches it.
const GOES_ON: &str = "Layerlab: the container's first process does not end at Ctrl-C and goes on in the background; \
                       docker stop ends it\n";
/// What is said of a client that kept the signal for itself.
const KEPT: &str = "Layerlab: Ctrl-C ended the docker client alone; what runs in the container goes on, docker top lists it\n";

impl Machine {
    /// Sends SIGINT to what runs in the foreground; a shell there goes back to its prompt. Call [`Machine::step`] after it.
    ///
    /// A client of `docker run` and `docker attach` passes the signal on to the container's first process, unless
    /// `--sig-proxy=false` says otherwise; a client of `docker exec` never does (docker/cli 20.10 `ForwardAllSignals`). Where
    /// that process catches the signal the client waits for what it does; a second Ctrl-C ends the client.
    pub(super) fn interrupt(&mut self, table: &Table) {
        let mut system = System::new(self.backend.kernel(), &mut self.world, table);
        let readers = system.world.tasks.readers.clone();
        let mut spared: Vec<Pid> = Vec::new();
        let (mut kept, mut waits) = (false, false);
        for client in docker::clients(&system) {
            let tasks = &mut system.world.tasks;
            let process = client.process;
            if readers.iter().any(|reader| tasks.is_below(*reader, process)) {
                continue;
            }
            match client.reach {
                Reach::Client => {
                    kept |= !tasks.has_ended(process);
                    tasks.to_background(process);
                }
                Reach::Terminal => tasks.to_front(process),
                Reach::First => {
                    spared
                        .extend(tasks.iter().map(|row| row.pid).filter(|pid| tasks.is_below(*pid, process)));
                    let catches = tasks.get(process).is_some_and(|row| row.catches(signals::INT));
                    system.signal(process, signals::INT);
                    if catches && docker::interrupted(&mut system, client.pid) {
                        waits = true;
                        spared.push(client.pid);
                    }
                    system.world.tasks.to_front(process);
                }
            }
        }
        let front: Vec<Pid> = system
            .world
            .tasks
            .iter()
            .filter(|row| row.front && row.ended.is_none() && !readers.contains(&row.pid))
            .map(|row| row.pid)
            .filter(|pid| !spared.contains(pid))
            .collect();
        let inner = readers.last().and_then(|pid| system.world.tasks.get(*pid)).map(|row| row.place.clone());
        for pid in front {
            let Some(row) = system.world.tasks.get(pid) else { continue };
            // What waits for the shell that is in front of it goes on waiting.
            let stays = row.wait.as_ref().is_some_and(|wait| match (&wait.gone, &inner) {
                (Some((id, _)), Some(Place::Container(own))) => id == own,
                _ => wait.ended.iter().any(|pid| readers.contains(pid)),
            });
            if !stays {
                system.signal(pid, signals::INT);
            }
        }
        if waits {
            return;
        }
        let left: Vec<Pid> = system
            .world
            .tasks
            .iter()
            .filter(|row| row.front && row.first && row.ended.is_none() && !readers.contains(&row.pid))
            .map(|row| row.pid)
            .collect();
        for pid in left {
            system.world.files.write(system.kernel, Desc::TERMINAL_ERR, GOES_ON.as_bytes());
            system.world.tasks.to_background(pid);
        }
        if kept {
            system.world.files.write(system.kernel, Desc::TERMINAL_ERR, KEPT.as_bytes());
        }
        self.drop_line(128 + signals::INT);
    }
}
