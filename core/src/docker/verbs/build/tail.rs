//! How a client of a build ends, and what a turn of one comes to: the same with both builders.

use serde::{Deserialize, Serialize};

use super::super::super::{Call, Failure};
use crate::engine::go_text;
use crate::kernel::{ByteString, fs};
use crate::oci::Digest;
use crate::program::{Flow, Wait};

/// What a turn comes to.
#[derive(Debug)]
pub(super) enum Came<T> {
    /// Another turn.
    On,
    /// Another turn, when this has come.
    Waits(Wait),
    /// The end.
    Done(T),
}

/// What is done once there is an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tail {
    /// `--quiet`.
    pub(super) quiet: bool,
    /// `--iidfile`.
    pub(super) iidfile: Option<ByteString>,
}

impl Tail {
    /// Writes the image's id where it is wanted.
    pub(super) fn built(&self, call: &mut Call<'_, '_>, id: &Digest) -> Result<Flow, Failure> {
        if let Some(file) = &self.iidfile {
            let task = call.process.task.clone();
            fs::write(call.system.kernel, &task, file, id.to_string().as_bytes(), 0o666)
                .map_err(|errno| Failure::new(format!("open {file}: {}", go_text(errno))))?;
        }
        if self.quiet {
            call.line(&id.to_string());
        }
        Ok(Flow::OK)
    }
}
