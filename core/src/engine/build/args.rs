//! `ARG` and `--build-arg`: which names a step sees, and with what values (Dockerfile reference, "ARG").

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Arguments that need no `ARG`, and that no cache looks at.
const BUILT_IN: [&str; 8] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// The arguments of a build at one place of its Dockerfile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BuildArgs {
    /// `--build-arg`; `None` where the caller's environment had no such name.
    given: BTreeMap<String, Option<String>>,
    /// `ARG`s of the stage, with their defaults.
    declared: BTreeMap<String, Option<String>>,
    /// `ARG`s before the first `FROM`.
    global: BTreeMap<String, Option<String>>,
    /// Names that an `ARG` spoke of.
    used: BTreeSet<String>,
}

impl BuildArgs {
    pub(crate) fn new(given: BTreeMap<String, Option<String>>) -> Self {
        Self { given, ..Self::default() }
    }

    /// The arguments at the start of a stage: nothing is declared there.
    pub(crate) fn for_stage(&self) -> Self {
        Self { declared: BTreeMap::new(), ..self.clone() }
    }

    /// Takes over which names a stage spoke of.
    pub(crate) fn take_used(&mut self, stage: &Self) {
        self.used.extend(stage.used.iter().cloned());
    }

    /// `ARG` in a stage.
    pub(crate) fn declare(&mut self, name: &str, default: Option<String>) {
        self.declared.insert(name.to_owned(), default);
        self.used.insert(name.to_owned());
    }

    /// `ARG` before the first `FROM`.
    pub(crate) fn declare_global(&mut self, name: &str, default: Option<String>) {
        self.global.insert(name.to_owned(), default);
        self.used.insert(name.to_owned());
    }

    fn value(&self, name: &str, from: &BTreeMap<String, Option<String>>) -> Option<String> {
        if let Some(Some(value)) = self.given.get(name) {
            return Some(value.clone());
        }
        match from.get(name) {
            Some(Some(default)) => Some(default.clone()),
            _ => self.global.get(name).cloned().flatten(),
        }
    }

    /// What a global `ARG` and `FROM` see, `NAME=value`.
    pub(crate) fn global_env(&self) -> Vec<String> {
        let pair = |name: &String| self.value(name, &self.global).map(|value| format!("{name}={value}"));
        self.global.keys().filter_map(pair).collect()
    }

    /// What a step sees beside its environment, whose names win.
    pub(crate) fn env(&self, environment: &[String]) -> Vec<String> {
        let names: BTreeSet<&str> = self.declared.keys().map(String::as_str).chain(BUILT_IN).collect();
        let is_set = |name: &str| environment.iter().any(|line| line.split('=').next() == Some(name));
        names
            .into_iter()
            .filter(|name| !is_set(name))
            .filter_map(|name| self.value(name, &self.declared).map(|value| format!("{name}={value}")))
            .collect()
    }

    /// Whether the cache looks at a name: proxies only where an `ARG` speaks of them.
    pub(crate) fn counts(&self, name: &str) -> bool {
        self.used.contains(name) || !BUILT_IN.contains(&name)
    }

    /// Names given for nothing.
    pub(crate) fn unused(&self) -> Vec<&str> {
        self.given
            .keys()
            .map(String::as_str)
            .filter(|name| !self.used.contains(*name) && !BUILT_IN.contains(name))
            .collect()
    }
}
