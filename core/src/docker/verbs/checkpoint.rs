//! `docker checkpoint`: Docker has it for a daemon with experimental features alone (recorded on 20.10.24).

use super::super::{Call, Failure};
use crate::program::Flow;

/// Refuses as the client does before it looks at the arguments.
fn refuse(command: &str) -> Result<Flow, Failure> {
    Err(Failure::new(format!(
        "docker checkpoint {command} is only supported on a Docker daemon with experimental features enabled\n\
         Layerlab: the lab freezes no processes; docker pause stops them, docker commit keeps their files"
    )))
}

pub(crate) fn create(_: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    refuse("create")
}

pub(crate) fn ls(_: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    refuse("ls")
}

pub(crate) fn rm(_: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    refuse("rm")
}
