//! Every layer on the disk once, and which images and containers stand on it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::names::Named;
use super::sources::{Catalogue, Layer, image_subject};
use super::walk;
use super::{RowKind, Subject};
use crate::engine::Engine;
use crate::kernel::{ByteString, Kernel};
use crate::oci::Digest;
use crate::program::World;

/// How many layers and how many images and containers are told at most; what is left out is counted.
const ROWS_MAX: usize = 400;
const COLUMNS_MAX: usize = 60;

/// What lies on the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// The layers as a tree, each behind the one that it lies on.
    pub layers: Vec<HostLayer>,
    /// The images, then the containers.
    pub columns: Vec<HostColumn>,
    /// Bytes of all layers, each once.
    pub once: u64,
    /// Bytes of the layers as each image and container claims them.
    pub claimed: u64,
    /// Layers, images and containers that are not told.
    pub more: u32,
}

/// A layer on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostLayer {
    /// An image's layer or a container's own.
    pub kind: RowKind,
    /// See [`super::Row::name`].
    pub name: String,
    /// See [`super::Row::number`].
    pub number: u32,
    /// See [`super::Row::command`].
    pub command: Option<String>,
    /// See [`super::Row::commit_of`].
    pub commit_of: Option<String>,
    /// See [`super::Row::hue`].
    pub hue: Option<u8>,
    /// See [`super::Row::digest`].
    pub digest: Option<String>,
    /// Bytes of regular files in it.
    pub size: u64,
    /// Its directory on the lab's disk.
    pub dir: ByteString,
    /// How often the layers below it part.
    pub depth: u32,
    /// The columns that stand on it.
    pub columns: Vec<u32>,
}

/// An image or a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostColumn {
    /// Which.
    pub subject: Subject,
    /// Bytes of all its layers.
    pub claimed: u64,
    /// Bytes of the layers that nothing else stands on.
    pub alone: u64,
}

/// Tells what lies on the disk.
pub(super) fn host(kernel: &mut dyn Kernel, world: &World) -> Result<Host, String> {
    let catalogue = Catalogue::read(kernel, world)?;
    if catalogue.images.is_empty() && catalogue.containers.is_empty() {
        return Ok(Host::default());
    }
    let mut world = world.clone();
    let mut engine = Engine::new(kernel, &mut world).map_err(|error| error.to_string())?;
    let mut tree = Tree::default();
    // The steps of a build have no layer that the image does not have.
    let shown: Vec<&Named> = catalogue.shown().collect();
    let images = shown.iter().copied().map(image_subject);
    let containers = catalogue.containers.iter().map(|container| catalogue.container_subject(container));
    let subjects: Vec<Subject> = images.chain(containers).take(COLUMNS_MAX).collect();
    let left = shown.len() + catalogue.containers.len() - subjects.len();
    for (column, named) in shown.iter().copied().enumerate().take(COLUMNS_MAX) {
        for (n, chain) in named.chains.iter().enumerate() {
            if !tree.layers.contains_key(&Key::Image(*chain)) {
                let layer =
                    catalogue.image_layer(&mut engine, named, n).map_err(|error| error.to_string())?;
                let Some(layer) = layer else { continue };
                tree.put(
                    n.checked_sub(1).map(|below| Key::Image(named.chains[below])),
                    Key::Image(*chain),
                    layer,
                );
            }
            tree.stands(Key::Image(*chain), column);
        }
    }
    for (n, container) in catalogue.containers.iter().enumerate() {
        let column = shown.len() + n;
        if column >= COLUMNS_MAX {
            break;
        }
        let image = catalogue.images.iter().find(|named| named.image.id == container.image);
        let chains = image.map(|named| named.chains.as_slice()).unwrap_or_default();
        for chain in chains {
            tree.stands(Key::Image(*chain), column);
        }
        let dirs = engine.mount_id(&container.id).and_then(|id| engine.graph_dirs(&id));
        let Ok(dirs) = dirs else { continue };
        let upper = ByteString::from(dirs.upper);
        let mut layer = Layer::bare(RowKind::Writable, container.plain_name(), upper.clone());
        layer.size = walk::size(engine.kernel, &upper);
        let key = Key::Container(container.id.clone());
        tree.put(chains.last().map(|chain| Key::Image(*chain)), key.clone(), layer);
        tree.stands(key, column);
    }
    Ok(tree.into_host(subjects, left))
}

/// A layer's name for the tree. Layers of images come before those of containers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Image(Digest),
    Container(String),
}

#[derive(Debug, Default)]
struct Tree {
    layers: BTreeMap<Key, (Layer, BTreeSet<usize>)>,
    /// The layers on each layer, in the order in which they came.
    above: BTreeMap<Option<Key>, Vec<Key>>,
}

impl Tree {
    fn put(&mut self, below: Option<Key>, key: Key, layer: Layer) {
        self.above.entry(below).or_default().push(key.clone());
        self.layers.insert(key, (layer, BTreeSet::new()));
    }

    fn stands(&mut self, key: Key, column: usize) {
        if let Some((_, columns)) = self.layers.get_mut(&key) {
            columns.insert(column);
        }
    }

    fn into_host(self, subjects: Vec<Subject>, left: usize) -> Host {
        let mut columns: Vec<HostColumn> =
            subjects.into_iter().map(|subject| HostColumn { subject, claimed: 0, alone: 0 }).collect();
        let mut once = 0;
        for (layer, on) in self.layers.values() {
            once += layer.size;
            for column in on {
                columns[*column].claimed += layer.size;
                columns[*column].alone += if on.len() == 1 { layer.size } else { 0 };
            }
        }
        let mut layers = Vec::new();
        let mut open: Vec<(&Key, u32)> =
            self.above.get(&None).into_iter().flatten().rev().map(|key| (key, 0)).collect();
        while let Some((key, depth)) = open.pop() {
            let Some((layer, on)) = self.layers.get(key) else { continue };
            layers.push(HostLayer {
                kind: layer.kind,
                name: layer.name.clone(),
                number: layer.number,
                command: layer.command.clone(),
                commit_of: layer.commit_of.clone(),
                hue: layer.hue,
                digest: layer.digest.clone(),
                size: layer.size,
                dir: layer.dir.clone(),
                depth,
                columns: on.iter().map(|column| *column as u32).collect(),
            });
            let above = self.above.get(&Some(key.clone())).map(Vec::as_slice).unwrap_or_default();
            // A line of layers stays a line; where layers part, what is above moves to the right.
            let parts = above.len() > 1 || above.iter().any(|key| matches!(key, Key::Container(_)));
            open.extend(above.iter().rev().map(|key| (key, depth + u32::from(parts))));
        }
        let more = left + layers.len().saturating_sub(ROWS_MAX);
        layers.truncate(ROWS_MAX);
        let claimed = columns.iter().map(|column| column.claimed).sum();
        Host { layers, columns, once, claimed, more: more as u32 }
    }
}
