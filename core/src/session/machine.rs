//! The whole state of a session at one moment: a kernel, and what is not on its disk, processes among it.

use super::changes::Snapshot;
use super::watched::Watched;
use super::{Backend, disk};
use crate::docker;
use crate::help::{Help, Topic};
use crate::kernel::{ByteString, Task};
use crate::program::{
    Bound, Bounds, Desc, Limits, Nanos, Pause, Pid, PipeMost, Place, SECOND, Stream, System, Table, World,
    end, has_wanted_keys, run, waits_for_typing,
};
use crate::shell::{self, ShellState, Vm};

/// A tenth of a second of the lab's time.
const TENTH: Nanos = SECOND / 10;
/// Ctrl-P, Ctrl-Q: as a line, Docker's keys to detach pressed at the prompt of a container's shell.
pub const DETACH: &[u8] = b"\x10\x11";
/// For how many tenths of the lab's time a test watches what follows something.
#[cfg(test)]
const WATCHED: u64 = 100;

/// A machine. The lab's host shell sits at its terminal, and perhaps others in front of it.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) backend: Box<dyn Backend>,
    pub(super) world: World,
    /// The writable layers when they were last looked at.
    seen: Snapshot,
    /// What the line that runs has left of its steps.
    limits: Limits,
    /// The time that strides of the clock have come to: one stride comes to where many do.
    due: Option<Nanos>,
}

/// How far a line has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It goes on: call [`Machine::step`] again.
    More,
    /// It has ended with this status; a prompt can be shown.
    Done(u8),
    /// It follows something (`logs -f`): nothing happens before time passes ([`Machine::advance`]) or
    /// [`Machine::interrupt`] ends it.
    Follows,
}

impl Machine {
    /// A machine whose disk holds the lab's small host tree.
    pub(super) fn new(backend: Box<dyn Backend>) -> Result<Self, String> {
        let mut backend: Box<dyn Backend> = Box::new(Watched::new(backend));
        disk::prepare(backend.kernel()).map_err(|error| format!("the lab's disk cannot be made: {error}"))?;
        let mut machine = Self {
            backend,
            world: World::default(),
            seen: Snapshot::default(),
            limits: Limits::default(),
            due: None,
        };
        machine.boot();
        machine.start_daemon();
        Ok(machine)
    }

    /// A copy, where the backend has one.
    pub(super) fn fork(&self) -> Option<Self> {
        let backend = self.backend.fork()?;
        let (world, limits, seen) = (self.world.clone(), self.limits.clone(), self.seen.clone());
        Some(Self { backend, world, seen, limits, due: self.due })
    }

    /// The same machine, which keeps the calls that are made on it from now on; its copies do not.
    pub(super) fn recorded(mut self) -> Self {
        self.backend.keep_calls();
        self
    }

    /// The same machine with an empty disk.
    pub(super) fn reset(&mut self) -> Result<(), String> {
        self.backend.reset()?;
        disk::prepare(self.backend.kernel())
            .map_err(|error| format!("the lab's disk cannot be made: {error}"))?;
        let bounds = std::mem::take(&mut self.world.bounds);
        let no_terminal = self.world.files.no_terminal;
        self.world = World::default();
        self.world.files.no_terminal = no_terminal;
        self.set_bounds(bounds);
        self.seen = Snapshot::default();
        self.due = None;
        self.boot();
        self.start_daemon();
        Ok(())
    }

    /// Gives it other limits.
    pub(super) fn set_bounds(&mut self, bounds: Bounds) {
        self.backend.limit_files(bounds.get(Bound::Files));
        self.world.files.pipe_most = PipeMost(bounds.len(Bound::Pipe));
        self.world.bounds = bounds;
        self.limits = Limits::of(&self.world.bounds);
    }

    /// Puts the host's shell at the terminal.
    fn boot(&mut self) {
        let table = Table::default();
        let mut system = System::new(self.backend.kernel(), &mut self.world, &table);
        let mut state = host_state();
        state.enter(system.kernel, disk::HOME.as_bytes());
        shell::open(&mut system, state).expect("a new machine has room for a process");
    }

    /// Lets the Docker daemon read its settings, which a disk may have from a session before.
    fn start_daemon(&mut self) {
        let table = Table::default();
        docker::boot(&mut System::new(self.backend.kernel(), &mut self.world, &table));
    }

