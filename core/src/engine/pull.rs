//! `docker pull` from the simulated hub and from the lab's own registries (`distribution/pull_v2.go`; oracle: pull-*).

use super::Engine;
use super::error::{Error, Named as _, Result};
use super::register::refusal;
use super::remote::{Content, HUB, Offer, Offered, Origin};
use crate::hub::HubError;
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

impl Engine<'_> {
    /// Pulls one image by tag or digest; lines of progress come as they would from the daemon.
    ///
    /// # Errors
    /// There is no such image, no such registry, or the disk's.
    pub fn pull(&mut self, name: &Reference, progress: &mut dyn FnMut(Progress)) -> Result<()> {
        let offer = self.wanted(name)?;
        let new = self.pull_image(name, &offer, progress)?;
        progress(Progress::Status(status(new, &name.familiar())));
        Ok(())
    }

    /// Pulls all tags of a repository.
    ///
    /// # Errors
    /// There is no such repository, or the disk's.
    pub fn pull_all(&mut self, name: &Reference, progress: &mut dyn FnMut(Progress)) -> Result<()> {
        let mut new = false;
        for tag in self.tags_there(name)? {
            let named = name.with_tag(&tag).map_err(|error| Error::Invalid(error.to_string()))?;
            let offer = self.wanted(&named)?;
            new |= self.pull_image(&named, &offer, progress)?;
        }
        progress(Progress::Status(status(new, &name.familiar_name())));
        Ok(())
    }

    /// The manifest that a name means, without pulling anything.
    ///
    /// # Errors
    /// As of a pull.
    pub fn remote_manifest(&mut self, name: &Reference) -> Result<(Digest, Vec<u8>)> {
        self.wanted(name).map(|offer| (offer.digest, offer.manifest))
    }

    /// Goes to the registry that a name means.
    pub(crate) fn reach(&mut self, name: &Reference) -> Result<()> {
        if name.domain == HUB { Ok(()) } else { self.registry_of(name).map(|_| ()) }
    }

    /// The registry that a name means, where that is not the hub.
    fn registry_of(&mut self, name: &Reference) -> Result<Origin> {
        let origin = self.origin(&name.domain)?.map_err(Error::Failed)?;
        self.note_access(&origin, "GET /v2/", 200, 2);
        Ok(origin)
    }

    /// The tags that a repository has where its name leads.
    fn tags_there(&mut self, name: &Reference) -> Result<Vec<String>> {
        let disk = |errno: crate::kernel::Errno| Error::Failed(errno.text().to_owned());
        if name.domain != HUB {
            let origin = self.registry_of(name)?;
            let tags = origin.store.tags(self.kernel, &name.path).map_err(disk)?;
            let request = format!("GET /v2/{}/tags/list", name.path);
            self.note_access(&origin, &request, if tags.is_some() { 200 } else { 404 }, 100);
            return tags.ok_or_else(|| {
                let known = name.familiar_name();
                Error::NotFound(format!(
                    "repository {known} not found: name unknown: repository name not known to registry"
                ))
            });
        }
        let pushed = Self::hub_store().store.tags(self.kernel, &name.path).map_err(disk)?;
        let repository = hub_repository(name);
        let found = self.world.hub.repositories().map_err(|error| hub_error(&error))?;
        let own = found.into_iter().find(|entry| entry.name == repository).map(|entry| entry.tags);
        own.or(pushed).ok_or_else(|| denied(name))
    }

    /// Fetches what is missing and names the image. Returns whether anything was new.
    fn pull_image(
        &mut self,
        name: &Reference,
        offer: &Offer,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<bool> {
        let word = match (&name.digest, &name.tag) {
            (Some(_), _) => name.to_string(),
            (None, tag) => tag.clone().unwrap_or_else(|| "latest".to_owned()),
        };
        progress(Progress::Pulling(format!("{word}: Pulling from {}", name.path)));
        let id = offer.config.id;
        if self.image(&id)?.is_none() {
            self.pull_layers(name, offer, progress)?;
            self.image_create(&offer.config, None)?;
        }
        progress(Progress::Digest(offer.digest));
        let by_digest = name.with_digest(offer.digest);
        let known = if name.digest.is_some() { &by_digest } else { name };
        let new = self.reference(known)? != Some(id);
        self.tag(&by_digest, &id)?;
        if name.digest.is_none() {
            self.tag(name, &id)?;
        }
        Ok(new)
    }

    fn pull_layers(
        &mut self,
        name: &Reference,
        offer: &Offer,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<()> {
        let chain = chain_ids(&offer.config.config.rootfs.diff_ids);
        let mut here = 0;
        while here < chain.len() && self.cache_id(&chain[here])?.is_some() {
            progress(Progress::Layer(offer.layers[here].digest, "Already exists"));
            self.remember_layer(&offer.layers[here], name)?;
            here += 1;
        }
        let missing = &offer.layers[here..];
        // A layer that stands twice in an image is fetched once.
        let is_first = |at: usize| !missing[..at].iter().any(|other| other.digest == missing[at].digest);
        let fetched: Vec<&Offered> =
            missing.iter().enumerate().filter(|(at, _)| is_first(*at)).map(|(_, layer)| layer).collect();
        for layer in &fetched {
            progress(Progress::Layer(layer.digest, "Pulling fs layer"));
        }
        for layer in fetched.iter().skip(AT_ONCE) {
            progress(Progress::Layer(layer.digest, "Waiting"));
        }
        for layer in &fetched {
            progress(Progress::Layer(layer.digest, "Verifying Checksum"));
            progress(Progress::Layer(layer.digest, "Download complete"));
        }
        let mut parent = here.checked_sub(1).map(|below| chain[below]);
        for (at, (layer, chain)) in missing.iter().zip(&chain[here..]).enumerate() {
            if let Err(error) = self.pull_layer(layer, parent.as_ref()) {
                // Nothing of a half-pulled image stays.
                if let Some(parent) = parent {
                    self.layers().release(self, &parent)?;
                }
                return Err(error);
            }
            self.remember_layer(layer, name)?;
            if is_first(at) {
                progress(Progress::Layer(layer.digest, "Pull complete"));
            }
            parent = Some(*chain);
        }
        Ok(())
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

    /// What a name means: Docker asks the mirrors of the hub first and goes on to the hub where none has it, which only its
    /// log says.
    fn wanted(&mut self, name: &Reference) -> Result<Offer> {
        let missing = || {
            let name = name.familiar();
            Error::NotFound(format!("manifest for {name} not found: manifest unknown: manifest unknown"))
        };
        if name.domain != HUB {
            let origin = self.registry_of(name)?;
            return self.offer(&origin, name)?.ok_or_else(missing);
        }
        if let Some(offer) = self.mirrored(name)? {
            return Ok(offer);
        }
        if let Some(offer) = self.offer(&Self::hub_store(), name)? {
            return Ok(offer);
        }
        let repository = hub_repository(name);
        let Some(digest) = &name.digest else {
            let tag = name.tag.as_deref().unwrap_or("latest");
            return match self.world.hub.image(&repository, tag) {
                Ok(image) => Ok(image.into()),
                Err(HubError::NoRepository(_)) if self.tags_there(name).is_ok() => Err(missing()),
                Err(HubError::NoRepository(_)) => Err(denied(name)),
                Err(HubError::NoTag(..)) => Err(missing()),
                Err(error) => Err(hub_error(&error)),
            };
        };
        let found = self.world.hub.repositories().map_err(|error| hub_error(&error))?;
        let tags = found.into_iter().find(|entry| entry.name == repository).map(|entry| entry.tags);
        for tag in tags.ok_or_else(|| denied(name))? {
            let image = self.world.hub.image(&repository, &tag).map_err(|error| hub_error(&error))?;
            if image.digest == *digest {
                return Ok(image.into());
            }
        }
        Err(missing())
    }

    /// What a mirror of the hub has under a name.
    fn mirrored(&mut self, name: &Reference) -> Result<Option<Offer>> {
        let now = crate::program::from_timespec(self.now());
        for mirror in self.world.daemon.settings.mirrors.clone() {
            let (scheme, host) = mirror.split_once("://").unwrap_or(("https", &mirror));
            let host = host.trim_end_matches('/');
            let why = match self.origin_by(host, scheme == "http")? {
                Ok(origin) => match self.offer(&origin, name)? {
                    Some(offer) => return Ok(Some(offer)),
                    None => "manifest unknown: manifest unknown".to_owned(),
                },
                Err(why) => why,
            };
            let text = format!("Attempting next endpoint for pull after error: {why}");
            self.world.daemon.logs(now, "info", &text);
        }
        Ok(None)
    }
}

fn hub_repository(name: &Reference) -> String {
    name.path.strip_prefix("library/").unwrap_or(&name.path).to_owned()
}

fn denied(name: &Reference) -> Error {
    Error::PullDenied(format!(
        "pull access denied for {}, repository does not exist or may require 'docker login': denied: requested access to \
         the resource is denied",
        name.familiar_name()
    ))
}

fn hub_error(error: &HubError) -> Error {
    Error::Failed(error.to_string())
}

fn status(new: bool, name: &str) -> String {
    if new { format!("Downloaded newer image for {name}") } else { format!("Image is up to date for {name}") }
}
