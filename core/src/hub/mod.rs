//! The simulated Docker Hub: small stand-ins for well-known images, built into real layers with real digests.
//!
//! An image is a text ([`description`]): lines of a Dockerfile's kind and the entries of each layer. Nothing in it is
//! hidden from the learner, and each program in it says of itself that it is a stand-in. The texts are data, so that a
//! page can fetch them when they are first asked for ([`Hub::add`]).

mod build;
mod description;

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

pub use build::{Image, Layer};
pub use description::{Description, DescriptionError, Entry, Step};

/// Why the hub has no such image to give.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HubError {
    /// There is no repository of that name.
    #[error("no repository {0} on the simulated hub")]
    NoRepository(String),
    /// The repository has no such tag.
    #[error("no tag {1} in repository {0} on the simulated hub")]
    NoTag(String, String),
    /// The image's text is wrong; the hub's own texts are tested not to be.
    #[error("{0}: {1}")]
    Description(String, DescriptionError),
}

/// A repository as `docker search` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The name, `nginx`.
    pub name: String,
    /// What it says of itself.
    pub about: String,
    /// Its stars.
    pub stars: u32,
    /// Its tags, the first is `latest`.
    pub tags: Vec<String>,
}

/// The images that there are, by repository name. A clone is cheap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hub {
    texts: BTreeMap<String, Arc<str>>,
}

impl Default for Hub {
    /// The images that come with the lab.
    fn default() -> Self {
        let mut hub = Self { texts: BTreeMap::new() };
        for (name, text) in [
            ("alpine", include_str!("images/alpine.txt")),
            ("busybox", include_str!("images/busybox.txt")),
            ("debian", include_str!("images/debian.txt")),
            ("hello-world", include_str!("images/hello-world.txt")),
            ("nginx", include_str!("images/nginx.txt")),
        ] {
            hub.add(name, text);
        }
        hub
    }
}

impl Hub {
    /// Adds, or replaces, the text of a repository.
    pub fn add(&mut self, name: &str, text: &str) {
        self.texts.insert(name.into(), text.into());
    }

    /// Every repository, sorted by name.
    ///
    /// # Errors
    /// [`HubError::Description`] where a text is wrong.
    pub fn repositories(&self) -> Result<Vec<Repository>, HubError> {
        self.texts
            .keys()
            .map(|name| {
                let description = self.describe(name)?;
                let Description { about, stars, tags, .. } = description;
                Ok(Repository { name: name.clone(), about, stars, tags })
            })
            .collect()
    }

    /// The image of a repository of the hub's library (`nginx`, without `docker.io/library/`) under a tag.
    ///
    /// # Errors
    /// Where there is none, as [`HubError`] says.
    pub fn image(&self, name: &str, tag: &str) -> Result<Image, HubError> {
        let wrong = |error| HubError::Description(name.into(), error);
        let description = self.describe(name)?;
        if !description.tags.iter().any(|t| t == tag) {
            return Err(HubError::NoTag(name.into(), tag.into()));
        }
        let base = match &description.from {
            Some(base) if base == name => return Err(wrong(DescriptionError::OwnBase)),
            Some(base) => Some(self.image(base, "latest")?),
            None => None,
        };
        Ok(build::build(base, &description))
    }

    fn describe(&self, name: &str) -> Result<Description, HubError> {
        let text = self.texts.get(name).ok_or_else(|| HubError::NoRepository(name.into()))?;
        Description::parse(text).map_err(|error| HubError::Description(name.into(), error))
    }
}

#[cfg(test)]
mod tests;
