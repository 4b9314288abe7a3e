//! What archives hold: images with their platforms, attestations and artifacts, and the bytes that images share.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use layerlab_core::oci::Digest;
use layerlab_core::oci::Limits;
use layerlab_core::oci::archive::ArchivedImage as Found;
use serde_json::{Value, json};

use super::args::Image;
use super::source::Taken;
use super::tables;
use super::units::{counted, size};
use crate::cli::text::{json as escaped, visible};
use crate::cli::{CliError, Outcome};

/// A layer of any of the archives.
#[derive(Debug, Default)]
struct Shared {
    bytes: u64,
    images: BTreeSet<Digest>,
}

/// Lists every archive.
pub(super) fn run(asked: &Image, limits: Limits) -> Outcome {
    let taken: Result<Vec<Taken>, CliError> =
        asked.files.iter().map(|file| asked.take(file, limits)).collect();
    let taken = taken?;
    let mut layers: BTreeMap<Digest, Shared> = BTreeMap::new();
    let mut all = 0;
    for image in taken.iter().flat_map(|taken| &taken.opened.archive.images) {
        for layer in &image.layers {
            let bytes = layer.blob.map_or(0, |blob| blob.len);
            let known = layers.entry(layer.diff_id).or_default();
            known.bytes = known.bytes.max(bytes);
            known.images.insert(image.config.id);
        }
        all += stored(image);
    }
    let once: u64 = layers.values().map(|layer| layer.bytes).sum();
    let shared = |image: &Found| -> u64 {
        let layers = image
            .layers
            .iter()
            .filter(|layer| layers.get(&layer.diff_id).is_some_and(|known| known.images.len() > 1));
        layers.filter_map(|layer| layer.blob).map(|blob| blob.len).sum()
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    if asked.json {
        let archives: Vec<Value> = taken
            .iter()
            .map(|taken| {
                let archive = &taken.opened.archive;
                let images: Vec<Value> = archive
                    .images
                    .iter()
                    .map(|image| {
                        let layers: Vec<&Digest> = image.layers.iter().map(|layer| &layer.diff_id).collect();
                        json!({
                            "names": image.names, "id": image.config.id, "manifest": image.manifest,
                            "platform": image.platform.to_string(), "diff_ids": layers,
                            "stored_bytes": stored(image), "shared_bytes": shared(image),
                        })
                    })
                    .collect();
                json!({
                    "file": taken.opened.path.display().to_string(), "form": archive.form, "images": images,
                    "listed": archive.listed, "warnings": archive.warnings,
                })
            })
            .collect();
        let object = json!({"archives": archives, "stored_bytes": all, "distinct_bytes": once});
        writeln!(out, "{}", escaped(&object)?)?;
        out.flush()?;
        return Ok(0);
    }
    for taken in &taken {
        let archive = &taken.opened.archive;
        let path = taken.opened.path.display().to_string();
        writeln!(out, "{}: {}", visible(path.as_bytes()), counted(archive.images.len(), "image"))?;
        for image in &archive.images {
            let names: Vec<String> = image.names.iter().map(|name| visible(name.as_bytes())).collect();
            writeln!(
                out,
                "  {:<12}  {:<14}  {:>3} layers  {:>9}, {:>9} shared  {}",
                image.config.id.short(),
                visible(image.platform.to_string().as_bytes()),
                image.layers.len(),
                size(stored(image)),
                size(shared(image)),
                if names.is_empty() { "<none>".to_owned() } else { names.join(", ") }
            )?;
        }
        let others: Vec<_> = archive.listed.iter().filter(|entry| !entry.is_image_here()).collect();
        tables::listed(&mut out, &others)?;
        for warning in &archive.warnings {
            writeln!(out, "  warning: {}", visible(warning.as_bytes()))?;
        }
    }
    writeln!(out, "{} in layers; each layer once {}", size(all), size(once))?;
    out.flush()?;
    Ok(0)
}

fn stored(image: &Found) -> u64 {
    image.layers.iter().filter_map(|layer| layer.blob).map(|blob| blob.len).sum()
}
