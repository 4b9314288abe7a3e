//! A merged listing that descriptors hold.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::kernel::Fd;
use crate::overlay::Listed;

/// A merged listing, and the descriptors that read it.
#[derive(Debug, Clone)]
pub(crate) struct KeptListing {
    pub(crate) listed: Arc<[Listed]>,
    pub(crate) readers: BTreeSet<Fd>,
}
