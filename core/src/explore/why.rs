//! Why a path is there, or is not: the look-up's own steps, layer by layer.

use std::convert::Infallible;

use serde::{Deserialize, Serialize};

use super::node::NodeKind;
use super::sheet::Sheet;
use crate::kernel::{ByteString, path};
use crate::overlay::{Class, Ground, Layers, Lower, Opaque, Step, Steps, lookup};

/// The look-up of one part of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The path up to here.
    pub path: ByteString,
    /// The steps, topmost layer first; layers are counted from the lowest, 0.
    pub steps: Vec<Step>,
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
    let mut view = View(sheets);
    let mut ground: Vec<Lower<u32>> = (1..=sheets.len()).map(|layer| Lower { layer, node: 0 }).collect();
    let index = |layer: usize| sheets.len() - layer;
    let mut out = Why { parts: Vec::new(), provider: None, merges: Vec::new() };
    let mut so_far = Vec::new();
    let mut parts = path::components(asked).peekable();
    if parts.peek().is_none() {
        out.merges = ground.iter().map(|lower| index(lower.layer)).collect();
        out.provider = out.merges.first().copied();
        return out;
    }
    while let Some(part) = parts.next() {
        so_far.push(b'/');
        so_far.extend_from_slice(part);
        let mut steps = Recorded(Vec::new());
        let found = match lookup(&mut view, Ground { upper: None, lower: &ground }, part, &mut steps) {
            Ok(found) => found,
            Err(never) => match never {},
        };
        for step in &mut steps.0 {
            step.layer = index(step.layer);
        }
        out.parts.push(Looked { path: so_far[..].into(), steps: steps.0 });
        let is_last = parts.peek().is_none();
        if is_last {
            out.merges = found.lower.iter().map(|lower| index(lower.layer)).collect();
            out.provider = out.merges.first().copied();
        }
        if !found.dir {
            break;
        }
        ground = found.lower;
    }
    out
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

struct Recorded(Vec<Step>);

impl Steps for Recorded {
    const WANTED: bool = true;
    fn step(&mut self, step: Step) {
        self.0.push(step);
    }
}
