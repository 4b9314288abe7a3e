//! `docker load`: images out of an archive, whole or not at all (`image/tarexport/load.go`; oracle: load-*).

use super::Engine;
use super::error::{Error, Named as _, Result};
use crate::kernel::{Fd, Kernel};
use crate::oci::archive::{self, ArchiveError, Index};
use crate::oci::blob::{BlobSource, FdBlob, KernelBlob};
use crate::oci::decode::{Compression, Decoder};
use crate::oci::layer::{Expected, LayerError};
use crate::oci::{ConfigDocument, Digest, Limits, Reference, chain_id};

const PIECE: usize = 256 << 10;

/// One line of what loading did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// An image has this name now.
    Named(String),
    /// An image without a name.
    Image(Digest),
    /// Another image has lost this name.
    Renamed(String, Digest),
}

impl Engine<'_> {
    /// Loads all images of the archive that is open at `fd`.
    ///
    /// # Errors
    /// What is wrong with the archive; then no image of it is here.
    pub fn load(&mut self, fd: Fd) -> Result<Vec<Loaded>> {
        let limits = Limits::default();
        let blob = FdBlob::new(self.kernel, fd).named("stat", b"archive")?;
        let start = self.kernel.pread(fd, 0, archive_magic()).named("read", b"archive")?;
        let compression =
            crate::oci::decode::detect(&start).map_err(|error| Error::Failed(error.to_string()))?;
        if compression == Compression::None {
            return self.load_plain(blob, limits);
        }
        let scratch = self.scratch()?;
        let expanded = expand(self.kernel, blob, scratch.fd, compression, limits);
        let result = expanded.and_then(|size| self.load_plain(FdBlob { fd: scratch.fd, size }, limits));
        self.discard(&scratch)?;
        result
    }

    fn load_plain(&mut self, blob: FdBlob, limits: Limits) -> Result<Vec<Loaded>> {
        let failed = |error: ArchiveError| Error::Failed(error.docker_text());
        let mut source = KernelBlob::new(&mut *self.kernel, blob);
        let index = Index::of_tar(&mut source, limits).map_err(failed)?;
        if !index.has(archive::DOCKER_MANIFEST).map_err(failed)? {
            return self.load_legacy(&index);
        }
        let opened = archive::open(&index, &mut source as &mut dyn BlobSource, limits);
        let archive::Archive { form, images, .. } = opened.map_err(|error| self.archive_error(error))?;
        for image in &images {
            check_config(&image.config)?;
        }
        let mut staged: Vec<Digest> = Vec::new();
        for image in &images {
            if let Err(error) = self.load_layers(blob, image, &mut staged) {
                // Nothing of the archive stays: layers that no image needs go again, topmost first.
                for chain in staged.iter().rev() {
                    self.layer_release(chain)?;
                }
                return Err(error);
            }
        }
        let mut lines = Vec::new();
        for image in &images {
            let id = self.image_create(&image.config, None)?;
            let mut named = false;
            for name in &image.names {
                let reference = match tagged(name) {
                    Ok(reference) => reference,
                    // A tag alone is the name of an OCI layout's entry, which Docker does not read.
                    Err(_) if form == archive::Form::Oci => continue,
                    Err(error) => return Err(error),
                };
                if let Some(before) = self.tag(&reference, &id)? {
                    lines.push(Loaded::Renamed(reference.familiar(), before));
                }
                lines.push(Loaded::Named(reference.familiar()));
                named = true;
            }
            if !named {
                lines.push(Loaded::Image(id));
            }
        }
        Ok(lines)
    }

    /// Unpacks the layers of an image that are not here yet.
    fn load_layers(
        &mut self,
        mut source: FdBlob,
        image: &archive::Image,
        staged: &mut Vec<Digest>,
    ) -> Result<()> {
        let mut parent: Option<Digest> = None;
        for (number, layer) in image.layers.iter().enumerate() {
            let chain = chain_id(parent.as_ref(), &layer.diff_id);
            if self.cache_id(&chain)?.is_none() {
                let blob = layer.blob.ok_or_else(|| {
                    Error::Failed(format!(
                        "open {}/tmp/docker-import/{}: no such file or directory",
                        super::layout::ROOT,
                        layer.file
                    ))
                })?;
                let expected = Expected { digest: layer.digest, diff_id: Some(layer.diff_id) };
                match self.register_layer(&mut source, blob, expected, parent.as_ref())? {
                    Ok(_) => staged.push(chain),
                    Err(LayerError::DiffId { expected, found }) => {
                        return Err(Error::Failed(format!(
                            "invalid diffID for layer {number}: expected \"{expected}\", got \"{found}\""
                        )));
                    }
                    Err(error) => return Err(super::register::refusal(&error)),
                }
            }
            parent = Some(chain);
        }
        Ok(())
    }

    /// An archive without `manifest.json`: Docker takes each directory for an image of before 1.10, and so stumbles over
    /// an OCI layout (oracle: docker20-load-oci-archive, load-no-manifest).
    fn load_legacy(&mut self, index: &Index) -> Result<Vec<Loaded>> {
        let mut dirs: Vec<&str> =
            index.members().filter_map(|(path, _)| path.split_once('/').map(|(dir, _)| dir)).collect();
        dirs.dedup();
        for dir in dirs {
            let file = format!("{dir}/json");
            if !index.has(&file).unwrap_or(false) {
                return Err(Error::Failed(format!(
                    "open {}/{file}: no such file or directory",
                    self.import_dir()
                )));
            }
        }
        if !index.has("repositories").unwrap_or(false) {
            let dir = self.import_dir();
            return Err(Error::Failed(format!("open {dir}/repositories: no such file or directory")));
        }
        Ok(Vec::new())
    }

    /// Docker's own words for an archive that lacks a file that it names.
    fn archive_error(&mut self, error: ArchiveError) -> Error {
        Error::Failed(match error {
            ArchiveError::Missing { file } => {
                format!("open {}/{file}: no such file or directory", self.import_dir())
            }
            other => other.docker_text(),
        })
    }

    /// The directory into which Docker would have unpacked the archive.
    fn import_dir(&mut self) -> String {
        let digits = self
            .world
            .new_id()
            .bytes()
            .filter(u8::is_ascii_digit)
            .take(10)
            .map(char::from)
            .collect::<String>();
        format!("{}/tmp/docker-import-{digits}", super::layout::ROOT)
    }
}

