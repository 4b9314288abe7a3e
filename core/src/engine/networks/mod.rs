//! Networks: the three that every Docker has and those that a person makes, their address ranges, and the ends that
//! containers have in them (libnetwork and moby 20.10's `daemon/network.go`; recorded cases of Docker 20.10.24).
//!
//! They are kept where Docker keeps them, in `network/files/local-kv.db`; there as one JSON document, where Docker has a
//! database. Which addresses and ports are taken is not kept: the documents of the containers that are up say it.

mod check;
mod create;
mod files;
mod join;
mod ports;
mod subnet;

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

pub use create::NetworkSpec;
pub use subnet::Subnet;

use super::error::{Error, Result};
use super::{Container, EndpointSettings, Engine, layout};
use crate::oci::Digest;

/// The network of containers that name none.
pub const BRIDGE: &str = "bridge";
/// The host's own network.
pub const HOST: &str = "host";
/// No network.
pub const NONE: &str = "none";
/// Networks that one lab may have; Docker's own limit is what the host can hold.
const MOST_NETWORKS: usize = 1000;

/// A network, under the names of Docker's API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_excessive_bools, reason = "the fields of Docker's API")]
pub struct Network {
    /// Its name.
    pub name: String,
    /// 64 digits.
    pub id: String,
    /// When it was made, RFC 3339.
    pub created: String,
    /// `local`.
    pub scope: String,
    /// `bridge`, `host` or `null`.
    pub driver: String,
    /// `--ipv6`.
    #[serde(rename = "EnableIPv6")]
    pub enable_ipv6: bool,
    /// Its addresses.
    #[serde(rename = "IPAM")]
    pub ipam: Ipam,
    /// `--internal`: nothing leads out of it.
    pub internal: bool,
    /// `--attachable`.
    pub attachable: bool,
    /// `--ingress`.
    pub ingress: bool,
    /// The network that its configuration was copied from.
    pub config_from: ConfigFrom,
    /// `--config-only`: it is there to be copied from.
    pub config_only: bool,
    /// `--opt`.
    pub options: BTreeMap<String, String>,
    /// `--label`.
    pub labels: BTreeMap<String, String>,
}

/// `ConfigFrom` of a network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConfigFrom {
    /// Its name, empty for none.
    pub network: String,
}

/// How a network gives out addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Ipam {
    /// `default` or `null`.
    pub driver: String,
    /// `--ipam-opt`; `null` for the networks that are there from the start.
    pub options: Option<BTreeMap<String, String>>,
    /// Its ranges, at most one of each version of IP.
    pub config: Vec<IpamConfig>,
}

/// One range of a network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IpamConfig {
    /// `--subnet`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subnet: String,
    /// `--ip-range`.
    #[serde(rename = "IPRange", default, skip_serializing_if = "String::is_empty")]
    pub ip_range: String,
    /// `--gateway`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub gateway: String,
    /// `--aux-address`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub auxiliary_addresses: BTreeMap<String, String>,
}

/// All that is kept of networks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Store {
    networks: Vec<Network>,
    /// Ids of networks whose range Docker chose: no address in them can be asked for.
    chosen: Vec<String>,
    /// The default range that is tried next: Docker goes around.
    next_pool: u32,
    /// The port of the host that was given out last, by protocol.
    last_port: BTreeMap<String, u16>,
}

impl IpamConfig {
    /// The address that leads out, if the range can be read: the one that was named, else the lowest of the range
    /// (a recorded case: also of an `--ip-range`).
    pub fn way_out(&self) -> Option<IpAddr> {
        if self.gateway.is_empty() {
            let taken = self.auxiliary_addresses.values().filter_map(|text| text.parse().ok()).collect();
            Subnet::parse(&self.subnet)?.free(Subnet::parse(&self.ip_range), &taken)
        } else {
            self.gateway.parse().ok()
        }
    }
}

impl Network {
    /// Whether it is one of the three that are always there.
    pub fn is_predefined(&self) -> bool {
        is_predefined(&self.name)
    }

    /// The first 12 digits of the id.
    pub fn short_id(&self) -> &str {
        self.id.get(..12).unwrap_or(&self.id)
    }

    /// What events say of it: its id, its name and its driver.
    pub(in crate::engine) fn identity(&self) -> (&str, &str, &str) {
        (&self.id, &self.name, &self.driver)
    }

