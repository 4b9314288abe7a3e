//! `docker network` (recorded cases of Docker 20.10.24).

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::super::json::Json;
use super::super::{Call, Failure};
use super::filter::{self, Filters};
use super::format::{self, Item, Listing, Style};
use crate::engine::networks::{IpamConfig, Network, NetworkSpec, Subnet};
use crate::engine::{Container, EndpointIpam, EndpointSettings, Engine, Error, HostConfig};
use crate::oci::json::to_go_json;
use crate::program::Flow;

const LISTING: Listing = Listing {
    go_type: "network.networkContext",
    headings: &[
        ("ID", "NETWORK ID"),
        ("Name", "NAME"),
        ("Driver", "DRIVER"),
        ("Scope", "SCOPE"),
        ("IPv6", "IPV6"),
        ("Internal", "INTERNAL"),
        ("Labels", "LABELS"),
        ("CreatedAt", "CREATED AT"),
    ],
    quiet: "{{.ID}}",
    table: "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}",
    raw: "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n",
    raw_quiet: "network_id: {{.ID}}",
};

pub(crate) fn ls(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let filters = Filters::of(call, &["dangling", "driver", "id", "label", "name", "scope", "type"])?;
    for kind in filters.values("type") {
        if !matches!(kind, "custom" | "builtin") {
            return Err(filter::daemon(&format!("invalid filter: 'type'='{kind}'")));
        }
    }
    let dangling = filters.flag("dangling", &filter::WORDS_AND_DIGITS).map_err(|_| {
        filter::daemon(
            "invalid value for filter 'dangling', must be \"true\" (or \"1\"), or \"false\" (or \"0\")",
        )
    })?;
    let no_trunc = call.flags.is_set("no-trunc");
    let style = Style::of(call, "networksFormat");
    let mut engine = call.engine()?;
    let mut rows = Vec::new();
    for network in engine.networks()? {
        let fits = filters.matches("name", &network.name)
            && filters.matches("id", &network.id)
            && filters.exact("driver", &network.driver)
            && filters.exact("scope", &network.scope)
            && filters.labels_fit(Some(&network.labels))
            && filters.any("type", |kind| (kind == "builtin") == network.is_predefined());
        let idle = match dangling {
            // The daemon's list has no containers in it, so that every network of one's own dangles (moby 20.10
            // `filterNetworkByUse`; recorded session).
            Some(wanted) => network.is_predefined() != wanted,
            None => true,
        };
        if fits && idle {
            rows.push(item(&network, no_trunc));
        }
    }
    let text = LISTING.render(&style, rows)?;
    call.print(text);
    Ok(Flow::OK)
}

fn item(network: &Network, no_trunc: bool) -> Item {
    let labels: Vec<String> = network.labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let flag = |value: bool| Json::from(if value { "true" } else { "false" });
    let created = network.created.replace('T', " ").trim_end_matches('Z').to_owned();
    let fields = Json::object([
        ("CreatedAt", format!("{created} +0000 UTC").into()),
        ("Driver", network.driver.as_str().into()),
        ("ID", if no_trunc { network.id.as_str() } else { network.short_id() }.into()),
        ("IPv6", flag(network.enable_ipv6)),
        ("Internal", flag(network.internal)),
        ("Labels", labels.join(",").into()),
        ("Name", network.name.as_str().into()),
        ("Scope", network.scope.as_str().into()),
    ]);
    Item { fields, labels: format::labels(&network.labels) }
}

pub(crate) fn create(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let flags = &call.flags;
    let map = |name: &str| -> BTreeMap<String, String> {
        let pairs = flags.list(name);
        pairs
            .iter()
            .map(|text| text.split_once('=').unwrap_or((text, "")))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    };
    let words = |name: &str| -> Vec<String> {
        flags
            .list(name)
            .iter()
            .flat_map(|text| text.split(',').map(str::to_owned).collect::<Vec<_>>())
            .collect()
    };
    let config = ranges(&words("subnet"), &words("ip-range"), &words("gateway"), &map("aux-address"))
        .map_err(Failure::new)?;
    let spec = NetworkSpec {
        name: call.arg(0),
        driver: flags.text("driver").unwrap_or_default(),
        scope: flags.text("scope").unwrap_or_default(),
        enable_ipv6: flags.is_set("ipv6"),
        internal: flags.is_set("internal"),
        attachable: flags.is_set("attachable"),
        ingress: flags.is_set("ingress"),
        config_only: flags.is_set("config-only"),
        config_from: flags.text("config-from").unwrap_or_default(),
        ipam_driver: flags.text("ipam-driver").unwrap_or_default(),
        ipam_options: map("ipam-opt"),
        config,
        options: map("opt"),
        labels: map("label"),
    };
    let driver = spec.driver.clone();
    let made = call.engine()?.network_create(spec);
    match made {
        Ok(id) => {
            call.line(&id);
            Ok(Flow::OK)
        }
        Err(error) => {
            let mut failure = Failure::from(error);
            if matches!(driver.as_str(), "macvlan" | "ipvlan" | "overlay") {
                failure.text.push_str("\nLayerlab: the lab has the drivers bridge, host and null");
            }
            Err(failure)
        }
    }
}

