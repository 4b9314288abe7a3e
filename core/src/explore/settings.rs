//! What differs between two images' configurations, a setting at a time.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::stack::Mark;
use crate::oci::config::ConfigDocument;

/// Members that tell of layers, of the build or of the Docker that made it, and not of how a container runs.
const NOT_SETTINGS: [&str; 8] =
    ["rootfs", "history", "created", "container", "container_config", "docker_version", "id", "config"];

/// One setting that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its name in the configuration: `Env`, `Cmd`, `Labels`, `architecture`.
    pub name: String,
    /// Which one, where it is a list by name: the variable, the label, the port.
    pub key: Option<String>,
    /// Only in the second, in both and different, only in the first.
    pub mark: Mark,
    /// What the first image has.
    pub before: Option<Value>,
    /// What the second image has.
    pub after: Option<Value>,
}

/// What differs between two configurations, by the settings' names. What is empty and what is not there are the same.
pub fn settings(before: &ConfigDocument, after: &ConfigDocument) -> Vec<Setting> {
    let (before, after) = (flat(&before.bytes), flat(&after.bytes));
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let mut out = Vec::new();
    for at in keys {
        let (old, new) = (before.get(at).cloned(), after.get(at).cloned());
        let mark = match (&old, &new) {
            (None, _) => Mark::A,
            (_, None) => Mark::D,
            (a, b) if a == b => continue,
            _ => Mark::C,
        };
        let (name, key) = at.clone();
        out.push(Setting { name, key, mark, before: old, after: new });
    }
    out
}

/// All settings of a configuration, each as if the other one had none.
pub fn all_settings(document: &ConfigDocument) -> Vec<Setting> {
    let all = flat(&document.bytes).into_iter();
    let setting =
        |((name, key), value)| Setting { name, key, mark: Mark::A, before: None, after: Some(value) };
    all.map(setting).collect()
}

/// The settings by name and key.
fn flat(bytes: &[u8]) -> BTreeMap<(String, Option<String>), Value> {
    // It was read before, and was proper JSON.
    let document: Map<String, Value> = serde_json::from_slice(bytes).unwrap_or_default();
    let mut out = BTreeMap::new();
    let none = Map::new();
    let inner = document.get("config").and_then(Value::as_object).unwrap_or(&none);
    let outer = document.iter().filter(|(name, _)| !NOT_SETTINGS.contains(&name.as_str()));
    for (name, value) in inner.iter().chain(outer) {
        match value {
            Value::Object(members) if name != "Healthcheck" => {
                for (key, value) in members {
                    out.insert((name.clone(), Some(key.clone())), value.clone());
                }
            }
            Value::Array(items) if name == "Env" => {
                for item in items {
                    let text = item.as_str().unwrap_or_default();
                    let (key, value) = text.split_once('=').unwrap_or((text, ""));
                    out.insert((name.clone(), Some(key.to_owned())), value.into());
                }
            }
            value if is_empty(value) => {}
            value => drop(out.insert((name.clone(), None), value.clone())),
        }
    }
    out
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(config: &str) -> ConfigDocument {
        let text = format!(
            r#"{{"architecture":"amd64","os":"linux","config":{config},"rootfs":{{"type":"layers","diff_ids":[]}}}}"#
        );
        ConfigDocument::parse(text.as_bytes(), 1 << 20).unwrap()
    }

    #[test]
    fn settings_differ_one_by_one() {
        let a = document(r#"{"Env":["A=1","B=2"],"Cmd":["a"],"Entrypoint":null,"Labels":{"x":"1"}}"#);
        let b = document(r#"{"Env":["B=2","A=2"],"Cmd":["a","b"],"Labels":{"y":"1"},"User":""}"#);
        let told: Vec<_> =
            settings(&a, &b).into_iter().map(|s| (s.name, s.key.unwrap_or_default(), s.mark)).collect();
        let want =
            [("Cmd", "", Mark::C), ("Env", "A", Mark::C), ("Labels", "x", Mark::D), ("Labels", "y", Mark::A)];
        assert_eq!(told, want.map(|(name, key, mark)| (name.to_owned(), key.to_owned(), mark)));
        assert_eq!(settings(&a, &a), []);
        let all: Vec<_> = all_settings(&b).into_iter().map(|s| (s.name, s.key.unwrap_or_default())).collect();
        let want =
            [("Cmd", ""), ("Env", "A"), ("Env", "B"), ("Labels", "y"), ("architecture", ""), ("os", "")];
        assert_eq!(all, want.map(|(name, key)| (name.to_owned(), key.to_owned())));
    }
}
