//! Requests and answers, and the errors' JSON.

use serde_json::{Value, json};

/// A request to a registry.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// `GET`.
    pub method: &'r str,
    /// The path with its query.
    pub path: &'r str,
    /// `localhost:5000`, which begins the addresses in answers.
    pub host: &'r str,
    /// Names with values, as they were sent.
    pub headers: &'r [(String, String)],
    /// What was sent.
    pub body: &'r [u8],
}

impl Request<'_> {
    /// The values of all headers of a name.
    pub(super) fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The value of a name in the query, with its escapes undone.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let query = self.path.split_once('?')?.1;
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key == name).then(|| unescape(value))
        })
    }

    /// The media type of the body.
    pub(super) fn content_type(&self) -> &str {
        self.headers("Content-Type").next().unwrap_or_default().split(';').next().unwrap_or_default().trim()
    }

    /// What is left of the body when the server has looked for a form in it: Go's `ParseForm` reads a form's body away,
    /// and curl calls everything a form unless it is told otherwise.
    pub(super) fn content(&self) -> &[u8] {
        if self.content_type() == "application/x-www-form-urlencoded" { &[] } else { self.body }
    }
}

fn unescape(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match (first, code.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => {
                out.push(b' ');
                rest = tail;
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What a registry answers. The body is there for `HEAD` too; whoever sends it leaves it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names with values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    pub(super) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A document, as Go's encoder writes one.
    pub(super) fn json(status: u16, value: &Value) -> Self {
        let mut body = crate::oci::json::to_go_json(value);
        body.push(b'\n');
        Self::new(status, body).with("Content-Type", "application/json; charset=utf-8")
    }

    pub(super) fn text(status: u16, text: &str) -> Self {
        Self::new(status, format!("{text}\n"))
            .with("Content-Type", "text/plain; charset=utf-8")
            .with("X-Content-Type-Options", "nosniff")
    }

    /// The words of the status (RFC 9110, section 15).
    pub fn reason(&self) -> &'static str {
        match self.status {
            200 => "OK",
            201 => "Created",
            202 => "Accepted",
            204 => "No Content",
            206 => "Partial Content",
            301 => "Moved Permanently",
            400 => "Bad Request",
            404 => "Not Found",
            405 => "Method Not Allowed",
            416 => "Requested Range Not Satisfiable",
            _ => "Internal Server Error",
        }
    }
}

/// An error of the API: its code and its detail.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    code: Code,
    detail: Option<Value>,
}

/// The codes (distribution-spec, "Error Codes").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    BlobUnknown,
    UploadInvalid,
    UploadUnknown,
    DigestInvalid,
    ManifestBlobUnknown,
    ManifestInvalid,
    ManifestUnknown,
    NameUnknown,
    Unsupported,
    Unknown,
}

impl Code {
    /// Its name, its message, its status.
    fn row(self) -> (&'static str, &'static str, u16) {
        match self {
            Self::BlobUnknown => ("BLOB_UNKNOWN", "blob unknown to registry", 404),
            Self::UploadInvalid => ("BLOB_UPLOAD_INVALID", "blob upload invalid", 400),
            Self::UploadUnknown => ("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", 404),
            Self::DigestInvalid => ("DIGEST_INVALID", "provided digest did not match uploaded content", 400),
            Self::ManifestBlobUnknown => ("MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", 400),
            Self::ManifestInvalid => ("MANIFEST_INVALID", "manifest invalid", 400),
            Self::ManifestUnknown => ("MANIFEST_UNKNOWN", "manifest unknown", 404),
            Self::NameUnknown => ("NAME_UNKNOWN", "repository name not known to registry", 404),
            Self::Unsupported => ("UNSUPPORTED", "The operation is unsupported.", 405),
            Self::Unknown => ("UNKNOWN", "unknown error", 500),
        }
    }

    pub(super) fn plain(self) -> Fault {
        Fault { code: self, detail: None }
    }

    pub(super) fn with(self, detail: Value) -> Fault {
        Fault { code: self, detail: Some(detail) }
    }
}

/// The answer for errors; the first one's status counts.
pub(super) fn refuse(faults: &[Fault]) -> Answer {
    let status = faults.first().map_or(500, |fault| fault.code.row().2);
    let rows: Vec<String> = faults
        .iter()
        .map(|fault| {
            let (code, message, _) = fault.code.row();
            let mut text = format!("{{\"code\":\"{code}\",\"message\":\"{message}\"");
            if let Some(detail) = &fault.detail {
                text.push_str(",\"detail\":");
                text.push_str(&String::from_utf8_lossy(&crate::oci::json::to_go_json(detail)));
            }
            text.push('}');
            text
        })
        .collect();
    Answer::new(status, format!("{{\"errors\":[{}]}}\n", rows.join(",")))
        .with("Content-Type", "application/json; charset=utf-8")
}

impl From<Fault> for Answer {
    fn from(fault: Fault) -> Self {
        refuse(&[fault])
    }
}

/// The disk's error.
pub(super) fn broken(errno: crate::kernel::Errno) -> Fault {
    Code::Unknown.with(json!(errno.text()))
}
