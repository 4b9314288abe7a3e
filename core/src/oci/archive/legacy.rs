//! `docker save`'s form before Docker 1.10: a directory an image, with `json` and `layer.tar`, and `repositories` for the
//! names. Each image is shown as `docker load` makes one of today's of it ([`v1`]), for which its layers are read here.

use std::collections::{BTreeMap, BTreeSet};

use super::{ArchiveError, ArchivedImage, Index, Layer, Reader, platform_of};
use crate::oci::config::ConfigDocument;
use crate::oci::decode::MAGIC_LEN;
use crate::oci::layer::{Blob, Expected, Flow, LayerError};
use crate::oci::v1::{self, Head, REPOSITORIES};
use crate::oci::{Digest, gojson};

const PIECE: usize = 1 << 20;

/// An image of today's, and its layers.
struct Made {
    config: ConfigDocument,
    layers: Vec<Layer>,
    parent: String,
}

/// Whether an archive without documents of today's is such a one.
pub(super) fn is_one(index: &Index) -> bool {
    let has = |dir: &str, file: &str| index.has(&format!("{dir}/{file}")).is_ok_and(|has| has);
    index.has(REPOSITORIES).is_ok_and(|has| has)
        || index.top_dirs().into_iter().any(|dir| has(dir, "json") && has(dir, "layer.tar"))
}

/// Its images: those with a name, and those that no other is made from.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Vec<ArchivedImage>, ArchiveError> {
    let mut made: BTreeMap<String, Made> = BTreeMap::new();
    let mut bytes = 0;
    for dir in reader.index.top_dirs() {
        // From the image to its lowest ancestor, then back: each needs its parent first.
        let mut line: Vec<(String, Vec<u8>, Head)> = Vec::new();
        let mut at = Some(dir.to_owned());
        while let Some(id) = at.filter(|id| !made.contains_key(id)) {
            let file = format!("{id}/json");
            if line.iter().any(|(other, ..)| *other == id) {
                return Err(document(&file, "it is its own ancestor"));
            }
            if line.len() >= reader.limits.layers {
                return Err(reader.too_many_layers(&file));
            }
            let text = reader.read(&file)?;
            gojson::spelled(&text, &gojson::V1_IMAGE).map_err(|why| document(&file, &why))?;
            let head = Head::read(&text, reader.limits.json).map_err(|why| document(&file, &why))?;
            at = Some(head.parent.clone()).filter(|parent| !parent.is_empty());
            line.push((id, text, head));
        }
        while let Some((id, text, head)) = line.pop() {
            let image = image(reader, &id, &text, &head.parent, &made)?;
            bytes += image.config.bytes.len();
            if bytes > reader.limits.json {
                let limit = reader.limits.json;
                return Err(ArchiveError::Limit {
                    file: format!("{id}/json"),
                    what: "bytes of documents",
                    limit,
                });
            }
            made.insert(id, image);
        }
    }
    let mut names = names(reader, &made)?;
    let below: BTreeSet<String> = made.values().map(|image| image.parent.clone()).collect();
    made.retain(|id, _| names.contains_key(id) || !below.contains(id));
    if made.len() > reader.limits.index_entries {
        let limit = reader.limits.index_entries;
        return Err(ArchiveError::Limit { file: REPOSITORIES.to_owned(), what: "images", limit });
    }
    let images = made.into_iter().map(|(id, image)| ArchivedImage {
        names: names.remove(&id).unwrap_or_default(),
        manifest: None,
        raw: None,
        platform: platform_of(&image.config),
        config: image.config,
        layers: image.layers,
    });
    Ok(images.collect())
}

fn image(
    reader: &mut Reader<'_>,
    id: &str,
    text: &[u8],
    parent: &str,
    made: &BTreeMap<String, Made>,
) -> Result<Made, ArchiveError> {
    let below = made.get(parent);
    let file = format!("{id}/layer.tar");
    let blob = reader.index.find(&file)?;
    let mut layers = below.map(|below| below.layers.clone()).unwrap_or_default();
    if layers.len() >= reader.limits.layers {
        return Err(reader.too_many_layers(&format!("{id}/json")));
    }
    let diff_id = diff_id(reader, &file, blob)?;
    let config = v1::modern(text, below.map(|below| &below.config.config), diff_id, reader.limits.json)
        .map_err(|why| document(&format!("{id}/json"), &why))?;
    layers.push(Layer { file, blob: Some(blob), digest: None, diff_id, media_type: String::new() });
    Ok(Made { config, layers, parent: parent.to_owned() })
}

/// The digest of a layer's uncompressed bytes, which no document of such an archive tells.
fn diff_id(reader: &mut Reader<'_>, file: &str, blob: Blob) -> Result<Digest, ArchiveError> {
    let failed = |fault: LayerError| ArchiveError::Layer { file: file.to_owned(), fault };
    let start = reader.source.read_at(blob.offset, MAGIC_LEN.min(blob.len as usize))?;
    let mut flow = Flow::new(&start, Expected::default(), reader.limits);
    let mut at = 0;
    while at < blob.len {
        let want = usize::try_from(blob.len - at).unwrap_or(PIECE).min(PIECE);
        let piece = reader.source.read_at(blob.offset + at, want)?;
        if piece.is_empty() {
            return Err(failed(LayerError::Size { expected: blob.len, found: at }));
        }
        flow.push(&piece, |_| Ok(())).map_err(failed)?;
        at += piece.len() as u64;
    }
    Ok(flow.finish().map_err(failed)?.diff_id)
}

/// The names that `repositories` gives, by image.
fn names(
    reader: &mut Reader<'_>,
    made: &BTreeMap<String, Made>,
) -> Result<BTreeMap<String, Vec<String>>, ArchiveError> {
    let bytes = match reader.read(REPOSITORIES) {
        // Images that were saved by their ids.
        Err(ArchiveError::Missing { .. }) => return Ok(BTreeMap::new()),
        bytes => bytes?,
    };
    let all = v1::repositories(&bytes, reader.limits.json).map_err(|why| document(REPOSITORIES, &why))?;
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, tags) in all {
        for (tag, id) in tags.unwrap_or_default() {
            if !made.contains_key(&id) {
                return Err(document(
                    REPOSITORIES,
                    &format!("no image {id:?}, which has the name {name}:{tag}"),
                ));
            }
            names.entry(id).or_default().push(format!("{name}:{tag}"));
        }
    }
    Ok(names)
}

fn document(file: &str, why: &str) -> ArchiveError {
    ArchiveError::Document { file: file.to_owned(), why: why.to_owned() }
}
