//! Secrets that stay in layers: found by the names of files, by what small ones hold, and by what a configuration says.
//!
//! A hint, not a proof: each finding names its rule, so that a person can judge. Deleting a file in a later layer does not
//! take it out of the image, which is why findings say whether the path is still shown.

use serde::{Deserialize, Serialize};

use crate::oci::config::ImageConfig;

/// Files larger than this are judged by their names alone.
pub(super) const LOOK_INTO: u64 = 64 << 10;

/// What gave a secret away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// `-----BEGIN … PRIVATE KEY-----`.
    PrivateKey,
    /// An access key of AWS (`AKIA` and 16 more).
    AwsAccessKey,
    /// A token of GitHub (`ghp_`, `github_pat_`, …).
    GithubToken,
    /// A file where programs keep passwords and tokens: `.netrc`, `.npmrc`, `.pgpass`, `.git-credentials`, docker's
    /// `config.json`, kubectl's and the clouds' own.
    CredentialsFile,
    /// A file of variables: `.env`, or one that sets a key, a token or a secret.
    EnvFile,
    /// A variable of the configuration whose name says password, secret or token.
    Variable,
    /// A command of the history that sets such a variable.
    Command,
}

/// One secret that may be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What gave it away.
    pub rule: Rule,
    /// The layer that holds it, lowest 0; `None` for the configuration.
    pub layer: Option<usize>,
    /// The path, or the name of the variable, or the command.
    pub at: String,
    /// Whether the merged view still shows it.
    pub shown: bool,
}

/// Whether a file should be looked into, by its name.
pub(super) fn is_candidate(path: &[u8]) -> bool {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or(path);
    let ends: [&[u8]; 14] = [
        b".pem",
        b".key",
        b".env",
        b".json",
        b".yml",
        b".yaml",
        b".conf",
        b".cfg",
        b".ini",
        b".sh",
        b".properties",
        b".toml",
        b".tfstate",
        b"credentials",
    ];
    let names: [&[u8]; 5] = [b"config", b"kubeconfig", b"environment", b"env", b"token"];
    name.starts_with(b"id_")
        || name.starts_with(b".")
        || names.contains(&name)
        || is_env_file(name)
        || ends.iter().any(|end| name.ends_with(end))
}

/// What the path and, if it was read, the content give away.
pub(super) fn look(path: &[u8], content: Option<&[u8]>) -> Option<Rule> {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or(path);
    if let Some(content) = content {
        if is_private_key(content) {
            return Some(Rule::PrivateKey);
        }
        if starts(content, b"AKIA", 16, |b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
            return Some(Rule::AwsAccessKey);
        }
        let token = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if [&b"ghp_"[..], b"gho_", b"ghs_", b"github_pat_"]
            .iter()
            .any(|start| starts(content, start, 30, token))
        {
            return Some(Rule::GithubToken);
        }
        if name == b"config.json" && find(content, b"\"auths\"") && find(content, b"\"auth\"") {
            return Some(Rule::CredentialsFile);
        }
        if is_of_kube_or_cloud(name, content) {
            return Some(Rule::CredentialsFile);
        }
        if is_env_file(name) && content.split(|b| *b == b'\n').any(sets_a_secret) {
            return Some(Rule::EnvFile);
        }
        if name == b".npmrc" && find(content, b"_authToken") {
            return Some(Rule::CredentialsFile);
        }
    }
    match name {
        b".netrc" | b".pgpass" | b".git-credentials" | b".htpasswd" => Some(Rule::CredentialsFile),
        _ if KEPT_IN.iter().any(|end| path.ends_with(end)) => Some(Rule::CredentialsFile),
        b".env" => Some(Rule::EnvFile),
        b"id_rsa" | b"id_dsa" | b"id_ecdsa" | b"id_ed25519" => Some(Rule::PrivateKey),
        _ => None,
    }
}

/// Where programs of clouds and clusters keep what they log in with, by the ends of paths.
const KEPT_IN: [&[u8]; 14] = [
    b".aws/credentials",
    b".azure/accessTokens.json",
    b".azure/msal_token_cache.json",
    b".azure/service_principal_entries.json",
    b"gcloud/application_default_credentials.json",
    b"gcloud/credentials.db",
    b"gcloud/access_tokens.db",
    b".config/doctl/config.yaml",
    b".oci/config",
    b".terraform.d/credentials.tfrc.json",
    b"secrets/kubernetes.io/serviceaccount/token",
    b"/.boto",
    b"/.s3cfg",
    b"/.vault-token",
];

/// A kubeconfig with a key, a token or a password (`client-go`, `clientcmd/api/v1`), a Secret's manifest, a service account's
/// key of Google's, or a state of Terraform's, which holds what it made in plain text.
fn is_of_kube_or_cloud(name: &[u8], content: &[u8]) -> bool {
    let has = |what: &str| find(content, what.as_bytes());
    let is_kubeconfig = has("kind: Config") || has("\"kind\": \"Config\"") || has("\"kind\":\"Config\"");
    let is_manifest = content.split(|b| *b == b'\n').any(|line| line.trim_ascii() == b"kind: Secret");
    is_kubeconfig && ["client-key-data", "token", "password", "id-token"].iter().any(|key| has(key))
        || is_manifest && (has("data:") || has("stringData:"))
        || has("\"service_account\"") && has("\"private_key\"")
        || name.ends_with(b".tfstate") && (has("\"password\"") || has("\"secret") || has("_key\""))
}

