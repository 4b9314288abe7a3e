//! Descriptors, manifests and indexes: OCI image-spec 1.1, Docker's schema 2, and `manifest.json` of `docker save`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::digest::Digest;
use super::{gojson, json};

/// The media types that are read and written.
pub mod media {
    #![expect(missing_docs, reason = "each constant is named for its text")]
    pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
    pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
    pub const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
    pub const OCI_LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
    pub const OCI_LAYER_ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
    pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
    pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
    pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
    pub const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar";
    pub const DOCKER_LAYER_GZIP: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
}

/// Whether this media type is that of a manifest or an index which can be read.
pub fn is_image_document(media_type: &str) -> bool {
    [media::OCI_INDEX, media::OCI_MANIFEST, media::DOCKER_LIST, media::DOCKER_MANIFEST].contains(&media_type)
}

/// Whether this media type promises a manifest or an index, of any age; nothing is promised by none.
pub fn is_document(media_type: &str) -> bool {
    media_type.is_empty()
        || is_image_document(media_type)
        || media_type.starts_with("application/vnd.docker.distribution.manifest.v1+")
}

/// Names a blob: what it is, its digest, its size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What the blob is.
    #[serde(default)]
    pub media_type: String,
    /// The blob's bytes are those with this digest.
    pub digest: Digest,
    /// How many bytes.
    #[serde(deserialize_with = "size")]
    pub size: u64,
    /// Where else it might be had: shown, never fetched unasked.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub urls: Vec<String>,
    /// Free text, such as `org.opencontainers.image.ref.name`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "or_default")]
    pub annotations: BTreeMap<String, String>,
    /// In an index: for which machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
}

impl Descriptor {
    /// A descriptor of these bytes.
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self::new(media_type, Digest::of(bytes), bytes.len() as u64)
    }

    /// A descriptor without extras.
    pub fn new(media_type: &str, digest: Digest, size: u64) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest,
            size,
            urls: Vec::new(),
            annotations: BTreeMap::new(),
            platform: None,
        }
    }

    /// Whether the media type is a layer's (also a non-distributable one's).
    pub fn is_layer(&self) -> bool {
        self.media_type.starts_with("application/vnd.oci.image.layer.")
            || self.media_type.starts_with("application/vnd.docker.image.rootfs.")
    }

    /// Whether the layer's bytes may be missing from the archive (image-spec `layer.md`, "Non-Distributable Layers").
    pub fn is_foreign(&self) -> bool {
        self.media_type.contains("nondistributable") || self.media_type.contains("rootfs.foreign")
    }
}

/// A machine that an image is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Platform {
    /// The processor, `amd64`.
    #[serde(default)]
    pub architecture: String,
    /// The operating system, `linux`.
    #[serde(default)]
    pub os: String,
    /// Its version.
    #[serde(rename = "os.version", default, skip_serializing_if = "String::is_empty")]
    pub os_version: String,
    /// The processor's variant, `v8`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
}

impl Platform {
    /// Whether it is what somebody asks for: `linux/arm64` means every variant of it.
    pub fn is(&self, asked: &str) -> bool {
        let text = self.to_string();
        text.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// As people write it: `linux/arm64/v8`.
impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(f, "/{}", self.variant) }
    }
}

/// One image: its configuration and its layers, lowest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Always 2.
    pub schema_version: u32,
    /// What the document is; may be missing in OCI.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub media_type: String,
    /// The configuration.
    pub config: Descriptor,
    /// The layers.
    pub layers: Vec<Descriptor>,
    /// Free text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "or_default")]
    pub annotations: BTreeMap<String, String>,
}

/// A list of images, and of lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// Always 2.
    pub schema_version: u32,
    /// What the document is; may be missing in OCI.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub media_type: String,
    /// What is listed.
    pub manifests: Vec<Descriptor>,
    /// Free text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "or_default")]
    pub annotations: BTreeMap<String, String>,
}

/// A manifest or an index, never both.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::large_enum_variant, reason = "one at a time, and read by both names")
)]
pub enum Document {
    /// One image.
    Manifest(Manifest),
    /// A list.
    Index(Index),
}

/// Why a document is neither a manifest nor an index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The JSON is broken, or a field has the wrong type.
    #[error("{0}")]
    Json(String),
    /// Two readers could take it for two things (CVE-2021-41190).
    #[error("one document is both an index and a manifest")]
    Both,
    /// It has neither `config` and `layers`, nor `manifests`.
    #[error("neither an index nor a manifest")]
    Neither,
    /// Docker's form before 2016.
    #[error("schema {0} manifests are not supported")]
    Schema(u32),
    /// The descriptor promised something else, or the document names itself otherwise.
    #[error("said to be {said}, is {is}")]
    MediaType {
        /// What was promised.
        said: String,
        /// What it is.
        is: &'static str,
    },
    /// The configuration's descriptor names a layer.
    #[error("the config's media type is a layer's: {0}")]
    ConfigIsLayer(String),
}

