//! `ip addr` and `ip route`: a namespace's interfaces and ways.

use std::net::Ipv4Addr;

use crate::engine::networks::{Network, Subnet};
use crate::engine::wire::{Namespace, Wire};
use crate::engine::{Container, EndpointSettings, Engine};
use crate::kernel::ByteString;
use crate::program::{Around, Face, Flow, Place, Process, Program, Scope, System};

pub(super) const PROGRAM: Program =
    Program { name: "ip", summary: "show addresses and ways", scope: Scope::Everywhere, main: ip };

/// An interface.
struct Interface {
    name: String,
    flags: &'static str,
    mtu: u32,
    link: String,
    v4: Option<(String, u8)>,
    v6: Option<(String, u8)>,
}

fn ip(system: &mut System<'_>, process: &mut Process) -> Flow {
    let words: Vec<String> = process
        .args
        .iter()
        .skip(1)
        .map(ByteString::to_text)
        .filter(|word| !matches!(word.as_str(), "show" | "list" | "ls" | "dev"))
        .collect();
    let (flags, words): (Vec<String>, Vec<String>) =
        words.into_iter().partition(|word| word.starts_with('-'));
    let mut shape = Shape::default();
    for flag in &flags {
        match &flag[..] {
            "-4" => shape.v6 = false,
            "-6" => shape.v4 = false,
            "-o" => shape.one_line = true,
            _ => {
                process.complain(
                    system,
                    format!("Layerlab: the lab's ip has no {flag}; it takes -4, -6 and -o\n"),
                );
                return Flow::Exit(1);
            }
        }
    }
    let object = words.first().map_or("", String::as_str);
    let found = Engine::of(system).and_then(|mut engine| Wire::of(&mut engine));
    let wire = match found {
        Ok(wire) => wire,
        Err(error) => {
            process.complain(system, format!("ip: {error}\n"));
            return Flow::Exit(1);
        }
    };
    let space = wire.place(&process.place);
    let interfaces = interfaces(&wire, &space);
    let text = match object {
        "a" | "addr" | "address" => addresses(&interfaces, words.get(1), true, shape),
        "l" | "link" => addresses(&interfaces, words.get(1), false, shape),
        "r" | "route" => routes(&wire, &space),
        _ => {
            process.complain(system, "Layerlab: the lab's ip shows: ip addr, ip link, ip route\n");
            return Flow::Exit(1);
        }
    };
    if text.is_empty() && words.len() > 1 {
        process.complain(system, format!("ip: can't find device '{}'\n", words[1]));
        return Flow::Exit(1);
    }
    process.print(system, text);
    Flow::OK
}

/// What surrounds the processes at a place: interfaces, and whose namespaces they have.
pub fn around(system: &mut System<'_>, place: &Place) -> Around {
    let Ok(mut engine) = Engine::of(system) else { return Around::default() };
    let Ok(wire) = Wire::of(&mut engine) else { return Around::default() };
    let space = wire.place(place);
    let faces = interfaces(&wire, &space).into_iter().map(|face| Face {
        name: face.name.split('@').next().unwrap_or_default().to_owned(),
        address: face.link.split(' ').nth(1).unwrap_or_default().to_owned(),
        mtu: face.mtu,
    });
    let mut found = Around { faces: faces.collect(), ..Around::default() };
    if let Namespace::Of(id) = &space {
        found.net = Some(id.clone());
    }
    let Place::Container(id) = place else { return found };
    let Ok(host) = engine.host_config(id) else { return found };
    found.ipc = match host.ipc_mode.strip_prefix("container:") {
        Some(other) => Some(other.to_owned()),
        None => (host.ipc_mode != "host").then(|| id.clone()),
    };
    found.uts = (host.uts_mode != "host").then(|| id.clone());
    found
}

fn interfaces(wire: &Wire, space: &Namespace) -> Vec<Interface> {
    let mut list = vec![Interface {
        name: "lo".to_owned(),
        flags: "LOOPBACK,UP,LOWER_UP",
        mtu: 65536,
        link: "loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00".to_owned(),
        v4: Some(("127.0.0.1".to_owned(), 8)),
        v6: None,
    }];
    match wire.owner(space) {
        Some(container) => list.extend(of_container(wire, container)),
        None if *space == Namespace::Host => {
            list.extend(wire.networks().iter().filter(|n| n.driver == "bridge").map(|n| bridge(wire, n)));
        }
        None => {}
    }
    list
}

fn of_container(wire: &Wire, container: &Container) -> Vec<Interface> {
    let ends = container.network_settings.interfaces();
    ends.into_iter()
        .map(|(number, network, end)| Interface {
            name: format!("eth{number}@if{}", 2 * u32::from(number) + 5),
            flags: "BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN",
            mtu: mtu(wire.networks().iter().find(|n| n.name == network)),
            link: format!("ether {} brd ff:ff:ff:ff:ff:ff", end.mac_address),
            v4: Some((end.ip_address.clone(), end.ip_prefix_len)),
            v6: (!end.global_ipv6_address.is_empty())
                .then(|| (end.global_ipv6_address.clone(), end.global_ipv6_prefix_len)),
        })
        .collect()
}

fn mtu(network: Option<&Network>) -> u32 {
    let text = network.and_then(|network| network.options.get("com.docker.network.driver.mtu"));
    text.and_then(|text| text.parse().ok()).unwrap_or(1500)
}

