//! The image store: configurations by id, names, parents (`image/store.go`, `reference/store.go`; oracle:
//! image-db-repositories, images-*, history-*).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::layout;
use crate::engine::error::{Error, Result};
use crate::engine::{Engine, StoredImage};
use crate::kernel::{Task, fs};
use crate::map::Map;
use crate::oci::{ConfigDocument, Digest, Limits, Reference, chain_ids, json, time};
use crate::program::{ImageChildren, ImageNames};

/// `repositories.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Repositories {
    repositories: ImageNames,
}

/// The image with this id.
pub(super) fn image(engine: &mut Engine<'_>, id: &Digest) -> Result<Option<StoredImage>> {
    let Some(bytes) = engine.read_bytes(&layout::image(id))? else { return Ok(None) };
    let document = ConfigDocument::parse_docker(&bytes, Limits::default().json).map_err(Error::Failed)?;
    let metadata = layout::image_metadata(id);
    let parent = parent(engine, id)?;
    let tagged = engine.read_optional(&format!("{metadata}/lastUpdated"))?;
    Ok(Some(StoredImage {
        id: *id,
        bytes: document.bytes,
        config: document.config,
        parent,
        last_tagged: tagged.and_then(|text| time::parse(text.trim())),
    }))
}

/// All images, by id.
pub(super) fn images(engine: &mut Engine<'_>) -> Result<Vec<StoredImage>> {
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
        if engine.world.held.children.is_some() {
            // An image's metadata, its parent among them, may outlive its document.
            let parent = parent(engine, &document.id)?;
            engine.world.held.child(parent.as_ref(), &document.id, true);
        }
    }
    Ok(document.id)
}

/// The image that one was made from.
fn parent(engine: &mut Engine<'_>, id: &Digest) -> Result<Option<Digest>> {
    let text = engine.read_optional(&format!("{}/parent", layout::image_metadata(id)))?;
    Ok(text.and_then(|text| Digest::parse(text.trim()).ok()))
}

/// Removes a document with what is known of it.
pub(super) fn remove(engine: &mut Engine<'_>, id: &Digest) -> Result<()> {
    let held = &engine.world.held;
    let is_held = held.users.is_some() || held.children.is_some();
    let known = if is_held { image(engine, id)? } else { None };
    engine.remove(&layout::image(id))?;
    if let Some(image) = known {
        engine.world.held.count(image.chain_id().as_ref(), false);
        engine.world.held.child(image.parent.as_ref(), id, false);
    }
    engine.remove(&layout::image_metadata(id))
}

/// Says which image one was made from.
pub(super) fn set_parent(engine: &mut Engine<'_>, id: &Digest, parent: &Digest) -> Result<()> {
    let before = self::parent(engine, id)?;
    let dir = layout::image_metadata(id);
    engine.make_dir(&dir, 0o700)?;
    engine.write_atomic(&format!("{dir}/parent"), parent.to_string().as_bytes(), 0o600)?;
    engine.world.held.child(before.as_ref(), id, false);
    engine.world.held.child(Some(parent), id, true);
    Ok(())
}

/// The names as the daemon has them in memory; read from their file at the first need.
fn names(engine: &mut Engine<'_>) -> Result<ImageNames> {
    if let Some(names) = &engine.world.held.names {
        return Ok(names.clone());
    }
    let file: Repositories = engine.read_json(&layout::repositories())?.unwrap_or_default();
    Ok(engine.world.held.names.insert(file.repositories).clone())
}

/// Writes the names down. What could not be written is read again.
fn keep(engine: &mut Engine<'_>, names: ImageNames) -> Result<()> {
    engine.world.held.names = None;
    engine.write_atomic(&layout::repositories(), &document(&names), 0o600)?;
    engine.world.held.names = Some(names);
    Ok(())
}