impl Document {
    /// Reads a document that a descriptor promised as `media_type` (empty: nothing was promised).
    pub fn parse(bytes: &[u8], media_type: &str, limit: usize) -> Result<Self, ManifestError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Shape {
            schema_version: Option<u32>,
            media_type: Option<String>,
            #[serde(default)]
            manifests: Present,
            #[serde(default)]
            layers: Present,
            #[serde(default)]
            config: Present,
            #[serde(default, rename = "fsLayers")]
            fs_layers: Present,
        }
        let shape: Shape = json::parse(bytes, limit).map_err(ManifestError::Json)?;
        gojson::spelled(bytes, &gojson::DOCUMENT).map_err(ManifestError::Json)?;
        if shape.schema_version == Some(1) || shape.fs_layers.0 {
            return Err(ManifestError::Schema(1));
        }
        let is_manifest = shape.layers.0 || shape.config.0;
        let document = match (shape.manifests.0, is_manifest) {
            (true, true) => return Err(ManifestError::Both),
            (false, false) => return Err(ManifestError::Neither),
            (true, false) => Self::Index(from_slice(bytes)?),
            (false, true) => Self::Manifest(from_slice(bytes)?),
        };
        document.check_schema()?;
        for said in [media_type, shape.media_type.as_deref().unwrap_or_default()] {
            document.check_type(said)?;
        }
        if let Self::Manifest(manifest) = &document
            && manifest.config.is_layer()
        {
            return Err(ManifestError::ConfigIsLayer(manifest.config.media_type.clone()));
        }
        Ok(document)
    }

    fn check_schema(&self) -> Result<(), ManifestError> {
        let version = match self {
            Self::Manifest(manifest) => manifest.schema_version,
            Self::Index(index) => index.schema_version,
        };
        if version == 2 { Ok(()) } else { Err(ManifestError::Schema(version)) }
    }

    fn check_type(&self, said: &str) -> Result<(), ManifestError> {
        let (is, other): (_, [&str; 2]) = match self {
            Self::Manifest(_) => ("a manifest", [media::OCI_INDEX, media::DOCKER_LIST]),
            Self::Index(_) => ("an index", [media::OCI_MANIFEST, media::DOCKER_MANIFEST]),
        };
        if other.contains(&said) {
            return Err(ManifestError::MediaType { said: said.to_owned(), is });
        }
        Ok(())
    }
}

/// One image of `manifest.json` in a docker archive, in the field order of moby's `manifestItem`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ArchiveImage {
    /// The configuration's path in the archive.
    pub config: String,
    /// Its names, `None` where it was saved by id.
    #[serde(default)]
    pub repo_tags: Option<Vec<String>>,
    /// The layers' paths in the archive, lowest first.
    #[serde(default, deserialize_with = "or_default")]
    pub layers: Vec<String>,
    /// The parent's id, where that is in the archive too. What is no id names nothing in it, and is passed over (moby).
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "digest_or_none")]
    pub parent: Option<Digest>,
}

/// Reads `manifest.json` of a docker archive.
pub fn parse_archive_manifest(bytes: &[u8], limit: usize) -> Result<Vec<ArchiveImage>, ManifestError> {
    let images: Option<Vec<ArchiveImage>> = json::parse(bytes, limit).map_err(ManifestError::Json)?;
    gojson::spelled(bytes, &gojson::MANIFEST).map_err(ManifestError::Json)?;
    Ok(images.unwrap_or_default())
}

/// Whether a field is there at all, and not null.
#[derive(Default)]
struct Present(bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(Option::<serde::de::IgnoredAny>::deserialize(d)?.is_some()))
    }
}

fn from_slice<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, ManifestError> {
    serde_json::from_slice(bytes).map_err(|error| ManifestError::Json(error.to_string()))
}

fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(d: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(d)?.unwrap_or_default())
}

fn digest_or_none<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Digest>, D::Error> {
    Ok(Option::<String>::deserialize(d)?.and_then(|text| Digest::parse(&text).ok()))
}

/// A size is an `int64` that is not negative (image-spec `descriptor.md`).
fn size<'de, D: Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
    let size = i64::deserialize(d)?;
    u64::try_from(size).map_err(|_| serde::de::Error::custom(format!("negative size {size}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, said: &str) -> Result<Document, ManifestError> {
        Document::parse(text.as_bytes(), said, 1 << 20)
    }

    fn descriptor(extra: &str) -> String {
        format!(r#"{{"mediaType":"x","digest":"{}"{extra}}}"#, Digest::of(b""))
    }

    #[test]
    fn one_document_is_one_thing() {
        let d = descriptor(r#","size":0"#);
        let manifest = format!(r#"{{"schemaVersion":2,"config":{d},"layers":[]}}"#);
        assert!(matches!(parse(&manifest, media::OCI_MANIFEST), Ok(Document::Manifest(_))));
        assert!(matches!(parse(&manifest, media::OCI_INDEX), Err(ManifestError::MediaType { .. })));
        let both = format!(r#"{{"schemaVersion":2,"config":{d},"layers":[],"manifests":[]}}"#);
        assert_eq!(parse(&both, ""), Err(ManifestError::Both));
        assert_eq!(parse("{}", ""), Err(ManifestError::Neither));
        assert_eq!(parse(r#"{"schemaVersion":1,"fsLayers":[]}"#, ""), Err(ManifestError::Schema(1)));
        let bad =
            format!(r#"{{"schemaVersion":2,"config":{d},"layers":[],"mediaType":"{}"}}"#, media::OCI_INDEX);
        assert!(matches!(parse(&bad, ""), Err(ManifestError::MediaType { .. })));
    }

    #[test]
    fn sizes_are_there_and_not_negative() {
        for (extra, want) in [
            ("", "missing field `size`"),
            (r#","size":-1"#, "negative size -1"),
            (r#","size":1.5"#, "invalid type"),
        ] {
            let text = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, descriptor(extra));
            let error = parse(&text, "").unwrap_err().to_string();
            assert!(error.contains(want), "{error}");
        }
    }
}