/// Puts ranges, gateways and further addresses to the subnets that they are of (docker/cli 20.10, `consolidateIpam`).
fn ranges(
    subnets: &[String],
    ranges: &[String],
    gateways: &[String],
    aux: &BTreeMap<String, String>,
) -> Result<Vec<IpamConfig>, String> {
    if subnets.len() < ranges.len() || subnets.len() < gateways.len() {
        return Err("every ip-range or gateway must have a corresponding subnet".to_owned());
    }
    let mut list: Vec<IpamConfig> =
        subnets.iter().map(|subnet| IpamConfig { subnet: subnet.clone(), ..IpamConfig::default() }).collect();
    let holds = |subnet: &str, text: &str| -> Result<bool, String> {
        let range =
            Subnet::parse(subnet).ok_or_else(|| format!("invalid subnet: invalid CIDR address: {subnet}"))?;
        let address = text.split('/').next().unwrap_or_default();
        if text.contains('/') && Subnet::parse(text).is_none() {
            return Err(format!("invalid CIDR address: {text}"));
        }
        Ok(address.parse::<IpAddr>().is_ok_and(|address| range.contains(address)))
    };
    for (at, one) in subnets.iter().enumerate() {
        for other in &subnets[at + 1..] {
            if holds(one, other)? || holds(other, one)? {
                return Err("multiple overlapping subnet configuration is not supported".to_owned());
            }
        }
    }
    for range in ranges {
        let place = place(&mut list, range, &holds)?
            .ok_or_else(|| format!("no matching subnet for range {range}"))?;
        if !place.ip_range.is_empty() {
            return Err(format!(
                "cannot configure multiple ranges ({range}, {}) on the same subnet ({})",
                place.ip_range, place.subnet
            ));
        }
        place.ip_range.clone_from(range);
    }
    for gateway in gateways {
        let place = place(&mut list, gateway, &holds)?
            .ok_or_else(|| format!("no matching subnet for gateway {gateway}"))?;
        if !place.gateway.is_empty() {
            return Err(format!(
                "cannot configure multiple gateways ({gateway}, {}) for the same subnet ({})",
                place.gateway, place.subnet
            ));
        }
        place.gateway.clone_from(gateway);
    }
    for (name, address) in aux {
        let place = place(&mut list, address, &holds)?
            .ok_or_else(|| format!("no matching subnet for aux-address {address}"))?;
        place.auxiliary_addresses.insert(name.clone(), address.clone());
    }
    Ok(list)
}

fn place<'l>(
    list: &'l mut [IpamConfig],
    text: &str,
    holds: &dyn Fn(&str, &str) -> Result<bool, String>,
) -> Result<Option<&'l mut IpamConfig>, String> {
    for config in list {
        if holds(&config.subnet, text)? {
            return Ok(Some(config));
        }
    }
    Ok(None)
}

pub(crate) fn rm(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let mut status = 0;
    for name in call.args() {
        let mut engine = call.engine()?;
        let done = match engine.find_network(&name) {
            Ok(network) => engine.network_remove(&network).map_err(|error| Failure::from(error).text),
            Err(Error::NotFound(_)) => Err(format!("Error: No such network: {name}")),
            Err(error) => Err(Failure::from(error).text),
        };
        match done {
            Ok(()) => call.line(&name),
            Err(text) => {
                // Each is told as it comes.
                call.complain(&text);
                status = 1;
            }
        }
    }
    Ok(Flow::Exit(status))
}