/// A network's own interface on the host.
fn bridge(wire: &Wire, network: &Network) -> Interface {
    let own = network.options.get("com.docker.network.bridge.name").cloned();
    let name = own.unwrap_or_else(|| format!("br-{}", network.short_id()));
    let busy = wire.up().any(|container| {
        container.network_settings.networks.get(&network.name).is_some_and(EndpointSettings::is_joined)
    });
    let at = |is_v6: bool| {
        network.ipam.config.iter().find_map(|config| {
            let range = Subnet::parse(&config.subnet).filter(|range| range.is_v6() == is_v6)?;
            Some((config.way_out()?.to_string(), range.prefix()))
        })
    };
    Interface {
        name,
        flags: if busy { "BROADCAST,MULTICAST,UP,LOWER_UP" } else { "NO-CARRIER,BROADCAST,MULTICAST,UP" },
        mtu: mtu(Some(network)),
        link: format!("ether 02:42:{} brd ff:ff:ff:ff:ff:ff", colons(&network.id)),
        v4: at(false),
        v6: at(true),
    }
}

/// Eight digits of an id as four bytes.
fn colons(id: &str) -> String {
    (0..4).map(|at| id.get(2 * at..2 * at + 2).unwrap_or("00")).collect::<Vec<_>>().join(":")
}

/// What `ip` was asked to show of an interface.
#[derive(Debug, Clone, Copy)]
struct Shape {
    v4: bool,
    v6: bool,
    /// `-o`: a line an address, with what would be lines of its own behind a backslash.
    one_line: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self { v4: true, v6: true, one_line: false }
    }
}

fn addresses(list: &[Interface], only: Option<&String>, with_addresses: bool, shape: Shape) -> String {
    let mut text = String::new();
    for (at, face) in list.iter().enumerate() {
        let plain = face.name.split('@').next().unwrap_or_default();
        if only.is_some_and(|only| only != plain) {
            continue;
        }
        let number = if at == 0 { 1 } else { 2 * at + 2 };
        let mut found = Vec::new();
        if let Some((address, bits)) = face.v4.as_ref().filter(|_| shape.v4) {
            let rest = if at == 0 {
                "scope host lo".to_owned()
            } else {
                format!("brd {} scope global {plain}", broadcast(address, *bits))
            };
            found.push(format!("inet {address}/{bits} {rest}"));
        }
        if let Some((address, bits)) = face.v6.as_ref().filter(|_| shape.v6) {
            found.push(format!("inet6 {address}/{bits} scope global "));
        }
        // With one family asked for, an interface without an address of it is left out, and the link's line too.
        let whole = shape.v4 && shape.v6;
        if with_addresses && !whole && found.is_empty() {
            continue;
        }
        let queue = if at == 0 { " qlen 1000" } else { " " };
        let head = format!("{number}: {}: <{}> mtu {} qdisc noqueue{queue}", face.name, face.flags, face.mtu);
        let end = "       valid_lft forever preferred_lft forever";
        if shape.one_line {
            if !with_addresses || whole && found.is_empty() {
                text.push_str(&format!("{head}\\    link/{}\n", face.link));
            }
            for one in found.iter().filter(|_| with_addresses) {
                text.push_str(&format!("{number}: {plain}    {one}\\{end}\n"));
            }
            continue;
        }
        text.push_str(&format!("{head}\n"));
        if whole || !with_addresses {
            text.push_str(&format!("    link/{}\n", face.link));
        }
        for one in found.iter().filter(|_| with_addresses) {
            text.push_str(&format!("    {one}\n{end}\n"));
        }
    }
    text
}

fn broadcast(address: &str, bits: u8) -> String {
    let number = address.parse::<Ipv4Addr>().map_or(0, u32::from);
    let mask = u32::MAX.checked_shr(u32::from(bits)).unwrap_or(0);
    Ipv4Addr::from(number | mask).to_string()
}

fn routes(wire: &Wire, space: &Namespace) -> String {
    let mut text = String::new();
    if let Some(container) = wire.owner(space) {
        let ends = container.network_settings.interfaces();
        // The network that leads out is the first by name of those that are not internal.
        let out = container.network_settings.networks.iter().find(|(name, end)| {
            let internal = wire.networks().iter().any(|n| n.name == **name && n.internal);
            !end.gateway.is_empty() && (!internal || ends.len() == 1)
        });
        if let Some((_, end)) = out {
            text.push_str(&format!(
                "default via {} dev eth{} \n",
                end.gateway,
                end.interface.unwrap_or_default()
            ));
        }
        for (number, name, end) in ends {
            let range = wire.networks().iter().find(|n| n.name == name).and_then(|n| {
                n.ipam.config.iter().filter_map(|c| Subnet::parse(&c.subnet)).find(|range| !range.is_v6())
            });
            if let Some(range) = range {
                text.push_str(&format!("{range} dev eth{number} scope link  src {} \n", end.ip_address));
            }
        }
        return text;
    }
    for face in interfaces(wire, space).iter().skip(1) {
        if let Some((address, bits)) = &face.v4
            && let Some(range) = Subnet::parse(&format!("{address}/{bits}"))
        {
            text.push_str(&format!("{range} dev {} proto kernel scope link src {address} \n", face.name));
        }
    }
    text
}
