//! The flags of `docker create` and `docker run` as a container's settings (docker/cli 20.10's
//! `cli/command/container/opts.go`).

pub(in crate::docker) mod files;
mod security;

use std::collections::BTreeMap;

use super::Call;
use super::flags::Flags;
use super::goparse::parse_size;
use super::{mount_value as mount, option_values as values};
use crate::engine::{HostConfig, LogConfig, Resources, RestartPolicy};
use crate::oci::config::{ContainerConfig, Healthcheck, NameSet};

/// Whether the client stays with the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::docker) enum Detached {
    /// `-d`.
    Yes,
    /// It attaches, or will when the container is started.
    No,
}

/// What is typed of the container itself; ports are the networks' matter.
///
/// # Errors
/// The client's words.
pub(in crate::docker) fn config(
    call: &mut Call<'_, '_>,
    detached: Detached,
) -> Result<ContainerConfig, String> {
    let args = call.args();
    let mut labels = Vec::new();
    for file in call.flags.list("label-file") {
        labels.extend(files::pairs(call, &file, false)?);
    }
    labels.extend(call.flags.list("label"));
    let mut env = Vec::new();
    for file in call.flags.list("env-file") {
        env.extend(files::pairs(call, &file, true)?);
    }
    for line in call.flags.list("env") {
        match call.process.env.get(line.as_bytes()).filter(|_| !line.contains('=')) {
            Some(value) => env.push(format!("{line}={value}")),
            None => env.push(line),
        }
    }
    let flags = &call.flags;
    let streams: Vec<String> = flags.list("attach").iter().map(|stream| stream.to_lowercase()).collect();
    let is_in = |stream: &str| streams.iter().any(|one| one == stream);
    let open_stdin = flags.is_set("interactive");
    let attached = detached == Detached::No;
    let attach_stdin = attached && (open_stdin || is_in("stdin"));
    let volumes: NameSet =
        NameSet(flags.list("volume").into_iter().filter(|words| !is_bind(words)).collect());
    let cmd: Vec<String> = args[1..].to_vec();
    let labels: BTreeMap<String, String> = labels.iter().map(|label| pair(label)).collect();
    Ok(ContainerConfig {
        hostname: flags.text("hostname").unwrap_or_default(),
        domainname: flags.text("domainname").unwrap_or_default(),
        user: flags.text("user").unwrap_or_default(),
        attach_stdin,
        attach_stdout: attached && (streams.is_empty() || is_in("stdout")),
        attach_stderr: attached && (streams.is_empty() || is_in("stderr")),
        tty: flags.is_set("tty"),
        open_stdin,
        stdin_once: open_stdin && attach_stdin,
        env: (!env.is_empty()).then_some(env),
        cmd: (!cmd.is_empty()).then_some(cmd),
        healthcheck: healthcheck(flags)?,
        image: args[0].clone(),
        volumes: (!volumes.0.is_empty()).then_some(volumes),
        working_dir: flags.text("workdir").unwrap_or_default(),
        entrypoint: flags.text("entrypoint").map(|program| vec![program]),
        labels: Some(labels),
        stop_signal: flags.text("stop-signal").unwrap_or_default(),
        stop_timeout: flags.int("stop-timeout"),
        ..ContainerConfig::default()
    })
}

