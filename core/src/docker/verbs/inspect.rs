//! `docker inspect`, of containers and images (oracle: inspect-*, image-inspect-*).

use super::super::json::Json;
use super::super::template::{Shape, Template};
use super::super::{Call, Failure};
use super::ps::sizes;
use crate::engine::networks::Network;
use crate::engine::{Container, ContainerState, Engine, Error, GraphDirs, HostConfig, Probe, StoredImage};
use crate::oci::{Reference, json::to_go_json, time};
use crate::program::Flow;

/// The type of a volume in Go.
const VOLUME: &str = "types.Volume";

/// A thing found by name.
enum Found {
    Container(Box<Container>),
    Image(Box<StoredImage>),
    Volume(String),
    Network(Box<Network>),
}

/// What is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Any,
    Container,
    Image,
    Network,
    Volume,
}

pub(crate) fn any(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let kind = match call.flags.text("type").as_deref() {
        None | Some("") => Kind::Any,
        Some("container") => Kind::Container,
        Some("image") => Kind::Image,
        Some("network") => Kind::Network,
        Some("volume") => Kind::Volume,
        Some(other) => return Err(Failure::new(format!("\"{other}\" is not a valid value for --type"))),
    };
    inspect(call, kind)
}

pub(crate) fn container(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    inspect(call, Kind::Container)
}

pub(crate) fn image(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    inspect(call, Kind::Image)
}

pub(crate) fn network(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    inspect(call, Kind::Network)
}

pub(crate) fn volume(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    inspect(call, Kind::Volume)
}

fn inspect(call: &mut Call<'_, '_>, kind: Kind) -> Result<Flow, Failure> {
    let template = match call.flags.text("format").filter(|format| !format.is_empty()) {
        None => None,
        Some(text) if text == "json" => Some(None),
        Some(text) => Some(Some(
            Template::parse(&text)
                .map_err(|why| Failure::with_status(format!("template parsing error: {why}"), 64))?,
        )),
    };
    let wants_size = call.flags.is_set("size");
    let mut documents = Vec::new();
    let mut text = String::new();
    let mut errors = Vec::new();
    for name in call.args() {
        let (mut no_size, mut go_type) = ("", "types.ContainerJSON");
        let mut engine = call.engine()?;
        let document = match find(&mut engine, &name, kind)? {
            Err(error) => {
                errors.push(error);
                continue;
            }
            Ok(Found::Container(container)) => container_document(&mut engine, &container, wants_size)?,
            Ok(Found::Image(image)) => {
                (no_size, go_type) = ("image", "types.ImageInspect");
                image_document(&mut engine, &image)?
            }
            Ok(Found::Network(network)) => {
                (no_size, go_type) = ("network", "types.NetworkResource");
                super::network::document(&mut engine, &network)?
            }
            Ok(Found::Volume(name)) => {
                (no_size, go_type) = ("volume", VOLUME);
                super::volume::document(&mut engine, &name)?
            }
        };
        if wants_size && !no_size.is_empty() {
            call.complain(&format!("WARNING: --size ignored for {no_size}"));
        }
        match &template {
            Some(Some(template)) => match printed(template, &document, go_type) {
                Ok(line) => {
                    text.push_str(&line);
                    text.push('\n');
                }
                Err(why) => {
                    text.push('\n');
                    errors.push(format!("template parsing error: {why}"));
                }
            },
            _ => documents.push(document),
        }
    }
    match template {
        None => text = format!("{}\n", Json::List(documents).pretty()),
        Some(None) => text = format!("{}\n", Json::List(documents).line()),
        // The client ends what it printed with a line feed, also where that is nothing.
        Some(Some(_)) if text.is_empty() => text.push('\n'),
        Some(Some(_)) => {}
    }
    // An empty list stands on one line.
    call.print(if text == "[]\n" { "[]\n".to_owned() } else { text });
    if errors.is_empty() { Ok(Flow::OK) } else { Err(Failure::new(errors.join("\n"))) }
}

/// A template's text for a document. The client keeps no document of a volume, so that only the structure is asked.
fn printed(template: &Template, document: &Json, go_type: &'static str) -> Result<String, String> {
    if go_type == VOLUME {
        return template.run(document, Shape::Struct(go_type));
    }
    template.inspect(document, go_type)
}

