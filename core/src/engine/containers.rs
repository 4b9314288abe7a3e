//! Containers: their documents, and finding one by id or name (`container/container.go`; oracle: inspect-container).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::endpoints::NetworkSettings;
use super::error::{Error, Result};
use super::{Engine, HostConfig, MountPoint, layout};
use crate::oci::config::ContainerConfig;
use crate::oci::{Digest, time};

/// The length of an id.
const ID_LEN: usize = 64;

/// `config.v2.json`, the fields that the lab has a use for, under Docker's names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Container {
    /// Running, exited, paused.
    pub state: ContainerState,
    /// 64 digits.
    #[serde(rename = "ID")]
    pub id: String,
    /// When it was made, RFC 3339.
    pub created: String,
    /// The program.
    pub path: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// How it runs.
    pub config: ContainerConfig,
    /// The image's id.
    pub image: Digest,
    /// Where its output is kept.
    #[serde(default)]
    pub log_path: String,
    /// Its name, with a slash before it.
    pub name: String,
    /// `overlay2`.
    pub driver: String,
    /// `linux`.
    #[serde(rename = "OS")]
    pub os: String,
    /// How often it was restarted by itself.
    #[serde(default)]
    pub restart_count: u32,
    /// What is mounted in it, by its place there.
    #[serde(default)]
    pub mount_points: BTreeMap<String, MountPoint>,
    /// Its networks and ports.
    #[serde(default)]
    pub network_settings: NetworkSettings,
}

/// What became of a container's process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_excessive_bools, reason = "they are the fields of Docker's State")]
pub struct ContainerState {
    /// It is up.
    pub running: bool,
    /// It is up and held.
    pub paused: bool,
    /// It has ended and is started again soon.
    #[serde(default)]
    pub restarting: bool,
    /// A process of it was killed for want of memory while it was up last.
    #[serde(rename = "OOMKilled", default)]
    pub oom_killed: bool,
    /// Its number on the lab's host, 0 while it is not up.
    pub pid: u32,
    /// How it ended last.
    #[serde(rename = "ExitCode")]
    pub exit_code: u8,
    /// Why it could not be started.
    #[serde(default)]
    pub error: String,
    /// What its health checks say, where it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// When it came up last, RFC 3339; Go's zero time where never.
    pub started_at: String,
    /// When it ended last.
    pub finished_at: String,
}

impl Default for ContainerState {
    fn default() -> Self {
        Self {
            running: false,
            paused: false,
            restarting: false,
            oom_killed: false,
            pid: 0,
            exit_code: 0,
            error: String::new(),
            health: None,
            started_at: time::ZERO.to_owned(),
            finished_at: time::ZERO.to_owned(),
        }
    }
}

impl ContainerState {
    /// Whether it was ever up.
    pub fn has_run(&self) -> bool {
        self.started_at != time::ZERO
    }

    /// Whether Docker calls it running: it is up, or it has ended and is started again soon (recorded, 20.10.24).
    pub fn is_running(&self) -> bool {
        self.running || self.restarting
    }

    /// Docker's word for it.
    pub fn status(&self) -> &'static str {
        match () {
            () if self.paused => "paused",
            () if self.restarting => "restarting",
            () if self.running => "running",
            () if self.started_at == time::ZERO => "created",
            () => "exited",
        }
    }
}

/// A container's health (`types.Health`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Health {
    /// `starting`, `healthy` or `unhealthy`.
    pub status: String,
    /// How many checks have failed, one after another.
    pub failing_streak: i64,
    /// The newest results.
    pub log: Vec<Probe>,
}

impl Default for Health {
    fn default() -> Self {
        Self { status: "starting".to_owned(), failing_streak: 0, log: Vec::new() }
    }
}

/// One result of a health check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Probe {
    /// When it began, RFC 3339.
    pub start: String,
    /// When it ended.
    pub end: String,
    /// Its status, -1 where it took too long.
    pub exit_code: i64,
    /// What it wrote.
    pub output: String,
}

impl Container {
    /// The name without its slash.
    pub fn plain_name(&self) -> &str {
        self.name.strip_prefix('/').unwrap_or(&self.name)
    }

