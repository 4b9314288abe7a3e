//! The OCI image layout: `index.json` → manifests (perhaps through more indexes) → configuration and layers, each by its
//! digest, and each digest checked before what it names is looked at (OCI image-spec `image-layout.md`).

use serde::Deserialize;

use super::{
    ArchiveError, ArchivedImage, FULL_NAME, LAYOUT_FILE as LAYOUT, Layer, Listed, ListedKind, OCI_INDEX,
    REF_NAME, RawManifest, Reader, platform_of,
};
use crate::oci::decode::{Compression, MAGIC_LEN, detect};
use crate::oci::json;
use crate::oci::layer::Blob;
use crate::oci::manifest::{Descriptor, Document, Index, Manifest, is_document, media};

const NO_MACHINE: &str = "unknown/unknown";
/// A part of the media types of layers that are EROFS file systems.
const EROFS: &str = "erofs";
/// containerd's media type for them.
const EROFS_TYPE: &str = "application/vnd.erofs.layer.v1";
/// Where the superblock of such a file system stands, and how it starts (EROFS's on-disk format document).
const EROFS_AT: usize = 1024;
const EROFS_MAGIC: [u8; 4] = [0xe2, 0xe1, 0xf5, 0xe0];
const ATTESTATION: &str = "vnd.docker.reference.type";

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Vec<ArchivedImage>, ArchiveError> {
    check_layout(reader)?;
    let bytes = reader.read(OCI_INDEX)?;
    let document = parse(OCI_INDEX, &bytes, "", reader)?;
    let Document::Index(index) = document else {
        return Err(ArchiveError::Document {
            file: OCI_INDEX.into(),
            why: "is a manifest, not an index".into(),
        });
    };
    images(reader, index)
}

/// The images of an index, and of those that it lists.
pub(super) fn images(reader: &mut Reader<'_>, index: Index) -> Result<Vec<ArchivedImage>, ArchiveError> {
    let mut found = Vec::new();
    walk(reader, index, &mut found)?;
    let mut images: Vec<ArchivedImage> = Vec::new();
    for (descriptor, manifest, bytes) in found {
        let image = image(reader, &descriptor, &manifest, bytes)?;
        // One image under two names is one image; one name for two images of one platform is for nobody to guess.
        if let Some(same) = images.iter_mut().find(|other| other.manifest == image.manifest) {
            same.names.extend(
                image.names.into_iter().filter(|name| !same.names.contains(name)).collect::<Vec<_>>(),
            );
            continue;
        }
        let clash = images.iter().find(|other| {
            other.platform == image.platform && other.names.iter().any(|name| image.names.contains(name))
        });
        if let Some(other) = clash {
            return Err(ArchiveError::Document {
                file: OCI_INDEX.to_owned(),
                why: format!("two images with the name {}", other.names.join(", ")),
            });
        }
        images.push(image);
    }
    Ok(images)
}

fn check_layout(reader: &mut Reader<'_>) -> Result<(), ArchiveError> {
    #[derive(Deserialize)]
    struct Layout {
        #[serde(rename = "imageLayoutVersion")]
        version: String,
    }
    let bytes = reader.read(LAYOUT)?;
    let document = |why| ArchiveError::Document { file: LAYOUT.to_owned(), why };
    let layout: Layout = json::parse(&bytes, reader.limits.json).map_err(document)?;
    if layout.version != "1.0.0" {
        return Err(document(format!("unknown layout version {:?}", layout.version)));
    }
    Ok(())
}