fn find(engine: &mut Engine<'_>, name: &str, kind: Kind) -> Result<Result<Found, String>, Failure> {
    if matches!(kind, Kind::Any | Kind::Container) {
        match engine.find_container(name) {
            Ok(container) => return Ok(Ok(Found::Container(Box::new(container)))),
            Err(Error::NotFound(_)) if kind == Kind::Container => {
                return Ok(Err(format!("Error: No such container: {name}")));
            }
            Err(Error::NotFound(_)) => {}
            Err(error) => return Ok(Err(Failure::from(error).text)),
        }
    }
    if matches!(kind, Kind::Any | Kind::Image) {
        match engine.find_image(name) {
            Ok(image) => return Ok(Ok(Found::Image(Box::new(image)))),
            Err(Error::NotFound(_)) if kind == Kind::Image => {
                return Ok(Err(format!("Error: No such image: {name}")));
            }
            Err(Error::Invalid(_)) if kind == Kind::Any => {}
            Err(Error::NotFound(_)) => {}
            Err(error) => return Ok(Err(Failure::from(error).text)),
        }
    }
    if matches!(kind, Kind::Any | Kind::Network) {
        match engine.find_network(name) {
            Ok(network) => return Ok(Ok(Found::Network(Box::new(network)))),
            Err(Error::NotFound(_)) if kind == Kind::Network => {
                return Ok(Err(format!("Error: No such network: {name}")));
            }
            Err(Error::NotFound(_)) => {}
            Err(error) => return Ok(Err(Failure::from(error).text)),
        }
    }
    if matches!(kind, Kind::Any | Kind::Volume) {
        if engine.volume_names()?.iter().any(|volume| volume == name) {
            return Ok(Ok(Found::Volume(name.to_owned())));
        }
        if kind == Kind::Volume {
            return Ok(Err(format!("Error: No such volume: {name}")));
        }
    }
    Ok(Err(format!("Error: No such object: {name}")))
}

fn image_document(engine: &mut Engine<'_>, image: &StoredImage) -> Result<Json, Failure> {
    let config = &image.config;
    let names = engine.references_of(&image.id)?;
    let list = |wanted: &dyn Fn(&Reference) -> bool| {
        Json::List(names.iter().filter(|name| wanted(name)).map(|name| name.familiar().into()).collect())
    };
    let comment = if config.comment.is_empty() {
        config.history.last().map(|line| line.comment.clone()).unwrap_or_default()
    } else {
        config.comment.clone()
    };
    let size = engine.image_size(image)? as i64;
    let graph = match image.chain_id() {
        None => Json::Null,
        Some(chain) => match engine.cache_id(&chain)? {
            Some(id) => graph(&engine.graph_dirs(&id)?),
            None => Json::Null,
        },
    };
    let layers = config.rootfs.diff_ids.iter().map(|id| id.to_string().into()).collect();
    let tagged = image.last_tagged.map_or_else(|| time::ZERO.to_owned(), time::format);
    Ok(Json::object([
        ("Id", image.id.to_string().into()),
        ("RepoTags", list(&|name| name.tag.is_some())),
        ("RepoDigests", list(&|name| name.digest.is_some())),
        ("Parent", image.parent.map(|id| id.to_string()).unwrap_or_default().into()),
        ("Comment", comment.into()),
        ("Created", config.created.as_str().into()),
        ("Container", config.container.as_str().into()),
        ("ContainerConfig", go(&config.container_config)),
        ("DockerVersion", config.docker_version.as_str().into()),
        ("Author", config.author.as_str().into()),
        ("Config", config.config.as_ref().map_or(Json::Null, go)),
        ("Architecture", config.architecture.as_str().into()),
        ("Os", config.os.as_str().into()),
        ("Size", size.into()),
        ("VirtualSize", size.into()),
        ("GraphDriver", Json::object([("Data", graph), ("Name", "overlay2".into())])),
        ("RootFS", Json::object([("Type", "layers".into()), ("Layers", Json::List(layers))])),
        ("Metadata", Json::object([("LastTagTime", tagged.into())])),
    ]))
}

/// A document of the API, in its own order.
fn go<T: serde::Serialize>(value: &T) -> Json {
    serde_json::from_slice(&to_go_json(value)).expect("what was just written can be read")
}

/// `GraphDriver.Data`.
fn graph(dirs: &GraphDirs) -> Json {
    let mut fields = Vec::new();
    if !dirs.lower.is_empty() {
        fields.push(("LowerDir", dirs.lower.join(":").into()));
    }
    fields.push(("MergedDir", dirs.merged.as_str().into()));
    fields.push(("UpperDir", dirs.upper.as_str().into()));
    fields.push(("WorkDir", dirs.work.as_str().into()));
    Json::object(fields)
}

