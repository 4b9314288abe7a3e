//! The seam between the engine and what keeps its layers and its images, and the store that there is: Docker 20.10's
//! graph driver with its layerdb and imagedb. Containerd's image store would be another.

mod overlay2;
mod seam;

pub(crate) use overlay2::{ORIGIN, OVERLAY, Overlay2};
pub use seam::{GraphDirs, StoredImage};
pub(crate) use seam::{Images, Layers};

use crate::kernel::ByteString;

/// Whether a mount is a store's own, by where it is.
pub fn is_own_mount(target: &ByteString) -> bool {
    target.starts_with(overlay2::PLACE.as_bytes())
}
