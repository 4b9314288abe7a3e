//! An archive of Docker's own form as an OCI image layout in a tar: the same configurations and layers, so that every id stays.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::layout::{LayoutImage, blob_path, layout_files};
use super::{ArchiveError, Index, OCI_INDEX, open};
use crate::oci::blob::BlobSource;
use crate::oci::manifest::{Descriptor, media};
use crate::oci::tar::{END, Kind, TarEntry, padding, write_header};
use crate::oci::{Digest, Limits};

/// Returns the archive as an OCI layout; one that is an OCI layout already stays as it is.
///
/// # Errors
/// What is wrong with the archive; a layer that is not in it.
pub fn as_oci(archive: &[u8], limits: Limits) -> Result<Vec<u8>, ArchiveError> {
    let mut source = Bytes::copy_from_slice(archive);
    let index = Index::of_tar(&mut source, limits)?;
    if index.has(OCI_INDEX)? {
        return Ok(archive.to_vec());
    }
    let read = open(&index, &mut source, limits)?;
    let mut blobs: BTreeMap<String, Bytes> = BTreeMap::new();
    let mut images = Vec::new();
    for image in &read.images {
        let mut layers = Vec::new();
        for layer in &image.layers {
            let missing = || ArchiveError::Missing { file: layer.file.clone() };
            let blob = layer.blob.ok_or_else(missing)?;
            let len = usize::try_from(blob.len).map_err(|_| missing())?;
            let bytes = source.read_at(blob.offset, len)?;
            let digest = Digest::of(&bytes);
            layers.push(Descriptor::new(media_type(&bytes), digest, blob.len));
            blobs.insert(blob_path(&digest), bytes);
        }
        let (config, names) = (image.config.clone(), image.names.clone());
        images.push(LayoutImage { config, layers, manifest: None, names });
    }
    let mut files = layout_files(&images);
    // The list of what is there comes last, behind all of it.
    let last = files.pop();
    files.extend(blobs.into_iter().map(|(name, bytes)| (name, bytes.to_vec())));
    files.extend(last);
    Ok(tar(&files))
}

/// How a layer is stored, by how it begins (RFC 1952, section 2.3.1; RFC 8878, section 3.1.1).
fn media_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x1f, 0x8b, ..] => media::OCI_LAYER_GZIP,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => media::OCI_LAYER_ZSTD,
        _ => media::OCI_LAYER,
    }
}

/// A tar of these files, with the directories that lead to them.
fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for dir in ["blobs/", "blobs/sha256/"] {
        out.extend(write_header(&TarEntry::new(dir, Kind::Dir, 0o755)));
    }
    for (name, bytes) in files {
        let entry = TarEntry { size: bytes.len() as u64, ..TarEntry::new(name.as_str(), Kind::File, 0o644) };
        out.extend(write_header(&entry));
        out.extend_from_slice(bytes);
        out.extend_from_slice(padding(entry.size));
    }
    out.extend_from_slice(&END);
    out
}

#[cfg(test)]
mod tests {
    use super::super::{ArchivedImage, Form};
    use super::*;
    use crate::session::{Session, SimBackend, programs};

    fn images(archive: &[u8]) -> (Form, Vec<ArchivedImage>) {
        let mut source = Bytes::copy_from_slice(archive);
        let index = Index::of_tar(&mut source, Limits::default()).expect("a tar");
        let read = open(&index, &mut source, Limits::default()).expect("an archive");
        (read.form, read.images)
    }

    #[test]
    fn every_id_stays_and_what_is_oci_stays_as_it_is() {
        let mut session = Session::new(Box::new(SimBackend::default()), programs()).expect("a session");
        let (status, saved) = session.test(b"docker pull -q nginx >/dev/null && docker save nginx | cat");
        assert_eq!(status, 0);
        let oci = as_oci(&saved, Limits::default()).expect("it can be converted");
        let ((before, old), (after, new)) = (images(&saved), images(&oci));
        assert_eq!((before, after), (Form::Docker, Form::Oci));
        let told = |images: &[ArchivedImage]| -> Vec<_> {
            let layers =
                |image: &ArchivedImage| image.layers.iter().map(|layer| layer.diff_id).collect::<Vec<_>>();
            images.iter().map(|image| (image.config.id, layers(image))).collect()
        };
        assert_eq!(told(&old), told(&new));
        assert!(
            new[0].layers.len() > 2 && new[0].names == ["docker.io/library/nginx:latest"],
            "{:?}",
            new[0].names
        );
        assert_eq!(as_oci(&oci, Limits::default()), Ok(oci));
        assert!(as_oci(b"no archive", Limits::default()).is_err());
    }
}
