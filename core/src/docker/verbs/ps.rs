//! `docker ps` (oracle: ps-*).

use super::super::json::Json;
use super::super::template::{Shape, Template};
use super::super::{Call, Failure, columns, units};
use super::filter::{self, Filters};
use super::format::{Listing, Style};
use super::images::created_at;
use crate::engine::{Container, Engine, HostConfig, MountPoint};
use crate::kernel::Timespec;
use crate::oci::{ImageName, time};
use crate::program::Flow;

const LISTING: Listing = Listing {
    go_type: "formatter.ContainerContext",
    headings: &[
        ("ID", "CONTAINER ID"),
        ("Names", "NAMES"),
        ("Image", "IMAGE"),
        ("Command", "COMMAND"),
        ("CreatedAt", "CREATED AT"),
        ("RunningFor", "CREATED"),
        ("Ports", "PORTS"),
        ("State", "STATE"),
        ("Status", "STATUS"),
        ("Size", "SIZE"),
        ("Labels", "LABELS"),
        ("Mounts", "MOUNTS"),
        ("LocalVolumes", "LOCAL VOLUMES"),
        ("Networks", "NETWORKS"),
    ],
    quiet: "{{.ID}}",
    table: "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}",
};
const WITH_SIZE: &str =
    "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}\t{{.Size}}";
const FILTERS: [&str; 16] = [
    "ancestor",
    "before",
    "exited",
    "id",
    "isolation",
    "label",
    "name",
    "status",
    "health",
    "since",
    "volume",
    "network",
    "is-task",
    "publish",
    "expose",
    "driver",
];

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let style = Style { format: call.flags.text("format"), quiet: call.flags.is_set("quiet") };
    let size = call.flags.is_set("size");
    if let Some(format) = &style.format {
        probe(format)?;
    }
    let filters = Filters::of(call, &FILTERS)?;
    if let Some(bad) = filters.values("status").find(|status| {
        !["created", "running", "paused", "restarting", "removing", "exited", "dead"].contains(status)
    }) {
        return Err(Failure::new(format!(
            "Error response from daemon: Unrecognised filter value for status: {bad}"
        )));
    }
    let latest = call.flags.is_set("latest");
    let last = if latest { 1 } else { call.flags.int("last").unwrap_or(-1) };
    let all = call.flags.is_set("all") || last > 0 || filters.has("status") || filters.has("exited");
    let no_trunc = call.flags.is_set("no-trunc");
    let wants_size =
        size || style.format.as_deref().is_some_and(|f| f.contains(".Size") || f.contains("json ."));
    let mut engine = call.engine()?;
    let now = engine.now();
    let list = engine.containers()?;
    let mut rows = Vec::new();
    for container in &list {
        if last > 0 && rows.len() as i64 >= last {
            break;
        }
        if (all || container.state.running) && fits(&mut engine, container, &list, &filters)? {
            rows.push(item(&mut engine, container, now, no_trunc, wants_size)?);
        }
    }
    let listing = if size { Listing { table: WITH_SIZE, ..LISTING } } else { LISTING };
    let text = listing.render(&style, &rows)?;
    call.print(text);
    Ok(Flow::OK)
}

/// The client tries the template before it asks the daemon.
fn probe(format: &str) -> Result<(), Failure> {
    let template =
        Template::parse(format).map_err(|why| Failure::new(format!("failed to parse template: {why}")))?;
    let empty = Json::object(LISTING.headings.iter().map(|(field, _)| (*field, Json::from(""))));
    let shape = Shape::Type(LISTING.go_type);
    template.run(&empty, shape).map_err(|why| Failure::new(format!("failed to execute template: {why}")))?;
    Ok(())
}

fn fits(
    engine: &mut Engine<'_>,
    container: &Container,
    list: &[Container],
    filters: &Filters,
) -> Result<bool, Failure> {
    let created = |name: &str| {
        list.iter()
            .find(|c| c.plain_name() == name || c.id.starts_with(name))
            .and_then(|c| time::parse(&c.created))
    };
    for (name, before) in [("before", true), ("since", false)] {
        if let Some(other) = filters.values(name).next() {
            let bound = created(other).ok_or_else(|| {
                Failure::new(format!("Error response from daemon: No such container: {other}"))
            })?;
            let own = time::parse(&container.created).unwrap_or_default();
            if (before && own >= bound) || (!before && own <= bound) {
                return Ok(false);
            }
        }
    }
    if filters.has("ancestor") {
        let mut related = false;
        for name in filters.values("ancestor") {
            related |= match engine.find_image(name) {
                Ok(image) => {
                    let mut at = engine.image(&container.image)?;
                    let mut above = false;
                    while let Some(current) = at {
                        above |= current.id == image.id;
                        at = match current.parent {
                            Some(parent) => engine.image(&parent)?,
                            None => None,
                        };
                    }
                    above
                }
                Err(_) => false,
            };
        }
        if !related {
            return Ok(false);
        }
    }
    Ok(filters.any("id", |id| container.id.starts_with(id))
        && filters.any("name", |name| name_fits(name, container.plain_name()))
        && filters.any("status", |status| container.state.status() == status)
        && filters
            .any("exited", |code| !container.state.running && container.state.exit_code.to_string() == code)
        && filters.any("volume", |place| {
            container.mount_points.values().any(|m| m.destination == place || m.name == place)
        })
        && filter::labels_fit(filters, container.config.labels.as_ref()))
}