/// What is typed of how the container meets its host; networks and ports are put in by their own code.
///
/// # Errors
/// The client's words.
pub(in crate::docker) fn host(call: &mut Call<'_, '_>) -> Result<HostConfig, String> {
    let flags = &call.flags;
    let list = |name: &str| Some(flags.list(name)).filter(|list| !list.is_empty());
    let text = |name: &str| flags.text(name).unwrap_or_default();
    for (flag, mode, good) in [
        ("pid", text("pid"), &["", "host"][..]),
        ("uts", text("uts"), &["", "host"]),
        ("userns", text("userns"), &["", "host"]),
        ("cgroupns", text("cgroupns"), &["", "host", "private"]),
    ] {
        let names_container =
            flag == "pid" && mode.strip_prefix("container:").is_some_and(|id| !id.is_empty());
        if !good.contains(&mode.as_str()) && !names_container {
            let kind = match flag {
                "pid" => "PID",
                "uts" => "UTS",
                "userns" => "USER",
                _ => "CGROUP",
            };
            return Err(format!("--{flag}: invalid {kind} mode"));
        }
    }
    let policy = restart_policy(&flags.text("restart").unwrap_or_else(|| "no".to_owned()))?;
    let log_config = log_config(flags)?;
    let mut storage_opt = BTreeMap::new();
    for option in flags.list("storage-opt") {
        let (key, value) = option.split_once('=').ok_or("invalid storage option")?;
        storage_opt.insert(key.to_owned(), value.to_owned());
    }
    let auto_remove = flags.is_set("rm");
    if auto_remove && !policy.is_none() {
        return Err("Conflicting options: --restart and --rm".to_owned());
    }
    let mut ulimits: BTreeMap<String, _> = BTreeMap::new();
    for limit in flags.list("ulimit") {
        let limit = values::ulimit(&limit)?;
        ulimits.insert(limit.name.clone(), limit);
    }
    let defaults = HostConfig::default();
    let mut resources = resources(flags)?;
    resources.ulimits = (!ulimits.is_empty()).then(|| ulimits.into_values().collect());
    let or = |given: String, default: &str| if given.is_empty() { default.to_owned() } else { given };
    let tmpfs = flags.list("tmpfs").into_iter().map(|words| {
        let (place, options) = words.split_once(':').unwrap_or((&words, ""));
        (place.to_owned(), options.to_owned())
    });
    let mut host = HostConfig {
        binds: Some(binds(flags)).filter(|binds| !binds.is_empty()),
        container_id_file: text("cidfile"),
        log_config,
        restart_policy: policy,
        auto_remove,
        volume_driver: text("volume-driver"),
        volumes_from: list("volumes-from"),
        cap_add: list("cap-add"),
        cap_drop: list("cap-drop"),
        cgroupns_mode: or(text("cgroupns"), "host"),
        group_add: list("group-add"),
        ipc_mode: or(text("ipc"), "private"),
        oom_score_adj: flags.int("oom-score-adj").unwrap_or_default(),
        pid_mode: text("pid"),
        privileged: flags.is_set("privileged"),
        readonly_rootfs: flags.is_set("read-only"),
        security_opt: list("security-opt"),
        storage_opt,
        tmpfs: tmpfs.collect(),
        uts_mode: text("uts"),
        userns_mode: text("userns"),
        shm_size: flags.text("shm-size").and_then(|size| parse_size(&size)).unwrap_or_default(),
        sysctls: flags.list("sysctl").iter().map(|words| pair(words)).collect(),
        runtime: or(text("runtime"), &defaults.runtime),
        isolation: text("isolation"),
        resources,
        mounts: flags.list("mount").iter().map(|words| mount::parse(words)).collect::<Result<_, _>>()?,
        init: flags.has("init").then(|| flags.is_set("init")),
        ..defaults
    };
    security::options(call, &mut host)?;
    Ok(host)
}

/// Limits: what `docker update` has too.
///
/// # Errors
/// The client's words.
pub(in crate::docker) fn resources(flags: &Flags) -> Result<Resources, String> {
    let size = |name: &str| {
        flags
            .text(name)
            .map_or(0, |text| if text == "-1" { -1 } else { parse_size(&text).unwrap_or_default() })
    };
    let int = |name: &str| flags.int(name).unwrap_or_default();
    let text = |name: &str| flags.text(name).unwrap_or_default();
    let swappiness = flags.int("memory-swappiness").unwrap_or(-1);
    if swappiness != -1 && !(0..=100).contains(&swappiness) {
        return Err(format!("invalid value: {swappiness}. Valid memory swappiness range is 0-100"));
    }
    let throttles = |name: &str, is_bytes: bool| {
        let list: Result<Vec<_>, String> =
            flags.list(name).iter().map(|words| values::throttle(words, is_bytes)).collect();
        list.map(|list| Some(list).filter(|list| !list.is_empty()))
    };
    let devices =
        flags.list("device").iter().map(|words| values::device_mapping(words)).collect::<Result<_, _>>()?;
    let weights = flags.list("blkio-weight-device");
    let rules = flags.list("device-cgroup-rule");
    Ok(Resources {
        cpu_shares: int("cpu-shares"),
        memory: size("memory"),
        nano_cpus: flags.text("cpus").map_or(Ok(0), |text| values::nano_cpus(&text))?,
        cgroup_parent: text("cgroup-parent"),
        blkio_weight: u16::try_from(int("blkio-weight")).unwrap_or_default(),
        blkio_weight_device: weights
            .iter()
            .map(|words| values::weight_device(words))
            .collect::<Result<_, _>>()?,
        blkio_device_read_bps: throttles("device-read-bps", true)?,
        blkio_device_write_bps: throttles("device-write-bps", true)?,
        blkio_device_read_iops: throttles("device-read-iops", false)?,
        blkio_device_write_iops: throttles("device-write-iops", false)?,
        cpu_period: int("cpu-period"),
        cpu_quota: int("cpu-quota"),
        cpu_realtime_period: int("cpu-rt-period"),
        cpu_realtime_runtime: int("cpu-rt-runtime"),
        cpuset_cpus: text("cpuset-cpus"),
        cpuset_mems: text("cpuset-mems"),
        devices,
        device_cgroup_rules: (!rules.is_empty()).then_some(rules),
        kernel_memory: size("kernel-memory"),
        memory_reservation: size("memory-reservation"),
        memory_swap: size("memory-swap"),
        memory_swappiness: (swappiness != -1).then_some(swappiness),
        oom_kill_disable: flags.is_set("oom-kill-disable"),
        pids_limit: flags.int("pids-limit").filter(|limit| *limit > 0),
        ..Resources::default()
    })
}

