//! containers/image's directories (`directory/directory_transport.go`), which `skopeo copy … dir:` and `podman save --format
//! docker-dir` write: `version`, the manifest, and the blobs by their digest's digits.

use super::{ArchiveError, ArchivedImage, DOCKER_MANIFEST, Reader, oci};
use crate::oci::manifest::{Descriptor, Document, is_image_document};

const VERSION: &str = "version";
const SAID: &[u8] = b"Directory Transport Version: 1.";

/// Whether an archive with a `manifest.json` is such a one.
pub(super) fn is_one(reader: &mut Reader<'_>) -> Result<bool, ArchiveError> {
    if !reader.index.has(VERSION)? {
        return Ok(false);
    }
    let blob = reader.index.find(VERSION)?;
    Ok(reader.source.read_at(blob.offset, SAID.len().min(blob.len as usize))? == SAID)
}

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Vec<ArchivedImage>, ArchiveError> {
    reader.place = |descriptor| {
        let digest = &descriptor.digest;
        let end = if is_image_document(&descriptor.media_type) { ".manifest.json" } else { "" };
        // Since version 1.2 the digits of other algorithms stand behind their names.
        let start = if digest.is_canonical() { String::new() } else { format!("{}-", digest.algorithm()) };
        format!("{start}{}{end}", digest.hex())
    };
    let bytes = reader.read(DOCKER_MANIFEST)?;
    match oci::parse(DOCKER_MANIFEST, &bytes, "", reader)? {
        Document::Index(index) => oci::images(reader, index),
        Document::Manifest(manifest) => {
            let descriptor = Descriptor::of(&manifest.media_type, &bytes);
            Ok(vec![oci::image(reader, &descriptor, &manifest, bytes)?])
        }
    }
}
