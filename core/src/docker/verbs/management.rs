//! Commands about things that the lab has not: each answers as a Docker that has none of them, and says so in one line.

use super::super::json::Json;
use super::super::{Call, Failure, columns};
use super::filter::daemon;
use crate::program::Flow;

const SWARM: &str = "Layerlab: the lab is one machine; it has no swarm, and so no nodes, services, stacks, secrets and configs";
const PLUGINS: &str = "Layerlab: the lab has no plugins and can install none";
const CONTEXTS: &str = "Layerlab: the lab has one daemon, and one context for it, default";
const TRUST: &str = "Layerlab: images are not signed here; the lab has no server that signs";
const SOCKET: &str = "unix:///var/run/docker.sock";

/// The lab's line behind an answer of Docker's.
fn and(text: &str, line: &str) -> Failure {
    Failure::new(format!("{text}\n{line}"))
}

pub(crate) fn not_a_manager(_: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let why = "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to \
               swarm and try again.";
    Err(and(&daemon(why).text, SWARM))
}

pub(crate) fn leave_swarm(_: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    Err(and(&daemon("This node is not part of a swarm").text, SWARM))
}

pub(crate) fn no_swarm(_: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    Err(Failure::new(SWARM))
}

#[expect(clippy::unnecessary_wraps, reason = "the form of every command")]
pub(crate) fn plugins(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    if !call.flags.is_set("quiet") && call.flags.text("format").is_none() {
        call.print(columns::layout(&["ID\tNAME\tDESCRIPTION\tENABLED".to_owned()]));
    }
    Ok(Flow::OK)
}

pub(crate) fn no_plugin(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    Err(and(&format!("Error: No such plugin: {}", call.arg(0)), PLUGINS))
}

pub(crate) fn no_plugins(_: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    Err(Failure::new(PLUGINS))
}

#[expect(clippy::unnecessary_wraps, reason = "the form of every command")]
pub(crate) fn contexts(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    if call.flags.is_set("quiet") {
        call.line("default");
        return Ok(Flow::OK);
    }
    let heading = "NAME\tDESCRIPTION\tDOCKER ENDPOINT\tKUBERNETES ENDPOINT\tORCHESTRATOR";
    let row = format!("default *\tCurrent DOCKER_HOST based configuration\t{SOCKET}\t\tswarm");
    call.print(columns::layout(&[heading.to_owned(), row]));
    Ok(Flow::OK)
}

pub(crate) fn use_context(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let name = call.arg(0);
    if name != "default" {
        return Err(and(&format!("context \"{name}\" does not exist"), CONTEXTS));
    }
    call.line("default");
    call.complain("Current context is now \"default\"");
    Ok(Flow::OK)
}

pub(crate) fn inspect_context(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    if let Some(name) = call.args().into_iter().find(|name| name != "default") {
        call.line("[]");
        return Err(and(&format!("context \"{name}\" does not exist"), CONTEXTS));
    }
    let docker = Json::object([("Host", SOCKET.into()), ("SkipTLSVerify", Json::Bool(false))]);
    let document = Json::object([
        ("Name", "default".into()),
        ("Metadata", Json::object([("StackOrchestrator", "swarm".into())])),
        ("Endpoints", Json::object([("docker", docker)])),
        ("TLSMaterial", Json::Object(Vec::new())),
        (
            "Storage",
            Json::object([
                ("MetadataPath", "\u{3c}IN MEMORY\u{3e}".into()),
                ("TLSPath", "\u{3c}IN MEMORY\u{3e}".into()),
            ]),
        ),
    ]);
    call.line(&Json::List(vec![document]).pretty());
    Ok(Flow::OK)
}

pub(crate) fn remove_context(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    call.each(|_, name| {
        Err(if name == "default" {
            Failure::new("default: context \"default\" cannot be removed")
        } else {
            and(&format!("{name}: context \"{name}\" does not exist"), CONTEXTS)
        })
    })
}

pub(crate) fn no_contexts(_: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    Err(Failure::new(CONTEXTS))
}

pub(crate) fn no_manifests(_: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    Err(Failure::new(
        "Layerlab: the lab does not have manifest lists yet; `docker manifest inspect NAME` shows a manifest",
    ))
}

pub(crate) fn no_trust(_: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    Err(Failure::new(TRUST))
}

pub(crate) fn no_completion(_: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    Err(Failure::new("Layerlab: the lab's own shell completes the commands of docker with the Tab key"))
}
