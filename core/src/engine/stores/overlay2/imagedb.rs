//! The image store: configurations by id, names, parents (`image/store.go`, `reference/store.go`; oracle:
//! image-db-repositories, images-*, history-*).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::layout;
use crate::engine::error::{Error, Result};
use crate::engine::{Engine, Image};
use crate::kernel::{Task, fs};
use crate::oci::{ConfigDocument, Digest, Limits, Reference, chain_ids, time};
use crate::program::ImageNames;

/// `repositories.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Repositories {
    repositories: Arc<ImageNames>,
}

/// The image with this id.
pub(super) fn image(engine: &mut Engine<'_>, id: &Digest) -> Result<Option<Image>> {
    let Some(bytes) = engine.read_bytes(&layout::image(id))? else { return Ok(None) };
    let document = ConfigDocument::parse_docker(&bytes, Limits::default().json).map_err(Error::Failed)?;
    let metadata = layout::image_metadata(id);
    let parent = engine.read_optional(&format!("{metadata}/parent"))?;
    let tagged = engine.read_optional(&format!("{metadata}/lastUpdated"))?;
    Ok(Some(Image {
        id: *id,
        bytes: document.bytes,
        config: document.config,
        parent: parent.and_then(|text| Digest::parse(text.trim()).ok()),
        last_tagged: tagged.and_then(|text| time::parse(text.trim())),
    }))
}

/// All images, by id.
pub(super) fn images(engine: &mut Engine<'_>) -> Result<Vec<Image>> {
    let mut images = Vec::new();
    for name in engine.names(&format!("{}/imagedb/content/sha256", layout::IMAGE))? {
        if let Ok(id) = Digest::from_hex(&name)
            && let Some(image) = image(engine, &id)?
        {
            images.push(image);
        }
    }
    Ok(images)
}

/// Stores an image's document. The same document twice is one image.
pub(super) fn create(engine: &mut Engine<'_>, document: &ConfigDocument) -> Result<Digest> {
    let file = layout::image(&document.id);
    let is_new = !fs::exists(engine.kernel, &Task::root(), file.as_bytes());
    engine.write_atomic(&file, &document.bytes, 0o600)?;
    if is_new {
        engine.world.held.count(chain_ids(&document.config.rootfs.diff_ids).last(), true);
    }
    Ok(document.id)
}

/// Removes a document with what is known of it.
pub(super) fn remove(engine: &mut Engine<'_>, id: &Digest) -> Result<()> {
    let known = if engine.world.held.users.is_some() { image(engine, id)? } else { None };
    engine.remove(&layout::image(id))?;
    engine.world.held.count(known.and_then(|image| image.chain_id()).as_ref(), false);
    engine.remove(&layout::image_metadata(id))
}

/// Says which image one was made from.
pub(super) fn set_parent(engine: &mut Engine<'_>, id: &Digest, parent: &Digest) -> Result<()> {
    let dir = layout::image_metadata(id);
    engine.make_dir(&dir, 0o700)?;
    engine.write_atomic(&format!("{dir}/parent"), parent.to_string().as_bytes(), 0o600)
}

/// The names as the daemon has them in memory; read from their file at the first need.
fn names(engine: &mut Engine<'_>) -> Result<Arc<ImageNames>> {
    if let Some(names) = &engine.world.held.names {
        return Ok(Arc::clone(names));
    }
    let file: Repositories = engine.read_json(&layout::repositories())?.unwrap_or_default();
    Ok(Arc::clone(engine.world.held.names.insert(file.repositories)))
}

/// Writes the names down. What could not be written is read again.
fn keep(engine: &mut Engine<'_>, names: Arc<ImageNames>) -> Result<()> {
    engine.world.held.names = None;
    let file = Repositories { repositories: names };
    engine.write_json(&layout::repositories(), &file, 0o600)?;
    engine.world.held.names = Some(file.repositories);
    Ok(())
}

/// All names with the ids that they stand for, sorted as text.
pub(super) fn references(engine: &mut Engine<'_>) -> Result<Vec<(Reference, Digest)>> {
    let names = names(engine)?;
    let names = names.values().flatten();
    Ok(names.filter_map(|(name, id)| Some((Reference::parse(name).ok()?, *id))).collect())
}

/// The id that one name stands for.
pub(super) fn named(engine: &mut Engine<'_>, name: &Reference) -> Result<Option<Digest>> {
    let names = names(engine)?;
    Ok(names.get(&name.familiar_name()).and_then(|names| names.get(&name.familiar())).copied())
}

/// The names of one image.
pub(super) fn names_of(engine: &mut Engine<'_>, id: &Digest) -> Result<Vec<Reference>> {
    let names = names(engine)?;
    let own = names.values().flatten().filter(|(_, of)| *of == id);
    Ok(own.filter_map(|(name, _)| Reference::parse(name).ok()).collect())
}

/// Gives an image a name; another image loses it. Returns that other one.
pub(super) fn tag(engine: &mut Engine<'_>, name: &Reference, id: &Digest) -> Result<Option<Digest>> {
    let mut all = names(engine)?;
    let own = Arc::make_mut(&mut all).entry(name.familiar_name()).or_default();
    let before = own.insert(name.familiar(), *id);
    keep(engine, all)?;
    if name.tag.is_some() {
        let now = engine.now_text();
        let dir = layout::image_metadata(id);
        engine.make_dir(&dir, 0o700)?;
        engine.write_atomic(&format!("{dir}/lastUpdated"), now.as_bytes(), 0o600)?;
    }
    Ok(before.filter(|before| before != id))
}

/// Takes a name away.
pub(super) fn untag(engine: &mut Engine<'_>, name: &Reference) -> Result<()> {
    let mut all = names(engine)?;
    let repository = name.familiar_name();
    let repositories = Arc::make_mut(&mut all);
    if let Some(own) = repositories.get_mut(&repository) {
        own.remove(&name.familiar());
        if own.is_empty() {
            repositories.remove(&repository);
        }
    }
    keep(engine, all)
}

/// The one image whose id starts so; with or without `sha256:`.
pub(super) fn search_image(engine: &mut Engine<'_>, text: &str) -> Result<Option<Digest>> {
    let start = text.strip_prefix("sha256:").unwrap_or(text);
    if start.is_empty() || !start.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let names = engine.names(&format!("{}/imagedb/content/sha256", layout::IMAGE))?;
    let mut found = names.iter().filter(|name| name.starts_with(start));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(Digest::from_hex(one).ok()),
        _ => Ok(None),
    }
}

/// The images whose `parent` file names this one; of none, those that have no such file.
pub(super) fn children(engine: &mut Engine<'_>, of: Option<&Digest>) -> Result<Vec<Digest>> {
    let wanted = of.map(ToString::to_string);
    let mut found = Vec::new();
    for name in engine.names(&format!("{}/imagedb/content/sha256", layout::IMAGE))? {
        let Ok(id) = Digest::from_hex(&name) else { continue };
        let parent = engine.read_optional(&format!("{}/parent", layout::image_metadata(&id)))?;
        if parent.as_deref().map(str::trim) == wanted.as_deref() {
            found.push(id);
        }
    }
    Ok(found)
}
