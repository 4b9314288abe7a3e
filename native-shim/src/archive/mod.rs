//! Image archives on this machine: a file or a directory as a source of bytes, and its layers read side by side.

mod read;
mod source;
mod write;

pub use read::{Opened, explore, open};
pub use source::{DirectorySource, FileSource};
pub use write::{image_to_write, write};

use std::io;
use std::path::PathBuf;

use layerlab_core::oci::archive::ArchiveError as Fault;

/// The platform of this machine's own images.
pub const HERE: &str = if cfg!(target_arch = "aarch64") { "linux/arm64" } else { "linux/amd64" };

/// Why an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file cannot be opened or read.
    #[error("{}: {error}", .path.display())]
    File {
        /// Its path as given.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Neither a file nor a directory.
    #[error("{}: not a regular file or a directory", .0.display())]
    Kind(PathBuf),
    /// What is in it is no proper image.
    #[error("{}: {fault}", .path.display())]
    Image {
        /// Its path as given.
        path: PathBuf,
        /// What is wrong.
        fault: Fault,
    },
    /// Several images, and none chosen.
    #[error("{}: holds {} images, choose one with --image or --platform: {}", .path.display(), .images.len(), .images.join(", "))]
    Choose {
        /// Its path as given.
        path: PathBuf,
        /// What there is.
        images: Vec<String>,
    },
    /// No image of that name.
    #[error("{}: no image {wanted}, there is: {}", .path.display(), .images.join(", "))]
    NoSuch {
        /// Its path as given.
        path: PathBuf,
        /// What was asked for.
        wanted: String,
        /// What there is.
        images: Vec<String>,
    },
}
