//! What a build reports of itself, as data: a step that begins, and how it ends, with the layer that it made.

use serde::{Deserialize, Serialize};

use crate::oci::Digest;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// It is being done.
    Started,
    /// Its result was in the cache.
    Cached,
    /// It was done.
    Ran,
    /// It failed, and the build with it.
    Failed,
}

/// A step of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepEvent {
    /// Its number, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// How it stands in the Dockerfile.
    pub code: String,
    /// Its line there.
    pub line: usize,
    /// How far it is.
    pub state: StepState,
    /// The image after it, where it made or found one.
    pub image: Option<Digest>,
    /// The chain id of its layer, where it has one of its own.
    pub layer: Option<Digest>,
    /// Bytes of that layer.
    pub bytes: u64,
}
