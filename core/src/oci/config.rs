//! The image configuration: a typed view of it, its original bytes, and how Docker 20.10 writes one.
//!
//! Field order and omissions are those of moby 20.10's `image.Image` and `container.Config`, so that an image that is
//! made from equal input has an equal id (oracle: save-one-config, image-inspect-imp-config; OCI image-spec
//! `config.md` for the rest).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::digest::Digest;
use super::{gojson, json, time};
use crate::kernel::Timespec;

/// An image's configuration with the bytes that its id is the digest of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigDocument {
    /// The document, byte for byte as it came or was written first.
    pub bytes: Vec<u8>,
    /// The image id: sha256 of `bytes`.
    pub id: Digest,
    /// What it says.
    pub config: ImageConfig,
}

impl ConfigDocument {
    /// Reads a document of at most `limit` bytes, in which every reader must see the same.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(bytes: &[u8], limit: usize) -> Result<Self, String> {
        let config: ImageConfig = json::parse(bytes, limit)?;
        // What is written as it is written here, by Docker among others, has no odd key.
        if config.to_json() != bytes {
            Self::check_keys(bytes)?;
        }
        Ok(Self { bytes: bytes.to_vec(), id: Digest::of(bytes), config })
    }

    fn check_keys(bytes: &[u8]) -> Result<(), String> {
        gojson::spelled(bytes, &gojson::IMAGE)
    }

    /// Reads a document as Docker does, which takes more ([`gojson::read`]).
    ///
    /// # Errors
    /// Go's words for what it cannot read, or a sentence that says what else is wrong.
    pub fn parse_docker(bytes: &[u8], limit: usize) -> Result<Self, String> {
        // What every reader sees, Docker sees.
        Self::parse(bytes, limit).or_else(|_| Self::parse_odd(bytes, limit))
    }

    /// Parses a document with unusual values.
    fn parse_odd(bytes: &[u8], limit: usize) -> Result<Self, String> {
        gojson::unmarshal(bytes, &gojson::IMAGE)?;
        let config = json::parse(&gojson::read(bytes, &gojson::IMAGE)?, limit)?;
        Ok(Self { bytes: bytes.to_vec(), id: Digest::of(bytes), config })
    }

    /// Writes a new document as Docker 20.10 would.
    pub fn write(config: ImageConfig) -> Self {
        let bytes = config.to_json();
        Self { id: Digest::of(&bytes), bytes, config }
    }
}

/// What an image's configuration says. Unknown fields are ignored, as the specification asks.
///
/// Declared in the order that Docker writes: `image.MarshalJSON` sorts the top-level keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageConfig {
    /// The processor, `amd64`.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub architecture: String,
    /// Who made it.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub author: String,
    /// The message of `docker commit -m` or `docker import -m`.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub comment: String,
    /// How its containers run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<ContainerConfig>,
    /// The container it was committed from.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub container: String,
    /// The configuration of that container.
    #[serde(deserialize_with = "or_default")]
    pub container_config: ContainerConfig,
    /// When it was made, RFC 3339.
    #[serde(default = "zero_time", deserialize_with = "time_or_zero")]
    pub created: String,
    /// The Docker that made it.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub docker_version: String,
    /// A line a build step, lowest first.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub history: Vec<History>,
    /// The operating system, `linux`.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub os: String,
    /// Features of the operating system that it needs (Windows).
    #[serde(rename = "os.features", skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub os_features: Vec<String>,
    /// The version of the operating system that it needs (Windows).
    #[serde(
        rename = "os.version",
        skip_serializing_if = "String::is_empty",
        deserialize_with = "or_default"
    )]
    pub os_version: String,
    /// Its layers.
    pub rootfs: RootFs,
    /// The processor's variant, `v7`.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub variant: String,
}

/// The layers of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RootFs {
    /// Always `layers`.
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub kind: String,
    /// Digests of the uncompressed layers, lowest first.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub diff_ids: Vec<Digest>,
}

impl Default for RootFs {
    fn default() -> Self {
        Self { kind: "layers".into(), diff_ids: Vec::new() }
    }
}

/// One step in the making of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// When, RFC 3339.
    #[serde(default = "zero_time", deserialize_with = "time_or_zero")]
    pub created: String,
    /// Who.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub author: String,
    /// The command.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub created_by: String,
    /// A message.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub comment: String,
    /// The step made no layer.
    #[serde(skip_serializing_if = "is_false", deserialize_with = "or_default")]
    pub empty_layer: bool,
}

/// A set of names, in JSON an object whose values are `{}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameSet(pub BTreeSet<String>);

impl Serialize for NameSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|name| (name, Empty {})))
    }
}

impl<'de> Deserialize<'de> for NameSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = BTreeMap::<String, Option<Empty>>::deserialize(deserializer)?;
        Ok(Self(members.into_keys().collect()))
    }
}

#[derive(Serialize, Deserialize)]
struct Empty {}

