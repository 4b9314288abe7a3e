//! `EXPOSE`'s ports (go-connections `nat.ParsePortSpecs`).

/// The container's ports that a specification names, `80/tcp`: `[[IP:]HOST:]PORT[-PORT][/PROTOCOL]`.
///
/// # Errors
/// Docker's words.
pub(super) fn parse(text: &str) -> Result<Vec<String>, String> {
    let (rest, protocol) = match text.split_once('/') {
        Some((rest, protocol)) => (rest, protocol.to_lowercase()),
        None => (text, "tcp".to_owned()),
    };
    let mut parts = rest.rsplitn(3, ':');
    let inside = parts.next().unwrap_or_default();
    let outside = parts.next().unwrap_or_default();
    let address = parts.next().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    if !address.is_empty() && address.parse::<std::net::IpAddr>().is_err() {
        return Err(format!("Invalid ip address: {address}"));
    }
    if inside.is_empty() {
        return Err(format!("No port specified: {text}<empty>"));
    }
    let (first, last) = range(inside).ok_or_else(|| format!("Invalid containerPort: {inside}"))?;
    if !outside.is_empty() {
        let (from, to) = range(outside).ok_or_else(|| format!("Invalid hostPort: {outside}"))?;
        if to - from != last - first && first != last {
            return Err(format!(
                "Invalid ranges specified for container and host Ports: {inside} and {outside}"
            ));
        }
    }
    if !["tcp", "udp", "sctp"].contains(&protocol.as_str()) {
        return Err(format!("Invalid proto: {protocol}"));
    }
    Ok((first..=last).map(|port| format!("{port}/{protocol}")).collect())
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::parse;

    /// Recorded builds: expose, expose-host, expose-bad-range.
    #[test]
    fn ports_of_expose() {
        assert_eq!(parse("8000-8001").unwrap(), ["8000/tcp", "8001/tcp"]);
        assert_eq!(parse("9/SCTP").unwrap(), ["9/sctp"]);
        assert_eq!(parse("8080:80").unwrap(), ["80/tcp"]);
        assert_eq!(parse("90-80").unwrap_err(), "Invalid containerPort: 90-80");
        assert_eq!(parse("80/icmp").unwrap_err(), "Invalid proto: icmp");
        assert_eq!(parse("x").unwrap_err(), "Invalid containerPort: x");
        assert_eq!(parse("/tcp").unwrap_err(), "No port specified: /tcp<empty>");
    }
}
