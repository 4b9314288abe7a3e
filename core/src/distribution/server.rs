//! A registry, and the moment at which it is asked.

use super::store::Store;

/// A registry that answers.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its directory.
    pub store: Store,
    /// Whether manifests and blobs can be deleted (`storage.delete.enabled`).
    pub deletes: bool,
    /// The port on which it listens.
    pub port: u16,
}

/// What a request may need of its moment.
#[derive(Debug, Clone)]
pub struct Moment {
    /// A name for a new upload.
    pub id: String,
    /// The time, RFC 3339.
    pub time: String,
}
