//! What a name means at the registries: the image that is offered under it, and the tags of a repository.

use super::Engine;
use super::error::{Error, Result};
use super::remote::{HUB, Offer, Origin};
use crate::hub::HubError;
use crate::oci::{Digest, Reference};

impl Engine<'_> {
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
    pub(super) fn tags_there(&mut self, name: &Reference) -> Result<Vec<String>> {
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

    /// What a name means: Docker asks the mirrors of the hub first and goes on to the hub where none has it, which only its
    /// log says.
    pub(super) fn wanted(&mut self, name: &Reference) -> Result<Offer> {
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
