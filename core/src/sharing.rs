//! `layers`, in the lab's terminal: every layer on the disk once, what it lies on, and who uses it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::engine::{Engine, Result};
use crate::kernel::ByteString;
use crate::oci::{Digest, chain_ids};
use crate::program::{Flow, Process, Program, Scope, System};

const USAGE: &str =
    "Usage: layers [--json]\n\nEvery layer on the disk once: what it lies on, its bytes, who uses it.\n";

/// The program.
pub fn programs() -> [Program; 1] {
    [Program {
        name: "layers",
        summary: "every layer once, and who uses it",
        scope: Scope::Host,
        main: layers,
    }]
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shared {
    /// Its chain id, or the name of the container whose writable layer it is.
    name: String,
    /// The chain id of the layer that it lies on.
    parent: Option<Digest>,
    bytes: u64,
    /// Images by their names, then containers.
    users: Vec<String>,
}

/// All layers, each behind the one that it lies on; and the bytes that images and containers claim, one by one.
fn collect(engine: &mut Engine<'_>) -> Result<(Vec<Shared>, u64)> {
    let mut known: BTreeMap<Digest, usize> = BTreeMap::new();
    let mut found: Vec<Shared> = Vec::new();
    let mut claimed = 0;
    let mut stand = |engine: &mut Engine<'_>, found: &mut Vec<Shared>, diff_ids: &[Digest], user: &str| {
        let mut parent = None;
        for chain in chain_ids(diff_ids) {
            let at = match known.get(&chain) {
                Some(at) => *at,
                None => {
                    let bytes = engine.chain_size(&chain)?.unwrap_or_default();
                    found.push(Shared { name: chain.to_string(), parent, bytes, users: Vec::new() });
                    known.insert(chain, found.len() - 1);
                    found.len() - 1
                }
            };
            claimed += found[at].bytes;
            found[at].users.push(user.to_owned());
            parent = Some(chain);
        }
        Result::Ok(parent)
    };
    for summary in engine.image_summaries()? {
        let name = summary.tags.first().map_or_else(|| summary.image.id.short(), |name| name.familiar());
        stand(engine, &mut found, &summary.image.config.rootfs.diff_ids, &name)?;
    }
    let mut written = Vec::new();
    for container in engine.containers()? {
        let name = container.plain_name().to_owned();
        let parent = match engine.image(&container.image)? {
            Some(image) => stand(engine, &mut found, &image.config.rootfs.diff_ids, &name)?,
            None => None,
        };
        let bytes = engine.container_size(&container.id)?;
        written.push(Shared { users: vec![name.clone()], name, parent, bytes });
    }
    claimed += written.iter().map(|layer| layer.bytes).sum::<u64>();
    found.extend(written);
    Ok((found, claimed))
}

fn layers(system: &mut System<'_>, process: &mut Process) -> Flow {
    let words: Vec<String> = process.args.iter().skip(1).map(ByteString::to_text).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let show: fn(&[Shared], u64) -> String = match words.as_slice() {
        [] => table,
        ["--json"] => |layers, claimed| format!("{}\n", document(layers, claimed)),
        ["--help" | "-h"] => {
            process.print(system, USAGE);
            return Flow::OK;
        }
        other => {
            process.complain(system, format!("layers: unknown argument {}\n{USAGE}", other.join(" ")));
            return Flow::Exit(2);
        }
    };
    match Engine::of(system).and_then(|mut engine| collect(&mut engine)) {
        Ok((found, claimed)) => {
            process.print(system, show(&found, claimed));
            Flow::OK
        }
        Err(error) => {
            process.complain(system, format!("layers: {error}\n"));
            Flow::Exit(1)
        }
    }
}

fn once(layers: &[Shared]) -> u64 {
    layers.iter().map(|layer| layer.bytes).sum()
}

fn table(layers: &[Shared], claimed: u64) -> String {
    let short = |name: &str| name.strip_prefix("sha256:").map_or(name, |hex| &hex[..12]).to_owned();
    let mut out = format!("{:<14} {:<14} {:>12}   USED BY\n", "LAYER", "LIES ON", "BYTES");
    for layer in layers {
        let parent = layer.parent.map_or_else(|| "-".to_owned(), |chain| chain.short());
        let users = layer.users.join(", ");
        let _ = writeln!(out, "{:<14} {parent:<14} {:>12}   {users}", short(&layer.name), layer.bytes);
    }
    let _ = writeln!(
        out,
        "{} bytes on the disk; {claimed} as each image and container counts them",
        once(layers)
    );
    out
}

fn document(layers: &[Shared], claimed: u64) -> Value {
    let rows: Vec<Value> = layers
        .iter()
        .map(|layer| {
            let kind = if layer.name.starts_with("sha256:") { "chain" } else { "container" };
            json!({
                kind: layer.name, "parent": layer.parent.map(|chain| chain.to_string()),
                "bytes": layer.bytes, "users": layer.users,
            })
        })
        .collect();
    json!({ "once": once(layers), "claimed": claimed, "layers": rows })
}
