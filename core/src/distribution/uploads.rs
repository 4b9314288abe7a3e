//! Uploads of blobs: begun with POST, continued with PATCH, ended with PUT (distribution-spec, "Pushing blobs").

use serde_json::json;

use super::answer::{Answer, Code, Fault, Request, broken};
use super::server::{Moment, Server};
use super::store::{Store, Upload};
use crate::kernel::{Errno, Kernel, OpenFlags, base64_encode, fs};
use crate::oci::{Digest, Hasher};

/// How much is read at once for a digest.
const PIECE: usize = 1 << 20;

/// Begins an upload, or mounts a blob from another repository.
pub(super) fn begin(
    server: &Server,
    kernel: &mut dyn Kernel,
    request: &Request<'_>,
    moment: &Moment,
    name: &str,
) -> Result<Answer, Fault> {
    let store = &server.store;
    if let (Some(mount), Some(from)) = (request.query("mount"), request.query("from"))
        && let Ok(digest) = Digest::parse(&mount)
        && store.blob_size(kernel, &from, &digest).map_err(broken)?.is_some()
    {
        store.link_blob(kernel, name, &digest).map_err(broken)?;
        return Ok(created(request, name, &digest));
    }
    let id = uuid(&moment.id);
    let upload = Upload { repository: name, id: &id };
    store.begin(kernel, upload, &moment.time).map_err(broken)?;
    Ok(accepted(202, request, upload, 0))
}

/// Asks for an upload, continues it, ends it, or throws it away.
pub(super) fn answer(
    server: &Server,
    kernel: &mut dyn Kernel,
    request: &Request<'_>,
    _: &Moment,
    name: &str,
    id: &str,
) -> Result<Answer, Fault> {
    let store = &server.store;
    let upload = Upload { repository: name, id };
    let unknown = || Code::UploadUnknown.with(json!({}));
    if !id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') {
        return Err(unknown());
    }
    let size = store.upload_size(kernel, upload).map_err(broken)?.ok_or_else(unknown)?;
    if request.query("_state").as_deref() != Some(state(upload, size).as_str()) {
        return Err(Code::UploadInvalid.with(json!({})));
    }
    match request.method {
        "DELETE" => {
            store.cancel(kernel, upload).map_err(broken)?;
            Ok(Answer::new(204, "").with("Docker-Upload-Uuid", id))
        }
        "PATCH" => {
            let size = append(store, kernel, upload, size, request.content()).map_err(broken)?;
            Ok(accepted(202, request, upload, size))
        }
        "PUT" => put(store, kernel, request, upload, size),
        _ => Ok(accepted(204, request, upload, size)),
    }
}

fn put(
    store: &Store,
    kernel: &mut dyn Kernel,
    request: &Request<'_>,
    upload: Upload<'_>,
    size: u64,
) -> Result<Answer, Fault> {
    let text = request.query("digest").filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| Code::DigestInvalid.with(json!("digest missing")))?;
    let wanted =
        Digest::parse(&text).map_err(|_| Code::DigestInvalid.with(json!("digest parsing failed")))?;
    append(store, kernel, upload, size, request.content()).map_err(broken)?;
    if digest(store, kernel, upload, &wanted).map_err(broken)? != wanted {
        return Err(Code::DigestInvalid.with(json!({ "Digest": text, "Reason": {} })));
    }
    store.finish(kernel, upload, &wanted).map_err(broken)?;
    Ok(created(request, upload.repository, &wanted))
}

fn append(
    store: &Store,
    kernel: &mut dyn Kernel,
    upload: Upload<'_>,
    size: u64,
    data: &[u8],
) -> Result<u64, Errno> {
    if data.is_empty() {
        return Ok(size);
    }
    let fd = kernel.open(&store.task, store.upload_path(upload).as_bytes(), OpenFlags::WRONLY, 0)?;
    let written = fs::write_at(kernel, fd, size, data);
    kernel.close(fd)?;
    written?;
    Ok(size + data.len() as u64)
}

fn digest(
    store: &Store,
    kernel: &mut dyn Kernel,
    upload: Upload<'_>,
    wanted: &Digest,
) -> Result<Digest, Errno> {
    let fd = kernel.open(&store.task, store.upload_path(upload).as_bytes(), OpenFlags::RDONLY, 0)?;
    let (mut hash, mut at) = (Hasher::like(Some(wanted)), 0);
    let read = loop {
        match kernel.pread(fd, at, PIECE) {
            Ok(piece) if piece.is_empty() => break Ok(()),
            Ok(piece) => {
                hash.update(&piece);
                at += piece.len() as u64;
            }
            Err(errno) => break Err(errno),
        }
    };
    kernel.close(fd)?;
    read.map(|()| hash.finish())
}

fn created(request: &Request<'_>, name: &str, digest: &Digest) -> Answer {
    Answer::new(201, "")
        .with("Location", format!("http://{}/v2/{name}/blobs/{digest}", request.host))
        .with("Docker-Content-Digest", digest.to_string())
}

fn accepted(status: u16, request: &Request<'_>, upload: Upload<'_>, size: u64) -> Answer {
    let Upload { repository, id } = upload;
    let state = state(upload, size);
    let at = format!("http://{}/v2/{repository}/blobs/uploads/{id}?_state={state}", request.host);
    Answer::new(status, "")
        .with("Location", at)
        .with("Docker-Upload-Uuid", id)
        .with("Range", format!("0-{}", size.saturating_sub(1)))
}

/// The upload's state, which a client sends back with its next request.
fn state(upload: Upload<'_>, size: u64) -> String {
    let text = format!("{{\"Name\":\"{}\",\"UUID\":\"{}\",\"Offset\":{size}}}", upload.repository, upload.id);
    base64_encode(text.as_bytes()).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// 32 digits of an id as a UUID is written.
fn uuid(id: &str) -> String {
    let part = |from: usize, to: usize| id.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
