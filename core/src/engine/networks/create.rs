//! Making a network (`docker network create`; moby 20.10's `daemon/network.go` and libnetwork's bridge driver).

use std::collections::BTreeMap;

use super::{BRIDGE, ConfigFrom, Ipam, IpamConfig, MOST_NETWORKS, Network, Store, Subnet, is_predefined};
use crate::engine::Engine;
use crate::engine::error::{Error, Result};

/// What is wanted of a new network.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the fields of Docker's API")]
pub struct NetworkSpec {
    /// Its name.
    pub name: String,
    /// `--driver`, `bridge` where it is empty.
    pub driver: String,
    /// `--scope`.
    pub scope: String,
    /// `--ipv6`.
    pub enable_ipv6: bool,
    /// `--internal`.
    pub internal: bool,
    /// `--attachable`.
    pub attachable: bool,
    /// `--ingress`.
    pub ingress: bool,
    /// `--config-only`.
    pub config_only: bool,
    /// `--config-from`.
    pub config_from: String,
    /// `--ipam-driver`.
    pub ipam_driver: String,
    /// `--ipam-opt`.
    pub ipam_options: BTreeMap<String, String>,
    /// `--subnet` with what belongs to each.
    pub config: Vec<IpamConfig>,
    /// `--opt`.
    pub options: BTreeMap<String, String>,
    /// `--label`.
    pub labels: BTreeMap<String, String>,
}

const BRIDGE_NAME: &str = "com.docker.network.bridge.name";
/// Options of the bridge driver that are true or false.
const SWITCHES: [&str; 3] = [
    "com.docker.network.bridge.enable_icc",
    "com.docker.network.bridge.enable_ip_masquerade",
    "com.docker.network.bridge.inhibit_ipv4",
];
const MTU: &str = "com.docker.network.driver.mtu";

impl Engine<'_> {
    /// Makes a network and returns its id.
    ///
    /// # Errors
    /// A name that is taken, a driver that is not there, ranges that cannot be, or the disk's.
    pub fn network_create(&mut self, mut spec: NetworkSpec) -> Result<String> {
        let mut store = self.network_store()?;
        let name = spec.name.clone();
        if is_predefined(&name) {
            return Err(Error::Invalid(format!("operation is not permitted on predefined {name} network")));
        }
        // A recorded case: an empty name counts as one that is taken.
        if name.is_empty() || store.networks.iter().any(|n| n.name == name) {
            return Err(Error::Conflict(format!("network with name {name} already exists")));
        }
        if store.networks.len() >= MOST_NETWORKS {
            return Err(Error::Limit(format!(
                "Layerlab: there are {MOST_NETWORKS} networks, which is as many as the lab takes"
            )));
        }
        if spec.scope == "swarm" {
            return Err(Error::Invalid(
                "cannot create a swarm scoped network when swarm is not active".to_owned(),
            ));
        }
        if spec.ingress {
            return Err(Error::Invalid("Ingress network can only be global scope network".to_owned()));
        }
        if !spec.config_from.is_empty() {
            copy_config(&mut spec, &store)?;
        }
        let driver = if spec.driver.is_empty() { BRIDGE.to_owned() } else { spec.driver.clone() };
        let driver = if spec.config_only { "null".to_owned() } else { driver };
        if !spec.config_only {
            check_driver(&driver)?;
        }
        if !matches!(spec.ipam_driver.as_str(), "" | "default" | "null") {
            return Err(Error::NotFound(format!("plugin \"{}\" not found", spec.ipam_driver)));
        }
        let id = self.world.new_id();
        if !spec.config_only {
            check_options(&spec.options, &id, &store)?;
            let next = store.next_pool;
            let chose = addresses(&mut spec, &mut store);
            if store.next_pool != next {
                // The range that was looked at stays behind, also where the rest fails.
                self.save_networks(&store)?;
            }
            if chose? {
                store.chosen.push(id.clone());
            }
        }
        let ipam_driver = if spec.ipam_driver.is_empty() { "default".to_owned() } else { spec.ipam_driver };
        store.networks.push(Network {
            name,
            id: id.clone(),
            created: self.now_text(),
            scope: "local".to_owned(),
            driver,
            enable_ipv6: spec.enable_ipv6,
            ipam: Ipam { driver: ipam_driver, options: Some(spec.ipam_options), config: spec.config },
            internal: spec.internal,
            attachable: spec.attachable,
            ingress: false,
            config_from: ConfigFrom { network: spec.config_from },
            config_only: spec.config_only,
            options: spec.options,
            labels: spec.labels,
        });
        self.save_networks(&store)?;
        if let Some(network) = store.networks.last() {
            self.tell_network("create", network.identity(), None);
        }
        Ok(id)
    }
}

