//! Going along the tree: undo, redo, jumps, branches, a whole session put together again.

use super::files::{self, Putting};
use super::journal::{Content, Journal, JournalEntry, Said, What};
use super::machine::{Machine, Turn};
use super::tree::Tree;
use super::{Event, Events, Reply, Request, Session};
use crate::kernel::ByteString;

impl Session {
    /// Goes to a tick of the branch in view.
    pub(super) fn go(&mut self, tick: usize, events: &mut Events<'_>) -> Result<Reply, String> {
        match self.tree.tick(tick) {
            Some(node) => self.visit(node, events),
            None if tick == self.tree.depth(self.tree.at) + 1 => Err("there is nothing to redo".into()),
            None => {
                let ticks = self.tree.depth(self.tree.tip);
                Err(format!("there is no tick {tick}: the session has {ticks}"))
            }
        }
    }

    /// Goes to an entry, of whatever branch.
    pub(super) fn visit(&mut self, node: usize, events: &mut Events<'_>) -> Result<Reply, String> {
        if node > self.tree.len() {
            return Err(format!("there is no entry {node}: the session has {}", self.tree.len()));
        }
        let node = if node == 0 { 0 } else { self.tree.end_of_tick(node) };
        self.pending.clear();
        let path = self.tree.path(node);
        let kept =
            path.iter().rposition(|number| self.tree.get(*number).is_some_and(|node| node.after.is_some()));
        let tip = self.tree.tip;
        let from = match (kept, &self.origin) {
            (Some(at), _) => {
                let after = self.tree.get(path[at]).and_then(|node| node.after.as_ref());
                self.machine = after.and_then(Machine::fork).ok_or("this moment was not kept")?;
                at + 1
            }
            (None, Some(origin)) => {
                self.machine = origin.fork().ok_or("the start was not kept")?;
                0
            }
            (None, None) => self.go_back(&path)?,
        };
        self.tree.tip = tip;
        self.tree.stand_at(node);
        self.tree.at = from.checked_sub(1).map_or(0, |last| path[last]);
        self.replay(&path[from..], events)?;
        Ok(self.standing_after())
    }

    /// On a machine that cannot be forked: stays, where the way leads on from here, or begins again with an empty disk.
    fn go_back(&mut self, path: &[usize]) -> Result<usize, String> {
        let here = self.tree.at;
        if let Some(at) = path.iter().position(|number| *number == here) {
            return Ok(at + 1);
        }
        if here == 0 {
            return Ok(0);
        }
        self.machine.reset()?;
        self.run_start(&mut |_| {});
        Ok(0)
    }

    pub(super) fn run_start(&mut self, events: &mut Events<'_>) {
        for line in self.start.clone() {
            self.start_line(0, &line, 0);
            self.finish(events);
        }
    }

    /// Does again what was recorded. It stops before a file that is not here, and asks for it.
    pub(super) fn replay(&mut self, path: &[usize], events: &mut Events<'_>) -> Result<(), String> {
        let mut at = 0;
        while let Some(number) = path.get(at).copied() {
            let Some(entry) = self.tree.get(number).map(|node| node.entry.clone()) else { break };
            at += 1;
            match &entry.what {
                What::Run(line) => {
                    events(Event::Line { number, line: line.clone(), prompt: self.machine.prompt() });
                    self.start_line(number, line, entry.after);
                    while let Some(next) = path.get(at).copied() {
                        let Some(within) = self.tree.get(next).map(|node| node.entry.clone()) else { break };
                        if !within.what.is_within_a_line() {
                            break;
                        }
                        self.hear_again(next, &within, events);
                        at += 1;
                    }
                    let reply = self.finish(events);
                    events(Event::Ended { reply: Reply { ticks: reply.tick, ..reply } });
                }
                What::Edit(file, content) => {
                    self.machine.advance(&self.table, entry.after.into());
                    files::put(self.machine.backend.kernel(), file, 0, content)?;
                    self.ends_tick(number, self.standing(0));
                    let what = What::Edit(file.clone(), ByteString::new());
                    events(Event::Did { number, what, prompt: self.machine.prompt() });
                }
                What::PutFile(content) | What::Import(content) => {
                    let Some(data) = self.contents.get(&content.digest).cloned() else {
                        events(Event::Wanted { number, content: content.clone() });
                        return Ok(());
                    };
                    self.machine.advance(&self.table, entry.after.into());
                    files::put(self.machine.backend.kernel(), &content.path, 0, &data)?;
                    self.ends_tick(number, self.standing(0));
                    events(Event::Did { number, what: entry.what.clone(), prompt: self.machine.prompt() });
                }
                What::Input(..) | What::Interrupt(_) | What::Detach(_) => {}
            }
        }
        Ok(())
    }

