//! Who asks: credentials given, or those that `docker login` left in its configuration; and what a registry's challenge
//! wants of them (RFC 7235, distribution's token authentication).

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Docker Hub's name in Docker's configuration.
const HUB_KEY: &str = "https://index.docker.io/v1/";

/// A name and a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The name.
    pub user: String,
    /// The password, or a token in its place.
    pub password: String,
}

/// A password is never shown.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Credentials {
    /// The header's value for Basic.
    pub(super) fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.user, self.password)))
    }

    /// What Docker's configuration has for this registry: a credential helper's answer, or what stands in the file.
    pub fn of_docker(registry: &str) -> Option<Self> {
        let config: Value = serde_json::from_slice(&std::fs::read(config_file()?).ok()?).ok()?;
        let key = key_of(registry);
        let helper = config["credHelpers"][key].as_str().or_else(|| config["credsStore"].as_str());
        if let Some(found) = helper.and_then(|helper| ask(helper, key)) {
            return Some(found);
        }
        // Older entries have a scheme, and a slash at the end.
        let auths = config["auths"].as_object()?;
        let entry = auths.iter().find(|(name, _)| plain(name) == plain(key))?.1;
        let both = STANDARD.decode(entry["auth"].as_str()?).ok()?;
        let both = String::from_utf8(both).ok()?;
        let (user, password) = both.split_once(':')?;
        Some(Self { user: user.to_owned(), password: password.trim_end_matches('\0').to_owned() })
    }
}

fn key_of(registry: &str) -> &str {
    if registry == "docker.io" { HUB_KEY } else { registry }
}

fn plain(name: &str) -> &str {
    name.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/')
}

/// `docker-credential-HELPER get`: the registry on standard input, JSON on standard output.
fn ask(helper: &str, registry: &str) -> Option<Credentials> {
    let is_name = helper.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if !is_name {
        return None;
    }
    let mut command = Command::new(format!("docker-credential-{helper}"));
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    child.stdin.take()?.write_all(registry.as_bytes()).ok()?;
    let out = child.wait_with_output().ok()?;
    let answer: Value = serde_json::from_slice(&out.stdout).ok()?;
    let text = |key: &str| answer[key].as_str().map(str::to_owned);
    Some(Credentials { user: text("Username")?, password: text("Secret")? })
}

/// Docker's configuration of this user.
pub fn config_file() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let dir = set("DOCKER_CONFIG").or_else(|| Some(set("HOME")?.join(".docker")))?;
    Some(dir.join("config.json"))
}

/// Writes a login where `docker login` does, beside whatever else stands there; only the user may read the file.
pub fn save_login(file: &Path, registry: &str, who: &Credentials) -> io::Result<()> {
    let mut config: Value = match std::fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => json!({}),
        Err(error) => return Err(error),
    };
    let auth = STANDARD.encode(format!("{}:{}", who.user, who.password));
    if !config.is_object() || !(config["auths"].is_null() || config["auths"].is_object()) {
        return Err(io::Error::other("is not Docker's configuration"));
    }
    config["auths"][key_of(registry)] = json!({ "auth": auth });
    let dir = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir)?;
    // A named temporary file is its owner's alone from the start.
    let mut out = tempfile::NamedTempFile::new_in(dir)?;
    out.write_all(&serde_json::to_vec_pretty(&config).map_err(io::Error::other)?)?;
    out.as_file().sync_all()?;
    out.persist(file).map_err(|error| error.error)?;
    Ok(())
}

/// What a registry asks for in `WWW-Authenticate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// Name and password with each request.
    Basic,
    /// A token from this address, with these parameters.
    Bearer { realm: String, service: Option<String> },
}

impl Challenge {
    /// Reads a header's value; the first scheme that we know.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let mut fields = parameters(rest);
        Some(Self::Bearer { realm: fields.remove("realm")?, service: fields.remove("service") })
    }
}

/// `a="b",c="d, e"`: values in quotes may hold commas.
fn parameters(text: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        out.insert(key.trim_matches([',', ' ']).to_ascii_lowercase(), value.to_owned());
        rest = left;
    }
    out
}

/// A query's value with everything but the plain characters escaped.
pub(super) fn escape(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, b| {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(b.into());
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read() {
        let bearer =
            r#"Bearer realm="https://auth.example/token",service="reg, one",scope="repository:a:pull""#;
        let want = Challenge::Bearer {
            realm: "https://auth.example/token".into(),
            service: Some("reg, one".into()),
        };
        assert_eq!(Challenge::parse(bearer), Some(want));
        assert_eq!(Challenge::parse(r#"basic realm="x""#), Some(Challenge::Basic));
        assert_eq!(Challenge::parse("Negotiate"), None);
        assert_eq!(Challenge::parse("Bearer service=x"), None);
        assert_eq!(escape("repository:a/b:pull,push"), "repository%3Aa%2Fb%3Apull%2Cpush");
    }

    #[test]
    fn a_login_is_written_beside_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("sub/config.json");
        let who = Credentials { user: "u".into(), password: "p:q".into() };
        save_login(&file, "docker.io", &who).unwrap();
        let mut config: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        config["detachKeys"] = json!("ctrl-x");
        std::fs::write(&file, config.to_string()).unwrap();
        save_login(&file, "127.0.0.1:5000", &who).unwrap();
        let config: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!(config["detachKeys"], "ctrl-x");
        assert_eq!(config["auths"][HUB_KEY]["auth"], STANDARD.encode("u:p:q"));
        assert_eq!(config["auths"]["127.0.0.1:5000"]["auth"], STANDARD.encode("u:p:q"));
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}
