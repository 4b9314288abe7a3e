//! Docker 20.10's own store: the graph driver overlay2 (`driver`), which chain id is which of its directories
//! (`layerdb`), and image documents with their names (`imagedb`).

mod driver;
mod imagedb;
mod layerdb;
mod layout;

pub(crate) use driver::{ORIGIN, OVERLAY};
pub(super) use layout::OVERLAY2 as PLACE;

use super::{GraphDirs, Images, Layers, StoredImage};
use crate::engine::Engine;
use crate::engine::error::Result;
use crate::oci::{ConfigDocument, Digest, Reference};

/// The store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Overlay2;

impl Layers for Overlay2 {
    fn dirs(&self) -> &'static [(&'static str, u32)] {
        &layout::DIRS
    }

    fn key(&self, engine: &mut Engine<'_>, chain: &Digest) -> Result<Option<String>> {
        layerdb::cache_id(engine, chain)
    }

    fn usage(&self, engine: &mut Engine<'_>, chain: &Digest) -> Result<Option<u64>> {
        layerdb::size(engine, chain)
    }

    fn walk(&self, engine: &mut Engine<'_>) -> Result<Vec<Digest>> {
        layerdb::chains(engine)
    }

    fn set_usage(&self, engine: &mut Engine<'_>, chain: &Digest, bytes: u64) -> Result<()> {
        layerdb::set_size(engine, chain, bytes)
    }

    fn diff(&self, engine: &mut Engine<'_>, chain: &Digest) -> Result<Digest> {
        layerdb::diff(engine, chain)
    }

    fn split(&self, chain: &Digest) -> String {
        format!("{}/tar-split.json.gz", layout::chain(chain))
    }

    fn prepare(&self, engine: &mut Engine<'_>, parent: Option<&Digest>) -> Result<String> {
        layerdb::stage(engine, parent)
    }

    fn commit(
        &self,
        engine: &mut Engine<'_>,
        key: &str,
        parent: Option<&Digest>,
        diff_id: &Digest,
        tar_split: &[u8],
    ) -> Result<Digest> {
        layerdb::commit(engine, key, parent, diff_id, tar_split)
    }

    fn remove(&self, engine: &mut Engine<'_>, key: &str) -> Result<()> {
        driver::remove(engine, key)
    }

    fn release(&self, engine: &mut Engine<'_>, chain: &Digest) -> Result<Vec<Digest>> {
        layerdb::release(engine, chain)
    }

    fn view(&self, engine: &mut Engine<'_>, chain: &Digest) -> Result<(String, String)> {
        let below = layerdb::required(engine, chain)?;
        let key = engine.fresh_id();
        driver::create(engine, &key, Some(&below))?;
        match driver::mount(engine, &key) {
            Ok(root) => Ok((key, root)),
            Err(error) => {
                driver::remove(engine, &key)?;
                Err(error)
            }
        }
    }

    fn prepare_container(
        &self,
        engine: &mut Engine<'_>,
        container: &str,
        parent: Option<&Digest>,
    ) -> Result<()> {
        layerdb::container_create(engine, container, parent)
    }

    fn container_key(&self, engine: &mut Engine<'_>, container: &str) -> Result<String> {
        layerdb::container_key(engine, container)
    }

    fn init_key(&self, key: &str) -> String {
        format!("{key}-init")
    }

    fn remove_container(&self, engine: &mut Engine<'_>, container: &str) -> Result<()> {
        layerdb::container_remove(engine, container)
    }

    fn is_mounted(&self, engine: &mut Engine<'_>, key: &str) -> Result<bool> {
        driver::is_mounted(engine, key)
    }

    fn mount(&self, engine: &mut Engine<'_>, key: &str) -> Result<String> {
        driver::mount(engine, key)
    }

    fn unmount(&self, engine: &mut Engine<'_>, key: &str) -> Result<()> {
        driver::unmount(engine, key)
    }

    fn mounts(&self, engine: &mut Engine<'_>, key: &str) -> Result<GraphDirs> {
        driver::dirs(engine, key)
    }

    fn entries(&self, key: &str) -> String {
        format!("{}/diff", layout::layer(key))
    }
}

impl Images for Overlay2 {
    fn config(&self, engine: &mut Engine<'_>, id: &Digest) -> Result<Option<StoredImage>> {
        imagedb::image(engine, id)
    }

    fn list(&self, engine: &mut Engine<'_>) -> Result<Vec<StoredImage>> {
        imagedb::images(engine)
    }

    fn path(&self, id: &Digest) -> String {
        layout::image(id)
    }

    fn resolve_id(&self, engine: &mut Engine<'_>, text: &str) -> Result<Option<Digest>> {
        imagedb::search_image(engine, text)
    }

    fn write(&self, engine: &mut Engine<'_>, document: &ConfigDocument) -> Result<Digest> {
        imagedb::create(engine, document)
    }

    fn set_parent(&self, engine: &mut Engine<'_>, id: &Digest, parent: &Digest) -> Result<()> {
        imagedb::set_parent(engine, id, parent)
    }

    fn children(&self, engine: &mut Engine<'_>, of: Option<&Digest>) -> Result<Vec<Digest>> {
        imagedb::children(engine, of)
    }

    fn remove(&self, engine: &mut Engine<'_>, id: &Digest) -> Result<()> {
        imagedb::remove(engine, id)
    }

    fn names(&self, engine: &mut Engine<'_>) -> Result<Vec<(Reference, Digest)>> {
        imagedb::references(engine)
    }

    fn named(&self, engine: &mut Engine<'_>, name: &Reference) -> Result<Option<Digest>> {
        imagedb::named(engine, name)
    }

    fn names_of(&self, engine: &mut Engine<'_>, id: &Digest) -> Result<Vec<Reference>> {
        imagedb::names_of(engine, id)
    }

    fn put(&self, engine: &mut Engine<'_>, names: &[(Reference, Digest)]) -> Result<Vec<Option<Digest>>> {
        imagedb::tag(engine, names)
    }

    fn delete(&self, engine: &mut Engine<'_>, name: &Reference) -> Result<()> {
        imagedb::untag(engine, name)
    }
}