/// `--restart NAME[:COUNT]` (`opts.ParseRestartPolicy`).
///
/// # Errors
/// The client's words.
pub(in crate::docker) fn restart_policy(text: &str) -> Result<RestartPolicy, String> {
    let (name, count) = match text.split(':').collect::<Vec<_>>().as_slice() {
        [name] => (*name, 0),
        [name, count] => {
            (*name, count.parse().map_err(|_| "maximum retry count must be an integer".to_owned())?)
        }
        _ => return Err("invalid restart policy format".to_owned()),
    };
    Ok(RestartPolicy { name: name.to_owned(), maximum_retry_count: count })
}

fn log_config(flags: &Flags) -> Result<LogConfig, String> {
    let kind = flags.text("log-driver").unwrap_or_default();
    let config: BTreeMap<String, String> = flags.list("log-opt").iter().map(|words| pair(words)).collect();
    if kind == "none" && !config.is_empty() {
        return Err(format!("invalid logging opts for driver {kind}"));
    }
    Ok(LogConfig { kind: if kind.is_empty() { LogConfig::default().kind } else { kind }, config })
}

fn healthcheck(flags: &Flags) -> Result<Option<Healthcheck>, String> {
    let time = |name: &str| flags.text(name).map_or(Ok(0), |text| values::duration(&text));
    let command = flags.text("health-cmd").filter(|command| !command.is_empty());
    let check = Healthcheck {
        test: command.map(|command| vec!["CMD-SHELL".to_owned(), command]),
        interval: time("health-interval")?,
        timeout: time("health-timeout")?,
        start_period: time("health-start-period")?,
        retries: flags.int("health-retries").unwrap_or_default(),
    };
    let is_there = check != Healthcheck::default();
    if flags.is_set("no-healthcheck") {
        if is_there {
            return Err("--no-healthcheck conflicts with --health-* options".to_owned());
        }
        return Ok(Some(Healthcheck { test: Some(vec!["NONE".to_owned()]), ..Healthcheck::default() }));
    }
    for (name, value) in [
        ("interval", check.interval),
        ("timeout", check.timeout),
        ("retries", check.retries),
        ("start-period", check.start_period),
    ] {
        if value < 0 {
            return Err(format!("--health-{name} cannot be negative"));
        }
    }
    Ok(is_there.then_some(check))
}

/// The words of `-v` that name a source; each is taken once, as Docker keeps them in a set.
fn binds(flags: &Flags) -> Vec<String> {
    let mut binds: Vec<String> = Vec::new();
    for words in flags.list("volume") {
        if is_bind(&words) && !binds.contains(&words) {
            binds.push(words);
        }
    }
    binds
}

/// Whether the words of `-v` name a source (`loader.ParseVolume`): one letter before a colon is a drive of Windows there.
fn is_bind(words: &str) -> bool {
    if words.chars().count() <= 2 {
        return false;
    }
    let drive = words.as_bytes()[0].is_ascii_alphabetic() && words.as_bytes()[1] == b':';
    let rest = if drive { &words[2..] } else { words };
    match rest.find(':') {
        None => false,
        Some(at) => at > 0 || drive,
    }
}

/// `key=value`; without `=` the value is empty.
fn pair(text: &str) -> (String, String) {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    (key.to_owned(), value.to_owned())
}
