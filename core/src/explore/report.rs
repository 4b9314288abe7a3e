//! What `layerlab image` prints and the page's image screen shows, as plain data.

use serde::{Deserialize, Serialize};

use super::efficiency::{Efficiency, efficiency};
use super::image::Explorer;
use super::refused::Refused;
use super::secrets::Finding;
use super::stack::Hidden;
use crate::kernel::ByteString;
use crate::oci::archive::Listed;
use crate::oci::decode::Compression;
use crate::oci::{Digest, chain_ids, time};

/// An image in numbers and names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Its names.
    pub names: Vec<String>,
    /// Its id: the digest of its configuration.
    pub id: Digest,
    /// The digest of its manifest.
    pub manifest: Option<Digest>,
    /// `linux/amd64`.
    pub platform: String,
    /// When it was made, RFC 3339.
    pub created: String,
    /// Its layers, lowest first.
    pub layers: Vec<LayerReport>,
    /// Bytes of its layers as they are stored in the archive.
    pub stored_bytes: u64,
    /// Of these, bytes of layers that other images of the archive have too.
    pub shared_bytes: u64,
    /// Bytes of contents in all layers.
    pub content_bytes: u64,
    /// Bytes of contents that the merged view shows.
    pub shown_bytes: u64,
    /// The usual figure.
    pub efficiency: Efficiency,
    /// Bytes in layers that the merged view does not show.
    pub reclaimable_bytes: u64,
    /// By path, largest first.
    pub reclaimable: Vec<HiddenPath>,
    /// What looks like a secret.
    pub secrets: Vec<Finding>,
    /// What Docker would refuse the image for, and how it is read here.
    pub refused: Vec<Refused>,
    /// What else the archive lists: images for other machines, attestations, artifacts.
    pub listed: Vec<Listed>,
    /// What is odd and was let pass.
    pub warnings: Vec<String>,
}

/// One layer in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerReport {
    /// From the lowest, 0.
    pub index: usize,
    /// The command that made it, as the history says.
    pub command: String,
    /// When, RFC 3339.
    pub created: String,
    /// Bytes of its tar.
    pub size: u64,
    /// Bytes as stored in the archive.
    pub stored: u64,
    /// How it is stored.
    pub compression: Option<Compression>,
    /// It is an EROFS file system and no tar: nothing of it is in the view.
    pub erofs: bool,
    /// How many images of the archive have it, this one counted.
    pub images: usize,
    /// The digest as stored; `None` if it is not in the archive.
    pub digest: Option<Digest>,
    /// The digest of the tar.
    pub diff_id: Digest,
    /// The digest of the stack up to it.
    pub chain_id: Digest,
    /// Entries of its tar.
    pub entries: u64,
    /// Bytes of its files.
    pub content_bytes: u64,
    /// Paths that it added, changed, deleted.
    pub added: u64,
    /// See `added`.
    pub changed: u64,
    /// See `added`.
    pub deleted: u64,
    /// Bytes of lower layers that it hid for good.
    pub hides_bytes: u64,
    /// Bytes of its own that the merged view does not show.
    pub hidden_bytes: u64,
}

/// Content that is in the image and that nobody sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenPath {
    /// The path.
    pub path: ByteString,
    /// Its bytes.
    pub size: u64,
    /// The layer that holds it.
    pub layer: usize,
    /// The layer that hid it.
    pub hidden_by: usize,
}

impl From<Hidden> for HiddenPath {
    fn from(hidden: Hidden) -> Self {
        Self {
            path: [b"/", &hidden.path[..]].concat().into(),
            size: hidden.size,
            layer: hidden.layer,
            hidden_by: hidden.by,
        }
    }
}

impl Report {
    /// Looks at an explored image.
    pub fn of(explorer: &Explorer) -> Self {
        let config = &explorer.image.config.config;
        let mut hidden: Vec<HiddenPath> =
            explorer.stack.reclaimable().into_iter().map(HiddenPath::from).collect();
        hidden.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
        let mut layers = layer_reports(explorer);
        for path in &hidden {
            layers[path.layer].hidden_bytes += path.size;
            layers[path.hidden_by].hides_bytes += path.size;
        }
        let reclaimable_bytes = hidden.iter().map(|path| path.size).sum();
        let content_bytes = layers.iter().map(|layer| layer.content_bytes).sum();
        Self {
            names: explorer.image.names.clone(),
            id: explorer.image.config.id,
            manifest: explorer.image.manifest,
            platform: explorer.image.platform.to_string(),
            created: if config.created == time::ZERO { String::new() } else { config.created.clone() },
            stored_bytes: layers.iter().map(|layer| layer.stored).sum(),
            shared_bytes: layers.iter().filter(|layer| layer.images > 1).map(|layer| layer.stored).sum(),
            layers,
            content_bytes,
            shown_bytes: content_bytes - reclaimable_bytes,
            efficiency: efficiency(&explorer.stack),
            reclaimable_bytes,
            reclaimable: hidden,
            secrets: explorer.secrets.clone(),
            refused: explorer.refused.clone(),
            listed: explorer.listed.clone(),
            warnings: explorer.warnings.clone(),
        }
    }
}

fn layer_reports(explorer: &Explorer) -> Vec<LayerReport> {
    let config = &explorer.image.config.config;
    let chain = chain_ids(&config.rootfs.diff_ids);
    let lines: Vec<_> = config.layer_history().collect();
    let named = lines.len() == explorer.image.layers.len();
    // One pass over the marks, however many layers there are.
    let mut counts = vec![[0_u64; 3]; explorer.image.layers.len()];
    for (layer, mark) in explorer.stack.marks().values().flatten() {
        counts[usize::from(*layer)][*mark as usize] += 1;
    }
    let mut out = Vec::new();
    for (i, layer) in explorer.image.layers.iter().enumerate() {
        let line = if named { lines.get(i) } else { None };
        let streamed = explorer.layers[i];
        let [added, changed, deleted] = counts[i];
        out.push(LayerReport {
            index: i,
            command: line.map(|line| line.created_by.clone()).unwrap_or_default(),
            created: line.map(|line| line.created.clone()).unwrap_or_default(),
            size: streamed.map_or(0, |s| s.len),
            stored: layer.blob.map_or(0, |blob| blob.len),
            compression: streamed.map(|s| s.compression),
            erofs: layer.is_erofs(),
            images: explorer.images_with.get(i).copied().unwrap_or(1),
            digest: streamed.map(|s| s.digest),
            diff_id: layer.diff_id,
            chain_id: chain[i],
            entries: explorer.counts[i].0,
            content_bytes: explorer.counts[i].1,
            added,
            changed,
            deleted,
            hides_bytes: 0,
            hidden_bytes: 0,
        });
    }
    out
}
