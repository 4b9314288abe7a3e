//! Values of flags about networks, checked as they are read (docker/cli 20.10's `opts`).

use std::collections::BTreeMap;
use std::net::IpAddr;

/// One network of the line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Attachment {
    pub name: String,
    pub aliases: Vec<String>,
    pub driver_opts: BTreeMap<String, String>,
}

/// Checks one value as it is read, where the Go type behind the flag does.
pub(super) fn check_value(long: &str, value: &str) -> Result<(), String> {
    match long {
        "network" | "net" => attachment(value).map(drop),
        "add-host" => {
            let (name, address) =
                value.split_once(':').ok_or_else(|| format!("bad format for add-host: \"{value}\""))?;
            if name.is_empty() {
                return Err(format!("bad format for add-host: \"{value}\""));
            }
            if address != "host-gateway" && address.trim().parse::<IpAddr>().is_err() {
                return Err(format!("invalid IP address in add-host: \"{address}\""));
            }
            Ok(())
        }
        "dns" if value.trim().parse::<IpAddr>().is_err() => Err(format!("{value} is not an ip address")),
        "dns-search" if value.trim() != "." && !is_domain(value.trim()) => {
            Err(format!("{} is not a valid domain", value.trim()))
        }
        "link" if value.is_empty() => Err("empty string specified for links".to_owned()),
        "link" if value.split(':').count() > 2 => Err(format!("bad format for links: {value}")),
        _ => Ok(()),
    }
}

fn is_domain(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    text.bytes().any(|b| b.is_ascii_alphabetic())
        && text.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

/// Reads `--network`: a name, or `name=…,alias=…,driver-opt=k=v`.
pub(super) fn attachment(value: &str) -> Result<Attachment, String> {
    let is_long = value.split_once('=').is_some_and(|(key, rest)| {
        key.ends_with(|c: char| c.is_alphanumeric() || c == '_') && !rest.is_empty()
    });
    if !is_long {
        return Ok(Attachment { name: value.to_owned(), ..Attachment::default() });
    }
    let mut network = Attachment::default();
    for field in value.split(',') {
        let (key, value) = field.split_once('=').ok_or_else(|| format!("invalid field {field}"))?;
        let value = value.trim().to_lowercase();
        match key.trim().to_lowercase().as_str() {
            "name" => network.name = value,
            "alias" => network.aliases.push(value),
            "driver-opt" => {
                let (key, value) =
                    value.split_once('=').ok_or("invalid key value pair format in driver options")?;
                network.driver_opts.insert(key.trim().to_owned(), value.trim().to_owned());
            }
            key => return Err(format!("invalid field key {key}")),
        }
    }
    if network.name.is_empty() {
        return Err("network name/id is not specified".to_owned());
    }
    Ok(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_refused_as_by_docker() {
        for (long, value, want) in [
            ("add-host", "bogus", "bad format for add-host: \"bogus\""),
            ("add-host", "a:b", "invalid IP address in add-host: \"b\""),
            ("dns", "bogus", "bogus is not an ip address"),
            ("dns-search", "!!", "!! is not a valid domain"),
            ("link", "a:b:c", "bad format for links: a:b:c"),
            ("network", "name=r1,foo=b", "invalid field key foo"),
        ] {
            assert_eq!(check_value(long, value).unwrap_err(), want, "{long} {value}");
        }
        for (long, value) in
            [("add-host", "a:host-gateway"), ("dns-search", "."), ("dns", "::1"), ("network", "n1")]
        {
            assert_eq!(check_value(long, value), Ok(()), "{long} {value}");
        }
        let long = attachment("name=r1,alias=zz,driver-opt=a=b").unwrap();
        assert_eq!((long.name.as_str(), long.aliases), ("r1", vec!["zz".to_owned()]));
    }
}