/// `repositories.json` as Go writes it. It is written for every name that changes, so that it is put together here: names
/// have no letter that Go escapes.
fn document(names: &ImageNames) -> Vec<u8> {
    fn quoted(text: &mut Vec<u8>, name: &str) {
        let is_plain =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'/' | b':' | b'@');
        if name.bytes().all(is_plain) {
            text.push(b'"');
            text.extend_from_slice(name.as_bytes());
            text.push(b'"');
        } else {
            // A file that was changed by hand may have other names.
            text.extend_from_slice(&json::to_go_json(&name));
        }
    }
    let mut text = b"{\"Repositories\":{".to_vec();
    for (at, (repository, names)) in names.iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        quoted(&mut text, repository);
        text.extend_from_slice(b":{");
        for (at, (name, id)) in names.iter().enumerate() {
            if at > 0 {
                text.push(b',');
            }
            quoted(&mut text, name);
            text.extend_from_slice(b":\"");
            id.append_to(&mut text);
            text.push(b'"');
        }
        text.push(b'}');
    }
    text.extend_from_slice(b"}}");
    text
}

/// All names with the ids that they stand for, sorted as text.
pub(super) fn references(engine: &mut Engine<'_>) -> Result<Vec<(Reference, Digest)>> {
    let names = names(engine)?;
    let names = names.values().flat_map(Map::iter);
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
    let own = names.values().flat_map(Map::iter).filter(|(_, of)| *of == id);
    Ok(own.filter_map(|(name, _)| Reference::parse(name).ok()).collect())
}

/// Gives images names; other images lose them: those, a place a name. The file is written once.
pub(super) fn tag(engine: &mut Engine<'_>, list: &[(Reference, Digest)]) -> Result<Vec<Option<Digest>>> {
    let mut all = names(engine)?;
    let mut before = Vec::with_capacity(list.len());
    for (name, id) in list {
        let repository = name.familiar_name();
        if !all.contains_key(&repository) {
            all.insert(repository.clone(), Map::default());
        }
        let own = all.get_mut(&repository);
        let old = own.and_then(|own| own.insert(name.familiar(), *id));
        before.push(old.filter(|old| old != id));
    }
    keep(engine, all)?;
    let now = engine.now_text();
    let tagged: BTreeSet<&Digest> =
        list.iter().filter(|(name, _)| name.tag.is_some()).map(|(_, id)| id).collect();
    for id in tagged {
        let dir = layout::image_metadata(id);
        engine.make_dir(&dir, 0o700)?;
        engine.write_atomic(&format!("{dir}/lastUpdated"), now.as_bytes(), 0o600)?;
    }
    Ok(before)
}

/// Takes a name away.
pub(super) fn untag(engine: &mut Engine<'_>, name: &Reference) -> Result<()> {
    let mut all = names(engine)?;
    let repository = name.familiar_name();
    if let Some(own) = all.get_mut(&repository) {
        own.remove(&name.familiar());
        if own.is_empty() {
            all.remove(&repository);
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

/// The images whose `parent` file names this one; of none, those that have no such file. The daemon has them in memory
/// (`image/store.go`, `imageMeta.children`).
pub(super) fn children(engine: &mut Engine<'_>, of: Option<&Digest>) -> Result<Vec<Digest>> {
    if engine.world.held.children.is_none() {
        let mut children = ImageChildren::default();
        for name in engine.names(&format!("{}/imagedb/content/sha256", layout::IMAGE))? {
            let Ok(id) = Digest::from_hex(&name) else { continue };
            let of = parent(engine, &id)?.map(|parent| parent.to_string()).unwrap_or_default();
            let mut list = children.remove(&of).unwrap_or_default();
            list.insert(id, ());
            children.insert(of, list);
        }
        engine.world.held.children = Some(children);
    }
    let of = of.map(ToString::to_string).unwrap_or_default();
    let list = engine.world.held.children.as_ref().and_then(|all| all.get(&of));
    Ok(list.into_iter().flat_map(|list| list.keys().copied()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_what_go_writes() {
        let id = Digest::of(b"1");
        let own = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), id)).collect();
        let names: ImageNames = [
            ("web".to_owned(), own(&["web:1", "web:2"])),
            ("odd<name".to_owned(), own(&["odd<name:1"])),
            ("reg.example:5000/a_b".to_owned(), own(&["reg.example:5000/a_b@sha256:12"])),
        ]
        .into_iter()
        .collect();
        let document = document(&names);
        assert_eq!(document, json::to_go_json(&Repositories { repositories: names.clone() }));
        let read: Repositories = serde_json::from_slice(&document).unwrap();
        assert_eq!(read.repositories, names);
    }
}
