//! Manifests by tag and by digest.

use serde_json::json;

use super::answer::{Answer, Code, Fault, Request, broken, refuse};
use super::server::Server;
use crate::kernel::Kernel;
use crate::oci::manifest::{Document, media};
use crate::oci::reference::is_tag;
use crate::oci::{Digest, Limits};

/// Answers a request for a manifest.
pub(super) fn answer(
    server: &Server,
    kernel: &mut dyn Kernel,
    request: &Request<'_>,
    name: &str,
    reference: &str,
) -> Result<Answer, Fault> {
    let digest = Digest::parse(reference).ok();
    match request.method {
        "PUT" => put(server, kernel, request, name, reference, digest.as_ref()),
        "DELETE" => {
            if !server.deletes {
                return Err(Code::Unsupported.plain());
            }
            let digest = digest.ok_or_else(|| Code::DigestInvalid.plain())?;
            let had = server.store.delete_manifest(kernel, name, &digest).map_err(broken)?;
            if had { Ok(Answer::new(202, "")) } else { Err(Code::ManifestUnknown.plain()) }
        }
        _ => get(server, kernel, request, name, reference, digest),
    }
}

fn get(
    server: &Server,
    kernel: &mut dyn Kernel,
    request: &Request<'_>,
    name: &str,
    reference: &str,
    digest: Option<Digest>,
) -> Result<Answer, Fault> {
    let store = &server.store;
    let by_tag = || Code::ManifestUnknown.with(json!({ "Tag": reference }));
    let digest = match digest {
        Some(digest) => digest,
        None if !is_tag(reference) => return Err(by_tag()),
        None => store.tagged(kernel, name, reference).map_err(broken)?.ok_or_else(by_tag)?,
    };
    let unknown = || {
        let revision = digest.to_string();
        Code::ManifestUnknown.with(json!({ "Name": name, "Revision": revision }))
    };
    let bytes = store.manifest(kernel, name, &digest).map_err(broken)?.ok_or_else(unknown)?;
    let kind = media_type(&bytes);
    let accepts = |kind: &str| {
        let all = request.headers("Accept").flat_map(|value| value.split(','));
        all.map(|one| one.split(';').next().unwrap_or_default().trim()).any(|one| one == kind)
    };
    if kind.starts_with("application/vnd.oci.") && !accepts(kind) {
        return Err(oci_not_accepted(kind));
    }
    Ok(Answer::new(200, bytes.to_vec())
        .with("Content-Type", kind)
        .with("Docker-Content-Digest", digest.to_string())
        .with("Etag", format!("\"{digest}\"")))
}

/// What Distribution 2.8 answers to a client from before OCI.
fn oci_not_accepted(kind: &str) -> Fault {
    let what = if kind == media::OCI_INDEX { "OCI index" } else { "OCI manifest" };
    Code::ManifestUnknown.with(json!(format!("{what} found, but accept header does not support it")))
}

/// What a manifest's bytes say that it is.
fn media_type(bytes: &[u8]) -> &'static str {
    let limit = Limits::default().json;
    let said = serde_json::from_slice::<serde_json::Value>(bytes).ok();
    let said = said.as_ref().and_then(|value| value.get("mediaType")).and_then(|kind| kind.as_str());
    let known = [media::DOCKER_MANIFEST, media::DOCKER_LIST, media::OCI_MANIFEST, media::OCI_INDEX];
    if let Some(kind) = known.into_iter().find(|kind| said == Some(kind)) {
        return kind;
    }
    match Document::parse(bytes, "", limit) {
        Ok(Document::Index(_)) => media::OCI_INDEX,
        _ => media::OCI_MANIFEST,
    }
}

fn put(
    server: &Server,
    kernel: &mut dyn Kernel,
    request: &Request<'_>,
    name: &str,
    reference: &str,
    digest: Option<&Digest>,
) -> Result<Answer, Fault> {
    let store = &server.store;
    let invalid = || Code::ManifestInvalid.with(json!({}));
    let kind = request.content_type();
    if !crate::oci::manifest::is_image_document(kind) {
        return Err(invalid());
    }
    let bytes = request.body;
    if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
        return Err(Code::ManifestInvalid.with(json!({ "Offset": offset(bytes, &error) })));
    }
    let document = Document::parse(bytes, kind, Limits::default().json).map_err(|_| invalid())?;
    if digest.is_some_and(|digest| *digest != digest.like(bytes)) {
        return Err(Code::DigestInvalid.plain());
    }
    if digest.is_none() && !is_tag(reference) {
        return Err(Code::ManifestInvalid.with(json!({})));
    }
    let mut missing = Vec::new();
    let named: Vec<Digest> = match &document {
        Document::Manifest(manifest) => {
            let all = std::iter::once(&manifest.config).chain(&manifest.layers);
            all.filter(|one| one.urls.is_empty()).map(|one| one.digest).collect()
        }
        Document::Index(index) => index.manifests.iter().map(|one| one.digest).collect(),
    };
    for digest in named {
        let is_here = match &document {
            Document::Manifest(_) => store.blob_size(kernel, name, &digest).map_err(broken)?.is_some(),
            Document::Index(_) => store.manifest(kernel, name, &digest).map_err(broken)?.is_some(),
        };
        if !is_here {
            missing.push(Code::ManifestBlobUnknown.with(json!(digest.to_string())));
        }
    }
    if !missing.is_empty() {
        return Ok(refuse(&missing));
    }
    let tag = digest.is_none().then_some(reference);
    let digest = store.put_manifest(kernel, name, tag, bytes).map_err(broken)?;
    Ok(Answer::new(201, "")
        .with("Location", format!("http://{}/v2/{name}/manifests/{digest}", request.host))
        .with("Docker-Content-Digest", digest.to_string()))
}

/// Returns the offset at which Go reports invalid JSON.
fn offset(bytes: &[u8], error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return bytes.len();
    }
    let before: usize =
        bytes.split_inclusive(|b| *b == b'\n').take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    before + error.column()
}
