//! What a request was for, and what its events are to the page.

use layerlab_core::kernel::ByteString;
use layerlab_core::session::{Event, Reply};
use layerlab_core::view::{Answer, Follow};

use super::listener::Listener;
use super::message::Move;
use crate::state::{Action, Editing};

/// What a request was for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Job {
    /// A line that was typed.
    Run,
    /// A way along the timeline.
    Moved(Move),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-P Ctrl-Q.
    Detached,
    /// What is typed to the program that runs.
    Typed,
    /// Ctrl-C for a line of a session that is left.
    Left,
    /// The journal as a whole.
    Journal,
    /// What the stack and the inspector draw.
    Screen {
        /// The line that it follows.
        follow: Option<Follow>,
    },
    /// What lies on the disk.
    Host,
    /// The stack as a matrix.
    Branch,
    /// What could stand at the cursor.
    Complete {
        /// Of this line.
        line: String,
    },
    /// A file that this line opens in the editor.
    Open {
        /// The line.
        line: String,
    },
    /// A session put together again after its worker died: what it prints was printed before.
    Restored,
    /// A session that is opened: its lines and what they print are shown as if they were typed.
    Started,
    /// The same of a session that was drawn from what is known of it before: its prompt takes input already.
    Begun,
    /// A piece of a file.
    Put {
        /// So many bytes are in the lab then.
        done: u64,
        /// Of so many.
        total: u64,
    },
    /// A piece of a file that a replay needs.
    Supplied,
    /// Predicates of a lesson's step.
    Test {
        /// The step.
        step: usize,
    },
    /// Something that is no part of the page's state.
    Question(Listener),
}

impl Job {
    /// Whether the session may stand elsewhere when it is done.
    pub(super) fn moves(&self) -> bool {
        matches!(
            self,
            Self::Run
                | Self::Moved(_)
                | Self::Interrupted
                | Self::Detached
                | Self::Restored
                | Self::Started
                | Self::Begun
        )
    }

    /// What an event of it is to the page. `path` tells the entries of the journal that lead to an entry.
    pub(super) fn action(self, event: Event, path: impl Fn(&Reply) -> Vec<usize>) -> Option<Action> {
        Some(match (event, self) {
            (Event::Line { line, prompt, .. }, Self::Moved(_) | Self::Started) => {
                Action::Again { line, prompt }
            }
            (Event::Output { stream, data }, Self::Run | Self::Detached | Self::Moved(_) | Self::Started) => {
                Action::Printed { stream, data }
            }
            (Event::Help { help }, Self::Run | Self::Moved(_) | Self::Started) => Action::Advised { help },
            (Event::Building { step }, Self::Run | Self::Moved(_) | Self::Started) => Action::Building(step),
            (Event::Heard { .. }, Self::Run) => Action::Taken,
            (Event::Heard { what }, Self::Moved(_) | Self::Started) => Action::Heard(what),
            // The program has ended, and nobody heard it.
            (Event::Failed { .. }, Self::Typed) => return None,
            (Event::Did { number, what, prompt }, Self::Moved(_) | Self::Started) => {
                Action::Did { node: number, what, prompt }
            }
            (Event::Differs { recorded, .. }, Self::Moved(_) | Self::Started) => Action::Differs { recorded },
            (Event::Ended { reply }, Self::Moved(_) | Self::Started) => Action::Repeated(reply),
            (Event::Progress { what, done, total }, _) => Action::Progressed { what, done, total },
            (Event::Completions { start, words }, Self::Complete { line }) => {
                Action::Completed { line, start, words }
            }
            (Event::Opened { path, content }, Self::Open { line }) => {
                Action::Edits(Editing { line, path, content })
            }
            (Event::Failed { message }, Self::Open { line }) => Action::EditRefused { line, message },
            (Event::Tested { statuses, outputs }, Self::Test { step }) => {
                let outputs = outputs.iter().map(ByteString::to_text).collect();
                Action::Tested { step, statuses, outputs }
            }
            (Event::View { answer: Answer::Screen(screen) }, Self::Screen { follow }) => {
                Action::Drawn { screen, followed: follow }
            }
            (Event::View { answer: Answer::Host(host) }, Self::Host) => Action::Hosted(host),
            (Event::View { answer: Answer::Tree(branch) }, Self::Branch) => Action::Branched(branch),
            (Event::Done { reply }, Self::Run | Self::Interrupted | Self::Detached) => Action::Ran(reply),
            (Event::Done { reply }, Self::Moved(_)) => Action::Moved { path: path(&reply), reply },
            (Event::Done { reply }, Self::Started) => Action::Started { path: path(&reply), reply },
            (Event::Done { reply }, Self::Begun) => Action::Begun(reply),
            (Event::Done { reply }, Self::Restored) => Action::Restored { path: path(&reply), reply },
            (Event::Done { .. }, Self::Put { done, total }) => Action::Put { done, total },
            (Event::Failed { message }, Self::Run) => Action::Refused { message },
            (Event::Failed { message }, Self::Detached | Self::Moved(_) | Self::Started | Self::Restored) => {
                Action::Stayed { message }
            }
            (Event::Failed { message }, _) => Action::Failed { message },
            _ => return None,
        })
    }
}
