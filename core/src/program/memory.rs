//! What a container's processes may have: so many of them, and so much memory (cgroups(7)).
//!
//! The lab's programs hold no memory that could be measured. What counts is what a program wants to hold at once (its whole
//! input, a block of `dd`, a variable) and what lies in the container's file systems in memory.

use super::tasks::Spawn;
use super::world::Running;
use super::{Place, System, signals};
use crate::kernel::Task;

impl System<'_> {
    /// Whether a new process would be one more than its container may have.
    pub(super) fn is_full(&self, spawn: &Spawn) -> bool {
        let Place::Container(id) = &spawn.process.place else { return false };
        let limit = self.world.running.get(id).map_or(0, |running| running.pids);
        limit > 0 && !spawn.first && self.world.tasks.of_container(id).count() as u64 >= limit
    }

    /// The container of the current process, if its memory is limited.
    fn limited(&mut self) -> Option<&mut Running> {
        let Place::Container(id) = &self.world.tasks.get(self.current)?.place else { return None };
        self.world.running.get_mut(id).filter(|running| running.memory > 0)
    }

    /// Asks for so much memory at once for the current process. Where its container may not have that, the process is
    /// killed when its step is over, and writes nothing more; then this is `false`.
    pub fn may_hold(&mut self, bytes: u64) -> bool {
        let Some(running) = self.limited() else { return true };
        if bytes <= running.memory {
            return true;
        }
        running.out_of_memory = true;
        self.kill_current();
        false
    }

    /// Looks at how much lies in the file systems in memory of the current process's container. Whoever makes it too much
    /// is killed.
    pub fn weigh(&mut self) -> bool {
        let Some(running) = self.limited() else { return true };
        let places = running.in_memory.clone();
        let sizes = places.iter().filter_map(|place| self.kernel.statfs(&Task::root(), place).ok());
        let held: u64 = sizes.map(|size| size.total.saturating_sub(size.available)).sum();
        let Some(running) = self.limited() else { return true };
        let before = std::mem::replace(&mut running.held, held);
        if held <= running.memory || held <= before {
            return true;
        }
        running.out_of_memory = true;
        self.kill_current();
        false
    }

    fn kill_current(&mut self) {
        let current = self.current;
        if let Some(row) = self.world.tasks.get_mut(current) {
            row.killed = Some(signals::KILL);
        }
    }

    /// Whether the current process is to be killed when its step is over: it writes nothing more.
    pub(super) fn is_dying(&self) -> bool {
        self.world.tasks.get(self.current).is_some_and(|row| row.killed == Some(signals::KILL))
    }
}
