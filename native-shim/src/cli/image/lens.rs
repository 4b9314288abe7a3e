//! The tree as one program's rules resolve the layers, and which programs refuse them.

use std::io::{self, Write};

use layerlab_core::explore::{self, Explorer, Lens, Record};
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::ArchivedImage as Found;
use serde_json::json;

use super::args::Image;
use super::tables;
use crate::archive::{self, Opened};
use crate::cli::{CliError, Outcome, text};

/// So many entries are tried with every program's rules to see who refuses them.
const TRIED_MAX: u64 = 50_000;

/// The tree under a lens; a refusal is an answer too.
pub(super) fn run(asked: &Image, file: &str, lens: Lens, limits: Limits) -> Outcome {
    let taken = asked.take(file, limits)?;
    let opened = &taken.opened;
    let image = opened.choose(asked.image.as_deref(), asked.platform.as_deref())?;
    let layers = entries(opened, image, limits)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    match explore::resolve(&layers, lens) {
        Ok(tree) if asked.json => {
            let rows: Vec<_> = tree.iter().map(|(path, what)| json!({"path": path, "is": what})).collect();
            writeln!(out, "{}", text::json(&json!({"as": lens, "tree": rows}))?)?;
        }
        Ok(tree) => {
            for (path, what) in &tree {
                tables::resolved(&mut out, path, what)?;
            }
        }
        Err((layer, error)) if asked.json => {
            let refused = json!({"layer": layer, "why": error.to_string()});
            writeln!(out, "{}", text::json(&json!({"as": lens, "refused": refused}))?)?;
            out.flush()?;
            return Ok(1);
        }
        Err((layer, error)) => {
            let why = text::visible(error.to_string().as_bytes());
            writeln!(io::stderr(), "layerlab: layer {layer} is refused: {why}")?;
            return Ok(1);
        }
    }
    out.flush()?;
    Ok(0)
}

fn entries(opened: &Opened, image: &Found, limits: Limits) -> Result<Vec<Vec<Record>>, CliError> {
    let mut source = opened.source();
    let read = |layer| {
        explore::read_entries(&mut source, layer, limits)
            .map_err(|fault| archive::ArchiveError::Image { path: opened.path.clone(), fault }.into())
    };
    image.layers.iter().map(read).collect()
}

/// One line on who refuses an image that Docker refuses, and who takes it, each by its own rules.
pub(super) fn who_refuses(
    opened: &Opened,
    explorer: &Explorer,
    limits: Limits,
) -> Result<Option<String>, CliError> {
    let count: u64 = explorer.counts.iter().map(|(entries, _)| entries).sum();
    let is_whole = explorer.image.layers.iter().all(|layer| layer.blob.is_some());
    if explorer.refused.is_empty() || count > TRIED_MAX || !is_whole {
        return Ok(None);
    }
    let layers = entries(opened, &explorer.image, limits)?;
    let mut sides: [Vec<String>; 2] = [Vec::new(), Vec::new()];
    for (lens, name) in [
        (Lens::Overlay2, "Docker"),
        (Lens::Containerd, "containerd"),
        (Lens::Vfs, "Podman (vfs)"),
        (Lens::Umoci, "umoci"),
    ] {
        match explore::resolve(&layers, lens) {
            Ok(_) => sides[1].push(name.to_owned()),
            Err((_, error)) => sides[0].push(format!("{name} ({error})")),
        }
    }
    let [refuse, take] = sides.map(|names| names.join(", "));
    let take = if take.is_empty() { "nobody".to_owned() } else { take };
    Ok(Some(format!("by their own rules it is refused by {refuse}; taken by {take}: --as RULES shows how")))
}
