//! `docker pull` from the simulated hub and from the lab's own registries (`distribution/pull_v2.go`; oracle: pull-*).

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Engine;
use super::error::{Error, Named as _, Result};
use super::register::refusal;
use super::remote::{Content, Offer, Offered};
use crate::kernel::OpenFlags;
use crate::oci::blob::FdBlob;
use crate::oci::layer::{Blob, Expected, LayerError};
use crate::oci::{Digest, Reference, chain_ids};

/// Layers that are fetched at once (`max-concurrent-downloads`).
const AT_ONCE: usize = 3;

/// A line of progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// What is pulled from where.
    Pulling(String),
    /// What becomes of a layer, by the digest of its compressed bytes.
    Layer(Digest, &'static str),
    /// The manifest's digest.
    Digest(Digest),
    /// The end.
    Status(String),
}

/// How far a pull or a push has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// It takes another turn.
    GoesOn,
    /// It has ended.
    Done,
}

/// A pull under way, a layer a turn. Whoever gives it up calls [`Pull::stop`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pull {
    /// The name in the last line of progress.
    shown: String,
    /// Images that are not begun.
    names: VecDeque<Reference>,
    at: Option<Fetch>,
    /// Whether anything was new.
    is_new: bool,
}

/// An image on its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Fetch {
    name: Reference,
    /// What `name` meant when the pull began.
    digest: Digest,
    /// The manifest and its layers. It is not serialised: a restored pull asks for it again, by digest.
    #[serde(skip)]
    offer: Option<Offer>,
    /// Layers that were here before.
    here: usize,
    /// Layers above those that were fetched.
    fetched: usize,
    /// Layers above those that were unpacked.
    unpacked: usize,
}

impl Pull {
    /// A pull of one image by tag or digest.
    pub fn one(name: &Reference) -> Self {
        Self { shown: name.familiar(), names: [name.clone()].into(), at: None, is_new: false }
    }

    /// A pull of all tags of a repository.
    ///
    /// # Errors
    /// There is no such repository, or the disk's.
    pub fn all(engine: &mut Engine<'_>, name: &Reference) -> Result<Self> {
        let mut names = VecDeque::new();
        for tag in engine.tags_there(name)? {
            names.push_back(name.with_tag(&tag).map_err(|error| Error::Invalid(error.to_string()))?);
        }
        Ok(Self { shown: name.familiar_name(), names, at: None, is_new: false })
    }

    /// Fetches or unpacks one layer, and reports progress as Docker's daemon does.
    ///
    /// # Errors
    /// There is no such image, no such registry, or the disk's.
    pub fn turn(&mut self, engine: &mut Engine<'_>, progress: &mut dyn FnMut(Progress)) -> Result<Transfer> {
        if let Some(fetch) = &mut self.at {
            if fetch.turn(engine, progress)? == Transfer::Done {
                let new = fetch.finish(engine, progress)?;
                self.is_new |= new;
                self.at = None;
            }
            return Ok(Transfer::GoesOn);
        }
        if let Some(name) = self.names.pop_front() {
            self.at = Some(Fetch::begin(engine, &name, progress)?);
            return Ok(Transfer::GoesOn);
        }
        let name = &self.shown;
        progress(Progress::Status(if self.is_new {
            format!("Downloaded newer image for {name}")
        } else {
            format!("Image is up to date for {name}")
        }));
        Ok(Transfer::Done)
    }

    /// Gives the pull up. Nothing of a half-pulled image stays, and another pull fetches it from its beginning (recorded with
    /// dockerd 20.10.24: layers that no image has are let go with the client).
    ///
    /// # Errors
    /// The disk's.
    pub fn stop(&mut self, engine: &mut Engine<'_>) -> Result<()> {
        self.at.take().map_or(Ok(()), |mut fetch| fetch.stop(engine))
    }
}

impl Fetch {
    /// Asks for the manifest of a name, and reports each of its layers.
    fn begin(engine: &mut Engine<'_>, name: &Reference, progress: &mut dyn FnMut(Progress)) -> Result<Self> {
        let offer = engine.wanted(name)?;
        let word = match (&name.digest, &name.tag) {
            (Some(_), _) => name.to_string(),
            (None, tag) => tag.clone().unwrap_or_else(|| "latest".to_owned()),
        };
        progress(Progress::Pulling(format!("{word}: Pulling from {}", name.path)));
        let mut fetch =
            Self { name: name.clone(), digest: offer.digest, offer: None, here: 0, fetched: 0, unpacked: 0 };
        if engine.image(&offer.config.id)?.is_some() {
            fetch.here = offer.layers.len();
        } else {
            fetch.here = engine.layers_here(name, &offer, progress)?;
            let missing = &offer.layers[fetch.here..];
            let fetched = || missing.iter().enumerate().filter(|(at, _)| is_first(missing, *at));
            for (_, layer) in fetched() {
                progress(Progress::Layer(layer.digest, "Pulling fs layer"));
            }
            for (_, layer) in fetched().skip(AT_ONCE) {
                progress(Progress::Layer(layer.digest, "Waiting"));
            }
            fetch.hold(engine, &offer, true);
        }
        fetch.offer = Some(offer);
        Ok(fetch)
    }

    /// Returns the manifest and its layers, asked for again after a restore.
    fn offer(&mut self, engine: &mut Engine<'_>) -> Result<Offer> {
        if self.offer.is_none() {
            self.offer = Some(engine.wanted(&self.name.with_digest(self.digest))?);
        }
        self.offer.clone().ok_or_else(|| Error::Failed("manifest unknown".to_owned()))
    }

