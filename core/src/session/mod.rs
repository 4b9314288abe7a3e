//! A session: lines typed one after another on one machine, with undo, redo and a journal.

mod backend;
mod protocol;

pub use backend::Backend;
pub use protocol::{Change, ChangeKind, Event, Journal, Reply, Request};
