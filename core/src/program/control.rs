//! What a program can do to processes and to the clock.

use super::bounds::Bound;
use super::clock::to_timespec;
use super::files::Desc;
use super::job::Body;
use super::sched::end;
use super::tasks::Spawn;
use super::wait::{Nanos, Pid};
use super::{Place, Process, System, signals};
use crate::kernel::{Errno, Task, fs};

impl System<'_> {
    /// The lab's time.
    pub fn now(&self) -> Nanos {
        self.world.clock.unwrap_or_default()
    }

    /// Lets some of the lab's time pass.
    pub fn charge(&mut self, nanos: Nanos) {
        self.set_time(self.now().saturating_add(nanos));
    }

    /// Sets the lab's clock, and the kernel's where that can be set.
    pub fn set_time(&mut self, now: Nanos) {
        self.world.clock = Some(now);
        self.kernel.set_clock(to_timespec(now));
    }

    /// Starts a process. It holds its three streams until it ends.
    ///
    /// # Errors
    /// `EAGAIN` where there are as many as there may be.
    pub fn spawn(&mut self, mut spawn: Spawn) -> Result<Pid, Errno> {
        if self.world.tasks.rows.len() >= self.world.bounds.len(Bound::Processes) {
            if let Body::Job(mut job) = spawn.body {
                job.close(self);
            }
            return Err(Errno::EAGAIN);
        }
        if self.is_full(&spawn) {
            if let Body::Job(mut job) = spawn.body {
                job.close(self);
            }
            return Err(Errno::EAGAIN);
        }
        let Process { stdin, stdout, stderr, .. } = &spawn.process;
        let holds = if spawn.bare { Vec::new() } else { vec![stdin.0, stdout.0, stderr.0] };
        for desc in &holds {
            self.world.files.retain(*desc);
        }
        spawn.process.task = self.standing(&spawn.process.task);
        let now = self.now();
        Ok(self.world.tasks.add(spawn, now, holds))
    }

    /// The task of a process of its own, which closes its directory when it ends. Where that cannot be had twice, it
    /// goes by its path.
    pub(super) fn standing(&mut self, task: &Task) -> Task {
        fs::fork(self.kernel, task).unwrap_or_else(|_| Task { dir: None, ..task.clone() })
    }

    /// The current process's job holds its streams from now on.
    pub fn give_up_streams(&mut self) {
        let current = self.current;
        if let Some(row) = self.world.tasks.get_mut(current) {
            row.holds.clear();
        }
    }

    /// There are as many processes as there may be: those of the command that made the last one are ended, which it would
    /// not do by itself. `false` where they are not the many.
    pub fn too_many(&mut self) -> bool {
        let current = self.current;
        let Some(group) = self.world.tasks.get(current).map(|row| row.group) else { return false };
        let rows = self.world.tasks.rows.values();
        let all: Vec<Pid> = rows.filter(|row| row.group == group).map(|row| row.pid).collect();
        let most = self.world.bounds.len(Bound::Processes);
        let many = all.len() > most / 2;
        if many {
            let text = format!("Layerlab: stopped: a command had started {most} processes\n");
            self.world.files.write(self.kernel, Desc::TERMINAL_ERR, text.as_bytes());
            for pid in all {
                if !self.world.tasks.readers.contains(&pid) {
                    self.signal(pid, signals::KILL);
                }
            }
            self.reached(Bound::Processes);
        }
        many
    }

    /// The signals that the current process catches and ignores, as bits.
    pub fn catch(&mut self, caught: u64, ignored: u64) {
        let current = self.current;
        if let Some(row) = self.world.tasks.get_mut(current) {
            row.caught = caught;
            row.ignored = ignored;
        }
    }

    /// A signal that came for the current process and that it catches.
    pub fn take_signal(&mut self) -> Option<u8> {
        let row = self.world.tasks.rows.get_mut(self.current)?;
        let signal = row.pending.trailing_zeros();
        (signal < 64).then(|| {
            row.pending &= !(1 << signal);
            signal as u8
        })
    }

    /// Sends a signal that a process sends. The first process of a container gets neither KILL nor STOP from inside it
    /// (pid_namespaces(7)); from the host it gets both.
    pub fn signal_from_inside(&mut self, pid: Pid, signal: u8) {
        let tasks = &self.world.tasks;
        let place = tasks.get(self.current).map_or(&Place::Host, |row| &row.place);
        let spared = tasks.get(pid).is_some_and(|row| {
            let is_first = row.place != Place::Host && tasks.number(place, row) == Some(1);
            is_first && matches!(signal, signals::KILL | signals::STOP)
        });
        if !spared {
            self.signal(pid, signal);
        }
    }

    /// Sends a signal to a process.
    pub fn signal(&mut self, pid: Pid, signal: u8) {
        let Some(row) = self.world.tasks.rows.get_mut(pid) else { return };
        if row.ended.is_some() || row.hidden {
            return;
        }
        let bit = 1u64 << (signal & 63);
        match signals::action(row, signal) {
            signals::Action::Nothing => {}
            signals::Action::Catch => row.pending |= bit,
            signals::Action::Stop => row.stopped = true,
            signals::Action::Go => {
                row.stopped = false;
                let pending = std::mem::take(&mut row.pending);
                for signal in (1..64).filter(|signal| pending & (1 << signal) != 0) {
                    self.signal(pid, signal);
                }
            }
            signals::Action::Later => row.pending |= bit,
            signals::Action::End if row.core.is_none() => row.killed = Some(signal),
            signals::Action::End => end(self, pid, 128u8.wrapping_add(signal)),
        }
    }
}
