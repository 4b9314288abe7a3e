//! `docker commit` (oracle: commit-*), and `-c` of it and of `docker import`: lines of a Dockerfile that change a
//! configuration.

use super::super::{Call, Failure};
use crate::engine::CommitOptions;
use crate::engine::build::changed;
use crate::kernel::ByteString;
use crate::oci::Reference;
use crate::oci::config::ContainerConfig;
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let (container, name) = (call.arg(0), call.flags.args.get(1).map(ByteString::to_text));
    let name = match name.filter(|name| !name.is_empty()) {
        None => None,
        Some(text) => {
            let reference = Reference::parse(&text).map_err(|error| Failure::new(error.to_string()))?;
            if reference.digest.is_some() {
                return Err(Failure::new("cannot commit to digest reference"));
            }
            Some(reference.or_latest())
        }
    };
    let found = call.engine()?.find_container(&container)?;
    // The changes are made to what the container has (`Daemon.CreateImageFromContainer`).
    let config = changed_config(call, found.config.clone())?;
    let options = CommitOptions {
        name,
        message: call.flags.text("message").unwrap_or_default(),
        author: call.flags.text("author").unwrap_or_default(),
        config,
    };
    let id = call.engine()?.commit(&found, options)?;
    call.line(&id.to_string());
    Ok(Flow::OK)
}

/// A configuration with the changes of `-c`.
pub(super) fn changed_config(
    call: &Call<'_, '_>,
    config: ContainerConfig,
) -> Result<ContainerConfig, Failure> {
    changed(config, &call.flags.list("change"))
        .map_err(|why| Failure::new(format!("Error response from daemon: {why}")))
}
