//! Why the engine refuses: Docker's own kinds and texts.

use thiserror::Error;

use crate::kernel::{ByteString, Errno};

/// What the daemon answers when it cannot do what was asked. The texts are Docker 20.10's; the command line puts
/// "Error response from daemon: " before them, or words a thing that is missing its own way.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// There is no such thing (HTTP 404).
    #[error("{0}")]
    NotFound(String),
    /// It cannot be while something else is as it is (HTTP 409).
    #[error("{0}")]
    Conflict(String),
    /// The request makes no sense (HTTP 400).
    #[error("{0}")]
    Invalid(String),
    /// It was tried and failed (HTTP 500).
    #[error("{0}")]
    Failed(String),
    /// It was tried and failed, because of this error of a system call; the text has it already (HTTP 500).
    #[error("{text}")]
    Caused {
        /// The whole text.
        text: String,
        /// What the kernel answered.
        errno: Errno,
    },
    /// The registry has no such image, or does not give it to this user (HTTP 404).
    #[error("{0}")]
    PullDenied(String),
    /// The registry takes nothing of this name from this user.
    #[error("{0}")]
    PushDenied(String),
    /// It is more than the lab takes at once; the text is the lab's own.
    #[error("{0}")]
    Limit(String),
    /// A system call failed, in Go's words.
    #[error("{call} {path}: {}", go_text(*errno))]
    Call {
        /// The call, as Go names it: `open`, `mkdir`, `lstat`.
        call: &'static str,
        /// Its path.
        path: ByteString,
        /// What the kernel answered.
        errno: Errno,
    },
}

/// Why a container did not start. `docker run` has a status for each cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cause {
    /// A program or a file is missing.
    Missing,
    /// A program or a file may not be used.
    Forbidden,
    /// Anything else.
    #[default]
    Other,
}

impl Cause {
    /// Returns the cause that an error number is.
    pub fn of(errno: Errno) -> Self {
        match errno {
            Errno::ENOENT => Self::Missing,
            Errno::EACCES => Self::Forbidden,
            _ => Self::Other,
        }
    }

    /// Returns the status with which `docker run` ends (`runStartContainerErr`).
    pub fn status(self) -> u8 {
        match self {
            Self::Missing => 127,
            Self::Forbidden => 126,
            Self::Other => 125,
        }
    }
}

impl Error {
    /// Returns what the failure comes from.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Call { errno, .. } | Self::Caused { errno, .. } => Cause::of(*errno),
            _ => Cause::Other,
        }
    }
}

/// What the engine answers.
pub type Result<T> = std::result::Result<T, Error>;

/// Go's text of an error number: the C library's with a small first letter (`syscall/zerrors_linux_amd64.go`).
pub fn go_text(errno: Errno) -> String {
    let text = errno.text();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// Names the call and the path of a failure.
pub(crate) trait Named<T> {
    /// Adds them.
    fn named(self, call: &'static str, path: &[u8]) -> Result<T>;
}

impl<T> Named<T> for std::result::Result<T, Errno> {
    fn named(self, call: &'static str, path: &[u8]) -> Result<T> {
        self.map_err(|errno| Error::Call { call, path: path.into(), errno })
    }
}
