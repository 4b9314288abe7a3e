//! What the daemon refuses when a container is made (moby 20.10's `runconfig/hostconfig_unix.go`, `daemon/create.go`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::HOST;
use crate::engine::error::{Error, Result};
use crate::engine::{Engine, HostConfig, NetworkSettings};
use crate::oci::config::ContainerConfig;

impl Engine<'_> {
    /// Checks how a new container is to meet networks, and puts ids where it names other containers.
    ///
    /// # Errors
    /// Options that exclude each other, an address that is none, a container that is not there.
    pub(in crate::engine) fn check_networks(
        &mut self,
        host: &mut HostConfig,
        config: &mut ContainerConfig,
        settings: &NetworkSettings,
    ) -> Result<()> {
        check_mode(host, config)?;
        if settings.networks.len() > 1 {
            let names: Vec<&str> = settings.networks.keys().map(String::as_str).collect();
            return Err(Error::Invalid(format!(
                "Container cannot be connected to network endpoints: {}",
                names.join(", ")
            )));
        }
        for end in settings.networks.values() {
            let Some(wish) = &end.ipam_config else { continue };
            if !wish.ipv4_address.is_empty() && wish.ipv4_address.parse::<Ipv4Addr>().is_err() {
                return Err(Error::Invalid(format!("invalid IPv4 address: {}", wish.ipv4_address)));
            }
            if !wish.ipv6_address.is_empty() && wish.ipv6_address.parse::<Ipv6Addr>().is_err() {
                return Err(Error::Invalid(format!("invalid IPv6 address: {}", wish.ipv6_address)));
            }
            if let Some(bad) = wish.link_local_ips.iter().find(|text| text.parse::<IpAddr>().is_err()) {
                return Err(Error::Invalid(format!("invalid link-local IP address: {bad}")));
            }
        }
        if let Some(other) = host.network_mode.strip_prefix("container:")
            && let Ok(other) = self.find_container(other)
        {
            // Where there is none, the start says so.
            host.network_mode = format!("container:{}", other.id);
        }
        if host.network_mode == HOST && config.hostname.is_empty() {
            let name = self.read_optional("/etc/hostname")?.unwrap_or_default();
            name.trim().clone_into(&mut config.hostname);
        }
        for link in host.links.iter_mut().flatten() {
            let (name, alias) = link.split_once(':').unwrap_or((link, link));
            if name.is_empty() {
                return Err(Error::Invalid(
                    "could not get container for : invalid name or ID supplied: \"\"".to_owned(),
                ));
            }
            let other = self
                .find_container(name)
                .map_err(|error| Error::Invalid(format!("could not get container for {name}: {error}")))?;
            *link = format!("{}:{alias}", other.id);
        }
        Ok(())
    }
}

/// Options that make no sense with a network that is another's (`validateNetMode`).
fn check_mode(host: &HostConfig, config: &ContainerConfig) -> Result<()> {
    let mode = host.network_mode.as_str();
    let shares = mode.starts_with("container:");
    let refuse = |why: &str| Err(Error::Invalid(why.to_owned()));
    if host.uts_mode == "host" && !config.hostname.is_empty() {
        return refuse("conflicting options: hostname and the UTS mode");
    }
    if mode == "container:" {
        return refuse("Invalid network mode: invalid container format container:<name|id>");
    }
    if (shares || mode == HOST) && !config.mac_address.is_empty() {
        return refuse("conflicting options: mac-address and the network mode");
    }
    if !shares {
        return Ok(());
    }
    match () {
        () if !config.hostname.is_empty() => refuse("conflicting options: hostname and the network mode"),
        () if !host.dns.is_empty() => refuse("conflicting options: dns and the network mode"),
        () if host.extra_hosts.is_some() => {
            refuse("conflicting options: custom host-to-IP mapping and the network mode")
        }
        () if !host.port_bindings.is_empty() || host.publish_all_ports => {
            refuse("conflicting options: port publishing and the container type network mode")
        }
        () if config.exposed_ports.as_ref().is_some_and(|set| !set.0.is_empty()) => {
            refuse("conflicting options: port exposing and the container type network mode")
        }
        () => Ok(()),
    }
}
