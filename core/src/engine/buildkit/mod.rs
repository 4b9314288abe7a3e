//! `docker build` with `DOCKER_BUILDKIT=1`: the frontend and the solver inside Docker 20.10's daemon, as data.
//!
//! A Dockerfile becomes a graph ([`graph`]): only what the target needs is in it. [`Solve::turn`] does one vertex after
//! the other, from the cache where its inputs and its definition are known there; where a vertex is a `RUN`, it returns
//! the process, and [`Solve::ran`] goes on when that has ended.

mod cache;
mod exec;
mod export;
mod files;
mod graph;
mod lower;
mod ops;
mod sent;
mod shown;
mod solve;
mod sources;
mod stages;

pub use cache::{Prune, Pruned};
pub use exec::Process;
pub use export::Exported;
pub use graph::GraphError;
pub use solve::{Solve, Turn};
pub use sources::SourceKey;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::oci::Digest;

/// How a vertex ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// It was done.
    Done,
    /// Its result was in the cache.
    Cached,
    /// It failed: why.
    Error(String),
}

/// What is shown of a vertex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its name, `[2/3] RUN true`.
    pub name: String,
    /// What it said, line by line.
    pub lines: Vec<String>,
    /// How it ended.
    pub end: End,
    /// The chain id of the layer that it made or found, and that layer's bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<(Digest, u64)>,
}

impl Shown {
    /// A vertex that was done.
    pub fn done(name: impl Into<String>, lines: &[&str]) -> Self {
        Self::ended(name, lines.iter().map(|line| (*line).to_owned()).collect(), End::Done)
    }

    /// A vertex that ended in this way, without a layer.
    pub fn ended(name: impl Into<String>, lines: Vec<String>, end: End) -> Self {
        Self { name: name.into(), lines, end, layer: None }
    }
}

/// What a build with BuildKit is given beside the options of every build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// `--secret`: contents by name.
    pub secrets: BTreeMap<String, Vec<u8>>,
    /// The context's directory, if it has one.
    pub context: Option<String>,
    /// How much of the context is sent, as the client says it.
    pub sent: String,
}

/// Why a build ended without a result: the client's last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SolveError {
    /// The text.
    pub text: String,
    /// What the step itself shows, where that is less than the text.
    #[serde(default)]
    pub cause: Option<String>,
}

impl SolveError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), cause: None }
    }

    /// Returns the error of a step whose key in the cache cannot be computed.
    pub(crate) fn of_key(cause: String) -> Self {
        Self { text: format!("failed to compute cache key: {cause}"), cause: Some(cause) }
    }
}

impl From<super::Error> for SolveError {
    fn from(error: super::Error) -> Self {
        Self::new(error.to_string())
    }
}
