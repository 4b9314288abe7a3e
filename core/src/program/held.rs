//! What Docker's daemon holds in memory of what is on its disk: read at the first need, and kept in step after that.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::kernel::Timespec;
use crate::oci::Digest;

/// Names of images, as `repositories.json` has them: by repository, then by the whole name.
pub type ImageNames = BTreeMap<String, BTreeMap<String, Digest>>;

/// How many images, layers and containers stand right on a layer, by its chain id.
pub type LayerUsers = BTreeMap<Digest, u32>;

/// The daemon's memory. A part that is missing is read from the disk when it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The images' names.
    pub names: Option<Arc<ImageNames>>,
    /// Who stands on which layer.
    pub users: Option<Arc<LayerUsers>>,
    /// When the newest container was made.
    pub made: Option<Timespec>,
}

impl Held {
    /// One more, or one fewer, stands on a layer. Nothing where the counts were not read yet.
    pub fn count(&mut self, chain: Option<&Digest>, more: bool) {
        if let (Some(users), Some(chain)) = (&mut self.users, chain) {
            let count = Arc::make_mut(users).entry(*chain).or_default();
            *count = if more { *count + 1 } else { count.saturating_sub(1) };
        }
    }
}
