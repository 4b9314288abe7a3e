//! The journal: what a session was told, as a tree. Undo, redo, branches, a reload and a permalink are made of it.
//!
//! Version 2 is written; version 1 (a list of lines) is read for ever. Entries are numbered from 1 in the order in which
//! they came; 0 is the start. In JSON an entry that is a line, follows the one before it and came at once is the line
//! itself, so that an address with a hundred lines stays short.

use serde::{Deserialize, Serialize};

use crate::kernel::ByteString;

/// Which Docker is modelled, as a journal's header names it.
pub const DOCKER: &str = "20.10.24, overlay2";
/// How much of a line's output is kept to be compared with, in bytes.
pub(super) const TEXT_MAX: usize = 4096;

/// What a session was told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Stored", from = "Stored")]
pub struct Journal {
    /// Format version, [`Journal::VERSION`] for what this code writes.
    pub version: u32,
    /// Which Docker was modelled, [`DOCKER`]; empty where that was not recorded.
    pub docker: String,
    /// The Layerlab that wrote it.
    pub layerlab: String,
    /// The digest of the hub's images; empty where none was needed.
    pub hub: String,
    /// Lines that were run before the learner arrived: they are no ticks and cannot be undone.
    pub start: Vec<ByteString>,
    /// Everything else, each behind its parent.
    pub entries: Vec<JournalEntry>,
    /// Where the session stands: an entry's number, or 0.
    pub at: usize,
    /// The end of the branch that it is on: redo leads there.
    pub tip: usize,
}

/// A thing that the session was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Packed", from = "Packed")]
pub struct JournalEntry {
    /// The entry that it follows; 0 is the start. Nothing in a journal that was just read: the one before it.
    pub parent: Option<usize>,
    /// Tenths of a second of visible page time between the end of the one before and this one; [`JournalEntry::AFTER_MAX`] at
    /// most.
    pub after: u16,
    /// What.
    pub what: What,
    /// How a line ended, where that was recorded.
    pub said: Option<Said>,
}

/// What a session can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A line typed at the prompt.
    Run(ByteString),
    /// What was typed while the line ran, after so many turns of it.
    Input(ByteString, u64),
    /// Ctrl-C while the line ran, after so many turns of it.
    Interrupt(u64),
    /// Ctrl-P Ctrl-Q while the line ran, after so many turns of it.
    Detach(u64),
    /// A file that was written in an editor: its path and its content.
    Edit(ByteString, ByteString),
    /// A file that came from outside.
    PutFile(Content),
    /// An image's archive that came from outside.
    Import(Content),
}

/// A file from outside, named by its content, which is not in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Where it went, absolute.
    pub path: ByteString,
    /// `sha256:…`
    pub digest: String,
    /// Bytes.
    pub size: u64,
}

/// How a line ended when it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Its exit status.
    #[serde(rename = "s")]
    pub status: u8,
    /// The first 16 digits of the SHA-256 of its output.
    #[serde(rename = "d")]
    pub digest: String,
    /// The output itself, where it is short and was kept.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub text: Option<ByteString>,
}

impl What {
    /// Whether it belongs to the line before it, and is no tick of its own.
    pub fn is_within_a_line(&self) -> bool {
        matches!(self, Self::Input(..) | Self::Interrupt(_) | Self::Detach(_))
    }
}

impl JournalEntry {
    /// A minute.
    pub const AFTER_MAX: u16 = 600;

    /// A line that came at once.
    pub fn line(line: impl Into<ByteString>) -> Self {
        Self { parent: None, after: 0, what: What::Run(line.into()), said: None }
    }
}

impl Journal {
    /// The format that this code writes.
    pub const VERSION: u32 = 2;

    /// A journal of lines, one after the other, of which the first `done` are done.
    pub fn of_lines(start: Vec<ByteString>, lines: Vec<ByteString>, done: usize) -> Self {
        let entries: Vec<JournalEntry> = lines.into_iter().map(JournalEntry::line).collect();
        let tip = entries.len();
        let journal =
            Self { version: Self::VERSION, start, entries, at: done.min(tip), tip, ..Self::default() };
        journal.numbered()
    }

