//! What goes between the window and its worker, as JSON text.

use layerlab_core::session::{Event, Request};
use serde::{Deserialize, Serialize};

/// To the worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToWorker {
    /// A request, numbered so that its events can be told apart.
    Ask {
        /// The number.
        id: u32,
        /// The request.
        request: Request,
    },
    /// Panic now: how the tests see that nothing is lost.
    Panic,
}

/// From the worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromWorker {
    /// It takes requests.
    Ready,
    /// An event of a request.
    Told {
        /// The request's number.
        id: u32,
        /// The event.
        event: Event,
    },
    /// It has panicked and is of no more use.
    Panicked {
        /// What it said.
        message: String,
    },
}
