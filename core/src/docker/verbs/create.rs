//! `docker create`, and what it shares with `docker run`: flags to a container's configuration
//! (`cli/command/container/opts.go`).

use std::collections::BTreeMap;

use super::super::flags::Flags;
use super::super::{Call, Failure};
use super::{network_flags, volumes};
use crate::engine::networks::HOST;
use crate::engine::{Container, CreateSpec, Error, HostConfig, Image, RestartPolicy};
use crate::oci::config::ContainerConfig;
use crate::oci::{Reference, ReferenceError};
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let container = create(call, "create", Attach::No)?;
    let id = container.id;
    call.line(&id);
    Ok(Flow::OK)
}

/// Whether the client stays with the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attach {
    Yes,
    No,
}

/// What the client says of a line that it cannot read: its own name first, a full stop, and where help is.
fn report(verb: &str, text: &str) -> Failure {
    let text = text.strip_suffix('.').unwrap_or(text);
    Failure::with_status(format!("docker: {text}.\nSee 'docker {verb} --help'."), 125)
}

/// What the client says when the daemon refuses: `docker run` in its own way, with a status that tells why
/// (`runStartContainerErr`), `docker create` plainly.
fn refused(verb: &str, text: &str) -> Failure {
    if verb == "create" {
        return Failure::new(text);
    }
    Failure { status: status_of(text), ..report(verb, text) }
}

/// Makes the container that the line asks for, pulling its image if need be.
pub(super) fn create(call: &mut Call<'_, '_>, verb: &str, attach: Attach) -> Result<Container, Failure> {
    let image_name = call.arg(0);
    let config = config(call, attach).map_err(|text| report(verb, &text))?;
    let mut host = host_config(&call.flags).map_err(|text| report(verb, &text))?;
    let networks = network_flags::networks(&call.flags, &mut host).map_err(|text| report(verb, &text))?;
    let daemon = |error: Error| refused(verb, &Failure::from(error).text);
    if let Err(error @ (ReferenceError::Format | ReferenceError::Uppercase)) = Reference::parse(&image_name) {
        return Err(refused(verb, &error.to_string()));
    }
    let policy = call.flags.text("pull").unwrap_or_else(|| "missing".to_owned());
    if policy == "always" {
        super::pull::for_run(call, &image_name).map_err(|failure| refused(verb, &failure.text))?;
    }
    let image = find_or_pull(call, verb, &image_name, &policy)?;
    let spec_volumes: Vec<String> = call.flags.list("volume");
    let mut engine = call.engine()?;
    let mounts = volumes::mounts(&mut engine, &spec_volumes, &image, &mut host)
        .map_err(|text| refused(verb, &text))?;
    let spec = CreateSpec {
        name: call.flags.text("name").filter(|name| !name.is_empty()),
        image,
        config,
        host,
        mounts,
        networks,
    };
    let discards = spec.host.network_mode == HOST && !spec.host.port_bindings.is_empty();
    let container = call.engine()?.create(spec).map_err(daemon)?;
    if discards {
        call.complain("WARNING: Published ports are discarded when using host network mode");
    }
    if let Some(file) = call.flags.bytes("cidfile").cloned() {
        let task = call.process.task.clone();
        let written =
            crate::kernel::fs::write(call.system.kernel, &task, &file, container.id.as_bytes(), 0o644);
        written.map_err(|errno| {
            report(
                verb,
                &format!("Failed to write the container ID to the file: {}", crate::engine::go_text(errno)),
            )
        })?;
    }
    Ok(container)
}

fn find_or_pull(call: &mut Call<'_, '_>, verb: &str, name: &str, policy: &str) -> Result<Image, Failure> {
    match call.engine()?.find_image(name) {
        Ok(image) => return Ok(image),
        Err(Error::NotFound(text)) if policy == "never" => {
            return Err(refused(verb, &format!("Error response from daemon: {text}")));
        }
        Err(Error::NotFound(_)) => {}
        Err(error) => return Err(refused(verb, &Failure::from(error).text)),
    }
    let familiar = Reference::parse(name).map_or_else(|_| name.to_owned(), |r| r.or_latest().familiar());
    call.complain(&format!("Unable to find image '{familiar}' locally"));
    super::pull::for_run(call, name).map_err(|failure| refused(verb, &failure.text))?;
    call.engine()?.find_image(name).map_err(|error| refused(verb, &Failure::from(error).text))
}

