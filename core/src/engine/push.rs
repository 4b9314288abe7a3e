//! `docker push` to the lab's hub and to its own registries (`distribution/push_v2.go`; oracle: push-*).

use std::collections::{BTreeMap, VecDeque};

use flate2::Compression;
use serde::{Deserialize, Serialize};

use super::Engine;
use super::error::{Error, Named as _, Result};
use super::known::Source;
use super::pull::Transfer;
use super::remote::{HUB, HubUser, Origin};
use super::stores::StoredImage;
use crate::distribution::Upload;
use crate::kernel::{Errno, Kernel, OpenFlags};
use crate::oci::blob::{FdSink, Sink};
use crate::oci::manifest::media;
use crate::oci::{Digest, Hasher, Reference, chain_ids, gzip, time};

/// Layers that are sent at once (`max-concurrent-uploads`).
const AT_ONCE: usize = 5;

/// Which tags of a repository are pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushedTags {
    /// The one that is named.
    One,
    /// All of them (`docker push -a`).
    All,
}

/// A line of progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// What becomes of a layer, by its diff id.
    Layer(Digest, String),
    /// A tag is there: its manifest's digest and size.
    Tag(String, Digest, usize),
}

/// A push under way, a layer a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    user: HubUser,
    /// Images that are not begun.
    images: VecDeque<(Reference, Digest)>,
    at: Option<Sending>,
}

/// An image on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sending {
    name: Reference,
    id: Digest,
    /// The layers that are to be sent, by their places in the image.
    order: VecDeque<usize>,
    /// Those that are there: by the diff id, the blob's digest and size.
    sent: BTreeMap<Digest, (Digest, u64)>,
}

/// A blob of a manifest, in the order of Distribution's documents.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    media_type: &'static str,
    size: u64,
    digest: Digest,
}

/// A manifest, in the order of Distribution's documents.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Schema2 {
    schema_version: u32,
    media_type: &'static str,
    config: Described,
    layers: Vec<Described>,
}

/// A layer's tar on its way into an upload.
struct Compressed {
    gzip: gzip::Writer,
    hash: Hasher,
    file: FdSink,
}

impl Sink for Compressed {
    fn write(&mut self, kernel: &mut dyn Kernel, data: &[u8]) -> std::result::Result<(), Errno> {
        self.gzip.push(data);
        let ready = std::mem::take(self.gzip.ready());
        self.take(kernel, &ready)
    }
}

impl Compressed {
    fn take(&mut self, kernel: &mut dyn Kernel, ready: &[u8]) -> std::result::Result<(), Errno> {
        if ready.is_empty() {
            return Ok(());
        }
        self.hash.update(ready);
        self.file.write(kernel, ready)
    }
}

impl Push {
    /// A push of the images that a name means.
    ///
    /// # Errors
    /// There is no such image here, or nobody answers there.
    pub fn new(engine: &mut Engine<'_>, name: &Reference, tags: PushedTags, user: HubUser) -> Result<Self> {
        let local: Vec<(Reference, Digest)> =
            engine.references()?.into_iter().filter(|(known, _)| known.name() == name.name()).collect();
        if local.is_empty() {
            let what = format!("An image does not exist locally with the tag: {}", name.familiar_name());
            return Err(Error::NotFound(what));
        }
        let origin = engine.pushed_to(name)?;
        engine.note_access(&origin, "GET /v2/", 200, 2);
        let chosen: VecDeque<(Reference, Digest)> = local
            .into_iter()
            .filter(|(known, _)| known.tag.is_some() && (tags == PushedTags::All || known == name))
            .collect();
        if chosen.is_empty() {
            return Err(Error::NotFound(format!("tag does not exist: {}", name.familiar())));
        }
        Ok(Self { user, images: chosen, at: None })
    }

