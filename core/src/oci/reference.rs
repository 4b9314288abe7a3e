//! Image references, as Docker 20.10 reads and prints them (`distribution/reference`), with its error texts.
//!
//! ```text
//! reference := name [":" tag] ["@" digest]        name := [domain "/"] component ("/" component)*
//! component := [a-z0-9]+ (("." | "_" | "__" | "-"+) [a-z0-9]+)*      tag := [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use super::digest::{Digest, DigestError};

const DEFAULT_DOMAIN: &str = "docker.io";
const LEGACY_DOMAIN: &str = "index.docker.io";
const OFFICIAL: &str = "library/";
const DEFAULT_TAG: &str = "latest";
const NAME_MAX: usize = 255;

/// Why a text is no reference; `Display` is Docker 20.10's text (oracle: run-invalid-ref, tag-bad, tag-bad2,
/// pull-bad-ref, import-bad-ref).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// It does not follow the grammar.
    #[error("invalid reference format")]
    Format,
    /// The repository's name has an upper-case letter.
    #[error("invalid reference format: repository name must be lowercase")]
    Uppercase,
    /// The name is longer than 255 bytes.
    #[error("repository name must not be more than {NAME_MAX} characters")]
    TooLong,
    /// 64 hexadecimal digits are an id, never a name.
    #[error("invalid repository name ({0}), cannot specify 64-byte hexadecimal strings")]
    Hexadecimal(String),
    /// The part after `@` is no digest.
    #[error("{0}")]
    Digest(#[from] DigestError),
    /// The tag has a character or a length that tags must not have.
    #[error("invalid tag format")]
    Tag,
}

/// A repository's name with its registry, and perhaps a tag and a digest: always in full (`docker.io/library/nginx`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Reference {
    /// The registry, `docker.io` where none was written; with its port, where it has one.
    pub domain: String,
    /// The repository in that registry, `library/nginx`.
    pub path: String,
    /// The tag, if one was written.
    pub tag: Option<String>,
    /// The digest, if one was written.
    pub digest: Option<Digest>,
}

/// What a person may write where an image is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageName {
    /// `sha256:…` or 64 digits: a full id.
    Id(Digest),
    /// A reference, which may also be the start of an id.
    Name(Reference),
}

impl Reference {
    /// Reads a reference as `docker` does (`ParseNormalizedNamed`): a missing registry is Docker Hub, and `library/`
    /// is put before a name of one component there.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        if is_id(text) {
            return Err(ReferenceError::Hexadecimal(text.to_owned()));
        }
        let (domain, remainder) = split_domain(text);
        let name = remainder.split(':').next().unwrap_or_default();
        // Most names are ASCII: the tables of all other scripts' cases are not asked for them.
        let upper = |c: char| if c.is_ascii() { c.is_ascii_uppercase() } else { c.to_lowercase().ne([c]) };
        if name.contains(upper) {
            return Err(ReferenceError::Uppercase);
        }
        parse_full(&domain, &remainder)
    }

    /// The repository's full name, `docker.io/library/nginx`.
    pub fn name(&self) -> String {
        if self.domain.is_empty() { self.path.clone() } else { format!("{}/{}", self.domain, self.path) }
    }

    /// The name as people write it, `nginx` (`FamiliarName`).
    pub fn familiar_name(&self) -> String {
        if self.domain != DEFAULT_DOMAIN {
            return self.name();
        }
        match self.path.strip_prefix(OFFICIAL) {
            Some(official) if !official.contains('/') => official.to_owned(),
            _ => self.path.clone(),
        }
    }

    /// The whole reference as people write it, `nginx:latest` (`FamiliarString`).
    pub fn familiar(&self) -> String {
        let mut text = self.familiar_name();
        if let Some(tag) = &self.tag {
            text.push(':');
            text.push_str(tag);
        }
        if let Some(digest) = &self.digest {
            text.push('@');
            text.push_str(&digest.to_string());
        }
        text
    }

    /// The same with `:latest` where neither tag nor digest was written (`TagNameOnly`).
    pub fn or_latest(mut self) -> Self {
        if self.tag.is_none() && self.digest.is_none() {
            self.tag = Some(DEFAULT_TAG.to_owned());
        }
        self
    }

    /// The name alone, without tag and digest.
    pub fn repository(&self) -> Self {
        Self { tag: None, digest: None, ..self.clone() }
    }

    /// The same repository under this tag.
    pub fn with_tag(&self, tag: &str) -> Result<Self, ReferenceError> {
        if !is_tag(tag) {
            return Err(ReferenceError::Tag);
        }
        Ok(Self { tag: Some(tag.to_owned()), digest: None, ..self.clone() })
    }

    /// The same repository by digest.
    pub fn with_digest(&self, digest: Digest) -> Self {
        Self { tag: None, digest: Some(digest), ..self.clone() }
    }

    /// Whether nothing but the name was written (`IsNameOnly`).
    pub fn is_name_only(&self) -> bool {
        self.tag.is_none() && self.digest.is_none()
    }
}

impl ImageName {
    /// Reads an id or a reference (`ParseAnyReference`).
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        if is_id(text) {
            return Ok(Self::Id(Digest::from_hex(text)?));
        }
        if let Ok(digest) = Digest::parse(text) {
            return Ok(Self::Id(digest));
        }
        Reference::parse(text).map(Self::Name)
    }
}

/// In full: what is stored and what travels to a registry.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

impl TryFrom<String> for Reference {
    type Error = ReferenceError;
    fn try_from(text: String) -> Result<Self, ReferenceError> {
        Self::parse(&text)
    }
}

