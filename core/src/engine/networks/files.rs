//! `/etc/hosts`, `/etc/hostname` and `/etc/resolv.conf` of a container (libnetwork 20.10's `etchosts` and `resolvconf`).
//!
//! They are files of the container's directory, mounted over the image's: what changes while a container is up is
//! written into the same file, so that it sees it.

use std::collections::BTreeMap;

use super::{HOST, is_user_defined, network_of_mode};
use crate::engine::error::{Named as _, Result};
use crate::engine::{Container, EndpointSettings, Engine, HostConfig, layout};
use crate::kernel::{Task, fs};

/// What stands in every `/etc/hosts`.
const HOSTS: &str = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n\
                     ff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";
/// The address at which Docker answers for the names of a network.
const RESOLVER: &str = "127.0.0.11";
/// Who is asked where the host names nobody.
const NAMESERVERS: [&str; 2] = ["8.8.8.8", "8.8.4.4"];

impl Engine<'_> {
    /// The directory that holds a container's three files: its own, or that of the container whose network it shares.
    ///
    /// # Errors
    /// The disk's.
    pub fn network_files_of(&mut self, container: &Container) -> Result<String> {
        let host = self.host_config(&container.id)?;
        let other = host.network_mode.strip_prefix("container:").unwrap_or(&container.id);
        // It may be gone; then what is left is the container's own directory.
        let id = self.container(other)?.map_or_else(|| container.id.clone(), |other| other.id);
        Ok(layout::container(&id))
    }

    /// Writes the three files anew, as every start does.
    pub(super) fn write_network_files(&mut self, container: &Container, host: &HostConfig) -> Result<()> {
        let dir = layout::container(&container.id);
        let resolv = self.host_file("/etc/resolv.conf")?;
        let mut hosts =
            if host.network_mode == HOST { self.host_file("/etc/hosts")? } else { HOSTS.to_owned() };
        for entry in host.extra_hosts.iter().flatten() {
            let (name, address) = entry.split_once(':').unwrap_or((entry, ""));
            let address = if address == "host-gateway" { "172.17.0.1" } else { address };
            hosts.push_str(&format!("{address}\t{name}\n"));
        }
        for (alias, other) in self.linked(host)? {
            let address =
                other.network_settings.networks.get(super::BRIDGE).map(|end| end.ip_address.clone());
            let names = format!("{alias} {} {}", other.config.hostname, other.plain_name());
            hosts.push_str(&format!("{}\t{names}\n", address.unwrap_or_default()));
        }
        for (_, _, end) in container.network_settings.interfaces() {
            hosts.push_str(&own_lines(container, end));
        }
        let hostname = format!("{}\n", container.config.hostname);
        self.write_in_place(&format!("{dir}/hostname"), &hostname)?;
        self.write_in_place(&format!("{dir}/hosts"), &hosts)?;
        self.write_in_place(&format!("{dir}/resolv.conf"), &resolv_conf(&resolv, host))
    }

    fn host_file(&mut self, path: &str) -> Result<String> {
        Ok(self.read_optional(path)?.unwrap_or_default())
    }

    fn write_in_place(&mut self, path: &str, text: &str) -> Result<()> {
        fs::write(self.kernel, &Task::root(), path.as_bytes(), text.as_bytes(), 0o644)
            .named("open", path.as_bytes())
    }

    /// A container that is up has come into a further network: its own file says it, and it asks Docker for names.
    pub(super) fn add_own_address(&mut self, container: &Container, network: &str) -> Result<()> {
        let Some(end) = container.network_settings.networks.get(network) else { return Ok(()) };
        let dir = layout::container(&container.id);
        let mut hosts = self.host_file(&format!("{dir}/hosts"))?;
        hosts.push_str(&own_lines(container, end));
        self.write_in_place(&format!("{dir}/hosts"), &hosts)?;
        if is_user_defined(network) {
            let host = self.host_config(&container.id)?;
            let own = self.host_file(&format!("{dir}/resolv.conf"))?;
            if !own.contains(RESOLVER) {
                let host = HostConfig { network_mode: network.to_owned(), ..host };
                self.write_in_place(&format!("{dir}/resolv.conf"), &resolv_conf(&own, &host))?;
            }
        }
        Ok(())
    }

    /// It has left a network: the lines with its address there go.
    pub(super) fn drop_own_address(&mut self, container: &Container, end: &EndpointSettings) -> Result<()> {
        let file = format!("{}/hosts", layout::container(&container.id));
        let hosts = self.host_file(&file)?;
        let gone = [&end.ip_address, &end.global_ipv6_address];
        let is_kept = |line: &&str| {
            let address = line.split('\t').next().unwrap_or_default();
            address.is_empty() || !gone.iter().any(|text| *text == address)
        };
        let kept: String = hosts.split_inclusive('\n').filter(is_kept).collect();
        self.write_in_place(&file, &kept)
    }

    /// The containers that `--link` names, with the names that they have here.
    fn linked(&mut self, host: &HostConfig) -> Result<Vec<(String, Container)>> {
        let mut list = Vec::new();
        for link in host.links.iter().flatten() {
            let (parent, alias) = link.split_once(':').unwrap_or((link, ""));
            if let Some(other) = self.container(parent)? {
                list.push((alias.to_owned(), other));
            }
        }
        Ok(list)
    }

    /// The variables that `--link` on the bridge network gives (`daemon/links/links.go`).
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn link_env(&mut self, container: &Container) -> Result<BTreeMap<String, String>> {
        let host = self.host_config(&container.id)?;
        let mut env = BTreeMap::new();
        for (alias, other) in self.linked(&host)? {
            let name = alias.replace('-', "_").to_uppercase();
            let address =
                other.network_settings.networks.get(super::BRIDGE).map(|end| end.ip_address.clone());
            let address = address.unwrap_or_default();
            let mut ports: Vec<(u16, &str)> = other
                .config
                .exposed_ports
                .iter()
                .flat_map(|set| &set.0)
                .filter_map(|port| port.split_once('/').and_then(|(n, p)| Some((n.parse().ok()?, p))))
                .collect();
            ports.sort_unstable();
            for (at, (number, protocol)) in ports.iter().enumerate() {
                let url = format!("{protocol}://{address}:{number}");
                if at == 0 {
                    env.insert(format!("{name}_PORT"), url.clone());
                }
                let key = format!("{name}_PORT_{number}_{}", protocol.to_uppercase());
                env.insert(format!("{key}_ADDR"), address.clone());
                env.insert(format!("{key}_PORT"), number.to_string());
                env.insert(format!("{key}_PROTO"), (*protocol).to_owned());
                env.insert(key, url);
            }
            env.insert(format!("{name}_NAME"), format!("{}/{alias}", container.name));
            for line in other.config.env.iter().flatten() {
                if let Some((key, value)) = line.split_once('=')
                    && !matches!(key, "HOME" | "PATH")
                {
                    env.insert(format!("{name}_ENV_{key}"), value.to_owned());
                }
            }
        }
        Ok(env)
    }
}

