//! What a layer has at a path, and what the look-up of a whole path came to.

use crate::kernel::{ByteString, Errno, Stat, Task, fs, path};
use crate::overlay::{Directories, Saw, Then, UpperLayer, explain};

/// What the look-up of a whole path came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight {
    /// The layers that show it, topmost first: several for a merged directory.
    pub(super) providers: Vec<usize>,
    /// What was met in each layer, by its number; none where the look-up never came.
    pub(super) met: Vec<Option<Met>>,
}

/// The last thing that the look-up met in a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Met {
    pub(super) saw: Saw,
    pub(super) then: Then,
    /// The path at which, where it was not the whole one.
    pub(super) at: Option<ByteString>,
}

impl Directories<'_> {
    /// What a layer itself has at a path: no links are followed, whiteouts are what they are.
    pub(super) fn entry(&mut self, layer: usize, inside: &[u8]) -> Option<Stat> {
        let mut at = self.dir(layer)?.clone();
        let mut parts = path::components(inside).peekable();
        while let Some(part) = parts.next() {
            at = path::join(&at, part);
            let stat = fs::lstat_opt(self.kernel, &Task::root(), &at).ok().flatten()?;
            match parts.peek() {
                None => return Some(stat),
                Some(_) if stat.is_dir() => {}
                Some(_) => return None,
            }
        }
        None
    }

    /// Looks a whole path up, component by component, as overlayfs does.
    pub(super) fn sight(&mut self, inside: &[u8]) -> Result<Sight, Errno> {
        self.below(self.upper.is_some(), inside)
    }

    /// The same without the upper directory: what was there before anything was written.
    pub(super) fn sight_below(&mut self, inside: &[u8]) -> Result<Sight, Errno> {
        self.below(false, inside)
    }

    fn below(&mut self, with_upper: bool, inside: &[u8]) -> Result<Sight, Errno> {
        let mut met: Vec<Option<Met>> = vec![None; self.lower.len() + 1];
        let count = path::components(inside).count();
        let upper = if with_upper { UpperLayer::Asked } else { UpperLayer::LeftOut };
        let names = explain(self, upper, inside)?;
        for (at, name) in names.iter().enumerate() {
            // A directory on the way says nothing of the path itself, unless it hides what is below it.
            for earlier in &mut met {
                earlier.take_if(|met| met.then == Then::Continue && met.saw != Saw::Nothing);
            }
            let at = (at + 1 < count).then(|| name.path.clone());
            for step in &name.steps {
                let cut = met[step.layer].as_ref().is_some_and(|met| met.saw == Saw::OpaqueDir);
                if !(cut && step.saw == Saw::Nothing) {
                    met[step.layer] = Some(Met { saw: step.saw.clone(), then: step.then, at: at.clone() });
                }
            }
        }
        let providers = match names.last() {
            None => (usize::from(!with_upper)..=self.lower.len()).collect(),
            Some(last) if names.len() == count => last.layers().collect(),
            Some(_) => Vec::new(),
        };
        Ok(Sight { providers, met: cut(met) })
    }
}

/// Where a layer ended the search, what a layer below it holds was never asked.
fn cut(mut met: Vec<Option<Met>>) -> Vec<Option<Met>> {
    let end = met.iter().position(|met| met.as_ref().is_some_and(|met| met.then == Then::Stop));
    if let Some(end) = end {
        met[end + 1..].fill(None);
    }
    met
}
