//! Archives of before Docker 1.10: a directory an image, with `json` and `layer.tar`, and `repositories` for the names
//! (`image/tarexport/load.go`, `legacyLoad`; `image/v1/imagev1.go`). Each image becomes one of today's kind.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::fault::{Fault, open, place};
use super::plan::{check_os, read};
use super::{Ready, check_history};
use crate::engine::Engine;
use crate::oci::archive::Index;
use crate::oci::blob::{FdBlob, KernelBlob};
use crate::oci::config::{ContainerConfig, History, RootFs};
use crate::oci::{ConfigDocument, Digest, ImageConfig, Limits, Reference, gojson, json, time};

const REPOSITORIES: &str = "repositories";
/// Documents of Dockers before this one are read into today's fields and written again (`noFallbackMinVersion`).
const FALLBACK_BEFORE: [u64; 3] = [1, 8, 3];

/// What is read first.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    os: Option<String>,
    parent: Option<String>,
    docker_version: Option<String>,
}

/// An image that is ready, and the top of its layers.
struct Made {
    config: ConfigDocument,
    parent: Option<String>,
    chain: Digest,
}

impl Engine<'_> {
    /// Makes all images of such an archive ready. What has no name is loaded without one.
    pub(super) fn stage_legacy(
        &mut self,
        index: &Index,
        blob: FdBlob,
        limits: Limits,
        staged: &mut Vec<Digest>,
    ) -> Result<Vec<Ready>, Fault> {
        let mut made: BTreeMap<String, Made> = BTreeMap::new();
        let mut order: Vec<String> = Vec::new();
        for dir in index.top_dirs() {
            // From the image to its lowest ancestor, then back: each needs its parent first.
            let mut line: Vec<(String, Vec<u8>, Head)> = Vec::new();
            let mut at = Some(dir.to_owned());
            while let Some(id) = at.filter(|id| !made.contains_key(id)) {
                if line.iter().any(|(other, ..)| *other == id) {
                    return Err(Fault::say(format!("image {id} is its own ancestor")));
                }
                if line.len() + order.len() >= limits.archive_files as usize {
                    return Err(Fault::say(format!("more than {} images", limits.archive_files)));
                }
                let (bytes, head) = self.legacy_head(index, blob, &id, limits)?;
                at = head.parent.clone().filter(|parent| !parent.is_empty());
                line.push((id, bytes, head));
            }
            while let Some((id, bytes, head)) = line.pop() {
                let below = head.parent.as_ref().and_then(|parent| made.get(parent));
                let image = self.legacy_image(index, blob, &id, &bytes, &head, below, limits, staged)?;
                order.push(id.clone());
                made.insert(id, image);
            }
        }
        let names = self.legacy_names(index, blob, limits, &made)?;
        let ids: BTreeMap<String, Digest> =
            made.iter().map(|(id, image)| (id.clone(), image.config.id)).collect();
        let ready = order.into_iter().filter_map(|id| {
            let image = made.remove(&id)?;
            let parent = image.parent.and_then(|parent| ids.get(&parent).copied());
            Some(Ready { config: image.config, parent, names: names.get(&id).cloned().unwrap_or_default() })
        });
        Ok(ready.collect())
    }

    fn legacy_head(
        &mut self,
        index: &Index,
        blob: FdBlob,
        id: &str,
        limits: Limits,
    ) -> Result<(Vec<u8>, Head), Fault> {
        let file = place(index, &format!("{id}/json"))?;
        let bytes = read(&mut KernelBlob::new(&mut *self.kernel, blob), open(index, &file)?, &file, limits)?;
        gojson::unmarshal(&bytes, &gojson::V1_PARENT).map_err(Fault::say)?;
        let head: Option<Head> =
            json::parse(&bytes, limits.json).map_err(|why| Fault::say(format!("{file}: {why}")))?;
        let head = head.unwrap_or_default();
        check_os(head.os.as_deref().unwrap_or_default())?;
        Ok((bytes, head))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the archive, the image, what is below it, and what is noted"
    )]
    fn legacy_image(
        &mut self,
        index: &Index,
        blob: FdBlob,
        id: &str,
        bytes: &[u8],
        head: &Head,
        below: Option<&Made>,
        limits: Limits,
        staged: &mut Vec<Digest>,
    ) -> Result<Made, Fault> {
        let stored = open(index, &place(index, &format!("{id}/layer.tar"))?)?;
        let (diff_id, chain) = self.register_blob(blob, stored, below.map(|made| &made.chain))?;
        staged.push(chain);
        gojson::unmarshal(bytes, &gojson::V1_IMAGE).map_err(Fault::say)?;
        let mut config = below.map(|made| made.config.config.clone()).unwrap_or_default();
        config.rootfs.diff_ids.push(diff_id);
        let bytes = modern(bytes, head, config.rootfs, config.history, limits)
            .map_err(|why| Fault::say(format!("{id}/json: {why}")))?;
        let config = ConfigDocument::parse(&bytes, limits.json)
            .map_err(|why| Fault::say(format!("{id}/json: {why}")))?;
        check_history(&config)?;
        Ok(Made { config, parent: head.parent.clone(), chain })
    }

    /// The names that `repositories` gives, by image.
    fn legacy_names(
        &mut self,
        index: &Index,
        blob: FdBlob,
        limits: Limits,
        made: &BTreeMap<String, Made>,
    ) -> Result<BTreeMap<String, Vec<Reference>>, Fault> {
        let mut source = KernelBlob::new(&mut *self.kernel, blob);
        let bytes = read(&mut source, open(index, &place(index, REPOSITORIES)?)?, REPOSITORIES, limits)?;
        gojson::decode(&bytes, &gojson::REPOSITORIES).map_err(Fault::say)?;
        type Tags = BTreeMap<String, Option<BTreeMap<String, Option<String>>>>;
        let tags: Option<Tags> =
            json::parse(&bytes, limits.json).map_err(|why| Fault::say(format!("{REPOSITORIES}: {why}")))?;
        let mut names: BTreeMap<String, Vec<Reference>> = BTreeMap::new();
        for (name, tags) in tags.unwrap_or_default() {
            for (tag, id) in tags.unwrap_or_default() {
                let id = id.unwrap_or_default();
                if !made.contains_key(&id) {
                    return Err(Fault::say(format!("invalid target ID: {id}")));
                }
                let failed = |error: crate::oci::ReferenceError| Fault::say(error.to_string());
                let name = Reference::parse(&name).map_err(failed)?.with_tag(&tag).map_err(failed)?;
                names.entry(id).or_default().push(name);
            }
        }
        Ok(names)
    }
}