pub(crate) fn connect(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let (name, container) = (call.arg(0), call.arg(1));
    let flags = &call.flags;
    let some = |list: Vec<String>| (!list.is_empty()).then_some(list);
    let ipam = EndpointIpam {
        ipv4_address: flags.text("ip").unwrap_or_default(),
        ipv6_address: flags.text("ip6").unwrap_or_default(),
        link_local_ips: flags.list("link-local-ip"),
    };
    let options = flags.list("driver-opt");
    let mut driver_opts = BTreeMap::new();
    for text in &options {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| Failure::new("invalid key/value pair format in driver options"))?;
        driver_opts.insert(key.trim().to_owned(), value.trim().to_owned());
    }
    let end = EndpointSettings {
        ipam_config: Some(ipam),
        links: some(flags.list("link")),
        aliases: Some(flags.list("alias")),
        driver_opts: Some(driver_opts),
        ..EndpointSettings::default()
    };
    let mut engine = call.engine()?;
    let mut container = engine.find_container(&container)?;
    let network = engine.find_network(&name)?;
    engine.network_connect(&network, &mut container, end)?;
    Ok(Flow::OK)
}

pub(crate) fn disconnect(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let (name, of) = (call.arg(0), call.arg(1));
    let force = call.flags.is_set("force");
    let mut engine = call.engine()?;
    let network = engine.find_network(&name)?;
    match engine.find_container(&of) {
        Ok(mut container) => engine.network_disconnect(&network, &mut container)?,
        Err(Error::NotFound(_)) if force => return Err(filter::daemon(&format!("endpoint {of} not found"))),
        Err(error) => return Err(error.into()),
    }
    Ok(Flow::OK)
}

/// What `docker network inspect` says.
pub(super) fn document(engine: &mut Engine<'_>, network: &Network) -> Result<Json, Failure> {
    let mut members = Vec::new();
    for (container, end) in engine.network_members(network)? {
        let with_bits = |address: &str, bits: u8| {
            if address.is_empty() { String::new() } else { format!("{address}/{bits}") }
        };
        let member = Json::object([
            ("Name", container.plain_name().into()),
            ("EndpointID", end.endpoint_id.as_str().into()),
            ("MacAddress", end.mac_address.as_str().into()),
            ("IPv4Address", with_bits(&end.ip_address, end.ip_prefix_len).into()),
            ("IPv6Address", with_bits(&end.global_ipv6_address, end.global_ipv6_prefix_len).into()),
        ]);
        members.push((container.id, member));
    }
    let mut document = go(network);
    if let Json::Object(fields) = &mut document {
        let at = fields.iter().position(|(name, _)| name == "Options").unwrap_or(fields.len());
        fields.insert(at, ("Containers".to_owned(), Json::Object(members)));
    }
    Ok(document)
}

fn go<T: serde::Serialize>(value: &T) -> Json {
    serde_json::from_slice(&to_go_json(value)).expect("what was just written can be read")
}

/// `NetworkSettings` of `docker inspect`.
pub(super) fn settings(container: &Container) -> Json {
    let own = &container.network_settings;
    let bridge = own.networks.get("bridge").cloned().unwrap_or_default();
    let networks = own.networks.iter().map(|(name, end)| {
        let shown = EndpointSettings { interface: None, ..end.clone() };
        (name.as_str(), go(&shown))
    });
    Json::object([
        ("Bridge", "".into()),
        ("SandboxID", own.sandbox_id.as_str().into()),
        ("HairpinMode", Json::Bool(false)),
        ("LinkLocalIPv6Address", "".into()),
        ("LinkLocalIPv6PrefixLen", 0.into()),
        ("Ports", go(&own.ports)),
        ("SandboxKey", own.sandbox_key.as_str().into()),
        ("SecondaryIPAddresses", Json::Null),
        ("SecondaryIPv6Addresses", Json::Null),
        ("EndpointID", bridge.endpoint_id.into()),
        ("Gateway", bridge.gateway.into()),
        ("GlobalIPv6Address", bridge.global_ipv6_address.into()),
        ("GlobalIPv6PrefixLen", i64::from(bridge.global_ipv6_prefix_len).into()),
        ("IPAddress", bridge.ip_address.into()),
        ("IPPrefixLen", i64::from(bridge.ip_prefix_len).into()),
        ("IPv6Gateway", bridge.ipv6_gateway.into()),
        ("MacAddress", bridge.mac_address.into()),
        ("Networks", Json::object(networks)),
    ])
}

/// `HostConfig.Links`: by names, where the engine keeps ids.
pub(super) fn links(
    engine: &mut Engine<'_>,
    container: &Container,
    host: &HostConfig,
) -> Result<Option<Vec<String>>, Failure> {
    let Some(links) = &host.links else { return Ok(None) };
    let mut shown = Vec::new();
    for link in links {
        let (id, alias) = link.split_once(':').unwrap_or((link, ""));
        if let Some(other) = engine.container(id)? {
            shown.push(format!("{}:{}/{alias}", other.name, container.name));
        }
    }
    Ok(Some(shown))
}