    /// The prompt of the innermost shell.
    pub(super) fn prompt(&self) -> String {
        self.innermost().prompt()
    }

    /// The state of the innermost shell.
    pub(super) fn innermost(&self) -> &ShellState {
        let shells = self.world.tasks.readers.iter().rev();
        shells
            .filter_map(|pid| self.world.tasks.job::<Vm>(*pid))
            .map(Vm::state)
            .next()
            .expect("the host's shell never ends")
    }

    fn reader(&self) -> Option<Pid> {
        self.world.tasks.readers.last().copied()
    }

    /// Whether what is in the foreground follows something that goes on by itself.
    pub(super) fn follows(&self) -> bool {
        crate::program::follows(&self.world)
    }

    /// Takes a complete line, which [`Machine::step`] then runs in the innermost shell.
    pub(super) fn begin(&mut self, table: &Table, line: &[u8]) {
        self.limits = Limits::of(&self.world.bounds);
        self.due = None;
        self.world.files.clear_keys();
        let system = System::new(self.backend.kernel(), &mut self.world, table);
        match docker::detaches(&system, line) {
            // The keys that detach never reach the shell.
            Some((keys, true)) => self.input(&keys),
            // Docker's own keys, where the client has others: no line of a shell's.
            Some(_) if line == DETACH => self.world.tasks.lines.push(ByteString::new()),
            _ => self.world.tasks.lines.push(line.into()),
        }
    }

    /// Goes on with the line for at most `budget` steps.
    pub(super) fn step(&mut self, table: &Table, budget: u64) -> Turn {
        let mut budget = budget;
        match self.go(table, &mut budget, None) {
            Pause::Done => Turn::Done(self.done()),
            Pause::Budget | Pause::Time => Turn::More,
            Pause::Follows => Turn::Follows,
            Pause::Spent => {
                let told = self.limits.tell();
                let most = self.world.bounds.get(Bound::Steps).to_string();
                self.world.help.add(Help::new(Topic::LimitReached, &[Bound::Steps.id(), &most]));
                self.give_up(table, Limits::STATUS, told);
                Turn::More
            }
            Pause::Idle => {
                let text = "Layerlab: stopped: nothing that this line waits for can happen any more\n";
                self.give_up(table, Limits::STATUS, Some(text.to_owned()));
                Turn::More
            }
        }
    }

    fn go(&mut self, table: &Table, budget: &mut u64, until: Option<Nanos>) -> Pause {
        let mut system = System::new(self.backend.kernel(), &mut self.world, table);
        system.limits = std::mem::take(&mut self.limits);
        let pause = run(&mut system, budget, until, &mut |world| until.is_none() && is_done(world));
        self.limits = std::mem::take(&mut system.limits);
        pause
    }

    /// The status of a line that has ended. Where the host's shell ended with it, a new one starts, as after a login.
    fn done(&mut self) -> u8 {
        let hosts = |pid: &Pid| self.world.tasks.get(*pid).is_some_and(|row| row.ended.is_none());
        if self.world.tasks.readers.iter().any(hosts) {
            return self.innermost().status();
        }
        let ended: Vec<Pid> = self
            .world
            .tasks
            .iter()
            .filter(|row| row.ended.is_some() && row.parent == 0)
            .map(|row| row.pid)
            .collect();
        let status = ended.into_iter().filter_map(|pid| self.world.tasks.reap(pid)).last();
        self.boot();
        status.unwrap_or_default()
    }

    /// Ends what runs in the foreground, with this status of the shell that a person types at.
    fn give_up(&mut self, table: &Table, status: u8, told: Option<String>) {
        let mut system = System::new(self.backend.kernel(), &mut self.world, table);
        let front: Vec<Pid> = system
            .world
            .tasks
            .iter()
            .filter(|row| row.front && row.ended.is_none() && !system.world.tasks.readers.contains(&row.pid))
            .map(|row| row.pid)
            .collect();
        for pid in front {
            let first = system.world.tasks.get(pid).is_some_and(|row| row.first);
            if first {
                // A container's first process goes on without the person who watched it.
                system.world.tasks.to_background(pid);
            } else {
                end(&mut system, pid, status);
            }
        }
        if let Some(text) = told {
            system.world.files.write(system.kernel, Desc::TERMINAL_ERR, text.as_bytes());
        }
        self.drop_line(status);
    }

