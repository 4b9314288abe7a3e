//! BuildKit's own cache: results by what made them, in a file of the engine's (`/var/lib/docker/buildkit`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::engine::Engine;
use crate::engine::error::Result;
use crate::oci::Digest;

/// The directory.
pub(super) const DIR: &str = "/var/lib/docker/buildkit";
const FILE: &str = "/var/lib/docker/buildkit/cache.json";
/// What clients sent.
pub(super) const SOURCES: &str = "/var/lib/docker/buildkit/sources.json";
/// Where cache mounts are kept.
pub(super) const MOUNTS: &str = "/var/lib/docker/buildkit/mounts";

/// A result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The topmost layer.
    pub(super) chain: Digest,
    /// When it was made, RFC 3339.
    pub(super) created: String,
    /// The step.
    pub(super) name: String,
}

/// Results by key.
pub(super) type Records = BTreeMap<String, Record>;

/// What `docker builder prune` took away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Keys.
    pub keys: Vec<String>,
    /// Bytes.
    pub bytes: u64,
}

/// A key: of what is below, and of words that define the step.
pub(super) fn key(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    Digest::of(&hash.finalize()).hex()
}

/// What `docker builder prune` takes out of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prune {
    /// What no image has.
    Dangling,
    /// Everything.
    All,
}

impl Engine<'_> {
    /// All results.
    pub(super) fn build_records(&mut self) -> Result<Records> {
        Ok(self.read_json(FILE)?.unwrap_or_default())
    }

    /// Stores all results.
    pub(super) fn build_records_save(&mut self, records: &Records) -> Result<()> {
        self.make_dir(DIR, 0o711)?;
        self.write_json(FILE, records, 0o600)
    }

    /// Whether a result of the cache stands on a layer: it stays while it does.
    pub(in crate::engine) fn cache_holds(&mut self, chain: &Digest) -> Result<bool> {
        Ok(self.build_records()?.values().any(|record| record.chain == *chain))
    }

    /// Empties the cache (`docker builder prune`).
    ///
    /// # Errors
    /// The disk's.
    pub fn build_prune(&mut self, what: Prune) -> Result<Pruned> {
        let records = self.build_records()?;
        let mut kept = Records::new();
        let mut pruned = Pruned::default();
        let mut used = std::collections::BTreeSet::new();
        for image in self.images()? {
            used.extend(crate::oci::chain_ids(&image.config.rootfs.diff_ids));
        }
        let before = self.layers_size()?;
        let mut gone = Vec::new();
        for (key, record) in records {
            if used.contains(&record.chain) && what == Prune::Dangling {
                kept.insert(key, record);
            } else {
                gone.push(record.chain);
                pruned.keys.push(key);
            }
        }
        self.build_records_save(&kept)?;
        for chain in gone {
            self.layers().release(self, &chain)?;
        }
        let mounts = if what == Prune::All { self.tree_size_or_none(MOUNTS)? } else { 0 };
        if what == Prune::All {
            self.remove(MOUNTS)?;
            self.remove(SOURCES)?;
        }
        pruned.bytes = before.saturating_sub(self.layers_size()?) + mounts;
        Ok(pruned)
    }

    fn tree_size_or_none(&mut self, dir: &str) -> Result<u64> {
        let is_there = crate::kernel::fs::exists(self.kernel, &crate::kernel::Task::root(), dir.as_bytes());
        if is_there { self.tree_size(dir) } else { Ok(0) }
    }
}
