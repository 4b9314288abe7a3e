//! What dockerd accepts as a mirror and as an insecure registry (recorded with dockerd 20.10.24).

use crate::program::Settings;

/// A mirror's address with a slash at its end.
pub(super) fn mirror(text: &str) -> Result<String, String> {
    let quoted = |text: &str| crate::oci::gojson::quote(text.as_bytes());
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    if !matches!(scheme, "http" | "https") {
        return Err(format!("invalid mirror: unsupported scheme {} in {}", quoted(scheme), quoted(text)));
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, more) = rest.split_at(end);
    if !matches!(more, "" | "/") {
        return Err(format!("invalid mirror: path, query, or fragment at end of the URI {}", quoted(text)));
    }
    if let Some((user, host)) = host.rsplit_once('@') {
        let user = user.split_once(':').map_or(user.to_owned(), |(name, _)| format!("{name}:xxxxx"));
        let shown = format!("{scheme}://{user}@{host}{more}");
        return Err(format!("invalid mirror: username/password not allowed in URI {}", quoted(&shown)));
    }
    Ok(format!("{scheme}://{host}/"))
}

/// Adds an insecure registry: a network, or a host with or without a port. A scheme before it is left out, as dockerd does
/// it with a warning.
pub(super) fn insecure(text: &str, into: &mut Settings) -> Result<(), String> {
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).unwrap_or(text);
    if is_network(host) {
        into.insecure_networks.push(host.to_owned());
        return Ok(());
    }
    let (name, port) = host.rsplit_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let label = |part: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !part.is_empty() && part.chars().all(inner) && !part.starts_with('-') && !part.ends_with('-')
    };
    let digits = |port: &str| !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
    if !name.split('.').all(label) || port.is_some_and(|port| !digits(port)) {
        return Err(format!("insecure registry {text} is not valid: invalid host \"{name}\""));
    }
    if let Some(port) = port.filter(|port| port.parse::<u16>().is_err()) {
        return Err(format!("insecure registry {text} is not valid: invalid port \"{port}\""));
    }
    into.insecure.push(host.to_owned());
    Ok(())
}

fn is_network(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let address: Option<std::net::IpAddr> = address.parse().ok();
    let most = match address {
        Some(std::net::IpAddr::V4(_)) => 32,
        Some(std::net::IpAddr::V6(_)) => 128,
        None => return false,
    };
    bits.parse::<u32>().is_ok_and(|bits| bits <= most)
}
