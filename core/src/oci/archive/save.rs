//! `docker save`: the directory that Docker 20.10 makes and packs, file for file and time for time.
//!
//! Source of the rules: moby 20.10 `image/tarexport/save.go` and `image/v1/imagev1.go` (`CreateID`); oracle/docker
//! save-one, save-one-layer-json, save-two-images-shared-layer, and the archives in samples. What is packed afterwards by
//! [`crate::oci::layer::pack_tree`] is then `docker save`'s archive to the byte.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{Follow, Kernel, SetTime, Task, Timespec, fs, path};
use crate::oci::config::{ConfigDocument, ContainerConfig};
use crate::oci::layer::LayerError;
use crate::oci::manifest::ArchiveImage;
use crate::oci::{Digest, Reference, chain_ids, json::to_go_json};

const VERSION: &[u8] = b"1.0";

/// One image to save.
#[derive(Debug, Clone)]
pub struct SaveImage {
    /// Its configuration, whose bytes are written as they are.
    pub config: ConfigDocument,
    /// The names it is saved under, with tags; none if it is saved by id.
    pub names: Vec<Reference>,
    /// Its parent, if that is saved too.
    pub parent: Option<Digest>,
}

/// The ids of the layers as Docker counted them before 1.10, lowest first (`v1.CreateID`).
pub fn legacy_ids(config: &ConfigDocument) -> Vec<Digest> {
    legacy(config).into_iter().map(|(id, _)| id).collect()
}

/// Each layer's id and its `json` file.
fn legacy(config: &ConfigDocument) -> Vec<(Digest, Vec<u8>)> {
    let chain = chain_ids(&config.config.rootfs.diff_ids);
    let mut out: Vec<(Digest, Vec<u8>)> = Vec::with_capacity(chain.len());
    for (i, chain_id) in chain.iter().enumerate() {
        let is_top = i + 1 == chain.len();
        let parent = out.last().map(|(id, _)| *id);
        let mut fields = v1_fields(config, is_top);
        let id = create_id(&fields, chain_id, parent.as_ref());
        fields.retain(|(key, _)| *key != "os");
        fields.insert(0, ("id", to_go_json(&id.hex())));
        if let Some(parent) = parent {
            fields.insert(1, ("parent", to_go_json(&parent.hex())));
        }
        if !config.config.os.is_empty() {
            fields.push(("os", to_go_json(&config.config.os)));
        }
        out.push((id, object(fields.iter().map(|(key, value)| (*key, &value[..])))));
    }
    out
}

/// A JSON object of values that are JSON already, in this order.
fn object<'a>(fields: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let parts: Vec<Vec<u8>> =
        fields.map(|(key, value)| [format!("\"{key}\":").as_bytes(), value].concat()).collect();
    [b"{", &parts.join(&b','.to_owned())[..], b"}"].concat()
}

