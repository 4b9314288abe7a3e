//! Push: each blob is asked for, else mounted from another repository, else sent; the manifest last.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::time::Duration;

use layerlab_core::oci::archive::LayoutImage;
use layerlab_core::oci::blob::BlobSource;
use layerlab_core::oci::layer::Blob;
use layerlab_core::oci::{Digest, Reference};
use serde::Serialize;
use ureq::http::{Method, Response, StatusCode, header};

use super::client::{Client, Payload, pull_scope, push_scope};
use super::{How, RegistryError, Watch, is_passing, side_by_side};

/// As many as Docker pushes at once.
const THREADS: usize = 5;
const ATTEMPTS: u32 = 5;
/// After these, an upload goes on at another place, or anew: who asks is known now, the upload is not, the place is wrong.
const LOST: [StatusCode; 3] =
    [StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND, StatusCode::RANGE_NOT_SATISFIABLE];

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

/// Pushes an image under a name.
pub fn push<S: BlobSource + Clone + Send + Sync>(
    client: &Client,
    name: &Reference,
    image: &PushImage<S>,
    watch: &dyn Watch,
) -> Result<Pushed, RegistryError> {
    let to = Target { client, repository: &name.path, mounts: &image.mounts };
    let blobs = image.image.layers.iter().map(|layer| layer.digest).zip(image.layers.iter().copied());
    let done =
        side_by_side(blobs, THREADS, |digest, blob| to.blob(digest, *blob, image.source.clone(), watch))?;
    let config = bytes::Bytes::copy_from_slice(&image.image.config.bytes);
    let whole = Blob { offset: 0, len: config.len() as u64 };
    let manifest = image.image.manifest();
    to.blob(&manifest.config, whole, config, watch)?;
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
    let said = text(&response, "docker-content-digest").and_then(|said| Digest::parse(&said).ok());
    if let Some(said) = said.filter(|said| *said != digest) {
        let why = format!("the registry stored {said}, not {digest}");
        return Err(RegistryError::Content { what: name.to_string(), why });
    }
    let layers = image.image.layers.iter().map(|l| (l.digest, l.size, done[&l.digest])).collect();
    Ok(Pushed { name: name.to_string(), digest, size: manifest.bytes.len() as u64, layers })
}

fn text<B>(response: &Response<B>, name: &str) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// Where blobs go.
struct Target<'a> {
    client: &'a Client,
    repository: &'a str,
    mounts: &'a BTreeMap<Digest, BTreeSet<String>>,
}

