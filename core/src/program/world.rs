//! What a machine has that is not on its disk.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::bounds::Bounds;
use super::daemon::Daemon;
use super::events::{Events, Happened, KEPT};
use super::files::Files;
use super::held::{ContainerNames, Held};
use super::logs::Logs;
use super::steps::StepEvent;
use super::tasks::Tasks;
use super::wait::{Nanos, Pid};
use crate::help::Gathered;
use crate::hub::Hub;
use crate::kernel::{ByteString, Timespec};
use crate::map::Map;

/// Clock-independent state beside the kernel: cloned with it for undo, and rebuilt by replaying the journal.
///
/// It holds what Docker's daemon holds in memory, and no caches else: whatever can be read from the disk is read from the
/// disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The lab's clock; it is the kernel's until something runs.
    pub clock: Option<Nanos>,
    /// Open file descriptions.
    pub files: Files,
    /// Processes.
    pub tasks: Tasks,
    /// What containers write.
    pub logs: Logs,
    /// How containers ended last, by their full id: the process, its status, and whether it was asked to end.
    pub exits: Map<String, (Pid, u8, bool)>,
    /// Containers that their policy starts again soon.
    pub restarting: Map<String, Pid>,
    /// How many events the engine has told of.
    pub happened: u64,
    /// The newest of them.
    #[serde(default)]
    pub events: Events,
    /// How many ids were given out.
    pub ids: u64,
    /// The containers' names with their ids, as the daemon keeps them; nothing before they are read from the disk.
    pub registry: Option<ContainerNames>,
    /// What else the daemon keeps in memory.
    #[serde(default)]
    pub held: Held,
    /// The full id of the container that was made last.
    pub newest: Option<String>,
    /// The processes that stay up, by their container's full id.
    pub running: Map<String, Running>,
    /// The advice that the line which runs has gathered.
    pub help: Gathered,
    /// What became of the steps of a `docker build` since somebody last took it, for whoever draws them.
    pub build_steps: Arc<Vec<StepEvent>>,
    /// The images that the simulated hub has.
    pub hub: Hub,
    /// The daemon: whether it runs, and with which settings.
    #[serde(default)]
    pub daemon: Daemon,
    /// The limits that were changed.
    #[serde(default)]
    pub bounds: Bounds,
}

/// A container's main process while it is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of docker run, or how far the process is")]
pub struct Running {
    /// Its number on the lab's host.
    pub pid: u32,
    /// When it started.
    pub since: Timespec,
    /// Whether `docker pause` holds it.
    pub paused: bool,
    /// Whether somebody asked it to end: its restart policy then does nothing.
    pub stopping: bool,
    /// `--ulimit`: names with the limit, and the bound of it.
    pub limits: Vec<(String, i64, i64)>,
    /// Where what an attached client reads goes: its terminal, or the writing end of its standard input.
    #[serde(default)]
    pub stdin: Option<super::files::Desc>,
    /// `--pids-limit`: how many processes it may have; 0 for as many as there are.
    #[serde(default)]
    pub pids: u64,
    /// `--memory`: how many bytes its processes may hold; 0 for as many as there are.
    #[serde(default)]
    pub memory: u64,
    /// The file systems in memory that count as its memory.
    #[serde(default)]
    pub in_memory: Vec<ByteString>,
    /// How many bytes they held when a process last ended its step.
    #[serde(default)]
    pub held: u64,
    /// A process of it was killed for want of memory.
    #[serde(default)]
    pub out_of_memory: bool,
    /// `--uts host`: it has the host's name.
    #[serde(default)]
    pub has_host_name: bool,
}

impl World {
    /// A new id of 64 hexadecimal digits: the SHA-256 of a counter, so that the same lines give the same ids on every
    /// kernel.
    pub fn new_id(&mut self) -> String {
        self.ids += 1;
        // An object was made, which takes a little of the lab's time: no two have one time.
        self.clock = self.clock.map(|now| now + super::clock::MILLISECOND);
        let hash = Sha256::digest(format!("layerlab id {}", self.ids));
        hash.iter().fold(String::with_capacity(64), |mut id, byte| {
            write!(id, "{byte:02x}").expect("a String takes all text");
            id
        })
    }

    /// The lab's time, if it goes on by itself.
    pub fn time(&self) -> Option<Timespec> {
        self.clock.map(super::clock::to_timespec)
    }
}

impl World {
    /// Tells of something that has happened.
    pub fn tell(&mut self, kind: &str, action: &str, id: &str, attributes: BTreeMap<String, String>) {
        let event = Happened {
            at: self.clock.unwrap_or_default(),
            kind: kind.to_owned(),
            action: action.to_owned(),
            id: id.to_owned(),
            attributes,
        };
        let events = Arc::make_mut(&mut self.events);
        if events.len() == KEPT {
            events.pop_front();
        }
        events.push_back(Arc::new(event));
        self.happened += 1;
    }

    /// The events after the first so many that ever were, as far as they are remembered.
    pub fn events_since(&self, seen: u64) -> impl Iterator<Item = &Happened> {
        let new = usize::try_from(self.happened.saturating_sub(seen)).unwrap_or(usize::MAX);
        self.events.iter().skip(self.events.len().saturating_sub(new)).map(|event| &**event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_remembered() {
        let mut world = World::default();
        for number in 0..300 {
            world.tell("volume", "create", &number.to_string(), BTreeMap::new());
        }
        assert_eq!(world.events.len(), KEPT);
        let last: Vec<&str> = world.events_since(298).map(|event| &event.id[..]).collect();
        assert_eq!(last, ["298", "299"]);
        assert_eq!(world.events_since(0).count(), KEPT);
    }
}
