//! The simulated Docker Hub: small stand-ins for well-known images, built into real layers with real digests.
//!
//! An image is a text ([`description`]): lines of a Dockerfile's kind and the entries of each layer. Nothing in it is
//! hidden from the learner, and each program in it says of itself that it is a stand-in. The texts are data, so that a
//! page loads them when they are needed, and others can be added ([`Hub::add`]).

mod build;
mod description;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::oci::Hasher;
use crate::texts::{self, Texts, texts};

pub use build::{HubImage, Layer};
pub use description::{Description, DescriptionError, HistoryStep, LayerEntry};
pub(crate) use description::{library_file, program_file, service_file};

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

/// A repository that a search finds and of which the lab has no image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name, `bitnami/nginx`.
    pub name: String,
    /// Its stars.
    pub stars: u32,
    /// Whether it is one of Docker's official images.
    pub is_official: bool,
    /// Whether the hub built it by itself.
    pub is_automated: bool,
    /// What it says of itself.
    pub about: String,
}

static LISTED: Texts = texts! {
    "listed" => "hub/listed.txt",
};

/// What a search finds beside the lab's own images.
pub fn listed() -> Vec<Listed> {
    let text = texts::find(LISTED, "listed").unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut words = line.splitn(5, ' ');
            Some(Listed {
                name: words.next()?.to_owned(),
                stars: words.next()?.parse().ok()?,
                is_official: words.next()? == "y",
                is_automated: words.next()? == "y",
                about: words.next()?.to_owned(),
            })
        })
        .collect()
}

/// Where programs are.
const BIN: [&str; 6] = ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];

/// The texts that come with the lab: a repository's own, and beside it one for each tag with another image (`tomcat:8`).
static OWN: Texts = texts! {
    "alpine" => "hub/images/alpine.txt",
    "busybox" => "hub/images/busybox.txt",
    "centos" => "hub/images/centos.txt",
    "centos:7" => "hub/images/centos-7.txt",
    "debian" => "hub/images/debian.txt",
    "eclipse-temurin" => "hub/images/eclipse-temurin.txt",
    "golang" => "hub/images/golang.txt",
    "golang:1.21-alpine" => "hub/images/golang-1.21-alpine.txt",
    "hello-world" => "hub/images/hello-world.txt",
    "httpd" => "hub/images/httpd.txt",
    "httpd:alpine" => "hub/images/httpd-alpine.txt",
    "mariadb" => "hub/images/mariadb.txt",
    "mysql" => "hub/images/mysql.txt",
    "mysql:5.7" => "hub/images/mysql-5.7.txt",
    "nginx" => "hub/images/nginx.txt",
    "nginx:alpine" => "hub/images/nginx-alpine.txt",
    "node" => "hub/images/node.txt",
    "node:18" => "hub/images/node-18.txt",
    "node:18-alpine" => "hub/images/node-18-alpine.txt",
    "node:18-slim" => "hub/images/node-18-slim.txt",
    "node:20-alpine" => "hub/images/node-20-alpine.txt",
    "node:20-slim" => "hub/images/node-20-slim.txt",
    "portainer/portainer" => "hub/images/portainer-portainer.txt",
    "postgres" => "hub/images/postgres.txt",
    "postgres:16-alpine" => "hub/images/postgres-16-alpine.txt",
    "python" => "hub/images/python.txt",
    "python:3.10" => "hub/images/python-3.10.txt",
    "python:3.10-slim" => "hub/images/python-3.10-slim.txt",
    "python:3.11" => "hub/images/python-3.11.txt",
    "python:3.11-slim" => "hub/images/python-3.11-slim.txt",
    "python:3.12-alpine" => "hub/images/python-3.12-alpine.txt",
    "python:3.12-slim" => "hub/images/python-3.12-slim.txt",
    "python:3.9" => "hub/images/python-3.9.txt",
    "python:3.9-slim" => "hub/images/python-3.9-slim.txt",
    "redis" => "hub/images/redis.txt",
    "redis:alpine" => "hub/images/redis-alpine.txt",
    "registry" => "hub/images/registry.txt",
    "tomcat" => "hub/images/tomcat.txt",
    "tomcat:8" => "hub/images/tomcat-8.txt",
    "tomcat:9" => "hub/images/tomcat-9.txt",
    "ubuntu" => "hub/images/ubuntu.txt",
    "ubuntu:16.04" => "hub/images/ubuntu-16.04.txt",
    "ubuntu:18.04" => "hub/images/ubuntu-18.04.txt",
    "ubuntu:20.04" => "hub/images/ubuntu-20.04.txt",
};