    fn predefined(name: &str, driver: &str, created: &str) -> Self {
        let mut network = Self {
            name: name.to_owned(),
            id: Digest::of(format!("layerlab network {name}").as_bytes()).hex(),
            created: created.to_owned(),
            scope: "local".to_owned(),
            driver: driver.to_owned(),
            enable_ipv6: false,
            ipam: Ipam { driver: "default".to_owned(), options: None, config: Vec::new() },
            internal: false,
            attachable: false,
            ingress: false,
            config_from: ConfigFrom::default(),
            config_only: false,
            options: BTreeMap::new(),
            labels: BTreeMap::new(),
        };
        if name == BRIDGE {
            let subnet = Subnet::default_pool(0).to_string();
            network.ipam.config.push(IpamConfig { subnet, ..IpamConfig::default() });
            let options = [
                ("com.docker.network.bridge.default_bridge", "true"),
                ("com.docker.network.bridge.enable_icc", "true"),
                ("com.docker.network.bridge.enable_ip_masquerade", "true"),
                ("com.docker.network.bridge.host_binding_ipv4", "0.0.0.0"),
                ("com.docker.network.bridge.name", "docker0"),
                ("com.docker.network.driver.mtu", "1500"),
            ];
            network.options = options.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        }
        network
    }
}

/// Whether a network of this name is there from the start.
pub fn is_predefined(name: &str) -> bool {
    matches!(name, BRIDGE | HOST | NONE)
}

/// Whether `--network` names a network that a person made (`container.NetworkMode.IsUserDefined`).
pub fn is_user_defined(mode: &str) -> bool {
    !is_predefined(mode) && mode != "default" && !mode.is_empty() && !mode.starts_with("container:")
}

/// The network that `--network` means.
pub fn network_of_mode(mode: &str) -> &str {
    if mode.is_empty() || mode == "default" { BRIDGE } else { mode }
}

impl Engine<'_> {
    fn network_store(&mut self) -> Result<Store> {
        if let Some(store) = self.read_json::<Store>(&layout::networks())? {
            return Ok(store);
        }
        let now = self.now_text();
        let networks = [(BRIDGE, "bridge"), (HOST, "host"), (NONE, "null")]
            .map(|(name, driver)| Network::predefined(name, driver, &now));
        let store = Store { networks: networks.into(), next_pool: 1, ..Store::default() };
        self.save_networks(&store)?;
        Ok(store)
    }

    fn save_networks(&mut self, store: &Store) -> Result<()> {
        self.make_dir(&format!("{}/network/files", layout::ROOT), 0o750)?;
        self.write_json(&layout::networks(), store, 0o600)
    }

    /// All networks, by name.
    ///
    /// # Errors
    /// The disk's.
    pub fn networks(&mut self) -> Result<Vec<Network>> {
        let mut list = self.network_store()?.networks;
        list.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(list)
    }

    /// The network that a person means: a full id, a name, or the start of an id (`Daemon.FindNetwork`).
    ///
    /// # Errors
    /// There is none, or more than one.
    pub fn find_network(&mut self, text: &str) -> Result<Network> {
        let list = self.networks()?;
        if let Some(found) =
            list.iter().find(|n| n.id == text).or_else(|| list.iter().find(|n| n.name == text))
        {
            return Ok(found.clone());
        }
        let found: Vec<&Network> =
            list.iter().filter(|n| !text.is_empty() && n.id.starts_with(text)).collect();
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(Error::NotFound(format!("network {text} not found"))),
            many => Err(Error::Invalid(format!(
                "network {text} is ambiguous ({} matches found based on ID prefix)",
                many.len()
            ))),
        }
    }

    /// The containers that are up in a network, with their ends there, by id.
    ///
    /// # Errors
    /// The disk's.
    pub fn network_members(&mut self, network: &Network) -> Result<Vec<(Container, EndpointSettings)>> {
        let mut members = Vec::new();
        for container in self.running()? {
            let end = container.network_settings.networks.get(&network.name).cloned();
            if let Some(end) = end.filter(|end| end.network_id == network.id && end.is_joined()) {
                members.push((container, end));
            }
        }
        members.sort_by(|a, b| a.0.id.cmp(&b.0.id));
        Ok(members)
    }

    /// Removes a network.
    ///
    /// # Errors
    /// It is one of the three that stay, or a container is up in it.
    pub fn network_remove(&mut self, network: &Network) -> Result<()> {
        if network.is_predefined() {
            return Err(Error::Conflict(format!(
                "{} is a pre-defined network and cannot be removed",
                network.name
            )));
        }
        if !self.network_members(network)?.is_empty() {
            return Err(Error::Conflict(format!(
                "error while removing network: network {} id {} has active endpoints",
                network.name, network.id
            )));
        }
        let mut store = self.network_store()?;
        store.networks.retain(|n| n.id != network.id);
        store.chosen.retain(|id| *id != network.id);
        self.save_networks(&store)?;
        self.tell_network("destroy", network.identity(), None);
        Ok(())
    }
}
