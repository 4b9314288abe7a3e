//! From a description to an image: layer archives, their compressed blobs, a configuration and a manifest.

use std::collections::BTreeMap;

use flate2::Compression;

use super::Description;
use super::description::{Content, LayerEntry};
use crate::kernel::Timespec;
use crate::oci::config::{ConfigDocument, ContainerConfig, History, ImageConfig, NameSet, RootFs};
use crate::oci::digest::Digest;
use crate::oci::manifest::{Descriptor, Manifest, media};
use crate::oci::{gzip, json, tar, time};

/// An image as the hub gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubImage {
    /// The configuration, whose digest is the image id.
    pub config: ConfigDocument,
    /// The layers, lowest first.
    pub layers: Vec<Layer>,
    /// The manifest's bytes.
    pub manifest: Vec<u8>,
    /// The manifest's digest: what `pull` prints, and what the image can be pulled by.
    pub digest: Digest,
}

/// A layer as the hub gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The tar stream.
    pub tar: Vec<u8>,
    /// Its digest.
    pub diff_id: Digest,
    /// The digest of its gzip stream: what `pull` prints a line for.
    pub digest: Digest,
    /// The size of its gzip stream.
    pub size: u64,
}

/// Builds an image on top of its base.
pub(super) fn build(base: Option<HubImage>, description: &Description) -> HubImage {
    let (mut config, mut layers) = match base {
        Some(base) => (base.config.config, base.layers),
        None => (empty_config(), Vec::new()),
    };
    let created = time::format(description.created);
    for step in &description.steps {
        let layer = step.entries.as_deref().map(|entries| pack(entries, description.created));
        let created_by = match &layer {
            Some(layer) => step.created_by.replace('@', &layer.diff_id.hex()),
            None => step.created_by.clone(),
        };
        let empty_layer = layer.is_none();
        config.history.push(History {
            created: created.clone(),
            created_by,
            empty_layer,
            ..History::default()
        });
        layers.extend(layer);
    }
    config.created = created;
    config.rootfs.diff_ids = layers.iter().map(|layer| layer.diff_id).collect();
    configure(config.config.get_or_insert_default(), description);
    let config = ConfigDocument::write(config);
    let manifest = manifest_of(&config, &layers);
    HubImage { digest: Digest::of(&manifest), config, layers, manifest }
}

fn empty_config() -> ImageConfig {
    ImageConfig {
        architecture: "amd64".into(),
        os: "linux".into(),
        docker_version: "20.10.23".into(),
        config: Some(ContainerConfig::default()),
        rootfs: RootFs::default(),
        ..ImageConfig::default()
    }
}

fn configure(config: &mut ContainerConfig, description: &Description) {
    let name = |variable: &str| variable.split('=').next().unwrap_or_default().to_owned();
    let env = config.env.get_or_insert_default();
    for variable in &description.env {
        env.retain(|old| name(old) != name(variable));
        env.push(variable.clone());
    }
    if description.entrypoint.is_some() {
        config.entrypoint.clone_from(&description.entrypoint);
        config.cmd = None;
    }
    if description.cmd.is_some() {
        config.cmd.clone_from(&description.cmd);
    }
    if let Some(workdir) = &description.workdir {
        config.working_dir.clone_from(workdir);
    }
    if !description.stop_signal.is_empty() {
        config.stop_signal.clone_from(&description.stop_signal);
    }
    if !description.expose.is_empty() {
        let ports = config.exposed_ports.get_or_insert_with(NameSet::default);
        ports.0.extend(description.expose.iter().cloned());
    }
    if !description.volumes.is_empty() {
        let volumes = config.volumes.get_or_insert_with(NameSet::default);
        volumes.0.extend(description.volumes.iter().cloned());
    }
    if !description.labels.is_empty() {
        config.labels.get_or_insert_default().extend(description.labels.iter().cloned());
    }
}

fn pack(entries: &[LayerEntry], mtime: Timespec) -> Layer {
    let mut stream = Vec::new();
    for entry in entries {
        // Relative to the layer's root, as every builder writes it; the root itself is `./`.
        let name = entry.path.trim_start_matches('/');
        let (name, kind, mode) = match &entry.content {
            Content::Dir(_) if name.is_empty() => ("./".into(), tar::Kind::Dir, entry.content.mode()),
            Content::Dir(_) => (format!("{name}/"), tar::Kind::Dir, entry.content.mode()),
            Content::File(..) => (name.into(), tar::Kind::File, entry.content.mode()),
            Content::Link(_) => (name.into(), tar::Kind::Symlink, entry.content.mode()),
        };
        let mut header = tar::TarEntry::new(name, kind, mode);
        header.mtime = mtime;
        let content: &[u8] = match &entry.content {
            Content::File(_, content) => content,
            Content::Link(target) => {
                header.link = target.as_str().into();
                &[]
            }
            Content::Dir(_) => &[],
        };
        header.size = content.len() as u64;
        stream.extend_from_slice(&tar::write_header(&header));
        stream.extend_from_slice(content);
        stream.extend_from_slice(tar::padding(header.size));
    }
    stream.extend_from_slice(&tar::END);
    let blob = gzip::compress(&stream, Compression::default());
    Layer { diff_id: Digest::of(&stream), digest: Digest::of(&blob), size: blob.len() as u64, tar: stream }
}

impl Content {
    fn mode(&self) -> u32 {
        match self {
            Self::Dir(mode) | Self::File(mode, _) => *mode,
            Self::Link(_) => 0o777,
        }
    }
}

fn manifest_of(config: &ConfigDocument, layers: &[Layer]) -> Vec<u8> {
    let manifest = Manifest {
        schema_version: 2,
        media_type: media::DOCKER_MANIFEST.into(),
        config: Descriptor::of(media::DOCKER_CONFIG, &config.bytes),
        layers: layers
            .iter()
            .map(|layer| Descriptor::new(media::DOCKER_LAYER_GZIP, layer.digest, layer.size))
            .collect(),
        annotations: BTreeMap::new(),
    };
    json::to_go_json(&manifest)
}
