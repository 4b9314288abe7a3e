//! `docker create`, and what it shares with `docker run`: flags to a container's configuration
//! (`cli/command/container/opts.go`).

use super::super::options::{self, Detached};
use super::super::{Call, Failure};
use super::network_flags;
use crate::engine::networks::HOST;
use crate::engine::{Cause, Container, CreateSpec, Error, HostConfig, NetworkSettings, StoredImage};
use crate::kernel::{ByteString, Timespec};
use crate::oci::config::ContainerConfig;
use crate::oci::{Reference, ReferenceError};
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let container = create(call, "create", Detached::No)?;
    let id = container.id;
    call.line(&id);
    Ok(Flow::OK)
}

/// What the client says of a line that it cannot read: its own name first, a full stop, and where help is.
fn report(verb: &str, text: &str) -> Failure {
    let text = text.strip_suffix('.').unwrap_or(text);
    Failure::with_status(format!("docker: {text}.\nSee 'docker {verb} --help'."), 125)
}

/// What the client says when the daemon refuses: `docker run` in its own way, with a status that tells why
/// (`runStartContainerErr`), `docker create` plainly.
fn refused(verb: &str, why: impl Into<Failure>) -> Failure {
    let Failure { text, cause, .. } = why.into();
    if verb == "create" {
        return Failure::new(text);
    }
    Failure { status: cause.status(), ..report(verb, &text) }
}

/// Makes the container that the line asks for, pulling its image if need be.
pub(super) fn create(call: &mut Call<'_, '_>, verb: &str, detached: Detached) -> Result<Container, Failure> {
    let image_name = call.arg(0);
    let told = |text: String| report(verb, &text);
    let platform = call.flags.text("platform").unwrap_or_default();
    let mut config = options::config(call, detached).map_err(told)?;
    let mut host = options::host(call).map_err(told)?;
    let (exposed, published) = network_flags::ports(&call.flags).map_err(told)?;
    config.exposed_ports = (!exposed.0.is_empty()).then_some(exposed);
    config.mac_address = network_flags::mac_address(&call.flags).map_err(told)?;
    host.port_bindings = published;
    let networks = network_flags::networks(&call.flags, &mut host).map_err(told)?;
    if network_flags::passed_over(&call.flags) {
        call.complain(
            "Layerlab: Docker passes over --ip and --network-alias where no network is named; --network takes one",
        );
    }
    let cidfile = CidFile::open(call, verb)?;
    let made = make(call, verb, (&image_name, &platform), (config, host, networks));
    match (cidfile, &made) {
        (Some(file), Ok(container)) => file.write(call, verb, &container.id)?,
        // A file that holds no id does not stay.
        (Some(file), Err(_)) => file.remove(call),
        (None, _) => {}
    }
    made
}

/// Finds or pulls the image and makes the container.
fn make(
    call: &mut Call<'_, '_>,
    verb: &str,
    (image_name, platform): (&str, &str),
    (config, host, networks): (ContainerConfig, HostConfig, NetworkSettings),
) -> Result<Container, Failure> {
    let fits = fits_platform(platform).map_err(|why| refused(verb, Failure::new(why)))?;
    if let Err(error @ (ReferenceError::Format | ReferenceError::Uppercase)) = Reference::parse(image_name) {
        return Err(refused(verb, Failure::new(error.to_string())));
    }
    let policy = call.flags.text("pull").unwrap_or_else(|| "missing".to_owned());
    if policy == "always" {
        super::pull::for_run(call, image_name).map_err(|failure| refused(verb, failure))?;
    }
    let checked = call.engine()?.check_settings(&config, &host);
    checked.map_err(|error| refused(verb, error))?;
    let image = find_or_pull(call, verb, image_name, &policy, fits)?;
    let name = call.flags.text("name").filter(|name| !name.is_empty());
    if host.resources.oom_kill_disable && host.resources.memory == 0 {
        call.complain(
            "WARNING: Disabling the OOM killer on containers without setting a '-m/--memory' limit may be dangerous.",
        );
    }
    if !host.mounts.is_empty() && !host.volume_driver.is_empty() {
        let now = crate::oci::time::format(Timespec::seconds(call.engine()?.now().sec));
        call.complain(&format!(
            "time=\"{now}\" level=warning msg=\"`--volume-driver` is ignored for volumes specified via `--mount`. Use \
             `--mount type=volume,volume-driver=...` instead.\""
        ));
    }
    let discards = host.network_mode == HOST && !host.port_bindings.is_empty();
    let spec = CreateSpec { name, image, config, host, networks };
    let made = call.engine()?.create(spec);
    let (container, warnings) = made.map_err(|error| refused(verb, error))?;
    for warning in warnings {
        call.complain(&format!("WARNING: {warning}"));
    }
    if discards {
        call.complain("WARNING: Published ports are discarded when using host network mode");
    }
    Ok(container)
}

