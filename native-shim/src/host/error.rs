//! Why a host session cannot be had, in one line that says what to do.

use std::io;

/// Why a host session did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// A check said no, before anything was changed. The text is one line with its remedy.
    #[error("{0}")]
    Refused(String),
    /// The child could not be started.
    #[error("the host session could not be started: {0}")]
    Start(io::Error),
    /// The child is gone, or said something that is no answer.
    #[error("the host session ended unexpectedly: {0}")]
    Ended(io::Error),
}