/// The images that there are, by repository name: those that come with the lab, and what was added. A clone is cheap.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hub {
    added: BTreeMap<String, Arc<str>>,
}

impl Hub {
    /// Adds, or replaces, the text of a repository.
    pub fn add(&mut self, name: &str, text: &str) {
        self.added.insert(name.into(), text.into());
    }

    /// Every repository, sorted by name.
    ///
    /// # Errors
    /// [`HubError::Description`] where a text is wrong.
    pub fn repositories(&self) -> Result<Vec<Repository>, HubError> {
        let mut repositories: Vec<Repository> = Vec::new();
        for name in self.names() {
            let Description { about, stars, tags, .. } = self.describe(name)?;
            // A text for another tag follows its repository's own.
            match (name.split_once(':'), repositories.last_mut()) {
                (Some((repository, _)), Some(last)) if last.name == repository => last.tags.extend(tags),
                _ => repositories.push(Repository { name: name.into(), about, stars, tags }),
            }
        }
        Ok(repositories)
    }

    /// The repositories whose `latest` has a program of this name: at most three, those with the fewest bases first, and
    /// among them those with the most stars.
    pub fn repositories_with(&self, program: &str) -> Vec<String> {
        let descriptions: BTreeMap<String, Description> = self
            .names()
            .into_iter()
            .filter(|name| !name.contains(':'))
            .filter_map(|name| Some((name.to_owned(), self.describe(name).ok()?)))
            .collect();
        let has = |description: &Description| {
            let entries = description.steps.iter().filter_map(|step| step.entries.as_ref()).flatten();
            let mut paths = entries.map(|entry| entry.path.as_str());
            paths.any(|path| {
                path.rsplit_once('/').is_some_and(|(dir, name)| name == program && BIN.contains(&dir))
            })
        };
        let mut found = Vec::new();
        for (name, description) in &descriptions {
            // An image has what its base has. A chain of bases is no longer than there are images.
            let chain = std::iter::successors(Some(description), |one| descriptions.get(one.from.as_ref()?));
            let chain: Vec<&Description> = chain.take(descriptions.len()).collect();
            if chain.iter().any(|one| has(one)) {
                found.push((chain.len(), std::cmp::Reverse(description.stars), name));
            }
        }
        found.sort_unstable();
        found.into_iter().take(3).map(|(.., name)| name.clone()).collect()
    }

    /// The digest of all images' texts: two hubs with the same digest give the same images.
    pub fn digest(&self) -> String {
        let mut hash = Hasher::new();
        for name in self.names() {
            let text = self
                .added
                .get(name)
                .map(|text| &**text)
                .or_else(|| texts::find(OWN, name))
                .unwrap_or_default();
            for part in [name, text] {
                hash.update(&(part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        hash.finish().to_string()
    }

    fn names(&self) -> BTreeSet<&str> {
        let own = OWN.iter().map(|(name, _)| *name);
        own.chain(self.added.keys().map(String::as_str)).collect()
    }

    /// The image of a repository of the hub's library (`nginx`, without `docker.io/library/`) under a tag.
    ///
    /// # Errors
    /// Where there is none, as [`HubError`] says.
    pub fn image(&self, name: &str, tag: &str) -> Result<HubImage, HubError> {
        let wrong = |error| HubError::Description(name.into(), error);
        let mut description = self.describe(name)?;
        if !description.tags.iter().any(|t| t == tag) {
            description = self.other_tag(name, tag)?;
        }
        let base =
            match description.from.as_deref().map(|base| base.split_once(':').unwrap_or((base, "latest"))) {
                Some((base, _)) if base == name => return Err(wrong(DescriptionError::OwnBase)),
                Some((base, tag)) => Some(self.image(base, tag)?),
                None => None,
            };
        Ok(build::build(base, &description))
    }

    /// The text of a repository's other image that has this tag.
    fn other_tag(&self, name: &str, tag: &str) -> Result<Description, HubError> {
        let own = OWN.iter().map(|(known, _)| *known).chain(self.added.keys().map(String::as_str));
        for other in
            own.filter(|known| known.split_once(':').is_some_and(|(repository, _)| repository == name))
        {
            let description = self.describe(other)?;
            if description.tags.iter().any(|t| t == tag) {
                return Ok(description);
            }
        }
        Err(HubError::NoTag(name.into(), tag.into()))
    }

    fn describe(&self, name: &str) -> Result<Description, HubError> {
        let added = self.added.get(name).map(|text| &**text);
        let text =
            added.or_else(|| texts::find(OWN, name)).ok_or_else(|| HubError::NoRepository(name.into()))?;
        Description::parse(text).map_err(|error| HubError::Description(name.into(), error))
    }
}

#[cfg(test)]
mod tests;