/// Whether images of the lab, which are all linux/amd64, fit `--platform`.
fn fits_platform(platform: &str) -> Result<bool, String> {
    const SYSTEMS: [&str; 3] = ["linux", "windows", "darwin"];
    const MACHINES: [&str; 8] = ["amd64", "x86_64", "arm64", "aarch64", "arm", "386", "ppc64le", "s390x"];
    let parts: Vec<&str> = platform.split('/').collect();
    let why = match parts.as_slice() {
        [""] => return Ok(true),
        [one] if SYSTEMS.contains(one) => return Ok(*one == "linux"),
        [one] if MACHINES.contains(one) => return Ok(matches!(*one, "amd64" | "x86_64")),
        [_] => "unknown operating system or architecture",
        [system, machine] | [system, machine, _] => {
            return Ok(*system == "linux" && matches!(*machine, "amd64" | "x86_64"));
        }
        _ => "cannot parse platform specifier",
    };
    Err(format!("error parsing specified platform: {platform:?}: {why}: invalid argument"))
}

/// The file of `--cidfile`, which must be new.
struct CidFile(ByteString);

impl CidFile {
    fn open(call: &mut Call<'_, '_>, verb: &str) -> Result<Option<Self>, Failure> {
        let Some(path) = call.flags.bytes("cidfile").filter(|path| !path.is_empty()).cloned() else {
            return Ok(None);
        };
        let task = call.process.task.clone();
        if crate::kernel::fs::exists(call.system.kernel, &task, &path) {
            let text = format!(
                "container ID file found, make sure the other container isn't running or delete {path}"
            );
            return Err(refused(verb, Failure::new(text)));
        }
        let made = crate::kernel::fs::write(call.system.kernel, &task, &path, b"", 0o644);
        made.map_err(|errno| {
            let why = crate::engine::go_text(errno);
            let text = format!("failed to create the container ID file: open {path}: {why}");
            refused(verb, Failure { cause: Cause::of(errno), ..Failure::new(text) })
        })?;
        Ok(Some(Self(path)))
    }

    fn remove(&self, call: &mut Call<'_, '_>) {
        let task = call.process.task.clone();
        // It was made a moment ago; where it cannot be taken away, it stays empty.
        let _ = call.system.kernel.unlink(&task, &self.0);
    }

    fn write(&self, call: &mut Call<'_, '_>, verb: &str, id: &str) -> Result<(), Failure> {
        let task = call.process.task.clone();
        let written = crate::kernel::fs::write(call.system.kernel, &task, &self.0, id.as_bytes(), 0o644);
        written.map_err(|errno| {
            report(
                verb,
                &format!("Failed to write the container ID to the file: {}", crate::engine::go_text(errno)),
            )
        })
    }
}

fn find_or_pull(
    call: &mut Call<'_, '_>,
    verb: &str,
    name: &str,
    policy: &str,
    fits: bool,
) -> Result<StoredImage, Failure> {
    match call.engine()?.find_image(name) {
        Ok(image) if fits => return Ok(image),
        Ok(_) => {}
        Err(Error::NotFound(_)) if policy != "never" => {}
        Err(error) => return Err(refused(verb, error)),
    }
    let familiar = Reference::parse(name).map_or_else(|_| name.to_owned(), |r| r.or_latest().familiar());
    call.complain(&format!("Unable to find image '{familiar}' locally"));
    if !fits {
        let text = format!("Error response from daemon: no matching manifest for the platform in {familiar}");
        return Err(refused(verb, Failure::new(text)));
    }
    super::pull::for_run(call, name).map_err(|failure| refused(verb, failure))?;
    call.engine()?.find_image(name).map_err(|error| refused(verb, error))
}
