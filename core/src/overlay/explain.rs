//! Why a path of a merged view is what it is: the look-up of each of its names, with its steps.

use super::{Ground, Layers, Lookup, LookupStep, Lower, Parts, lookup};
use crate::kernel::{ByteString, path};

/// How one name of a path was looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained<N> {
    /// The path so far, absolute in the merged view.
    pub path: ByteString,
    /// What was seen in each layer that was asked, from the top; layer 0 is the upper one, 1 the topmost lower one.
    pub steps: Vec<LookupStep>,
    /// What it was found to be.
    pub found: Lookup<N>,
}

impl<N> Explained<N> {
    /// The layers that provide it, topmost first: several for a merged directory, none where it is not there.
    pub fn layers(&self) -> impl Iterator<Item = usize> {
        self.found.upper.iter().map(|_| 0).chain(self.found.lower.iter().map(|part| part.layer))
    }
}

/// Whether a mount's upper layer is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpperLayer {
    /// It is.
    Asked,
    /// There is none, or it is left out.
    LeftOut,
}

/// Looks every name of `path` up, from the root of the layers, as far as there is something. The path is taken as text, without
/// `.` and `..`: links are not followed, the question is about the name.
///
/// # Errors
/// What the layers say where they cannot be read.
pub fn explain<L: Layers>(
    layers: &mut L,
    upper: UpperLayer,
    path: &[u8],
) -> Result<Vec<Explained<L::Node>>, L::Error> {
    let mut at_upper = (upper == UpperLayer::Asked).then(|| layers.root(0));
    let mut at_lower: Parts<L::Node> =
        (1..=layers.lowest()).map(|layer| Lower { layer, node: layers.root(layer) }).collect();
    let mut so_far = ByteString::from("/");
    let mut explained = Vec::new();
    for name in path::components(path) {
        let mut steps = Vec::new();
        let ground = Ground { upper: at_upper.as_ref(), lower: &at_lower };
        let found = lookup(layers, ground, name, &mut steps)?;
        so_far = path::join(&so_far, name);
        let goes_on = found.dir && found.found();
        (at_upper, at_lower) = (found.upper.clone(), found.lower.clone());
        explained.push(Explained { path: so_far.clone(), steps, found });
        if !goes_on {
            break;
        }
    }
    Ok(explained)
}
