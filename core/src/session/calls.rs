//! The system calls of an entry as data, on demand: it runs again from the moment before it, and what it calls is kept.

use super::Session;
use super::journal::{DOCKER, Journal};
use super::machine::Machine;
use super::watched::Watched;
use crate::kernel::Made;

impl Session {
    /// The calls of an entry, with what was typed while it ran; of 0, those that make the machine. The session stays as it is.
    pub(super) fn calls(&mut self, node: usize) -> Result<Vec<Made>, String> {
        if node > self.tree.len() {
            return Err(format!("there is no entry {node}: the session has {}", self.tree.len()));
        }
        let path = if node == 0 { Vec::new() } else { self.tree.path(self.tree.end_of_tick(node)) };
        let is_line =
            |number: &usize| self.tree.get(*number).is_some_and(|n| !n.entry.what.is_within_a_line());
        let first = path.iter().rposition(is_line).unwrap_or(0);
        let before = first.checked_sub(1).map_or(0, |at| path[at]);
        let moment = match before {
            0 => self.origin.as_ref(),
            number => self.tree.get(number).and_then(|node| node.after.as_ref()),
        };
        let Some(machine) = moment.and_then(Machine::fork) else {
            return Err(
                "the calls of a line can be had where the moment before it was kept: in the simulator".into(),
            );
        };
        let here = std::mem::replace(&mut self.machine, machine.recorded());
        let (at, tip) = (self.tree.at, self.tree.tip);
        let pending = std::mem::take(&mut self.pending);
        self.tree.at = before;
        let ran = match node {
            0 => self.machine.reset().map(|()| self.run_start(&mut |_| {})),
            _ => self.replay(&path[first..], &mut |_| {}),
        };
        let is_whole = path.last().is_none_or(|last| self.tree.at == *last);
        let mut recorded = std::mem::replace(&mut self.machine, here);
        (self.tree.at, self.tree.tip, self.pending) = (at, tip, pending);
        ran?;
        if !is_whole {
            return Err(format!("the content of entry {node} is not here"));
        }
        let calls = recorded.backend.take_calls();
        calls.ok_or_else(|| format!("the calls of entry {node} hold more than {} MiB", Watched::MOST >> 20))
    }

    /// What the session was told so far.
    pub fn journal(&mut self) -> Journal {
        let is_new = self.tree.len() == 0;
        if self.hub.is_none() && !is_new {
            self.hub = Some(self.machine.world.hub.digest());
        }
        Journal {
            version: Journal::VERSION,
            docker: DOCKER.into(),
            layerlab: env!("CARGO_PKG_VERSION").into(),
            hub: self.hub.clone().unwrap_or_default(),
            start: self.start.clone(),
            entries: self.tree.entries().cloned().collect(),
            at: self.tree.at,
            tip: self.tree.tip,
        }
    }
}