    /// Goes on by a layer. A push that is given up leaves there what it has brought, and the next one finds it.
    ///
    /// # Errors
    /// Nobody answers there any more, the registry refuses it, or the disk's.
    pub fn turn(&mut self, engine: &mut Engine<'_>, progress: &mut dyn FnMut(Pushed)) -> Result<Transfer> {
        let Some(sending) = &mut self.at else {
            let Some((name, id)) = self.images.pop_front() else { return Ok(Transfer::Done) };
            self.at = Some(Sending::begin(engine, name, id, &self.user, progress)?);
            return Ok(Transfer::GoesOn);
        };
        let image = sending.image(engine)?;
        let origin = engine.pushed_to(&sending.name)?;
        let Some(at) = sending.order.pop_front() else {
            engine.push_manifest(&sending.name, &origin, &image, &sending.sent, progress)?;
            self.at = None;
            return Ok(Transfer::GoesOn);
        };
        let diff_ids = &image.config.rootfs.diff_ids;
        let diff_id = diff_ids[at];
        let chain = chain_ids(diff_ids)[at];
        let (digest, size, how) = engine.push_layer(&sending.name, &origin, &diff_id, &chain)?;
        progress(Pushed::Layer(diff_id, how));
        engine.remember_source(&diff_id, &Source::new(digest, sending.name.name()))?;
        sending.sent.insert(diff_id, (digest, size));
        Ok(Transfer::GoesOn)
    }
}

impl Sending {
    /// Tells of an image's layers.
    fn begin(
        engine: &mut Engine<'_>,
        name: Reference,
        id: Digest,
        user: &HubUser,
        progress: &mut dyn FnMut(Pushed),
    ) -> Result<Self> {
        let mut sending = Self { name, id, order: VecDeque::new(), sent: BTreeMap::new() };
        let image = sending.image(engine)?;
        let diff_ids = &image.config.rootfs.diff_ids;
        // Topmost first; a layer that stands twice is sent once.
        for at in (0..diff_ids.len()).rev() {
            if !sending.order.iter().any(|other| diff_ids[*other] == diff_ids[at]) {
                sending.order.push_back(at);
            }
        }
        for at in &sending.order {
            progress(Pushed::Layer(diff_ids[*at], "Preparing".to_owned()));
        }
        for at in sending.order.iter().skip(AT_ONCE) {
            progress(Pushed::Layer(diff_ids[*at], "Waiting".to_owned()));
        }
        if sending.name.domain == HUB && !may_push(&sending.name, user) {
            return Err(Error::PushDenied("denied: requested access to the resource is denied".to_owned()));
        }
        Ok(sending)
    }

    fn image(&self, engine: &mut Engine<'_>) -> Result<StoredImage> {
        let gone = || Error::NotFound(format!("No such image: {}", self.id));
        engine.image(&self.id)?.ok_or_else(gone)
    }
}

