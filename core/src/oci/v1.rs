//! Images of before Docker 1.10, read as Docker reads them and made into ones of today, so that they have the ids that
//! `docker load` gives them (`image/v1/imagev1.go`, `MakeConfigFromV1Config`, `HistoryFromConfig`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::config::{ConfigDocument, ContainerConfig, History, ImageConfig};
use super::{Digest, gojson, json, time};

/// The file that names images in an archive of theirs.
pub const REPOSITORIES: &str = "repositories";
/// Documents of Dockers before this one are read into today's fields and written again (`noFallbackMinVersion`).
const FALLBACK_BEFORE: [u64; 3] = [1, 8, 3];

/// What is read first of an image.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Head {
    /// The operating system; empty is Linux.
    #[serde(rename = "OS")]
    pub os: String,
    /// The image below it; empty is none.
    #[serde(rename = "Parent")]
    pub parent: String,
}

impl Head {
    /// Reads an image's `json`.
    ///
    /// # Errors
    /// Go's words for what it cannot read, or a sentence that says what else is wrong.
    pub fn read(bytes: &[u8], limit: usize) -> Result<Self, String> {
        gojson::unmarshal(bytes, &gojson::V1_PARENT)?;
        json::parse(&gojson::read(bytes, &gojson::V1_PARENT)?, limit)
    }
}

/// The names of an archive: by repository, the image of each tag.
pub type Repositories = BTreeMap<String, Option<BTreeMap<String, String>>>;

/// Reads the names of an archive.
///
/// # Errors
/// Go's words for what it cannot read, or a sentence that says what else is wrong.
pub fn repositories(bytes: &[u8], limit: usize) -> Result<Repositories, String> {
    gojson::decode(bytes, &gojson::REPOSITORIES)?;
    let names: Option<Repositories> = json::parse(&gojson::read(bytes, &gojson::REPOSITORIES)?, limit)?;
    Ok(names.unwrap_or_default())
}

/// Today's configuration of an image, whose layer has this diff id, on the image below it.
///
/// # Errors
/// Go's words for what it cannot read, or a sentence that says what else is wrong.
pub fn modern(
    bytes: &[u8],
    below: Option<&ImageConfig>,
    diff_id: Digest,
    limit: usize,
) -> Result<ConfigDocument, String> {
    gojson::unmarshal(bytes, &gojson::V1_IMAGE)?;
    let image: ImageConfig = json::parse(&gojson::read(bytes, &gojson::V1_IMAGE)?, limit)?;
    let (mut rootfs, mut history) =
        below.map(|below| (below.rootfs.clone(), below.history.clone())).unwrap_or_default();
    rootfs.diff_ids.push(diff_id);
    history.push(History {
        created: time::as_go_writes(&image.created),
        author: image.author.clone(),
        created_by: image.container_config.cmd.clone().unwrap_or_default().join(" "),
        comment: image.comment.clone(),
        empty_layer: false,
    });
    let is_old = version(&image.docker_version) < FALLBACK_BEFORE.to_vec();
    let written = if is_old { json::to_go_json(&Written::of(&image)) } else { bytes.to_vec() };
    let fields: Option<BTreeMap<String, Box<RawValue>>> = json::parse(&written, limit)?;
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
    ConfigDocument::parse_docker(&json::to_go_object(&fields), limit)
}

/// The numbers of a version; what is no number is 0 (`api/types/versions`).
fn version(text: &str) -> Vec<u64> {
    text.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

/// `image.V1Image`, in its order, without what today's images have not.
#[derive(Serialize)]
struct Written<'a> {
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

impl<'a> Written<'a> {
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
