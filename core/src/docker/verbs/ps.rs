//! `docker ps` (oracle: ps-*).

use super::super::json::Json;
use super::super::template::{Shape, Template};
use super::super::{Call, Failure, columns, units};
use super::filter::Filters;
use super::format::{self, Item, Listing, Style};
use super::images::created_at;
use super::select::select;
use crate::engine::{Container, Engine, MountPoint};
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
    raw: "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\n\
          state: {{- pad .State 1 0}}\nstatus: {{- pad .Status 1 0}}\nnames: {{.Names}}\nlabels: {{- pad .Labels 1 0}}\n\
          ports: {{- pad .Ports 1 0}}\n",
    raw_quiet: "container_id: {{.ID}}",
};
const WITH_SIZE: &str =
    "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}\t{{.Size}}";
const FILTERS: [&str; 15] = [
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
];

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let style = Style::of(call, "psFormat");
    let size = call.flags.is_set("size");
    if let Some(format) = style.format.as_deref().filter(|format| *format != "raw") {
        probe(format)?;
    }
    let filters = Filters::of(call, &FILTERS)?;
    let latest = call.flags.is_set("latest");
    let last = if latest { 1 } else { call.flags.int("last").unwrap_or(-1) };
    let all = call.flags.is_set("all") || last > 0 || filters.has("status");
    let no_trunc = call.flags.is_set("no-trunc");
    let wants_size =
        size || style.format.as_deref().is_some_and(|f| f.contains(".Size") || f.contains("json ."));
    let mut engine = call.engine()?;
    let now = engine.now();
    let chosen = select(&mut engine, &filters, all, last)?;
    let columns = Columns { no_trunc, wants_size };
    let mut rows = Vec::new();
    for container in &chosen {
        rows.push(item(&mut engine, container, now, columns)?);
    }
    let listing = if size { Listing { table: WITH_SIZE, ..LISTING } } else { LISTING };
    let text = listing.render(&style, rows)?;
    call.print(text);
    Ok(Flow::OK)
}

/// The client tries the template before it asks the daemon.
fn probe(format: &str) -> Result<(), Failure> {
    let template =
        Template::parse(format).map_err(|why| Failure::new(format!("failed to parse template: {why}")))?;
    let empty = Json::object(LISTING.headings.iter().map(|(field, _)| (*field, Json::from(""))));
    let shape = Shape::Type { name: LISTING.go_type, labels: &Json::Null };
    template.run(&empty, shape).map_err(|why| Failure::new(format!("failed to execute template: {why}")))?;
    Ok(())
}

/// What the columns show.
#[derive(Debug, Clone, Copy)]
struct Columns {
    /// `--no-trunc`.
    no_trunc: bool,
    /// Sizes are shown, and so must be counted.
    wants_size: bool,
}

fn item(
    engine: &mut Engine<'_>,
    container: &Container,
    now: Timespec,
    Columns { no_trunc, wants_size }: Columns,
) -> Result<Item, Failure> {
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
    let networks: Vec<&str> = container.network_settings.networks.keys().map(String::as_str).collect();
    let fields = [
        ("Command", columns::quote(&command).into()),
        ("CreatedAt", created_at(created).into()),
        ("ID", if no_trunc { container.id.as_str() } else { container.short_id() }.into()),
        ("Image", image_name(engine, container, no_trunc)?.into()),
        ("Labels", text.join(",").into()),
        ("LocalVolumes", volumes.to_string().into()),
        ("Mounts", mounts.join(",").into()),
        ("Names", container.plain_name().into()),
        ("Networks", networks.join(",").into()),
        ("Ports", super::port::shown(container).into()),
        ("RunningFor", format!("{} ago", units::duration(now.sec - created.sec, 0)).into()),
        ("Size", size.into()),
        ("State", container.state.status().into()),
        ("Status", status(container, now).into()),
    ];
    Ok(Item { fields: Json::object(fields), labels: format::labels(labels) })
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
        // The image's own id is shown as ids are (`ContainerContext.Image`).
        let is_id = !no_trunc && name.len() > 12 && name.get(..12) == Some(&container.image.short());
        return Ok(if is_id { container.image.short() } else { name.clone() });
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
        "restarting" => {
            format!("Restarting ({}) {} ago", state.exit_code, ago(&state.finished_at))
        }
        "running" => match state.health.as_ref().map(|health| &health.status[..]) {
            Some("starting") => format!("Up {} (health: starting)", ago(&state.started_at)),
            Some(health) => format!("Up {} ({health})", ago(&state.started_at)),
            None => format!("Up {}", ago(&state.started_at)),
        },
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