impl Engine<'_> {
    /// The registry that a name leads to.
    fn pushed_to(&mut self, name: &Reference) -> Result<Origin> {
        if name.domain == HUB {
            return Ok(Self::hub_store());
        }
        self.origin(&name.domain)?.map_err(Error::Failed)
    }

    /// Sends the configuration and the manifest of an image whose layers are there.
    fn push_manifest(
        &mut self,
        name: &Reference,
        origin: &Origin,
        image: &StoredImage,
        sent: &BTreeMap<Digest, (Digest, u64)>,
        progress: &mut dyn FnMut(Pushed),
    ) -> Result<()> {
        let config = self.put_blob(name, origin, &image.bytes)?;
        let layers = image.config.rootfs.diff_ids.iter().filter_map(|diff_id| sent.get(diff_id));
        let manifest = Schema2 {
            schema_version: 2,
            media_type: media::DOCKER_MANIFEST,
            config: Described {
                media_type: media::DOCKER_CONFIG,
                size: image.bytes.len() as u64,
                digest: config,
            },
            layers: layers
                .map(|(digest, size)| Described {
                    media_type: media::DOCKER_LAYER_GZIP,
                    size: *size,
                    digest: *digest,
                })
                .collect(),
        };
        let bytes = indented(&manifest);
        let tag = name.tag.clone().unwrap_or_default();
        let stored = origin.store.put_manifest(self.kernel, &name.path, Some(&tag), &bytes);
        let digest = stored.map_err(disk)?;
        self.note_access(origin, &format!("PUT /v2/{}/manifests/{tag}", name.path), 201, 0);
        progress(Pushed::Tag(tag, digest, bytes.len()));
        self.tag(&name.with_digest(digest), &image.id)?;
        Ok(())
    }

    /// Brings a layer there in the cheapest way: it is there, another repository there has it, or it is sent.
    fn push_layer(
        &mut self,
        name: &Reference,
        origin: &Origin,
        diff_id: &Digest,
        chain: &Digest,
    ) -> Result<(Digest, u64, String)> {
        let store = &origin.store;
        let known = self.sources(diff_id)?;
        let mut asked: Vec<Digest> = Vec::new();
        for source in known.iter().rev() {
            if asked.contains(&source.digest) {
                continue;
            }
            asked.push(source.digest);
            let size = store.blob_size(self.kernel, &name.path, &source.digest).map_err(disk)?;
            let request = format!("HEAD /v2/{}/blobs/{}", name.path, source.digest);
            self.note_access(origin, &request, if size.is_some() { 200 } else { 404 }, 157);
            if let Some(size) = size {
                return Ok((source.digest, size, "Layer already exists".to_owned()));
            }
        }
        for source in mount_candidates(name, &known) {
            let Some(from) = source.repository.strip_prefix(&format!("{}/", name.domain)) else { continue };
            let from = from.to_owned();
            let mut size = store.blob_size(self.kernel, &from, &source.digest).map_err(disk)?;
            if size.is_some() {
                store.link_blob(self.kernel, &name.path, &source.digest).map_err(disk)?;
            } else if name.domain == HUB {
                // The hub's own images have no files there: what the layer is made of is here.
                size = Some(self.send_layer(name, origin, chain)?.1);
            }
            let status = if size.is_some() { 201 } else { 202 };
            let (path, digest) = (&name.path, source.digest);
            let request = format!("POST /v2/{path}/blobs/uploads/?from={from}&mount={digest}");
            self.note_access(origin, &request, status, 0);
            if let Some(size) = size {
                return Ok((digest, size, format!("Mounted from {from}")));
            }
        }
        let (digest, size) = self.send_layer(name, origin, chain)?;
        for (method, status) in [("POST", 202), ("PATCH", 202), ("PUT", 201)] {
            self.note_access(origin, &format!("{method} /v2/{}/blobs/uploads/", name.path), status, 0);
        }
        Ok((digest, size, "Pushed".to_owned()))
    }

    /// Compresses a layer's tar into a blob there.
    fn send_layer(&mut self, name: &Reference, origin: &Origin, chain: &Digest) -> Result<(Digest, u64)> {
        let (store, id) = (&origin.store, self.world.new_id());
        let upload = Upload { repository: &name.path, id: &id[..32] };
        let now = time::format(self.now());
        store.begin(self.kernel, upload, &now).map_err(disk)?;
        let path = store.upload_path(upload);
        let opened = self.kernel.open(&store.task, path.as_bytes(), OpenFlags::WRONLY, 0);
        let fd = opened.named("open", path.as_bytes())?;
        let mut sink = Compressed {
            gzip: gzip::Writer::new(Compression::default()),
            hash: Hasher::new(),
            file: FdSink::new(fd),
        };
        let packed = self.layer_tar(chain, &mut sink).map_err(|error| Error::Failed(error.to_string()));
        let Compressed { gzip, mut hash, mut file } = sink;
        let rest = gzip.finish();
        hash.update(&rest);
        let ended = packed.and_then(|()| file.write(self.kernel, &rest).named("write", path.as_bytes()));
        self.kernel.close(fd).named("close", path.as_bytes())?;
        if let Err(error) = ended {
            store.cancel(self.kernel, upload).map_err(disk)?;
            return Err(error);
        }
        let digest = hash.finish();
        store.finish(self.kernel, upload, &digest).map_err(disk)?;
        Ok((digest, file.at))
    }

    fn put_blob(&mut self, name: &Reference, origin: &Origin, bytes: &[u8]) -> Result<Digest> {
        let digest = Digest::of(bytes);
        let store = &origin.store;
        let is_here = store.blob_size(self.kernel, &name.path, &digest).map_err(disk)?.is_some();
        self.note_access(
            origin,
            &format!("HEAD /v2/{}/blobs/{digest}", name.path),
            if is_here { 200 } else { 404 },
            157,
        );
        if !is_here {
            store.put_blob(self.kernel, &name.path, &digest, bytes).map_err(disk)?;
            for (method, status) in [("POST", 202), ("PATCH", 202), ("PUT", 201)] {
                self.note_access(origin, &format!("{method} /v2/{}/blobs/uploads/", name.path), status, 0);
            }
        }
        Ok(digest)
    }
}