fn container_document(
    engine: &mut Engine<'_>,
    container: &Container,
    wants_size: bool,
) -> Result<Json, Failure> {
    let host = engine.host_config(&container.id)?;
    let id = engine.mount_id(&container.id)?;
    let dirs = engine.graph_dirs(&id)?;
    let state = &container.state;
    let ran = state.started_at != time::ZERO;
    let network_dir = engine.network_files_of(container)?;
    let file = |name: &str| if ran { format!("{network_dir}/{name}") } else { String::new() };
    let shown = HostConfig { links: super::network::links(engine, container, &host)?, ..host };
    let mounts = container.mount_points.values().map(|mount| {
        let mut fields = vec![("Type", Json::from(mount.kind.as_str()))];
        if !mount.name.is_empty() {
            fields.push(("Name", mount.name.as_str().into()));
        }
        fields.extend([
            ("Source", mount.source.as_str().into()),
            ("Destination", mount.destination.as_str().into()),
        ]);
        if mount.kind == "volume" {
            fields.push(("Driver", "local".into()));
        }
        fields.extend([
            ("Mode", mount.mode.as_str().into()),
            ("RW", Json::Bool(mount.writable)),
            ("Propagation", mount.propagation.as_str().into()),
        ]);
        Json::object(fields)
    });
    let mounts = Json::List(mounts.collect());
    let mut fields = vec![
        ("Id", container.id.as_str().into()),
        ("Created", container.created.as_str().into()),
        ("Path", container.path.as_str().into()),
        ("Args", Json::List(container.args.iter().map(|arg| arg.as_str().into()).collect())),
        ("State", shown_state(state)),
        ("Image", container.image.to_string().into()),
        ("ResolvConfPath", file("resolv.conf").into()),
        ("HostnamePath", file("hostname").into()),
        ("HostsPath", file("hosts").into()),
        ("LogPath", if ran { container.log_path.as_str() } else { "" }.into()),
        ("Name", container.name.as_str().into()),
        ("RestartCount", i64::from(container.restart_count).into()),
        ("Driver", container.driver.as_str().into()),
        ("Platform", container.os.as_str().into()),
        ("MountLabel", "".into()),
        ("ProcessLabel", "".into()),
        ("AppArmorProfile", "".into()),
        ("ExecIDs", Json::Null),
        ("HostConfig", host_config(&shown)),
        ("GraphDriver", Json::object([("Data", graph(&dirs)), ("Name", "overlay2".into())])),
    ];
    if wants_size {
        let (own, all) = sizes(engine, container)?;
        fields.push(("SizeRw", (own as i64).into()));
        fields.push(("SizeRootFs", (all as i64).into()));
    }
    fields.extend([
        ("Mounts", mounts),
        ("Config", go(&container.config)),
        ("NetworkSettings", super::network::settings(container)),
    ]);
    Ok(Json::object(fields))
}

/// `HostConfig`, as Docker's API has it.
fn host_config(host: &HostConfig) -> Json {
    let mut known = go(host);
    rename_ip(&mut known);
    known
}

/// Go names the field `HostIp`.
fn rename_ip(host: &mut Json) {
    let Json::Object(fields) = host else { return };
    let Some((_, Json::Object(ports))) = fields.iter_mut().find(|(name, _)| name == "PortBindings") else {
        return;
    };
    for (_, bindings) in ports {
        if let Json::List(items) = bindings {
            for item in items {
                if let Json::Object(parts) = item {
                    for part in parts.iter_mut().filter(|part| part.0 == "HostIP") {
                        "HostIp".clone_into(&mut part.0);
                    }
                }
            }
        }
    }
}

/// `State`, which has `Health` where there are checks.
fn shown_state(state: &ContainerState) -> Json {
    let mut fields = vec![
        ("Status", state.status().into()),
        ("Running", Json::Bool(state.is_running())),
        ("Paused", Json::Bool(state.paused)),
        ("Restarting", Json::Bool(state.restarting)),
        ("OOMKilled", Json::Bool(state.oom_killed)),
        ("Dead", Json::Bool(false)),
        ("Pid", i64::from(state.pid).into()),
        ("ExitCode", i64::from(state.exit_code).into()),
        ("Error", state.error.as_str().into()),
        ("StartedAt", state.started_at.as_str().into()),
        ("FinishedAt", state.finished_at.as_str().into()),
    ];
    if let Some(health) = &state.health {
        let probe = |probe: &Probe| {
            Json::object([
                ("Start", probe.start.as_str().into()),
                ("End", probe.end.as_str().into()),
                ("ExitCode", probe.exit_code.into()),
                ("Output", probe.output.as_str().into()),
            ])
        };
        let health = Json::object([
            ("Status", health.status.as_str().into()),
            ("FailingStreak", health.failing_streak.into()),
            ("Log", Json::List(health.log.iter().map(probe).collect())),
        ]);
        fields.push(("Health", health));
    }
    Json::object(fields)
}
