//! The session itself: it takes requests one after another and answers each with events.

use super::machine::Machine;
use super::{Backend, Event, Journal, Reply, Request, changes, complete, files};
use crate::kernel::ByteString;
use crate::program::{Output, Table};
use crate::shell;
use crate::view::{self, Answer, Query};

/// Where events go as they come.
pub type Events<'a> = dyn FnMut(Event) + 'a;

/// A session: one machine, the lines typed so far, and the moments one can go back to.
#[derive(Debug)]
pub struct Session {
    machine: Machine,
    table: Table,
    start: Vec<ByteString>,
    ticks: Vec<Tick>,
    done: usize,
    /// The machine before the first tick, where it can be forked.
    origin: Option<Machine>,
    /// The beginning of a line that is not complete yet.
    pending: Vec<u8>,
    /// Files put in from outside, by the tick before which they came: a replay needs them again.
    files: Vec<files::PutFile>,
    /// What was read for screens.
    seen: view::Memory,
}

/// A line of the journal and what it left behind.
#[derive(Debug)]
struct Tick {
    line: ByteString,
    reply: Reply,
    /// The machine after it, where it can be forked.
    after: Option<Machine>,
}

impl Session {
    /// A fresh session. `table` holds the programs; see [`super::programs`].
    ///
    /// # Errors
    /// One sentence, where the machine's disk cannot be set up.
    pub fn new(backend: Box<dyn Backend>, table: Table) -> Result<Self, String> {
        let machine = Machine::new(backend)?;
        let origin = machine.fork();
        Ok(Self {
            machine,
            table,
            start: Vec::new(),
            ticks: Vec::new(),
            done: 0,
            origin,
            pending: Vec::new(),
            files: Vec::new(),
            seen: view::Memory::default(),
        })
    }

    /// Takes one request; the last event is `Done` or `Failed`.
    pub fn handle(&mut self, request: Request, events: &mut Events<'_>) {
        let result = match request {
            Request::Run { line } => Ok(self.run(&line, events)),
            Request::Interrupt => {
                self.pending.clear();
                Ok(self.standing(130))
            }
            Request::Complete { line, cursor } => {
                let (start, words) = complete::complete(&mut self.machine, &self.table, &line, cursor);
                events(Event::Completions { start, words });
                Ok(self.standing(0))
            }
            Request::Undo => {
                self.go(self.done.checked_sub(1).ok_or_else(|| "there is nothing to undo".into()))
            }
            Request::Redo => self.go(Ok(self.done + 1)),
            Request::Jump { tick } => self.go(Ok(tick)),
            Request::Restore { journal } => self.restore(journal, events),
            Request::Save => {
                events(Event::Journal { journal: self.journal() });
                Ok(self.standing(0))
            }
            Request::PutFile { path, offset, data } => self.put_file(&path, offset, data),
            Request::GetFile { path, offset, len } => {
                match files::get(self.machine.backend.kernel(), &path, offset, len) {
                    Ok(data) => {
                        events(Event::Data { data });
                        Ok(self.standing(0))
                    }
                    Err(message) => Err(message),
                }
            }
            Request::Test { lines } => {
                let (statuses, outputs) = lines.iter().map(|line| self.test(line)).unzip();
                events(Event::Tested { statuses, outputs });
                Ok(self.standing(0))
            }
            Request::View { query } => match self.view(query) {
                Ok(answer) => {
                    events(Event::View { answer });
                    Ok(self.standing(0))
                }
                Err(message) => Err(message),
            },
        };
        events(match result {
            Ok(reply) => Event::Done { reply },
            Err(message) => Event::Failed { message },
        });
    }

    /// Runs a line as typed at the prompt. A line that is not complete (an open quote, an unfinished `if`) is kept, and
    /// the prompt becomes `> `; it is one tick when it is complete.
    pub fn run(&mut self, line: &[u8], events: &mut Events<'_>) -> Reply {
        self.pending.extend_from_slice(line);
        if shell::is_incomplete(&self.pending) {
            self.pending.push(b'\n');
            return self.standing(0);
        }
        let line = ByteString::from(std::mem::take(&mut self.pending));
        if line.trim_ascii().is_empty() {
            return self.standing(self.machine.innermost().status());
        }
        self.ticks.truncate(self.done);
        self.files.retain(|file| file.before <= self.done);
        let reply = self.execute(&line, events);
        let after = self.machine.fork();
        self.ticks.push(Tick { line, reply, after });
        self.done = self.ticks.len();
        self.standing_after()
    }

    /// How a line ends that is no tick, and what it prints: on a fork of the machine, where there is one.
    pub fn test(&mut self, line: &[u8]) -> (u8, ByteString) {
        match self.machine.fork() {
            Some(mut fork) => fork.ask(&self.table, line),
            None => self.machine.ask(&self.table, line),
        }
    }

