//! What can happen to the page's state.

use std::collections::BTreeMap;
use std::rc::Rc;

use layerlab_core::explore::desk::Only;
use layerlab_core::help::Help;
use layerlab_core::kernel::ByteString;
use layerlab_core::program::Stream;
use layerlab_core::session::{Journal, Reply};
use layerlab_core::view::{Branch, Host, Screen};

use super::{Deposit, Form, Owner, Pane, StepState};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// A session begins; these lines run before the learner's own.
    Opened { start: Vec<ByteString> },
    /// A line was sent to the worker.
    Typed { line: ByteString },
    /// A line printed this.
    Printed { stream: Stream, data: ByteString },
    /// A line gave this advice.
    Advised { help: Help },
    /// The start lines printed this.
    Greeted { stream: Stream, data: ByteString },
    /// A line was done.
    Ran(Reply),
    /// A line could not be run at all.
    Refused { message: String },
    /// The session stands elsewhere on its timeline.
    Moved(Reply),
    /// A new session's start lines are done.
    Started(Reply),
    /// A new worker has the session again.
    Restored(Reply),
    /// The worker was lost; a new one is on its way.
    Lost(Loss),
    /// New workers die as well.
    Broken,
    /// The lines so far.
    Journal(Journal),
    /// The journal is being written.
    Saving,
    /// The journal is on the disk.
    Saved { journal: Rc<Journal> },
    /// The journal could not be written.
    SaveFailed(String),
    /// A screen came.
    Drawn(Box<Screen>),
    /// Something else failed.
    Failed { message: String },
    /// A long piece of work went on.
    Progressed { what: String, done: u64, total: u64 },
    /// A piece of a file is in the lab.
    Put { done: u64, total: u64 },
    /// What could stand at the cursor.
    Completed { line: String, start: usize, words: Vec<String> },
    /// A list of completions goes to the terminal.
    Listed { line: String, words: Vec<String> },
    /// The line at the prompt was given up.
    GaveUp { line: String },
    /// The terminal was cleared.
    Cleared,
    /// Another subject is to be seen.
    Chose { subject: String },
    /// The subject is to stay, or to follow the lines.
    Pinned(bool),
    /// Another form of the stack is to be seen.
    Formed(Form),
    /// So many columns fit.
    Fits { columns: u32 },
    /// A directory is to be unfolded, or folded.
    Unfolded { dir: ByteString, open: bool },
    /// What lies on the disk came.
    Hosted(Box<Host>),
    /// A layer of the disk was chosen, by its directory.
    ChoseLayer { dir: ByteString },
    /// Rows of the matrix came, or it is unfolded otherwise.
    Branched(Box<Branch>),
    /// The matrix shows other paths.
    Sifted { text: String, only: Only },
    /// Another row of the matrix has the keyboard.
    Stepped { row: u32 },
    /// Another path is to be explained.
    Selected { path: ByteString },
    /// Another pane is to be seen.
    Showed(Pane),
    /// Predicates of a lesson's step were tested.
    Tested { step: usize, statuses: Vec<u8>, outputs: Vec<String> },
    /// A choice of a question was taken.
    Answered { step: usize, choice: usize },
    /// One more hint of a step is wanted.
    Hinted { step: usize },
    /// The solution of a step is wanted.
    Solved { step: usize },
    /// What was done in the lesson's page before it was left.
    Recalled { steps: BTreeMap<usize, StepState> },
    /// Whose the session is.
    Owned(Owner),
    /// The session is to be opened anew; from another tab, if need be.
    Reopen { steal: bool },
    /// A file went into the session.
    Deposited(Deposit),
    /// The files of a session that was opened.
    Files(Vec<Deposit>),
    /// The session waits for a file.
    Missing(Deposit),
    /// The file that was chosen is not the one that is missing.
    WrongFile,
    /// Another session begins here (another lesson, the playground).
    Left,
}

/// Why a worker was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Loss {
    /// The person gave up a line.
    Interrupted,
    /// It died; what it said.
    Died(String),
}
