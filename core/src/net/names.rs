//! From a name to an address, as a program's C library and Docker's own server for names do.

use std::net::IpAddr;

use crate::engine::networks::is_user_defined;
use crate::engine::wire::{Namespace, Wire};
use crate::kernel::fs;
use crate::program::{Process, System};

/// The addresses of a name: the name itself where it is one, `/etc/hosts` of whoever asks, then the containers of the
/// networks that it shares with them.
pub(super) fn lookup(
    system: &mut System<'_>,
    process: &Process,
    wire: &Wire,
    from: &Namespace,
    name: &str,
) -> Option<IpAddr> {
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    if let Ok(address) = bare.parse() {
        return Some(address);
    }
    in_hosts(system, process, name).or_else(|| in_networks(wire, from, name))
}

fn in_hosts(system: &mut System<'_>, process: &Process, name: &str) -> Option<IpAddr> {
    let text = fs::read(system.kernel, &process.task, b"/etc/hosts").unwrap_or_default();
    String::from_utf8_lossy(&text).lines().find_map(|line| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let address = words.next()?;
        words.any(|word| word.eq_ignore_ascii_case(name)).then(|| address.parse().ok())?
    })
}

/// What the server at 127.0.0.11 answers: a container's name, its aliases, and the names that `--link` gives, in the
/// networks that a person made.
pub(super) fn in_networks(wire: &Wire, from: &Namespace, name: &str) -> Option<IpAddr> {
    let own = wire.owner(from)?;
    let mut found = None;
    for (network, own_end) in &own.network_settings.networks {
        if !is_user_defined(network) {
            continue;
        }
        let linked = own_end.links.iter().flatten().find_map(|link| {
            let (other, alias) = link.split_once(':').unwrap_or((link, link));
            (alias == name).then(|| other.to_owned())
        });
        let wanted = linked.as_deref().unwrap_or(name);
        let plain = wanted.strip_suffix(&format!(".{network}")).unwrap_or(wanted);
        for other in wire.up() {
            let Some(end) = other.network_settings.networks.get(network).filter(|end| end.is_joined()) else {
                continue;
            };
            let is_it =
                other.plain_name() == plain || end.aliases.iter().flatten().any(|alias| alias == plain);
            if is_it && found.is_none() {
                found = end.ip_address.parse().ok();
            }
        }
    }
    found
}
