//! Image archives: `docker save` of any Docker (also of before 1.10), podman's, and OCI layouts, packed or as a directory;
//! directories of `skopeo copy … dir:`; and writing them.
//!
//! Reading is in two steps. [`Index`] finds the files of an archive without reading their contents; [`open`] reads and
//! checks the documents. Layers are streamed later, one at a time, by whoever wants them ([`super::layer::stream`]), and
//! are checked then. Nothing is loaded by halves: an archive opens whole or is refused by name.

mod convert;
mod dir;
mod docker;
mod index;
mod layout;
mod legacy;
mod listed;
mod oci;
mod save;
#[cfg(test)]
mod tests;

pub use convert::as_oci;
pub use index::{Found, Index, Member};
pub use layout::{LAYOUT_FILE, LayoutImage, blob_path, docker_half, index, layout_files, named};
pub use listed::{Listed, ListedKind};
pub use save::{SaveImage, legacy_ids, stage_save};

use super::blob::{BlobSource, SourceError};
use super::config::ConfigDocument;
use super::decode::{Compression, DecodeError, Decoder, MAGIC_LEN, detect};
use super::layer::{Blob, LayerCall, LayerError, go_text};
use super::manifest::{Descriptor, ManifestError, Platform};
use super::tar::TarError;
use super::{Digest, Limits};
use crate::kernel::Errno;

/// `manifest.json`: what makes a docker archive one.
pub const DOCKER_MANIFEST: &str = "manifest.json";
/// `index.json`: what makes an OCI layout one.
pub const OCI_INDEX: &str = "index.json";

/// The annotation that holds a name, or a tag alone (OCI image-spec `annotations.md`).
const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// containerd and Docker write the full name here, and the tag alone into the other.
const FULL_NAME: &str = "io.containerd.image.name";

/// In which form the archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// `docker save`, `podman save`.
    Docker,
    /// An OCI image layout; Docker's since 25 holds both.
    Oci,
    /// A directory as `skopeo copy … dir:` and `podman save --format docker-dir` write one.
    Dir,
}

/// An archive whose documents were read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Its form.
    pub form: Form,
    /// Its images, in the archive's order.
    pub images: Vec<ArchivedImage>,
    /// What its lists name: its images, and what is none.
    pub listed: Vec<Listed>,
    /// What is odd and was let pass.
    pub warnings: Vec<String>,
}

/// One image of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedImage {
    /// Its names as they stand there: `repo:tag`, or a tag alone in an OCI layout.
    pub names: Vec<String>,
    /// The digest of its manifest, where it has one.
    pub manifest: Option<Digest>,
    /// That manifest as it stands there.
    pub raw: Option<RawManifest>,
    /// The machine it is for, as the index or the configuration says.
    pub platform: Platform,
    /// Its configuration.
    pub config: ConfigDocument,
    /// Its layers, lowest first: as many as diff ids.
    pub layers: Vec<Layer>,
}

/// A manifest's own bytes, which its digest is the digest of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawManifest {
    /// What it is said to be.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The digest under which it is known, and the one by which it names the configuration.
    pub digest: Digest,
    /// See there.
    pub config: Digest,
}

/// One layer of an image in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Its path in the archive, for people.
    pub file: String,
    /// Where its bytes are; `None` for a non-distributable layer that is not in the archive.
    pub blob: Option<Blob>,
    /// The digest that the manifest promises for these bytes; docker archives promise none.
    pub digest: Option<Digest>,
    /// The digest that the configuration promises for the uncompressed bytes.
    pub diff_id: Digest,
    /// The media type, where there is one.
    pub media_type: String,
}

impl Layer {
    /// Whether it is an EROFS file system and no tar, which nothing here reads.
    pub fn is_erofs(&self) -> bool {
        self.blob.is_none() && self.media_type.contains("erofs")
    }
}

