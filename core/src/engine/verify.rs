//! What the daemon refuses of a container's settings before it makes anything (moby 20.10's `daemon/container.go`,
//! `daemon/daemon_unix.go`), and what it fills in. The texts were recorded from Docker 20.10.24.

use super::error::{Error, Result};
use super::signals::signal_number;
use super::{Engine, HostConfig, Resources};
use crate::kernel::{Caps, path};
use crate::oci::config::{ContainerConfig, Healthcheck};

/// The least memory that a container can have.
const MIN_MEMORY: i64 = 6 << 20;
/// Processors of the lab's machine, as `docker info` says.
const CPUS: i64 = 2;
/// A thousandth of a second, in nanoseconds.
const MILLISECOND: i64 = 1_000_000;

fn bad<T>(why: impl Into<String>) -> Result<T> {
    Err(Error::Invalid(why.into()))
}

/// Checks a container's own settings and cleans its working directory (`validateContainerConfig`).
pub(super) fn check_config(config: &mut ContainerConfig) -> Result<()> {
    if !config.working_dir.is_empty() {
        if !config.working_dir.starts_with('/') {
            let dir = &config.working_dir;
            return bad(format!("the working directory '{dir}' is invalid, it needs to be an absolute path"));
        }
        config.working_dir = path::normalize(config.working_dir.as_bytes()).to_text();
    }
    let signal = &config.stop_signal;
    if !signal.is_empty() && signal_number(signal).is_none() {
        return bad(format!("Invalid signal: {signal}"));
    }
    if let Some(line) = config.env.iter().flatten().find(|line| line.is_empty() || line.starts_with('=')) {
        return bad(format!("invalid environment variable: {line}"));
    }
    config.healthcheck.as_ref().map_or(Ok(()), check_health)
}

fn check_health(health: &Healthcheck) -> Result<()> {
    for (name, time) in
        [("Interval", health.interval), ("Timeout", health.timeout), ("StartPeriod", health.start_period)]
    {
        if time != 0 && time < MILLISECOND {
            return bad(format!("{name} in Healthcheck cannot be less than 1ms"));
        }
    }
    if health.retries < 0 {
        return bad("Retries in Healthcheck cannot be negative");
    }
    Ok(())
}

/// Checks a restart policy (`validateRestartPolicy`).
pub(super) fn check_restart(name: &str, count: i64) -> Result<()> {
    match name {
        "always" | "unless-stopped" | "no" if count != 0 => {
            bad(format!("maximum retry count cannot be used with restart policy '{name}'"))
        }
        "always" | "unless-stopped" | "no" | "" => Ok(()),
        "on-failure" if count < 0 => bad("maximum retry count cannot be negative"),
        "on-failure" => Ok(()),
        other => bad(format!("invalid restart policy '{other}'")),
    }
}

/// The set that the words of `--cap-add` or `--cap-drop` name; `None` in it stands for all.
fn caps(list: Option<&Vec<String>>, field: &str) -> Result<Caps> {
    let mut set = Caps::empty();
    for word in list.into_iter().flatten() {
        let upper = word.to_uppercase();
        if upper == "ALL" {
            set = Caps::all();
            continue;
        }
        let Some(one) = Caps::named(&upper) else {
            let name = upper.strip_prefix("CAP_").unwrap_or(&upper);
            return bad(format!("invalid {field}: unknown capability: \"CAP_{name}\""));
        };
        set |= one;
    }
    Ok(set)
}

/// What a container's processes may do (`oci/caps`, `TweakCapabilities`).
pub(super) fn capabilities(host: &HostConfig) -> Result<Caps> {
    if host.privileged {
        return Ok(Caps::all());
    }
    let (add, drop) = (caps(host.cap_add.as_ref(), "CapAdd")?, caps(host.cap_drop.as_ref(), "CapDrop")?);
    let all = |list: &Option<Vec<String>>| list.iter().flatten().any(|word| word.eq_ignore_ascii_case("all"));
    // What is said by name counts for more than `all` on the other side.
    Ok(match (all(&host.cap_add), all(&host.cap_drop)) {
        (true, true) => named(host.cap_add.as_ref())?,
        (true, false) => Caps::all() & !drop,
        (false, true) => add,
        (false, false) => (Caps::CONTAINER & !drop) | add,
    })
}

fn named(list: Option<&Vec<String>>) -> Result<Caps> {
    let by_name: Vec<String> =
        list.into_iter().flatten().filter(|word| !word.eq_ignore_ascii_case("all")).cloned().collect();
    caps(Some(&by_name), "CapAdd")
}

