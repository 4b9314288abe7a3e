//! What goes to a session and what comes back, as plain data: one protocol for the page's worker, for the host's
//! child process and for a WebSocket.

use serde::{Deserialize, Serialize};

use super::compare::Seen;
use super::journal::{Content, Journal, JournalEntry, What};
use crate::help::Help;
use crate::kernel::{ByteString, Made};
use crate::overlay::Cost;
use crate::program::{StepEvent, Stream};
use crate::view::{Answer, Query};

/// Where events go as they come.
pub type Events<'a> = dyn FnMut(Event) + 'a;

/// What a client asks. Each request yields any number of events and ends with [`Event::Done`] or [`Event::Failed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Runs a line (or several, separated by line feeds) as typed at the prompt.
    Run {
        /// The text, without its final line feed.
        line: ByteString,
        /// Tenths of a second of visible page time since the last one ended, 600 at most: the lab's time goes on by them.
        #[serde(default)]
        after: u16,
        /// A screen that is wanted when it has ended: [`Event::View`] comes before `Done`.
        #[serde(default)]
        look: Option<Query>,
    },
    /// Ctrl-C: to what runs, or to a line that is not complete yet.
    Interrupt,
    /// What is typed while a line runs.
    Input {
        /// The bytes.
        data: ByteString,
    },
    /// Ctrl-P Ctrl-Q while a line runs.
    Detach,
    /// So many tenths of a second of visible page time passed while a line follows something.
    Pass {
        /// How many.
        tenths: u16,
    },
    /// What could stand at the cursor: ends in [`Event::Completions`], then `Done`.
    Complete {
        /// The line so far.
        line: String,
        /// The cursor, in bytes.
        cursor: usize,
    },
    /// Takes the last tick back.
    Undo,
    /// Brings the last tick taken back forth again.
    Redo,
    /// Goes to any tick of the journal.
    Jump {
        /// 0 is the start; `n` is after the n-th line.
        tick: usize,
    },
    /// Goes to any entry of the journal, of whatever branch.
    Visit {
        /// Its number; 0 is the start.
        node: usize,
    },
    /// All entries and how they hang together: ends in [`Event::Branches`], then `Done`.
    Branches,
    /// The system calls of an entry with their results, what was typed while it ran included: ends in [`Event::Calls`], then
    /// `Done`. Another kernel that has made those of the entries before can make and judge them
    /// ([`crate::conformance::Judge`]).
    Calls {
        /// Its number; 0 is the making of the machine.
        node: usize,
    },
    /// A content that a replay asked for ([`Event::Wanted`]), whole or piece by piece: it is kept for the next one.
    Supply {
        /// The content, or its next piece.
        data: ByteString,
        /// Whether another piece follows.
        #[serde(default)]
        more: bool,
    },
    /// Opens a file as an editor in the shell at hand would: ends in [`Event::Opened`], then `Done`.
    Open {
        /// The path, as typed.
        path: ByteString,
    },
    /// Writes a file as an editor does: one tick.
    Edit {
        /// The absolute path in the lab.
        path: ByteString,
        /// Its new content.
        content: ByteString,
        /// As that of a line.
        #[serde(default)]
        after: u16,
    },
    /// Throws the session away and starts with these lines (a permalink, a saved session).
    Restore {
        /// The lines, and how many of them are done.
        journal: Journal,
    },
    /// The journal as it stands: ends in [`Event::Journal`], then `Done`.
    Save,
    /// Puts a piece of a real file into the lab; the first piece (offset 0) creates it, and the others follow in order. The
    /// whole is one tick, which is recorded when the next request comes.
    PutFile {
        /// The absolute path in the lab.
        path: ByteString,
        /// Where the piece goes.
        offset: u64,
        /// The piece.
        data: ByteString,
    },
    /// Reads a piece of a file of the lab: ends in [`Event::Data`], then `Done`.
    GetFile {
        /// The absolute path in the lab.
        path: ByteString,
        /// Where the piece starts.
        offset: u64,
        /// Its length at most.
        len: u32,
    },
    /// Asks the lab's host shell whether these lines succeed (a lesson's predicates): ends in [`Event::Tested`], then
    /// `Done`. They are no ticks, and where the machine can be forked they leave nothing behind.
    Test {
        /// The lines.
        lines: Vec<ByteString>,
    },
    /// Changes a limit of the lab from now on ([`crate::program::Bound`]): ends in `Done`. It is no tick.
    Limit {
        /// Its name.
        name: String,
        /// What it is to be.
        value: u64,
    },
    /// Says whether the session has a terminal from now on, as it has at first: ends in `Done`. It is no tick.
    Terminal {
        /// Whether it has one.
        has: bool,
    },
    /// All that can be seen of the layers, to be compared with another machine: ends in [`Event::Seen`], then `Done`.
    Look,
    /// What a screen shows: ends in [`Event::View`], then `Done`.
    View {
        /// The question.
        query: Query,
    },
}

