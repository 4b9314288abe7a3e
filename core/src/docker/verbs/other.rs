//! Commands that are Docker's and not the lab's yet, and those that have little to do.

use super::super::{Call, Failure};
use crate::program::Flow;

/// A command that Docker has and the lab has not.
pub(crate) fn missing(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let words: Vec<String> =
        call.process.args.iter().take(2).map(crate::kernel::ByteString::to_text).collect();
    Err(Failure::new(format!(
        "Layerlab: `{}` is a command of Docker's that the lab does not have yet",
        words.join(" ")
    )))
}
