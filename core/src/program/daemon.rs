//! What is known of the machine's Docker daemon beside the containers: whether it is up, its settings, its unit's journal.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::clock::to_timespec;
use super::wait::Nanos;
use crate::oci::{gojson, time};

/// The newest entries of the journal that are kept.
const KEPT: usize = 500;
/// The number of the first `dockerd`; each start has the next one.
const FIRST_PID: u32 = 611;

/// The daemon and its unit, `docker.service`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Daemon {
    /// Whether it runs.
    pub state: DaemonState,
    /// What it read when it started.
    pub settings: Settings,
    /// When it came into its state.
    pub since: Nanos,
    /// How often it was started.
    pub starts: u32,
    /// The containers that it ended as it stopped, by their full ids: nobody asked for their end.
    pub ended: BTreeSet<String>,
    /// What it and the init system wrote, the oldest first.
    pub journal: Vec<Noted>,
}

/// Whether the daemon runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DaemonState {
    /// It runs.
    #[default]
    Up,
    /// Somebody stopped it.
    Stopped,
    /// It could not start.
    Failed,
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// When it was written.
    pub at: Nanos,
    /// Who wrote it: `systemd[1]`, `dockerd[612]`.
    pub by: String,
    /// The text.
    pub text: String,
}

/// The daemon's settings that act in the lab: those of `/etc/docker/daemon.json` when it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `registry-mirrors`, each with a slash at its end.
    pub mirrors: Vec<String>,
    /// `insecure-registries` that are hosts, sorted.
    pub insecure: Vec<String>,
    /// `insecure-registries` that are networks.
    pub insecure_networks: Vec<String>,
    /// `labels`.
    pub labels: Vec<String>,
    /// `log-opts`, for containers that name no others.
    pub log_opts: BTreeMap<String, String>,
    /// `debug`.
    pub debug: bool,
    /// `experimental`.
    pub experimental: bool,
    /// `live-restore`: containers stay up while the daemon is down.
    pub live_restore: bool,
    /// `shutdown-timeout`, in seconds.
    pub shutdown_timeout: Option<i64>,
}

impl Daemon {
    /// Whether it answers.
    pub fn is_up(&self) -> bool {
        self.state == DaemonState::Up
    }

    /// The number of its process; that of its last one where it is down.
    pub fn pid(&self) -> u32 {
        FIRST_PID + self.starts
    }

    /// Writes a line as the init system.
    pub fn unit_says(&mut self, at: Nanos, text: impl Into<String>) {
        self.note(at, "systemd[1]".to_owned(), text.into());
    }

    /// Writes a line as the daemon.
    pub fn says(&mut self, at: Nanos, text: impl Into<String>) {
        let by = format!("dockerd[{}]", self.pid());
        self.note(at, by, text.into());
    }

    /// Writes a line of its log, in the daemon's text format (logrus).
    pub fn logs(&mut self, at: Nanos, level: &str, message: &str) {
        let (time, message) = (time::format(to_timespec(at)), gojson::quote(message.as_bytes()));
        self.says(at, format!("time=\"{time}\" level={level} msg={message}"));
    }

    fn note(&mut self, at: Nanos, by: String, text: String) {
        if self.journal.len() >= KEPT {
            self.journal.remove(0);
        }
        self.journal.push(Noted { at, by, text });
    }
}
