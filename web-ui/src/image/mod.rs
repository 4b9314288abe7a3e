//! Images that the person imports: a reader in a Web Worker of its own, and the window's end of it.
//!
//! The reader has its own worker, apart from the session's: a line can be run while an archive is read, an archive that
//! kills its reader costs no session, and the memory that a large image took goes with the worker.

mod beside;
mod bytes;
mod file;
mod link;
mod load;
mod message;
mod picture;
mod reader;
mod scratch;
mod state;
mod take;

/// The name of the reader's worker, by which the module knows what it was started for.
pub(crate) const READER: &str = "reader";

pub(crate) use bytes::{hex, is_text};
pub(crate) use link::Images;
pub(crate) use load::{Refusal, command, refusal};
pub(crate) use message::{Pair, Stage};
pub(crate) use picture::{PICTURE_MAX, is_named_picture, picture};
pub(crate) use reader::start;
pub(crate) use state::{Action, Chosen, Import, Laid, Shape, State, Tab};