/// Takes over what a network of `--config-only` says.
fn copy_config(spec: &mut NetworkSpec, store: &Store) -> Result<()> {
    let from = store
        .networks
        .iter()
        .find(|n| n.name == spec.config_from)
        .ok_or_else(|| Error::NotFound(format!("network {} not found", spec.config_from)))?;
    if !from.config_only {
        return Err(Error::Invalid(format!("network {} is not a configuration network", from.name)));
    }
    if !spec.config.is_empty() || !spec.options.is_empty() {
        return Err(Error::Invalid(
            "user supplied configurations are not supported if the network depends on a configuration network"
                .to_owned(),
        ));
    }
    spec.config.clone_from(&from.ipam.config);
    spec.options.clone_from(&from.options);
    spec.enable_ipv6 = from.enable_ipv6;
    spec.internal |= from.internal;
    Ok(())
}

fn check_driver(driver: &str) -> Result<()> {
    match driver {
        "bridge" => Ok(()),
        "host" | "null" => {
            Err(Error::Invalid(format!("only one instance of \"{driver}\" network is allowed")))
        }
        "overlay" => Err(Error::Invalid(
            "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node \
             to swarm and try again."
                .to_owned(),
        )),
        // A recorded case: a kernel without these devices.
        "macvlan" | "ipvlan" => Err(Error::Failed("operation not supported".to_owned())),
        other => Err(Error::NotFound(format!("plugin \"{other}\" not found"))),
    }
}

fn check_options(options: &BTreeMap<String, String>, id: &str, store: &Store) -> Result<()> {
    if let Some(value) = options.get(MTU)
        && value.parse::<i64>().is_err()
    {
        return Err(Error::Invalid(format!(
            "failed to parse {MTU} value: {value} (strconv.Atoi: parsing \"{value}\": invalid syntax)"
        )));
    }
    for name in SWITCHES {
        if let Some(value) = options.get(name)
            && !matches!(value.to_ascii_lowercase().as_str(), "1" | "t" | "true" | "0" | "f" | "false")
        {
            return Err(Error::Invalid(format!(
                "failed to parse {name} value: {value} (strconv.ParseBool: parsing \"{value}\": invalid syntax)"
            )));
        }
    }
    if let Some(bridge) = options.get(BRIDGE_NAME)
        && let Some(other) = store.networks.iter().find(|n| n.options.get(BRIDGE_NAME) == Some(bridge))
    {
        return Err(Error::Conflict(format!(
            "cannot create network {id} ({bridge}): conflicts with network {} ({bridge}): networks have same bridge \
             name",
            other.id
        )));
    }
    Ok(())
}

/// Checks the ranges that were named and chooses one where none was. Whether it chose.
fn addresses(spec: &mut NetworkSpec, store: &mut Store) -> Result<bool> {
    let taken: Vec<Subnet> = store
        .networks
        .iter()
        .filter(|n| !n.config_only)
        .flat_map(|n| &n.ipam.config)
        .filter_map(|config| Subnet::parse(&config.subnet))
        .collect();
    let mut named = Vec::new();
    for config in &spec.config {
        let subnet = Subnet::parse(&config.subnet).ok_or_else(|| {
            let text = &config.subnet;
            Error::Invalid(format!("Invalid subnet {text} : invalid CIDR address: {text}"))
        })?;
        if taken.iter().any(|other| other.overlaps(subnet)) {
            return Err(Error::Conflict("Pool overlaps with other one on this address space".to_owned()));
        }
        named.push(subnet);
    }
    let of = |is_v6: bool| named.iter().filter(|subnet| subnet.is_v6() == is_v6).count();
    if of(false) > 1 || of(true) > 1 {
        return Err(Error::Invalid("bridge driver doesn't support multiple subnets".to_owned()));
    }
    let chooses = of(false) == 0;
    if chooses {
        let count = Subnet::default_pools();
        let free = (0..count)
            .map(|step| (store.next_pool + step) % count)
            .find(|index| !taken.iter().any(|other| other.overlaps(Subnet::default_pool(*index))));
        let Some(index) = free else { return Err(no_pool("IPv4")) };
        store.next_pool = (index + 1) % count;
        let subnet = Subnet::default_pool(index);
        let gateway = subnet.free(None, &std::collections::BTreeSet::new());
        let gateway = gateway.map(|address| address.to_string()).unwrap_or_default();
        let config = IpamConfig { subnet: subnet.to_string(), gateway, ..IpamConfig::default() };
        spec.config.insert(0, config);
    }
    if spec.enable_ipv6 && of(true) == 0 {
        return Err(no_pool("IPv6"));
    }
    Ok(chooses)
}

fn no_pool(version: &str) -> Error {
    Error::Failed(format!(
        "could not find an available, non-overlapping {version} address pool among the defaults to assign to the network"
    ))
}