/// Checks limits (`verifyPlatformContainerResources`) and returns warnings. `is_update`: they change ones that are there.
pub(super) fn check_resources(of: &mut Resources, is_update: bool) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    if of.memory != 0 && of.memory < MIN_MEMORY {
        return bad("Minimum memory limit allowed is 6MB");
    }
    if of.memory > 0 && of.memory_swap > 0 && of.memory_swap < of.memory {
        return bad("Minimum memoryswap limit should be larger than memory limit, see usage");
    }
    if of.memory == 0 && of.memory_swap > 0 && !is_update {
        return bad("You should always set the Memory limit when using Memoryswap limit, see usage");
    }
    if of.memory_reservation > 0 && of.memory_reservation < MIN_MEMORY {
        return bad("Minimum memory reservation allowed is 6MB");
    }
    if of.memory > 0 && of.memory_reservation > 0 && of.memory < of.memory_reservation {
        return bad("Minimum memory limit can not be less than memory reservation limit, see usage");
    }
    if of.kernel_memory > 0 {
        warnings.push(
            "Specifying a kernel memory limit is deprecated and will be removed in a future release."
                .to_owned(),
        );
        if of.kernel_memory < MIN_MEMORY {
            return bad("Minimum kernel memory limit allowed is 6MB");
        }
    }
    if of.oom_kill_disable && of.memory == 0 {
        warnings.push(
            "OOM killer is disabled for the container, but no memory limit is set, this can result in the system \
             running out of resources."
                .to_owned(),
        );
    }
    check_cpus(of)?;
    // The lab's machine is one without weights for block devices.
    if of.blkio_weight > 0 {
        warnings.push(
            "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded."
                .to_owned(),
        );
        of.blkio_weight = 0;
    }
    if !of.blkio_weight_device.is_empty() {
        warnings.push(
            "Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded."
                .to_owned(),
        );
        of.blkio_weight_device.clear();
    }
    Ok(warnings)
}

fn check_cpus(of: &Resources) -> Result<()> {
    for (is_set, name) in [(of.cpu_period > 0, "Period"), (of.cpu_quota > 0, "Quota")] {
        if of.nano_cpus > 0 && is_set {
            return bad(format!("Conflicting options: Nano CPUs and CPU {name} cannot both be set"));
        }
    }
    if of.nano_cpus < 0 || of.nano_cpus > CPUS * 1_000_000_000 {
        return bad(format!(
            "Range of CPUs is from 0.01 to {CPUS}.00, as there are only {CPUS} CPUs available"
        ));
    }
    if of.cpu_period != 0 && !(1000..=1_000_000).contains(&of.cpu_period) {
        return bad("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
    }
    if of.cpu_quota > 0 && of.cpu_quota < 1000 {
        return bad("CPU cfs quota can not be less than 1ms (i.e. 1000)");
    }
    for (set, name, what, last) in
        [(&of.cpuset_cpus, "cpus", "CPUs", CPUS - 1), (&of.cpuset_mems, "mems", "memory nodes", 0)]
    {
        let Some(largest) = largest_of(set) else {
            return bad(format!("Invalid value {set} for cpuset {name}: invalid format: {set}"));
        };
        if largest > last {
            let there = if last == 0 { "0".to_owned() } else { format!("0-{last}") };
            return bad(format!("Requested {what} are not available - requested {set}, available: {there}"));
        }
    }
    Ok(())
}

/// The largest number of `0-2,5`; `None` where it cannot be read.
fn largest_of(set: &str) -> Option<i64> {
    let mut largest = 0;
    for part in set.split(',').filter(|_| !set.is_empty()) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to): (i64, i64) = (from.parse().ok()?, to.parse().ok()?);
        if from > to || from < 0 {
            return None;
        }
        largest = largest.max(to);
    }
    Some(largest)
}

/// The words of `--security-opt` (`parseSecurityOpt`).
pub(super) fn check_security(host: &HostConfig) -> Result<()> {
    if !host.storage_opt.is_empty() {
        return Err(Error::Failed(
            "--storage-opt is supported only for overlay over xfs with 'pquota' mount option".to_owned(),
        ));
    }
    for option in host.security_opt.iter().flatten() {
        let (key, value) = option.split_once('=').or_else(|| option.split_once(':')).unwrap_or((option, ""));
        let good = match key {
            "label" | "apparmor" | "seccomp" => option.len() > key.len(),
            "no-new-privileges" => {
                option == key || matches!(value, "true" | "false" | "1" | "0" | "t" | "f" | "T" | "F")
            }
            _ => false,
        };
        if !good {
            return bad(format!("invalid --security-opt 2: {option:?}"));
        }
    }
    Ok(())
}

