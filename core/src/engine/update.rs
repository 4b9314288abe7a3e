//! `docker update`: limits and the restart policy of containers that are there (moby 20.10's `daemon/update.go`,
//! `container/container_unix.go`).

use super::error::{Error, Result};
use super::{Container, Engine, Resources, RestartPolicy, verify};

impl Engine<'_> {
    /// Changes a container's limits, where they are not 0 or empty, and its restart policy; returns warnings.
    ///
    /// # Errors
    /// A limit that cannot be, or the disk's.
    pub fn update(
        &mut self,
        container: &Container,
        mut new: Resources,
        policy: Option<RestartPolicy>,
    ) -> Result<Vec<String>> {
        let failed = |why: String| Error::Failed(format!("Cannot update container {}: {why}", container.id));
        let mut host = self.host_config(&container.id)?;
        if let Some(policy) = &policy {
            verify::check_restart(&policy.name, policy.maximum_retry_count)?;
        }
        let warnings = verify::check_resources(&mut new, true)?;
        if policy.as_ref().is_some_and(|policy| !policy.is_none()) && host.auto_remove {
            return Err(failed(
                "Restart policy cannot be updated because AutoRemove is enabled for the container".to_owned(),
            ));
        }
        let old = &mut host.resources;
        if new.nano_cpus > 0 && (old.cpu_period > 0 || old.cpu_quota > 0) {
            let what = if old.cpu_period > 0 { "period" } else { "quota" };
            return Err(failed(format!(
                "Conflicting options: Nano CPUs cannot be updated as CPU {} has already been set",
                if what == "period" { "Period" } else { "Quota" }
            )));
        }
        for (is_new, name) in [(new.cpu_period > 0, "Period"), (new.cpu_quota > 0, "Quota")] {
            if is_new && old.nano_cpus > 0 {
                return Err(failed(format!(
                    "Conflicting options: CPU {name} cannot be updated as NanoCPUs has already been set"
                )));
            }
        }
        // A container without limits has 0 there, which Docker takes for a limit (recorded on 20.10.24).
        if new.memory > 0 && new.memory_swap == 0 && new.memory > old.memory_swap {
            return Err(failed(
                "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same \
                 time"
                .to_owned(),
            ));
        }
        if new.memory_swap > 0 && new.memory == 0 && new.memory_swap < old.memory {
            return Err(failed(
                "Minimum memoryswap limit should be larger than memory limit, see usage".to_owned(),
            ));
        }
        let numbers = [
            (new.cpu_shares, &mut old.cpu_shares),
            (new.memory, &mut old.memory),
            (new.nano_cpus, &mut old.nano_cpus),
            (new.cpu_period, &mut old.cpu_period),
            (new.cpu_quota, &mut old.cpu_quota),
            (new.cpu_realtime_period, &mut old.cpu_realtime_period),
            (new.cpu_realtime_runtime, &mut old.cpu_realtime_runtime),
            (new.memory_reservation, &mut old.memory_reservation),
            (new.memory_swap, &mut old.memory_swap),
            (new.kernel_memory, &mut old.kernel_memory),
        ];
        for (new, old) in numbers {
            if new != 0 {
                *old = new;
            }
        }
        for (new, old) in [(new.cpuset_cpus, &mut old.cpuset_cpus), (new.cpuset_mems, &mut old.cpuset_mems)] {
            if !new.is_empty() {
                *old = new;
            }
        }
        if new.pids_limit.is_some() {
            old.pids_limit = new.pids_limit;
        }
        if let Some(policy) = policy.filter(|policy| !policy.name.is_empty()) {
            host.restart_policy = policy;
        }
        let (memory, pids) = (host.resources.memory, host.resources.pids_limit.unwrap_or_default());
        self.host_config_save(container, &host)?;
        // A running container gets its new limits at once.
        let in_memory = self.places_in_memory(container, &host)?;
        if let Some(running) = self.world.running.get_mut(&container.id) {
            running.in_memory = in_memory;
            running.memory = u64::try_from(memory).unwrap_or_default();
            running.pids = u64::try_from(pids).unwrap_or_default();
        }
        Ok(warnings)
    }
}
