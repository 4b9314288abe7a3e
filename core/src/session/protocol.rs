//! What goes to a session and what comes back, as plain data: one protocol for the page's worker, for the host's
//! child process and for a WebSocket.

use serde::{Deserialize, Serialize};

use crate::help::Help;
use crate::kernel::ByteString;
use crate::overlay::Cost;
use crate::program::Stream;
use crate::view::{Answer, Query};

/// What a client asks. Each request yields any number of events and ends with [`Event::Done`] or [`Event::Failed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Runs a line (or several, separated by line feeds) as typed at the prompt.
    Run {
        /// The text, without its final line feed.
        line: ByteString,
    },
    /// Gives up a line that is not complete yet (Ctrl-C at the prompt).
    Interrupt,
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
    /// Throws the session away and starts with these lines (a permalink, a saved session).
    Restore {
        /// The lines, and how many of them are done.
        journal: Journal,
    },
    /// The journal as it stands: ends in [`Event::Journal`], then `Done`.
    Save,
    /// Puts a piece of a real file into the lab; the first piece (offset 0) creates it.
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
    /// Lines in the journal: those done, and those that redo would bring back.
    pub ticks: usize,
    /// What the line changed in the writable layers, sorted by layer and path.
    pub changes: Vec<Change>,
    /// What the line copied up in all. On a host it is what the changes tell: see [`Change::copied_up`].
    #[serde(default)]
    pub copied_up: Cost,
}

/// One path that a line changed in an upper directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
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

/// The lines of a session: what undo, redo, a reload and a permalink are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// Format version, [`Journal::VERSION`].
    pub version: u32,
    /// Lines that were run before the learner arrived: they are no ticks and cannot be undone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub start: Vec<ByteString>,
    /// All lines, in order.
    pub lines: Vec<ByteString>,
    /// How many of them are done; the rest was undone.
    pub done: usize,
}

impl Journal {
    /// The format that this code writes.
    pub const VERSION: u32 = 1;

    /// Whether this code can replay it.
    ///
    /// # Errors
    /// One sentence that says why not; a journal of another version is never taken for an empty one.
    pub fn check(&self) -> Result<(), String> {
        if self.version == Self::VERSION {
            return Ok(());
        }
        Err(format!(
            "this journal has version {}; this Layerlab reads version {}",
            self.version,
            Self::VERSION
        ))
    }
}
