//! The table of processes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::files::Desc;
use super::job::Body;
use super::row::{Core, Row};
use super::rows::Rows;
use super::wait::{Nanos, Pid};
use super::{Place, Process};
use crate::kernel::ByteString;
use crate::map::Map;

/// How many steps a process in the background may take in a second of the lab's time.
pub(super) const BACKGROUND_STEPS: u64 = 200;

/// All processes, by their number on the lab's host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tasks {
    pub(super) rows: Rows,
    /// The process that took the last step.
    pub(super) turn: Pid,
    /// The last number given out.
    last: Pid,
    /// The last number given out inside each container.
    inner: Map<String, Pid>,
    /// Containers whose processes have their numbers from another place (`--pid`).
    #[serde(default)]
    spaces: Arc<BTreeMap<String, Place>>,
    /// The shells that sit at the session's terminal, the innermost last.
    pub readers: Vec<Pid>,
    /// Lines typed at the terminal and not read yet.
    pub lines: Vec<ByteString>,
}

/// How a new process is made.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Spawn {
    /// What it is.
    pub process: Process,
    /// What it does.
    pub body: Body,
    /// Its parent.
    pub parent: Pid,
    /// Whether the person at the terminal waits for it.
    pub front: bool,
    /// Its process group; its own where there is none.
    pub group: Option<Pid>,
    /// It is the first process of its container.
    pub first: bool,
    /// It is taken out of the table at its end.
    pub forgotten: bool,
    /// Part of the lab itself.
    pub hidden: bool,
    /// Signals that it ignores from the start.
    pub ignored: u64,
    /// Its job holds its descriptors itself.
    pub bare: bool,
    /// It stays in the table after its end until somebody asks, even if it has no parent.
    pub kept: bool,
}

impl Spawn {
    /// A child of `parent` that it waits for.
    pub fn new(parent: Pid, process: Process, body: Body) -> Self {
        Self {
            process,
            body,
            parent,
            front: true,
            group: None,
            first: false,
            forgotten: false,
            hidden: false,
            ignored: 0,
            bare: false,
            kept: false,
        }
    }
}

impl Tasks {
    /// A new number.
    pub fn new_pid(&mut self) -> Pid {
        self.last = if self.last == 0 { 1000 } else { self.last + 1 };
        self.last
    }

    /// Puts a process into the table, which owns the directory of its task.
    pub(super) fn add(&mut self, spawn: Spawn, now: Nanos, holds: Vec<Desc>) -> Pid {
        let pid = self.new_pid();
        let dir = spawn.process.task.dir;
        let place = &spawn.process.place;
        let first = spawn.first && *place != Place::Host;
        let inner = match self.space(place).clone() {
            Place::Host => pid,
            Place::Container(id) if first && matches!(place, Place::Container(own) if *own == id) => {
                self.inner.insert(id, 1);
                1
            }
            Place::Container(id) => {
                let last = self.inner.get(&id).copied().unwrap_or(1);
                let next = if last < 7 { 7 } else { last + 1 };
                self.inner.insert(id, next);
                next
            }
        };
        let row = Row {
            pid,
            parent: spawn.parent,
            inner,
            first,
            args: spawn.process.args.clone(),
            place: spawn.process.place.clone(),
            uid: spawn.process.task.uid,
            since: now,
            tty: spawn.process.terminal == super::Terminal::Yes,
            front: spawn.front,
            hidden: spawn.hidden,
            group: spawn.group.unwrap_or(pid),
            wait: None,
            full: None,
            stopped: false,
            paused: false,
            pending: 0,
            caught: 0,
            ignored: spawn.ignored,
            ended: None,
            killed: None,
            kept: spawn.kept,
            forgotten: spawn.forgotten,
            second: 0,
            used: 0,
            steps: 0,
            core: Some(Arc::new(Core { process: spawn.process, body: spawn.body })),
            holds,
            dir,
        };
        self.rows.insert(row);
        pid
    }

    /// Lets a container's processes have their numbers from another place, or from their own.
    pub fn share(&mut self, id: &str, with: Option<&Place>) {
        let with = with.map(|place| self.space(place).clone());
        match with {
            Some(place) => drop(Arc::make_mut(&mut self.spaces).insert(id.to_owned(), place)),
            None if self.spaces.contains_key(id) => drop(Arc::make_mut(&mut self.spaces).remove(id)),
            None => {}
        }
    }

    /// The place that the processes at a place have their numbers from (pid_namespaces(7)).
    pub fn space<'a>(&'a self, place: &'a Place) -> &'a Place {
        match place {
            Place::Container(id) => self.spaces.get(id).unwrap_or(place),
            Place::Host => place,
        }
    }

    /// The number that a process has as seen from a place, if it is seen there: the lab's host sees all.
    pub fn number(&self, from: &Place, row: &Row) -> Option<Pid> {
        match self.space(from) {
            _ if row.hidden => None,
            Place::Host => Some(row.pid),
            space @ Place::Container(_) => (self.space(&row.place) == space).then_some(row.inner),
        }
    }

    /// The process of this number.
    pub fn get(&self, pid: Pid) -> Option<&Row> {
        self.rows.get(pid)
    }