    /// Whether this code can replay it.
    ///
    /// # Errors
    /// One sentence that says why not; a journal of another version is never taken for an empty one.
    pub fn check(&self) -> Result<(), String> {
        if self.version != Self::VERSION {
            return Err(format!(
                "this journal has version {}; this Layerlab reads versions 1 and {}",
                self.version,
                Self::VERSION
            ));
        }
        if !self.docker.is_empty() && self.docker != DOCKER {
            return Err(format!(
                "this journal (version {}) is of Docker {}; this Layerlab models {DOCKER}",
                self.version, self.docker
            ));
        }
        let damaged = |what: &str| Err(format!("this journal (version {}) is damaged: {what}", self.version));
        if self.at > self.entries.len() || self.tip > self.entries.len() {
            return damaged("it stands at an entry that is not there");
        }
        for (before, entry) in self.entries.iter().enumerate() {
            if entry.parent.unwrap_or(before) > before {
                return damaged("an entry comes before its parent");
            }
            let follows_line = entry.parent.unwrap_or(before) > 0;
            if entry.what.is_within_a_line() && !follows_line {
                return damaged("there is input without a line");
            }
        }
        Ok(())
    }

    /// The numbers of the entries from the start to the end of the branch in view.
    pub fn branch(&self) -> Vec<usize> {
        self.path_to(self.tip)
    }

    /// The numbers of the entries from the start to this one.
    pub fn path_to(&self, number: usize) -> Vec<usize> {
        let mut path = Vec::new();
        let mut at = number;
        while let Some(entry) = at.checked_sub(1).and_then(|index| self.entries.get(index)) {
            path.push(at);
            // A parent is always earlier; what is damaged ends here rather than never.
            at = entry.parent.unwrap_or(at - 1).min(at - 1);
        }
        path.reverse();
        path
    }

    /// What was told on the branch in view, a text a tick; a file is named by its path.
    pub fn lines(&self) -> Vec<ByteString> {
        self.branch().into_iter().filter_map(|number| self.text(number)).collect()
    }

    /// What an entry was told as a text; nothing where it is no tick of its own.
    pub fn text(&self, number: usize) -> Option<ByteString> {
        match &self.entries.get(number.checked_sub(1)?)?.what {
            What::Run(line) => Some(line.clone()),
            What::Edit(path, _) => Some(format!("edit {path}").into()),
            What::PutFile(content) | What::Import(content) => Some(format!("# {}", content.path).into()),
            What::Input(..) | What::Interrupt(_) | What::Detach(_) => None,
        }
    }

    /// How many ticks of the branch in view are done.
    pub fn done(&self) -> usize {
        let path = self.path_to(self.at);
        path.into_iter().filter(|number| !self.entries[number - 1].what.is_within_a_line()).count()
    }

    /// Adds what a session says that it recorded ([`super::Event::Recorded`]), so that whoever keeps a copy need not ask
    /// for the whole.
    pub fn record(&mut self, number: usize, entry: JournalEntry) {
        let next = self.entries.len() + 1;
        match self.entries.get_mut(number.wrapping_sub(1)) {
            Some(known) => *known = entry,
            None if number == next => self.entries.push(entry),
            None => return,
        }
        self.version = Self::VERSION;
        self.at = number;
        // What was recorded anew on the way along a branch leaves its end where it is.
        if !self.branch().contains(&number) {
            self.tip = number;
        }
    }

    /// Stands at an entry, as a session does that went there ([`super::Reply::node`]). One that is not on the branch in view
    /// brings its own: the newest that leads on from it.
    pub fn stand_at(&mut self, number: usize) {
        self.at = number.min(self.entries.len());
        if self.at == 0 || self.branch().contains(&self.at) {
            return;
        }
        let mut newest = vec![0; self.entries.len() + 1];
        for (before, entry) in self.entries.iter().enumerate() {
            newest[entry.parent.unwrap_or(before).min(before)] = before + 1;
        }
        self.tip = self.at;
        while newest[self.tip] > self.tip {
            self.tip = newest[self.tip];
        }
    }

