//! What goes between the window and its worker, as JSON text.

use layerlab_core::session::{Event, Request};
use serde::{Deserialize, Serialize};

use crate::state::Waiting;

/// To the worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToWorker {
    /// Requests, each numbered so that its events can be told apart.
    Ask(Vec<(u32, Request)>),
    /// Panic now: how the tests see that nothing is lost.
    Panic,
}

/// From the worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromWorker {
    /// It takes requests.
    Ready,
    /// Events, each with its request's number. Those that come close behind each other come together: the page is drawn
    /// once for all of them.
    Events(Vec<(u32, Event)>),
    /// The line that runs waits for something else than before.
    Waits(Waiting),
    /// It has panicked and is of no more use.
    Panicked {
        /// What it said.
        message: String,
    },
}

/// A step on the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// One back.
    Undo,
    /// One forth.
    Redo,
    /// To this tick.
    Jump(usize),
    /// To this entry of the journal, of whatever branch.
    Visit(usize),
}

impl Move {
    /// What the worker is asked for it.
    pub(super) fn request(self) -> Request {
        match self {
            Self::Undo => Request::Undo,
            Self::Redo => Request::Redo,
            Self::Jump(tick) => Request::Jump { tick },
            Self::Visit(node) => Request::Visit { node },
        }
    }
}
