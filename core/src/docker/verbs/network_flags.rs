//! The flags of `docker create` and `docker run` that say how a container meets networks (docker/cli 20.10's
//! `cli/command/container/opts.go`, `opts/network.go` and go-connections' `nat`).

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::super::flags::Flags;
use super::super::values::attachment;
use crate::engine::networks::is_user_defined;
use crate::engine::{EndpointIpam, EndpointSettings, HostConfig, NetworkSettings, PortBinding};
use crate::oci::config::NameSet;

/// What the line says of the container's networks; the host's side is put into `host`.
pub(super) fn networks(flags: &Flags, host: &mut HostConfig) -> Result<NetworkSettings, String> {
    let texts: Vec<String> = [flags.list("network"), flags.list("net")].concat();
    let links = flags.list("link");
    let aliases: Vec<String> = [flags.list("network-alias"), flags.list("net-alias")].concat();
    host.dns = flags.list("dns");
    host.dns_search = flags.list("dns-search");
    host.dns_options = [flags.list("dns-option"), flags.list("dns-opt")].concat();
    let extra = flags.list("add-host");
    host.extra_hosts = (!extra.is_empty()).then_some(extra);
    host.publish_all_ports = flags.is_set("publish-all");
    let mut settings = NetworkSettings::default();
    let (v4, v6) = (flags.text("ip").unwrap_or_default(), flags.text("ip6").unwrap_or_default());
    let link_local_ips = flags.list("link-local-ip");
    let asks = !v4.is_empty() || !v6.is_empty() || !link_local_ips.is_empty();
    let wish = asks.then_some(EndpointIpam { ipv4_address: v4, ipv6_address: v6, link_local_ips });
    if texts.is_empty() {
        "default".clone_into(&mut host.network_mode);
        host.links = (!links.is_empty()).then_some(links);
        // Where no network is named, Docker 20.10.24 passes over an address and aliases (recorded).
        settings.networks.insert("bridge".to_owned(), EndpointSettings::default());
        return Ok(settings);
    }
    let mut kinds = [false; 2];
    for (at, text) in texts.iter().enumerate() {
        let mut network = attachment(text)?;
        let mut end = EndpointSettings::default();
        if network.name.trim().is_empty() {
            return Err("no name set for network".to_owned());
        }
        let is_own = is_user_defined(&network.name);
        kinds[usize::from(is_own)] = true;
        if at == 0 {
            if !network.aliases.is_empty() && !aliases.is_empty() {
                return Err("conflicting options: cannot specify both --network-alias and per-network alias"
                    .to_owned());
            }
            network.aliases.extend(aliases.clone());
            end.links = (!links.is_empty()).then(|| links.clone());
            end.ipam_config.clone_from(&wish);
        }
        if !is_own && !network.aliases.is_empty() {
            return Err("network-scoped aliases are only supported for user-defined networks".to_owned());
        }
        if !is_own && end.links.is_some() {
            return Err("links are only supported for user-defined networks".to_owned());
        }
        if settings.networks.contains_key(&network.name) {
            return Err(format!("network \"{}\" is specified multiple times", network.name));
        }
        end.aliases = (!network.aliases.is_empty()).then_some(network.aliases);
        end.driver_opts = (!network.driver_opts.is_empty()).then_some(network.driver_opts);
        if at == 0 {
            host.network_mode.clone_from(&network.name);
        }
        if !network.name.starts_with("container:") {
            let name = crate::engine::networks::network_of_mode(&network.name).to_owned();
            settings.networks.insert(name, end);
        }
    }
    if kinds == [true; 2] {
        return Err(
            "conflicting options: cannot attach both user-defined and non-user-defined network-modes"
                .to_owned(),
        );
    }
    Ok(settings)
}

/// Says whether the line has an address or an alias but names no network: Docker 20.10.24 takes and ignores those (recorded).
pub(super) fn passed_over(flags: &Flags) -> bool {
    let has = |name: &str| !flags.list(name).is_empty();
    let names_one = has("network") || has("net");
    !names_one && ["ip", "ip6", "link-local-ip", "network-alias", "net-alias"].into_iter().any(has)
}

/// `--mac-address`.
pub(super) fn mac_address(flags: &Flags) -> Result<String, String> {
    let text = flags.text("mac-address").unwrap_or_default();
    let parts: Vec<&str> = text.split([':', '-']).collect();
    let is_good = matches!(parts.len(), 6 | 8 | 20)
        && parts.iter().all(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit()));
    if text.is_empty() || is_good { Ok(text) } else { Err(format!("{text} is not a valid mac address")) }
}

/// `--expose` and `--publish`: what the container listens on, and where the host shows it.
pub(super) fn ports(flags: &Flags) -> Result<(NameSet, BTreeMap<String, Vec<PortBinding>>), String> {
    let mut exposed = NameSet::default();
    let mut bindings: BTreeMap<String, Vec<PortBinding>> = BTreeMap::new();
    for text in flags.list("publish") {
        let text = if text.contains('=') { short_form(&text)? } else { text };
        for (port, binding) in published(&text)? {
            exposed.0.insert(port.clone());
            bindings.entry(port).or_default().push(binding);
        }
    }
    for text in flags.list("expose") {
        if text.contains(':') {
            return Err(format!("invalid port format for --expose: {text}"));
        }
        let (protocol, port) = split_protocol(&text);
        let (first, last) =
            range(port).map_err(|why| format!("invalid range format for --expose: {text}, error: {why}"))?;
        exposed.0.extend((first..=last).map(|number| format!("{number}/{protocol}")));
    }
    Ok((exposed, bindings))
}

