//! What can happen to the page's state.

use std::collections::BTreeMap;
use std::rc::Rc;

use layerlab_core::explore::screen::Only;
use layerlab_core::help::Help;
use layerlab_core::kernel::ByteString;
use layerlab_core::program::{StepEvent, Stream};
use layerlab_core::session::{Content, Journal, Reply, What};
use layerlab_core::view::{Branch, Follow, Host, Screen};

use super::{Editing, Form, Owner, Pane, StepState, Waiting};

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
    /// A step of the build that it runs began or ended.
    Building(StepEvent),
    /// The line that runs waits for something else than before.
    Waits(Waiting),
    /// The next line that was typed ahead was given to the line that runs.
    Taken,
    /// A person did this while the line ran.
    Heard(What),
    /// A line was done.
    Ran(Reply),
    /// A line that is in the journal begins again, at this prompt.
    Again { line: ByteString, prompt: String },
    /// It is done.
    Repeated(Reply),
    /// It prints something else than it did when it was recorded: what it printed then, where that was kept.
    Differs { recorded: Option<ByteString> },
    /// A file was edited, or came in: this entry of the journal.
    Did { node: usize, what: What, prompt: String },
    /// A line could not be run at all.
    Refused { message: String },
    /// Ctrl-C while a line runs.
    Interrupted,
    /// The session is asked to stand elsewhere on its timeline.
    Going,
    /// It does; these entries of the journal lead there.
    Moved { reply: Reply, path: Vec<usize> },
    /// It cannot.
    Stayed { message: String },
    /// A session is there: its start lines and the lines of its journal are done.
    Started { reply: Reply, path: Vec<usize> },
    /// The worker has begun a session that takes input already.
    Begun(Reply),
    /// A new worker has the session again.
    Restored { reply: Reply, path: Vec<usize> },
    /// The worker was lost; a new one is on its way.
    Lost(Loss),
    /// New workers die as well.
    Broken,
    /// What the session was told so far.
    Journal(Rc<Journal>),
    /// The journal is on the disk.
    Saved { journal: Rc<Journal> },
    /// The journal could not be written.
    SaveFailed(String),
    /// A screen came, and what it followed.
    Drawn { screen: Box<Screen>, followed: Option<Follow> },
    /// Something else failed.
    Failed { message: String },
    /// A long piece of work went on.
    Progressed { what: String, done: u64, total: u64 },
    /// A piece of a file is in the lab.
    Put { done: u64, total: u64 },
    /// A file is opened in the editor, as this line asks.
    Edits(Editing),
    /// It cannot be opened.
    EditRefused { line: String, message: String },
    /// The editor was left without a change.
    EditLeft,
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
    /// By what name the session is saved, and whose it is.
    Owned { session: String, owner: Owner },
    /// The person has read that another tab has the session.
    Noted,
    /// The session is to be opened anew; from another tab, if need be.
    Reopen { steal: bool },
    /// The session waits for a file.
    Missing(Content),
    /// The file is here.
    Found,
    /// The file that was chosen is not the one that is missing.
    WrongFile,
    /// A file could not be kept in the browser: why.
    Unkept { trouble: String },
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
