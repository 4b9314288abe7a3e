//! `docker pull` from the simulated hub (`distribution/pull_v2.go`; oracle: pull-*).

use super::Engine;
use super::error::{Error, Result};
use crate::hub::{self, HubError};
use crate::oci::layer::{Blob, Expected};
use crate::oci::{Digest, Reference, chain_ids};

/// Layers that are fetched at once (`max-concurrent-downloads`).
const AT_ONCE: usize = 3;
/// Docker Hub, as references name it.
const HUB: &str = "docker.io";

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
        let (tag, image) = self.hub_image(name)?;
        let new = self.pull_image(name, &tag, &image, progress)?;
        progress(Progress::Status(status(new, &name.familiar())));
        Ok(())
    }

    /// Pulls all tags of a repository.
    ///
    /// # Errors
    /// There is no such repository, or the disk's.
    pub fn pull_all(&mut self, name: &Reference, progress: &mut dyn FnMut(Progress)) -> Result<()> {
        self.reach(name)?;
        let repository = hub_repository(name);
        let found = self.world.hub.repositories().map_err(|error| hub_error(&error))?;
        let tags = found.into_iter().find(|entry| entry.name == repository).map(|entry| entry.tags);
        let mut new = false;
        for tag in tags.ok_or_else(|| denied(name))? {
            let named = name.with_tag(&tag).map_err(|error| Error::Invalid(error.to_string()))?;
            let image = self.world.hub.image(&repository, &tag).map_err(|error| hub_error(&error))?;
            new |= self.pull_image(&named, &tag, &image, progress)?;
        }
        progress(Progress::Status(status(new, &name.familiar_name())));
        Ok(())
    }

    /// Goes to the registry that a name means. Docker asks the mirrors of the hub first and goes on to the hub where none
    /// answers, which only its log says; other registries cannot be reached from the lab.
    pub(crate) fn reach(&mut self, name: &Reference) -> Result<()> {
        let host = name.domain.as_str();
        if host != HUB {
            let insecure = self.world.daemon.settings.insecure.iter().any(|known| known == host);
            return Err(Error::Failed(unreachable(host, insecure)));
        }
        let now = crate::program::from_timespec(self.now());
        for mirror in self.world.daemon.settings.mirrors.clone() {
            let (scheme, host) = mirror.split_once("://").unwrap_or(("https", &mirror));
            let why = unreachable(host.trim_end_matches('/'), scheme == "http");
            let text = format!("Attempting next endpoint for pull after error: {why}");
            self.world.daemon.logs(now, "info", &text);
        }
        Ok(())
    }

    /// Fetches what is missing and names the image. Returns whether anything was new.
    fn pull_image(
        &mut self,
        name: &Reference,
        tag: &str,
        image: &hub::Image,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<bool> {
        progress(Progress::Pulling(format!("{tag}: Pulling from {}", name.path)));
        let id = image.config.id;
        if self.image(&id)?.is_none() {
            self.pull_layers(image, progress)?;
            self.image_create(&image.config, None)?;
        }
        progress(Progress::Digest(image.digest));
        let by_digest = name.with_digest(image.digest);
        let known = if name.digest.is_some() { &by_digest } else { name };
        let new = self.reference(known)? != Some(id);
        self.tag(&by_digest, &id)?;
        if name.digest.is_none() {
            self.tag(name, &id)?;
        }
        Ok(new)
    }

    fn pull_layers(&mut self, image: &hub::Image, progress: &mut dyn FnMut(Progress)) -> Result<()> {
        let chain = chain_ids(&image.config.config.rootfs.diff_ids);
        let mut here = 0;
        while here < chain.len() && self.cache_id(&chain[here])?.is_some() {
            progress(Progress::Layer(image.layers[here].digest, "Already exists"));
            here += 1;
        }
        let missing = &image.layers[here..];
        for layer in missing {
            progress(Progress::Layer(layer.digest, "Pulling fs layer"));
        }
        for layer in missing.iter().skip(AT_ONCE) {
            progress(Progress::Layer(layer.digest, "Waiting"));
        }
        for layer in missing {
            progress(Progress::Layer(layer.digest, "Verifying Checksum"));
            progress(Progress::Layer(layer.digest, "Download complete"));
        }
        let mut parent = here.checked_sub(1).map(|below| chain[below]);
        for (layer, chain) in missing.iter().zip(&chain[here..]) {
            let mut source = bytes::Bytes::from(layer.tar.clone());
            let blob = Blob { offset: 0, len: layer.tar.len() as u64 };
            let expected = Expected { diff_id: Some(layer.diff_id), ..Expected::default() };
            if let Err(error) = self.register(&mut source, blob, expected, parent.as_ref()) {
                // Nothing of a half-pulled image stays.
                if let Some(parent) = parent {
                    self.layers().release(self, &parent)?;
                }
                return Err(error);
            }
            progress(Progress::Layer(layer.digest, "Pull complete"));
            parent = Some(*chain);
        }
        Ok(())
    }

    /// The image that a name means on the hub, and the word that stands for it in progress.
    fn hub_image(&mut self, name: &Reference) -> Result<(String, hub::Image)> {
        self.reach(name)?;
        let repository = hub_repository(name);
        let missing = || {
            let name = name.familiar();
            Error::NotFound(format!("manifest for {name} not found: manifest unknown: manifest unknown"))
        };
        if let Some(digest) = &name.digest {
            let found = self.world.hub.repositories().map_err(|error| hub_error(&error))?;
            let tags = found.into_iter().find(|entry| entry.name == repository).map(|entry| entry.tags);
            for tag in tags.ok_or_else(|| denied(name))? {
                let image = self.world.hub.image(&repository, &tag).map_err(|error| hub_error(&error))?;
                if image.digest == *digest {
                    return Ok((name.to_string(), image));
                }
            }
            return Err(missing());
        }
        let tag = name.tag.clone().unwrap_or_else(|| "latest".to_owned());
        match self.world.hub.image(&repository, &tag) {
            Ok(image) => Ok((tag, image)),
            Err(HubError::NoRepository(_)) => Err(denied(name)),
            Err(HubError::NoTag(..)) => Err(missing()),
            Err(error) => Err(hub_error(&error)),
        }
    }
}

fn hub_repository(name: &Reference) -> String {
    name.path.strip_prefix("library/").unwrap_or(&name.path).to_owned()
}

/// Go's words for a host that does not answer: nothing listens on the lab's own addresses, no other address is connected, and
/// no name is known.
fn unreachable(host: &str, plain: bool) -> String {
    let (bare, port) = host.rsplit_once(':').map_or((host, None), |(bare, port)| (bare, Some(port)));
    let own = bare == "localhost" || bare.starts_with("127.");
    let scheme = if plain || own { "http" } else { "https" };
    let address = format!("{bare}:{}", port.unwrap_or(if scheme == "http" { "80" } else { "443" }));
    let why = if own {
        format!("dial tcp {address}: connect: connection refused")
    } else if bare.parse::<std::net::IpAddr>().is_ok() {
        format!("dial tcp {address}: connect: network is unreachable")
    } else {
        format!("dial tcp: lookup {bare}: no such host")
    };
    format!("Get \"{scheme}://{host}/v2/\": {why}")
}

fn denied(name: &Reference) -> Error {
    Error::NotFound(format!(
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
