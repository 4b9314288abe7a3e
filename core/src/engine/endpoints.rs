//! A container's ends in its networks, as Docker keeps them in the container's document and shows them in `inspect`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Ports by `80/tcp`: where the host shows them, nothing for one that is exposed alone.
pub type PortMap = BTreeMap<String, Option<Vec<PortBinding>>>;

/// Where a published port is seen on the host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PortBinding {
    /// The address, empty for all.
    pub host_ip: String,
    /// The port.
    pub host_port: String,
}

/// `NetworkSettings` of a container's document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkSettings {
    /// The network namespace's id. It stays when the container stops.
    #[serde(rename = "SandboxID")]
    pub sandbox_id: String,
    /// The namespace's file.
    pub sandbox_key: String,
    /// Its ports and where the host shows them; empty while it is not up.
    pub ports: PortMap,
    /// Its networks, by name.
    pub networks: BTreeMap<String, EndpointSettings>,
}

/// An end in one network (`network.EndpointSettings`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EndpointSettings {
    /// Addresses that were asked for.
    #[serde(rename = "IPAMConfig")]
    pub ipam_config: Option<EndpointIpam>,
    /// `--link` on a network that a person made.
    pub links: Option<Vec<String>>,
    /// Its further names there.
    pub aliases: Option<Vec<String>>,
    /// The network's id, once it was up in it.
    #[serde(rename = "NetworkID")]
    pub network_id: String,
    /// The end's id, while it is up.
    #[serde(rename = "EndpointID")]
    pub endpoint_id: String,
    /// The address that leads out.
    pub gateway: String,
    /// Its address.
    #[serde(rename = "IPAddress")]
    pub ip_address: String,
    /// Bits that the network's addresses have in common.
    #[serde(rename = "IPPrefixLen")]
    pub ip_prefix_len: u8,
    /// The IPv6 address that leads out.
    #[serde(rename = "IPv6Gateway")]
    pub ipv6_gateway: String,
    /// Its IPv6 address.
    #[serde(rename = "GlobalIPv6Address")]
    pub global_ipv6_address: String,
    /// Bits that the network's IPv6 addresses have in common.
    #[serde(rename = "GlobalIPv6PrefixLen")]
    pub global_ipv6_prefix_len: u8,
    /// Its hardware address.
    pub mac_address: String,
    /// `--driver-opt`.
    pub driver_opts: Option<BTreeMap<String, String>>,
    /// The number of its interface, `0` for `eth0`.
    #[serde(rename = "LayerlabInterface", skip_serializing_if = "Option::is_none")]
    pub interface: Option<u8>,
}

/// `IPAMConfig` of an end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EndpointIpam {
    /// `--ip`.
    #[serde(rename = "IPv4Address", skip_serializing_if = "String::is_empty")]
    pub ipv4_address: String,
    /// `--ip6`.
    #[serde(rename = "IPv6Address", skip_serializing_if = "String::is_empty")]
    pub ipv6_address: String,
    /// `--link-local-ip`.
    #[serde(rename = "LinkLocalIPs", skip_serializing_if = "Vec::is_empty")]
    pub link_local_ips: Vec<String>,
}

impl EndpointSettings {
    /// Whether the container is up in this network.
    pub fn is_joined(&self) -> bool {
        !self.endpoint_id.is_empty()
    }

    /// What stays of it when the container stops (`Daemon.releaseNetwork`).
    fn leave(&mut self) {
        *self = Self {
            ipam_config: self.ipam_config.take(),
            links: self.links.take(),
            aliases: self.aliases.take(),
            network_id: std::mem::take(&mut self.network_id),
            driver_opts: self.driver_opts.take(),
            ..Self::default()
        };
    }
}

impl NetworkSettings {
    /// What stays of it when the container stops.
    pub(crate) fn leave(&mut self) {
        self.ports = PortMap::new();
        self.networks.values_mut().for_each(EndpointSettings::leave);
    }

    /// The interfaces in their order, with their network's name.
    pub fn interfaces(&self) -> Vec<(u8, &str, &EndpointSettings)> {
        let mut list: Vec<_> = self
            .networks
            .iter()
            .filter_map(|(name, end)| Some((end.interface?, name.as_str(), end)))
            .collect();
        list.sort_by_key(|(number, ..)| *number);
        list
    }
}
