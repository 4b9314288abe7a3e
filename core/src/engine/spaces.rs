//! What a container shares with its host or with another container: `--pid`, `--ipc`, `--uts`, and `--sysctl`, which is
//! for what it does not share (moby 20.10's `daemon/container_operations_unix.go`, runc's `configs/validate`).

use super::error::{Error, Result};
use super::{Container, Engine, HostConfig};
use crate::program::{Place, sysctl};

/// Whether the daemon knows this value of `--ipc` (`hostconfig_unix.go`, `IpcMode.Valid`).
fn is_ipc_mode(mode: &str) -> bool {
    matches!(mode, "" | "none" | "private" | "shareable" | "host")
        || mode.strip_prefix("container:").is_some_and(|name| !name.is_empty())
}

fn runc(why: &str) -> Error {
    Error::Failed(runc_text(why))
}

fn runc_text(why: &str) -> String {
    format!("failed to create shim task: OCI runtime create failed: runc create failed: {why}: unknown")
}

impl Engine<'_> {
    /// The directory that another container has at `/dev/shm`, which is up and shares it.
    pub(super) fn shm_of(&mut self, other: &str) -> Result<String> {
        let other = self.find_container(other)?;
        let id = &other.id;
        let failed = |why: String| Error::Conflict(format!("can't join IPC of container {id}: {why}"));
        if !other.state.running {
            return Err(failed(format!("container {id} is not running")));
        }
        if self.host_config(id)?.ipc_mode != "shareable" {
            return Err(failed(
                "non-shareable IPC (hint: use IpcMode:shareable for the donor container)".to_owned(),
            ));
        }
        Ok(format!("{}/dev/shm", self.merged_of(id)?))
    }

    /// Gives a container that starts its process numbers: its own, the host's, or those of a container that is up.
    ///
    /// # Errors
    /// The other container is not there, or is not up; or `--ipc` or `--cpu-shares` has a value that there is not, which
    /// `docker create` takes (tried with Docker 20.10.24).
    pub fn share_pids(&mut self, container: &Container) -> Result<()> {
        let host = self.host_config(&container.id)?;
        if !is_ipc_mode(&host.ipc_mode) {
            return Err(Error::Invalid(format!("Invalid IPC mode: {}", host.ipc_mode)));
        }
        match host.resources.cpu_shares {
            shares if shares < 0 => return Err(Error::Invalid("shares: invalid argument".to_owned())),
            1 => {
                return Err(runc(
                    "unable to start container process: error during container init: error setting cgroup config for \
                     procHooks process: the minimum allowed cpu-shares is 2",
                ));
            }
            _ => {}
        }
        let mode = host.pid_mode;
        let with = match mode.strip_prefix("container:") {
            Some(other) => {
                let other = self.find_container(other)?;
                if !other.state.running {
                    return Err(Error::Conflict(format!("container {} is not running", other.id)));
                }
                Some(Place::Container(other.id))
            }
            None => (mode == "host").then_some(Place::Host),
        };
        self.world.tasks.share(&container.id, with.as_ref());
        Ok(())
    }

    /// Sets what `--sysctl` asks for, as files of the container's `/proc/sys`.
    pub(super) fn set_sysctls(&mut self, root: &str, config: &HostConfig) -> Result<()> {
        for key in config.sysctls.keys() {
            if key.starts_with("net.") && config.network_mode == "host" {
                return Err(runc(&format!("sysctl \"{key}\" not allowed in host network namespace")));
            }
            if !key.starts_with("net.") && config.ipc_mode == "host" {
                return Err(runc(&format!("sysctl \"{key}\" is not allowed in the hosts ipc namespace")));
            }
        }
        let set = sysctl::set(self.kernel, root.as_bytes(), &config.sysctls);
        set.map_err(|(verb, place, errno)| {
            let start = "unable to start container process: error during container init";
            let why = format!("{start}: {verb} {place}: {}", super::go_text(errno));
            Error::Caused { text: runc_text(&why), errno }
        })
    }
}
