//! What BuildKit keeps of the directories that its clients sent: a file that has not changed since is not sent again
//! (recorded: of a Dockerfile that was sent before only its state is sent, `transferring dockerfile: 31B`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cache::{DIR, SOURCES};
use crate::engine::Engine;
use crate::engine::error::Result;
use crate::kernel::{Stat, Timespec};

/// A file as it was when it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    size: u64,
    mode: u32,
    changed: Timespec,
}

impl Known {
    pub(super) fn of(stat: &Stat) -> Self {
        Self { size: stat.size, mode: stat.mode, changed: stat.mtime }
    }
}

/// The files of a source, by path.
pub(super) type Source = BTreeMap<String, Known>;

/// Which directory a client sends, and what for. One that nobody can send twice, such as standard input, has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceKey(String);

impl SourceKey {
    /// `kind` is `context`, `dockerfile` or `dockerignore`.
    pub fn new(kind: &str, dir: &str) -> Self {
        Self(format!("{kind}:{dir}"))
    }
}

impl Engine<'_> {
    /// Returns what was sent of a source last.
    pub(super) fn source(&mut self, key: &SourceKey) -> Result<Source> {
        let mut all: BTreeMap<String, Source> = self.read_json(SOURCES)?.unwrap_or_default();
        Ok(all.remove(&key.0).unwrap_or_default())
    }

    /// Stores what was sent of a source.
    pub(super) fn source_save(&mut self, key: &SourceKey, source: Source) -> Result<()> {
        let mut all: BTreeMap<String, Source> = self.read_json(SOURCES)?.unwrap_or_default();
        if all.get(&key.0) == Some(&source) {
            return Ok(());
        }
        all.insert(key.0.clone(), source);
        self.make_dir(DIR, 0o711)?;
        self.write_json(SOURCES, &all, 0o600)
    }
}
