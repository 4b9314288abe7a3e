//! Mounts as documents have them: what was asked for, and what it came to (moby 20.10's `api/types/mount`,
//! `volume/mounts`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Something of the host that is seen in a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct MountPoint {
    /// `bind`, `volume` or `tmpfs`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// The volume's name, empty for a directory of the host.
    pub name: String,
    /// The directory on the host.
    pub source: String,
    /// The place in the container.
    pub destination: String,
    /// The mode as typed, `z` for a local volume without one.
    pub mode: String,
    /// Whether it may be written.
    #[serde(rename = "RW")]
    pub writable: bool,
    /// `rprivate`, `rslave` and their like; empty for volumes.
    pub propagation: String,
    /// As it was asked for.
    pub spec: MountSpec,
    /// Whether an empty volume takes over what the image has at its place.
    pub copy_data: bool,
    /// Whether a directory of the host that is not there is no reason to make one.
    #[serde(rename = "SkipMountpointCreation")]
    pub must_exist: bool,
}

impl MountPoint {
    /// Whether it is a volume that nobody named: it goes with its last container when that goes with its volumes.
    pub fn is_anonymous(&self) -> bool {
        self.kind == "volume" && self.spec.source.is_empty()
    }
}

/// `--mount`, as the API has it (`mount.Mount`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the fields of Docker's API, under their names there")]
pub struct MountSpec {
    #[serde(rename = "Type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub consistency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind_options: Option<BindOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_options: Option<VolumeOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tmpfs_options: Option<TmpfsOptions>,
}

/// The options `bind-*`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the fields of Docker's API, under their names there")]
pub struct BindOptions {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub propagation: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub non_recursive: bool,
}

/// The options `volume-*`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the fields of Docker's API, under their names there")]
pub struct VolumeOptions {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_copy: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver_config: Option<DriverConfig>,
}

/// `volume-driver` and `volume-opt`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the fields of Docker's API, under their names there")]
pub struct DriverConfig {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

/// The options `tmpfs-*`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the fields of Docker's API, under their names there")]
pub struct TmpfsOptions {
    #[serde(skip_serializing_if = "is_zero")]
    pub size_bytes: i64,
    #[serde(skip_serializing_if = "is_zero_mode")]
    pub mode: u32,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde wants; on 32 bits it is no finding"
)]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde wants")]
fn is_zero_mode(number: &u32) -> bool {
    *number == 0
}
