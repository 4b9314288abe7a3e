//! Which parts of which layers a name of a merged directory stands for.
//!
//! The rules are in `docs/design/rules-overlay-lookup.md`; comments give their numbers.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{BadRedirect, Class, Layers, LookupStep, Opaque, Saw, Steps, Then};

/// Something that a lower layer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lower<N> {
    /// The layer; 1 is the topmost lower one.
    pub layer: usize,
    /// The object in it.
    pub node: N,
}

/// What the lower layers have of one thing, topmost first.
pub type Parts<N> = SmallVec<[Lower<N>; 2]>;

/// What a name was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup<N> {
    /// What the upper layer has.
    pub upper: Option<N>,
    /// What the lower layers have, topmost first: several parts of a directory, or one thing of another kind that no
    /// layer above it has.
    pub lower: Parts<N>,
    /// Whether it is a directory.
    pub dir: bool,
    /// Whether the upper layer ended the search: with a whiteout, an opaque directory, or anything but a directory.
    pub opaque: bool,
    /// The lower layers whose part says that it may hold whiteouts in the form of attributes (rule 8).
    pub xwhiteouts: Vec<usize>,
}

impl<N> Lookup<N> {
    /// Returns whether there is anything of this name.
    pub fn found(&self) -> bool {
        self.upper.is_some() || !self.lower.is_empty()
    }
}

/// The parts of the directory in which a name is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a, N> {
    /// Its part in the upper layer.
    pub upper: Option<&'a N>,
    /// Its parts in the lower layers, topmost first.
    pub lower: &'a [Lower<N>],
}

/// Where a layer is asked.
enum Route<'n> {
    /// In its part of the directory that the name is in.
    Beside(Cow<'n, [u8]>),
    /// From its root, along this absolute path: an absolute redirect was met (rule 11).
    FromRoot(Vec<u8>),
}

impl Route<'_> {
    /// Returns the names on the way.
    fn names(&self) -> SmallVec<[&[u8]; 4]> {
        match self {
            Self::Beside(name) => SmallVec::from_slice(&[&**name]),
            Self::FromRoot(path) => path.split(|byte| *byte == b'/').skip(1).collect(),
        }
    }
}

/// What one layer has to say about the layers below it.
enum Onward<'n> {
    /// They are asked in the same way.
    Same,
    /// They are asked for another name or path, because of a redirect.
    Elsewhere(Route<'n>),
    /// They are not asked.
    End,
}

/// A search under way.
struct Search<'a, L: Layers, S> {
    layers: &'a mut L,
    steps: &'a mut S,
    found: Lookup<L::Node>,
}

/// Looks a name up in a directory, from the topmost layer down.
///
/// # Errors
/// What the layers say where they cannot be read, or where a redirect is not to be followed.
pub fn lookup<L: Layers, S: Steps>(
    layers: &mut L,
    ground: Ground<'_, L::Node>,
    name: &[u8],
    steps: &mut S,
) -> Result<Lookup<L::Node>, L::Error> {
    let found =
        Lookup { upper: None, lower: Parts::new(), dir: false, opaque: false, xwhiteouts: Vec::new() };
    let mut search = Search { layers, steps, found };
    let mut route = Route::Beside(Cow::Borrowed(name));
    let mut unasked = ground.lower;
    let mut next = ground.upper.map(|node| (0, node.clone()));
    let mut last = 0;
    loop {
        let place = next.take().or_else(|| match &route {
            Route::Beside(_) => {
                let (part, rest) = unasked.split_first()?;
                unasked = rest;
                Some((part.layer, part.node.clone()))
            }
            Route::FromRoot(_) if last < search.layers.lowest() => {
                Some((last + 1, search.layers.root(last + 1)))
            }
            Route::FromRoot(_) => None,
        });
        let Some((layer, start)) = place else { break };
        last = layer;
        match search.ask(layer, start, &route)? {
            Onward::Same => {}
            Onward::End => break,
            // Rule 13: where redirects are not followed, the directory cannot be used if a part of it might be below.
            Onward::Elsewhere(_) if !search.layers.follows() => {
                if !unasked.is_empty() {
                    search.layers.cannot_follow(BadRedirect::NotFollowed)?;
                }
                break;
            }
            Onward::Elsewhere(to) => route = to,
        }
    }
    Ok(search.found)
}

