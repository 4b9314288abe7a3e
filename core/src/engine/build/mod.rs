//! `docker build`: the classic builder (moby 20.10 `builder/dockerfile`), as data that can be put aside between any two
//! of its turns.
//!
//! A [`Build`] is a list of steps and a number that says which is next. [`Build::turn`] takes one; where that is a `RUN`,
//! it returns the container whose process is to be run, and [`Build::ran`] goes on when that has ended. Nothing of a
//! build is on the machine's stack in between, so whoever drives it decides how a process runs and who waits for it.

mod args;
mod cache;
mod change;
mod context;
mod copy;
mod dispatch;
mod image;
mod owners;
mod plan;
mod source;
mod stage;
mod sums;
mod target;

/// What moves files into a layer, for the other builder.
pub(in crate::engine) mod files {
    pub(in crate::engine) use super::copy::{is_archive, unpack};
    pub(in crate::engine) use super::owners::{is_named, parse_kit as owner};
    pub(in crate::engine) use super::source::{Found, Source, find, has_wildcards};
    pub(in crate::engine) use super::sums::Counted;
    pub(in crate::engine) use super::target::{Builder, Target};
}

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use change::changed;
pub use context::{Context, DOCKERFILE, Sent, context_size, patterns};
pub use plan::{Build, Turn};

use crate::oci::Reference;
use crate::program::Stream;
pub use crate::program::{StepEvent, StepState};

/// What is wanted of a build.
#[expect(clippy::struct_excessive_bools, reason = "flags of the command line")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// `-t`.
    pub tags: Vec<Reference>,
    /// `--build-arg`; `None` where the caller has no such variable.
    pub args: BTreeMap<String, Option<String>>,
    /// `--label`.
    pub labels: BTreeMap<String, String>,
    /// `--target`.
    pub target: String,
    /// `--no-cache`.
    pub no_cache: bool,
    /// `--pull`.
    pub pull: bool,
    /// `--rm`.
    pub remove: bool,
    /// `--force-rm`.
    pub force_remove: bool,
    /// `--cache-from`.
    pub cache_from: Vec<String>,
    /// How the containers of its steps meet their host.
    pub host: super::HostConfig,
    /// The Dockerfile's name in the context.
    pub dockerfile: String,
}

/// A piece of what the daemon prints while it builds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Standard error of a step is shown in red.
    pub stream: Stream,
    /// The text.
    pub text: Vec<u8>,
}

/// Why a build ended without an image: what the client prints, and its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildError {
    /// The daemon's words.
    pub text: String,
    /// The status of the client.
    pub code: u8,
    /// The build had not begun: the client puts its usual words before the daemon's.
    pub early: bool,
    /// It is more than the lab takes at once; real Docker would have gone on.
    pub limit: bool,
}

impl BuildError {
    /// A failure of a step.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 1, early: false, limit: false }
    }

    /// A failure before the first step.
    pub(crate) fn early(text: String) -> Self {
        Self { early: true, ..Self::new(text) }
    }

    /// Something that is more than the lab takes at once.
    pub(crate) fn limit(text: impl Into<String>) -> Self {
        Self { limit: true, ..Self::new(text) }
    }
}

impl From<super::Error> for BuildError {
    fn from(error: super::Error) -> Self {
        Self { limit: matches!(error, super::Error::Limit(_)), ..Self::new(error.to_string()) }
    }
}
