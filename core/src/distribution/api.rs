//! From a request to what answers it.

use serde_json::json;

use super::answer::{Answer, Code, Fault, Request, broken};
use super::server::{Moment, Server};
use super::{manifests, uploads};
use crate::kernel::Kernel;
use crate::oci::Digest;

/// What a path means.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Route {
    Base,
    Catalog,
    Tags,
    Manifest(String),
    Blob(String),
    Begin,
    Upload(String),
}

impl Route {
    /// The methods, in the order of the `Allow` header.
    fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Base | Self::Catalog | Self::Tags => &["GET"],
            Self::Manifest(_) => &["DELETE", "GET", "HEAD", "PUT"],
            Self::Blob(_) => &["DELETE", "GET", "HEAD"],
            Self::Begin => &["POST"],
            Self::Upload(_) => &["DELETE", "GET", "HEAD", "PATCH", "PUT"],
        }
    }
}

impl Server {
    /// Answers a request.
    pub fn answer(&self, kernel: &mut dyn Kernel, request: &Request<'_>, moment: &Moment) -> Answer {
        let path = request.path.split('?').next().unwrap_or_default();
        if path == "/" {
            return Answer::new(200, "").with("Cache-Control", "no-cache").sized();
        }
        let answer = match route(path) {
            None if path == "/v2" => Answer::new(301, "<a href=\"/v2/\">Moved Permanently</a>.\n\n")
                .with("Content-Type", "text/html; charset=utf-8")
                .with("Location", "/v2/"),
            None => Answer::text(404, "404 page not found"),
            Some((_, route)) if !route.methods().contains(&request.method) => {
                Answer::text(405, "Method not allowed").with("Allow", route.methods().join(", "))
            }
            Some((name, route)) => {
                self.routed(kernel, request, moment, name, &route).unwrap_or_else(Answer::from)
            }
        };
        answer.with("Docker-Distribution-Api-Version", "registry/2.0").sized()
    }

    fn routed(
        &self,
        kernel: &mut dyn Kernel,
        request: &Request<'_>,
        moment: &Moment,
        name: &str,
        route: &Route,
    ) -> Result<Answer, Fault> {
        match route {
            Route::Base => Ok(Answer::new(200, "{}").with("Content-Type", "application/json; charset=utf-8")),
            Route::Catalog => self.catalog(kernel, request),
            Route::Tags => match self.store.tags(kernel, name).map_err(broken)? {
                None => Err(Code::NameUnknown.with(json!({ "name": name }))),
                Some(tags) if tags.is_empty() => Ok(tags_list(name, "null")),
                Some(tags) => {
                    let tags = crate::oci::json::to_go_json(&tags);
                    Ok(tags_list(name, &String::from_utf8_lossy(&tags)))
                }
            },
            Route::Manifest(reference) => manifests::answer(self, kernel, request, name, reference),
            Route::Blob(digest) => self.blob(kernel, request, name, digest),
            Route::Begin => uploads::begin(self, kernel, request, moment, name),
            Route::Upload(id) => uploads::answer(self, kernel, request, moment, name, id),
        }
    }

    fn catalog(&self, kernel: &mut dyn Kernel, request: &Request<'_>) -> Result<Answer, Fault> {
        let all = self.store.repositories(kernel).map_err(broken)?;
        let last = request.query("last").unwrap_or_default();
        let most = request.query("n").and_then(|n| n.parse::<usize>().ok()).unwrap_or(100);
        let after: Vec<&String> = all.iter().filter(|name| **name > last).collect();
        let shown: Vec<&String> = after.iter().copied().take(most).collect();
        let next = shown.last().filter(|_| after.len() > shown.len());
        let answer = Answer::json(200, &json!({ "repositories": shown }));
        Ok(match next {
            Some(last) => answer.with("Link", format!("</v2/_catalog?last={last}&n={most}>; rel=\"next\"")),
            None => answer,
        })
    }

