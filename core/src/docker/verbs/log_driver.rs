//! What `docker logs` knows of a container's log driver and its options (docs.docker.com, "Configure logging drivers";
//! recorded on 20.10.24).

use std::collections::BTreeMap;

use crate::oci::config::ContainerConfig;

/// Whether a log of this driver can be read back. With any other but `none`, Docker 20.10 keeps a copy of its own.
pub(super) fn can_be_read(driver: &str) -> bool {
    driver != "none"
}

/// What `--details` puts before each line: the variables and labels that the driver was told to keep, as `NAME=value` in
/// the order of their names, with commas between.
pub(super) fn details(options: &BTreeMap<String, String>, config: &ContainerConfig) -> String {
    let option = |name: &str| options.get(name).map_or("", String::as_str);
    let listed =
        |name: &str, key: &str| option(name).split(',').any(|word| !word.is_empty() && word.trim() == key);
    let matched = |name: &str, key: &str| {
        let pattern = option(name);
        !pattern.is_empty() && regex_lite::Regex::new(pattern).is_ok_and(|regex| regex.is_match(key))
    };
    let mut kept: BTreeMap<&str, &str> = BTreeMap::new();
    for (key, value) in config.labels.iter().flatten() {
        if listed("labels", key) || matched("labels-regex", key) {
            kept.insert(key, value);
        }
    }
    for (key, value) in config.env.iter().flatten().filter_map(|pair| pair.split_once('=')) {
        if listed("env", key) || matched("env-regex", key) {
            kept.insert(key, value);
        }
    }
    if !option("tag").is_empty() {
        kept.insert("tag", option("tag"));
    }
    kept.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}