/// What is wrong with an archive: in which file, and what. For Docker's own texts see [`ArchiveError::docker_text`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// The bytes cannot be read.
    #[error("{0}")]
    Source(#[from] SourceError),
    /// The outer compression is broken.
    #[error("archive: {0}")]
    Outer(#[from] DecodeError),
    /// The outer tar is broken.
    #[error("archive: {0}")]
    Tar(#[from] TarError),
    /// A tar, and no image.
    #[error("not an image: no manifest.json and no index.json")]
    NotAnImage,
    /// Documents that list nothing.
    #[error("no image in the archive")]
    Empty,
    /// Something in the outer archive is a trick.
    #[error("archive entry \"{file}\" {why}")]
    Entry {
        /// The entry.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// An entry of the outer archive that cannot be made; the text is Go's, with the paths inside the archive.
    #[error("archive: {what}: {}", go_text(*.errno))]
    Call {
        /// The kind of call; it decides the message.
        call: LayerCall,
        /// The call with its paths, `link /a /b`.
        what: String,
        /// Why.
        errno: Errno,
    },
    /// A file that a document names.
    #[error("{file} is missing")]
    Missing {
        /// Its path in the archive.
        file: String,
    },
    /// A document that cannot be used.
    #[error("{file}: {why}")]
    Document {
        /// Its path in the archive.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// A document that is no manifest or index.
    #[error("{file}: {fault}")]
    Manifest {
        /// Its path in the archive.
        file: String,
        /// What is wrong.
        fault: ManifestError,
    },
    /// As many layers as diff ids are wanted.
    #[error("{file}: the number of diff ids ({diff_ids}) is not that of the layers ({layers})")]
    LayerCount {
        /// The configuration.
        file: String,
        /// Layers in the manifest.
        layers: usize,
        /// Diff ids in the configuration.
        diff_ids: usize,
    },
    /// More than a limit allows.
    #[error("{file}: more than {limit} {what}")]
    Limit {
        /// Where.
        file: String,
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// A layer that cannot be read.
    #[error("{file}: {fault}")]
    Layer {
        /// Its path in the archive.
        file: String,
        /// What is wrong.
        fault: LayerError,
    },
}

impl ArchiveError {
    /// What Docker 20.10's daemon says of it (oracle: load-garbage, load-layer-count-mismatch).
    pub fn docker_text(&self) -> String {
        match self {
            Self::Tar(error) => format!("Error processing tar file(exit status 1): {}", error.docker_text()),
            Self::Call { call, what, errno } => {
                LayerError::Call { call: *call, what: what.clone(), errno: *errno }.docker_text()
            }
            Self::LayerCount { layers, diff_ids, .. } => {
                format!("invalid manifest, layers length mismatch: expected {layers}, got {diff_ids}")
            }
            Self::Layer { fault, .. } => fault.docker_text(),
            other => other.to_string(),
        }
    }
}

/// Reads and checks the documents of an archive.
pub fn open(index: &Index, source: &mut dyn BlobSource, limits: Limits) -> Result<Archive, ArchiveError> {
    let place = |descriptor: &Descriptor| blob_path(&descriptor.digest);
    let mut reader = Reader { index, source, limits, warnings: Vec::new(), listed: Vec::new(), place };
    let (form, images) = match (index.has(OCI_INDEX)?, index.has(DOCKER_MANIFEST)?) {
        (true, false) => (Form::Oci, oci::read(&mut reader)?),
        (false, true) if dir::is_one(&mut reader)? => (Form::Dir, dir::read(&mut reader)?),
        (false, true) => (Form::Docker, docker::read(&mut reader)?),
        (false, false) if legacy::is_one(index) => (Form::Docker, legacy::read(&mut reader)?),
        (false, false) => return Err(ArchiveError::NotAnImage),
        (true, true) => {
            let mut images = oci::read(&mut reader)?;
            let listed = docker::read(&mut reader)?;
            agree(&mut images, listed)?;
            (Form::Oci, images)
        }
    };
    for image in &images {
        let lines = image.config.config.layer_history().count();
        if !image.config.config.history.is_empty() && lines != image.layers.len() {
            reader.warnings.push(format!(
                "{}: history has {lines} lines for {} layers",
                image.config.id.short(),
                image.layers.len()
            ));
        }
    }
    if images.is_empty() {
        return Err(ArchiveError::Empty);
    }
    let mut listed = reader.listed;
    if listed.is_empty() {
        listed = images.iter().map(Listed::image).collect();
    }
    // The docker half has whole names, and only the configuration says the machine where the list does not.
    for entry in &mut listed {
        if let Some(image) = images.iter().find(|image| image.manifest == Some(entry.digest)) {
            entry.names.clone_from(&image.names);
            entry.platform = Some(image.platform.to_string());
        }
    }
    Ok(Archive { form, images, listed, warnings: reader.warnings })
}

/// Docker 25 and later write both halves. Every image of the docker half must be in the OCI half, with the same
/// configuration and the same layers; its names come from the docker half.
fn agree(images: &mut [ArchivedImage], listed: Vec<ArchivedImage>) -> Result<(), ArchiveError> {
    for docker in listed {
        let same = images.iter_mut().find(|oci| {
            oci.config.id == docker.config.id
                && oci.layers.iter().map(|l| l.blob).eq(docker.layers.iter().map(|l| l.blob))
        });
        match same {
            Some(oci) => {
                if !docker.names.is_empty() {
                    oci.names = docker.names;
                }
            }
            None => {
                return Err(ArchiveError::Document {
                    file: DOCKER_MANIFEST.to_owned(),
                    why: format!("image {} is not the one that index.json describes", docker.config.id),
                });
            }
        }
    }
    Ok(())
}

/// How the whole archive is compressed. A compressed one is expanded first ([`expand`]): its files cannot be found
/// otherwise.
pub fn outer_compression(source: &mut dyn BlobSource) -> Result<Compression, ArchiveError> {
    Ok(detect(&source.read_at(0, MAGIC_LEN)?))
}

/// Expands a compressed archive piece by piece into `take`.
pub fn expand(
    source: &mut dyn BlobSource,
    limits: Limits,
    mut take: impl FnMut(&[u8]) -> Result<(), SourceError>,
) -> Result<(), ArchiveError> {
    let mut decoder = Decoder::new(outer_compression(source)?, limits);
    let (mut at, mut out) = (0, Vec::new());
    while at < source.size() {
        let piece = source.read_at(at, 256 << 10)?;
        if piece.is_empty() {
            break;
        }
        at += piece.len() as u64;
        let mut rest = &piece[..];
        while !rest.is_empty() {
            let used = decoder.push(rest, &mut out);
            take(&out)?;
            out.clear();
            rest = &rest[used?..];
        }
    }
    Ok(decoder.finish()?)
}

/// What the readers of both forms share.
struct Reader<'a> {
    index: &'a Index,
    source: &'a mut dyn BlobSource,
    limits: Limits,
    warnings: Vec<String>,
    /// What the lists name, in their order.
    listed: Vec<Listed>,
    /// Where a blob is, by its descriptor.
    place: fn(&Descriptor) -> String,
}

impl Reader<'_> {
    /// A small file, whole.
    fn read(&mut self, file: &str) -> Result<Vec<u8>, ArchiveError> {
        let blob = self.index.find(file)?;
        self.read_blob(file, blob)
    }

    fn read_blob(&mut self, file: &str, blob: Blob) -> Result<Vec<u8>, ArchiveError> {
        if blob.len > self.limits.json as u64 {
            return Err(ArchiveError::Limit {
                file: file.to_owned(),
                what: "bytes",
                limit: self.limits.json,
            });
        }
        let bytes = self.source.read_at(blob.offset, blob.len as usize)?;
        if bytes.len() as u64 != blob.len {
            return Err(ArchiveError::Document {
                file: file.to_owned(),
                why: "archive ends early".to_owned(),
            });
        }
        Ok(bytes.to_vec())
    }

    fn config(&self, file: &str, bytes: &[u8]) -> Result<ConfigDocument, ArchiveError> {
        let document = |why| ArchiveError::Document { file: file.to_owned(), why };
        let config = ConfigDocument::parse(bytes, self.limits.json).map_err(document)?;
        if config.config.rootfs.diff_ids.len() > self.limits.layers {
            return Err(self.too_many_layers(file));
        }
        Ok(config)
    }

    fn too_many_layers(&self, file: &str) -> ArchiveError {
        ArchiveError::Limit { file: file.to_owned(), what: "layers", limit: self.limits.layers }
    }
}

fn platform_of(config: &ConfigDocument) -> Platform {
    Platform {
        architecture: config.config.architecture.clone(),
        os: config.config.os.clone(),
        os_version: config.config.os_version.clone(),
        variant: config.config.variant.clone(),
    }
}
