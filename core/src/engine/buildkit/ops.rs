//! The graph's vertices, and what a stage comes to.

use serde::{Deserialize, Serialize};

use crate::dockerfile::mount::Mount;
use crate::oci::Digest;
use crate::oci::config::ContainerConfig;

/// A tree that something is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Tree {
    /// The context.
    Context,
    /// Nothing at all.
    Scratch,
    /// What a vertex makes.
    Vertex(usize),
}

/// A vertex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Vertex {
    pub(super) name: String,
    pub(super) line: usize,
    /// What it stands on.
    pub(super) below: Tree,
    pub(super) op: Op,
}

/// What a vertex does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Op {
    /// An image.
    Base(Option<Digest>),
    /// A process.
    Run(RunOp),
    /// Files brought.
    Copy(CopyOp),
    /// A directory made, for a user.
    Mkdir(String, String),
}

/// `RUN`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RunOp {
    pub(super) args: Vec<String>,
    pub(super) env: Vec<String>,
    pub(super) dir: String,
    pub(super) user: String,
    pub(super) mounts: Vec<(Mount, Tree)>,
    pub(super) network: String,
}

/// `COPY` and `ADD`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CopyOp {
    pub(super) from: Tree,
    pub(super) sources: Vec<String>,
    pub(super) target: String,
    pub(super) chown: String,
    pub(super) chmod: Option<u32>,
    pub(super) unpacks: bool,
}

/// A line of the image's history; the layer's vertex where it has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) created_by: String,
    pub(super) vertex: Option<usize>,
}

/// What a stage comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Built {
    pub(super) base: Option<Digest>,
    pub(super) top: Tree,
    pub(super) config: ContainerConfig,
    pub(super) author: String,
    pub(super) steps: Vec<Step>,
}