/// How a container runs (`container.Config`); `None` is Go's `null`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the fields of Docker's API, under their names there")]
#[expect(clippy::struct_excessive_bools, reason = "the fields of Docker's API")]
pub struct ContainerConfig {
    #[serde(deserialize_with = "or_default")]
    pub hostname: String,
    #[serde(deserialize_with = "or_default")]
    pub domainname: String,
    #[serde(deserialize_with = "or_default")]
    pub user: String,
    #[serde(deserialize_with = "or_default")]
    pub attach_stdin: bool,
    #[serde(deserialize_with = "or_default")]
    pub attach_stdout: bool,
    #[serde(deserialize_with = "or_default")]
    pub attach_stderr: bool,
    #[serde(skip_serializing_if = "is_empty_set")]
    pub exposed_ports: Option<NameSet>,
    #[serde(deserialize_with = "or_default")]
    pub tty: bool,
    #[serde(deserialize_with = "or_default")]
    pub open_stdin: bool,
    #[serde(deserialize_with = "or_default")]
    pub stdin_once: bool,
    pub env: Option<Vec<String>>,
    #[serde(deserialize_with = "words")]
    pub cmd: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    #[serde(skip_serializing_if = "is_false", deserialize_with = "or_default")]
    pub args_escaped: bool,
    #[serde(deserialize_with = "or_default")]
    pub image: String,
    pub volumes: Option<NameSet>,
    #[serde(deserialize_with = "or_default")]
    pub working_dir: String,
    #[serde(deserialize_with = "words")]
    pub entrypoint: Option<Vec<String>>,
    #[serde(skip_serializing_if = "is_false", deserialize_with = "or_default")]
    pub network_disabled: bool,
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub mac_address: String,
    pub on_build: Option<Vec<String>>,
    pub labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub stop_signal: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_timeout: Option<i64>,
    #[serde(skip_serializing_if = "is_empty_list", deserialize_with = "words")]
    pub shell: Option<Vec<String>>,
}

/// How a container's health is looked at; times in nanoseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the fields of Docker's API, under their names there")]
pub struct Healthcheck {
    #[serde(skip_serializing_if = "is_empty_list")]
    pub test: Option<Vec<String>>,
    #[serde(skip_serializing_if = "is_zero")]
    pub interval: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub timeout: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub start_period: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub retries: i64,
}

impl ImageConfig {
    /// The document that Docker 20.10 would write.
    pub fn to_json(&self) -> Vec<u8> {
        json::to_go_json(self)
    }

    /// When the image was made; the epoch where the document does not say.
    pub fn created_at(&self) -> Timespec {
        time::parse(&self.created).unwrap_or_default()
    }

    /// The history lines that stand for layers, lowest first.
    pub fn layer_history(&self) -> impl Iterator<Item = &History> {
        self.history.iter().filter(|line| !line.empty_layer)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde calls")]
fn is_false(value: &bool) -> bool {
    !value
}

// On wasm32 a reference is the smaller one.
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde calls")
)]
fn is_zero(value: &i64) -> bool {
    *value == 0
}

#[expect(clippy::ref_option, reason = "the form serde calls")]
fn is_empty_list(list: &Option<Vec<String>>) -> bool {
    list.as_ref().is_none_or(Vec::is_empty)
}

#[expect(clippy::ref_option, reason = "the form serde calls")]
fn is_empty_set(set: &Option<NameSet>) -> bool {
    set.as_ref().is_none_or(|set| set.0.is_empty())
}

fn zero_time() -> String {
    time::ZERO.to_owned()
}

/// Go leaves a field as it is where the document says `null`.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(d: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(d)?.unwrap_or_default())
}

fn time_or_zero<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let text: String = Option::deserialize(d)?.unwrap_or_else(zero_time);
    match time::parse(&text) {
        Some(_) => Ok(text),
        None => Err(serde::de::Error::custom(format!("not a time: {text:?}"))),
    }
}

/// `strslice.StrSlice`: a list, or one word for a list of one.
fn words<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        List(Vec<String>),
        Word(String),
    }
    Ok(Option::deserialize(d)?.map(|form| match form {
        Form::List(list) => list,
        Form::Word(word) => vec![word],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A configuration as Docker 20.10.24 wrote it (`docker build` of `COPY x /x` onto scratch).
    const DOCKER: &str = include_str!("../../../tests/fixtures/oci/docker20-config.json");

    #[test]
    fn what_docker_wrote_is_written_again_to_the_byte() {
        let read = ConfigDocument::parse(DOCKER.as_bytes(), 1 << 20).unwrap();
        assert_eq!(String::from_utf8(read.config.to_json()).unwrap(), DOCKER);
        assert_eq!(read.id.hex(), "07889afc2f7a601b75c2999a22e2200994546f4a32b8ab00a927fcf5e3e5059a");
    }

    #[test]
    fn null_is_left_out_and_a_word_is_a_list() {
        let text =
            r#"{"config":{"Cmd":"sh","Env":null,"User":null},"history":null,"rootfs":{"type":"layers"}}"#;
        let config = ConfigDocument::parse(text.as_bytes(), 1 << 20).unwrap().config;
        assert_eq!(config.config.unwrap().cmd, Some(vec!["sh".to_owned()]));
        assert_eq!(config.created, time::ZERO);
    }

    #[test]
    fn wrong_types_are_named() {
        for text in [
            r#"{"rootfs":{"diff_ids":["sha256:xy"]}}"#,
            r#"{"created":"now"}"#,
            r#"{"config":{"Env":"a"}}"#,
            "x",
        ] {
            assert!(ConfigDocument::parse(text.as_bytes(), 1 << 20).is_err(), "{text}");
        }
    }
}
