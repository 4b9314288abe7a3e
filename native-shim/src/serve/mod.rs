//! The server of the page: static files on a loopback address, with the headers that the page's safety rests on.

mod patient;
mod policy;
mod site;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

pub use policy::Origin;
pub use site::Site;

use patient::{Patient, WRITE_TIME};
use site::Page;

/// Connections at once; a browser opens six.
const CONNECTIONS: usize = 128;
/// How long the head of a request may take.
const HEAD_TIME: Duration = Duration::from_secs(10);

type Answer = Response<Full<Bytes>>;

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: std::net::TcpListener,
    site: Site,
}

impl Server {
    /// Listens on an address; port 0 takes a free one.
    ///
    /// # Errors
    /// The socket's: the port is taken, or the address is not this machine's.
    pub fn listen(address: SocketAddr, site: Site) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, site })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The socket's.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until the process ends.
    ///
    /// # Errors
    /// The runtime's, or the listening socket's.
    pub fn run(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        runtime.block_on(self.answer())
    }

    async fn answer(self) -> io::Result<()> {
        let listener = TcpListener::from_std(self.listener)?;
        let (site, slots) = (Arc::new(self.site), Arc::new(Semaphore::new(CONNECTIONS)));
        loop {
            let slot = Arc::clone(&slots).acquire_owned().await.map_err(io::Error::other)?;
            // A connection that ends before it is taken, or a machine out of descriptors: neither ends the server.
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let Ok(own) = stream.local_addr() else { continue };
            let site = Arc::clone(&site);
            tokio::spawn(async move {
                let service = service_fn(|request| {
                    let answer = respond(&site, own, &request);
                    async move { Ok::<_, Infallible>(answer) }
                });
                let mut http = http1::Builder::new();
                http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
                // What a client does wrong is the client's.
                let stream = TokioIo::new(Patient::new(stream, WRITE_TIME));
                let _ = http.serve_connection(stream, service).await;
                drop(slot);
            });
        }
    }
}

fn respond(site: &Site, own: SocketAddr, request: &Request<Incoming>) -> Answer {
    let mut answer = route(site, own, request.method(), request.uri(), request.headers());
    if request.method() == Method::HEAD {
        *answer.body_mut() = Full::default();
    }
    answer
}

/// The answer to a request, without looking at its body.
fn route(site: &Site, own: SocketAddr, method: &Method, uri: &Uri, headers: &HeaderMap) -> Answer {
    // A page elsewhere can make a browser come here under a name of its own (DNS rebinding): only the address counts.
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().map(HeaderValue::as_bytes);
    if host != Some(own.to_string().as_bytes()) || hosts.next().is_some() {
        let text = format!("this server answers to http://{own}/ and to no other name\n");
        return plain(StatusCode::MISDIRECTED_REQUEST, text);
    }
    if method != Method::GET && method != Method::HEAD {
        let mut answer =
            plain(StatusCode::METHOD_NOT_ALLOWED, "this server has files to read, and nothing else\n");
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    match site.page(uri.path(), uri.query()) {
        Some(page) => file(page, headers),
        None => plain(StatusCode::NOT_FOUND, "there is no such file\n"),
    }
}

fn file(page: &Page, headers: &HeaderMap) -> Answer {
    let tag = HeaderValue::from_str(&page.tag).expect("a quoted hexadecimal number");
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        let mut tags = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        tags.any(|known| known.strip_prefix(b"W/").unwrap_or(known) == page.tag.as_bytes())
    });
    let (encoding, body) = if known { (None, Bytes::new()) } else { page.body(headers) };
    let mut answer = Response::new(Full::new(body));
    if known {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let fields = answer.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(page.kind));
    fields.insert(header::ETAG, tag);
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static(page.cache));
    fields.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    policy::protect(fields, &page.policy);
    if page.lent {
        policy::lend(fields);
    }
    answer
}

fn plain(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(text.into()));
    *answer.status_mut() = status;
    let fields = answer.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    policy::protect(fields, &HeaderValue::from_static(policy::NOTHING));
    answer
}

#[cfg(test)]
mod tests;
