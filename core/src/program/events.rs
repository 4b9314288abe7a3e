//! What the daemon tells of: containers, images, volumes and networks that come, change and go.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::wait::Nanos;

/// How many events the daemon remembers (moby 20.10's `daemon/events`, `eventsLimit`).
pub(super) const KEPT: usize = 256;

/// The events that are remembered, oldest first. A clone costs nothing, and the first change after it a list of counts: every
/// moment that a session keeps has them.
pub type Events = Arc<VecDeque<Arc<Happened>>>;

/// An event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    /// When.
    pub at: Nanos,
    /// To what: `container`, `image`, `volume`, `network`, `builder`, `daemon`.
    pub kind: String,
    /// What.
    pub action: String,
    /// The id, or the name, of what it happened to.
    pub id: String,
    /// What else is told.
    pub attributes: BTreeMap<String, String>,
}
