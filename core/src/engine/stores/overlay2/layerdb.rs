//! The layer store: which chain id is which directory of the graph driver (`layer/layer_store.go`; oracle:
//! image-db-layout, layerdb-container-mount).

use super::{driver, layout};
use crate::engine::Engine;
use crate::engine::error::{Error, Named as _, Result};
use crate::kernel::{RenameFlags, Task};
use crate::oci::{Digest, chain_id};
use crate::program::LayerUsers;

/// The graph driver's name of a layer, if the layer is here.
pub(super) fn cache_id(engine: &mut Engine<'_>, chain: &Digest) -> Result<Option<String>> {
    engine.read_optional(&format!("{}/cache-id", layout::chain(chain)))
}

/// Bytes of a layer's own entries.
pub(super) fn size(engine: &mut Engine<'_>, chain: &Digest) -> Result<Option<u64>> {
    let text = engine.read_optional(&format!("{}/size", layout::chain(chain)))?;
    Ok(text.and_then(|text| text.trim().parse().ok()))
}

/// The layer below, if there is one.
pub(super) fn below(engine: &mut Engine<'_>, chain: &Digest) -> Result<Option<Digest>> {
    let text = engine.read_optional(&format!("{}/parent", layout::chain(chain)))?;
    Ok(text.and_then(|text| Digest::parse(text.trim()).ok()))
}

/// The chain ids of all layers here.
pub(super) fn chains(engine: &mut Engine<'_>) -> Result<Vec<Digest>> {
    let names = engine.names(&format!("{}/layerdb/sha256", layout::IMAGE))?;
    Ok(names.iter().filter_map(|name| Digest::from_hex(name).ok()).collect())
}

/// Makes room for a layer on `parent`: a directory of the graph driver, not yet known to anybody.
pub(super) fn stage(engine: &mut Engine<'_>, parent: Option<&Digest>) -> Result<String> {
    let mut key = None;
    if let Some(parent) = parent {
        let mut depth = 1;
        let mut at = *parent;
        while let Some(next) = below(engine, &at)? {
            depth += 1;
            at = next;
        }
        if depth >= crate::engine::layout::MAX_LAYERS {
            return Err(Error::Failed("max depth exceeded".to_owned()));
        }
        key = cache_id(engine, parent)?;
        if key.is_none() {
            return Err(Error::Failed("layer does not exist".to_owned()));
        }
    }
    let cache_id = engine.fresh_id();
    driver::create(engine, &cache_id, key.as_deref())?;
    Ok(cache_id)
}

/// Makes a staged layer known under its chain id. Where that is known already, the staged one is thrown away.
pub(super) fn commit(
    engine: &mut Engine<'_>,
    key: &str,
    parent: Option<&Digest>,
    diff_id: &Digest,
    tar_split: &[u8],
) -> Result<Digest> {
    let chain = chain_id(parent, diff_id);
    if cache_id(engine, &chain)?.is_some() {
        driver::remove(engine, key)?;
        return Ok(chain);
    }
    let size = driver::size(engine, key)?;
    let staged = format!("{}/layerdb/tmp/write-set-{}", layout::IMAGE, &key[..9]);
    engine.remove(&staged)?;
    engine.make_dir(&staged, 0o700)?;
    engine.write_plain(&format!("{staged}/diff"), diff_id.to_string().as_bytes(), 0o644)?;
    engine.write_plain(&format!("{staged}/cache-id"), key.as_bytes(), 0o644)?;
    engine.write_plain(&format!("{staged}/size"), size.to_string().as_bytes(), 0o644)?;
    engine.write_plain(&format!("{staged}/tar-split.json.gz"), tar_split, 0o600)?;
    if let Some(parent) = parent {
        engine.write_plain(&format!("{staged}/parent"), parent.to_string().as_bytes(), 0o644)?;
    }
    let dir = layout::chain(&chain);
    engine.make_dir(&format!("{}/layerdb/sha256", layout::IMAGE), 0o755)?;
    let task = Task::root();
    engine
        .kernel
        .rename(&task, staged.as_bytes(), dir.as_bytes(), RenameFlags::empty())
        .named("rename", staged.as_bytes())?;
    engine.world.held.count(parent, true);
    Ok(chain)
}

/// Removes layers that no image and no container stands on, from this one down. Returns the chain ids removed,
/// topmost first.
pub(super) fn release(engine: &mut Engine<'_>, chain: &Digest) -> Result<Vec<Digest>> {
    let mut removed = Vec::new();
    let mut at = Some(*chain);
    while let Some(chain) = at {
        let Some(cache_id) = cache_id(engine, &chain)? else { break };
        if is_used(engine, &chain)? {
            break;
        }
        at = below(engine, &chain)?;
        engine.remove(&layout::chain(&chain))?;
        driver::remove(engine, &cache_id)?;
        engine.world.held.count(at.as_ref(), false);
        removed.push(chain);
    }
    Ok(removed)
}