fn config(call: &mut Call<'_, '_>, attach: Attach) -> Result<ContainerConfig, String> {
    let flags = &call.flags;
    let detach = flags.is_set("detach") || attach == Attach::No;
    let open_stdin = flags.is_set("interactive");
    let args = call.args();
    let entrypoint = flags.text("entrypoint").map(|program| vec![program]);
    let (exposed, _) = network_flags::ports(flags)?;
    let mut labels = BTreeMap::new();
    for label in flags.list("label") {
        let (key, value) = label.split_once('=').unwrap_or((&label, ""));
        labels.insert(key.to_owned(), value.to_owned());
    }
    let mut env = Vec::new();
    for file in flags.list("env-file") {
        env.extend(env_file(call, &file)?);
    }
    for line in call.flags.list("env") {
        if line.starts_with('=') || line.is_empty() {
            return Err(format!("invalid environment variable: {line}"));
        }
        if line.contains('=') {
            env.push(line);
        } else if let Some(value) = call.process.env.get(line.as_bytes()) {
            env.push(format!("{line}={value}"));
        }
    }
    let flags = &call.flags;
    let cmd: Vec<String> = args[1..].to_vec();
    Ok(ContainerConfig {
        hostname: flags.text("hostname").unwrap_or_default(),
        domainname: flags.text("domainname").unwrap_or_default(),
        user: flags.text("user").unwrap_or_default(),
        attach_stdin: open_stdin && !detach,
        attach_stdout: !detach,
        attach_stderr: !detach,
        exposed_ports: (!exposed.0.is_empty()).then_some(exposed),
        tty: flags.is_set("tty"),
        open_stdin,
        stdin_once: open_stdin && !detach,
        env: (!env.is_empty()).then_some(env),
        cmd: (!cmd.is_empty()).then_some(cmd),
        image: args[0].clone(),
        working_dir: flags.text("workdir").unwrap_or_default(),
        entrypoint,
        labels: Some(labels),
        mac_address: network_flags::mac_address(flags)?,
        stop_signal: flags.text("stop-signal").unwrap_or_default(),
        ..ContainerConfig::default()
    })
}

/// `VAR=value` and `VAR` lines; `#` starts a comment (`opts.ParseEnvFile`).
fn env_file(call: &mut Call<'_, '_>, file: &str) -> Result<Vec<String>, String> {
    let task = call.process.task.clone();
    let text = crate::kernel::fs::read(call.system.kernel, &task, file.as_bytes())
        .map_err(|errno| format!("open {file}: {}", crate::engine::go_text(errno)))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let mut env = Vec::new();
    for line in text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let name = line.split('=').next().unwrap_or_default();
        if name.is_empty() {
            return Err(format!("poorly formatted environment: no variable name on line '{line}'"));
        }
        if name.contains(char::is_whitespace) {
            return Err(format!("poorly formatted environment: variable '{name}' contains whitespaces"));
        }
        if line.contains('=') {
            env.push(line.to_owned());
        } else if let Some(value) = call.process.env.get(name.as_bytes()) {
            env.push(format!("{name}={value}"));
        }
    }
    Ok(env)
}

fn host_config(flags: &Flags) -> Result<HostConfig, String> {
    let restart = flags.text("restart").unwrap_or_else(|| "no".to_owned());
    let (name, count) = restart.split_once(':').unwrap_or((&restart, ""));
    let auto_remove = flags.is_set("rm");
    if auto_remove && !matches!(name, "no" | "") {
        return Err("Conflicting options: --restart and --rm".to_owned());
    }
    let (_, port_bindings) = network_flags::ports(flags)?;
    Ok(HostConfig {
        binds: None,
        port_bindings,
        restart_policy: RestartPolicy {
            name: name.to_owned(),
            maximum_retry_count: count.parse().unwrap_or_default(),
        },
        auto_remove,
        privileged: flags.is_set("privileged"),
        readonly_rootfs: flags.is_set("read-only"),
        memory: flags
            .text("memory")
            .and_then(|text| super::super::flags::parse_size(&text))
            .unwrap_or_default(),
        ..HostConfig::default()
    })
}

/// The status of a container that could not be made or started, by the words of the reason (`runStartContainerErr`).
pub(super) fn status_of(text: &str) -> u8 {
    if text.contains("executable file not found") || text.contains("no such file or directory") {
        127
    } else if text.contains("permission denied") {
        126
    } else {
        125
    }
}
