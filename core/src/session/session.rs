//! The session itself: it takes requests one after another and answers each with events.
//!
//! A line is work: [`Session::begin`] starts it and [`Session::step`] goes on with it, so that between two steps whoever holds
//! the session can hear Ctrl-C, pass on what is typed, and show what was written. [`Session::handle`] does both in one call.

use std::collections::BTreeMap;

use super::files::{self, Putting};
use super::journal::{JournalEntry, What};
use super::machine::{DETACH, Machine, Turn};
use super::tree::Tree;
use super::work::Work;
use super::{Backend, Event, Events, Reply, Request, compare, complete};
use crate::help::{Help, Topic};
use crate::kernel::ByteString;
use crate::program::{Table, World};
use crate::shell;
use crate::view::{self, Answer, Query};

/// Whether a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is: the last event was `Done` or `Failed`.
    Answered,
    /// [`Session::step`] must go on with it.
    Busy,
    /// It follows something: it goes on when time passes ([`Request::Pass`]), until [`Request::Interrupt`].
    Follows,
}

/// A session: one machine, what it was told so far, and the moments one can go back to.
#[derive(Debug)]
pub struct Session {
    pub(super) machine: Machine,
    pub(super) table: Table,
    pub(super) start: Vec<ByteString>,
    pub(super) tree: Tree,
    /// The machine before the first tick, where it can be forked.
    pub(super) origin: Option<Machine>,
    /// The beginning of a line that is not complete yet.
    pub(super) pending: Vec<u8>,
    /// The line that runs.
    pub(super) work: Option<Work>,
    /// The screen that is wanted when the line that runs has ended.
    look: Option<Query>,
    /// A file that is coming in.
    pub(super) putting: Option<Putting>,
    /// A content that a replay asked for, as far as it is here.
    pub(super) supplied: Vec<u8>,
    /// Contents from outside, by digest, as far as a replay may need them.
    pub(super) contents: BTreeMap<String, ByteString>,
    /// The digest of the hub's texts, once it was needed.
    pub(super) hub: Option<String>,
    /// What was read for screens.
    seen: view::Memory,
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
            tree: Tree::default(),
            origin,
            pending: Vec::new(),
            work: None,
            look: None,
            putting: None,
            supplied: Vec::new(),
            contents: BTreeMap::new(),
            hub: None,
            seen: view::Memory::default(),
        })
    }

    /// Takes one request and stays with it to its end; the last event is `Done` or `Failed`. A line that follows something is
    /// followed for 10 seconds of the lab's time.
    pub fn handle(&mut self, request: Request, events: &mut Events<'_>) {
        let mut standing = self.begin(request, events);
        let mut followed = 0;
        while standing != Standing::Answered {
            if standing == Standing::Follows {
                self.follow(&mut followed, events);
            }
            standing = self.step(u32::MAX, events);
        }
    }

    /// Whether a request can be answered while a line runs.
    pub fn answers_meanwhile(request: &Request) -> bool {
        use Request::{Branches, Complete, Detach, GetFile, Input, Interrupt, Pass, Save, View};
        matches!(
            request,
            Interrupt
                | Input { .. }
                | Detach
                | Pass { .. }
                | View { .. }
                | Complete { .. }
                | Save
                | Branches
                | GetFile { .. }
        )
    }

    /// Takes one request. What is not a line is answered at once; of a line, what stands before its first step.
    pub fn begin(&mut self, request: Request, events: &mut Events<'_>) -> Standing {
        if !self.continues_file(&request) && !Self::leaves_file(&request) {
            self.settle_file(events);
        }
        if self.work.is_some() && !Self::answers_meanwhile(&request) {
            let message = "a line is running; Ctrl-C stops it".into();
            events(Event::Failed { message });
            return Standing::Answered;
        }
        // At the prompt of a container's shell the detach keys are a tick of their own.
        let request = match request {
            Request::Detach if self.work.is_none() && self.machine.can_detach() => Request::line(DETACH),
            request => request,
        };
        if let Request::Run { line, after, look } = request {
            self.look = look;
            let is_first = self.pending.is_empty();
            return match self.begin_line(&line, after) {
                Some(reply) => {
                    if let Some(quote) = shell::open_quote(&self.pending).filter(|_| is_first) {
                        events(Event::Help { help: Help::new(Topic::QuoteOpen, &[&quote.to_string()]) });
                    }
                    self.answered(reply, events)
                }
                None => Standing::Busy,
            };
        }
        let result = self.answer(request, events);
        events(match result {
            Ok(reply) => Event::Done { reply },
            Err(message) => Event::Failed { message },
        });
        Standing::Answered
    }

    /// Returns what is not on the disk: whoever holds two sessions against each other looks at all of it.
    pub fn world(&self) -> &World {
        &self.machine.world
    }

    /// Goes on with the line that runs for so many turns at most, each of a few milliseconds.
    pub fn step(&mut self, turns: u32, events: &mut Events<'_>) -> Standing {
        for _ in 0..turns {
            let Some(work) = &mut self.work else { return Standing::Answered };
            match work.turn(&mut self.machine, &self.table, events) {
                Turn::More => {}
                Turn::Follows => return Standing::Follows,
                Turn::Done(status) => {
                    let reply = self.end_line(status, events);
                    return self.answered(reply, events);
                }
            }
        }
        Standing::Busy
    }

    /// Runs a line as typed at the prompt. A line that is not complete (an open quote, an unfinished `if`) is kept, and
    /// the prompt becomes `> `; it is one tick when it is complete.
    pub fn run(&mut self, line: &[u8], events: &mut Events<'_>) -> Reply {
        self.settle_file(events);
        if let Some(reply) = self.begin_line(line, 0) {
            return reply;
        }
        self.finish(events)
    }

    /// How a line ends that is no tick, and what it prints: on a fork of the machine, where there is one.
    pub fn test(&mut self, line: &[u8]) -> (u8, ByteString) {
        match self.machine.fork() {
            Some(mut fork) => fork.ask(&self.table, line),
            None => self.machine.ask(&self.table, line),
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

    /// Answers what is no line.
    fn answer(&mut self, request: Request, events: &mut Events<'_>) -> Result<Reply, String> {
        match request {
            Request::Run { .. } => Err("a line is no question".into()),
            Request::Interrupt => Ok(self.interrupt()),
            Request::Input { data } => self.pass_on(|turns| What::Input(data, turns)),
            Request::Detach => self.pass_on(What::Detach),
            Request::Pass { tenths } => {
                self.pass(tenths);
                Ok(self.standing(0))
            }
            Request::Complete { line, cursor } => {
                let (start, words) = complete::complete(&mut self.machine, &self.table, &line, cursor);
                events(Event::Completions { start, words });
                Ok(self.standing(0))
            }
            Request::Undo => match self.tree.depth(self.tree.at).checked_sub(1) {
                Some(tick) => self.go(tick, events),
                None => Err("there is nothing to undo".into()),
            },
            Request::Redo => self.go(self.tree.depth(self.tree.at) + 1, events),
            Request::Jump { tick } => self.go(tick, events),
            Request::Visit { node } => self.visit(node, events),
            Request::Branches => {
                let steps = self.tree.steps();
                events(Event::Branches { steps, at: self.tree.at, tip: self.tree.tip });
                Ok(self.standing(0))
            }
            Request::Calls { node } => {
                let calls = self.calls(node)?;
                events(Event::Calls { calls });
                Ok(self.standing(0))
            }
            Request::Restore { journal } => self.restore(&journal, events),
            Request::Save => {
                events(Event::Journal { journal: self.journal() });
                Ok(self.standing(0))
            }
            Request::PutFile { path, offset, data } => self.put_file(path, offset, data),
            Request::Supply { data, more } => Ok(self.supply(data, more)),
            Request::Open { path } => {
                let task = self.machine.innermost().task().clone();
                let (path, content) = files::open(self.machine.backend.kernel(), &task, &path)?;
                events(Event::Opened { path, content });
                Ok(self.standing(0))
            }
            Request::Edit { path, content, after } => self.edit(path, content, after, events),
            Request::GetFile { path, offset, len } => {
                let data = files::get(self.machine.backend.kernel(), &path, offset, len)?;
                events(Event::Data { data });
                Ok(self.standing(0))
            }
            Request::Test { lines } => {
                let (statuses, outputs) = lines.iter().map(|line| self.test(line)).unzip();
                events(Event::Tested { statuses, outputs });
                Ok(self.standing(0))
            }
            Request::Limit { name, value } => {
                let mut bounds = self.machine.world.bounds.clone();
                bounds.set(&name, value).map_err(|error| error.to_string())?;
                self.machine.set_bounds(bounds);
                if self.tree.len() == 0 {
                    self.origin = self.machine.fork();
                }
                Ok(self.standing(0))
            }
            Request::Terminal { has } => {
                shell::set_terminal(&mut self.machine.world, has);
                if self.tree.len() == 0 {
                    self.origin = self.machine.fork();
                }
                Ok(self.standing(0))
            }
            Request::Look => {
                let seen = compare::look(self.machine.backend.kernel(), &mut self.machine.world);
                events(Event::Seen { seen });
                Ok(self.standing(0))
            }
            Request::View { query } => {
                let answer = self.view(query)?;
                events(Event::View { answer });
                Ok(self.standing(0))
            }
        }
    }

    /// Ends a request that ran a line: the screen that was wanted comes first.
    fn answered(&mut self, reply: Reply, events: &mut Events<'_>) -> Standing {
        if let Some(query) = self.look.take()
            && let Ok(answer) = self.view(query)
        {
            events(Event::View { answer });
        }
        events(Event::Done { reply });
        Standing::Answered
    }

    /// Begins a line; gives the reply where there is nothing to run (yet).
    fn begin_line(&mut self, line: &[u8], after: u16) -> Option<Reply> {
        self.pending.extend_from_slice(line);
        if shell::is_incomplete(&self.pending) {
            self.pending.push(b'\n');
            return Some(self.standing(0));
        }
        let line = ByteString::from(std::mem::take(&mut self.pending));
        if line.trim_ascii().is_empty() {
            return Some(self.standing(self.machine.innermost().status()));
        }
        let after = after.min(JournalEntry::AFTER_MAX);
        let node = self.tree.add(self.tree.at, JournalEntry { after, ..JournalEntry::line(line.clone()) });
        self.start_line(node, &line, after);
        None
    }

    /// Lets the time before a line pass, and begins it.
    pub(super) fn start_line(&mut self, node: usize, line: &[u8], after: u16) {
        self.machine.advance(&self.table, after.into());
        self.work = Some(Work::begin(&mut self.machine, &self.table, line, node));
    }

    /// Stays with the line that runs to its end.
    pub(super) fn finish(&mut self, events: &mut Events<'_>) -> Reply {
        let mut followed = 0;
        while let Some(work) = &mut self.work {
            match work.turn(&mut self.machine, &self.table, events) {
                Turn::More => {}
                Turn::Follows => self.follow(&mut followed, events),
                Turn::Done(status) => return self.end_line(status, events),
            }
        }
        self.standing(0)
    }

    /// The line that ran is a tick.
    fn end_line(&mut self, status: u8, events: &mut Events<'_>) -> Reply {
        let Some(work) = self.work.take() else { return self.standing(status) };
        let (first, last) = (work.node, work.last);
        let (reply, said) = work.end(&mut self.machine, status);
        let recorded = self.tree.get(first).map(|node| node.entry.clone());
        let is_new = recorded.as_ref().is_some_and(|entry| entry.said.is_none());
        if let Some(entry) = recorded {
            self.said(first, &entry, &said, events);
        }
        if let Some(node) = self.tree.get_mut(first) {
            node.entry.said.get_or_insert(said);
        }
        self.ends_tick(last, reply);
        let numbers = if is_new { self.tree.between(first, last) } else { Vec::new() };
        for number in numbers {
            if let Some(node) = self.tree.get(number) {
                events(Event::Recorded { number, entry: node.entry.clone() });
            }
        }
        self.standing_after()
    }

    /// Stands behind an entry that has just ended a tick.
    pub(super) fn ends_tick(&mut self, number: usize, reply: Reply) {
        let after = self.machine.fork();
        if let Some(node) = self.tree.get_mut(number) {
            node.reply = Some(reply);
            node.after = after;
        }
        if number > 0 && self.tree.leads_over(number) {
            self.tree.at = number;
        } else {
            (self.tree.at, self.tree.tip) = (number, number);
        }
    }

    pub(super) fn standing(&self, status: u8) -> Reply {
        let prompt = if self.pending.is_empty() { self.machine.prompt() } else { "> ".into() };
        let tree = &self.tree;
        Reply {
            status,
            prompt,
            tick: tree.depth(tree.at),
            ticks: tree.depth(tree.tip),
            node: tree.at,
            ..Reply::default()
        }
    }

    pub(super) fn standing_after(&self) -> Reply {
        let standing = self.standing(0);
        match self.tree.get(self.tree.at).and_then(|node| node.reply.as_ref()) {
            Some(reply) => {
                Reply { tick: standing.tick, ticks: standing.ticks, node: standing.node, ..reply.clone() }
            }
            None => standing,
        }
    }

    fn view(&mut self, query: Query) -> Result<Answer, String> {
        view::answer(self.machine.backend.kernel(), &self.machine.world, &mut self.seen, query)
    }
}
