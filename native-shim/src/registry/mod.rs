//! Real OCI registries (distribution-spec 1.1): pull into the lab's store, push from an archive or from the store.
//!
//! The HTTP client is `ureq` with rustls; the protocol above it is here, since what is the lab's concern (bytes kept as they
//! are, blobs taken up again, every digest checked before a name is given) is most of it.

mod auth;
mod client;
mod download;
mod pull;
mod push;
#[cfg(test)]
mod tests;
mod upload;

pub use auth::{Credentials, config_file, save_login};
pub use client::{Client, Transport};
pub use pull::{Pulled, pull};
pub use push::{PushImage, Pushed, push};

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use layerlab_core::oci::Digest;
use layerlab_core::oci::layer::LayerError;
use layerlab_core::oci::manifest::ManifestError;

/// Why a registry did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// No answer, or half of one.
    #[error("{registry}: {why}")]
    Connection {
        /// The registry.
        registry: String,
        /// Why.
        why: String,
    },
    /// It wants to know who asks.
    #[error("{0}: access denied: log in with `layerlab login {0}`, or name another repository")]
    Denied(String),
    /// It has no such thing.
    #[error("{0}: not found in the registry")]
    NotFound(String),
    /// It answered with another status.
    #[error("{what}: the registry answers {status}{said}")]
    Status {
        /// What was asked for.
        what: String,
        /// HTTP's number.
        status: u16,
        /// The registry's own words, after a colon.
        said: String,
    },
    /// What came is not what was promised.
    #[error("{what}: {why}")]
    Content {
        /// What.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// A manifest that cannot be used.
    #[error("{what}: {fault}")]
    Manifest {
        /// Which.
        what: String,
        /// What is wrong with it.
        fault: ManifestError,
    },
    /// A layer that cannot be used.
    #[error("layer {digest}: {fault}")]
    Layer {
        /// Which.
        digest: String,
        /// What is wrong with it.
        fault: LayerError,
    },
    /// The index has no image for the machine.
    #[error("{name}: no image for {wanted}; there is {there}")]
    Platform {
        /// The reference.
        name: String,
        /// The platform that was asked for.
        wanted: String,
        /// The platforms that there are.
        there: String,
    },
    /// This machine's disk.
    #[error("{what}: {error}")]
    Disk {
        /// The file.
        what: String,
        /// Why.
        error: io::Error,
    },
}

/// What is told while blobs travel. All of it may be called from several threads.
pub trait Watch: Sync {
    /// A blob begins: its digest, its size, how much of it is here or there already.
    fn start(&self, blob: &Digest, size: u64, done: u64);
    /// More of it travelled.
    fn more(&self, blob: &Digest, bytes: u64);
    /// It is done: in one word, how.
    fn end(&self, blob: &Digest, how: How);
}

/// How a blob came to where it was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// It was there.
    Present,
    /// It travelled whole.
    Moved,
    /// A part was there, the rest travelled.
    Resumed,
    /// The registry took it from another repository of its own.
    Mounted,
    /// It is non-distributable and stays where it is.
    Foreign,
}

impl How {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Present => "already exists",
            Self::Moved => "complete",
            Self::Resumed => "complete (resumed)",
            Self::Mounted => "mounted",
            Self::Foreign => "not distributable, left out",
        }
    }
}

/// Brings blobs, a few at once, each of them once however often an image has it; the first error stops the rest.
fn side_by_side<T: Sync>(
    blobs: impl IntoIterator<Item = (Digest, T)>,
    threads: usize,
    bring: impl Fn(&Digest, &T) -> Result<How, RegistryError> + Sync,
) -> Result<BTreeMap<Digest, How>, RegistryError> {
    let mut jobs: Vec<(Digest, T)> = Vec::new();
    for (digest, blob) in blobs {
        if !jobs.iter().any(|(known, _)| *known == digest) {
            jobs.push((digest, blob));
        }
    }
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let done: Mutex<BTreeMap<usize, Result<How, RegistryError>>> = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.min(jobs.len()) {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((digest, blob)) = jobs.get(at) else { break };
                    let how = bring(digest, blob);
                    if how.is_err() {
                        stop.store(true, Ordering::Relaxed);
                    }
                    done.lock().unwrap_or_else(PoisonError::into_inner).insert(at, how);
                }
            });
        }
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.into_iter().map(|(at, how)| Ok((jobs[at].0, how?))).collect()
}

/// What may be gone when it is tried again.
fn is_passing(error: &RegistryError) -> bool {
    match error {
        RegistryError::Connection { .. } => true,
        RegistryError::Status { status, .. } => *status == 429 || *status >= 500,
        _ => false,
    }
}
