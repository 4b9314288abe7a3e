//! One blob out of a registry: taken up where it was left, never longer than promised, checked before it counts.

use std::io::Read;
use std::time::{Duration, Instant};

use layerlab_core::oci::manifest::Descriptor;
use ureq::http::{Method, Response, StatusCode, header};

use super::client::{Client, Payload, pull_scope};
use super::{How, RegistryError, Watch, is_passing};
use crate::store::{Partial, Store};

/// How often a broken line is taken up again without anything new having come.
const ATTEMPTS: u32 = 5;
/// What must come in a second, over a window.
const LEAST_SPEED: u64 = 4 << 10;
const WINDOW: Duration = Duration::from_secs(30);
/// How long a blob may take beside what its size takes at that speed.
const LEAST_TIME: Duration = Duration::from_mins(10);

/// Brings a blob into the store.
pub(super) fn download(
    client: &Client,
    repository: &str,
    blob: &Descriptor,
    store: &Store,
    watch: &dyn Watch,
) -> Result<How, RegistryError> {
    if store.has(&blob.digest, blob.size) {
        watch.start(&blob.digest, blob.size, blob.size);
        return Ok(How::Present);
    }
    let content = |why| RegistryError::Content { what: blob.digest.to_string(), why };
    if blob.size > client.limits.expanded {
        return Err(content(format!("blob of {} bytes: more than the limit expanded", blob.size)));
    }
    let disk = |error| RegistryError::Disk { what: store.blob(&blob.digest).display().to_string(), error };
    let mut part = store.partial(&blob.digest).map_err(disk)?;
    // Another process may have brought it while this one waited for it.
    if store.has(&blob.digest, blob.size) {
        watch.start(&blob.digest, blob.size, blob.size);
        return Ok(How::Present);
    }
    if part.len() > blob.size {
        part.clear().map_err(disk)?;
    }
    let kept = part.len();
    watch.start(&blob.digest, blob.size, kept);
    let (mut tries, mut resumed) = (0, kept > 0);
    let begun = Instant::now();
    let time = LEAST_TIME + Duration::from_secs(blob.size / LEAST_SPEED);
    while part.len() < blob.size {
        if begun.elapsed() > time {
            return Err(client.failed(&format!("blob {} took more than {} s", blob.digest, time.as_secs())));
        }
        let before = part.len();
        match piece(client, repository, blob, &mut part, watch) {
            Ok(()) if part.len() == blob.size => break,
            Err(error) if !is_passing(&error) => return Err(error),
            // An answer that brings nothing is a try like one that breaks off.
            Ok(()) => {
                tries = if part.len() > before { 1 } else { tries + 1 };
                if tries >= ATTEMPTS {
                    return Err(client.failed(&format!("blob {}: its answers bring nothing", blob.digest)));
                }
            }
            Err(error) => {
                tries = if part.len() > before { 1 } else { tries + 1 };
                if tries >= ATTEMPTS {
                    return Err(error);
                }
                std::thread::sleep(Duration::from_millis(100 << tries));
            }
        }
        resumed |= !part.is_empty();
    }
    let finished = part.finish().map_err(disk)?;
    finished.map_err(|found| RegistryError::Content {
        what: blob.digest.to_string(),
        why: format!("blob does not match its digest: got {found}"),
    })?;
    Ok(if resumed { How::Resumed } else { How::Moved })
}

/// One answer of the registry, as far as it goes.
fn piece(
    client: &Client,
    repository: &str,
    blob: &Descriptor,
    part: &mut Partial,
    watch: &dyn Watch,
) -> Result<(), RegistryError> {
    let disk = |error| RegistryError::Disk { what: blob.digest.to_string(), error };
    let url = client.url(repository, &format!("blobs/{}", blob.digest));
    let mut request = client.request(Method::GET, url);
    if !part.is_empty() {
        request = request.header(header::RANGE, format!("bytes={}-", part.len()));
    }
    let mut response = client.send(&pull_scope(repository), request, Payload::Nothing)?;
    match response.status() {
        StatusCode::PARTIAL_CONTENT if starts_at(&response) == Some(part.len()) => {}
        // It does not take up: from the start.
        status if status.is_success() => part.clear().map_err(disk)?,
        StatusCode::RANGE_NOT_SATISFIABLE => {
            part.clear().map_err(disk)?;
            return Ok(());
        }
        _ => return Err(client.status(&format!("blob {}", blob.digest), &mut response)),
    }
    let mut body = response.into_body().into_with_config().limit(u64::MAX).reader();
    let mut buffer = vec![0; 256 << 10];
    let (mut since, mut brought) = (Instant::now(), 0);
    loop {
        let n = body.read(&mut buffer).map_err(|error| client.failed(&error))?;
        if n == 0 {
            break;
        }
        if part.len() + n as u64 > blob.size {
            let why = format!("blob is longer than the {} bytes of its descriptor", blob.size);
            part.clear().map_err(disk)?;
            return Err(RegistryError::Content { what: blob.digest.to_string(), why });
        }
        part.push(&buffer[..n]).map_err(disk)?;
        watch.more(&blob.digest, n as u64);
        brought += n as u64;
        if since.elapsed() >= WINDOW {
            if brought < LEAST_SPEED * WINDOW.as_secs() {
                return Err(client.failed(&format!("less than {LEAST_SPEED} bytes came in a second")));
            }
            (since, brought) = (Instant::now(), 0);
        }
    }
    if part.len() < blob.size {
        return Err(client.failed(&format!(
            "the connection ended early, {} of {} bytes came",
            part.len(),
            blob.size
        )));
    }
    Ok(())
}

/// Where a partial answer begins: `Content-Range: bytes 5-9/10`.
fn starts_at<B>(response: &Response<B>) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}
