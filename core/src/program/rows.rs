//! The rows of the table of processes, and which of them have to be looked at for the next step.
//!
//! Most processes sleep or wait for another one. Those are found by their time, or by the end of what they wait for, so that
//! a step costs what may run and not what there is.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::row::Row;
use super::wait::{Nanos, Pid};
use crate::map::Map;

/// Processes by number. Clone is O(1).
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    map: Map<Pid, Arc<Row>>,
    queue: Arc<Queue>,
}

/// Which rows have to be looked at. It follows from the rows.
#[derive(Debug, Clone, Default)]
struct Queue {
    /// Rows that may have changed since they were looked at.
    changed: Vec<Pid>,
    /// What may be ready, or waits for something that is not in the table of processes.
    open: BTreeSet<Pid>,
    /// Wake-up times and their processes. An entry that its row no longer confirms is skipped.
    timed: BTreeSet<(Nanos, Pid)>,
    /// Pairs of a process and the process that waits for its end; outdated entries are skipped, too.
    ends: BTreeSet<(Pid, Pid)>,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.map.len()
    }

    pub(super) fn get(&self, pid: Pid) -> Option<&Row> {
        self.map.get(&pid).map(|row| &**row)
    }

    /// A row, to be changed.
    pub(super) fn get_mut(&mut self, pid: Pid) -> Option<&mut Row> {
        let row = self.map.get_mut(&pid)?;
        note(&mut self.queue, pid);
        Some(Arc::make_mut(row))
    }

    pub(super) fn insert(&mut self, row: Row) {
        note(&mut self.queue, row.pid);
        self.map.insert(row.pid, Arc::new(row));
    }

    pub(super) fn remove(&mut self, pid: Pid) {
        if self.map.remove(&pid).is_some() {
            note(&mut self.queue, pid);
        }
    }

    /// All rows, by number.
    pub(super) fn values(&self) -> impl Iterator<Item = &Row> {
        self.map.values().map(|row| &**row)
    }

    /// Looks at what has changed, and at the time: afterwards everything that may be ready is open.
    pub(super) fn settle(&mut self, now: Nanos) {
        let is_due = |queue: &Queue| queue.timed.first().is_some_and(|(at, _)| *at <= now);
        if self.queue.changed.is_empty() && !is_due(&self.queue) {
            return;
        }
        let queue = Arc::make_mut(&mut self.queue);
        for pid in std::mem::take(&mut queue.changed) {
            let ended = self.map.get(&pid).is_none_or(|row| row.ended.is_some());
            if !ended {
                queue.open.insert(pid);
                continue;
            }
            queue.open.remove(&pid);
            let waits: Vec<(Pid, Pid)> = queue.ends.range((pid, 0)..=(pid, Pid::MAX)).copied().collect();
            for entry in waits {
                queue.ends.remove(&entry);
                queue.open.insert(entry.1);
            }
        }
        while is_due(queue) {
            let Some((_, pid)) = queue.timed.pop_first() else { break };
            queue.open.insert(pid);
        }
    }

    /// The next one after this number that may be ready.
    pub(super) fn open_after(&self, pid: Pid) -> Option<Pid> {
        self.queue.open.range(pid.saturating_add(1)..).next().copied()
    }

    /// Every one that may be ready.
    pub(super) fn open(&self) -> impl Iterator<Item = &Row> {
        self.queue.open.iter().filter_map(|pid| self.get(*pid))
    }

    /// Looks no more at a process that is not ready, where its time, the end of another one or a change to its row lets it
    /// go on.
    pub(super) fn park(&mut self, pid: Pid) {
        let Some(row) = self.map.get(&pid) else {
            Arc::make_mut(&mut self.queue).open.remove(&pid);
            return;
        };
        if row.can_run() {
            let Some(wait) = row.wait.as_ref().filter(|wait| row.full.is_none() && wait.is_of_processes())
            else {
                return;
            };
            let queue = Arc::make_mut(&mut self.queue);
            queue.timed.extend(wait.until.map(|at| (at, pid)));
            queue.ends.extend(wait.ended.iter().map(|of| (*of, pid)));
        }
        Arc::make_mut(&mut self.queue).open.remove(&pid);
    }

    /// Returns the first wake-up time of the processes outside the open set.
    pub(super) fn first_time(&mut self) -> Option<Nanos> {
        loop {
            let (at, pid) = *self.queue.timed.first()?;
            let row = self.get(pid).filter(|row| row.can_run() && row.full.is_none());
            if row.and_then(|row| row.wait.as_ref()).is_some_and(|wait| wait.until == Some(at)) {
                return Some(at);
            }
            Arc::make_mut(&mut self.queue).timed.pop_first();
        }
    }
}

fn note(queue: &mut Arc<Queue>, pid: Pid) {
    if queue.changed.last() != Some(&pid) {
        Arc::make_mut(queue).changed.push(pid);
    }
}

impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl Eq for Rows {}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.map.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Map::<Pid, Arc<Row>>::deserialize(deserializer)?;
        let changed = map.keys().copied().collect();
        Ok(Self { map, queue: Arc::new(Queue { changed, ..Queue::default() }) })
    }
}
