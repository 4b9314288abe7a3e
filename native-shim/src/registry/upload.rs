//! One blob's upload: sent from where the registry has it, by this process or by one before it, and closed with its digest.

use std::io::{self, Read};
use std::time::Duration;

use layerlab_core::oci::Digest;
use layerlab_core::oci::blob::BlobSource;
use layerlab_core::oci::layer::Blob;
use ureq::http::{Method, Response, StatusCode, header};

use super::client::{Client, Payload, push_scope};
use super::{How, RegistryError, Watch, is_passing};
use crate::store::KeptUpload;

const ATTEMPTS: u32 = 5;
/// After these, an upload goes on at another place, or anew: who asks is known now, the upload is not, the place is wrong.
const LOST: [StatusCode; 3] =
    [StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND, StatusCode::RANGE_NOT_SATISFIABLE];

/// An upload and how far it is.
pub(super) struct Upload<'a> {
    client: &'a Client,
    repository: &'a str,
    digest: &'a Digest,
    /// Where the next request goes.
    url: String,
    /// How much of the blob the registry has.
    at: u64,
    /// Where its place is remembered; `None` while another process sends the same blob.
    kept: Option<KeptUpload>,
}

impl<'a> Upload<'a> {
    /// No upload yet.
    pub(super) fn new(
        client: &'a Client,
        repository: &'a str,
        digest: &'a Digest,
        kept: Option<KeptUpload>,
    ) -> Self {
        Self { client, repository, digest, url: String::new(), at: 0, kept }
    }

    /// Goes on with an upload that another process left, if the registry still has it.
    pub(super) fn take_up(&mut self, len: u64) -> bool {
        let Some(place) = self.kept.as_ref().and_then(KeptUpload::place) else { return false };
        self.url = place.to_owned();
        // What a registry has beyond the blob's end is of another blob.
        self.ask(len).is_ok_and(|known| known && self.at <= len)
    }

    /// Begins at a place that the registry named.
    pub(super) fn begun(&mut self, place: &str) {
        self.at = 0;
        self.moved(place);
    }

    /// Opens one.
    pub(super) fn begin(&mut self) -> Result<(), RegistryError> {
        let response = open(self.client, self.repository, "", None)?;
        self.begun(&text(&response, "location").unwrap_or_default());
        Ok(())
    }

    /// After a fault: from where the registry is, or anew, and then this blob alone.
    fn go_on(&mut self, len: u64) -> Result<(), RegistryError> {
        if self.ask(len)? && self.at <= len { Ok(()) } else { self.begin() }
    }

    /// The registry named the next place. That it cannot be remembered costs time and no more.
    fn moved(&mut self, place: &str) {
        self.url = self.client.resolve(place);
        if let Some(kept) = &mut self.kept {
            let _ = kept.keep(&self.url);
        }
    }

    /// How far it came: `Range: 0-N`, both ends counted (distribution-spec, "Pushing a blob in chunks"). `false` if the
    /// registry knows of no such upload: Distribution 2.8 throws one away whose size is not what its own token says,
    /// which is every one that broke in the middle of a request.
    fn ask(&mut self, len: u64) -> Result<bool, RegistryError> {
        let request = self.client.request(Method::GET, self.url.clone());
        let asked = self.client.send(&push_scope(self.repository, None), request, Payload::Nothing)?;
        let end = text(&asked, "range").and_then(|range| range.rsplit('-').next()?.parse::<u64>().ok());
        let Some(end) = end.filter(|_| asked.status() == StatusCode::NO_CONTENT) else { return Ok(false) };
        self.at = if end == 0 { 0 } else { end.saturating_add(1) };
        if self.at <= len
            && let Some(place) = text(&asked, "location")
        {
            self.moved(&place);
        }
        Ok(true)
    }

    /// Sends what the registry has not got yet, asks how far it came when the line breaks, and closes with the digest.
    pub(super) fn send(
        mut self,
        blob: Blob,
        source: &mut dyn BlobSource,
        watch: &dyn Watch,
    ) -> Result<How, RegistryError> {
        let mut is_of_another = self.at > 0;
        loop {
            watch.start(self.digest, blob.len, self.at);
            let how = self.bytes(blob, source, watch)?;
            let mark = if self.url.contains('?') { '&' } else { '?' };
            let request =
                self.client.request(Method::PUT, format!("{}{mark}digest={}", self.url, self.digest));
            let mut response =
                self.client.send(&push_scope(self.repository, None), request, Payload::Bytes(b""))?;
            if matches!(response.status(), StatusCode::CREATED | StatusCode::NO_CONTENT) {
                if let Some(kept) = self.kept {
                    kept.forget();
                }
                return Ok(how);
            }
            let why = self.client.status(&format!("blob {}", self.digest), &mut response);
            // What another process left may have gone bad: once more, from the start.
            if !std::mem::take(&mut is_of_another) || !response.status().is_client_error() {
                return Err(why);
            }
            self.begin()?;
        }
    }

    /// Sends bytes until the registry has all of them.
    fn bytes(
        &mut self,
        blob: Blob,
        source: &mut dyn BlobSource,
        watch: &dyn Watch,
    ) -> Result<How, RegistryError> {
        let mut how = if self.at > 0 { How::Resumed } else { How::Moved };
        let mut tries = 0;
        while self.at < blob.len {
            let left = blob.len - self.at;
            let mut reader =
                Pieces { source: &mut *source, at: blob.offset + self.at, left, digest: self.digest, watch };
            let request = self
                .client
                .request(Method::PATCH, self.url.clone())
                .header(header::CONTENT_TYPE, "application/octet-stream")
                .header(header::CONTENT_RANGE, format!("{}-{}", self.at, blob.len - 1));
            let scope = push_scope(self.repository, None);
            let why = match self.client.send(&scope, request, Payload::Stream(&mut reader, left)) {
                Ok(response) if response.status().is_success() => {
                    self.at = blob.len;
                    if let Some(place) = text(&response, "location") {
                        self.moved(&place);
                    }
                    break;
                }
                Ok(mut response) => {
                    let is_lost = LOST.contains(&response.status());
                    let why = self.client.status(&format!("blob {}", self.digest), &mut response);
                    if !is_lost && !is_passing(&why) {
                        return Err(why);
                    }
                    why
                }
                Err(error) => error,
            };
            // The line may stay broken for a while.
            loop {
                tries += 1;
                if tries >= ATTEMPTS {
                    return Err(why);
                }
                std::thread::sleep(Duration::from_millis(100 << tries));
                match self.go_on(blob.len) {
                    Ok(()) => break,
                    Err(error) if is_passing(&error) => {}
                    Err(_) => return Err(why),
                }
            }
            how = if self.at > 0 { How::Resumed } else { How::Moved };
            watch.start(self.digest, blob.len, self.at);
        }
        Ok(how)
    }
}

/// Opens an upload, or mounts.
pub(super) fn open(
    client: &Client,
    repository: &str,
    query: &str,
    from: Option<&str>,
) -> Result<Response<ureq::Body>, RegistryError> {
    let url = client.url(repository, &format!("blobs/uploads/{query}"));
    let request = client.request(Method::POST, url);
    let mut response = client.send(&push_scope(repository, from), request, Payload::Bytes(b""))?;
    match response.status() {
        StatusCode::ACCEPTED | StatusCode::CREATED => Ok(response),
        _ => Err(client.status(repository, &mut response)),
    }
}

/// A header's text.
pub(super) fn text<B>(response: &Response<B>, name: &str) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
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