/// At the lab's hub everybody has the repositories under their own name.
fn may_push(name: &Reference, user: &HubUser) -> bool {
    user.as_ref().is_some_and(|user| name.path.split_once('/').is_some_and(|(owner, _)| owner == user))
}

/// Other repositories of the same registry that had the layer: those whose names are most alike first, and among them the
/// youngest (`sortV2MetadataByLikenessAndAge`).
fn mount_candidates<'k>(name: &Reference, known: &'k [Source]) -> Vec<&'k Source> {
    let (own, prefix) = (name.name(), format!("{}/", name.domain));
    let alike = |source: &Source| {
        let pairs = source.repository.split('/').zip(own.split('/'));
        pairs.take_while(|(a, b)| a == b).count()
    };
    let mut found: Vec<&Source> = known
        .iter()
        .rev()
        .filter(|source| source.repository.starts_with(&prefix) && source.repository != own)
        .collect();
    found.sort_by_key(|source| std::cmp::Reverse(alike(source)));
    found
}

fn disk(errno: Errno) -> Error {
    Error::Failed(super::go_text(errno))
}

/// As Go's `MarshalIndent` with three spaces writes it: its bytes are what the digest is of.
fn indented(manifest: &Schema2) -> Vec<u8> {
    let mut out = Vec::new();
    let form = serde_json::ser::PrettyFormatter::with_indent(b"   ");
    let mut writer = serde_json::Serializer::with_formatter(&mut out, form);
    manifest.serialize(&mut writer).expect("plain fields into a vector");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The manifest of a recorded push of one layer of 1067714 bytes has 528 bytes (push-empty-layers-image).
    #[test]
    fn a_manifest_is_as_long_as_dockers() {
        let digest = Digest::of(b"");
        let manifest = Schema2 {
            schema_version: 2,
            media_type: media::DOCKER_MANIFEST,
            config: Described { media_type: media::DOCKER_CONFIG, size: 1000, digest },
            layers: vec![Described { media_type: media::DOCKER_LAYER_GZIP, size: 1_067_714, digest }],
        };
        assert_eq!(indented(&manifest).len(), 528);
    }

    #[test]
    fn likeness_and_age_choose_where_to_mount_from() {
        let source = |repository: &str| Source::new(Digest::of(b""), repository.to_owned());
        let known = ["l:5000/a", "l:5000/team/a", "l:5000/b", "docker.io/library/a", "l:5000/team/own"];
        let known: Vec<Source> = known.into_iter().map(source).collect();
        let name = Reference::parse("l:5000/team/own:1").unwrap();
        let found: Vec<&str> =
            mount_candidates(&name, &known).iter().map(|source| source.repository.as_str()).collect();
        assert_eq!(found, ["l:5000/team/a", "l:5000/b", "l:5000/a"]);
    }
}