/// Whether the text can be a tag: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`.
pub fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let mut bytes = text.bytes();
    text.len() <= 128 && bytes.next().is_some_and(word) && bytes.all(|b| word(b) || b == b'.' || b == b'-')
}

fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn split_domain(name: &str) -> (String, String) {
    let (domain, remainder) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest),
        _ => (DEFAULT_DOMAIN, name),
    };
    let domain = if domain == LEGACY_DOMAIN { DEFAULT_DOMAIN } else { domain };
    if domain == DEFAULT_DOMAIN && !remainder.contains('/') {
        return (domain.to_owned(), format!("{OFFICIAL}{remainder}"));
    }
    (domain.to_owned(), remainder.to_owned())
}

fn parse_full(domain: &str, remainder: &str) -> Result<Reference, ReferenceError> {
    let (rest, digest) = match remainder.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (remainder, None),
    };
    let (path, tag) = match rest.split_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (rest, None),
    };
    let in_form = path.split('/').all(is_component)
        && (is_domain(domain) || is_component(domain))
        && tag.is_none_or(is_tag)
        && digest.is_none_or(is_digest_form);
    if !in_form {
        // Docker blames upper case alone if that is all that is wrong.
        let lower = path.to_lowercase();
        let only_case = lower != path
            && lower.split('/').all(is_component)
            && tag.is_none_or(is_tag)
            && digest.is_none_or(is_digest_form);
        return Err(if only_case { ReferenceError::Uppercase } else { ReferenceError::Format });
    }
    if domain.len() + 1 + path.len() > NAME_MAX {
        return Err(ReferenceError::TooLong);
    }
    Ok(Reference {
        domain: domain.to_owned(),
        path: path.to_owned(),
        tag: tag.map(str::to_owned),
        digest: digest.map(Digest::parse).transpose()?,
    })
}

/// `[a-z0-9]+ (("." | "_" | "__" | "-"+) [a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    let alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(alphanumeric) || !bytes.last().is_some_and(alphanumeric) {
        return false;
    }
    bytes
        .split(alphanumeric)
        .all(|between| matches!(between, b"" | b"." | b"_" | b"__") || between.iter().all(|b| *b == b'-'))
}

/// Host name components between dots, and perhaps a port.
fn is_domain(text: &str) -> bool {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let label = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    host.split('.').all(label) && port.is_none_or(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// The reference grammar's digest, wider than a digest is: `algorithm:` and at least 32 hexadecimal digits.
fn is_digest_form(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    algorithm.split(['-', '_', '+', '.']).all(|part| {
        part.starts_with(|c: char| c.is_ascii_alphabetic()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    }) && hex.len() >= 32
        && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, full: &str, familiar: &str) {
        let reference = Reference::parse(text).unwrap();
        assert_eq!(reference.to_string(), full, "{text}");
        assert_eq!(reference.familiar(), familiar, "{text}");
        assert_eq!(Reference::parse(full).unwrap(), reference, "{text}");
    }

    #[test]
    fn names_in_full_and_as_written() {
        check("nginx", "docker.io/library/nginx", "nginx");
        check("index.docker.io/nginx:1", "docker.io/library/nginx:1", "nginx:1");
        check("a/b:c", "docker.io/a/b:c", "a/b:c");
        check("localhost:5000/x/y:z", "localhost:5000/x/y:z", "localhost:5000/x/y:z");
        check("localhost/x", "localhost/x", "localhost/x");
        check("x--y__z.a", "docker.io/library/x--y__z.a", "x--y__z.a");
        let digest = Digest::of(b"");
        check(&format!("n@{digest}"), &format!("docker.io/library/n@{digest}"), &format!("n@{digest}"));
    }

    #[test]
    fn docker_says_why_not() {
        let hex = "e".repeat(64);
        for (text, want) in [
            ("Foo:bar", "invalid reference format: repository name must be lowercase"),
            ("UPPER:1", "invalid reference format: repository name must be lowercase"),
            ("Bad/REF", "invalid reference format: repository name must be lowercase"),
            ("lab:bad tag", "invalid reference format"),
            ("lab:", "invalid reference format"),
            ("", "invalid reference format"),
            ("a//b", "invalid reference format"),
            ("a___b", "invalid reference format"),
            ("-a", "invalid reference format"),
            ("a@sha256:1", "invalid reference format"),
            ("a@md5:d41d8cd98f00b204e9800998ecf8427e", "unsupported digest algorithm"),
            ("a@sha256:d41d8cd98f00b204e9800998ecf8427e", "invalid checksum digest length"),
        ] {
            assert_eq!(Reference::parse(text).unwrap_err().to_string(), want, "{text}");
        }
        assert!(matches!(Reference::parse(&hex), Err(ReferenceError::Hexadecimal(_))));
        assert_eq!(Reference::parse(&"a/".repeat(140)).unwrap_err(), ReferenceError::Format);
        assert_eq!(Reference::parse(&"a".repeat(250)).unwrap_err(), ReferenceError::TooLong);
    }

    #[test]
    fn ids_and_defaults() {
        assert!(matches!(ImageName::parse(&"a".repeat(64)), Ok(ImageName::Id(_))));
        assert!(matches!(ImageName::parse("sha256:0"), Ok(ImageName::Name(_))));
        assert_eq!(Reference::parse("a").unwrap().or_latest().familiar(), "a:latest");
        assert_eq!(Reference::parse("a:1").unwrap().or_latest().familiar(), "a:1");
    }
}