/// `.env`, `.env.local`, `prod.env`, `.envrc`, `/etc/environment`.
fn is_env_file(name: &[u8]) -> bool {
    name.ends_with(b".env") || name.starts_with(b".env") || [&b"env"[..], b"environment"].contains(&name)
}

/// Whether a line of such a file gives a secret a value: `DB_PASSWORD=…`, `STRIPE_KEY=…`, `NPM_TOKEN=…`, `SECRET=…`.
fn sets_a_secret(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"export ").unwrap_or(line);
    let Some(at) = line.iter().position(|b| *b == b'=') else { return false };
    let (name, value) = (String::from_utf8_lossy(line[..at].trim_ascii()), &line[at + 1..]);
    let is_set = !value.is_empty() && !value.starts_with(b"$") && value != b"\"\"" && value != b"''";
    let upper = name.to_ascii_uppercase();
    let is_key = upper.ends_with("_KEY") && !upper.contains("PUBLIC");
    is_set && (is_secret_name(&name) || is_key)
}

/// What the configuration gives away.
pub(super) fn look_at_config(config: &ImageConfig) -> Vec<Finding> {
    let mut found = Vec::new();
    let variables = config.config.iter().flat_map(|config| config.env.iter().flatten());
    for variable in variables {
        if let Some((name, value)) = variable.split_once('=')
            && !value.is_empty()
            && is_secret_name(name)
        {
            found.push(Finding { rule: Rule::Variable, layer: None, at: name.to_owned(), shown: true });
        }
    }
    for line in &config.history {
        let sets = line.created_by.split([' ', '\t', '|', '"', '\'']).any(|word| {
            word.split_once('=').is_some_and(|(name, value)| {
                !value.is_empty() && !value.starts_with('$') && is_secret_name(name.trim_start_matches('-'))
            })
        });
        if sets {
            found.push(Finding {
                rule: Rule::Command,
                layer: None,
                at: line.created_by.clone(),
                shown: true,
            });
        }
    }
    found
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let is_name =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    is_name
        && ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY"]
            .iter()
            .any(|word| name.contains(word))
        && !["_FILE", "_PATH", "_URL"].iter().any(|end| name.ends_with(end))
}

/// `-----BEGIN`, then `PRIVATE KEY-----` on the same line.
fn is_private_key(content: &[u8]) -> bool {
    content
        .split(|b| *b == b'\n')
        .any(|line| line.starts_with(b"-----BEGIN ") && find(line, b"PRIVATE KEY-----"))
}

/// Whether `start` is followed somewhere by `len` bytes of the kind.
fn starts(content: &[u8], start: &[u8], len: usize, kind: impl Fn(u8) -> bool) -> bool {
    content
        .windows(start.len() + len)
        .any(|window| window.starts_with(start) && window[start.len()..].iter().all(|b| kind(*b)))
}

fn find(content: &[u8], what: &[u8]) -> bool {
    content.windows(what.len()).any(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gives_itself_away() {
        let key = b"-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n";
        assert_eq!(look(b"a/server.pem", Some(key)), Some(Rule::PrivateKey));
        assert_eq!(look(b"x", Some(b"id=AKIAABCDEFGHIJKLMNOP;")), Some(Rule::AwsAccessKey));
        assert_eq!(look(b"root/.aws/credentials", None), Some(Rule::CredentialsFile));
        assert_eq!(look(b"etc/ssl/cert.pem", Some(b"-----BEGIN CERTIFICATE-----")), None);
        let kube = b"apiVersion: v1\nkind: Config\nusers:\n- user:\n    client-key-data: LS0t\n";
        assert_eq!(look(b"root/.kube/config", Some(kube)), Some(Rule::CredentialsFile));
        assert!(
            is_candidate(b"root/.kube/config")
                && is_candidate(b"app/prod.env")
                && is_candidate(b"a/.env.local")
        );
        let empty = b"apiVersion: v1\nkind: Config\nclusters: []\n";
        assert_eq!(look(b"root/.kube/config", Some(empty)), None);
        assert_eq!(
            look(b"k8s/s.yaml", Some(b"kind: Secret\ndata:\n  a: Yg==\n")),
            Some(Rule::CredentialsFile)
        );
        let account = br#"{"type": "service_account", "private_key": "x"}"#;
        assert_eq!(look(b"app/sa.json", Some(account)), Some(Rule::CredentialsFile));
        assert_eq!(look(b"root/.azure/accessTokens.json", None), Some(Rule::CredentialsFile));
        let env = |text: &'static [u8]| look(b"app/prod.env", Some(text));
        for text in [&b"STRIPE_KEY=x"[..], b"A=1\nexport NPM_TOKEN=x\n", b"MY_SECRET = x", b"DB_PASSWORD='x'"]
        {
            assert_eq!(env(text), Some(Rule::EnvFile), "{}", text.escape_ascii());
        }
        for text in
            [&b"STRIPE_KEY="[..], b"NPM_TOKEN=$T", b"PUBLIC_KEY=x", b"# none\nPORT=1", b"TOKEN_FILE=/x"]
        {
            assert_eq!(env(text), None, "{}", text.escape_ascii());
        }
        assert!(is_secret_name("DB_PASSWORD") && !is_secret_name("PASSWORD_FILE") && !is_secret_name("PATH"));
    }
}
