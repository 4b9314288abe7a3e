//! The files of the page, read once: what is not among them cannot be asked for, whatever a path says.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

use super::policy::{self, Origin};

/// A file and how it is sent.
#[derive(Debug)]
pub(super) struct Page {
    plain: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
    pub(super) kind: &'static str,
    pub(super) cache: &'static str,
    /// `ETag`, quoted.
    pub(super) tag: String,
    pub(super) policy: HeaderValue,
    /// Whether pages of other origins may load it.
    pub(super) lent: bool,
}

/// The page as a guest in other pages, and the script that puts it there.
const EMBEDDED: &str = "/embed.html";
const ELEMENT: &str = "/layer-lab.js";

/// The files, by the path of their URL.
#[derive(Debug)]
pub struct Site {
    pages: BTreeMap<String, Page>,
}

impl Site {
    /// Reads a folder that `cargo xtask build` made: each file, with its `.gz` and `.br` beside it. Pages of the named
    /// origins may frame the embedded lab; nobody may frame the page.
    ///
    /// # Errors
    /// The file system's; `NotFound` where there is no `index.html`.
    pub fn read(dist: &Path, framed_by: &[Origin]) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        let mut folders = vec![(dist.to_path_buf(), String::from("/"))];
        while let Some((folder, url)) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                let Ok(name) = entry.file_name().into_string() else { continue };
                // What is hidden there (.git, an editor's file) is no part of the page.
                if name.starts_with('.') {
                    continue;
                }
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push((entry.path(), format!("{url}{name}/")));
                } else if kind.is_file() {
                    files.insert(format!("{url}{name}"), Bytes::from(std::fs::read(entry.path())?));
                }
            }
        }
        let index = files.get("/index.html").ok_or(io::ErrorKind::NotFound)?;
        let usual = policy::of_page(&String::from_utf8_lossy(index), &[]);
        let is_packed = |path: &str| {
            let plain = path.strip_suffix(".gz").or_else(|| path.strip_suffix(".br"));
            plain.is_some_and(|plain| files.contains_key(plain))
        };
        let pages = files.iter().filter(|(path, _)| !is_packed(path)).map(|(path, plain)| {
            let page = Page {
                plain: plain.clone(),
                gzip: files.get(&format!("{path}.gz")).cloned(),
                brotli: files.get(&format!("{path}.br")).cloned(),
                kind: media_type(path),
                cache: cache(path),
                tag: tag(plain),
                policy: if media_type(path).starts_with("text/html") {
                    let by = if path == EMBEDDED { framed_by } else { &[] };
                    policy::of_page(&String::from_utf8_lossy(plain), by)
                } else {
                    usual.clone()
                },
                lent: path == ELEMENT && !framed_by.is_empty(),
            };
            (path.clone(), page)
        });
        Ok(Self { pages: pages.collect() })
    }

    /// The folder of the page: the one named, or `dist` here, or beside the program (where a build and an installation
    /// put it).
    pub fn folder(named: Option<&Path>) -> Option<PathBuf> {
        if let Some(named) = named {
            return Some(named.to_path_buf());
        }
        let program = std::env::current_exe().ok();
        let beside = program.as_deref().and_then(Path::parent).map(Path::to_path_buf);
        let beside = beside.into_iter().flat_map(|folder| {
            [folder.join("dist"), folder.join("../share/layerlab/dist"), folder.join("../../dist")]
        });
        std::iter::once(PathBuf::from("dist"))
            .chain(beside)
            .find(|folder| folder.join("index.html").is_file())
    }

    /// The file at a path of a URL; `/` is the page, `/?embed` the embedded lab.
    pub(super) fn page(&self, path: &str, query: Option<&str>) -> Option<&Page> {
        let mut names = query.unwrap_or_default().split('&').map(|part| part.split('=').next());
        let is_guest = names.any(|name| name == Some("embed"));
        match path {
            "/" | "/index.html" if is_guest && self.pages.contains_key(EMBEDDED) => self.pages.get(EMBEDDED),
            "/" => self.pages.get("/index.html"),
            _ => self.pages.get(path),
        }
    }
}

impl Page {
    /// The smallest form that the client takes, and its encoding.
    pub(super) fn body(&self, headers: &HeaderMap) -> (Option<&'static str>, Bytes) {
        let packed = [("br", &self.brotli), ("gzip", &self.gzip)];
        let best = packed.into_iter().find_map(|(name, body)| {
            body.as_ref()
                .filter(|body| body.len() < self.plain.len() && takes(headers, name))
                .map(|body| (name, body))
        });
        match best {
            Some((name, body)) => (Some(name), body.clone()),
            None => (None, self.plain.clone()),
        }
    }
}

/// Whether `Accept-Encoding` names the encoding, and not with the weight 0 (RFC 9110, section 12.5.3).
fn takes(headers: &HeaderMap, encoding: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused = parts.any(|part| {
            part.strip_prefix("q=")
                .and_then(|weight| weight.parse::<f32>().ok())
                .is_some_and(|weight| weight <= 0.0)
        });
        named && !refused
    })
}

/// A name with its content's hash never changes its content.
fn cache(path: &str) -> &'static str {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
    let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { "public, max-age=31536000, immutable" } else { "no-cache" }
}

fn tag(content: &[u8]) -> String {
    let mut tag = String::from("\"");
    for byte in Sha256::digest(content).iter().take(16) {
        // Writing to a string does not fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/vnd.microsoft.icon",
        "woff2" => "font/woff2",
        "md" | "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
