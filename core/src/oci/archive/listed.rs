//! What an archive lists, image or not: platforms, attestations, artifacts, and what refers to what.

use serde::{Deserialize, Serialize};

use super::ArchivedImage;
use crate::oci::Digest;
use crate::oci::manifest::Descriptor;

/// What a listed document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListedKind {
    /// An image.
    Image,
    /// What a builder says of an image (`vnd.docker.reference.type`: SBOM, provenance).
    Attestation,
    /// A document with a type of its own: a signature, a chart (OCI image-spec `manifest.md`, "Guidelines for Artifact Usage").
    Artifact,
    /// Of a type that is not known.
    Unknown,
}

/// One entry of an archive's lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// What it is.
    pub kind: ListedKind,
    /// Its names.
    pub names: Vec<String>,
    /// The machine that an image is for.
    pub platform: Option<String>,
    /// The digest of its manifest, or of its configuration where it has none.
    pub digest: Digest,
    /// What it is said to be.
    pub media_type: String,
    /// The type of an artifact.
    pub artifact_type: Option<String>,
    /// The document that it refers to.
    pub subject: Option<Digest>,
    /// What an attestation states: the types of its predicates.
    pub predicates: Vec<String>,
    /// It is in the archive, and not only in its list.
    pub present: bool,
}

/// What only some manifests have (OCI image-spec 1.1, and in-toto's annotations of buildx).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Extra {
    artifact_type: Option<String>,
    subject: Option<Subject>,
    layers: Vec<Statement>,
}

#[derive(Debug, Deserialize)]
struct Subject {
    digest: Digest,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Statement {
    annotations: std::collections::BTreeMap<String, String>,
}

impl Listed {
    /// An entry as its descriptor tells it.
    pub(super) fn of(kind: ListedKind, descriptor: &Descriptor, names: Vec<String>) -> Self {
        let reference = descriptor.annotations.get("vnd.docker.reference.digest");
        Self {
            kind,
            names,
            platform: descriptor
                .platform
                .as_ref()
                .map(ToString::to_string)
                .filter(|_| kind == ListedKind::Image),
            digest: descriptor.digest,
            media_type: descriptor.media_type.clone(),
            artifact_type: None,
            subject: reference.and_then(|text| Digest::parse(text).ok()),
            predicates: Vec::new(),
            present: false,
        }
    }

    /// Adds what its own document says.
    pub(super) fn read(mut self, bytes: &[u8]) -> Self {
        let extra: Extra = serde_json::from_slice(bytes).unwrap_or_default();
        self.present = true;
        self.artifact_type = extra.artifact_type.filter(|text| !text.is_empty());
        self.subject = extra.subject.map(|subject| subject.digest).or(self.subject);
        let mut statements = extra.layers.into_iter();
        if self.kind == ListedKind::Attestation {
            let predicate = |mut layer: Statement| layer.annotations.remove("in-toto.io/predicate-type");
            self.predicates = statements.by_ref().filter_map(predicate).collect();
        }
        self
    }

    /// An image of an archive that has no lists.
    pub(super) fn image(image: &ArchivedImage) -> Self {
        Self {
            kind: ListedKind::Image,
            names: image.names.clone(),
            platform: Some(image.platform.to_string()),
            digest: image.manifest.unwrap_or(image.config.id),
            media_type: image.raw.as_ref().map(|raw| raw.media_type.clone()).unwrap_or_default(),
            artifact_type: None,
            subject: None,
            predicates: Vec::new(),
            present: true,
        }
    }

    /// Whether it is an image that the archive holds.
    pub fn is_image_here(&self) -> bool {
        self.kind == ListedKind::Image && self.present
    }

    /// The word for what it is.
    pub fn word(&self) -> &'static str {
        match self.kind {
            ListedKind::Image => "image",
            ListedKind::Attestation => "attestation",
            ListedKind::Artifact => "artifact",
            ListedKind::Unknown => "unknown",
        }
    }
}