impl<L: Layers, S: Steps> Search<'_, L, S> {
    /// Asks one layer: walks the route from `start`, and takes in what it leads to.
    fn ask(&mut self, layer: usize, start: L::Node, route: &Route<'_>) -> Result<Onward<'static>, L::Error> {
        let names = route.names();
        let redirected = matches!(route, Route::FromRoot(_) | Route::Beside(Cow::Owned(_)));
        // Nothing can be below the lowest layer: neither a redirect of it nor its `x` means anything (rules 8, 9).
        let has_below = layer < self.layers.lowest();
        let mut at = start;
        let mut end = false;
        let mut rewritten = Rewritten::new(route);
        for (index, name) in names.iter().enumerate() {
            let is_last = index + 1 == names.len();
            if redirected && matches!(*name, b"" | b"." | b"..") {
                self.layers.cannot_follow(BadRedirect::NoName)?;
                return Ok(Onward::End);
            }
            let Some((node, class)) = self.layers.find(layer, &at, name)? else {
                // Rule 1; and rule 12, the rest of the path may be in a layer below.
                self.step(layer, name, Saw::Nothing, end);
                rewritten.plain(&names[index..]);
                break;
            };
            match class {
                Class::Whiteout => {
                    self.step(layer, name, Saw::Whiteout, true);
                    self.found.opaque |= layer == 0;
                    return Ok(Onward::End);
                }
                Class::Other => {
                    let shadowed = !is_last || self.found.found();
                    self.step(layer, name, if shadowed { Saw::Shadowed } else { Saw::Other }, true);
                    if !shadowed {
                        self.found.opaque |= layer == 0;
                        self.take(layer, node);
                    }
                    return Ok(Onward::End);
                }
                Class::Dir => {}
            }
            let opaque = self.layers.opaque(layer, &node)?;
            end |= opaque == Opaque::Yes;
            // Rule 10: an opaque directory's redirect is not read.
            let to =
                if has_below && opaque != Opaque::Yes { self.layers.redirect(layer, &node)? } else { None };
            if S::WANTED {
                let saw = match &to {
                    Some(to) => Saw::Redirect(to.clone()),
                    None if opaque == Opaque::Yes => Saw::OpaqueDir,
                    None => Saw::Dir,
                };
                self.step(layer, name, saw, opaque == Opaque::Yes);
            }
            match to {
                None => rewritten.plain(&[*name]),
                Some(to) => {
                    let Some(to) = target(&to) else {
                        self.layers.cannot_follow(BadRedirect::Malformed)?;
                        return Ok(Onward::End);
                    };
                    rewritten.redirect(to);
                }
            }
            if is_last {
                self.found.dir = true;
                self.found.opaque |= layer == 0 && opaque == Opaque::Yes;
                if opaque == Opaque::Xattrs && layer > 0 && has_below {
                    self.found.xwhiteouts.push(layer);
                }
                self.take(layer, node);
                break;
            }
            at = node;
        }
        Ok(if end { Onward::End } else { rewritten.onward() })
    }

    fn take(&mut self, layer: usize, node: L::Node) {
        if layer == 0 {
            self.found.upper = Some(node);
        } else {
            self.found.lower.push(Lower { layer, node });
        }
    }

    fn step(&mut self, layer: usize, name: &[u8], saw: Saw, ends: bool) {
        if S::WANTED {
            let then = if ends { Then::Stop } else { Then::Continue };
            self.steps.step(LookupStep { layer, name: name.into(), saw, then });
        }
    }
}

/// Returns what a redirect says, up to a NUL as Linux reads it; `None` where it is neither one name nor an absolute path
/// of names without empty ones (rule 14).
fn target(value: &[u8]) -> Option<&[u8]> {
    let to = value.split(|byte| *byte == 0).next()?;
    let sound = match to.strip_prefix(b"/") {
        Some(path) => path.split(|byte| *byte == b'/').all(|name| !name.is_empty()),
        None => !value.is_empty() && !to.contains(&b'/'),
    };
    sound.then_some(to)
}

/// The way for the layers below: that of this layer, with every redirect that was met on it in place of what it
/// redirects (rule 12).
struct Rewritten {
    path: Vec<u8>,
    /// Whether it is a path from the root; else it is one name, which is not kept before a redirect replaces it.
    from_root: bool,
    changed: bool,
}

impl Rewritten {
    fn new(route: &Route<'_>) -> Self {
        let from_root = matches!(route, Route::FromRoot(_));
        Self { path: Vec::new(), from_root, changed: false }
    }

    /// Adds names that stay as they are.
    fn plain(&mut self, names: &[&[u8]]) {
        if self.from_root {
            for name in names {
                self.path.push(b'/');
                self.path.extend_from_slice(name);
            }
        }
    }

    /// Adds a name that a redirect replaces: alone, or with all that came before it.
    fn redirect(&mut self, to: &[u8]) {
        self.changed = true;
        if to.starts_with(b"/") {
            self.from_root = true;
            self.path = to.to_vec();
        } else if self.from_root {
            self.plain(&[to]);
        } else {
            self.path = to.to_vec();
        }
    }

    fn onward(self) -> Onward<'static> {
        match (self.changed, self.from_root) {
            (false, _) => Onward::Same,
            (true, true) => Onward::Elsewhere(Route::FromRoot(self.path)),
            (true, false) => Onward::Elsewhere(Route::Beside(Cow::Owned(self.path))),
        }
    }
}
