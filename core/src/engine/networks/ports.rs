//! Ports of the host that containers are seen through (libnetwork 20.10's `portallocator` and `portmapper`).

use std::collections::BTreeSet;

use super::Store;
use crate::engine::error::{Error, Result};
use crate::engine::{Container, Engine, HostConfig, NetworkSettings, PortBinding, PortMap};

/// The ports that the host gives out by itself.
const FIRST: u16 = 32768;
const LAST: u16 = 60999;

/// What the host shows already: protocol, address, port.
type Taken = BTreeSet<(String, String, u16)>;

/// One port of a container that wants a port of the host.
struct PortRequest {
    /// `80/tcp`.
    port: String,
    /// The number in it.
    inner: u16,
    binding: PortBinding,
}

impl Engine<'_> {
    /// Gives a container that starts its ports of the host.
    ///
    /// # Errors
    /// A port that another container has; the text names this container's end.
    pub(super) fn open_ports(
        &mut self,
        container: &Container,
        host: &HostConfig,
        endpoint: &str,
        store: &mut Store,
    ) -> Result<PortMap> {
        let mut ports = PortMap::new();
        let exposed = container.config.exposed_ports.iter().flat_map(|set| &set.0);
        for port in exposed.chain(host.port_bindings.keys()) {
            ports.entry(port.clone()).or_default();
        }
        let mut taken = self.taken_ports(&container.id)?;
        for request in requests(&ports, host) {
            let given = give(&request, &mut taken, store).map_err(|why| {
                Error::Failed(format!(
                    "driver failed programming external connectivity on endpoint {} ({endpoint}): {why}",
                    container.plain_name()
                ))
            })?;
            if let Some(list) = ports.get_mut(&request.port) {
                list.get_or_insert_with(Vec::new).extend(given);
            }
        }
        Ok(ports)
    }

    /// The ports of the host that other containers are seen through.
    fn taken_ports(&mut self, except: &str) -> Result<Taken> {
        let mut taken = Taken::new();
        for container in self.running()? {
            if container.id != except {
                taken.extend(bound(&container.network_settings));
            }
        }
        Ok(taken)
    }
}

fn bound(settings: &NetworkSettings) -> Vec<(String, String, u16)> {
    let mut list = Vec::new();
    for (port, bindings) in &settings.ports {
        let protocol = port.split_once('/').map_or("tcp", |(_, protocol)| protocol);
        for binding in bindings.iter().flatten() {
            if let Ok(number) = binding.host_port.parse() {
                list.push((protocol.to_owned(), binding.host_ip.clone(), number));
            }
        }
    }
    list
}

/// The ports that want one of the host, in Docker's order: those that name one first, then from high to low
/// (`nat.SortPortMap`; a recorded case).
fn requests(ports: &PortMap, host: &HostConfig) -> Vec<PortRequest> {
    let mut requests = Vec::new();
    for port in ports.keys() {
        let inner = port.split('/').next().and_then(|text| text.parse().ok()).unwrap_or_default();
        let bindings = host.port_bindings.get(port);
        for binding in bindings.into_iter().flatten() {
            requests.push(PortRequest { port: port.clone(), inner, binding: binding.clone() });
        }
        if host.publish_all_ports && bindings.is_none_or(Vec::is_empty) {
            requests.push(PortRequest { port: port.clone(), inner, binding: PortBinding::default() });
        }
    }
    let asked = |request: &PortRequest| request.binding.host_port.parse::<u16>().unwrap_or_default();
    requests.sort_by_key(|request| std::cmp::Reverse((asked(request), request.inner)));
    requests
}

