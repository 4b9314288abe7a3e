//! What a build with BuildKit is given and where it goes: `--secret`, `--ssh` and `--output`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::super::{Call, Failure};
use crate::engine::go_text;
use crate::kernel::fs;

/// What a build is written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Target {
    Image,
    Dir(String),
    Tar(String),
}

/// `--output`: `type=local,dest=DIR`, `type=tar,dest=FILE`, or a directory.
pub(super) fn target(call: &Call<'_, '_>) -> Result<Target, Failure> {
    let outputs = call.flags.list("output");
    let [text] = outputs.as_slice() else {
        if outputs.is_empty() {
            return Ok(Target::Image);
        }
        return Err(Failure::new("multiple outputs currently unsupported"));
    };
    if text == "-" {
        return Ok(Target::Tar("-".to_owned()));
    }
    if !text.contains('=') {
        return Ok(Target::Dir(text.clone()));
    }
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    for field in text.split(',') {
        let Some((key, value)) = field.split_once('=') else {
            return Err(Failure::new(format!("invalid value {field}")));
        };
        fields.insert(key.to_lowercase(), value.to_owned());
    }
    let dest = fields.get("dest").cloned().unwrap_or_default();
    match fields.get("type").map(String::as_str) {
        Some("local") if dest.is_empty() => Err(Failure::new("dest is required for local output")),
        Some("local") => Ok(Target::Dir(dest)),
        Some("tar") => Ok(Target::Tar(if dest.is_empty() { "-".to_owned() } else { dest })),
        Some("image" | "docker") => Ok(Target::Image),
        Some(other) => Err(Failure::new(format!(
            "exporter \"{other}\" could not be found\nLayerlab: --output writes local and tar"
        ))),
        None => Err(Failure::new(format!("type is required for output \"{text}\""))),
    }
}

/// `--secret id=NAME,src=FILE` or `id=NAME,env=VARIABLE`.
pub(super) fn secrets(call: &mut Call<'_, '_>) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let mut secrets = BTreeMap::new();
    let wrong = |why: String| Failure::new(format!("could not parse secrets: {why}"));
    for text in call.flags.list("secret") {
        let (mut id, mut source, mut variable) = (String::new(), String::new(), None);
        for field in text.split(',') {
            let Some((key, value)) = field.split_once('=') else {
                return Err(wrong(format!("invalid field '{field}' must be a key=value pair")));
            };
            match key.to_lowercase().as_str() {
                "type" if matches!(value, "file" | "env") => {}
                "type" => return Err(wrong(format!("unsupported secret type \"{value}\""))),
                "id" => value.clone_into(&mut id),
                "src" | "source" => value.clone_into(&mut source),
                "env" => variable = Some(value.to_owned()),
                _ => return Err(wrong(format!("unexpected key '{key}' in '{field}'"))),
            }
        }
        if id.is_empty() {
            return Err(wrong("secret missing ID".to_owned()));
        }
        let named = call.process.env.get(variable.as_deref().unwrap_or(&id).as_bytes()).cloned();
        let content = match named {
            Some(value) if source.is_empty() => value.to_vec(),
            _ => {
                let file = if source.is_empty() { id.clone() } else { source };
                let task = call.process.task.clone();
                let read = fs::read(call.system.kernel, &task, file.as_bytes());
                read.map_err(|errno| {
                    Failure::new(format!("failed to stat {file}: stat {file}: {}", go_text(errno)))
                })?
                .to_vec()
            }
        };
        secrets.insert(id, content);
    }
    if !call.flags.list("ssh").is_empty() {
        let why = "could not parse ssh: invalid empty ssh agent socket, make sure SSH_AUTH_SOCK is set";
        return Err(Failure::new(format!("{why}\nLayerlab: a lab has no SSH agent to pass on")));
    }
    Ok(secrets)
}
