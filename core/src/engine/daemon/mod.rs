//! `/etc/docker/daemon.json`: read when the daemon starts, and refused as dockerd refuses it.
//!
//! Source: the reference of `dockerd` 20.10 ("Daemon configuration file"); the words were recorded with dockerd 20.10.24.

mod check;
mod keys;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::verify::unknown_log_option;
use super::{Engine, HostConfig, layout};
use crate::help::nearest;
use crate::kernel::{Errno, Kernel, Task, fs};
use crate::oci::gojson;
use crate::program::Settings;

/// The file.
pub const FILE: &str = "/etc/docker/daemon.json";
/// The longest file that is read.
const LONGEST: usize = 1 << 20;

/// Why the daemon does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// dockerd's own words, for a fault of the file.
    File(String),
    /// dockerd's own words for a key that it does not know, that key, and the nearest one that it knows.
    Key(String, String, String),
    /// A key of Docker's that cannot act in the lab, and why.
    Lab(&'static str, String),
}

impl Refused {
    /// The line that goes to the daemon's journal.
    pub fn text(&self) -> String {
        match self {
            Self::File(text) | Self::Key(text, ..) => text.clone(),
            Self::Lab(key, why) => format!("Layerlab: \"{key}\" in {FILE}: {why}"),
        }
    }
}

impl Engine<'_> {
    /// Gives a container of the default log driver the daemon's `log-opts` that it does not name itself
    /// (`dockerd` reference, "Configure logging drivers").
    pub(super) fn default_log(&self, host: &mut HostConfig) {
        if host.log_config.kind == "json-file" {
            for (key, value) in &self.world.daemon.settings.log_opts {
                host.log_config.config.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }
}

/// The file's values as the lab reads them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Document {
    data_root: Option<String>,
    debug: bool,
    experimental: bool,
    insecure_registries: Vec<String>,
    labels: Vec<String>,
    live_restore: bool,
    log_driver: Option<String>,
    log_opts: BTreeMap<String, String>,
    registry_mirrors: Vec<String>,
    shutdown_timeout: Option<i64>,
    storage_driver: Option<String>,
}

/// Reads the daemon's settings; the defaults where there is no file.
///
/// # Errors
/// Why dockerd does not start with it.
pub fn settings(kernel: &mut dyn Kernel) -> Result<Settings, Refused> {
    match fs::read(kernel, &Task::root(), FILE.as_bytes()) {
        Ok(bytes) if bytes.len() > LONGEST => {
            Err(configure(format!("the lab reads {LONGEST} bytes of it at most")))
        }
        Ok(bytes) => read(&bytes),
        Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(Settings::default()),
        Err(errno) => Err(configure(format!("open {FILE}: {}", super::go_text(errno)))),
    }
}

fn configure(why: String) -> Refused {
    Refused::File(format!("unable to configure the Docker daemon with file {FILE}: {why}"))
}

fn start(why: &str) -> Refused {
    Refused::File(format!("failed to start daemon: {why}"))
}

/// Reads the settings of a file's bytes.
fn read(bytes: &[u8]) -> Result<Settings, Refused> {
    // The first reading asks for any object.
    let object = gojson::Go::Struct("", "map[string]interface {}", &[]);
    gojson::decode(bytes, &object).map_err(configure)?;
    let first =
        serde_json::Deserializer::from_slice(bytes).into_iter::<BTreeMap<String, serde_json::Value>>();
    let found = first.into_iter().next().and_then(Result::ok).unwrap_or_default();
    let unknown =
        |key: &&String| !keys::ACT.contains(&key.as_str()) && !keys::REFUSED.contains(&key.as_str());
    let strangers: Vec<&str> = found.keys().filter(unknown).map(String::as_str).collect();
    if let Some(first) = strangers.first() {
        let near = nearest(first, keys::ACT.iter().chain(&keys::REFUSED).copied()).unwrap_or_default();
        let why = format!(
            "the following directives don't match any configuration option: {}",
            strangers.join(", ")
        );
        return Err(Refused::Key(configure(why).text(), (*first).to_owned(), near.to_owned()));
    }
    gojson::decode(bytes, &keys::CONFIG).map_err(configure)?;
    if let Some(key) = keys::REFUSED.into_iter().find(|key| found.contains_key(*key)) {
        return Err(Refused::Lab(key, "the lab's daemon cannot act on it".to_owned()));
    }
    let document =
        serde_json::Value::Object(found.into_iter().filter(|(_, value)| !value.is_null()).collect());
    let document: Document =
        serde_json::from_value(document).map_err(|error| configure(error.to_string()))?;
    accept(document)
}

/// Checks the values, in dockerd's order.
fn accept(document: Document) -> Result<Settings, Refused> {
    let mut settings = Settings {
        log_opts: document.log_opts,
        debug: document.debug,
        experimental: document.experimental,
        live_restore: document.live_restore,
        shutdown_timeout: document.shutdown_timeout,
        ..Settings::default()
    };
    for label in &document.labels {
        if label.split_once('=').is_none_or(|(key, _)| key.is_empty()) {
            let why = format!("configuration validation from file failed: bad attribute format: {label}");
            return Err(configure(why));
        }
    }
    settings.labels = document.labels;
    if let Some(root) = document.data_root.filter(|root| !root.is_empty() && root != layout::ROOT) {
        let why = format!("the lab's daemon keeps its data in {}, not in {root}", layout::ROOT);
        return Err(Refused::Lab("data-root", why));
    }
    if let Some(driver) = document.log_driver.filter(|driver| !matches!(driver.as_str(), "" | "json-file")) {
        return Err(Refused::Lab("log-driver", format!("the lab's daemon has json-file, not {driver}")));
    }
    if let Some(key) = settings.log_opts.keys().find(|key| unknown_log_option(key)) {
        let why = format!("failed to set log opts: unknown log opt '{key}' for json-file log driver");
        return Err(start(&why));
    }
    for text in document.registry_mirrors {
        let mirror = check::mirror(&text).map_err(|why| start(&why))?;
        if !settings.mirrors.contains(&mirror) {
            settings.mirrors.push(mirror);
        }
    }
    for text in document.insecure_registries {
        check::insecure(&text, &mut settings).map_err(|why| start(&why))?;
    }
    settings.insecure.sort();
    settings.insecure.dedup();
    if let Some(driver) = document.storage_driver.filter(|driver| !matches!(driver.as_str(), "" | "overlay2"))
    {
        let known = ["aufs", "btrfs", "devicemapper", "fuse-overlayfs", "overlay", "vfs", "zfs"];
        return Err(if known.contains(&driver.as_str()) {
            Refused::Lab("storage-driver", format!("the lab's daemon has overlay2, not {driver}"))
        } else {
            start("error initializing graphdriver: driver not supported")
        });
    }
    Ok(settings)
}
