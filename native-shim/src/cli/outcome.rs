//! What the subcommands share: the choice of a kernel, and how a command ends.

use std::io;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::archive::ArchiveError;
use crate::host::HostError;
use crate::lab::LabError;
use crate::registry::RegistryError;

/// Which kernel
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum On {
    /// The simulated kernel, in memory
    Sim,
    /// This machine's own kernel (Linux; as root, or in a user namespace)
    Host,
    /// Both, each line held against the other (layerlab run alone)
    Both,
}

impl On {
    /// What a command says that runs on one kernel.
    pub(crate) fn not_both() -> CliError {
        CliError::Usage("--on both is for layerlab run".into())
    }
}

/// Why a command failed; printed as one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The host session.
    #[error(transparent)]
    Host(#[from] HostError),
    /// A session said why not, or a file of its.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// The arguments do not go together.
    #[error("{0}")]
    Usage(String),
    /// What was asked did not come about.
    #[error("{0}")]
    Failed(String),
    /// A file, by its name.
    #[error("{}: {error}", .path.display())]
    File {
        /// Its name as given.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
    /// An image archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// A stream.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What a command answers: its exit status.
pub(crate) type Outcome = Result<u8, CliError>;