    /// Docker's sentence for a container that must be up and is not.
    pub fn why_not_up(&self) -> String {
        if self.state.restarting {
            return format!("Container {} is restarting, wait until the container is running", self.id);
        }
        format!("Container {} is not running", self.id)
    }

    /// The first 12 digits of the id.
    pub fn short_id(&self) -> &str {
        self.id.get(..12).unwrap_or(&self.id)
    }
}

impl Engine<'_> {
    /// The container with this full id.
    pub fn container(&mut self, id: &str) -> Result<Option<Container>> {
        let file = format!("{}/config.v2.json", layout::container(id));
        let Some(mut container) = self.read_json::<Container>(&file)? else { return Ok(None) };
        if container.state.running && !self.world.running.contains_key(id) {
            // Its process went with an earlier session; Docker says the same after a restart of its daemon.
            container.state.running = false;
            container.state.paused = false;
            container.state.pid = 0;
            container.state.exit_code = 255;
            container.state.finished_at.clone_from(&container.state.started_at);
            container.network_settings.leave();
        }
        Ok(Some(container))
    }

    /// All containers, the newest first.
    pub fn containers(&mut self) -> Result<Vec<Container>> {
        let mut list = Vec::new();
        for id in self.names(layout::CONTAINERS)? {
            list.extend(self.container(&id)?);
        }
        // Made within one tick of the clock: the order of their names keeps the list the same on every kernel.
        list.sort_by_key(|c| std::cmp::Reverse(time::parse(&c.created)));
        Ok(list)
    }

    /// The containers that are up, by id.
    pub(super) fn running(&mut self) -> Result<Vec<Container>> {
        let ids: Vec<String> = self.world.running.keys().cloned().collect();
        let mut list = Vec::new();
        for id in ids {
            list.extend(self.container(&id)?.filter(|container| container.state.running));
        }
        Ok(list)
    }

    /// How it meets its host.
    pub fn host_config(&mut self, id: &str) -> Result<HostConfig> {
        let file = format!("{}/hostconfig.json", layout::container(id));
        let Some(bytes) = self.read_bytes(&file)? else { return Ok(HostConfig::default()) };
        if let Some((known, host)) = &self.host
            && *known == bytes
        {
            return Ok(host.clone());
        }
        let host: HostConfig = Self::parse_json(&file, &bytes)?;
        self.host = Some((bytes, host.clone()));
        Ok(host)
    }

    /// Stores how a container meets its host.
    ///
    /// # Errors
    /// The disk's.
    pub fn host_config_save(&mut self, container: &Container, host: &HostConfig) -> Result<()> {
        self.write_json(&format!("{}/hostconfig.json", layout::container(&container.id)), host, 0o644)
    }

    /// Keeps what was changed in a container's document.
    ///
    /// # Errors
    /// The disk's.
    pub fn keep(&mut self, container: &Container) -> Result<()> {
        self.container_save(container)
    }

    /// Stores a container's document.
    pub(crate) fn container_save(&mut self, container: &Container) -> Result<()> {
        let file = format!("{}/config.v2.json", layout::container(&container.id));
        self.write_json(&file, container, 0o600)?;
        self.register_name(container)
    }

    /// The container that a person means: a full id, a name, or the start of an id (`Daemon.GetContainer`).
    pub fn find_container(&mut self, text: &str) -> Result<Container> {
        let missing = || Error::NotFound(format!("No such container: {text}"));
        if text.is_empty() || text.contains('\0') {
            return Err(missing());
        }
        let name = text.strip_prefix('/').unwrap_or(text);
        if text.len() == ID_LEN
            && !text.contains('/')
            && let Some(found) = self.container(text)?
        {
            return Ok(found);
        }
        if let Some(found) = self.container_named(name)? {
            return Ok(found);
        }
        let ids = self.names(layout::CONTAINERS)?;
        let mut found = ids.iter().filter(|id| id.starts_with(text));
        match (found.next(), found.next()) {
            (Some(one), None) => self.container(one)?.ok_or_else(missing),
            (Some(_), Some(_)) => {
                Err(Error::Invalid(format!("Multiple IDs found with provided prefix: {text}")))
            }
            (None, _) => Err(missing()),
        }
    }
}