/// Follows the indexes, depth first and in their order, without recursion.
fn walk(
    reader: &mut Reader<'_>,
    index: Index,
    found: &mut Vec<(Descriptor, Manifest, Vec<u8>)>,
) -> Result<(), ArchiveError> {
    let mut listed = 0;
    let mut todo: Vec<(Descriptor, usize)> = Vec::new();
    let mut push = |reader: &Reader<'_>, todo: &mut Vec<(Descriptor, usize)>, index: Index, depth: usize| {
        listed += index.manifests.len();
        if listed > reader.limits.index_entries {
            let limit = reader.limits.index_entries;
            return Err(ArchiveError::Limit { file: OCI_INDEX.to_owned(), what: "images", limit });
        }
        todo.extend(index.manifests.into_iter().rev().map(|descriptor| (descriptor, depth)));
        Ok(())
    };
    push(reader, &mut todo, index, 1)?;
    while let Some((descriptor, depth)) = todo.pop() {
        if depth > reader.limits.index_depth {
            let limit = reader.limits.index_depth;
            return Err(ArchiveError::Limit { file: OCI_INDEX.to_owned(), what: "nested indexes", limit });
        }
        // buildx's attestations, which are for no machine.
        let is_for_none =
            descriptor.platform.as_ref().is_some_and(|platform| platform.to_string() == NO_MACHINE);
        let file = (reader.place)(&descriptor);
        if is_for_none || descriptor.annotations.contains_key(ATTESTATION) {
            let listed = Listed::of(ListedKind::Attestation, &descriptor, Vec::new());
            // Nobody needs it to see the image: what is wrong with it is not the image's fault.
            let listed = match read_checked(reader, &descriptor) {
                Ok(bytes) => listed.read(&bytes),
                Err(_) => listed,
            };
            reader.listed.push(listed);
            continue;
        }
        if !is_document(&descriptor.media_type) {
            // image-spec `image-index.md`: an unknown type must not be an error.
            reader.warnings.push(format!("{file}: is said to be {}, not an image", descriptor.media_type));
            reader.listed.push(Listed::of(ListedKind::Unknown, &descriptor, names(&descriptor)));
            continue;
        }
        if depth > 1 && !reader.index.has(&file)? {
            // `docker save` of one platform keeps the index of all.
            reader.warnings.push(format!("{file}: a listed image is not in the archive"));
            reader.listed.push(Listed::of(ListedKind::Image, &descriptor, names(&descriptor)));
            continue;
        }
        let bytes = read_checked(reader, &descriptor)?;
        match parse(&file, &bytes, &descriptor.media_type, reader)? {
            Document::Index(mut index) => {
                inherit(&descriptor, &mut index);
                push(reader, &mut todo, index, depth + 1)?;
            }
            Document::Manifest(manifest) if is_artifact(&manifest) => {
                reader.warnings.push(format!(
                    "{file}: an artifact of type {}, not an image",
                    manifest.config.media_type
                ));
                let listed = Listed::of(ListedKind::Artifact, &descriptor, names(&descriptor)).read(&bytes);
                let own = listed.artifact_type.clone().unwrap_or(manifest.config.media_type);
                reader.listed.push(Listed { artifact_type: Some(own), ..listed });
            }
            Document::Manifest(manifest) => {
                reader
                    .listed
                    .push(Listed::of(ListedKind::Image, &descriptor, names(&descriptor)).read(&bytes));
                found.push((descriptor, manifest, bytes));
            }
        }
    }
    Ok(())
}

/// A list's name is the name of the images in it.
fn inherit(list: &Descriptor, index: &mut Index) {
    for descriptor in &mut index.manifests {
        for key in [REF_NAME, FULL_NAME] {
            if let Some(name) = list.annotations.get(key) {
                descriptor.annotations.entry(key.to_owned()).or_insert_with(|| name.clone());
            }
        }
    }
}

fn is_artifact(manifest: &Manifest) -> bool {
    let config = manifest.config.media_type.as_str();
    !config.is_empty() && config != media::OCI_CONFIG && config != media::DOCKER_CONFIG
}

