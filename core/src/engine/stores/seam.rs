//! Two traits, [`Layers`] and [`Images`]: the engine asks a store, and never reads a store's files.
//!
//! A store keeps everything on the kernel's disk, so it is a value without state: each method is given the engine for
//! its kernel and its counter of ids.

use crate::engine::Engine;
use crate::engine::error::Result;
use crate::kernel::Timespec;
use crate::oci::{ConfigDocument, Digest, ImageConfig, Reference, chain_ids};

/// An image with its id and its original document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    /// The id.
    pub id: Digest,
    /// The document, byte for byte.
    pub bytes: Vec<u8>,
    /// What it says.
    pub config: ImageConfig,
    /// The image that it was made from here, if any.
    pub parent: Option<Digest>,
    /// When it was tagged last.
    pub last_tagged: Option<Timespec>,
}

impl StoredImage {
    /// The chain id of its topmost layer, if it has layers.
    pub fn chain_id(&self) -> Option<Digest> {
        chain_ids(&self.config.rootfs.diff_ids).last().copied()
    }
}

/// Where a layer's parts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphDirs {
    /// The layers below, topmost first, as `…/diff` paths.
    pub lower: Vec<String>,
    /// Its own entries.
    pub upper: String,
    /// The mounted view.
    pub merged: String,
    /// Overlayfs's own.
    pub work: String,
}

/// What keeps layers. A layer that is known to others has a chain id; one that is being made, and a container's own,
/// has a key, which is the store's own name for it.
pub(crate) trait Layers: Sync {
    /// The store's own directories with their modes, parents first.
    fn dirs(&self) -> &'static [(&'static str, u32)];
    /// The key of a known layer, if the layer is here.
    fn key(&self, engine: &mut Engine<'_>, chain: &Digest) -> Result<Option<String>>;
    /// Bytes of a known layer's own entries.
    fn usage(&self, engine: &mut Engine<'_>, chain: &Digest) -> Result<Option<u64>>;
    /// The chain ids of all known layers.
    fn walk(&self, engine: &mut Engine<'_>) -> Result<Vec<Digest>>;
    /// Says how many bytes a known layer counts, where that is not what its entries say.
    fn set_usage(&self, engine: &mut Engine<'_>, chain: &Digest, bytes: u64) -> Result<()>;
    /// The diff id of a known layer.
    fn diff(&self, engine: &mut Engine<'_>, chain: &Digest) -> Result<Digest>;
    /// Where the record is from which a known layer's tar is written again, to the byte.
    fn split(&self, chain: &Digest) -> String;
    /// Makes an empty layer on a known one, which nobody knows yet; returns its key.
    fn prepare(&self, engine: &mut Engine<'_>, parent: Option<&Digest>) -> Result<String>;
    /// Makes a prepared layer known under its chain id. Where that is known already, the prepared one is thrown away.
    fn commit(
        &self,
        engine: &mut Engine<'_>,
        key: &str,
        parent: Option<&Digest>,
        diff_id: &Digest,
        tar_split: &[u8],
    ) -> Result<Digest>;
    /// Throws away a layer by its key.
    fn remove(&self, engine: &mut Engine<'_>, key: &str) -> Result<()>;
    /// Removes known layers that no image and no container stands on, from this one down. Returns the chain ids removed,
    /// topmost first.
    fn release(&self, engine: &mut Engine<'_>, chain: &Digest) -> Result<Vec<Digest>>;
    /// Makes a layer to look at a known one through, and mounts it; returns the key and the path of the view.
    #[allow(dead_code, reason = "the builder reads images through it")]
    fn view(&self, engine: &mut Engine<'_>, chain: &Digest) -> Result<(String, String)>;
    /// Makes a container's writable layer over a known one, with Docker's own mount points below it.
    fn prepare_container(
        &self,
        engine: &mut Engine<'_>,
        container: &str,
        parent: Option<&Digest>,
    ) -> Result<()>;
    /// The key of a container's writable layer.
    fn container_key(&self, engine: &mut Engine<'_>, container: &str) -> Result<String>;
    /// The key of the layer right below a container's writable one.
    fn init_key(&self, key: &str) -> String;
    /// Removes a container's writable layer, and layers that stood for it alone.
    fn remove_container(&self, engine: &mut Engine<'_>, container: &str) -> Result<()>;
    /// Whether a layer's view is mounted.
    fn is_mounted(&self, engine: &mut Engine<'_>, key: &str) -> Result<bool>;
    /// Mounts a layer's view, for writing unless something stands on it, and returns its path.
    fn mount(&self, engine: &mut Engine<'_>, key: &str) -> Result<String>;
    /// Takes a mounted view away again.
    fn unmount(&self, engine: &mut Engine<'_>, key: &str) -> Result<()>;
    /// Where a layer's parts are, whether mounted or not.
    fn mounts(&self, engine: &mut Engine<'_>, key: &str) -> Result<GraphDirs>;
    /// The directory that holds a layer's own entries.
    fn entries(&self, key: &str) -> String;
}

/// What keeps images: their documents by id, what each was made from, and names.
pub(crate) trait Images: Sync {
    /// The image with this id.
    fn config(&self, engine: &mut Engine<'_>, id: &Digest) -> Result<Option<StoredImage>>;
    /// All images, by id.
    fn list(&self, engine: &mut Engine<'_>) -> Result<Vec<StoredImage>>;
    /// The file that holds an image's document.
    fn path(&self, id: &Digest) -> String;
    /// The one image whose id starts so; with or without `sha256:`.
    fn resolve_id(&self, engine: &mut Engine<'_>, text: &str) -> Result<Option<Digest>>;
    /// Stores a document. The same document twice is one image.
    fn write(&self, engine: &mut Engine<'_>, document: &ConfigDocument) -> Result<Digest>;
    /// Says which image one was made from.
    fn set_parent(&self, engine: &mut Engine<'_>, id: &Digest, parent: &Digest) -> Result<()>;
    /// The images that were made from one; of none, those that were made from no other.
    fn children(&self, engine: &mut Engine<'_>, of: Option<&Digest>) -> Result<Vec<Digest>>;
    /// Removes a document; its layers and its names are the engine's business.
    fn remove(&self, engine: &mut Engine<'_>, id: &Digest) -> Result<()>;
    /// All names with the ids that they stand for, sorted as text.
    fn names(&self, engine: &mut Engine<'_>) -> Result<Vec<(Reference, Digest)>>;
    /// The id that one name stands for.
    fn named(&self, engine: &mut Engine<'_>, name: &Reference) -> Result<Option<Digest>>;
    /// The names of one image.
    fn names_of(&self, engine: &mut Engine<'_>, id: &Digest) -> Result<Vec<Reference>>;
    /// Gives images names; other images lose them. Returns those, a place a name.
    fn put(&self, engine: &mut Engine<'_>, names: &[(Reference, Digest)]) -> Result<Vec<Option<Digest>>>;
    /// Takes a name away.
    fn delete(&self, engine: &mut Engine<'_>, name: &Reference) -> Result<()>;
}