/// Docker takes the value for a regular expression; `^`, `$` and plain text are understood here.
fn name_fits(pattern: &str, name: &str) -> bool {
    let pattern = pattern.strip_prefix('/').unwrap_or(pattern);
    let (start, rest) = match pattern.strip_prefix('^') {
        Some(rest) => (true, rest.strip_prefix('/').unwrap_or(rest)),
        None => (false, pattern),
    };
    match (start, rest.strip_suffix('$')) {
        (true, Some(text)) => name == text,
        (true, None) => name.starts_with(rest),
        (false, Some(text)) => name.ends_with(text),
        (false, None) => name.contains(rest),
    }
}

fn item(
    engine: &mut Engine<'_>,
    container: &Container,
    now: Timespec,
    no_trunc: bool,
    wants_size: bool,
) -> Result<Json, Failure> {
    let host = engine.host_config(&container.id)?;
    let created = time::parse(&container.created).unwrap_or_default();
    let size = if wants_size {
        let (own, root) = sizes(engine, container)?;
        format!("{} (virtual {})", units::size(own, 3), units::size(root, 3))
    } else {
        "0B".to_owned()
    };
    let command = command(container);
    let command = if no_trunc { command } else { columns::ellipsis(&command, 20) };
    let labels = container.config.labels.iter().flatten();
    let text: Vec<String> = labels.clone().map(|(k, v)| format!("{k}={v}")).collect();
    let mounts: Vec<String> = container.mount_points.values().map(|m| mount_name(m, no_trunc)).collect();
    let volumes = container.mount_points.values().filter(|m| m.kind == "volume").count();
    let network = if host.network_mode == "default" { "bridge" } else { host.network_mode.as_str() };
    let mut fields = vec![
        ("Command", columns::quote(&command).into()),
        ("CreatedAt", created_at(created).into()),
        ("ID", if no_trunc { container.id.as_str() } else { container.short_id() }.into()),
        ("Image", image_name(engine, container, no_trunc)?.into()),
        ("Labels", text.join(",").into()),
        ("LocalVolumes", volumes.to_string().into()),
        ("Mounts", mounts.join(",").into()),
        ("Names", container.plain_name().into()),
        ("Networks", network.into()),
        ("Ports", ports(container, &host).into()),
        ("RunningFor", format!("{} ago", units::duration(now.sec - created.sec, 0)).into()),
        ("Size", size.into()),
        ("State", container.state.status().into()),
        ("Status", status(container, now).into()),
    ];
    if !text.is_empty() {
        fields.push(("\u{0}labels", Json::object(labels.map(|(k, v)| (k.as_str(), v.as_str().into())))));
    }
    Ok(Json::object(fields))
}

/// The program and its arguments; those with a space stand in quotes.
pub(super) fn command(container: &Container) -> String {
    let mut words = vec![container.path.clone()];
    words.extend(
        container.args.iter().map(|arg| if arg.contains(' ') { format!("'{arg}'") } else { arg.clone() }),
    );
    words.join(" ")
}

/// The name that the container was made from, or its image's id where that name stands for another image now.
pub(super) fn image_name(
    engine: &mut Engine<'_>,
    container: &Container,
    no_trunc: bool,
) -> Result<String, Failure> {
    let name = &container.config.image;
    let still = match ImageName::parse(name) {
        Ok(ImageName::Name(reference)) => match engine.reference(&reference)? {
            Some(id) => id == container.image,
            None => engine.find_image(name).is_ok_and(|image| image.id == container.image),
        },
        Ok(ImageName::Id(_)) => engine.image(&container.image)?.is_some(),
        Err(_) => false,
    };
    if still && !name.starts_with("sha256:") {
        return Ok(name.clone());
    }
    Ok(if no_trunc { container.image.to_string() } else { container.image.short() })
}

/// `Up 5 minutes`, `Exited (0) 2 seconds ago`.
pub(super) fn status(container: &Container, now: Timespec) -> String {
    let state = &container.state;
    let ago = |text: &str| {
        let then = time::parse(text).unwrap_or_default();
        units::duration(now.sec - then.sec, i64::from(now.nsec) - i64::from(then.nsec))
    };
    match state.status() {
        "paused" => format!("Up {} (Paused)", ago(&state.started_at)),
        "running" => format!("Up {}", ago(&state.started_at)),
        "created" => "Created".to_owned(),
        _ => format!("Exited ({}) {} ago", state.exit_code, ago(&state.finished_at)),
    }
}

/// Bytes of the writable layer, and of everything the container sees.
pub(super) fn sizes(engine: &mut Engine<'_>, container: &Container) -> Result<(u64, u64), Failure> {
    let own = engine.container_size(&container.id)?;
    let image = match engine.image(&container.image)? {
        Some(image) => engine.image_size(&image)?,
        None => 0,
    };
    Ok((own, own + image))
}

fn mount_name(mount: &MountPoint, no_trunc: bool) -> String {
    let name = if mount.name.is_empty() { &mount.source } else { &mount.name };
    if no_trunc { name.clone() } else { columns::ellipsis(name, 15) }
}

/// `0.0.0.0:8080->80/tcp`, for published and exposed ports of a container that is up.
pub(super) fn ports(container: &Container, host: &HostConfig) -> String {
    if !container.state.running || host.network_mode == "none" || host.network_mode == "host" {
        return String::new();
    }
    let mut list = Vec::new();
    for (port, bindings) in &host.port_bindings {
        for binding in bindings {
            if binding.host_ip.is_empty() {
                list.push(format!("0.0.0.0:{}->{port}", binding.host_port));
                list.push(format!(":::{}->{port}", binding.host_port));
            } else {
                list.push(format!("{}:{}->{port}", binding.host_ip, binding.host_port));
            }
        }
    }
    let exposed = container.config.exposed_ports.iter().flat_map(|set| &set.0);
    list.extend(exposed.filter(|port| !host.port_bindings.contains_key(*port)).cloned());
    list.join(", ")
}
