//! Which containers `docker ps` lists (moby 20.10's `daemon/list.go`; recorded cases).

use super::super::Failure;
use super::filter::{self, Filters};
use super::network_flags::range;
use crate::engine::networks::Network;
use crate::engine::{Container, Engine, Error};
use crate::oci::Digest;

const STATES: [&str; 7] = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];
const HEALTH: [&str; 4] = ["none", "starting", "healthy", "unhealthy"];

/// What was made of the filters before the first container is looked at.
struct Plan<'f> {
    filters: &'f Filters,
    /// Codes of `exited`.
    exited: Vec<i64>,
    /// Images of `ancestor`; `None` where the filter is not there.
    images: Option<Vec<Digest>>,
    /// Ports of `publish` and `expose`.
    publish: Option<Vec<Ports>>,
    expose: Option<Vec<Ports>>,
    networks: Vec<Network>,
}

/// A range of ports of one protocol.
struct Ports {
    first: u16,
    last: u16,
    protocol: String,
}

/// The containers that the filters leave, the newest first. `last` is how many at most, if it is above 0.
pub(super) fn select(
    engine: &mut Engine<'_>,
    filters: &Filters,
    all: bool,
    last: i64,
) -> Result<Vec<Container>, Failure> {
    let plan = plan(engine, filters)?;
    let list = engine.containers()?;
    let bound = |name: &str| -> Result<Option<usize>, Failure> {
        let Some(value) = filters.values(name).last() else { return Ok(None) };
        let at = list
            .iter()
            .position(|c| c.id == value)
            .or_else(|| list.iter().position(|c| c.plain_name() == value.strip_prefix('/').unwrap_or(value)))
            .or_else(|| list.iter().position(|c| !value.is_empty() && c.id.starts_with(value)));
        at.map(Some).ok_or_else(|| filter::daemon(format!("no such container {value}").trim_end()))
    };
    // The list runs from new to old: what is before a container stands behind it.
    let from = bound("before")?.map_or(0, |at| at + 1);
    let to = bound("since")?.unwrap_or(list.len());
    let mut chosen = Vec::new();
    for container in list.into_iter().take(to).skip(from) {
        if last > 0 && chosen.len() as i64 >= last {
            break;
        }
        if (all || container.state.is_running()) && fits(&container, &plan) {
            chosen.push(container);
        }
    }
    Ok(chosen)
}

fn plan<'f>(engine: &mut Engine<'_>, filters: &'f Filters) -> Result<Plan<'f>, Failure> {
    let mut exited = Vec::new();
    for value in filters.values("exited") {
        let code = value.parse().map_err(|_| {
            let quoted = super::super::columns::quote(value);
            filter::daemon(&format!("strconv.Atoi: parsing {quoted}: invalid syntax"))
        })?;
        exited.push(code);
    }
    if let Some(bad) = filters.values("status").find(|status| !STATES.contains(status)) {
        return Err(filter::invalid(&format!("status={bad}")));
    }
    filters.flag("is-task", &filter::WORDS_AND_DIGITS)?;
    if let Some(bad) = filters.values("health").find(|health| !HEALTH.contains(health)) {
        let text = format!("Unrecognised filter value for health: {bad}");
        return Err(filter::daemon(text.trim_end()));
    }
    let images = if filters.has("ancestor") { Some(ancestors(engine, filters)?) } else { None };
    let networks = if filters.has("network") { engine.networks()? } else { Vec::new() };
    Ok(Plan {
        filters,
        exited,
        images,
        publish: ports(filters, "publish")?,
        expose: ports(filters, "expose")?,
        networks,
    })
}

/// The images that `ancestor` names, and all that were made from them.
fn ancestors(engine: &mut Engine<'_>, filters: &Filters) -> Result<Vec<Digest>, Failure> {
    let mut found = Vec::new();
    for name in filters.values("ancestor") {
        match engine.find_image(name) {
            Ok(image) => found.push(image.id),
            Err(Error::NotFound(_) | Error::Invalid(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let images = engine.images()?;
    let mut at = 0;
    while let Some(id) = found.get(at).copied() {
        let made: Vec<Digest> =
            images.iter().filter(|i| i.parent == Some(id) && !found.contains(&i.id)).map(|i| i.id).collect();
        found.extend(made);
        at += 1;
    }
    Ok(found)
}

fn ports(filters: &Filters, name: &str) -> Result<Option<Vec<Ports>>, Failure> {
    if !filters.has(name) {
        return Ok(None);
    }
    let mut list = Vec::new();
    for value in filters.values(name) {
        let (port, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
        let (first, last) = range(port)
            .map_err(|why| filter::daemon(&format!("error while looking up for {name} {value}: {why}")))?;
        list.push(Ports { first, last, protocol: protocol.to_owned() });
    }
    Ok(Some(list))
}

impl Ports {
    fn hold(&self, port: &str) -> bool {
        let (number, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
        protocol == self.protocol
            && number.parse::<u16>().is_ok_and(|n| (self.first..=self.last).contains(&n))
    }
}

fn fits(container: &Container, plan: &Plan<'_>) -> bool {
    let filters = plan.filters;
    let named = filters.matches("name", container.plain_name()) || filters.matches("name", &container.name);
    let settings = &container.network_settings;
    let exited = plan.exited.is_empty()
        || (!container.state.is_running()
            && container.state.has_run()
            && plan.exited.contains(&i64::from(container.state.exit_code)));
    let is_of_network = |value: &str| {
        let names = |name: &str| value.is_empty() || value == name;
        settings.networks.iter().any(|(name, end)| {
            names(name)
                || (!value.is_empty() && end.network_id == value)
                || plan.networks.iter().any(|n| n.id == value && n.name == *name && end.network_id == n.id)
        })
    };
    let bound = |ports: &Option<Vec<Ports>>| {
        ports.as_ref().is_none_or(|wanted| {
            settings.ports.iter().any(|(port, bindings)| {
                let protocol = port.split_once('/').map_or("tcp", |(_, p)| p);
                bindings.iter().flatten().any(|b| {
                    let outer = format!("{}/{protocol}", b.host_port);
                    wanted.iter().any(|w| w.hold(&outer))
                })
            })
        })
    };
    let open = |ports: &Option<Vec<Ports>>| {
        ports
            .as_ref()
            .is_none_or(|wanted| settings.ports.keys().any(|port| wanted.iter().any(|w| w.hold(port))))
    };
    let volume = |value: &str| {
        container
            .mount_points
            .values()
            .any(|m| m.destination == value || m.name == value || m.source == value)
    };
    let health = health(container);
    named
        && filters.matches("id", &container.id)
        && filters.any("status", |status| container.state.status() == status)
        && exited
        && filters.any("is-task", |value| matches!(value, "false" | "0"))
        && filters.any("health", |value| value == health)
        && filters.any("volume", volume)
        && filters.any("network", is_of_network)
        && bound(&plan.publish)
        && open(&plan.expose)
        && plan.images.as_ref().is_none_or(|images| images.contains(&container.image))
        && filters.labels_fit(container.config.labels.as_ref())
}

/// How a container's health stands, in the word that the filter takes.
fn health(container: &Container) -> &str {
    container.state.health.as_ref().map_or("none", |health| health.status.as_str())
}
