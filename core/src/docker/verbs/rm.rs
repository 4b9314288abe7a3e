//! `docker rm` (oracle: rm-*).

use super::super::{Call, Failure};
use crate::engine::{Error, UnnamedVolumes};
use crate::program::{Flow, signals};

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let force = call.flags.is_set("force");
    let volumes = if call.flags.is_set("volumes") { UnnamedVolumes::Removed } else { UnnamedVolumes::Kept };
    let mut gone = Vec::new();
    call.each(|call, name| {
        let trimmed = name.trim_matches('/').to_owned();
        if trimmed.is_empty() {
            return Err(Failure::new("Container name cannot be empty"));
        }
        let mut engine = call.engine()?;
        let container = match engine.find_container(&trimmed) {
            Ok(container) => container,
            // Docker's client removes all names at once, so that the second of two finds the first one's work (recorded on
            // 20.10.24).
            Err(Error::NotFound(_)) if gone.contains(&trimmed) => {
                return Err(Failure::new(format!(
                    "Error response from daemon: removal of container {trimmed} is already in progress"
                )));
            }
            Err(Error::NotFound(_)) if force => {
                // With -f, what is missing is told and is no error.
                call.complain(&format!("Error: No such container: {trimmed}"));
                return Ok(());
            }
            Err(Error::NotFound(_)) => {
                return Err(Failure::new(format!("Error: No such container: {trimmed}")));
            }
            Err(error) => return Err(error.into()),
        };
        if force && container.state.is_running() {
            let keeps_itself = engine.host_config(&container.id)?.auto_remove;
            super::stop::kill_one(call, &container, &trimmed, signals::KILL)?;
            if keeps_itself {
                call.line(name);
                return Ok(());
            }
        }
        let mut engine = call.engine()?;
        if let Some(container) = engine.container(&container.id)? {
            engine.remove_container(&container, volumes)?;
        }
        gone.push(trimmed);
        call.line(name);
        Ok(())
    })
}
