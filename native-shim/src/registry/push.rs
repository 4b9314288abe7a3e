//! Push: each blob is asked for, else mounted from another repository, else sent; the manifest last.

use std::collections::{BTreeMap, BTreeSet};

use layerlab_core::oci::archive::LayoutImage;
use layerlab_core::oci::blob::BlobSource;
use layerlab_core::oci::layer::Blob;
use layerlab_core::oci::{Digest, Reference};
use serde::Serialize;
use ureq::http::{Method, StatusCode, header};

use super::client::{Client, Payload, pull_scope, push_scope};
use super::upload::{Upload, open, text};
use super::{How, RegistryError, Watch, side_by_side};
use crate::store::Store;

/// As many as Docker pushes at once.
const THREADS: usize = 5;

/// An image to push: its documents, and where its layers' bytes are.
#[derive(Debug)]
pub struct PushImage<S> {
    /// Its documents.
    pub image: LayoutImage,
    /// Where each layer's bytes are, lowest first.
    pub layers: Vec<Blob>,
    /// What they are read from.
    pub source: S,
    /// Repositories of the same registry that may have a blob.
    pub mounts: BTreeMap<Digest, BTreeSet<String>>,
}

/// What a push did.
#[derive(Debug, Clone, Serialize)]
pub struct Pushed {
    /// The full name.
    pub name: String,
    /// The manifest's digest in the registry.
    pub digest: Digest,
    /// Bytes of the manifest.
    pub size: u64,
    /// The layers, lowest first: digest, size, how it came there.
    pub layers: Vec<(Digest, u64, How)>,
}

/// Pushes an image under a name. The store remembers where uploads are that did not end, and where another push left them.
pub fn push<S: BlobSource + Clone + Send + Sync>(
    client: &Client,
    name: &Reference,
    image: &PushImage<S>,
    store: &Store,
    watch: &dyn Watch,
) -> Result<Pushed, RegistryError> {
    let to = Target { client, repository: &name.path, mounts: &image.mounts, store };
    let blobs = image.image.layers.iter().map(|layer| layer.digest).zip(image.layers.iter().copied());
    let done = side_by_side(blobs, THREADS, |digest, blob| {
        to.blob(digest, *blob, &mut image.source.clone(), watch)
    })?;
    let mut config = bytes::Bytes::copy_from_slice(&image.image.config.bytes);
    let whole = Blob { offset: 0, len: config.len() as u64 };
    let manifest = image.image.manifest();
    to.blob(&manifest.config, whole, &mut config, watch)?;
    let digest = name.digest.map_or(manifest.digest, |wanted| wanted.like(&manifest.bytes));
    let tag = name.digest.map_or_else(|| name.tag.clone().unwrap_or_default(), |digest| digest.to_string());
    if let Some(wanted) = name.digest.filter(|wanted| *wanted != digest) {
        let why = format!("the image's manifest is {digest}, not {wanted}");
        return Err(RegistryError::Content { what: name.to_string(), why });
    }
    let url = client.url(&name.path, &format!("manifests/{tag}"));
    let request = client.request(Method::PUT, url).header(header::CONTENT_TYPE, &manifest.media_type);
    let mut response =
        client.send(&push_scope(&name.path, None), request, Payload::Bytes(&manifest.bytes))?;
    if !response.status().is_success() {
        return Err(client.status(&name.to_string(), &mut response));
    }
    // A registry names by its own algorithm what was pushed under a tag.
    let said = text(&response, "docker-content-digest").and_then(|said| Digest::parse(&said).ok());
    if let Some(said) = said.filter(|said| said.like(&manifest.bytes) != *said) {
        let why = format!("the registry stored {said}, not {digest}");
        return Err(RegistryError::Content { what: name.to_string(), why });
    }
    let digest = name.digest.or(said).unwrap_or(digest);
    let layers = image.image.layers.iter().map(|l| (l.digest, l.size, done[&l.digest])).collect();
    Ok(Pushed { name: name.to_string(), digest, size: manifest.bytes.len() as u64, layers })
}

/// Where blobs go.
struct Target<'a> {
    client: &'a Client,
    repository: &'a str,
    mounts: &'a BTreeMap<Digest, BTreeSet<String>>,
    store: &'a Store,
}

impl Target<'_> {
    fn blob(
        &self,
        digest: &Digest,
        blob: Blob,
        source: &mut dyn BlobSource,
        watch: &dyn Watch,
    ) -> Result<How, RegistryError> {
        let how = self.bring(digest, blob, source, watch)?;
        watch.end(digest, how);
        Ok(how)
    }

    fn bring(
        &self,
        digest: &Digest,
        blob: Blob,
        source: &mut dyn BlobSource,
        watch: &dyn Watch,
    ) -> Result<How, RegistryError> {
        let url = self.client.url(self.repository, &format!("blobs/{digest}"));
        let request = self.client.request(Method::HEAD, url);
        let response = self.client.send(&pull_scope(self.repository), request, Payload::Nothing);
        if response.is_ok_and(|response| response.status().is_success()) {
            watch.start(digest, blob.len, blob.len);
            return Ok(How::Present);
        }
        let kept = self.store.upload(self.client.address(), self.repository, digest);
        let disk = |error| RegistryError::Disk { what: format!("upload of {digest}"), error };
        let mut upload = Upload::new(self.client, self.repository, digest, kept.map_err(disk)?);
        if !upload.take_up(blob.len) {
            match self.mount(digest) {
                Began::Mounted => {
                    watch.start(digest, blob.len, blob.len);
                    return Ok(How::Mounted);
                }
                Began::Upload(place) => upload.begun(&place),
                Began::Nothing => upload.begin()?,
            }
        }
        upload.send(blob, source, watch)
    }

    /// Asks for the blob from the repositories that may have it.
    fn mount(&self, digest: &Digest) -> Began {
        let mut began = Began::Nothing;
        for from in self.mounts.get(digest).into_iter().flatten().filter(|from| *from != self.repository) {
            // A repository that this user may not read is none to mount from: the bytes are sent.
            let query = format!("?mount={digest}&from={from}");
            let Ok(response) = open(self.client, self.repository, &query, Some(from)) else { continue };
            if response.status() == StatusCode::CREATED {
                return Began::Mounted;
            }
            // It has begun an upload instead.
            began = text(&response, "location").map_or(began, Began::Upload);
        }
        began
    }
}

/// What came of asking for a mount.
enum Began {
    Nothing,
    Mounted,
    Upload(String),
}
