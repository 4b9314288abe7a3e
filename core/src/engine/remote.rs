//! Who answers for a registry's name, and what is to be had there.

use std::net::IpAddr;

use bytes::Bytes;

use super::error::{Error, Result};
use super::networks::Subnet;
use super::wire::{Namespace, Taker, Wire};
use super::{Container, Engine};
use crate::distribution::{Server, Settings, Store};
use crate::hub;
use crate::kernel::{ByteString, Task, fs, path};
use crate::oci::manifest::{Document, Manifest};
use crate::oci::{ConfigDocument, Digest, Limits, Reference, time};
use crate::program::Stream;

/// Docker Hub, as references name it.
pub(super) const HUB: &str = "docker.io";
/// Where what is pushed to the lab's hub is kept: beside Docker's own directory, which may be deleted.
const HUB_ROOT: &str = "/var/lib/layerlab/hub";
/// As the daemon names itself to registries.
const AGENT: &str = "docker/20.10.24+dfsg1 go/go1.19.8 os/linux arch/amd64";

/// Whoever is logged in at the lab's hub.
pub(super) type HubUser = Option<String>;

/// A registry that can be asked: the directory of one, and the container that serves it.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub store: Store,
    /// The container, and the address by which it sees the daemon.
    served: Option<(Container, String)>,
}

/// An image that can be pulled.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    /// What it is pulled by: the digest of its manifest, or of the list that leads to that.
    pub digest: Digest,
    /// The manifest's bytes.
    pub manifest: Vec<u8>,
    pub config: ConfigDocument,
    /// Its layers, lowest first.
    pub layers: Vec<Offered>,
}

/// A layer of it.
#[derive(Debug, Clone)]
pub(super) struct Offered {
    pub digest: Digest,
    pub diff_id: Digest,
    pub content: Content,
}

/// Where a layer's bytes are.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// A plain tar.
    Tar(Bytes),
    /// A blob in a registry's directory.
    Blob(Store),
}

impl From<hub::HubImage> for Offer {
    fn from(image: hub::HubImage) -> Self {
        let layers = image.layers.into_iter().map(|layer| Offered {
            digest: layer.digest,
            diff_id: layer.diff_id,
            content: Content::Tar(layer.tar.into()),
        });
        Self {
            digest: image.digest,
            manifest: image.manifest,
            config: image.config,
            layers: layers.collect(),
        }
    }
}

