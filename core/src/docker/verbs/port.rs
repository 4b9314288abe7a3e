//! `docker port`, and ports as `docker ps` shows them.

use super::super::{Call, Failure};
use super::network_flags::number;
use crate::engine::{Container, Error};
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    let mut engine = call.engine()?;
    let container = match engine.find_container(&name) {
        Ok(container) => container,
        Err(Error::NotFound(_)) => return Err(Failure::new(format!("Error: No such container: {name}"))),
        Err(error) => return Err(error.into()),
    };
    let ports = container.network_settings.ports;
    let Some(wanted) = call.flags.args.get(1).map(crate::kernel::ByteString::to_text) else {
        for (port, bindings) in &ports {
            for binding in bindings.iter().flatten() {
                call.line(&format!("{port} -> {}:{}", binding.host_ip, binding.host_port));
            }
        }
        return Ok(Flow::OK);
    };
    let (port, protocol) = wanted.split_once('/').unwrap_or((&wanted, "tcp"));
    number(port).map_err(Failure::new)?;
    let key = format!("{port}/{protocol}");
    match ports.get(&key) {
        Some(Some(bindings)) => {
            for binding in bindings {
                call.line(&format!("{}:{}", binding.host_ip, binding.host_port));
            }
            Ok(Flow::OK)
        }
        _ => Err(Failure::new(format!("Error: No public port '{key}' published for {name}"))),
    }
}

/// One line of a container's ports.
struct Row<'c> {
    inner: u16,
    ip: &'c str,
    outer: u16,
    protocol: &'c str,
}

/// `0.0.0.0:8080->80/tcp, :::8080->80/tcp`: neighbours that are shown under their own numbers stand together
/// (docker/cli 20.10, `formatter.DisplayablePorts`).
pub(super) fn shown(container: &Container) -> String {
    let mut rows = Vec::new();
    for (port, bindings) in &container.network_settings.ports {
        let (inner, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
        let inner = inner.parse().unwrap_or_default();
        match bindings {
            Some(bindings) => rows.extend(bindings.iter().map(|binding| Row {
                inner,
                ip: &binding.host_ip,
                outer: binding.host_port.parse().unwrap_or_default(),
                protocol,
            })),
            None => rows.push(Row { inner, ip: "", outer: 0, protocol }),
        }
    }
    rows.sort_by_key(|row| (row.inner, row.ip, row.outer, row.protocol));
    let mut groups: Vec<(&str, &str, u16, u16)> = Vec::new();
    let mut whole = Vec::new();
    let mut mapped = Vec::new();
    for row in &rows {
        if !row.ip.is_empty() && row.outer != row.inner {
            mapped.push(format!("{}:{}->{}/{}", row.ip, row.outer, row.inner, row.protocol));
            continue;
        }
        match groups.iter_mut().find(|(ip, protocol, ..)| *ip == row.ip && *protocol == row.protocol) {
            None => groups.push((row.ip, row.protocol, row.inner, row.inner)),
            Some(group) if row.inner == group.3 + 1 => group.3 = row.inner,
            Some(group) => {
                whole.push(group_text(*group));
                (group.2, group.3) = (row.inner, row.inner);
            }
        }
    }
    whole.extend(groups.into_iter().map(group_text));
    whole.extend(mapped);
    whole.join(", ")
}

fn group_text((ip, protocol, first, last): (&str, &str, u16, u16)) -> String {
    let range = if first == last { first.to_string() } else { format!("{first}-{last}") };
    if ip.is_empty() { format!("{range}/{protocol}") } else { format!("{ip}:{range}->{range}/{protocol}") }
}
