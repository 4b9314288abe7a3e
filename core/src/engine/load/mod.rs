//! `docker load`: images out of an archive, each whole or not at all, up to the first that is no good
//! (`image/tarexport/load.go`; oracle: load-*).

mod fault;
mod legacy;
mod plan;

use super::Engine;
use super::error::{Error, Named as _, Result};
use crate::kernel::{Fd, Kernel, fs};
use crate::oci::archive::{ArchiveError, Index};
use crate::oci::blob::{FdBlob, KernelBlob};
use crate::oci::decode::{Compression, DecodeError, Decoder, MAGIC_LEN, detect_docker};
use crate::oci::gopath;
use crate::oci::layer::{Blob, Expected, LayerError};
use crate::oci::{ConfigDocument, Digest, Limits, Reference, chain_id};
use fault::Fault;
use plan::{Plan, Plans};

const PIECE: usize = 256 << 10;

/// One line of what loading did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// An image has this name now.
    Named(String),
    /// An image without a name.
    Image(Digest),
    /// A list of no image.
    Nothing,
    /// Another image has lost this name.
    Renamed(String, Digest),
}

impl Engine<'_> {
    /// Loads the images of the archive that is open at `fd`, one after the other: what became of them, and why there are no
    /// more, where that is no success.
    pub fn load(&mut self, fd: Fd) -> (Vec<Loaded>, Result<()>) {
        let mut lines = Vec::new();
        let result = self.load_from(fd, &mut lines);
        (lines, result)
    }

    fn load_from(&mut self, fd: Fd, lines: &mut Vec<Loaded>) -> Result<()> {
        let limits = Limits::default();
        let blob = FdBlob::new(self.kernel, fd).named("stat", b"archive")?;
        let start = self.kernel.pread(fd, 0, MAGIC_LEN).named("read", b"archive")?;
        let compression = detect_docker(&start);
        if compression == Compression::None {
            return self.load_plain(blob, limits, lines);
        }
        let scratch = self.scratch()?;
        let decoder = Decoder::new(compression, limits);
        let mut expanded = expand(self.kernel, blob, scratch.fd, decoder);
        if let Ok((made, Some(_))) = expanded {
            // The second reading says what Docker says.
            self.kernel.ftruncate(scratch.fd, 0).named("truncate", b"archive")?;
            let decoder = Decoder::again(compression, limits, made);
            expanded = expand(self.kernel, blob, scratch.fd, decoder);
        }
        let result = expanded.and_then(|(size, fault)| {
            let blob = FdBlob { fd: scratch.fd, size };
            match fault {
                None => self.load_plain(blob, limits, lines),
                // What the child that unpacks says of the part that it gets comes before what its parent says.
                Some(fault) => Err(match self.index(blob, limits) {
                    Err(error) => error,
                    Ok(_) => Error::Failed(LayerError::from(fault).docker_text()),
                }),
            }
        });
        self.discard(&scratch)?;
        result
    }

    fn index(&mut self, blob: FdBlob, limits: Limits) -> Result<Index> {
        if blob.size == 0 {
            return Ok(Index::default());
        }
        let mut source = KernelBlob::new(&mut *self.kernel, blob);
        Index::of_tar(&mut source, limits).map_err(|error: ArchiveError| Error::Failed(error.docker_text()))
    }

    fn load_plain(&mut self, blob: FdBlob, limits: Limits, lines: &mut Vec<Loaded>) -> Result<()> {
        let index = self.index(blob, limits)?;
        let result = match plan::plan(&index, &mut KernelBlob::new(&mut *self.kernel, blob), limits) {
            Ok(Some(plans)) => self.load_images(&index, blob, plans, lines),
            Ok(None) => self.load_legacy(&index, blob, limits, lines),
            Err(fault) => Err(fault),
        };
        result.map_err(|fault| self.fault_error(fault))
    }

    /// Takes away the layers of an image that came to nothing, topmost first.
    fn give_back(&mut self, staged: &[Digest]) -> Result<()> {
        staged.iter().rev().try_for_each(|chain| self.layers().release(self, chain).map(drop))
    }

    fn load_images(
        &mut self,
        index: &Index,
        blob: FdBlob,
        plans: Plans,
        lines: &mut Vec<Loaded>,
    ) -> std::result::Result<(), Fault> {
        let mut made: Vec<(ConfigDocument, Option<Digest>)> = Vec::new();
        let mut is_named = false;
        for plan in plans.images {
            let mut staged = Vec::new();
            let config = match self.stage(index, blob, &plan, &mut staged) {
                Ok(config) => config,
                Err(fault) => {
                    self.give_back(&staged)?;
                    return Err(fault);
                }
            };
            let id = self.image_create(&config, None)?;
            made.push((config, plan.parent));
            let mut names = Vec::new();
            let mut bad = None;
            for name in &plan.names {
                match tagged(name) {
                    Ok(name) => names.push((name, id)),
                    // A tag alone is the name of an OCI layout's entry, which Docker does not read.
                    Err(_) if plan.is_oci => {}
                    Err(error) => {
                        bad = Some(error);
                        break;
                    }
                }
            }
            is_named = !names.is_empty();
            self.name(&names, true, lines)?;
            if let Some(error) = bad {
                return Err(error.into());
            }
        }
        if let Some(fault) = plans.fault {
            return Err(fault);
        }
        self.link(&made)?;
        // The daemon counts the names of the last image alone.
        if made.is_empty() {
            lines.push(Loaded::Nothing);
        } else if !is_named {
            lines.extend(made.iter().map(|(config, _)| Loaded::Image(config.id)));
        }
        Ok(())
    }

    /// Makes the layers of an image ready; `staged` are the new ones.
    fn stage(
        &mut self,
        index: &Index,
        blob: FdBlob,
        plan: &Plan,
        staged: &mut Vec<Digest>,
    ) -> std::result::Result<ConfigDocument, Fault> {
        let mut parent: Option<Digest> = None;
        for (number, layer) in plan.layers.iter().enumerate() {
            let place = fault::place(index, &layer.file)?;
            // The daemon knows layers by their sha256 alone.
            let promised = Digest::parse(&layer.diff_id).ok().filter(Digest::is_canonical);
            let chain = promised.map(|diff_id| chain_id(parent.as_ref(), &diff_id));
            let is_known = chain.map(|chain| self.cache_id(&chain)).transpose()?.flatten().is_some();
            // A layer that is here is not read; a path or a link that aims at nothing in the archive is refused all the same.
            let is_plain = place.as_bytes() == gopath::clean(layer.file.as_bytes());
            if is_known && !is_plain {
                fault::open(index, &place)?;
            }
            if let Some(chain) = chain.filter(|_| is_known) {
                parent = Some(chain);
                continue;
            }
            let stored = fault::open(index, &place)?;
            let compression = self.compression(blob, stored)?;
            let expected = Expected { digest: layer.digest, diff_id: promised, compression, again: None };
            match self.register_layer(&mut { blob }, stored, expected, parent.as_ref())? {
                Ok((found, chain)) => {
                    staged.push(chain);
                    parent = Some(chain);
                    if promised.is_none() {
                        return Err(wrong_diff_id(number, &layer.diff_id, &found));
                    }
                }
                Err(LayerError::DiffId(digests)) => {
                    return Err(wrong_diff_id(number, &layer.diff_id, &digests.found));
                }
                Err(error) => return Err(super::register::refusal(&error).into()),
            }
        }
        let config = plan.config.clone().map_err(Error::Failed)?;
        check_history(&config)?;
        Ok(config)
    }

    /// Says which image was made from which other one of the archive (`validatedParentLinks`, `setParentID`).
    fn link(&mut self, made: &[(ConfigDocument, Option<Digest>)]) -> Result<()> {
        for (config, parent) in made {
            let parent = made
                .iter()
                .map(|(other, _)| other)
                .find(|other| Some(other.id) == *parent && other.id != config.id);
            let Some(parent) = parent else { continue };
            let (history, before) = (&config.config.history, &parent.config.history);
            let is_step = history.len() == before.len() + 1 && history.starts_with(before);
            if !(is_step || history.is_empty() && before.is_empty()) {
                let why = format!("image {} is not a valid parent for {}", parent.id, config.id);
                return Err(Error::Failed(why));
            }
            self.image_store().set_parent(self, &config.id, &parent.id)?;
        }
        Ok(())
    }

    /// Gives images their names, of which the daemon may tell; others may lose them.
    fn name(&mut self, names: &[(Reference, Digest)], told: bool, lines: &mut Vec<Loaded>) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        for ((name, _), before) in names.iter().zip(self.tag_all(names)?) {
            if let Some(before) = before {
                lines.push(Loaded::Renamed(name.familiar(), before));
            }
            if told {
                lines.push(Loaded::Named(name.familiar()));
            }
        }
        Ok(())
    }

    /// How Docker 20.10 takes a layer to be compressed.
    fn compression(&mut self, source: FdBlob, blob: Blob) -> Result<Option<Compression>> {
        let len = MAGIC_LEN.min(blob.len as usize);
        let start = self.kernel.pread(source.fd, blob.offset, len).named("read", b"archive")?;
        Ok(Some(detect_docker(&start)))
    }

    /// Unpacks a layer on `parent`; what goes wrong is told in Docker's words.
    fn register_blob(
        &mut self,
        source: FdBlob,
        blob: Blob,
        parent: Option<&Digest>,
    ) -> std::result::Result<(Digest, Digest), Fault> {
        let compression = self.compression(source, blob)?;
        let expected = Expected { compression, ..Expected::default() };
        let result = self.register_layer(&mut { source }, blob, expected, parent)?;
        result.map_err(|error| super::register::refusal(&error).into())
    }
}

