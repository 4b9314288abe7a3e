//! One registry: requests, the answer to its challenge, and what its statuses mean.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use layerlab_core::oci::manifest::media;
use layerlab_core::oci::{Digest, Limits, Reference};
use ureq::http::{Method, Request, Response, StatusCode, Uri, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, SendBody};

use super::RegistryError;
use super::auth::{Challenge, Credentials, escape};

/// Docker Hub answers under another name than its images have.
const HUB: &str = "registry-1.docker.io";
const SAID_MAX: u64 = 64 << 10;
const TOKEN_MAX: u64 = 1 << 20;

/// How a registry is spoken to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Transport {
    /// TLS, and plain HTTP on loopback.
    #[default]
    Usual,
    /// Plain HTTP.
    Plain,
    /// TLS on loopback too.
    Tls,
}

/// A registry, and who asks.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    registry: String,
    base: String,
    credentials: Option<Credentials>,
    /// The `Authorization` that worked, by scope.
    known: Mutex<BTreeMap<String, String>>,
    /// The most bytes of a document.
    pub(super) limits: Limits,
}

/// What a request carries.
pub(super) enum Payload<'a> {
    Nothing,
    Bytes(&'a [u8]),
    /// A stream of this many bytes, which cannot be sent twice.
    Stream(&'a mut dyn Read, u64),
}

/// A manifest as it came.
#[derive(Debug, Clone)]
pub(super) struct RemoteManifest {
    pub(super) media_type: String,
    pub(super) bytes: Vec<u8>,
    pub(super) digest: Digest,
}

impl Client {
    /// A client of the registry that images of this name are in. Without credentials, those of `docker login` are used.
    pub fn new(domain: &str, transport: Transport, credentials: Option<Credentials>, limits: Limits) -> Self {
        let host = if domain == "docker.io" { HUB } else { domain };
        let is_plain = match transport {
            Transport::Usual => is_loopback(host),
            Transport::Plain => true,
            Transport::Tls => false,
        };
        let scheme = if is_plain { "http" } else { "https" };
        // The one provider in the tree; a second install in one process changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(!is_plain)
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
            .timeout_connect(Some(Duration::from_secs(30)))
            .timeout_recv_response(Some(Duration::from_mins(2)))
            .timeout_per_read(Some(Duration::from_mins(1)))
            .user_agent(concat!("layerlab/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Self {
            agent,
            registry: domain.to_owned(),
            base: format!("{scheme}://{host}/v2/"),
            credentials: credentials.or_else(|| Credentials::of_docker(domain)),
            known: Mutex::new(BTreeMap::new()),
            limits,
        }
    }

    /// Whether the registry takes these credentials.
    pub fn check(&self) -> Result<(), RegistryError> {
        let request = self.request(Method::GET, self.base.clone());
        let mut response = self.send("", request, Payload::Nothing)?;
        if response.status().is_success() { Ok(()) } else { Err(self.status(&self.registry, &mut response)) }
    }

    /// The registry's scheme and host.
    pub(super) fn address(&self) -> &str {
        self.base.trim_end_matches("/v2/")
    }

    /// Where something of a repository is.
    pub(super) fn url(&self, repository: &str, rest: &str) -> String {
        format!("{}{repository}/{rest}", self.base)
    }

    /// An address that the registry gave: whole, or from its own root.
    pub(super) fn resolve(&self, location: &str) -> String {
        match location.strip_prefix('/') {
            Some(path) => format!("{}/{path}", self.address()),
            None => location.to_owned(),
        }
    }

    pub(super) fn request(&self, method: Method, url: String) -> ureq::http::request::Builder {
        Request::builder().method(method).uri(url)
    }

    /// Sends a request for what the scope allows, and again with what the registry's challenge wants. Credentials go to
    /// the registry's own address alone, and to the one that it names for tokens.
    pub(super) fn send(
        &self,
        scope: &str,
        request: ureq::http::request::Builder,
        mut payload: Payload<'_>,
    ) -> Result<Response<Body>, RegistryError> {
        let request = request.body(()).map_err(|error| self.failed(&error))?;
        let own = same_origin(request.uri(), &self.base);
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(scope).cloned();
        let response = self.once(&request, known.filter(|_| own), &mut payload)?;
        if response.status() != StatusCode::UNAUTHORIZED || !own {
            return Ok(response);
        }
        let mut challenges = response.headers().get_all(header::WWW_AUTHENTICATE).into_iter();
        let challenge = challenges.find_map(|value| Challenge::parse(value.to_str().ok()?));
        let Some(authorization) = challenge.map(|c| self.answer(&c, scope)).transpose()?.flatten() else {
            return Ok(response);
        };
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(scope.to_owned(), authorization.clone());
        if matches!(payload, Payload::Stream(..)) {
            // What was read of it is gone: the caller takes it up again.
            return Ok(response);
        }
        self.once(&request, Some(authorization), &mut payload)
    }

    fn once(
        &self,
        request: &Request<()>,
        authorization: Option<String>,
        payload: &mut Payload<'_>,
    ) -> Result<Response<Body>, RegistryError> {
        let mut again = Request::builder().method(request.method()).uri(request.uri());
        for (name, value) in request.headers() {
            again = again.header(name, value);
        }
        if let Some(value) = authorization {
            again = again.header(header::AUTHORIZATION, value);
        }
        let sent = match payload {
            Payload::Nothing => again.body(()).map(|request| self.agent.run(request)),
            Payload::Bytes(bytes) => again.body(*bytes).map(|request| self.agent.run(request)),
            Payload::Stream(reader, len) => again
                .header(header::CONTENT_LENGTH, *len)
                .body(SendBody::from_reader(*reader))
                .map(|request| self.agent.run(request)),
        };
        sent.map_err(|error| self.failed(&error))?.map_err(|error| self.failed(&error))
    }

    /// The `Authorization` that a challenge wants; `None` if it wants a name and nobody gave one.
    fn answer(&self, challenge: &Challenge, scope: &str) -> Result<Option<String>, RegistryError> {
        let (realm, service) = match challenge {
            Challenge::Basic => return Ok(self.credentials.as_ref().map(Credentials::basic)),
            Challenge::Bearer { realm, service } => (realm, service),
        };
        let mut query: Vec<String> =
            scope.split_whitespace().map(|s| format!("scope={}", escape(s))).collect();
        query.extend(service.iter().map(|service| format!("service={}", escape(service))));
        let mark = if realm.contains('?') { '&' } else { '?' };
        let mut request = Request::builder().uri(format!("{realm}{mark}{}", query.join("&")));
        let realm: Option<Uri> = realm.parse().ok();
        if let Some(who) =
            self.credentials.as_ref().filter(|_| realm.is_some_and(|realm| may_know(&realm, &self.base)))
        {
            request = request.header(header::AUTHORIZATION, who.basic());
        }
        let request = request.body(()).map_err(|error| self.failed(&error))?;
        let mut response = self.agent.run(request).map_err(|error| self.failed(&error))?;
        if !response.status().is_success() {
            return Ok(None);
        }
        #[derive(serde::Deserialize)]
        struct Token {
            token: Option<String>,
            access_token: Option<String>,
        }
        let body = response.body_mut().with_config().limit(TOKEN_MAX).read_to_vec();
        let body = body.map_err(|error| self.failed(&error))?;
        let token: Token = serde_json::from_slice(&body).map_err(|error| self.failed(&error))?;
        Ok(token.token.or(token.access_token).map(|token| format!("Bearer {token}")))
    }

    /// The manifest, or the index, that a reference means.
    pub(super) fn manifest(&self, name: &Reference) -> Result<RemoteManifest, RegistryError> {
        let tag =
            name.digest.map_or_else(|| name.tag.clone().unwrap_or_default(), |digest| digest.to_string());
        let url = self.url(&name.path, &format!("manifests/{tag}"));
        let accept =
            [media::OCI_INDEX, media::OCI_MANIFEST, media::DOCKER_LIST, media::DOCKER_MANIFEST].join(", ");
        let request = self.request(Method::GET, url).header(header::ACCEPT, accept);
        let mut response = self.send(&pull_scope(&name.path), request, Payload::Nothing)?;
        let what = name.to_string();
        if !response.status().is_success() {
            return Err(self.status(&what, &mut response));
        }
        let text = |key| response.headers().get(key).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let media_type = text(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        let said = text("docker-content-digest");
        let limit = self.limits.json as u64;
        let bytes = response.body_mut().with_config().limit(limit).read_to_vec();
        let bytes = bytes.map_err(|error| self.failed(&error))?;
        let said = said.and_then(|said| Digest::parse(&said).ok());
        // Under the algorithm that was asked for, else the registry's own.
        let digest =
            name.digest.or(said).map_or_else(|| Digest::of(&bytes), |expected| expected.like(&bytes));
        if let Some(expected) =
            [name.digest, said].into_iter().flatten().find(|expected| expected.like(&bytes) != *expected)
        {
            let why = format!("manifest does not match its digest: expected {expected}, got {digest}");
            return Err(RegistryError::Content { what, why });
        }
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
        Ok(RemoteManifest { media_type, bytes, digest })
    }

    /// What a status that is no success means.
    pub(super) fn status(&self, what: &str, response: &mut Response<Body>) -> RegistryError {
        match response.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => RegistryError::Denied(self.registry.clone()),
            StatusCode::NOT_FOUND => RegistryError::NotFound(what.to_owned()),
            status => {
                let said = response.body_mut().with_config().limit(SAID_MAX).read_to_string();
                RegistryError::Status {
                    what: what.to_owned(),
                    status: status.as_u16(),
                    said: said.ok().and_then(|said| first_message(&said)).unwrap_or_default(),
                }
            }
        }
    }

    pub(super) fn failed(&self, why: &dyn std::fmt::Display) -> RegistryError {
        RegistryError::Connection { registry: self.registry.clone(), why: why.to_string() }
    }
}

/// The scope that reads a repository.
pub(super) fn pull_scope(repository: &str) -> String {
    format!("repository:{repository}:pull")
}

/// The scope that writes one, and reads what is mounted from another.
pub(super) fn push_scope(repository: &str, from: Option<&str>) -> String {
    let write = format!("repository:{repository}:pull,push");
    from.map_or(write.clone(), |from| format!("{write} {}", pull_scope(from)))
}

/// The first of a registry's `errors`, visible characters alone.
fn first_message(said: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(said).ok()?;
    let error = value["errors"].get(0)?;
    let text = error["message"].as_str().or_else(|| error["code"].as_str())?;
    let text: String = text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(200).collect();
    Some(format!(": {text}"))
}

/// Whether credentials for a registry may go to an address that gives tokens: to its own, and to another one over TLS where
/// the registry was asked over TLS, as Docker has it. Nothing goes to another one in the open.
fn may_know(realm: &Uri, base: &str) -> bool {
    same_origin(realm, base) || realm.scheme_str() == Some("https") && base.starts_with("https://")
}

fn same_origin(uri: &Uri, base: &str) -> bool {
    let Ok(base) = base.parse::<Uri>() else { return false };
    uri.scheme() == base.scheme() && uri.authority() == base.authority()
}

/// `localhost`, `127.*` and `::1`, with or without a port.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_spoken_to_in_the_open_and_nothing_else() {
        for (host, plain) in [
            ("localhost:5000", true),
            ("127.0.0.1:5000", true),
            ("[::1]:5000", true),
            ("localhost.example", false),
            ("127.0.0.1.example", false),
            ("registry.example:5000", false),
        ] {
            assert_eq!(is_loopback(host), plain, "{host}");
        }
    }

    #[test]
    fn credentials_go_to_another_address_over_tls_alone() {
        for (realm, base, goes) in [
            ("https://auth.example/token", "https://registry.example/v2/", true),
            ("http://auth.example/token", "https://registry.example/v2/", false),
            ("http://127.0.0.1:5000/token", "http://127.0.0.1:5000/v2/", true),
            ("http://127.0.0.1:5001/token", "http://127.0.0.1:5000/v2/", false),
            ("https://auth.example/token", "http://127.0.0.1:5000/v2/", false),
            ("/token", "https://registry.example/v2/", false),
        ] {
            assert_eq!(may_know(&realm.parse().unwrap(), base), goes, "{realm} {base}");
        }
    }

    #[test]
    fn credentials_go_to_one_origin() {
        let base = "http://127.0.0.1:5000/v2/";
        for (url, own) in [
            ("http://127.0.0.1:5000/v2/a/blobs/x", true),
            ("http://127.0.0.1:5001/v2/a/blobs/x", false),
            ("https://127.0.0.1:5000/v2/a/blobs/x", false),
            ("http://127.0.0.1.example:5000/", false),
        ] {
            assert_eq!(same_origin(&url.parse().unwrap(), base), own, "{url}");
        }
    }
}