    /// Brings the line that runs to the turn in which a person did something, and does it.
    fn hear_again(&mut self, number: usize, entry: &JournalEntry, events: &mut Events<'_>) {
        let (What::Input(_, turns) | What::Interrupt(turns) | What::Detach(turns)) = &entry.what else {
            return;
        };
        let mut passed = false;
        while let Some(work) = &mut self.work {
            if work.turns >= *turns {
                break;
            }
            match work.turn(&mut self.machine, &self.table, events) {
                Turn::More => {}
                Turn::Follows if !passed => {
                    passed = true;
                    self.machine.advance(&self.table, entry.after.into());
                }
                // It has ended sooner than it did: what follows is told by the difference in its output.
                Turn::Follows | Turn::Done(_) => break,
            }
        }
        if let Some(work) = &mut self.work {
            work.last = number;
        }
        events(Event::Heard { what: entry.what.clone() });
        self.give(&entry.what);
    }

    /// Says so where a line of an earlier session says something else now. On a host what a line says may differ each time.
    pub(super) fn said(&self, number: usize, entry: &JournalEntry, now: &Said, events: &mut Events<'_>) {
        let Some(then) = &entry.said else { return };
        let differs = then.digest != now.digest || then.status != now.status;
        if let What::Run(line) = &entry.what
            && differs
            && self.origin.is_some()
        {
            events(Event::Differs { number, line: line.clone(), recorded: then.text.clone() });
        }
    }

    /// Throws everything away and does again what a journal says, up to where it stands.
    pub(super) fn restore(&mut self, journal: &Journal, events: &mut Events<'_>) -> Result<Reply, String> {
        journal.check()?;
        self.machine.reset()?;
        self.tree = Tree::of(journal);
        self.pending.clear();
        self.start.clone_from(&journal.start);
        self.run_start(events);
        self.origin = self.machine.fork();
        let (at, tip) = (journal.at, journal.tip);
        let reply = self.visit(at, events)?;
        self.tree.tip = tip;
        if self.tree.at != at {
            // A file is missing: nothing behind it is given up.
            return Ok(self.standing_after());
        }
        Ok(Reply { ticks: self.tree.depth(tip), ..reply })
    }

    /// Whether a request is the next piece of the file that is coming in.
    pub(super) fn continues_file(&self, request: &Request) -> bool {
        match (request, &self.putting) {
            (Request::PutFile { path, offset, .. }, Some(putting)) => putting.takes(path, *offset),
            _ => false,
        }
    }

    /// Whether a request only looks: it may come between two pieces of a file.
    pub(super) fn leaves_file(request: &Request) -> bool {
        use Request::{Complete, GetFile, Look, Pass, Test, View};
        matches!(request, View { .. } | Complete { .. } | GetFile { .. } | Pass { .. } | Test { .. } | Look)
    }

    /// Puts a piece of a file into the lab. The pieces come in order; the first one makes the file.
    pub(super) fn put_file(
        &mut self,
        path: ByteString,
        offset: u64,
        data: ByteString,
    ) -> Result<Reply, String> {
        files::put(self.machine.backend.kernel(), &path, offset, &data)?;
        match &mut self.putting {
            Some(putting) if putting.takes(&path, offset) => putting.add(&data),
            _ if offset > 0 => return Err(format!("{path}: the pieces of a file come in order")),
            _ => self.putting = Some(Putting::begin(path, &data, self.origin.is_none())),
        }
        Ok(self.standing(0))
    }

    /// The file that was coming in is whole: it is a tick.
    pub(super) fn settle_file(&mut self, events: &mut Events<'_>) {
        let Some(putting) = self.putting.take() else { return };
        let (content, data) = putting.end();
        if let Some(data) = data {
            self.contents.insert(content.digest.clone(), data);
        }
        self.record(What::PutFile(content), 0, events);
    }

    /// Writes a file as an editor does: one tick.
    pub(super) fn edit(
        &mut self,
        path: ByteString,
        content: ByteString,
        after: u16,
        events: &mut Events<'_>,
    ) -> Result<Reply, String> {
        let after = after.min(JournalEntry::AFTER_MAX);
        self.machine.advance(&self.table, after.into());
        files::put(self.machine.backend.kernel(), &path, 0, &content)?;
        self.record(What::Edit(path, content), after, events);
        Ok(self.standing_after())
    }

    /// Takes a content that a replay asked for, or a piece of it.
    pub(super) fn supply(&mut self, data: ByteString, more: bool) -> Reply {
        self.supplied.extend_from_slice(&data);
        if !more {
            let data = ByteString::from(std::mem::take(&mut self.supplied));
            let Content { digest, .. } = Putting::begin(ByteString::new(), &data, false).end().0;
            self.contents.insert(digest, data);
        }
        self.standing(0)
    }

    fn record(&mut self, what: What, after: u16, events: &mut Events<'_>) {
        let number = self.tree.add(self.tree.at, JournalEntry { parent: None, after, what, said: None });
        let reply = self.standing(0);
        self.ends_tick(number, reply);
        if let Some(node) = self.tree.get(number) {
            events(Event::Recorded { number, entry: node.entry.clone() });
        }
    }
}