impl Target<'_> {
    fn blob(
        &self,
        digest: &Digest,
        blob: Blob,
        source: impl BlobSource,
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
        mut source: impl BlobSource,
        watch: &dyn Watch,
    ) -> Result<How, RegistryError> {
        let url = self.client.url(self.repository, &format!("blobs/{digest}"));
        let request = self.client.request(Method::HEAD, url);
        let response = self.client.send(&pull_scope(self.repository), request, Payload::Nothing);
        if response.is_ok_and(|response| response.status().is_success()) {
            watch.start(digest, blob.len, blob.len);
            return Ok(How::Present);
        }
        let mut session = None;
        for from in self.mounts.get(digest).into_iter().flatten().filter(|from| *from != self.repository) {
            // A repository that this user may not read is none to mount from: the bytes are sent.
            let Ok(response) = self.begin(&format!("?mount={digest}&from={from}"), Some(from)) else {
                continue;
            };
            if response.status() == StatusCode::CREATED {
                watch.start(digest, blob.len, blob.len);
                return Ok(How::Mounted);
            }
            // It has begun an upload instead.
            session = text(&response, "location");
        }
        let location = match session {
            Some(location) => location,
            None => text(&self.begin("", None)?, "location").unwrap_or_default(),
        };
        watch.start(digest, blob.len, 0);
        self.upload(&location, digest, blob, &mut source, watch)
    }

    /// Opens an upload, or mounts.
    fn begin(&self, query: &str, from: Option<&str>) -> Result<Response<ureq::Body>, RegistryError> {
        let url = self.client.url(self.repository, &format!("blobs/uploads/{query}"));
        let request = self.client.request(Method::POST, url);
        let scope = push_scope(self.repository, from);
        let mut response = self.client.send(&scope, request, Payload::Bytes(b""))?;
        match response.status() {
            StatusCode::ACCEPTED | StatusCode::CREATED => Ok(response),
            _ => Err(self.client.status(self.repository, &mut response)),
        }
    }

    /// Sends what the registry has not got yet, asks how far it came when the line breaks, and closes with the digest.
    fn upload(
        &self,
        location: &str,
        digest: &Digest,
        blob: Blob,
        source: &mut dyn BlobSource,
        watch: &dyn Watch,
    ) -> Result<How, RegistryError> {
        let (mut url, mut at, mut tries) = (self.client.resolve(location), 0, 0);
        let scope = push_scope(self.repository, None);
        let mut how = How::Moved;
        while at < blob.len {
            let mut reader =
                Pieces { source: &mut *source, at: blob.offset + at, left: blob.len - at, digest, watch };
            let request = self
                .client
                .request(Method::PATCH, url.clone())
                .header(header::CONTENT_TYPE, "application/octet-stream")
                .header(header::CONTENT_RANGE, format!("{at}-{}", blob.len - 1));
            let sent = self.client.send(&scope, request, Payload::Stream(&mut reader, blob.len - at));
            let why = match sent {
                Ok(response) if response.status().is_success() => {
                    url = text(&response, "location").map_or(url, |l| self.client.resolve(&l));
                    break;
                }
                Ok(mut response) => {
                    let is_lost = LOST.contains(&response.status());
                    let why = self.client.status(&format!("blob {digest}"), &mut response);
                    if !is_lost && !is_passing(&why) {
                        return Err(why);
                    }
                    why
                }
                Err(error) => error,
            };
            tries += 1;
            if tries >= ATTEMPTS {
                return Err(why);
            }
            std::thread::sleep(Duration::from_millis(100 << tries));
            // How far it came: `Range: 0-N`, both ends counted (distribution-spec, "Pushing a blob in chunks"). Distribution
            // 2.8 throws an upload away whose size is not what its own token says, which is every one that broke in the
            // middle of a request: then anew, and that blob alone.
            let request = self.client.request(Method::GET, url.clone());
            let asked = self.client.send(&scope, request, Payload::Nothing).map_err(|_| why)?;
            let end = text(&asked, "range").and_then(|range| range.rsplit('-').next()?.parse::<u64>().ok());
            let next = match end.filter(|_| asked.status() == StatusCode::NO_CONTENT) {
                Some(end) => {
                    at = if end == 0 { 0 } else { end + 1 }.min(blob.len);
                    text(&asked, "location")
                }
                None => {
                    at = 0;
                    text(&self.begin("", None)?, "location")
                }
            };
            url = next.map_or(url, |location| self.client.resolve(&location));
            how = if at > 0 { How::Resumed } else { How::Moved };
            watch.start(digest, blob.len, at);
        }
        let mark = if url.contains('?') { '&' } else { '?' };
        let request = self.client.request(Method::PUT, format!("{url}{mark}digest={digest}"));
        let mut response = self.client.send(&scope, request, Payload::Bytes(b""))?;
        if response.status() == StatusCode::CREATED || response.status() == StatusCode::NO_CONTENT {
            return Ok(how);
        }
        Err(self.client.status(&format!("blob {digest}"), &mut response))
    }
}

/// A range of a source as a stream.
struct Pieces<'a> {
    source: &'a mut dyn BlobSource,
    at: u64,
    left: u64,
    digest: &'a Digest,
    watch: &'a dyn Watch,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if want == 0 {
            return Ok(0);
        }
        let piece = self.source.read_at(self.at, want).map_err(io::Error::other)?;
        buffer[..piece.len()].copy_from_slice(&piece);
        self.at += piece.len() as u64;
        self.left -= piece.len() as u64;
        self.watch.more(self.digest, piece.len() as u64);
        Ok(piece.len())
    }
}
