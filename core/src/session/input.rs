//! What comes in while a line runs: Ctrl-C, what is typed, and that time passes.

use super::journal::{JournalEntry, What};
use super::machine::DETACH;
use super::{Event, Events, Reply, Session};
use crate::help::{Help, Topic};
use crate::program::waits_for_typing;

/// Tenths of a second for which a line that follows something is followed where nobody can press Ctrl-C.
const FOLLOW_MAX: u16 = 100;

impl Session {
    /// Whether the line that runs waits for somebody to type.
    pub fn awaits_typing(&self) -> bool {
        self.work.is_some() && waits_for_typing(&self.machine.world)
    }

    /// Lets a tenth of a second pass for a line that follows something; after 10 seconds it is stopped. What waits for
    /// somebody to type meets the end: nobody can type here.
    pub(super) fn follow(&mut self, followed: &mut u16, events: &mut Events<'_>) {
        if *followed < FOLLOW_MAX {
            *followed += 1;
            if !self.machine.hang_up() {
                self.pass(1);
            }
        } else if *followed == FOLLOW_MAX {
            *followed += 1;
            let follows = self.machine.follows();
            self.interrupt();
            let topic = if follows { Topic::StoppedFollowing } else { Topic::StoppedWaiting };
            events(Event::Help { help: Help::new(topic, &[]) });
        }
    }

    /// Lets tenths of a second pass while a line runs.
    pub(super) fn pass(&mut self, tenths: u16) {
        if let Some(work) = &mut self.work {
            work.passed = work.passed.saturating_add(tenths);
            self.machine.advance(&self.table, tenths.into());
        }
    }

    /// Ctrl-C: to what runs, or to a line that is not complete yet.
    pub(super) fn interrupt(&mut self) -> Reply {
        if self.work.is_some() {
            return self.pass_on(What::Interrupt).unwrap_or_default();
        }
        self.pending.clear();
        self.standing(130)
    }

    /// Passes on what a person does while a line runs, and records it with the turn in which it came.
    pub(super) fn pass_on(&mut self, what: impl FnOnce(u64) -> What) -> Result<Reply, String> {
        let Some(work) = &mut self.work else { return Err("no program runs that could hear it".into()) };
        let what = what(work.turns);
        let entry = JournalEntry { parent: None, after: std::mem::take(&mut work.passed), what, said: None };
        work.last = self.tree.add(work.last, entry.clone());
        self.give(&entry.what);
        Ok(self.standing(0))
    }

    /// Gives the running line what a person did.
    pub(super) fn give(&mut self, what: &What) {
        match what {
            What::Input(data, _) => self.machine.input(data),
            What::Interrupt(_) => self.machine.interrupt(&self.table),
            What::Detach(_) => self.machine.input(DETACH),
            _ => {}
        }
    }
}