/// What a session tells while it works, and at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A piece of terminal output.
    Output {
        /// Which stream.
        stream: Stream,
        /// The bytes.
        data: ByteString,
    },
    /// Advice after a mistake, behind the line's output: an id and arguments, whose words are in [`crate::help::text`].
    Help {
        /// Which advice, about what.
        help: Help,
    },
    /// A step of a `docker build` began or ended.
    Building {
        /// Which, and what became of it.
        step: StepEvent,
    },
    /// How far a long piece of work is.
    Progress {
        /// What is being done.
        what: String,
        /// Units done.
        done: u64,
        /// Units in all, 0 where that is not known.
        total: u64,
    },
    /// What could stand at the cursor.
    Completions {
        /// Where the replaced word starts, in bytes.
        start: usize,
        /// The words, sorted.
        words: Vec<String>,
    },
    /// A piece of a file; empty at its end.
    Data {
        /// The bytes.
        data: ByteString,
    },
    /// A file that is opened to be edited.
    Opened {
        /// Where it is in the lab, for [`Request::Edit`].
        path: ByteString,
        /// Its content; none where there is no such file yet.
        content: Option<ByteString>,
    },
    /// The session was told something new: whoever keeps a copy of the journal can add it ([`Journal::record`]).
    Recorded {
        /// Its number.
        number: usize,
        /// What.
        entry: JournalEntry,
    },
    /// A line of the journal is run again: what it prints follows, then [`Event::Ended`].
    Line {
        /// Its number.
        number: usize,
        /// The line.
        line: ByteString,
        /// The prompt that it stands at.
        prompt: String,
    },
    /// What is in the journal beside lines is done again: a file was edited, or came in. An editor's content is left out.
    Did {
        /// Its number.
        number: usize,
        /// What.
        what: What,
        /// The prompt that it stands at.
        prompt: String,
    },
    /// While that line ran, a person did this: the line is at the moment at which it was done.
    Heard {
        /// What.
        what: What,
    },
    /// A line that was run again has ended.
    Ended {
        /// Where the session stood then.
        reply: Reply,
    },
    /// A line that was run again says something else than it did when it was recorded.
    Differs {
        /// Its number.
        number: usize,
        /// The line.
        line: ByteString,
        /// What it said then, where that was kept.
        recorded: Option<ByteString>,
    },
    /// A replay has come to a file that is not here, and stands before it. Nothing of the journal is given up:
    /// [`Request::Supply`], then [`Request::Visit`] goes on.
    Wanted {
        /// The entry that needs it.
        number: usize,
        /// What it is.
        content: Content,
    },
    /// All entries.
    Branches {
        /// In the order of their numbers, from 1.
        steps: Vec<BranchNode>,
        /// Where the session stands.
        at: usize,
        /// The end of the branch that it is on.
        tip: usize,
    },
    /// The calls of an entry, in order.
    Calls {
        /// Each with what it answered.
        calls: Vec<Made>,
    },
    /// The journal.
    Journal {
        /// The lines, and how many of them are done.
        journal: Journal,
    },
    /// How lines that were only tested ended.
    Tested {
        /// Their exit statuses, in order.
        statuses: Vec<u8>,
        /// What they print on standard output, in order: the figures of a lesson's sentences.
        #[serde(default)]
        outputs: Vec<ByteString>,
    },
    /// All that can be seen of the layers.
    Seen {
        /// By name.
        seen: Seen,
    },
    /// What a screen shows.
    View {
        /// The answer.
        answer: Answer,
    },
    /// The request is done.
    Done {
        /// Where the session stands now.
        reply: Reply,
    },
    /// The request could not be done; nothing has changed.
    Failed {
        /// One sentence that says what and why.
        message: String,
    },
}

/// Where a session stands after a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Exit status of the last line.
    pub status: u8,
    /// The prompt of the shell that waits now, `[root@lab ~]# `.
    pub prompt: String,
    /// Lines done.
    pub tick: usize,
    /// Ticks of the branch: those done, and those that redo would bring back.
    pub ticks: usize,
    /// The journal's entry that the session stands at; 0 is the start.
    #[serde(default)]
    pub node: usize,
    /// What the line changed in the writable layers, sorted by layer and path.
    pub changes: Vec<LayerChange>,
    /// What the line copied up in all. On a host it is what the changes tell: see [`LayerChange::copied_up`].
    #[serde(default)]
    pub copied_up: Cost,
}

impl Request {
    /// A line that comes at once.
    pub fn line(line: impl Into<ByteString>) -> Self {
        Self::Run { line: line.into(), after: 0, look: None }
    }
}

/// An entry of the journal, for a picture of its branches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchNode {
    /// Its number.
    pub node: usize,
    /// The entry that it follows; 0 is the start.
    pub parent: usize,
    /// How many ticks lead to it.
    pub tick: usize,
    /// What; without the content of a file.
    pub what: What,
    /// The exit status of a line that has run.
    pub status: Option<u8>,
}

/// One path that a line changed in an upper directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LayerChange {
    /// The writable layer: a container's name, or the upper directory's path for a mount made by hand.
    pub layer: String,
    /// The path in the merged view.
    pub path: ByteString,
    /// What became of it.
    pub kind: ChangeKind,
    /// Bytes of content that were copied up from a lower layer for it. Linux does not tell them: on a host they are the
    /// bytes that the file has after the line.
    pub copied_up: u64,
}

/// What became of a path in an upper directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// A new entry.
    Added,
    /// An entry that was there has another content or other metadata.
    Changed,
    /// An entry that was there is gone.
    Removed,
    /// A whiteout came.
    Whiteout,
    /// A directory became opaque.
    Opaque,
    /// A lower file or directory was copied up.
    CopiedUp,
}
