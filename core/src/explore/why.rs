//! Why a path is there, or is not: the look-up's own steps, layer by layer.

use std::convert::Infallible;

use serde::{Deserialize, Serialize};

use super::node::NodeKind;
use super::sheet::Sheet;
use crate::kernel::{ByteString, path};
use crate::overlay::{Class, Explained, Layers, LookupStep, Opaque, UpperLayer, explain};

/// The look-up of one part of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The path up to here.
    pub path: ByteString,
    /// The steps, topmost layer first; layers are counted from the lowest, 0.
    pub steps: Vec<LookupStep>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// One look-up a part of the path, until one found nothing.
    pub parts: Vec<Looked>,
    /// The layer that provides the path, lowest 0; `None` if it is not there.
    pub provider: Option<usize>,
    /// A directory: the layers that it merges, topmost first.
    pub merges: Vec<usize>,
}

/// Looks a path up in layers, lowest first. Links are not followed: the question is about the name.
pub fn why(sheets: &[Sheet], asked: &[u8]) -> Why {
    let index = |layer: usize| sheets.len() - layer;
    let Ok(names) = explain(&mut View(sheets), UpperLayer::LeftOut, asked);
    let merges: Vec<usize> = match names.last() {
        None => (0..sheets.len()).rev().collect(),
        Some(last) if names.len() == path::components(asked).count() => last.layers().map(index).collect(),
        Some(_) => Vec::new(),
    };
    let looked = |name: Explained<u32>| {
        let steps = name.steps.into_iter().map(|step| LookupStep { layer: index(step.layer), ..step });
        Looked { path: name.path, steps: steps.collect() }
    };
    Why { parts: names.into_iter().map(looked).collect(), provider: merges.first().copied(), merges }
}

/// The layers as the look-up numbers them: 1 is the topmost.
struct View<'a>(&'a [Sheet]);

impl View<'_> {
    fn sheet(&self, layer: usize) -> &Sheet {
        &self.0[self.0.len() - layer]
    }
}

impl Layers for View<'_> {
    type Node = u32;
    type Error = Infallible;

    fn find(&mut self, layer: usize, dir: &u32, name: &[u8]) -> Result<Option<(u32, Class)>, Infallible> {
        let sheet = self.sheet(layer);
        let child = sheet.node(*dir).children().and_then(|names| names.get(name)).copied();
        Ok(child.map(|id| {
            let class = match sheet.node(id).kind {
                NodeKind::Dir { .. } => Class::Dir,
                NodeKind::Whiteout => Class::Whiteout,
                _ => Class::Other,
            };
            (id, class)
        }))
    }

    fn opaque(&mut self, layer: usize, dir: &u32) -> Result<Opaque, Infallible> {
        Ok(if self.sheet(layer).node(*dir).is_opaque() { Opaque::Yes } else { Opaque::No })
    }

    fn root(&mut self, _: usize) -> u32 {
        0
    }

    fn lowest(&self) -> usize {
        self.0.len()
    }
}