/// The lines by which a container knows itself in one network.
fn own_lines(container: &Container, end: &EndpointSettings) -> String {
    let (hostname, domain) = (&container.config.hostname, &container.config.domainname);
    let names = match hostname.split_once('.') {
        _ if !domain.is_empty() => format!("{hostname}.{domain} {hostname}"),
        Some((first, _)) => format!("{hostname} {first}"),
        None => hostname.clone(),
    };
    let mut lines = String::new();
    for address in [&end.ip_address, &end.global_ipv6_address] {
        if !address.is_empty() {
            lines.push_str(&format!("{address}\t{names}\n"));
        }
    }
    lines
}

/// `/etc/resolv.conf`: the host's, with what the container's `--dns` flags say instead; on a network that a person made
/// Docker itself answers.
fn resolv_conf(of_host: &str, host: &HostConfig) -> String {
    let words = |key: &str| -> Vec<String> {
        of_host
            .lines()
            .filter_map(|line| line.trim().strip_prefix(key))
            .filter(|rest| rest.starts_with([' ', '\t']))
            .flat_map(|rest| rest.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    };
    let given = |list: &[String], key: &str| if list.is_empty() { words(key) } else { list.to_vec() };
    let mode = network_of_mode(&host.network_mode);
    let mut servers = given(&host.dns, "nameserver");
    if mode != HOST {
        servers.retain(|server| !(server.starts_with("127.") || server == "::1"));
    }
    if servers.is_empty() {
        servers = NAMESERVERS.map(str::to_owned).into();
    }
    let search = given(&host.dns_search, "search");
    let mut options = given(&host.dns_options, "options");
    if is_user_defined(mode) {
        servers = vec![RESOLVER.to_owned()];
        if !options.iter().any(|option| option.starts_with("ndots")) {
            options.push("ndots:0".to_owned());
        }
    }
    let mut text = String::new();
    if !search.is_empty() && search != ["."] {
        text.push_str(&format!("search {}\n", search.join(" ")));
    }
    for server in servers {
        text.push_str(&format!("nameserver {server}\n"));
    }
    if !options.is_empty() {
        text.push_str(&format!("options {}\n", options.join(" ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolv_conf_as_recorded() {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let of_host = "# made by hand\nnameserver 10.255.255.53\n";
        let mut host = HostConfig::default();
        assert_eq!(resolv_conf(of_host, &host), "nameserver 10.255.255.53\n");
        assert_eq!(resolv_conf("", &host), "nameserver 8.8.8.8\nnameserver 8.8.4.4\n");
        host.dns = list(&["9.9.9.9"]);
        host.dns_search = list(&["s.com"]);
        host.dns_options = list(&["timeout:2"]);
        assert_eq!(resolv_conf(of_host, &host), "search s.com\nnameserver 9.9.9.9\noptions timeout:2\n");
        host.network_mode = "n1".to_owned();
        assert_eq!(
            resolv_conf(of_host, &host),
            "search s.com\nnameserver 127.0.0.11\noptions timeout:2 ndots:0\n"
        );
        host.dns_search = list(&["."]);
        host.dns_options = list(&["ndots:5"]);
        assert_eq!(resolv_conf(of_host, &host), "nameserver 127.0.0.11\noptions ndots:5\n");
    }
}
