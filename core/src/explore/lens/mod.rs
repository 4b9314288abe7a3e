//! The lens: one stack of layers, as different programs resolve it.
//!
//! The same entries mean different trees to the image specification, to overlayfs with layers unpacked apart (Docker,
//! containerd), and to programs that apply one layer after the other to one directory (podman's vfs, umoci). The rules
//! are those that oracle/layers shows for each (`IMPL.tree.jsonl`, `IMPL.err`), and the specification's `layer.md`.

mod resolved;
mod tree;

pub use resolved::{Lens, Resolved};

use std::collections::{BTreeMap, BTreeSet};

use super::node::NodeKind;
use super::sheet::Sheet;
use super::why::why;
use resolved::ghost;
use tree::Tree;

use crate::kernel::{ByteString, Device, path};
use crate::oci::gopath;
use crate::oci::layer::{AUFS, LayerError, Marker};
use crate::oci::tar::Entry;

/// The tree that a stack comes to, by path (the root left out); or the layer that is refused, and why.
pub fn resolve(
    layers: &[Vec<Entry>],
    lens: Lens,
) -> Result<BTreeMap<ByteString, Resolved>, (usize, LayerError)> {
    match lens {
        Lens::Overlay2 | Lens::Containerd => overlay(layers, lens),
        Lens::Spec | Lens::Vfs | Lens::Umoci => {
            let mut tree = Tree::new(lens);
            for (layer, entries) in layers.iter().enumerate() {
                tree.apply(layer, entries).map_err(|error| (layer, error))?;
            }
            Ok(tree.finish())
        }
    }
}

fn overlay(layers: &[Vec<Entry>], lens: Lens) -> Result<BTreeMap<ByteString, Resolved>, (usize, LayerError)> {
    let mut sheets = Vec::new();
    for (layer, entries) in layers.iter().enumerate() {
        let mut sheet = Sheet::new();
        for entry in entries {
            // containerd knows AUFS's own names at the root alone.
            let aufs = gopath::clean(&entry.name).starts_with(AUFS) && !is_opaque(entry);
            if lens == Lens::Containerd {
                if aufs {
                    continue;
                }
                sheet.forget(&entry.name);
            }
            sheet.add(entry).map_err(|error| (layer, error))?;
        }
        sheet.settle().map_err(|error| (layer, error))?;
        sheets.push(sheet);
    }
    let mut out = BTreeMap::new();
    // An image of one layer is no mount: what is stored is what is seen, whiteouts too.
    let raw = sheets.len() == 1 && lens == Lens::Overlay2;
    let mut todo: Vec<Vec<u8>> = vec![b"/".to_vec()];
    while let Some(dir) = todo.pop() {
        let merges = why(&sheets, &dir).merges;
        let mut names = BTreeSet::new();
        for layer in &merges {
            let id = sheets[*layer].find(&dir).unwrap_or(0);
            names.extend(
                sheets[*layer]
                    .node(id)
                    .children()
                    .into_iter()
                    .flatten()
                    .map(|(name, id)| (name, *layer, *id)),
            );
        }
        let mut done = BTreeSet::new();
        for (name, layer, id) in names {
            let at = path::join(&dir, name);
            let node = sheets[layer].node(id);
            if node.kind == NodeKind::Whiteout && (raw || merges.len() == 1) {
                if raw {
                    out.insert(at, of_node(node, layer));
                } else if lens != Lens::Containerd || why(&sheets, &at).provider.is_none() {
                    out.insert(at, ghost());
                }
                continue;
            }
            if !done.insert(name) {
                continue;
            }
            if let Some(provider) = why(&sheets, &at).provider
                && let Some(id) = sheets[provider].find(&at)
            {
                let node = sheets[provider].node(id);
                if node.children().is_some() {
                    todo.push(at.to_vec());
                }
                let mut resolved = of_node(node, provider);
                // containerd makes a missing parent in the image of the lower one; what is made in it changes its time.
                let bare = node.mtime.is_none() && node.children().is_some_and(BTreeMap::is_empty);
                if lens == Lens::Containerd && bare {
                    let lower =
                        sheets[..provider].iter().rev().find_map(|s| s.find(&at).map(|id| s.node(id)));
                    resolved.mtime = lower.and_then(|node| node.mtime);
                }
                out.insert(at, resolved);
            }
        }
    }
    Ok(out)
}

fn is_opaque(entry: &Entry) -> bool {
    Marker::of(gopath::base(&gopath::clean(&entry.name))) == Some(Marker::Opaque)
}

fn of_node(node: &super::Node, layer: usize) -> Resolved {
    let (mut target, mut device, mut content) = (None, None, None);
    match &node.kind {
        NodeKind::Symlink(to) => target = Some(to.clone()),
        NodeKind::Device(_, number) => device = Some(*number),
        NodeKind::Whiteout => device = Some(Device::WHITEOUT),
        NodeKind::File { content_at, .. } => content = Some((layer, *content_at, node.size)),
        NodeKind::Dir { .. } | NodeKind::Fifo => {}
    }
    let kind = if node.kind == NodeKind::Whiteout { "char" } else { node.kind.name() };
    Resolved {
        kind: kind.into(),
        mode: node.mode,
        uid: node.uid,
        gid: node.gid,
        mtime: node.mtime,
        target,
        device,
        content,
    }
}