    /// The lines so far.
    pub fn journal(&self) -> Journal {
        Journal {
            version: Journal::VERSION,
            start: self.start.clone(),
            lines: self.ticks.iter().map(|tick| tick.line.clone()).collect(),
            done: self.done,
        }
    }

    /// Whether a line waits for its end.
    pub fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The kernel and the world, for whoever looks at the machine without changing it.
    pub fn kernel(&mut self) -> &mut dyn crate::kernel::Kernel {
        self.machine.backend.kernel()
    }

    fn execute(&mut self, line: &[u8], events: &mut Events<'_>) -> Reply {
        let before = self.machine.snapshot();
        // What was copied up until now is not this line's.
        self.machine.backend.take_copy_ups();
        let status = self.machine.run(&self.table, line, Output::TERMINAL, Output::TERMINAL_ERR);
        for (stream, data) in self.machine.drain() {
            events(Event::Output { stream, data: data.into() });
        }
        for help in self.machine.world.help.take() {
            events(Event::Help { help });
        }
        let copied = self.machine.backend.take_copy_ups();
        let after = self.machine.snapshot();
        let changes = before.changes(&after, copied.as_ref());
        let copied_up = copied.map_or_else(|| changes::cost(&changes), |copied| copied.cost);
        Reply { status, prompt: self.machine.prompt(), tick: 0, ticks: 0, changes, copied_up }
    }

    fn standing(&self, status: u8) -> Reply {
        let prompt = if self.pending.is_empty() { self.machine.prompt() } else { "> ".into() };
        Reply { status, prompt, tick: self.done, ticks: self.ticks.len(), ..Reply::default() }
    }

    fn standing_after(&self) -> Reply {
        match self.done.checked_sub(1).and_then(|last| self.ticks.get(last)) {
            Some(tick) => Reply { tick: self.done, ticks: self.ticks.len(), ..tick.reply.clone() },
            None => self.standing(0),
        }
    }

    fn go(&mut self, tick: Result<usize, String>) -> Result<Reply, String> {
        let tick = tick?;
        if tick > self.ticks.len() {
            return Err(if tick == self.done + 1 {
                "there is nothing to redo".into()
            } else {
                format!("there is no tick {tick}: the session has {}", self.ticks.len())
            });
        }
        self.pending.clear();
        let kept = match tick.checked_sub(1) {
            None => self.origin.as_ref(),
            Some(last) => self.ticks[last].after.as_ref(),
        };
        match kept.and_then(Machine::fork) {
            Some(machine) => self.machine = machine,
            None => self.replay(tick)?,
        }
        self.done = tick;
        Ok(self.standing_after())
    }

    /// Reaches a tick on a machine that cannot be forked: forwards from here, or from an empty disk.
    fn replay(&mut self, tick: usize) -> Result<(), String> {
        let from = if tick > self.done {
            self.done
        } else {
            self.machine.reset()?;
            for line in self.start.clone() {
                self.execute(&line, &mut |_| {});
            }
            0
        };
        for next in from..tick {
            self.put_again(next)?;
            let line = self.ticks[next].line.clone();
            self.ticks[next].reply = self.execute(&line, &mut |_| {});
        }
        self.put_again(tick)
    }

    fn put_again(&mut self, tick: usize) -> Result<(), String> {
        let kernel = self.machine.backend.kernel();
        self.files.iter().filter(|file| file.before == tick).try_for_each(|file| file.put(kernel))
    }

    fn put_file(&mut self, path: &ByteString, offset: u64, data: ByteString) -> Result<Reply, String> {
        let file = files::PutFile { before: self.done, path: path.clone(), offset, data };
        file.put(self.machine.backend.kernel())?;
        self.ticks.truncate(self.done);
        let fork = self.machine.fork();
        match self.done.checked_sub(1) {
            None => self.origin = fork,
            Some(last) => self.ticks[last].after = fork,
        }
        // A machine that can be forked never needs the file again; one that cannot has to be given it on a replay.
        if self.origin.is_none() {
            self.files.push(file);
        }
        Ok(self.standing(0))
    }

    fn restore(&mut self, journal: Journal, events: &mut Events<'_>) -> Result<Reply, String> {
        journal.check()?;
        self.machine.reset()?;
        self.ticks.clear();
        self.files.clear();
        self.pending.clear();
        self.done = 0;
        for line in &journal.start {
            self.execute(line, events);
        }
        self.start = journal.start;
        self.origin = self.machine.fork();
        for line in &journal.lines {
            self.run(line, events);
        }
        // What was undone needs no second run where moments are kept; elsewhere `go` replays.
        self.go(Ok(journal.done.min(self.ticks.len())))
    }

    fn view(&mut self, query: Query) -> Result<Answer, String> {
        view::answer(self.machine.backend.kernel(), &self.machine.world, &mut self.seen, query)
    }
}
