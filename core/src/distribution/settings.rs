//! The registry's configuration file, and the variables that stand over it (Distribution, "Configuring a registry").

use std::collections::BTreeMap;

/// What the lab's registry takes from its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `storage.filesystem.rootdirectory`.
    pub root: String,
    /// `storage.delete.enabled`.
    pub deletes: bool,
    /// The port of `http.addr`.
    pub port: u16,
}

/// Keys that say nothing that could be seen in the lab, by their beginnings: logs of another form, caches, checks of itself.
const QUIET: [&str; 8] = [
    "version",
    "log.",
    "health.",
    "storage.cache.",
    "storage.maintenance.",
    "http.headers.",
    "http.secret",
    "storage.filesystem.maxthreads",
];

impl Settings {
    /// Reads the file's text and the process's variables.
    ///
    /// # Errors
    /// One line: a key that the lab's registry does not have, or an invalid value.
    pub fn read(text: &str, env: &[String]) -> Result<Self, String> {
        let mut keys = flatten(text);
        for variable in env {
            let Some((name, value)) = variable.split_once('=') else { continue };
            let Some(name) = name.strip_prefix("REGISTRY_") else { continue };
            keys.insert(name.to_lowercase().replace('_', "."), value.to_owned());
        }
        let mut settings = Self { root: "/var/lib/registry".to_owned(), deletes: false, port: 5000 };
        for (key, value) in keys {
            match key.as_str() {
                "storage.filesystem.rootdirectory" => settings.root = value,
                "storage.delete.enabled" => {
                    settings.deletes = value
                        .parse()
                        .map_err(|_| format!("storage.delete.enabled is true or false, not {value}"))?;
                }
                "http.addr" => {
                    let port = value.rsplit(':').next().and_then(|port| port.parse().ok());
                    settings.port = port.ok_or_else(|| format!("http.addr ends in a port, not {value}"))?;
                }
                _ if QUIET.iter().any(|quiet| key.starts_with(quiet)) => {}
                _ => return Err(refusal(&key)),
            }
        }
        Ok(settings)
    }
}

/// Why a setting that Distribution knows does not act here, by its key.
fn refusal(key: &str) -> String {
    match key.split('.').next().unwrap_or_default() {
        "auth" => format!(
            "the lab's registry does not have {key}: everybody may push and pull; start it without auth and REGISTRY_AUTH"
        ),
        "proxy" => format!(
            "the lab's registry does not have {key}: it serves what was pushed to it and fetches nothing; start it without \
             proxy and REGISTRY_PROXY"
        ),
        _ if key.starts_with("http.tls.") => format!(
            "the lab's registry does not have {key}: it speaks plain HTTP; start it without REGISTRY_HTTP_TLS"
        ),
        _ => format!("the lab's registry does not have {key}"),
    }
}

/// The values of a simple YAML document, by their keys joined with dots: mappings by indentation, and `{a: b}` on one line.
fn flatten(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut above: Vec<(usize, String)> = Vec::new();
    for line in text.lines() {
        let bare = line.split(" #").next().unwrap_or_default().trim_end();
        let Some((key, value)) = bare.trim_start().split_once(':') else { continue };
        if key.starts_with('#') {
            continue;
        }
        let depth = bare.len() - bare.trim_start().len();
        above.retain(|(other, _)| *other < depth);
        let path: Vec<&str> = above.iter().map(|(_, key)| key.as_str()).chain([key.trim()]).collect();
        let path = path.join(".").to_lowercase();
        let value = value.trim();
        if value.is_empty() {
            above.push((depth, key.trim().to_owned()));
        } else if let Some(inner) = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            for (key, value) in inner.split(',').filter_map(|pair| pair.split_once(':')) {
                found.insert(format!("{path}.{}", key.trim().to_lowercase()), plain(value));
            }
        } else {
            found.insert(path, plain(value));
        }
    }
    found
}

fn plain(value: &str) -> String {
    value.trim().trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_variables_are_read() {
        let text = "version: 0.1\nlog:\n  fields:\n    service: registry\nstorage:\n  filesystem:\n    rootdirectory: /data\n  \
                    delete: {enabled: true}\nhttp:\n  addr: :5001\n";
        let read = |env: &[&str]| {
            Settings::read(text, &env.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(read(&[]), Ok(Settings { root: "/data".into(), deletes: true, port: 5001 }));
        let over = ["PATH=/bin", "REGISTRY_STORAGE_DELETE_ENABLED=false", "REGISTRY_HTTP_ADDR=0.0.0.0:80"];
        assert_eq!(read(&over), Ok(Settings { root: "/data".into(), deletes: false, port: 80 }));
        for (variable, why) in [
            ("REGISTRY_AUTH=htpasswd", "does not have auth: everybody may push"),
            ("REGISTRY_AUTH_HTPASSWD_PATH=/auth", "does not have auth.htpasswd.path: everybody may push"),
            (
                "REGISTRY_PROXY_REMOTEURL=https://x",
                "does not have proxy.remoteurl: it serves what was pushed",
            ),
            ("REGISTRY_HTTP_TLS_KEY=/key", "does not have http.tls.key: it speaks plain HTTP"),
            ("REGISTRY_STORAGE_S3_BUCKET=b", "does not have storage.s3.bucket"),
        ] {
            let said = read(&[variable]).unwrap_err();
            assert!(said.contains(why), "{variable}: {said}");
        }
        assert!(read(&["REGISTRY_STORAGE_DELETE_ENABLED=maybe"]).is_err());
    }
}