    /// Fetches or unpacks a layer.
    fn turn(&mut self, engine: &mut Engine<'_>, progress: &mut dyn FnMut(Progress)) -> Result<Transfer> {
        let offer = self.offer(engine)?;
        let missing = offer.layers.get(self.here..).unwrap_or_default();
        if let Some(layer) = missing.get(self.fetched) {
            // A layer that stands twice in an image is fetched once.
            if is_first(missing, self.fetched) {
                progress(Progress::Layer(layer.digest, "Verifying Checksum"));
                progress(Progress::Layer(layer.digest, "Download complete"));
            }
            self.fetched += 1;
            return Ok(Transfer::GoesOn);
        }
        let Some(layer) = missing.get(self.unpacked) else { return Ok(Transfer::Done) };
        engine.pull_layer(layer, self.top(&offer).as_ref())?;
        engine.remember_layer(layer, &self.name)?;
        if is_first(missing, self.unpacked) {
            progress(Progress::Layer(layer.digest, "Pull complete"));
        }
        self.hold(engine, &offer, false);
        self.unpacked += 1;
        self.hold(engine, &offer, true);
        Ok(Transfer::GoesOn)
    }

    /// The layer that the next one stands on.
    fn top(&self, offer: &Offer) -> Option<Digest> {
        let at = (self.here + self.unpacked).checked_sub(1)?;
        chain_ids(&offer.config.config.rootfs.diff_ids).get(at).copied()
    }

    /// Keeps others from removing that layer, or lets it go.
    fn hold(&self, engine: &mut Engine<'_>, offer: &Offer, holds: bool) {
        let pulled = &mut engine.world.held.pulled;
        match (self.top(offer), holds) {
            (None, _) => {}
            (Some(top), true) => pulled.push(top),
            (Some(top), false) => {
                if let Some(at) = pulled.iter().position(|chain| *chain == top) {
                    pulled.swap_remove(at);
                }
            }
        }
    }

    /// Names the image. Returns whether anything was new.
    fn finish(&mut self, engine: &mut Engine<'_>, progress: &mut dyn FnMut(Progress)) -> Result<bool> {
        let offer = self.offer(engine)?;
        let id = offer.config.id;
        if engine.image(&id)?.is_none() {
            engine.image_create(&offer.config, None)?;
        }
        self.hold(engine, &offer, false);
        progress(Progress::Digest(offer.digest));
        let name = &self.name;
        let by_digest = name.with_digest(offer.digest);
        let known = if name.digest.is_some() { &by_digest } else { name };
        let new = engine.reference(known)? != Some(id);
        engine.tag(&by_digest, &id)?;
        if name.digest.is_none() {
            engine.tag(name, &id)?;
        }
        Ok(new)
    }

    fn stop(&mut self, engine: &mut Engine<'_>) -> Result<()> {
        let offer = self.offer(engine)?;
        self.hold(engine, &offer, false);
        if let Some(top) = self.top(&offer) {
            engine.layers().release(engine, &top)?;
        }
        Ok(())
    }
}

/// Whether no layer before this one is the same.
fn is_first(layers: &[Offered], at: usize) -> bool {
    !layers[..at].iter().any(|other| other.digest == layers[at].digest)
}

impl Engine<'_> {
    /// Pulls one image by tag or digest in one go.
    ///
    /// # Errors
    /// As [`Pull::turn`]'s.
    pub fn pull(&mut self, name: &Reference, progress: &mut dyn FnMut(Progress)) -> Result<()> {
        let mut pull = Pull::one(name);
        loop {
            match pull.turn(self, progress) {
                Ok(Transfer::GoesOn) => {}
                Ok(Transfer::Done) => return Ok(()),
                Err(error) => {
                    pull.stop(self)?;
                    return Err(error);
                }
            }
        }
    }

    /// Tells which layers are here already, from the lowest on; returns how many.
    fn layers_here(
        &mut self,
        name: &Reference,
        offer: &Offer,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<usize> {
        let chain = chain_ids(&offer.config.config.rootfs.diff_ids);
        let mut here = 0;
        while here < chain.len() && self.cache_id(&chain[here])?.is_some() {
            progress(Progress::Layer(offer.layers[here].digest, "Already exists"));
            self.remember_layer(&offer.layers[here], name)?;
            here += 1;
        }
        Ok(here)
    }

    /// Unpacks a layer from where it is.
    fn pull_layer(&mut self, layer: &Offered, parent: Option<&Digest>) -> Result<()> {
        let mut expected = Expected { diff_id: Some(layer.diff_id), ..Expected::default() };
        let store = match &layer.content {
            Content::Tar(tar) => {
                let mut source = tar.clone();
                let blob = Blob { offset: 0, len: tar.len() as u64 };
                return self.register(&mut source, blob, expected, parent).map(|_| ());
            }
            Content::Blob(store) => store,
        };
        expected.digest = Some(layer.digest);
        let path = store.blob_path(&layer.digest);
        let opened = self.kernel.open(&store.task, path.as_bytes(), OpenFlags::RDONLY, 0);
        let fd = opened.map_err(|_| Error::NotFound("blob unknown to registry".to_owned()))?;
        let read = FdBlob::new(self.kernel, fd).named("stat", path.as_bytes()).and_then(|mut source| {
            let blob = Blob { offset: 0, len: source.size };
            self.register_layer(&mut source, blob, expected, parent)
        });
        self.kernel.close(fd).named("close", path.as_bytes())?;
        match read? {
            Ok(_) => Ok(()),
            Err(LayerError::Digest(_) | LayerError::DiffId(_)) => Err(Error::Failed(format!(
                "filesystem layer verification failed for digest {}",
                layer.digest
            ))),
            Err(error) => Err(refusal(&error)),
        }
    }
}
