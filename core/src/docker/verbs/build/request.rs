//! What a line of `docker build` asks for.

use std::collections::BTreeMap;

use super::super::super::goparse::parse_size;
use super::super::super::option_values as values;
use super::super::super::options::resources;
use super::super::super::{Call, Failure};
use crate::engine::HostConfig;
use crate::engine::build::Options;
use crate::kernel::ByteString;
use crate::oci::Reference;

/// What the line asks for.
pub(in crate::docker) struct Request {
    pub(in crate::docker) options: Options,
    /// The names as they were typed.
    pub(in crate::docker) typed: Vec<Reference>,
    pub(in crate::docker) context: String,
    pub(in crate::docker) file: String,
    pub(in crate::docker) quiet: bool,
    pub(in crate::docker) iidfile: Option<ByteString>,
    pub(in crate::docker) is_buildkit: bool,
    pub(in crate::docker) digest_tag: bool,
}

impl Request {
    pub(super) fn read(call: &Call<'_, '_>) -> Result<Self, Failure> {
        let flags = &call.flags;
        let wrong = |text: String| Failure::with_status(format!("{text}\nSee 'docker build --help'."), 125);
        let (mut tags, mut typed) = (Vec::new(), Vec::new());
        let mut digest_tag = false;
        for text in flags.list("tag") {
            let tag = Reference::parse(&text).map_err(|error| {
                wrong(format!("invalid argument \"{text}\" for \"-t, --tag\" flag: {error}"))
            })?;
            digest_tag |= tag.digest.is_some();
            typed.push(tag.clone());
            tags.push(tag.or_latest());
        }
        let mut args = BTreeMap::new();
        for text in flags.list("build-arg") {
            match text.split_once('=') {
                Some(("", _)) => {
                    return Err(wrong(format!(
                        "invalid argument \"{text}\" for \"--build-arg\" flag: invalid environment variable: {text}"
                    )));
                }
                Some((name, value)) => args.insert(name.to_owned(), Some(value.to_owned())),
                None => {
                    let value = call.process.env.get(text.as_bytes()).map(ByteString::to_text);
                    args.insert(text, value)
                }
            };
        }
        let mut labels = BTreeMap::new();
        for text in flags.list("label") {
            let (name, value) = text.split_once('=').unwrap_or((&text, ""));
            labels.insert(name.to_owned(), value.to_owned());
        }
        let buildkit = call.process.env.get(&b"DOCKER_BUILDKIT"[..]).map(ByteString::to_text);
        let is_buildkit = match buildkit.as_deref() {
            None | Some("") => false,
            Some("1" | "t" | "T" | "TRUE" | "true" | "True") => true,
            Some("0" | "f" | "F" | "FALSE" | "false" | "False") => false,
            Some(other) => {
                return Err(Failure::new(format!(
                    "DOCKER_BUILDKIT environment variable expects boolean value: strconv.ParseBool: parsing \"{other}\": \
                     invalid syntax"
                )));
            }
        };
        if flags.is_set("squash") {
            return Err(Failure::new(
                "\"--squash\" is only supported on a Docker daemon with experimental features enabled",
            ));
        }
        let options = Options {
            tags,
            args,
            labels,
            target: flags.text("target").unwrap_or_default(),
            no_cache: flags.is_set("no-cache"),
            pull: flags.is_set("pull"),
            remove: flags.is_on("rm"),
            force_remove: flags.is_set("force-rm"),
            cache_from: flags
                .list("cache-from")
                .iter()
                .flat_map(|list| list.split(','))
                .map(str::to_owned)
                .collect(),
            host: host(call).map_err(wrong)?,
            dockerfile: String::new(),
        };
        Ok(Self {
            options,
            typed,
            context: call.arg(0),
            file: flags.text("file").unwrap_or_default(),
            quiet: flags.is_set("quiet"),
            iidfile: flags.bytes("iidfile").cloned().filter(|file| !file.is_empty()),
            is_buildkit,
            digest_tag,
        })
    }
}

/// How the containers of the steps meet their host.
fn host(call: &Call<'_, '_>) -> Result<HostConfig, String> {
    let flags = &call.flags;
    let network = flags.text("network").filter(|name| !name.is_empty());
    let extra = flags.list("add-host");
    let bytes = |name: &str| flags.text(name).and_then(|text| parse_size(&text)).unwrap_or_default();
    let mut limits = BTreeMap::new();
    for limit in flags.list("ulimit") {
        let limit = values::ulimit(&limit)?;
        limits.insert(limit.name.clone(), limit);
    }
    let mut host = HostConfig {
        extra_hosts: (!extra.is_empty()).then_some(extra),
        network_mode: network.unwrap_or_else(|| "default".to_owned()),
        shm_size: bytes("shm-size"),
        ..HostConfig::default()
    };
    host.resources = resources(flags)?;
    host.resources.ulimits = (!limits.is_empty()).then(|| limits.into_values().collect());
    Ok(host)
}

/// What BuildKit's daemon of 20.10 takes and does nothing with.
const WITHOUT_EFFECT: &[&str] = &[
    "cgroup-parent",
    "cpu-period",
    "cpu-quota",
    "cpu-shares",
    "cpuset-cpus",
    "cpuset-mems",
    "memory",
    "memory-swap",
    "shm-size",
    "ulimit",
];

/// Refuses limits where BuildKit builds: there they limit nothing.
pub(super) fn limits_nothing(call: &Call<'_, '_>) -> Result<(), Failure> {
    match WITHOUT_EFFECT.iter().find(|name| call.flags.has(name)) {
        Some(name) => Err(Failure::new(format!(
            "Layerlab: BuildKit of Docker 20.10 takes --{name} and does nothing with it; the classic builder keeps to it"
        ))),
        None => Ok(()),
    }
}