/// Today's configuration of such an image (`MakeConfigFromV1Config`, `HistoryFromConfig`).
fn modern(
    bytes: &[u8],
    head: &Head,
    rootfs: RootFs,
    mut history: Vec<History>,
    limits: Limits,
) -> Result<Vec<u8>, String> {
    let image: Option<ImageConfig> = json::parse(bytes, limits.json)?;
    let image = image.unwrap_or_default();
    history.push(History {
        created: time::as_go_writes(&image.created),
        author: image.author.clone(),
        created_by: image.container_config.cmd.clone().unwrap_or_default().join(" "),
        comment: image.comment.clone(),
        empty_layer: false,
    });
    let is_old = version(head.docker_version.as_deref().unwrap_or_default()) < FALLBACK_BEFORE.to_vec();
    let written = if is_old { json::to_go_json(&V1::of(&image)) } else { bytes.to_vec() };
    let fields: Option<BTreeMap<String, Box<RawValue>>> = json::parse(&written, limits.json)?;
    let mut fields = fields.unwrap_or_default();
    for key in ["id", "parent", "Size", "parent_id", "layer_id", "throwaway"] {
        fields.remove(key);
    }
    let raw = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
        RawValue::from_string(text).map_err(|error| error.to_string())
    };
    fields.insert("rootfs".to_owned(), raw(json::to_go_json(&rootfs))?);
    fields.insert("history".to_owned(), raw(json::to_go_json(&history))?);
    Ok(json::to_go_object(&fields))
}

/// The numbers of a version; what is no number is 0 (`api/types/versions`).
fn version(text: &str) -> Vec<u64> {
    text.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

/// `image.V1Image`, in its order.
#[derive(serde::Serialize)]
struct V1<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    comment: &'a str,
    created: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    container: &'a str,
    container_config: &'a ContainerConfig,
    #[serde(skip_serializing_if = "str::is_empty")]
    docker_version: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    author: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<&'a ContainerConfig>,
    #[serde(skip_serializing_if = "str::is_empty")]
    architecture: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    variant: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    os: &'a str,
}

impl<'a> V1<'a> {
    fn of(image: &'a ImageConfig) -> Self {
        Self {
            comment: &image.comment,
            created: time::as_go_writes(&image.created),
            container: &image.container,
            container_config: &image.container_config,
            docker_version: &image.docker_version,
            author: &image.author,
            config: image.config.as_ref(),
            architecture: &image.architecture,
            variant: &image.variant,
            os: &image.os,
        }
    }
}