/// `published=8080,target=80` as `8080:80/tcp`.
fn short_form(text: &str) -> Result<String, String> {
    let (mut published, mut target, mut protocol) = ("", "", "tcp");
    for field in text.split(',') {
        let (key, value) = field
            .split_once('=')
            .ok_or_else(|| format!("invalid publish opts format (should be name=value but got '{field}')"))?;
        match key {
            "published" => published = value,
            "target" => target = value,
            "protocol" => protocol = value,
            _ => {}
        }
    }
    Ok(format!("{published}:{target}/{protocol}"))
}

/// `[[IP:]HOST:]CONTAINER[/PROTOCOL]`, with ranges (`nat.ParsePortSpec`).
fn published(text: &str) -> Result<Vec<(String, PortBinding)>, String> {
    let mut parts = text.rsplitn(3, ':');
    let inside = parts.next().unwrap_or_default();
    let outside = parts.next().unwrap_or_default();
    let address = parts.next().unwrap_or_default();
    let (protocol, inside) = split_protocol(inside);
    let ip = match address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) => inner,
        None if address.contains(':') => {
            return Err(format!(
                "Invalid ip address {address}: address {address}:: too many colons in address"
            ));
        }
        None => address,
    };
    if !ip.is_empty() && ip.parse::<IpAddr>().is_err() {
        return Err(format!("Invalid ip address: {ip}"));
    }
    if inside.is_empty() {
        return Err(format!("No port specified: {text}<empty>"));
    }
    let (first, last) = range(inside).map_err(|_| format!("Invalid containerPort: {inside}"))?;
    let host = if outside.is_empty() {
        None
    } else {
        Some(range(outside).map_err(|_| format!("Invalid hostPort: {outside}"))?)
    };
    if let Some((from, to)) = host
        && last - first != to - from
        && first != last
    {
        return Err(format!("Invalid ranges specified for container and host Ports: {inside} and {outside}"));
    }
    if !["tcp", "udp", "sctp"].contains(&protocol.to_lowercase().as_str()) {
        return Err(format!("Invalid proto: {protocol}"));
    }
    Ok((first..=last)
        .map(|number| {
            let host_port = match host {
                None => String::new(),
                // A range of the host for one port: the first that is free.
                Some((from, to)) if first == last && from != to => format!("{from}-{to}"),
                Some((from, _)) => (from + (number - first)).to_string(),
            };
            let port = format!("{number}/{}", protocol.to_lowercase());
            (port, PortBinding { host_ip: ip.to_owned(), host_port })
        })
        .collect())
}

fn split_protocol(text: &str) -> (&str, &str) {
    match text.split_once('/') {
        _ if text.is_empty() || text.starts_with('/') => ("", ""),
        Some((port, "")) => ("tcp", port),
        Some((port, protocol)) => (protocol, port),
        None => ("tcp", text),
    }
}

/// `80` or `80-90` (`nat.ParsePortRange`).
pub(super) fn range(text: &str) -> Result<(u16, u16), String> {
    if text.is_empty() {
        return Err("Empty string specified for ports.".to_owned());
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (number(first)?, number(last)?);
    if last < first {
        return Err(format!("Invalid range specified for the Port: {text}"));
    }
    Ok((first, last))
}

/// Go's `strconv.ParseUint(text, 10, 16)`.
pub(super) fn number(text: &str) -> Result<u16, String> {
    let quoted = super::super::columns::quote(text);
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("strconv.ParseUint: parsing {quoted}: invalid syntax"));
    }
    text.parse().map_err(|_| format!("strconv.ParseUint: parsing {quoted}: value out of range"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> String {
        match published(text) {
            Ok(list) => list
                .iter()
                .map(|(port, b)| format!("{}|{}|{port}", b.host_ip, b.host_port))
                .collect::<Vec<_>>()
                .join(" "),
            Err(why) => why,
        }
    }

    #[test]
    fn ports_are_read_as_docker_reads_them() {
        for (text, want) in [
            ("80", "||80/tcp"),
            ("8080:80", "|8080|80/tcp"),
            ("127.0.0.1::53/udp", "127.0.0.1||53/udp"),
            ("[::1]:8081:80", "::1|8081|80/tcp"),
            ("9000-9001:80-81", "|9000|80/tcp |9001|81/tcp"),
            ("9100-9105:90", "|9100-9105|90/tcp"),
            ("busybox", "Invalid containerPort: busybox"),
            ("abc:80", "Invalid hostPort: abc"),
            ("80:80/foo", "Invalid proto: foo"),
            ("70000:80", "Invalid hostPort: 70000"),
            ("80:80-81", "Invalid ranges specified for container and host Ports: 80-81 and 80"),
            ("80:80:80:80", "Invalid ip address 80:80: address 80:80:: too many colons in address"),
            ("localhost:80:80", "Invalid ip address: localhost"),
            ("80:", "No port specified: 80:<empty>"),
            ("", "No port specified: <empty>"),
        ] {
            assert_eq!(spec(text), want, "{text}");
        }
        assert_eq!(short_form("published=8077,target=80,protocol=udp").unwrap(), "8077:80/udp");
        assert_eq!(range("90-80").unwrap_err(), "Invalid range specified for the Port: 90-80");
    }
}