/// Finds a port of the host for one request, on each address that it means.
fn give(
    request: &PortRequest,
    taken: &mut Taken,
    store: &mut Store,
) -> std::result::Result<Vec<PortBinding>, String> {
    let protocol = request.port.split_once('/').map_or("tcp", |(_, protocol)| protocol);
    let addresses: Vec<&str> = match request.binding.host_ip.as_str() {
        "" => vec!["0.0.0.0", "::"],
        address => vec![address],
    };
    let is_free = |port: u16, taken: &Taken| {
        addresses.iter().all(|address| !taken.contains(&(protocol.to_owned(), (*address).to_owned(), port)))
    };
    let text = request.binding.host_port.as_str();
    let port = if text.is_empty() || text == "0" {
        let last = store.last_port.get(protocol).copied().unwrap_or(LAST);
        let count = LAST - FIRST + 1;
        let free = (1..=count)
            .map(|step| FIRST + ((u32::from(last - FIRST) + u32::from(step)) % u32::from(count)) as u16)
            .find(|port| is_free(*port, taken))
            .ok_or("all ports are allocated")?;
        store.last_port.insert(protocol.to_owned(), free);
        free
    } else if let Some((first, last)) = text.split_once('-') {
        let (first, last) = (first.parse().unwrap_or(1u16), last.parse().unwrap_or(0u16));
        (first..=last).find(|port| is_free(*port, taken)).ok_or("all ports are allocated")?
    } else {
        let port = text.parse().unwrap_or_default();
        if !is_free(port, taken) {
            return Err(format!("Bind for {}:{port} failed: port is already allocated", addresses[0]));
        }
        port
    };
    // Every address at once, or one by name: the proxy of the second one cannot listen any more.
    let address = addresses[0];
    let shuts_out = |other: &(String, String, u16)| {
        let all = |text: &str| text == "0.0.0.0" || text == "::";
        let same_version = other.1.contains(':') == address.contains(':');
        other.0 == protocol && other.2 == port && same_version && (all(&other.1) || all(address))
    };
    if taken.iter().any(shuts_out) {
        let version = if address.contains(':') { "6" } else { "4" };
        let shown = if version == "6" { format!("[{address}]") } else { address.to_owned() };
        return Err(format!(
            "Error starting userland proxy: listen {protocol}{version} {shown}:{port}: bind: address already in use"
        ));
    }
    let is_own = address.starts_with("127.") || matches!(address, "0.0.0.0" | "::" | "::1" | "172.17.0.1");
    if !is_own {
        return Err(format!(
            "Error starting userland proxy: listen {protocol}{} {address}:{port}: bind: cannot assign requested address",
            if address.contains(':') { "6" } else { "4" }
        ));
    }
    Ok(addresses
        .into_iter()
        .map(|address| {
            taken.insert((protocol.to_owned(), address.to_owned(), port));
            PortBinding { host_ip: address.to_owned(), host_port: port.to_string() }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(port: &str, ip: &str, host: &str) -> PortRequest {
        let inner = port.split('/').next().unwrap().parse().unwrap();
        let binding = PortBinding { host_ip: ip.to_owned(), host_port: host.to_owned() };
        PortRequest { port: port.to_owned(), inner, binding }
    }

    #[test]
    fn ports_are_given_and_refused_as_by_docker() {
        let (mut taken, mut store) = (Taken::new(), Store::default());
        let mut ask = |ip: &str, port: &str| {
            give(&request("80/tcp", ip, port), &mut taken, &mut store)
                .map(|list| list.iter().map(|b| format!("{}:{}", b.host_ip, b.host_port)).collect::<Vec<_>>())
        };
        assert_eq!(ask("", "8080").unwrap(), ["0.0.0.0:8080", ":::8080"]);
        assert_eq!(ask("", "8080").unwrap_err(), "Bind for 0.0.0.0:8080 failed: port is already allocated");
        assert!(ask("127.0.0.1", "8080").unwrap_err().ends_with("bind: address already in use"));
        assert_eq!(ask("127.0.0.1", "8081").unwrap(), ["127.0.0.1:8081"]);
        assert_eq!(ask("", "").unwrap(), ["0.0.0.0:32768", ":::32768"]);
        assert_eq!(ask("", "0").unwrap(), ["0.0.0.0:32769", ":::32769"]);
        assert_eq!(ask("", "9100-9101").unwrap()[0], "0.0.0.0:9100");
        assert_eq!(ask("", "9100-9101").unwrap()[0], "0.0.0.0:9101");
        assert_eq!(ask("", "9100-9101").unwrap_err(), "all ports are allocated");
        assert!(ask("1.2.3.4", "80").unwrap_err().ends_with("bind: cannot assign requested address"));
    }
}