/// The options that the log drivers `json-file` and `local` know.
const LOG_OPTIONS: [&str; 11] = [
    "max-file",
    "max-size",
    "compress",
    "labels",
    "labels-regex",
    "env",
    "env-regex",
    "tag",
    "mode",
    "max-buffer-size",
    "cache-disabled",
];
/// Docker's log drivers.
const LOG_DRIVERS: [&str; 11] = [
    "awslogs",
    "fluentd",
    "gcplogs",
    "gelf",
    "journald",
    "json-file",
    "local",
    "logentries",
    "none",
    "splunk",
    "syslog",
];

/// Whether the log driver `json-file` does not know this option.
pub(super) fn unknown_log_option(key: &str) -> bool {
    !LOG_OPTIONS.contains(&key)
}

/// Checks a log driver and its options (`mergeAndVerifyLogConfig`).
pub(super) fn check_log(host: &HostConfig) -> Result<()> {
    let driver = host.log_config.kind.as_str();
    if !LOG_DRIVERS.contains(&driver) {
        return bad(format!("error looking up logging plugin {driver}: plugin \"{driver}\" not found"));
    }
    let options = &host.log_config.config;
    match options.get("mode").map_or("", String::as_str) {
        "" | "blocking" | "non-blocking" => {}
        other => return bad(format!("logger: logging mode not supported: {other}")),
    }
    if matches!(driver, "json-file" | "local")
        && let Some(key) = options.keys().find(|key| unknown_log_option(key))
    {
        return bad(format!("unknown log opt '{key}' for {driver} log driver"));
    }
    Ok(())
}

impl Engine<'_> {
    /// Checks how a container is to meet its host (`verifyContainerSettings`), and returns warnings.
    pub(super) fn check_host(&mut self, host: &mut HostConfig) -> Result<Vec<String>> {
        for spec in host.mounts.clone() {
            self.check_mount(&spec, false)?;
        }
        check_restart(&host.restart_policy.name, host.restart_policy.maximum_retry_count)?;
        capabilities(host)?;
        caps(host.cap_add.as_ref(), "CapAdd")?;
        caps(host.cap_drop.as_ref(), "CapDrop")?;
        if !matches!(host.isolation.as_str(), "" | "default") {
            return bad(format!("Invalid isolation: {:?} - linux only supports 'default'", host.isolation));
        }
        let warnings = check_resources(&mut host.resources, false)?;
        if !(-1000..=1000).contains(&host.oom_score_adj) {
            return bad(format!(
                "Invalid value {}, range for oom score adj is [-1000, 1000]",
                host.oom_score_adj
            ));
        }
        if !matches!(
            host.runtime.as_str(),
            "runc" | "io.containerd.runc.v2" | "io.containerd.runtime.v1.linux"
        ) {
            return bad(format!("Unknown runtime specified {}", host.runtime));
        }
        super::mounts::check_tmpfs(host)?;
        Ok(warnings)
    }

    /// Checks a container's settings. The daemon does so before it looks for the image (recorded at Docker 20.10.24).
    ///
    /// # Errors
    /// A setting that the daemon refuses.
    pub fn check_settings(&mut self, config: &ContainerConfig, host: &HostConfig) -> Result<()> {
        let (mut config, mut host) = (config.clone(), host.clone());
        check_config(&mut config)?;
        self.check_host(&mut host)?;
        self.adapt_host(&mut host)
    }

    /// Fills in what the daemon fills in (`adaptContainerSettings`).
    pub(super) fn adapt_host(&mut self, host: &mut HostConfig) -> Result<()> {
        let limits = &mut host.resources;
        if limits.memory > 0 && limits.memory_swap == 0 {
            limits.memory_swap = limits.memory.saturating_mul(2);
        }
        if host.shm_size == 0 {
            host.shm_size = super::DEFAULT_SHM_SIZE;
        }
        for mode in [&mut host.pid_mode, &mut host.ipc_mode] {
            if let Some(name) = mode.strip_prefix("container:").filter(|name| !name.is_empty()) {
                let id = self.find_container(name)?.id;
                *mode = format!("container:{id}");
            }
        }
        if host.ipc_mode.is_empty() {
            "private".clone_into(&mut host.ipc_mode);
        }
        if host.privileged {
            host.masked_paths = None;
            host.readonly_paths = None;
        }
        let says_label = |option: &String| option.starts_with("label");
        let options = host.security_opt.get_or_insert_default();
        if !options.iter().any(says_label)
            && (host.privileged || host.ipc_mode == "host" || host.pid_mode == "host")
        {
            options.push("label=disable".to_owned());
        }
        if options.is_empty() {
            host.security_opt = None;
        }
        Ok(())
    }
}
