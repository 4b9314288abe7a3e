//! `RUN --mount` of BuildKit (Dockerfile reference, "RUN --mount").

use serde::{Deserialize, Serialize};

use super::json;

/// What a mount shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MountKind {
    /// A part of the context, of a stage or of an image.
    Bind,
    /// A directory that outlives the step.
    Cache,
    /// An empty directory that goes with the step.
    Tmpfs,
    /// A file that no layer ever holds.
    Secret,
    /// A socket of an SSH agent.
    Ssh,
}

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// What it shows.
    pub kind: MountKind,
    /// The stage or image that it is from, empty for the context.
    pub from: String,
    /// The path there.
    pub source: String,
    /// The place in the container.
    pub target: String,
    /// Whether it cannot be written to.
    pub read_only: bool,
    /// The name of a cache or a secret.
    pub id: String,
    /// Whether a secret must be there.
    pub required: bool,
    /// `shared`, `private` or `locked`, of a cache.
    pub sharing: String,
    /// The mode of a secret or of a new cache.
    pub mode: Option<u32>,
    /// Its owner.
    pub uid: Option<u32>,
    /// Its group.
    pub gid: Option<u32>,
}

/// Reads the value of a `--mount`.
///
/// # Errors
/// BuildKit's words.
pub fn parse(text: &str) -> Result<Mount, String> {
    let mut mount = Mount {
        kind: MountKind::Bind,
        from: String::new(),
        source: String::new(),
        target: String::new(),
        read_only: true,
        id: String::new(),
        required: false,
        sharing: String::new(),
        mode: None,
        uid: None,
        gid: None,
    };
    let mut read_only = None;
    for field in text.split(',') {
        let field = field.trim();
        let Some((key, value)) = field.split_once('=') else {
            match field.to_lowercase().as_str() {
                "readonly" | "ro" => read_only = Some(true),
                "readwrite" | "rw" => read_only = Some(false),
                "required" if matches!(mount.kind, MountKind::Secret | MountKind::Ssh) => {
                    mount.required = true;
                }
                _ => return Err(format!("invalid field '{field}' must be a key=value pair")),
            }
            continue;
        };
        let number =
            |what: &str| value.parse::<u32>().map_err(|_| format!("invalid value {value} for {what}"));
        let truth = || match value.to_lowercase().as_str() {
            "1" | "t" | "true" => Ok(true),
            "0" | "f" | "false" => Ok(false),
            _ => Err(format!("invalid value for {key}: {value}")),
        };
        match key.to_lowercase().as_str() {
            "type" => {
                mount.kind = match value.to_lowercase().as_str() {
                    "bind" => MountKind::Bind,
                    "cache" => MountKind::Cache,
                    "tmpfs" => MountKind::Tmpfs,
                    "secret" => MountKind::Secret,
                    "ssh" => MountKind::Ssh,
                    _ => return Err(format!("unsupported mount type {}", json::quote(value))),
                }
            }
            "from" => value.clone_into(&mut mount.from),
            "source" | "src" => value.clone_into(&mut mount.source),
            "target" | "dst" | "destination" => value.clone_into(&mut mount.target),
            "readonly" | "ro" => read_only = Some(truth()?),
            "readwrite" | "rw" => read_only = Some(!truth()?),
            "required" if matches!(mount.kind, MountKind::Secret | MountKind::Ssh) => {
                mount.required = truth()?;
            }
            "id" => value.clone_into(&mut mount.id),
            "sharing" => match value {
                "shared" | "private" | "locked" => value.clone_into(&mut mount.sharing),
                _ => return Err(format!("unsupported sharing value {}", json::quote(value))),
            },
            "mode" => {
                let mode =
                    u32::from_str_radix(value, 8).map_err(|_| format!("invalid value {value} for mode"))?;
                mount.mode = Some(mode);
            }
            "uid" => mount.uid = Some(number("uid")?),
            "gid" => mount.gid = Some(number("gid")?),
            other => return Err(format!("unexpected key '{other}' in '{field}'")),
        }
    }
    mount.read_only = read_only.unwrap_or(!matches!(mount.kind, MountKind::Cache | MountKind::Tmpfs));
    check(&mount).map(|()| mount)
}

fn check(mount: &Mount) -> Result<(), String> {
    let says = |why: &str| Err(why.to_owned());
    if !mount.sharing.is_empty() && mount.kind != MountKind::Cache {
        return says("invalid cache sharing set for this mount");
    }
    if mount.kind == MountKind::Secret {
        if !mount.from.is_empty() {
            return says("secret mount should not have a from");
        }
        if mount.source.is_empty() && mount.target.is_empty() && mount.id.is_empty() {
            return says("invalid secret mount. one of source, target required");
        }
        if !mount.source.is_empty() && !mount.id.is_empty() {
            return says("both source and id can't be set");
        }
    }
    Ok(())
}
