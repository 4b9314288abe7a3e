//! From an address to whoever answers there (Docker's bridge driver: one bridge a network, no way between two of them).

use std::net::IpAddr;

use super::error::Result;
use super::networks::{HOST, Network, Subnet};
use super::{Container, Engine};
use crate::program::Place;

/// A network namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Namespace {
    /// The lab's host, and containers of `--network host`.
    Host,
    /// A container's, by its id; others may share it.
    Of(String),
}

/// What an address leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// A namespace, seen from this address there.
    To(Namespace, IpAddr),
    /// It belongs to a network of the lab, and nobody has it, or no way leads there.
    Nobody,
    /// It is not of the lab.
    Beyond,
}

/// Who takes a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taker {
    /// A container that listens, with the port there and the address that it sees as its client.
    Container { id: String, port: u16, client: String },
    /// Docker's proxy takes it, and behind it nobody listens.
    Reset,
    /// Nobody listens.
    Refused,
    /// Nobody has the address.
    Nobody,
    /// The address is not of the lab.
    Beyond,
}

/// The networks and containers of this moment.
pub(crate) struct Wire {
    networks: Vec<Network>,
    /// Those that are up, each with its namespace.
    up: Vec<(Container, Namespace)>,
}

impl Wire {
    /// Looks at the lab.
    pub(crate) fn of(engine: &mut Engine<'_>) -> Result<Self> {
        let networks = engine.networks()?;
        let mut up = Vec::new();
        for container in engine.containers()? {
            if container.state.running && !container.state.paused {
                let space = namespace(engine, &container)?;
                up.push((container, space));
            }
        }
        Ok(Self { networks, up })
    }

    /// Where a process is.
    pub(crate) fn place(&self, place: &Place) -> Namespace {
        match place {
            Place::Host => Namespace::Host,
            Place::Container(id) => self
                .up
                .iter()
                .find(|(container, _)| container.id == *id)
                .map_or_else(|| Namespace::Of(id.clone()), |(_, space)| space.clone()),
        }
    }

    /// The container that a namespace was made for.
    pub(crate) fn owner(&self, space: &Namespace) -> Option<&Container> {
        let Namespace::Of(id) = space else { return None };
        self.up.iter().map(|(container, _)| container).find(|container| container.id == *id)
    }

    /// All networks.
    pub(crate) fn networks(&self) -> &[Network] {
        &self.networks
    }

    /// The containers that are up.
    pub(crate) fn up(&self) -> impl Iterator<Item = &Container> {
        self.up.iter().map(|(container, _)| container)
    }

    /// Where an address leads from a namespace.
    pub(crate) fn way(&self, from: &Namespace, address: IpAddr) -> Way {
        let from_host = *from == Namespace::Host;
        if address.is_loopback() || address.is_unspecified() {
            return Way::To(from.clone(), address);
        }
        let Some(network) = self.networks.iter().find(|network| holds(network, address)) else {
            return Way::Beyond;
        };
        if network.ipam.config.iter().any(|config| config.way_out() == Some(address)) {
            return Way::To(Namespace::Host, address);
        }
        let own = self.owner(from);
        if !from_host && !own.is_some_and(|own| own.network_settings.networks.contains_key(&network.name)) {
            return Way::Nobody;
        }
        let text = address.to_string();
        let found = self.up.iter().find(|(container, _)| {
            container.network_settings.networks.get(&network.name).is_some_and(|end| {
                end.is_joined() && (end.ip_address == text || end.global_ipv6_address == text)
            })
        });
        found.map_or(Way::Nobody, |(_, space)| Way::To(space.clone(), address))
    }

    /// Who takes a connection to a port. `listens` says on which ports a container listens.
    pub(crate) fn connect(
        &self,
        from: &Namespace,
        address: IpAddr,
        port: u16,
        listens: &mut dyn FnMut(&Container) -> Vec<u16>,
    ) -> Taker {
        let (space, at) = match self.way(from, address) {
            Way::To(space, at) => (space, at),
            Way::Nobody => return Taker::Nobody,
            Way::Beyond => return Taker::Beyond,
        };
        let mut in_space = |space: &Namespace, port: u16, client: String| {
            let found = self.up.iter().find(|(c, own)| own == space && listens(c).contains(&port));
            found.map(|(c, _)| Taker::Container { id: c.id.clone(), port, client })
        };
        if let Some(taker) = in_space(&space, port, self.client(from, &space, at)) {
            return taker;
        }
        if space != Namespace::Host {
            return Taker::Refused;
        }
        for (container, own) in &self.up {
            if let Some(inner) = published(container, at, port) {
                let client = self.client(&Namespace::Host, own, at);
                return in_space(own, inner, client).unwrap_or(Taker::Reset);
            }
        }
        Taker::Refused
    }

    /// The address by which a client is known at its end.
    fn client(&self, from: &Namespace, to: &Namespace, at: IpAddr) -> String {
        if from == to {
            return if at.is_ipv6() { "::1" } else { "127.0.0.1" }.to_owned();
        }
        let there = self.owner(to);
        let here = self.owner(from);
        let shared = there.and_then(|there| {
            there.network_settings.networks.iter().find_map(|(name, end)| match here {
                Some(here) => here.network_settings.networks.get(name).map(|own| own.ip_address.clone()),
                None if !end.gateway.is_empty() => Some(end.gateway.clone()),
                None => None,
            })
        });
        shared.filter(|text| !text.is_empty()).unwrap_or_else(|| "172.17.0.1".to_owned())
    }
}

fn holds(network: &Network, address: IpAddr) -> bool {
    network.driver == "bridge"
        && network
            .ipam
            .config
            .iter()
            .any(|config| Subnet::parse(&config.subnet).is_some_and(|range| range.contains(address)))
}

fn namespace(engine: &mut Engine<'_>, container: &Container) -> Result<Namespace> {
    let mode = engine.host_config(&container.id)?.network_mode;
    let Some(other) = mode.strip_prefix("container:") else {
        return Ok(if mode == HOST { Namespace::Host } else { Namespace::Of(container.id.clone()) });
    };
    // A container's network can be shared once: whoever shares one that is shared is in the first one's.
    let shared = engine.host_config(other)?.network_mode;
    Ok(match shared.strip_prefix("container:") {
        Some(first) => Namespace::Of(first.to_owned()),
        None if shared == HOST => Namespace::Host,
        None => Namespace::Of(other.to_owned()),
    })
}

/// The port in a container that a port of the host leads to.
fn published(container: &Container, at: IpAddr, port: u16) -> Option<u16> {
    let text = port.to_string();
    container.network_settings.ports.iter().find_map(|(inner, bindings)| {
        let (number, protocol) = inner.split_once('/')?;
        let fits = bindings.iter().flatten().any(|binding| {
            let on: Option<IpAddr> = binding.host_ip.parse().ok();
            let everywhere = on.is_some_and(|on| on.is_unspecified() && on.is_ipv6() == at.is_ipv6());
            binding.host_port == text && (everywhere || on == Some(at))
        });
        (protocol == "tcp" && fits).then(|| number.parse().ok())?
    })
}