    /// What an address holds: the way to where the session stands, without branches and without output.
    pub fn shared(&self) -> Self {
        let entries: Vec<JournalEntry> = self
            .path_to(self.at)
            .into_iter()
            .map(|number| JournalEntry { parent: None, said: None, ..self.entries[number - 1].clone() })
            .collect();
        let tip = entries.len();
        Self { entries, at: tip, tip, layerlab: String::new(), hub: String::new(), ..self.clone() }.numbered()
    }

    /// Gives up the last entry, and what follows from it.
    pub fn pop(&mut self) {
        if self.entries.pop().is_some() {
            let last = self.entries.len();
            (self.at, self.tip) = (self.at.min(last), self.tip.min(last));
        }
    }

    /// Says of each entry without one which its parent is.
    fn numbered(mut self) -> Self {
        for (before, entry) in self.entries.iter_mut().enumerate() {
            entry.parent.get_or_insert(before);
        }
        self
    }
}

/// A journal as JSON has it, of any version.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    version: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    docker: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    layerlab: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    hub: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    start: Vec<ByteString>,
    /// Version 1.
    #[serde(skip_serializing)]
    lines: Vec<ByteString>,
    /// Version 1.
    #[serde(skip_serializing)]
    done: usize,
    entries: Vec<JournalEntry>,
    /// Missing where it is the last entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tip: Option<usize>,
}

impl From<Stored> for Journal {
    fn from(stored: Stored) -> Self {
        if stored.version == 1 {
            return Self::of_lines(stored.start, stored.lines, stored.done);
        }
        let last = stored.entries.len();
        let journal = Self {
            version: stored.version,
            docker: stored.docker,
            layerlab: stored.layerlab,
            hub: stored.hub,
            start: stored.start,
            at: stored.at.unwrap_or(last),
            tip: stored.tip.unwrap_or(last),
            entries: stored.entries,
        };
        journal.numbered()
    }
}

impl From<Journal> for Stored {
    fn from(journal: Journal) -> Self {
        let last = journal.entries.len();
        let unless_last = |number: usize| (number != last).then_some(number);
        let mut entries = journal.entries;
        for (before, entry) in entries.iter_mut().enumerate() {
            entry.parent = entry.parent.filter(|parent| *parent != before);
        }
        Self {
            version: journal.version,
            docker: journal.docker,
            layerlab: journal.layerlab,
            hub: journal.hub,
            start: journal.start,
            at: unless_last(journal.at),
            tip: unless_last(journal.tip),
            entries,
            ..Self::default()
        }
    }
}

/// An entry as JSON has it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Packed {
    Line(ByteString),
    Later(u16, ByteString),
    Full {
        #[serde(default, rename = "p", skip_serializing_if = "Option::is_none")]
        parent: Option<usize>,
        #[serde(default, rename = "a", skip_serializing_if = "is_zero")]
        after: u16,
        #[serde(flatten)]
        what: What,
        #[serde(default, flatten)]
        said: Option<Said>,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
fn is_zero(after: &u16) -> bool {
    *after == 0
}

impl From<Packed> for JournalEntry {
    fn from(packed: Packed) -> Self {
        match packed {
            Packed::Line(line) => Self::line(line),
            Packed::Later(after, line) => Self { after, ..Self::line(line) },
            Packed::Full { parent, after, what, said } => Self { parent, after, what, said },
        }
    }
}

impl From<JournalEntry> for Packed {
    fn from(entry: JournalEntry) -> Self {
        match entry {
            JournalEntry { parent: None, after: 0, what: What::Run(line), said: None } => Self::Line(line),
            JournalEntry { parent: None, after, what: What::Run(line), said: None } => {
                Self::Later(after, line)
            }
            JournalEntry { parent, after, what, said } => Self::Full { parent, after, what, said },
        }
    }
}
