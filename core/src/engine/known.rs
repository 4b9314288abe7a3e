//! Which digests a layer has at which registries: `image/overlay2/distribution` (`distribution/metadata`), which pushes and
//! pulls write.

use serde::{Deserialize, Serialize};

use super::Engine;
use super::error::Result;
use super::remote::Offered;
use crate::oci::{Digest, Reference};

/// Docker's directory for it.
const DIR: &str = "/var/lib/docker/image/overlay2/distribution";
/// Entries that are kept for a layer (`maxMetadata`).
const MOST: usize = 50;

/// A repository that has a layer, and under which digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Source {
    #[serde(rename = "Digest")]
    pub digest: Digest,
    #[serde(rename = "SourceRepository")]
    pub repository: String,
    #[serde(rename = "HMAC")]
    hmac: String,
}

impl Source {
    /// A repository by its full name.
    pub(super) fn new(digest: Digest, repository: String) -> Self {
        Self { digest, repository, hmac: String::new() }
    }
}

impl Engine<'_> {
    /// The repositories that are known to have a layer, the youngest last.
    pub(super) fn sources(&mut self, diff_id: &Digest) -> Result<Vec<Source>> {
        Ok(self.read_json(&by_diff_id(diff_id))?.unwrap_or_default())
    }

    /// Remembers that a repository has a layer.
    pub(super) fn remember_source(&mut self, diff_id: &Digest, source: &Source) -> Result<()> {
        let mut known = self.sources(diff_id)?;
        known.retain(|other| other != source);
        known.push(source.clone());
        let over = known.len().saturating_sub(MOST);
        known.drain(..over);
        for kind in ["v2metadata-by-diffid", "diffid-by-digest"] {
            self.make_dir(&format!("{DIR}/{kind}"), 0o755)?;
            self.make_dir(&format!("{DIR}/{kind}/sha256"), 0o755)?;
        }
        self.write_json(&by_diff_id(diff_id), &known, 0o644)?;
        let by_digest = format!("{DIR}/diffid-by-digest/sha256/{}", source.digest.hex());
        self.write_atomic(&by_digest, diff_id.to_string().as_bytes(), 0o644)
    }

    /// Remembers where a layer was pulled from.
    pub(super) fn remember_layer(&mut self, layer: &Offered, name: &Reference) -> Result<()> {
        self.remember_source(&layer.diff_id, &Source::new(layer.digest, name.name()))
    }
}

fn by_diff_id(diff_id: &Digest) -> String {
    format!("{DIR}/v2metadata-by-diffid/sha256/{}", diff_id.hex())
}