    fn blob(
        &self,
        kernel: &mut dyn Kernel,
        request: &Request<'_>,
        name: &str,
        text: &str,
    ) -> Result<Answer, Fault> {
        let digest = Digest::parse(text).map_err(|_| Code::DigestInvalid.with(json!({})))?;
        if request.method == "DELETE" {
            if !self.deletes {
                return Err(Code::Unsupported.plain());
            }
            let had = self.store.unlink_blob(kernel, name, &digest).map_err(broken)?;
            return if had { Ok(Answer::new(202, "")) } else { Err(Code::BlobUnknown.plain()) };
        }
        let found = self.store.blob_size(kernel, name, &digest).map_err(broken)?;
        let bytes = if found.is_some() { self.store.blob(kernel, &digest).map_err(broken)? } else { None };
        let Some(bytes) = bytes else { return Err(Code::BlobUnknown.with(json!(text))) };
        let asked = request.headers("Range").next().and_then(|range| range.strip_prefix("bytes="));
        let (status, range) = match asked.map(|asked| range_of(asked, bytes.len())) {
            None => (200, 0..bytes.len()),
            Some(Some(range)) => (206, range),
            Some(None) => {
                return Ok(Answer::text(416, "invalid range: failed to overlap")
                    .with("Content-Range", format!("bytes */{}", bytes.len())));
            }
        };
        let mut answer = Answer::new(status, bytes[range.clone()].to_vec())
            .with("Accept-Ranges", "bytes")
            .with("Cache-Control", "max-age=31536000")
            .with("Content-Type", "application/octet-stream")
            .with("Docker-Content-Digest", digest.to_string())
            .with("Etag", format!("\"{digest}\""));
        if status == 206 {
            let text = format!("bytes {}-{}/{}", range.start, range.end.saturating_sub(1), bytes.len());
            answer = answer.with("Content-Range", text);
        }
        Ok(answer)
    }
}

impl Answer {
    /// With the length of its body, but for an answer that has none.
    fn sized(self) -> Self {
        if self.status == 204 {
            return self;
        }
        let length = self.body.len().to_string();
        self.with("Content-Length", length)
    }
}

/// `{"name":…,"tags":…}`, in this order.
fn tags_list(name: &str, tags: &str) -> Answer {
    Answer::new(200, format!("{{\"name\":\"{name}\",\"tags\":{tags}}}\n"))
        .with("Content-Type", "application/json; charset=utf-8")
}

/// `0-2`, `5-`, `-3` (RFC 9110, section 14.1.2): one range alone.
fn range_of(asked: &str, len: usize) -> Option<std::ops::Range<usize>> {
    let (first, last) = asked.split_once('-')?;
    if first.is_empty() {
        let count: usize = last.parse().ok()?;
        return Some(len.saturating_sub(count)..len);
    }
    let first: usize = first.parse().ok()?;
    let end = if last.is_empty() { len } else { last.parse::<usize>().ok()?.saturating_add(1).min(len) };
    (first < end).then_some(first..end)
}

/// What a path means, and the repository in it.
fn route(path: &str) -> Option<(&str, Route)> {
    let rest = path.strip_prefix("/v2/")?;
    match rest {
        "" => return Some(("", Route::Base)),
        "_catalog" => return Some(("", Route::Catalog)),
        _ => {}
    }
    let (head, last) = rest.rsplit_once('/')?;
    let (name, route) = if let Some(name) = head.strip_suffix("/blobs/uploads") {
        (name, if last.is_empty() { Route::Begin } else { Route::Upload(last.to_owned()) })
    } else if let Some(name) = head.strip_suffix("/blobs") {
        let is_begin = last == "uploads";
        (name, if is_begin { Route::Begin } else { Route::Blob(last.to_owned()) })
    } else if let Some(name) = head.strip_suffix("/manifests") {
        (name, Route::Manifest(last.to_owned()))
    } else if let Some(name) = head.strip_suffix("/tags").filter(|_| last == "list") {
        (name, Route::Tags)
    } else {
        return None;
    };
    is_name(name).then_some((name, route))
}

/// Whether a text is a repository's name (distribution-spec, "Pulling manifests").
fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() < 256
        && name.split('/').all(|part| {
            part.starts_with(is_plain)
                && part.ends_with(is_plain)
                && part.chars().all(|c| is_plain(c) || matches!(c, '.' | '_' | '-'))
        })
}
