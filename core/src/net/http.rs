//! Addresses of the web, and one request to one.

use super::names::lookup;
use super::web::{self, Answer, Request};
use crate::engine::Engine;
use crate::engine::wire::{Taker, Wire};
use crate::program::{Process, System};

/// `http://host:port/path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    pub secure: bool,
    pub host: String,
    pub port: u16,
    pub path: String,
}

impl Url {
    /// Reads one; a scheme may be missing. The error is the scheme that is not known, or nothing where the rest is bad.
    pub(super) fn parse(text: &str) -> Result<Self, Option<String>> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        if !matches!(scheme, "http" | "https") {
            return Err(Some(scheme.to_owned()));
        }
        let secure = scheme == "https";
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().map_err(|_| None)?),
            _ => (authority, if secure { 443 } else { 80 }),
        };
        if host.is_empty() {
            return Err(None);
        }
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { secure, host: host.to_owned(), port, path })
    }
}

/// Why nothing was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Silence {
    /// The name means nothing here.
    NoName,
    /// Nobody listens, at this address.
    Refused(String),
    /// The connection was taken and given up.
    Reset(String),
    /// No way leads there, or nobody is there.
    NoWay(String),
    /// It is not of the lab.
    Beyond(String),
    /// The lab's own state cannot be read.
    Broken(String),
}

/// What a look-up and a connection gave: the address, and who takes it.
pub(super) fn connect(
    system: &mut System<'_>,
    process: &Process,
    host: &str,
    port: u16,
) -> Result<(String, Taker), Silence> {
    let broken = |error: crate::engine::Error| Silence::Broken(error.to_string());
    let wire = Wire::of(&mut Engine::of(system).map_err(broken)?).map_err(broken)?;
    let from = wire.place(&process.place);
    let address = lookup(system, process, &wire, &from, host).ok_or(Silence::NoName)?;
    let mut engine = Engine::of(system).map_err(broken)?;
    let taker = wire.connect(&from, address, port, &mut |container| web::ports(&mut engine, container));
    let shown = address.to_string();
    match taker {
        Taker::Refused => Err(Silence::Refused(shown)),
        Taker::Reset => Err(Silence::Reset(shown)),
        Taker::Nobody => Err(Silence::NoWay(shown)),
        Taker::Beyond => Err(Silence::Beyond(shown)),
        taker @ Taker::Container { .. } => Ok((shown, taker)),
    }
}

/// What a client sends beside the address.
#[derive(Debug, Clone, Default)]
pub(super) struct Sending {
    pub method: String,
    pub agent: String,
    /// Names with values.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Sending {
    /// A request without a body.
    pub(super) fn plain(method: &str, agent: &str) -> Self {
        Self { method: method.to_owned(), agent: agent.to_owned(), ..Self::default() }
    }
}

/// One request.
pub(super) fn fetch(
    system: &mut System<'_>,
    process: &Process,
    url: &Url,
    sending: &Sending,
) -> Result<(String, Answer), Silence> {
    let (address, taker) = connect(system, process, &url.host, url.port)?;
    let broken = |error: crate::engine::Error| Silence::Broken(error.to_string());
    let Taker::Container { id, client, .. } = taker else { return Err(Silence::Refused(address)) };
    let mut engine = Engine::of(system).map_err(broken)?;
    let Some(container) = engine.container(&id).map_err(broken)? else {
        return Err(Silence::Refused(address));
    };
    let host = if url.port == 80 { url.host.clone() } else { format!("{}:{}", url.host, url.port) };
    let Sending { method, agent, headers, body } = sending;
    let request = Request { method, path: &url.path, agent, client: &client, host: &host, headers, body };
    match web::ask(&mut engine, &container, &request) {
        Some(answer) => Ok((address, answer)),
        None => Err(Silence::Reset(address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        for (text, want) in [
            ("localhost", Ok((false, "localhost", 80, "/"))),
            ("http://web:8080/a/b?c#d", Ok((false, "web", 8080, "/a/b?c"))),
            ("https://x", Ok((true, "x", 443, "/"))),
            ("http://[::1]:81/", Ok((false, "[::1]", 81, "/"))),
            ("localhost?x", Ok((false, "localhost", 80, "/?x"))),
            ("ftp://x", Err(Some("ftp".to_owned()))),
            ("http://:80", Err(None)),
            ("http://x:y", Err(None)),
        ] {
            let got = Url::parse(text);
            let got = got.as_ref().map(|u| (u.secure, u.host.as_str(), u.port, u.path.as_str()));
            assert_eq!(got, want.as_ref().map(|w| *w), "{text}");
        }
    }
}
