//! Writing an OCI image layout: the documents of one, and where its blobs go. Who writes them has the disk.
//!
//! Source of the form: OCI image-spec `image-layout.md`; the two annotations of a name are containerd's and Docker's.

use std::collections::BTreeMap;

use super::{DOCKER_MANIFEST, FULL_NAME, OCI_INDEX, REF_NAME, RawManifest, platform_of};
use crate::oci::config::ConfigDocument;
use crate::oci::json::to_go_json;
use crate::oci::manifest::{ArchiveImage, Descriptor, Index, Manifest, media};
use crate::oci::{Digest, Reference};

/// The file that says which form of layout this is.
pub const LAYOUT_FILE: &str = "oci-layout";
const LAYOUT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// One image to write.
#[derive(Debug, Clone)]
pub struct LayoutImage {
    /// Its configuration, whose bytes are written as they are.
    pub config: ConfigDocument,
    /// Its layers as they are stored, lowest first.
    pub layers: Vec<Descriptor>,
    /// Its manifest, kept as it came; `None` makes one.
    pub manifest: Option<RawManifest>,
    /// Its names, one entry of the index each: `repo:tag`, or a tag alone, as [`super::ArchivedImage::names`] has them.
    pub names: Vec<String>,
}

impl LayoutImage {
    /// The manifest: as it came, else an OCI manifest of these layers.
    pub fn manifest(&self) -> RawManifest {
        self.manifest.clone().unwrap_or_else(|| {
            let config = &self.config;
            let manifest = Manifest {
                schema_version: 2,
                media_type: media::OCI_MANIFEST.to_owned(),
                config: Descriptor::new(media::OCI_CONFIG, config.id, config.bytes.len() as u64),
                layers: self.layers.clone(),
                annotations: BTreeMap::new(),
            };
            let bytes = to_go_json(&manifest);
            RawManifest {
                media_type: manifest.media_type.clone(),
                digest: Digest::of(&bytes),
                config: config.id,
                bytes,
            }
        })
    }

    /// The manifest's descriptors in an index: one a name, with the platform.
    pub fn entries(&self) -> Vec<Descriptor> {
        let manifest = self.manifest();
        let size = manifest.bytes.len() as u64;
        let mut descriptor = Descriptor::new(&manifest.media_type, manifest.digest, size);
        descriptor.platform = Some(platform_of(&self.config));
        if self.names.is_empty() {
            return vec![descriptor];
        }
        self.names.iter().map(|name| named(descriptor.clone(), name)).collect()
    }
}

/// A descriptor under a name: a full one in containerd's annotation, its tag in the specification's.
pub fn named(mut descriptor: Descriptor, name: &str) -> Descriptor {
    let full = full_name(name);
    let tag = full.as_ref().and_then(|full| full.tag.clone()).unwrap_or_else(|| name.to_owned());
    descriptor.annotations.insert(REF_NAME.to_owned(), tag);
    if let Some(full) = full {
        descriptor.annotations.insert(FULL_NAME.to_owned(), full.to_string());
    }
    descriptor
}

/// The reference that a name of an archive is; `None` for a tag alone.
fn full_name(name: &str) -> Option<Reference> {
    let full = Reference::parse(name).ok()?;
    (full.tag.is_some() || name.contains('/')).then(|| full.or_latest())
}

/// Where the blob of this digest lies in a layout.
pub fn blob_path(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm(), digest.hex())
}

/// An index of these entries.
pub fn index(manifests: Vec<Descriptor>) -> Vec<u8> {
    to_go_json(&Index {
        schema_version: 2,
        media_type: media::OCI_INDEX.to_owned(),
        manifests,
        annotations: BTreeMap::new(),
    })
}

/// The files of a layout of these images, except their layers: path in the layout, content; `index.json` last.
pub fn layout_files(images: &[LayoutImage]) -> Vec<(String, Vec<u8>)> {
    let mut blobs = BTreeMap::new();
    let mut entries = Vec::new();
    for image in images {
        let manifest = image.manifest();
        blobs.insert(blob_path(&manifest.config), image.config.bytes.clone());
        blobs.insert(blob_path(&manifest.digest), manifest.bytes);
        entries.extend(image.entries());
    }
    let mut files: Vec<(String, Vec<u8>)> = blobs.into_iter().collect();
    files.push((LAYOUT_FILE.to_owned(), LAYOUT.to_vec()));
    files.push((OCI_INDEX.to_owned(), index(entries)));
    files
}

/// `manifest.json` beside a layout's files, as Docker 25 writes it: what reads docker archives alone reads the same image.
pub fn docker_half(images: &[LayoutImage]) -> (String, Vec<u8>) {
    let items: Vec<ArchiveImage> = images
        .iter()
        .map(|image| ArchiveImage {
            config: blob_path(&image.manifest().config),
            repo_tags: Some(tags(image)).filter(|tags| !tags.is_empty()),
            layers: image.layers.iter().map(|layer| blob_path(&layer.digest)).collect(),
            parent: None,
        })
        .collect();
    (DOCKER_MANIFEST.to_owned(), to_go_json(&items))
}

/// The names that Docker has words for.
fn tags(image: &LayoutImage) -> Vec<String> {
    let full = image.names.iter().filter_map(|name| full_name(name));
    full.filter(|name| name.digest.is_none()).map(|name| name.familiar()).collect()
}