impl Engine<'_> {
    /// The registry that runs in a container that is up, if its configuration is one that the lab knows.
    pub(crate) fn served(&mut self, container: &Container) -> Option<Server> {
        let file = self.served_by(container)?;
        let root = self.merged_of(&container.id).ok()?;
        let inside = Task::root().chrooted(root.as_str());
        let text = fs::read(self.kernel, &inside, &file).ok()?;
        let env = container.config.env.clone().unwrap_or_default();
        let settings = Settings::read(&String::from_utf8_lossy(&text), &env).ok()?;
        let Settings { root, deletes, port } = settings;
        Some(Server { store: Store::new(inside, &root), deletes, port })
    }

    /// The configuration file of the registry in a container. Its entry point's script needs a moment before it runs the
    /// program; nobody is turned away in it.
    fn served_by(&self, container: &Container) -> Option<ByteString> {
        let mut starting = None;
        for row in self.world.tasks.of_container(&container.id).filter(|row| row.ended.is_none()) {
            let word = |at: usize| row.args.get(at).map(ByteString::as_bytes);
            let name = word(0).and_then(path::file_name);
            if name == Some(b"registry") && word(1) == Some(b"serve") {
                return row.args.get(2).cloned();
            }
            let is_entry = container.path == "/entrypoint.sh" && row.inner == 1;
            starting = starting.or_else(|| {
                let last =
                    container.args.last().filter(|last| last.as_bytes().ends_with(b".yml") && is_entry)?;
                Some(ByteString::from(last.as_str()))
            });
        }
        starting
    }

    /// What was pushed to the lab's hub.
    pub(super) fn hub_store() -> Origin {
        Origin { store: Store::new(Task::root(), HUB_ROOT), served: None }
    }

    /// The registry at an address, or Go's words for why nobody answers there. Docker speaks plain HTTP to its own host and
    /// to `insecure-registries` alone.
    pub(super) fn origin(&mut self, host: &str) -> Result<std::result::Result<Origin, String>> {
        self.origin_by(host, false)
    }

    /// As [`Engine::origin`]; a mirror is named with its scheme, and `http://` says that plain HTTP will do.
    pub(super) fn origin_by(
        &mut self,
        host: &str,
        is_plain: bool,
    ) -> Result<std::result::Result<Origin, String>> {
        let (bare, port) = match host.rsplit_once(':') {
            Some((bare, port)) if !port.contains(']') => (bare, port.parse().ok()),
            _ => (host, None),
        };
        let plain_name = bare.trim_start_matches('[').trim_end_matches(']');
        let address = plain_name.parse().ok().or_else(|| self.in_hosts(plain_name));
        let plain = is_plain || self.is_insecure(host, address);
        let scheme = if plain { "http" } else { "https" };
        let get = |why: String| format!("Get \"{scheme}://{host}/v2/\": {why}");
        let Some(address) = address else {
            return Ok(Err(get(format!("dial tcp: lookup {bare}: no such host"))));
        };
        let port = port.unwrap_or(if plain { 80 } else { 443 });
        let shown = std::net::SocketAddr::new(address, port);
        let wire = Wire::of(self)?;
        let mut listens =
            |container: &Container| self.served(container).map(|server| server.port).into_iter().collect();
        let taker = wire.connect(&Namespace::Host, address, port, &mut listens);
        let (id, client) = match taker {
            Taker::Container { id, client, .. } => (id, client),
            Taker::Reset => return Ok(Err(get("EOF".to_owned()))),
            Taker::Refused => return Ok(Err(get(format!("dial tcp {shown}: connect: connection refused")))),
            Taker::Nobody => return Ok(Err(get(format!("dial tcp {shown}: connect: no route to host")))),
            Taker::Beyond => {
                return Ok(Err(get(format!("dial tcp {shown}: connect: network is unreachable"))));
            }
        };
        if !plain {
            return Ok(Err(get("http: server gave HTTP response to HTTPS client".to_owned())));
        }
        let found = self.container(&id)?;
        Ok(match found.and_then(|container| Some((self.served(&container)?, container))) {
            Some((server, container)) => {
                Ok(Origin { store: server.store, served: Some((container, client)) })
            }
            None => Err(get("EOF".to_owned())),
        })
    }

    /// Whether plain HTTP is spoken to a registry (`registry/config.go`: the loopback network, and what `daemon.json` names).
    fn is_insecure(&self, host: &str, address: Option<IpAddr>) -> bool {
        let settings = &self.world.daemon.settings;
        settings.insecure.iter().any(|known| known == host)
            || address.is_some_and(|address| {
                let mut networks = settings.insecure_networks.iter();
                let is_named = |network: &String| Subnet::parse(network).is_some_and(|n| n.contains(address));
                address.is_loopback() || networks.any(is_named)
            })
    }

    /// An address by `/etc/hosts` of the lab's host.
    fn in_hosts(&mut self, name: &str) -> Option<IpAddr> {
        let text = fs::read(self.kernel, &Task::root(), b"/etc/hosts").unwrap_or_default();
        let found = String::from_utf8_lossy(&text).lines().find_map(|line| {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            let address = words.next()?;
            words.any(|word| word.eq_ignore_ascii_case(name)).then(|| address.parse().ok())?
        });
        found.or_else(|| (name == "localhost").then(|| IpAddr::from([127, 0, 0, 1])))
    }

    /// Lets the registry in a container write its access log, which is the container's output.
    pub(super) fn note_access(&mut self, origin: &Origin, request: &str, status: u16, length: u64) {
        let Some((container, client)) = &origin.served else { return };
        let line = access_line(client, &time::format(self.now()), request, status, length, AGENT);
        // A log that cannot be written is no reason to answer nothing.
        let _ = self.log_append(container, &[(Stream::Stdout, line.into_bytes())]);
    }

    /// An image in a registry's directory, by tag or by digest.
    pub(super) fn offer(&mut self, origin: &Origin, name: &Reference) -> Result<Option<Offer>> {
        let store = &origin.store;
        let repository = name.path.as_str();
        let disk = |errno: crate::kernel::Errno| Error::Failed(errno.text().to_owned());
        let tag = name.tag.as_deref().unwrap_or("latest");
        let found = match name.digest {
            Some(digest) => Some(digest),
            None => store.tagged(self.kernel, repository, tag).map_err(disk)?,
        };
        let shown = name.digest.map_or_else(|| tag.to_owned(), |digest| digest.to_string());
        let request = format!("GET /v2/{repository}/manifests/{shown}");
        let Some(digest) = found else {
            self.note_access(origin, &request, 404, 96);
            return Ok(None);
        };
        let Some(bytes) = store.manifest(self.kernel, repository, &digest).map_err(disk)? else {
            self.note_access(origin, &request, 404, 179);
            return Ok(None);
        };
        self.note_access(origin, &request, 200, bytes.len() as u64);
        let (bytes, manifest) = self.manifest_for_here(store, repository, bytes)?;
        let broken = |what: &str| Error::Failed(format!("{what} in the registry"));
        let config = store.blob(self.kernel, &manifest.config.digest).map_err(disk)?;
        let config = config.ok_or_else(|| broken("blob unknown"))?;
        self.note_access(
            origin,
            &format!("GET /v2/{repository}/blobs/{}", manifest.config.digest),
            200,
            config.len() as u64,
        );
        if manifest.config.digest.like(&config) != manifest.config.digest {
            return Err(Error::Failed(
                "image config verification failed for digest ".to_owned()
                    + &manifest.config.digest.to_string(),
            ));
        }
        let config = ConfigDocument::parse_docker(&config, Limits::default().json).map_err(Error::Failed)?;
        let diff_ids = &config.config.rootfs.diff_ids;
        if diff_ids.len() != manifest.layers.len() {
            return Err(Error::Failed("mismatch between number of manifest layers and diff ids".to_owned()));
        }
        let layers = manifest.layers.iter().zip(diff_ids).map(|(layer, diff_id)| Offered {
            digest: layer.digest,
            diff_id: *diff_id,
            content: Content::Blob(store.clone()),
        });
        let layers = layers.collect();
        Ok(Some(Offer { digest, manifest: bytes.to_vec(), config, layers }))
    }

    /// A manifest, or the one for this machine that a list leads to.
    fn manifest_for_here(
        &mut self,
        store: &Store,
        repository: &str,
        bytes: Bytes,
    ) -> Result<(Bytes, Manifest)> {
        let read = |bytes: &[u8]| {
            Document::parse(bytes, "", Limits::default().json)
                .map_err(|error| Error::Failed(error.to_string()))
        };
        let index = match read(&bytes)? {
            Document::Manifest(manifest) => return Ok((bytes, manifest)),
            Document::Index(index) => index,
        };
        let none = || {
            Error::NotFound("no matching manifest for linux/amd64 in the manifest list entries".to_owned())
        };
        let here = index
            .manifests
            .iter()
            .find(|entry| entry.platform.as_ref().is_some_and(|platform| platform.is("linux/amd64")));
        let digest = here.ok_or_else(none)?.digest;
        let found = store.manifest(self.kernel, repository, &digest);
        let bytes = found.map_err(|errno| Error::Failed(errno.text().to_owned()))?.ok_or_else(none)?;
        match read(&bytes)? {
            Document::Manifest(manifest) => Ok((bytes, manifest)),
            Document::Index(_) => Err(none()),
        }
    }
}

/// A line of a registry's access log, in Apache's combined form as Distribution writes it.
pub(crate) fn access_line(
    client: &str,
    now: &str,
    request: &str,
    status: u16,
    length: u64,
    agent: &str,
) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let part = |from: usize, to: usize| now.get(from..to).unwrap_or_default();
    let month =
        part(5, 7).parse::<usize>().ok().and_then(|m| MONTHS.get(m.wrapping_sub(1))).unwrap_or(&"Jan");
    let at = format!("{}/{month}/{}:{} +0000", part(8, 10), part(0, 4), part(11, 19));
    format!("{client} - - [{at}] \"{request} HTTP/1.1\" {status} {length} \"\" \"{agent}\"\n")
}
