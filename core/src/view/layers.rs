//! Layers as directories of a kernel, for the one look-up that there is ([`crate::overlay`]).

use crate::engine::marks;
use crate::kernel::{ByteString, Errno, Kernel, Stat, Task, fs, path};
use crate::overlay::{Class, Ground, Layers, Lookup, Lower, Opaque, Saw, Step, Steps, Then, lookup};

/// The directories of a stack, by the numbers that the look-up uses: 0 is the upper one, 1 the topmost lower.
pub(super) struct Directories<'a> {
    pub(super) kernel: &'a mut dyn Kernel,
    /// The upper directory, if there is one.
    pub(super) upper: Option<ByteString>,
    /// The lower directories, topmost first.
    pub(super) lower: Vec<ByteString>,
}

impl std::fmt::Debug for Directories<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directories")
            .field("upper", &self.upper)
            .field("lower", &self.lower)
            .finish_non_exhaustive()
    }
}

impl Layers for Directories<'_> {
    /// The path of the object on the kernel's disk. No component is a link: each was looked at on the way.
    type Node = ByteString;
    type Error = Errno;

    fn find(
        &mut self,
        _: usize,
        dir: &ByteString,
        name: &[u8],
    ) -> Result<Option<(ByteString, Class)>, Errno> {
        let path = path::join(dir, name);
        let Some(stat) = fs::lstat_opt(self.kernel, &Task::root(), &path)? else { return Ok(None) };
        Ok(Some((path, class(&stat))))
    }

    fn opaque(&mut self, _: usize, dir: &ByteString) -> Result<Opaque, Errno> {
        let opaque = marks(self.kernel, &Task::root(), dir).opaque;
        Ok(if opaque { Opaque::Yes } else { Opaque::No })
    }

    fn root(&mut self, layer: usize) -> ByteString {
        self.dir(layer).cloned().unwrap_or_default()
    }

    fn lowest(&self) -> usize {
        self.lower.len()
    }
}

/// What overlayfs takes an inode for.
pub(super) fn class(stat: &Stat) -> Class {
    match stat {
        stat if stat.is_whiteout() => Class::Whiteout,
        stat if stat.is_dir() => Class::Dir,
        _ => Class::Other,
    }
}

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
    /// The directory of a layer.
    pub(super) fn dir(&self, layer: usize) -> Option<&ByteString> {
        match layer.checked_sub(1) {
            None => self.upper.as_ref(),
            Some(lower) => self.lower.get(lower),
        }
    }

    /// The numbers of all layers, from the top down.
    pub(super) fn numbers(&self) -> std::ops::RangeInclusive<usize> {
        usize::from(self.upper.is_none())..=self.lower.len()
    }

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
        let mut upper = self.upper.clone().filter(|_| with_upper);
        let mut lower: Vec<Lower<ByteString>> =
            self.lower.iter().enumerate().map(|(n, dir)| Lower { layer: n + 1, node: dir.clone() }).collect();
        let parts: Vec<&[u8]> = path::components(inside).collect();
        let mut so_far = ByteString::from("/");
        for (n, part) in parts.iter().enumerate() {
            so_far = path::join(&so_far, part);
            let is_last = n + 1 == parts.len();
            let mut steps: Vec<Step> = Vec::new();
            let found = self.one(upper.as_ref(), &lower, part, &mut steps)?;
            // A directory on the way says nothing of the path itself, unless it hides what is below it.
            for earlier in &mut met {
                earlier.take_if(|met| met.then == Then::Continue && met.saw != Saw::Nothing);
            }
            for step in steps {
                let at = (!is_last).then(|| so_far.clone());
                let cut = met[step.layer].as_ref().is_some_and(|met| met.saw == Saw::OpaqueDir);
                if !(cut && step.saw == Saw::Nothing) {
                    met[step.layer] = Some(Met { saw: step.saw, then: step.then, at });
                }
            }
            upper = found.upper;
            lower = found.lower;
            if (upper.is_none() && lower.is_empty()) || (!is_last && !found.dir) {
                return Ok(Sight { providers: Vec::new(), met: cut(met) });
            }
        }
        let providers = upper.map(|_| 0).into_iter().chain(lower.iter().map(|part| part.layer)).collect();
        Ok(Sight { providers, met: cut(met) })
    }

    fn one(
        &mut self,
        upper: Option<&ByteString>,
        lower: &[Lower<ByteString>],
        name: &[u8],
        steps: &mut impl Steps,
    ) -> Result<Lookup<ByteString>, Errno> {
        lookup(self, Ground { upper, lower }, name, steps)
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