fn is_used(engine: &mut Engine<'_>, chain: &Digest) -> Result<bool> {
    let is_pulled = engine.world.held.pulled.contains(chain);
    Ok(is_pulled || users(engine)?.get(chain).is_some_and(|count| *count > 0) || engine.cache_holds(chain)?)
}

/// How many images, layers and containers stand on each layer, as the daemon counts them in memory
/// (`layer/ro_layer.go`: `referenceCount`); counted from the disk at the first need.
fn users(engine: &mut Engine<'_>) -> Result<LayerUsers> {
    if let Some(users) = &engine.world.held.users {
        return Ok(users.clone());
    }
    let mut users = LayerUsers::default();
    let mut count = |chain: Option<Digest>| {
        if let Some(chain) = chain {
            let count = users.get(&chain).copied().unwrap_or_default();
            users.insert(chain, count + 1);
        }
    };
    for image in engine.images()? {
        count(image.chain_id());
    }
    for chain in chains(engine)? {
        count(below(engine, &chain)?);
    }
    for container in engine.names(&format!("{}/layerdb/mounts", layout::IMAGE))? {
        let parent = engine.read_optional(&format!("{}/parent", layout::mount(&container)))?;
        count(parent.and_then(|text| Digest::parse(text.trim()).ok()));
    }
    Ok(engine.world.held.users.insert(users).clone())
}

/// Makes a container's writable layer over an image: an init layer with Docker's own mount points, and the writable
/// one on it.
pub(super) fn container_create(
    engine: &mut Engine<'_>,
    container: &str,
    parent: Option<&Digest>,
) -> Result<()> {
    let below = match parent {
        Some(chain) => Some(required(engine, chain)?),
        None => None,
    };
    let id = engine.fresh_id();
    let init = format!("{id}-init");
    driver::create(engine, &init, below.as_deref())?;
    let view = driver::mount(engine, &init)?;
    let set_up = engine.init_setup(&view);
    driver::unmount(engine, &init)?;
    set_up?;
    driver::create(engine, &id, Some(&init))?;
    let dir = layout::mount(container);
    engine.make_dir(&dir, 0o755)?;
    engine.write_plain(&format!("{dir}/mount-id"), id.as_bytes(), 0o644)?;
    engine.write_plain(&format!("{dir}/init-id"), init.as_bytes(), 0o644)?;
    if let Some(parent) = parent {
        engine.write_plain(&format!("{dir}/parent"), parent.to_string().as_bytes(), 0o644)?;
        engine.world.held.count(Some(parent), true);
    }
    Ok(())
}

/// The graph driver's name of a container's writable layer.
pub(super) fn container_key(engine: &mut Engine<'_>, container: &str) -> Result<String> {
    engine.read_text(&format!("{}/mount-id", layout::mount(container)))
}

/// Removes a container's writable layer, its init layer, and layers that stood for it alone.
pub(super) fn container_remove(engine: &mut Engine<'_>, container: &str) -> Result<()> {
    let dir = layout::mount(container);
    let Some(id) = engine.read_optional(&format!("{dir}/mount-id"))? else { return Ok(()) };
    let parent = engine.read_optional(&format!("{dir}/parent"))?;
    driver::remove(engine, &id)?;
    driver::remove(engine, &format!("{id}-init"))?;
    engine.remove(&dir)?;
    if let Some(parent) = parent.and_then(|text| Digest::parse(text.trim()).ok()) {
        engine.world.held.count(Some(&parent), false);
        release(engine, &parent)?;
    }
    Ok(())
}

/// The directory of a layer that must be here.
pub(super) fn required(engine: &mut Engine<'_>, chain: &Digest) -> Result<String> {
    cache_id(engine, chain)?.ok_or_else(|| Error::Failed("layer does not exist".to_owned()))
}

/// The diff id of a layer.
pub(super) fn diff(engine: &mut Engine<'_>, chain: &Digest) -> Result<Digest> {
    let text = engine.read_text(&format!("{}/diff", layout::chain(chain)))?;
    Digest::parse(text.trim()).map_err(|error| Error::Failed(error.to_string()))
}

/// Writes a layer's size down.
pub(super) fn set_size(engine: &mut Engine<'_>, chain: &Digest, bytes: u64) -> Result<()> {
    engine.write_atomic(&format!("{}/size", layout::chain(chain)), bytes.to_string().as_bytes(), 0o644)
}
