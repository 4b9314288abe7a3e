//! The laboratory as every component reaches it: the state, and what can be done.

use layerlab_core::explore::screen;
use layerlab_core::kernel::ByteString;
use layerlab_core::session::{Event, Request};
use yew::{UseReducerDispatcher, UseReducerHandle, hook, use_context};

use crate::image::Images;
use crate::link::{Driver, Move};
use crate::state::{Action, State};

/// What every component can reach: the state, and what can be done. Who only does things takes [`use_hands`], and is not
/// drawn anew whenever the state changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lab {
    /// The state.
    pub(crate) state: UseReducerHandle<State>,
    pub(super) hands: Hands,
}

impl std::ops::Deref for Lab {
    type Target = Hands;

    fn deref(&self) -> &Hands {
        &self.hands
    }
}

/// What can be done. It is the same as long as the page lives.
#[derive(Clone, PartialEq)]
pub(crate) struct Hands {
    /// The images that the person imports.
    pub(crate) images: Images,
    pub(super) driver: Driver,
    pub(super) dispatcher: UseReducerDispatcher<State>,
}

impl std::fmt::Debug for Hands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hands").finish_non_exhaustive()
    }
}

impl Hands {
    /// Runs a line as typed.
    pub(crate) fn run(&self, line: impl Into<ByteString>) {
        self.driver.run(line.into());
    }

    /// Goes along the timeline.
    pub(crate) fn go(&self, step: Move) {
        self.driver.go(step);
    }

    /// Asks what could stand at the cursor.
    pub(crate) fn complete(&self, line: &str, cursor: usize) {
        self.driver.complete(line, cursor);
    }

    /// Gives up what runs, or an incomplete line.
    pub(crate) fn interrupt(&self) {
        self.driver.interrupt();
    }

    /// Opens a file in the editor, as this line asks.
    pub(crate) fn open(&self, line: &str, path: &str) {
        self.driver.open(line, path);
    }

    /// Writes a file that was edited.
    pub(crate) fn edit(&self, line: &str, path: ByteString, content: &str) {
        self.driver.edit(line, path, content.into());
    }

    /// Types to the program that runs.
    pub(crate) fn type_keys(&self, data: impl Into<ByteString>) {
        self.driver.type_keys(data.into());
    }

    /// Leaves the container that is in front to itself.
    pub(crate) fn detach(&self) {
        self.driver.detach();
    }

    /// Tests predicates of a lesson's step.
    pub(crate) fn test(&self, step: usize, lines: impl IntoIterator<Item = String>) {
        self.driver.test(step, lines.into_iter().map(ByteString::from).collect());
    }

    /// Puts a piece of a file into the lab.
    pub(crate) fn put(&self, path: ByteString, offset: u64, data: ByteString, total: u64) {
        self.driver.put(path, offset, data, total);
    }

    /// Gives the session a file that it waits for, and goes on with it.
    pub(crate) fn supply(&self, data: Vec<u8>) {
        self.driver.supply(&data);
        self.driver.go_on();
    }

    /// Asks the matrix of the subject's layers something.
    pub(crate) fn branch(&self, subject: Option<String>, epoch: u32, ask: screen::Query) {
        self.driver.branch(subject, epoch, ask);
    }

    /// What the session answers to a question.
    ///
    /// # Errors
    /// The session's own sentence.
    pub(crate) async fn question(&self, request: Request) -> Result<Vec<Event>, String> {
        self.driver.question(request).await
    }

    /// Changes the state.
    pub(crate) fn dispatch(&self, action: Action) {
        self.dispatcher.dispatch(action);
    }
}

/// The laboratory that the page is in.
#[hook]
pub(crate) fn use_lab() -> Lab {
    use_context::<Lab>().expect("components are drawn inside the laboratory's context")
}

/// What can be done in the laboratory that the page is in.
#[hook]
pub(crate) fn use_hands() -> Hands {
    use_context::<Hands>().expect("components are drawn inside the laboratory's context")
}