    /// Lets the innermost shell drop its line.
    pub(super) fn drop_line(&mut self, status: u8) {
        self.limits = Limits::of(&self.world.bounds);
        self.world.tasks.lines.clear();
        self.world.files.clear_keys();
        if let Some(pid) = self.reader() {
            if let Some(vm) = self.world.tasks.job_mut::<Vm>(pid) {
                vm.interrupt(status);
            }
            // A shell that stopped itself would never hear of the next line.
            self.world.tasks.go_on(pid);
        }
    }

    /// Takes out what reached the terminal since it was last asked.
    pub(super) fn drain(&mut self) -> Vec<(Stream, Vec<u8>)> {
        self.world.files.take_terminal().pieces
    }

    /// Takes what a person types while a program runs.
    pub(super) fn input(&mut self, bytes: &[u8]) {
        self.world.files.type_at(Desc::KEYBOARD, bytes);
    }

    /// Where something in the foreground waits for what is typed and nobody can type, lets it meet the end.
    pub(super) fn hang_up(&mut self) -> bool {
        let waits = waits_for_typing(&self.world);
        if waits {
            self.world.files.hang_up();
        }
        waits
    }

    /// Whether the innermost shell is one that a docker client can be detached from.
    pub(super) fn can_detach(&mut self) -> bool {
        let table = Table::default();
        docker::detaches(&System::new(self.backend.kernel(), &mut self.world, &table), b"").is_some()
    }

    /// Lets tenths of a second of the lab's time pass; what runs in the background lives on in them.
    pub(super) fn advance(&mut self, table: &Table, tenths: u64) {
        let now = self.world.clock.unwrap_or_default();
        let target = self.due.unwrap_or(now).saturating_add((tenths as i64).saturating_mul(TENTH));
        self.due = Some(target);
        loop {
            let mut budget = u64::MAX;
            match self.go(table, &mut budget, Some(target)) {
                Pause::Spent => {
                    let told = self.limits.tell();
                    self.give_up(table, Limits::STATUS, told);
                }
                _ => return,
            }
        }
    }

    #[cfg(test)]
    /// Runs a complete line to its end; the exit status is 0 to 255. What follows something is watched for a while.
    pub(super) fn run(&mut self, table: &Table, line: &[u8]) -> u8 {
        self.begin(table, line);
        let mut watched = 0;
        let status = loop {
            match self.step(table, u64::MAX) {
                Turn::Done(status) => break status,
                Turn::More => {}
                Turn::Follows if watched < WATCHED && self.hang_up() => watched += 1,
                Turn::Follows if watched < WATCHED => {
                    watched += 1;
                    self.advance(table, 1);
                }
                Turn::Follows => {
                    let text =
                        "Layerlab: this goes on without end; shown are ten seconds of the lab's time\n";
                    let (kernel, to) = (self.backend.kernel(), Desc::TERMINAL_ERR);
                    self.world.files.write(kernel, to, text.as_bytes());
                    self.interrupt(table);
                }
            }
        };
        // A person reads what a line said before the next one.
        self.advance(table, 10);
        status
    }

    /// The writable layers as they stand.
    pub(super) fn snapshot(&mut self) -> Snapshot {
        let touched = self.backend.take_touched();
        self.seen = self.seen.renew(self.backend.kernel(), &mut self.world, touched.as_ref());
        // Looking reads directories, which changes when they were last read: that is no reason to look again.
        self.backend.take_touched();
        self.seen.clone()
    }
}

/// Whether nothing runs in the foreground: the innermost shell waits for a line, and none was typed.
fn is_done(world: &World) -> bool {
    let tasks = &world.tasks;
    match tasks.readers.last().and_then(|pid| tasks.get(*pid)) {
        Some(row) => {
            tasks.lines.is_empty()
                && !has_wanted_keys(world)
                && row.wait.as_ref().is_some_and(|wait| wait.line)
        }
        None => true,
    }
}

pub(super) fn host_state() -> ShellState {
    let task = Task::root().at(ByteString::from(disk::HOME));
    ShellState::new(task, disk::environment(), Place::Host)
}

/// What a machine is beside its kernel is data: it can be written down, and sent to another thread, which nothing that
/// hides a shared cell can.
const _: () = {
    const fn is_data<T: Clone + Send + Sync + serde::Serialize + for<'a> serde::Deserialize<'a>>() {}
    is_data::<World>();
};