fn wrong_diff_id(number: usize, expected: &str, found: &Digest) -> Fault {
    Fault::Engine(Error::Failed(format!(
        "invalid diffID for layer {number}: expected {}, got \"{found}\"",
        crate::oci::gojson::quote(expected.as_bytes())
    )))
}

/// What the image store refuses (`image/store.go`, `Create`).
fn check_history(config: &ConfigDocument) -> Result<()> {
    let config = &config.config;
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

/// Expands a compressed archive into a scratch file: how many bytes came out, and why no more did.
fn expand(
    kernel: &mut dyn Kernel,
    blob: FdBlob,
    to: Fd,
    mut decoder: Decoder,
) -> Result<(u64, Option<DecodeError>)> {
    let (mut at, mut size, mut out) = (0, 0u64, Vec::new());
    while at < blob.size {
        let piece = kernel.pread(blob.fd, at, PIECE).named("read", b"archive")?;
        if piece.is_empty() {
            break;
        }
        at += piece.len() as u64;
        let mut rest = &piece[..];
        while !rest.is_empty() {
            let used = decoder.push(rest, &mut out);
            fs::write_at(kernel, to, size, &out).named("write", b"archive")?;
            size += out.len() as u64;
            out.clear();
            match used {
                Ok(used) => rest = &rest[used..],
                Err(fault) => return Ok((size, Some(fault))),
            }
        }
    }
    Ok((size, decoder.finish().err()))
}
