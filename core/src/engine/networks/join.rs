//! A container comes into its networks and leaves them (moby 20.10's `daemon/container_operations.go`).

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{BRIDGE, HOST, NONE, Network, Store, Subnet, is_user_defined, network_of_mode, subnet};
use crate::engine::error::{Error, Result};
use crate::engine::{Container, EndpointSettings, Engine, HostConfig, NetworkSettings, PortMap};
use crate::oci::Digest;

impl Engine<'_> {
    /// Brings a container that starts into its networks: addresses, ports, and the files that tell it of them.
    ///
    /// # Errors
    /// A network or a linked container that is not there or not up, an address or a port that is taken. Then nothing of
    /// it stays.
    pub fn network_up(&mut self, container: &mut Container) -> Result<()> {
        let host = self.host_config(&container.id)?;
        if let Some(other) = host.network_mode.strip_prefix("container:") {
            let other = self.find_container(other)?;
            if !other.state.running {
                return Err(Error::Conflict(format!(
                    "cannot join network of a non running container: {}",
                    other.id
                )));
            }
            container.config.hostname.clone_from(&other.config.hostname);
            container.config.domainname.clone_from(&other.config.domainname);
            container.network_settings = NetworkSettings::default();
            return Ok(());
        }
        let main = network_of_mode(&host.network_mode).to_owned();
        if container.network_settings.networks.is_empty() && !container.state.has_run() {
            container.network_settings.networks.insert(main.clone(), EndpointSettings::default());
        }
        let asks = |end: &EndpointSettings| {
            end.ipam_config
                .as_ref()
                .is_some_and(|ipam| !ipam.ipv4_address.is_empty() || !ipam.ipv6_address.is_empty())
        };
        let fixed = |name: &str| matches!(name, "bridge" | "default" | "host" | "none");
        if container.network_settings.networks.iter().any(|(name, end)| fixed(name) && asks(end)) {
            let why = "user specified IP address is supported on user defined networks only";
            return Err(Error::Invalid(why.to_owned()));
        }
        self.check_links(container, &host)?;
        let mut store = self.network_store()?;
        let mut names: Vec<String> = container.network_settings.networks.keys().cloned().collect();
        names.sort_by_key(|name| *name != main);
        // Docker names the namespace at random; here it follows from what came before, the same on every kernel.
        let settings = &mut container.network_settings;
        let seed = format!("layerlab sandbox {} {}", container.id, settings.sandbox_id);
        settings.sandbox_id = Digest::of(seed.as_bytes()).hex();
        let file = if main == HOST { "default" } else { &settings.sandbox_id[..12] };
        settings.sandbox_key = format!("/var/run/docker/netns/{file}");
        let joined = names.iter().try_for_each(|name| self.join(container, name, &store, *name == main));
        let done = joined.and_then(|()| {
            container.network_settings.ports = self.ports_of(container, &host, &mut store)?;
            self.save_networks(&store)?;
            self.write_network_files(container, &host)
        });
        match &done {
            Ok(()) => self.tell_networks("connect", container)?,
            Err(_) => container.network_settings.leave(),
        }
        done
    }

    /// Tells of each network that a container is in and comes into or leaves.
    pub(in crate::engine) fn tell_networks(&mut self, action: &str, container: &Container) -> Result<()> {
        if container.network_settings.networks.values().all(|end| !end.is_joined()) {
            return Ok(());
        }
        let store = self.network_store()?;
        for end in container.network_settings.networks.values().filter(|end| end.is_joined()) {
            if let Some(network) = store.networks.iter().find(|network| network.id == end.network_id) {
                self.tell_network(action, network.identity(), Some(&container.id));
            }
        }
        Ok(())
    }

    /// The ports of a container that is in its networks; none where nothing leads to it.
    pub(super) fn ports_of(
        &mut self,
        container: &Container,
        host: &HostConfig,
        store: &mut Store,
    ) -> Result<PortMap> {
        let outward = container.network_settings.networks.iter().find(|(name, end)| {
            end.is_joined()
                && store.networks.iter().any(|n| n.name == **name && n.driver == "bridge" && !n.internal)
        });
        match outward.map(|(_, end)| end.endpoint_id.clone()) {
            Some(endpoint) => self.open_ports(container, host, &endpoint, store),
            None => Ok(PortMap::new()),
        }
    }

    fn check_links(&mut self, container: &Container, host: &HostConfig) -> Result<()> {
        for link in host.links.iter().flatten() {
            let (parent, alias) = link.split_once(':').unwrap_or((link, ""));
            let other = self.find_container(parent)?;
            if !other.state.running {
                return Err(Error::Conflict(format!(
                    "Cannot link to a non running container: {} AS {}/{alias}",
                    other.name, container.name
                )));
            }
            if !other.network_settings.networks.contains_key(BRIDGE) {
                return Err(Error::Conflict(format!(
                    "Cannot link to {}, as it does not belong to the default network",
                    other.name
                )));
            }
        }
        Ok(())
    }

    /// Gives a container an end in one network.
    pub(super) fn join(
        &mut self,
        container: &mut Container,
        name: &str,
        store: &Store,
        is_main: bool,
    ) -> Result<()> {
        let network = store
            .networks
            .iter()
            .find(|n| n.name == name || n.id == name)
            .ok_or_else(|| {
                // A container that was in it before knows the network by its id.
                let end = container.network_settings.networks.get(name);
                let known = end.map(|end| end.network_id.as_str()).filter(|id| !id.is_empty());
                Error::NotFound(format!("network {} not found", known.unwrap_or(name)))
            })?
            .clone();
        if network.config_only {
            return Err(Error::Invalid(format!(
                "configuration network {name} cannot be connected to a container"
            )));
        }
        let mut end = container.network_settings.networks.remove(name).unwrap_or_default();
        check_wish(&end, &network, store)?;
        if network.driver == "bridge" {
            let taken = self.taken_addresses(&network, &container.id)?;
            let mac = if is_main { container.config.mac_address.as_str() } else { "" };
            give_addresses(&mut end, &network, taken, mac)?;
            end.interface = (0..=u8::MAX).find(|number| {
                container.network_settings.networks.values().all(|other| other.interface != Some(*number))
            });
        }
        if is_user_defined(&network.name) {
            let aliases = end.aliases.get_or_insert_with(Vec::new);
            let short = container.id.get(..12).unwrap_or_default().to_owned();
            if !aliases.contains(&short) {
                aliases.push(short);
            }
        }
        end.network_id.clone_from(&network.id);
        let seed = format!("layerlab endpoint {} {}", container.network_settings.sandbox_id, network.id);
        end.endpoint_id = Digest::of(seed.as_bytes()).hex();
        container.network_settings.networks.insert(network.name.clone(), end);
        Ok(())
    }

    /// The addresses of a network that are in use.
    fn taken_addresses(&mut self, network: &Network, except: &str) -> Result<BTreeSet<IpAddr>> {
        let mut taken: BTreeSet<IpAddr> = BTreeSet::new();
        for config in &network.ipam.config {
            taken.extend(config.way_out());
            taken.extend(config.auxiliary_addresses.values().filter_map(|text| text.parse::<IpAddr>().ok()));
        }
        for (container, end) in self.network_members(network)? {
            if container.id != except {
                taken.extend(
                    [end.ip_address, end.global_ipv6_address]
                        .iter()
                        .filter_map(|text| text.parse::<IpAddr>().ok()),
                );
            }
        }
        Ok(taken)
    }

    /// `docker network connect`.
    ///
    /// # Errors
    /// The two do not go together, or the container is in it already.
    pub fn network_connect(
        &mut self,
        network: &Network,
        container: &mut Container,
        end: EndpointSettings,
    ) -> Result<()> {
        let host = self.host_config(&container.id)?;
        self.may_connect(network, container, &host.network_mode)?;
        let name = network.name.clone();
        let mut end = end;
        if !container.state.running {
            if is_user_defined(&name) {
                let short = container.short_id().to_owned();
                end.aliases.get_or_insert_with(Vec::new).push(short);
            }
            container.network_settings.networks.insert(name, end);
            return self.container_save(container);
        }
        let before = container.network_settings.clone();
        container.network_settings.networks.insert(name.clone(), end);
        let mut store = self.network_store()?;
        let done = self.join(container, &name, &store, false).and_then(|()| {
            if container.network_settings.ports.is_empty() {
                container.network_settings.ports = self.ports_of(container, &host, &mut store)?;
                self.save_networks(&store)?;
            }
            self.container_save(container)?;
            self.add_own_address(container, &name)
        });
        match &done {
            Ok(()) => self.tell_network("connect", network.identity(), Some(&container.id)),
            Err(_) => container.network_settings = before,
        }
        done
    }

    fn may_connect(&mut self, network: &Network, container: &Container, mode: &str) -> Result<()> {
        let refuse = |why: String| Err(Error::Invalid(why));
        if mode.starts_with("container:") {
            return refuse(
                "container sharing network namespace with another container or host cannot be connected to any other \
                 network"
                    .to_owned(),
            );
        }
        if container.network_settings.networks.contains_key(&network.name) && container.state.running {
            let name = container.plain_name();
            return refuse(format!("endpoint with name {name} already exists in network {}", network.name));
        }
        if network.name == HOST || mode == HOST {
            return refuse(
                "container cannot be disconnected from host network or connected to host network".to_owned(),
            );
        }
        let is_in_none = container.network_settings.networks.contains_key(NONE);
        if (network.name == NONE && !container.network_settings.networks.is_empty()) || is_in_none {
            return refuse(
                "container cannot be connected to multiple networks with one of the networks in private (none) mode"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// `docker network disconnect`.
    ///
    /// # Errors
    /// The container is not in it, or it is the host's.
    pub fn network_disconnect(&mut self, network: &Network, container: &mut Container) -> Result<()> {
        if network.name == HOST && container.state.running {
            return Err(Error::Invalid(
                "container cannot be disconnected from host network or connected to host network".to_owned(),
            ));
        }
        let Some(end) = container.network_settings.networks.remove(&network.name) else {
            let id = &container.id;
            return Err(Error::Invalid(format!(
                "container {id} is not connected to network {}",
                network.name
            )));
        };
        if container.state.running {
            self.drop_own_address(container, &end)?;
            let leads_out = container.network_settings.networks.values().any(|end| !end.gateway.is_empty());
            if !leads_out {
                container.network_settings.ports = PortMap::new();
            }
        }
        self.container_save(container)?;
        if container.state.running {
            self.tell_network("disconnect", network.identity(), Some(&container.id));
        }
        Ok(())
    }
}

/// Refuses an address that was asked for where none can be (`validateEndpointSettings`; recorded cases).
fn check_wish(end: &EndpointSettings, network: &Network, store: &Store) -> Result<()> {
    let Some(wish) = &end.ipam_config else { return Ok(()) };
    let wants_v4 = !wish.ipv4_address.is_empty();
    let wants_v6 = !wish.ipv6_address.is_empty();
    if !wants_v4 && !wants_v6 {
        return Ok(());
    }
    if !is_user_defined(&network.name) {
        return Err(Error::Invalid(
            "user specified IP address is supported on user defined networks only".to_owned(),
        ));
    }
    let was_named = |is_v6: bool| {
        let has = network.ipam.config.iter().any(|c| c.subnet.contains(':') == is_v6);
        has && (is_v6 || !store.chosen.contains(&network.id))
    };
    if (wants_v4 && !was_named(false)) || (wants_v6 && !was_named(true)) {
        return Err(Error::Invalid(
            "user specified IP address is supported only when connecting to networks with user configured subnets"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Gives an end its addresses.
fn give_addresses(
    end: &mut EndpointSettings,
    network: &Network,
    mut taken: BTreeSet<IpAddr>,
    mac: &str,
) -> Result<()> {
    let wish = end.ipam_config.clone().unwrap_or_default();
    for config in &network.ipam.config {
        let Some(range) = Subnet::parse(&config.subnet) else { continue };
        let wanted = if range.is_v6() { &wish.ipv6_address } else { &wish.ipv4_address };
        let address = match wanted.parse::<IpAddr>().ok() {
            Some(address) if !range.contains(address) => {
                return Err(Error::Invalid(format!(
                    "Invalid address {address}: It does not belong to any of this network's subnets"
                )));
            }
            Some(address) if taken.contains(&address) => {
                return Err(Error::Conflict("Address already in use".to_owned()));
            }
            Some(address) => address,
            None => range.free(Subnet::parse(&config.ip_range), &taken).ok_or_else(|| {
                let version = if range.is_v6() { "IPv6" } else { "IPv4" };
                Error::Failed(format!(
                    "no available {version} addresses on this network's address pools: {} ({})",
                    network.name, network.id
                ))
            })?,
        };
        taken.insert(address);
        let gateway = config.way_out().map(|address| address.to_string()).unwrap_or_default();
        match address {
            IpAddr::V4(v4) => {
                end.mac_address = if mac.is_empty() { subnet::mac_of(v4) } else { mac.to_owned() };
                end.ip_address = v4.to_string();
                end.ip_prefix_len = range.prefix();
                end.gateway = gateway;
            }
            IpAddr::V6(v6) => {
                end.global_ipv6_address = v6.to_string();
                end.global_ipv6_prefix_len = range.prefix();
                end.ipv6_gateway = gateway;
            }
        }
    }
    Ok(())
}
