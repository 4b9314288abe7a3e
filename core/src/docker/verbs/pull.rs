//! `docker pull` (oracle: pull-*).

use super::super::{Call, Failure};
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    for_run(call, &name)?;
    Ok(Flow::OK)
}

/// Pulls for `docker run`: progress goes to standard error.
pub(super) fn for_run(_call: &mut Call<'_, '_>, _name: &str) -> Result<(), Failure> {
    Err(Failure::new(
        "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host",
    ))
}