/// The image of a manifest.
pub(super) fn image(
    reader: &mut Reader<'_>,
    descriptor: &Descriptor,
    manifest: &Manifest,
    raw: Vec<u8>,
) -> Result<ArchivedImage, ArchiveError> {
    let file = (reader.place)(descriptor);
    if manifest.layers.len() > reader.limits.layers {
        return Err(reader.too_many_layers(&file));
    }
    let bytes = read_checked(reader, &manifest.config)?;
    let config_file = (reader.place)(&manifest.config);
    let config = reader.config(&config_file, &bytes)?;
    let diff_ids = &config.config.rootfs.diff_ids;
    if diff_ids.len() != manifest.layers.len() {
        let layers = manifest.layers.len();
        return Err(ArchiveError::LayerCount { file: config_file, layers, diff_ids: diff_ids.len() });
    }
    let mut layers = Vec::with_capacity(manifest.layers.len());
    for (layer, diff_id) in manifest.layers.iter().zip(diff_ids) {
        let file = (reader.place)(layer);
        let mut media_type = layer.media_type.clone();
        let blob = match sized(reader, layer) {
            Ok(blob) => {
                let start = reader.source.read_at(blob.offset, MAGIC_LEN.min(blob.len as usize))?;
                // image-spec `layer.md` knows gzip and zstd; Docker's archives may have more.
                if matches!(detect(&start), Compression::Bzip2 | Compression::Xz) {
                    let why = "an OCI layer is compressed with gzip, zstd or not at all".to_owned();
                    return Err(ArchiveError::Document { file, why });
                }
                if layer.media_type.contains(EROFS) || is_erofs(reader, blob)? {
                    reader.warnings.push(format!(
                        "{file}: a layer that is an EROFS file system ({EROFS_TYPE}) and no tar"
                    ));
                    media_type =
                        if layer.media_type.contains(EROFS) { media_type } else { EROFS_TYPE.to_owned() };
                    None
                } else {
                    Some(blob)
                }
            }
            Err(ArchiveError::Missing { .. }) if layer.is_foreign() || !layer.urls.is_empty() => {
                reader.warnings.push(format!("{file}: a non-distributable layer that is not in the archive"));
                None
            }
            Err(error) => return Err(error),
        };
        layers.push(Layer { file, blob, digest: Some(layer.digest), diff_id: *diff_id, media_type });
    }
    Ok(ArchivedImage {
        names: names(descriptor),
        manifest: Some(descriptor.digest),
        raw: Some(RawManifest {
            media_type: media_type(descriptor, manifest),
            bytes: raw,
            digest: descriptor.digest,
            config: manifest.config.digest,
        }),
        platform: descriptor.platform.clone().unwrap_or_else(|| platform_of(&config)),
        config,
        layers,
    })
}

/// The name that a list gives a document.
fn names(descriptor: &Descriptor) -> Vec<String> {
    let name = [FULL_NAME, REF_NAME].iter().find_map(|key| descriptor.annotations.get(*key));
    name.into_iter().cloned().collect()
}

/// What a manifest is: as its descriptor says, else as it says itself, else OCI's.
fn media_type(descriptor: &Descriptor, manifest: &Manifest) -> String {
    let said = [&descriptor.media_type, &manifest.media_type].into_iter().find(|said| !said.is_empty());
    said.map_or_else(|| media::OCI_MANIFEST.to_owned(), Clone::clone)
}

/// Whether a blob is an EROFS file system.
fn is_erofs(reader: &mut Reader<'_>, blob: Blob) -> Result<bool, ArchiveError> {
    // Before the superblock is nothing, so that no tar with an entry is taken for one.
    let start = reader.source.read_at(blob.offset, (EROFS_AT + EROFS_MAGIC.len()).min(blob.len as usize))?;
    let Some((before, magic)) = start.split_at_checked(EROFS_AT) else { return Ok(false) };
    Ok(magic == EROFS_MAGIC && before.iter().all(|b| *b == 0))
}

/// The blob of a descriptor, if it has the size that was promised.
fn sized(reader: &Reader<'_>, descriptor: &Descriptor) -> Result<Blob, ArchiveError> {
    let file = (reader.place)(descriptor);
    let blob = reader.index.find_plain(&file)?;
    if blob.len != descriptor.size {
        let why = format!("blob has {} bytes, not the {} of its descriptor", blob.len, descriptor.size);
        return Err(ArchiveError::Document { file, why });
    }
    Ok(blob)
}

/// A document that a descriptor names: nothing is read from it before its digest is right.
fn read_checked(reader: &mut Reader<'_>, descriptor: &Descriptor) -> Result<Vec<u8>, ArchiveError> {
    let file = (reader.place)(descriptor);
    let blob = sized(reader, descriptor)?;
    let bytes = reader.read_blob(&file, blob)?;
    let found = descriptor.digest.like(&bytes);
    if found != descriptor.digest {
        return Err(ArchiveError::Document {
            file,
            why: format!("blob does not match its digest: got {found}"),
        });
    }
    Ok(bytes)
}

/// A document that is said to be of this type.
pub(super) fn parse(
    file: &str,
    bytes: &[u8],
    said: &str,
    reader: &Reader<'_>,
) -> Result<Document, ArchiveError> {
    Document::parse(bytes, said, reader.limits.json)
        .map_err(|fault| ArchiveError::Manifest { file: file.to_owned(), fault })
}