    /// The process of this number, to be changed.
    pub fn get_mut(&mut self, pid: Pid) -> Option<&mut Row> {
        self.rows.get_mut(pid)
    }

    /// All processes, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    /// The processes of a container that are up, by number.
    pub fn of_container<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Row> {
        self.rows.values().filter(move |row| {
            matches!(&row.place, Place::Container(own) if own == id) && row.ended.is_none()
        })
    }

    /// The process that has this number for another one: inside a container its own numbers count.
    pub fn find(&self, place: &Place, number: Pid) -> Option<Pid> {
        let found = self.rows.values().find(|row| self.number(place, row) == Some(number));
        found.filter(|row| row.ended.is_none()).map(|row| row.pid)
    }

    /// The processes that `kill(2)` means by a number that is below 0: with -1 all that `from` sees but the first process and
    /// `from` itself, else those of a group.
    pub fn meant(&self, place: &Place, from: Pid, number: i64) -> Vec<Pid> {
        let group = u32::try_from(-number).ok().and_then(|number| {
            let of = |row: &&Row| {
                self.rows.get(row.group).and_then(|head| self.number(place, head)) == Some(number)
            };
            self.rows.values().find(of).map(|row| row.group)
        });
        let is_meant = |row: &&Row| match (number, self.number(place, row)) {
            (_, None) => false,
            (-1, Some(own)) => own != 1 && row.pid != from,
            (_, Some(_)) => Some(row.group) == group,
        };
        let up = self.rows.values().filter(|row| row.ended.is_none() && !row.hidden);
        up.filter(is_meant).map(|row| row.pid).collect()
    }

    /// Whether it has ended, or is not there.
    pub fn has_ended(&self, pid: Pid) -> bool {
        self.rows.get(pid).is_none_or(|row| row.ended.is_some())
    }

    /// The status of a process that has ended, which is then forgotten.
    pub fn reap(&mut self, pid: Pid) -> Option<u8> {
        let status = self.rows.get(pid)?.ended?;
        self.rows.remove(pid);
        Some(status)
    }

    /// The job of a process, as what it is.
    pub fn job<T: 'static>(&self, pid: Pid) -> Option<&T> {
        match &self.rows.get(pid)?.core.as_ref()?.body {
            Body::Job(job) => job.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// The job of a process, to be changed.
    pub fn job_mut<T: 'static>(&mut self, pid: Pid) -> Option<&mut T> {
        match &mut Arc::make_mut(self.rows.get_mut(pid)?.core.as_mut()?).body {
            Body::Job(job) => job.as_any_mut().downcast_mut(),
            _ => None,
        }
    }

    /// Holds the processes of a container, or lets them go on.
    pub fn set_paused(&mut self, id: &str, paused: bool) {
        let is_in = |row: &&Row| matches!(&row.place, Place::Container(own) if own == id);
        let all: Vec<Pid> = self.rows.values().filter(is_in).map(|row| row.pid).collect();
        for pid in all {
            if let Some(row) = self.rows.get_mut(pid) {
                row.paused = paused;
            }
        }
    }

    /// Lets a process look again at what it waits for.
    pub fn wake(&mut self, pid: Pid) {
        if let Some(row) = self.rows.get_mut(pid) {
            row.wait = None;
            row.full = None;
        }
    }

    /// Lets a process look again at what it waits for, also one that was stopped.
    pub fn go_on(&mut self, pid: Pid) {
        self.wake(pid);
        if let Some(row) = self.rows.get_mut(pid) {
            row.stopped = false;
        }
    }

    /// Leaves a process and all that it started to the lab: nobody at the terminal waits for it, and its shells sit there
    /// no more.
    pub fn leave(&mut self, pid: Pid) {
        let mut open = vec![pid];
        while let Some(pid) = open.pop() {
            self.readers.retain(|reader| *reader != pid);
            if let Some(row) = self.rows.get_mut(pid) {
                row.front = false;
            }
            open.extend(self.rows.values().filter(|row| row.parent == pid).map(|row| row.pid));
        }
    }

    /// Whether a process is another one, or was started by it, however far below.
    pub fn is_below(&self, pid: Pid, above: Pid) -> bool {
        let mut at = pid;
        while at != above {
            match self.rows.get(at) {
                // A parent has a smaller number.
                Some(row) if row.parent != 0 && row.parent < at => at = row.parent,
                _ => return false,
            }
        }
        true
    }

    /// Brings a process back before the person at the terminal, with what it waits for.
    pub fn to_front(&mut self, pid: Pid) {
        let mut open = vec![pid];
        while let Some(pid) = open.pop() {
            if let Some(row) = self.rows.get_mut(pid).filter(|row| !row.front) {
                row.front = true;
                open.extend(row.wait.iter().flat_map(|wait| wait.ended.iter().copied()));
            }
        }
    }

    /// Leaves a process to the lab: the person at the terminal waits for it no more.
    pub fn to_background(&mut self, pid: Pid) {
        let mut open = vec![pid];
        while let Some(pid) = open.pop() {
            if let Some(row) = self.rows.get_mut(pid) {
                row.front = false;
            }
            open.extend(self.rows.values().filter(|row| row.parent == pid && row.front).map(|row| row.pid));
        }
    }
}
