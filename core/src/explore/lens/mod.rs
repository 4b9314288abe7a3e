//! The lens: one stack of layers, as different programs resolve it.
//!
//! The same entries mean different trees to the image specification, to overlayfs with layers unpacked apart (Docker,
//! containerd), and to programs that apply one layer after the other to one directory (podman's vfs, umoci). Each
//! program's unpacker is followed call by call on a disk of the simulator; the specification's `layer.md` has no program.

mod containerd;
mod disk;
mod docker;
mod podman;
mod resolved;
mod tree;
mod umoci;

pub use resolved::{Lens, Resolved};

use std::collections::BTreeMap;

use super::image::Record;
use disk::Disk;
use tree::Tree;

use crate::kernel::ByteString;
use crate::oci::layer::LayerError;

/// What a stack comes to, or the layer that is refused and why.
type Outcome = Result<BTreeMap<ByteString, Resolved>, (usize, LayerError)>;

/// The tree that a stack comes to, by path (the root left out); or the layer that is refused, and why.
pub fn resolve(layers: &[Vec<Record>], lens: Lens) -> Outcome {
    match lens {
        Lens::Spec => {
            let mut tree = Tree::default();
            for (layer, records) in layers.iter().enumerate() {
                tree.apply(layer, records).map_err(|error| (layer, error))?;
            }
            Ok(tree.finish())
        }
        Lens::Overlay2 => apart(layers, docker::apply),
        Lens::Containerd => apart(layers, containerd::apply),
        Lens::Vfs => together(layers, 0, podman::apply),
        Lens::Umoci => together(layers, 0o022, umoci::apply),
    }
}

/// A program that applies a layer to the disk.
type Apply = fn(&mut Disk, usize, &[Record]) -> Result<(), LayerError>;

/// Layers in a directory each, with overlayfs over them.
fn apart(layers: &[Vec<Record>], apply: Apply) -> Outcome {
    let mut disk = Disk::new(0o022);
    applied(&mut disk, layers, apply)?;
    let view = disk.view(layers.len());
    seen(layers, view.and_then(|view| disk.resolved(&view)))
}

/// Layers in one directory, by a process that has it for its root.
fn together(layers: &[Vec<Record>], umask: u32, apply: Apply) -> Outcome {
    let mut disk = Disk::new(umask);
    let root = disk.layer(0).map_err(|error| (0, error))?;
    disk.task = disk.task.chrooted(&root[..]);
    applied(&mut disk, layers, apply)?;
    seen(layers, disk.resolved(&root))
}

fn applied(disk: &mut Disk, layers: &[Vec<Record>], apply: Apply) -> Result<(), (usize, LayerError)> {
    let mut layers = layers.iter().enumerate();
    layers.try_for_each(|(layer, records)| apply(disk, layer, records).map_err(|error| (layer, error)))
}

fn seen(layers: &[Vec<Record>], result: crate::kernel::Result<BTreeMap<ByteString, Resolved>>) -> Outcome {
    result.map_err(|errno| (layers.len().saturating_sub(1), disk::call("look at", b"/", errno)))
}
