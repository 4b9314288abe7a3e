//! Dockerfiles as Docker 20.10 reads them, without running anything: lines with their positions ([`lines`]), the words
//! of a line, variables ([`expand`]), instructions ([`instruction`]), stages ([`stages`]), and `.dockerignore`
//! ([`ignore`]).
//!
//! The rules are those of the public Dockerfile reference; where it is silent, of recorded builds. 20.10 knows no
//! here-documents: the line after `RUN <<EOF` is an instruction of its own, for the classic builder and for BuildKit's
//! frontend inside the daemon.

pub mod duration;
pub mod expand;
mod flags;
pub mod ignore;
pub mod instruction;
mod json;
pub mod lines;
pub mod mount;
pub mod options;
pub mod stages;
#[cfg(test)]
mod tests;
mod words;

use thiserror::Error;

pub use instruction::{Command, CopyFiles, Instruction};
pub use json::{quote, quote_list};
pub use lines::{Directives, Lines, Node};
pub use stages::{Dockerfile, From, Stage};

/// Why a Dockerfile cannot be read, in Docker's words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DockerfileError {
    /// It is no sequence of instructions.
    #[error("failed to parse Dockerfile: {0}")]
    Lines(String),
    /// An instruction is wrong; its line.
    #[error("dockerfile parse error line {0}: {1}")]
    Instruction(usize, String),
    /// An instruction stands where it cannot.
    #[error("{0}")]
    Place(String),
}