/// `image.V1Image` without `id` and `parent`, in its fields' order: the top layer's is the image's own, the others'
/// are empty and of 1970.
fn v1_fields(document: &ConfigDocument, is_top: bool) -> Vec<(&'static str, Vec<u8>)> {
    let config = &document.config;
    let text = |key, value: &str| (!value.is_empty()).then(|| (key, to_go_json(&value)));
    if !is_top {
        return vec![
            ("created", to_go_json(&"1970-01-01T00:00:00Z")),
            ("container_config", to_go_json(&ContainerConfig::default())),
        ];
    }
    [
        text("comment", &config.comment),
        text("created", &config.created),
        text("container", &config.container),
        Some(("container_config", to_go_json(&config.container_config))),
        text("docker_version", &config.docker_version),
        text("author", &config.author),
        config.config.as_ref().map(|config| ("config", to_go_json(config))),
        text("architecture", &config.architecture),
        text("variant", &config.variant),
        text("os", &config.os),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The digest of the fields sorted by key, with the chain id and the parent's id among them.
fn create_id(fields: &[(&'static str, Vec<u8>)], chain_id: &Digest, parent: Option<&Digest>) -> Digest {
    let mut sorted: BTreeMap<&str, Vec<u8>> = fields.iter().cloned().collect();
    sorted.insert("layer_id", to_go_json(chain_id));
    if let Some(parent) = parent {
        sorted.insert("parent", to_go_json(parent));
    }
    Digest::of(&object(sorted.iter().map(|(key, value)| (*key, &value[..]))))
}

/// Makes the files of `docker save` in the empty directory `dir`. `write_layer` writes the uncompressed tar of the layer
/// with this chain id and diff id to a path. An image without layers is refused by the caller ("empty export - not
/// implemented").
pub fn stage_save(
    kernel: &mut dyn Kernel,
    task: &Task,
    dir: &[u8],
    images: &[SaveImage],
    mut write_layer: impl FnMut(&mut dyn Kernel, &Digest, &Digest, &[u8]) -> Result<(), LayerError>,
) -> Result<(), LayerError> {
    let mut stage = Stage { kernel, task, dir };
    let mut saved = BTreeSet::new();
    let mut paths: BTreeMap<Digest, String> = BTreeMap::new();
    let mut repositories: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut manifest = Vec::new();
    for image in images {
        let created = image.config.config.created_at();
        let diff_ids = &image.config.config.rootfs.diff_ids;
        let layers = legacy(&image.config);
        for (((id, json), diff_id), chain_id) in layers.iter().zip(diff_ids).zip(chain_ids(diff_ids)) {
            if !saved.insert(*id) {
                continue;
            }
            let id = id.hex();
            stage.dir(&id)?;
            stage.file(&format!("{id}/VERSION"), VERSION)?;
            stage.file(&format!("{id}/json"), json)?;
            let tar = format!("{id}/layer.tar");
            if let Some(first) = paths.get(diff_id) {
                // Docker leaves these at the time of saving.
                stage.link(&tar, &format!("../{first}"))?;
                continue;
            }
            let at = path::join(dir, tar.as_bytes());
            write_layer(stage.kernel, &chain_id, diff_id, &at)?;
            for name in [&id, &format!("{id}/VERSION"), &format!("{id}/json"), &tar] {
                stage.times(name, created)?;
            }
            paths.insert(*diff_id, tar);
        }
        let config = format!("{}.json", image.config.id.hex());
        stage.file(&config, &image.config.bytes)?;
        stage.times(&config, created)?;
        let top = layers.last().map(|(id, _)| id.hex()).unwrap_or_default();
        for name in &image.names {
            let tags = repositories.entry(name.familiar_name()).or_default();
            tags.insert(name.tag.clone().unwrap_or_default(), top.clone());
        }
        manifest.push(ArchiveImage {
            config,
            repo_tags: (!image.names.is_empty())
                .then(|| image.names.iter().map(Reference::familiar).collect()),
            layers: layers.iter().map(|(id, _)| format!("{}/layer.tar", id.hex())).collect(),
            parent: image.parent,
        });
    }
    if !repositories.is_empty() {
        stage.document("repositories", to_go_json(&repositories))?;
    }
    stage.document("manifest.json", to_go_json(&manifest))
}

/// The directory that is being filled.
struct Stage<'a> {
    kernel: &'a mut dyn Kernel,
    task: &'a Task,
    dir: &'a [u8],
}

impl Stage<'_> {
    fn at(&self, name: &str) -> Vec<u8> {
        path::join(self.dir, name.as_bytes()).into_vec()
    }

    fn dir(&mut self, name: &str) -> Result<(), LayerError> {
        let at = self.at(name);
        self.kernel.mkdir(self.task, &at, 0o755).map_err(|errno| failed("mkdir", name, errno))
    }

    fn file(&mut self, name: &str, data: &[u8]) -> Result<(), LayerError> {
        let at = self.at(name);
        fs::write(self.kernel, self.task, &at, data, 0o644).map_err(|errno| failed("open", name, errno))
    }

    fn link(&mut self, name: &str, target: &str) -> Result<(), LayerError> {
        let at = self.at(name);
        self.kernel.symlink(self.task, target.as_bytes(), &at).map_err(|errno| failed("symlink", name, errno))
    }

    fn times(&mut self, name: &str, time: Timespec) -> Result<(), LayerError> {
        let at = self.at(name);
        let time = SetTime::At(time);
        self.kernel
            .utimens(self.task, &at, time, time, Follow::Target)
            .map_err(|errno| failed("chtimes", name, errno))
    }

    /// A document of Go's `json.Encoder`, which ends a line, dated 1970.
    fn document(&mut self, name: &str, mut json: Vec<u8>) -> Result<(), LayerError> {
        json.push(b'\n');
        self.file(name, &json)?;
        self.times(name, Timespec::default())
    }
}

fn failed(call: &str, name: &str, errno: crate::kernel::Errno) -> LayerError {
    LayerError::call(format!("{call} {name}"), errno)
}
