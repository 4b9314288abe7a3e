//! How an image was built: every line of its history.

use serde::{Deserialize, Serialize};

use crate::oci::archive::ArchivedImage;
use crate::oci::time;

/// One build step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// When, RFC 3339.
    pub created: String,
    /// The command.
    pub command: String,
    /// The layer that it made, lowest 0; none for a step that changes the configuration alone.
    pub layer: Option<usize>,
    /// Who made it, where that is said.
    pub author: String,
    /// What the builder said of it: `buildkit.dockerfile.v0`.
    pub comment: String,
}

/// The build steps, lowest first, with the layer that each made.
pub fn history(image: &ArchivedImage) -> impl Iterator<Item = HistoryLine> {
    let lines = &image.config.config.history;
    let made = lines.iter().filter(|line| !line.empty_layer).count();
    // Where lines and layers do not fit each other, no line says which layer is its own.
    let fits = made == image.layers.len();
    let mut next = 0;
    lines.iter().map(move |line| {
        let layer = (!line.empty_layer && fits).then_some(next);
        next += usize::from(!line.empty_layer);
        HistoryLine {
            created: if line.created == time::ZERO { String::new() } else { line.created.clone() },
            command: line.created_by.clone(),
            layer,
            author: line.author.clone(),
            comment: line.comment.clone(),
        }
    })
}