/// What the daemon refuses in a configuration (moby `image/tarexport/load.go`, `image/store.go`).
fn check_config(config: &ConfigDocument) -> Result<()> {
    let config = &config.config;
    if config.os.eq_ignore_ascii_case("windows") {
        return Err(Error::Failed(format!("cannot load {} image on linux", config.os)));
    }
    if config.layer_history().count() > config.rootfs.diff_ids.len() {
        return Err(Error::Failed("too many non-empty layers in History section".to_owned()));
    }
    Ok(())
}

/// A name of `RepoTags`: a repository and a tag.
fn tagged(name: &str) -> Result<Reference> {
    let reference = Reference::parse(name).map_err(|error| Error::Failed(error.to_string()))?;
    if reference.tag.is_none() {
        return Err(Error::Failed(format!("invalid tag {name:?}")));
    }
    Ok(reference)
}

fn archive_magic() -> usize {
    crate::oci::decode::MAGIC_LEN
}

/// Expands a compressed archive into a scratch file.
fn expand(
    kernel: &mut dyn Kernel,
    blob: FdBlob,
    to: Fd,
    compression: Compression,
    limits: Limits,
) -> Result<u64> {
    let failed = |error: crate::oci::decode::DecodeError| {
        Error::Failed(format!("Error processing tar file(exit status 1): {error}"))
    };
    let mut decoder = Decoder::new(compression, limits);
    let (mut at, mut size, mut out) = (0, 0u64, Vec::new());
    while at < blob.size {
        let piece = kernel.pread(blob.fd, at, PIECE).named("read", b"archive")?;
        if piece.is_empty() {
            break;
        }
        at += piece.len() as u64;
        let mut rest = &piece[..];
        while !rest.is_empty() {
            let used = decoder.push(rest, &mut out).map_err(failed)?;
            rest = &rest[used..];
            kernel.pwrite(to, size, &out).named("write", b"archive")?;
            size += out.len() as u64;
            out.clear();
        }
    }
    decoder.finish().map_err(failed)?;
    Ok(size)
}
