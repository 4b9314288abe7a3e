//! Why a command of Docker's client ended badly.

use crate::engine::{Cause, Error};

/// Why a command ended badly: what to print on standard error (nothing where it was printed already) and the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(super) text: String,
    pub(super) status: u8,
    /// What a container that could not be made or started failed of.
    pub(super) cause: Cause,
}

impl Failure {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self::with_status(text, 1)
    }

    pub(super) fn with_status(text: impl Into<String>, status: u8) -> Self {
        Self { text: text.into(), status, cause: Cause::Other }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let text = match &error {
            // A limit of the lab's own has no "Error response from daemon" before it.
            Error::Limit(text) => text.clone(),
            error => format!("Error response from daemon: {error}"),
        };
        Self { cause: error.cause(), ..Self::new(text) }
    }
}
