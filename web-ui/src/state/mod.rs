//! Everything that the page shows, as one value that only [`Action`]s change. Reducers are pure: effects (the worker,
//! storage, the address) are in `hooks`.

mod action;
mod branch;
pub(crate) mod edit;
pub(crate) mod history;
mod reduce;
#[cfg(test)]
mod tests;
mod transcript;

pub(crate) use action::{Action, Loss};
pub(crate) use branch::Branching;
pub(crate) use transcript::{Block, END_OF_INPUT, Note, Transcript};

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use layerlab_core::kernel::ByteString;
use layerlab_core::session::{Content, Journal, LayerChange, Reply};
use layerlab_core::view::{Follow, Host, Screen};
use serde::{Deserialize, Serialize};

/// The page's state.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct State {
    /// Whether lines can be typed.
    pub(crate) phase: Phase,
    /// What the terminal has printed.
    pub(crate) transcript: Transcript,
    /// What was asked for while a line runs.
    pub(crate) queue: VecDeque<Ahead>,
    /// What the line that runs waits for.
    pub(crate) waiting: Waiting,
    /// Where the session stands.
    pub(crate) reply: Rc<Reply>,
    /// The lines so far, as the worker last told them.
    pub(crate) journal: Rc<Journal>,
    /// Whether the journal is on the person's disk.
    pub(crate) saved: Saved,
    /// What the last line changed.
    pub(crate) changes: Rc<Vec<LayerChange>>,
    /// What the stack and the inspector draw.
    pub(crate) screen: Rc<Screen>,
    /// Whether that came from the session, and is not only the empty beginning.
    pub(crate) drawn: bool,
    /// Counts what makes the screen out of date.
    pub(crate) epoch: u32,
    /// Counts what makes another screen be asked for.
    pub(crate) sight: u32,
    /// The subject that is seen, once there is one.
    pub(crate) subject: Option<String>,
    /// Whether that one is to stay.
    pub(crate) pinned: bool,
    /// The lines that the stack has yet to follow.
    pub(crate) follow: Option<Rc<Follow>>,
    /// The lines that were replayed last, the newest first, each with the layers that it changed.
    pub(crate) repeated: VecDeque<(ByteString, Vec<String>)>,
    /// The subject that was seen at each entry of the journal.
    pub(crate) seen: BTreeMap<usize, String>,
    /// How the stack is drawn.
    pub(crate) form: Form,
    /// How many columns fit.
    pub(crate) columns: u32,
    /// The directories that are unfolded in the sheets.
    pub(crate) unfolded: BTreeSet<ByteString>,
    /// What lies on the disk, where that is seen.
    pub(crate) host: Option<Rc<Host>>,
    /// The directory of the layer that was chosen there.
    pub(crate) layer: Option<ByteString>,
    /// The stack as a matrix, where that is seen.
    pub(crate) branch: Rc<Branching>,
    /// The path that the inspector explains.
    pub(crate) selected: Option<ByteString>,
    /// The last completion.
    pub(crate) completion: Option<Rc<Completion>>,
    /// The file that is open in the editor.
    pub(crate) editing: Option<Rc<Editing>>,
    /// The pane that is seen where not all fit.
    pub(crate) pane: Pane,
    /// What assistive technology is told next.
    pub(crate) announcement: Option<Announcement>,
    /// What the learner did in the lesson's page, by step.
    pub(crate) steps: BTreeMap<usize, StepState>,
    /// How far an import is.
    pub(crate) import: Option<Import>,
    /// The name that the session is saved by.
    pub(crate) session: String,
    /// Whose it is.
    pub(crate) owner: Owner,
    /// Counts how often it is to be opened anew, and whether it is to be taken from another tab.
    pub(crate) opened: (u32, bool),
    /// The file that it waits for.
    pub(crate) missing: Option<Rc<Content>>,
    /// Whether the file that was chosen for it is another one.
    pub(crate) wrong_file: bool,
    /// Why a file could not be kept in the browser.
    pub(crate) unkept: Option<String>,
    /// The last sentence that says what went wrong outside a line.
    pub(crate) trouble: Option<String>,
}

/// A file that is open in the editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Editing {
    /// The line that opened it.
    pub(crate) line: String,
    /// Where it is in the lab.
    pub(crate) path: ByteString,
    /// Its content; none where there is no such file yet.
    pub(crate) content: Option<ByteString>,
}

/// Whether lines can be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Phase {
    /// The worker starts.
    #[default]
    Starting,
    /// The prompt waits.
    Ready,
    /// A line runs.
    Busy,
    /// Workers die as fast as they start.
    Broken,
}

/// What the line that runs waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum Waiting {
    /// Nothing: it works, or none runs.
    #[default]
    Nothing,
    /// Time: it follows something.
    Time,
    /// Somebody who types.
    Typing,
}

/// What waits for the end of the line that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ahead {
    /// A line that was typed.
    Line(ByteString),
    /// A way along the timeline.
    Step,
}

impl Ahead {
    /// The line, if it is one.
    pub(crate) fn line(&self) -> Option<&ByteString> {
        match self {
            Self::Line(line) => Some(line),
            Self::Step => None,
        }
    }
}

/// Whether the journal is on the person's disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Saved {
    /// There is nothing yet to save.
    #[default]
    Nothing,
    /// It is being written.
    Writing,
    /// It is there.
    Done,
    /// It could not be written: why.
    Failed(String),
}

/// What could stand at the cursor of `line`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    /// The line that it was asked for.
    pub(crate) line: String,
    /// Where the replaced word starts, in bytes.
    pub(crate) start: usize,
    /// The words.
    pub(crate) words: Vec<String>,
}

/// The panes of which a small screen shows one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Pane {
    /// The lesson's page.
    Lesson,
    /// The stack of layers.
    #[default]
    Layers,
    /// The inspector.
    Inspector,
}

impl Pane {
    /// Its name in `data-pane` and in the texts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lesson => "lesson",
            Self::Layers => "layers",
            Self::Inspector => "inspector",
        }
    }
}

/// Whose a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Owner {
    /// This tab's.
    #[default]
    Here,
    /// Another tab's; this one has one of its own.
    Second,
    /// It was this tab's, and another one took it.
    Lost,
}

/// The forms of the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Form {
    /// A row a layer, a column a path.
    #[default]
    Sheets,
    /// A row a path, a column a layer.
    Tree,
    /// A row a layer of the whole disk, a column an image or a container.
    Host,
}

/// A sentence for assistive technology, by its key in the texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Announcement {
    /// The session went to this line of so many.
    At(usize, usize),
    /// A line was done with this status and so many changes.
    Done(u8, usize),
    /// The worker was replaced.
    Restored,
}

/// What the learner did in one step of a lesson.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct StepState {
    /// The choice taken.
    pub(crate) choice: Option<usize>,
    /// How its predicates ended when they were last tested.
    pub(crate) statuses: Vec<u8>,
    /// What its predicates, and the figures of its sentences, printed then.
    #[serde(default)]
    pub(crate) outputs: Vec<String>,
    /// How many hints are shown.
    pub(crate) hints: usize,
    /// Whether the solution is shown.
    pub(crate) solution: bool,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Import {
    /// Bytes put.
    pub(crate) done: u64,
    /// Bytes in all.
    pub(crate) total: u64,
}

impl State {
    /// Whether a container's shell is open: the lab's own prompt names the lab.
    pub(crate) fn is_inside(&self) -> bool {
        !self.reply.prompt.is_empty() && !self.reply.prompt.contains("@lab")
    }

    /// The prompt as it stands.
    pub(crate) fn prompt(&self) -> &str {
        &self.reply.prompt
    }
}
