//! The decision rule: a name in a merged directory (`ovl_lookup` in `fs/overlayfs/namei.c`).

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{Class, Layers, Opaque, Saw, Step, Steps, Then};

/// A directory (or the origin of a file) in a lower layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lower<N> {
    /// The layer, from 1.
    pub layer: usize,
    /// What is there.
    pub node: N,
}

/// The lower parts of a name, topmost first: mostly a few.
pub type Parts<N> = SmallVec<[Lower<N>; 2]>;

/// What a name is found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup<N> {
    /// In the upper layer.
    pub upper: Option<N>,
    /// In lower layers, topmost first: several for a merged directory, at most one for anything else, and none for
    /// what is in the upper layer and is no directory.
    pub lower: Parts<N>,
    /// Whether it is a directory.
    pub dir: bool,
    /// The upper layer said that nothing below counts: a whiteout, or `opaque=y`.
    pub opaque: bool,
    /// One of the lower directories may hold whiteouts in the form of attributes.
    pub xwhiteouts: Vec<usize>,
}

impl<N> Lookup<N> {
    /// Whether there is such a name.
    pub fn found(&self) -> bool {
        self.upper.is_some() || !self.lower.is_empty()
    }
}

/// The directory in which a name is looked up: its parts in the layers.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a, N> {
    /// In the upper layer.
    pub upper: Option<&'a N>,
    /// In the lower layers, topmost first.
    pub lower: &'a [Lower<N>],
}

#[expect(clippy::struct_excessive_bools, reason = "they are the fields of struct ovl_lookup_data")]
struct Search<'s, S> {
    /// What to look for: a name, or a path from each layer's root after an absolute redirect.
    name: Cow<'s, [u8]>,
    is_dir: bool,
    stop: bool,
    opaque: bool,
    redirect: bool,
    xwhiteouts: Vec<usize>,
    steps: &'s mut S,
}

/// Looks a name up, layer by layer, from the top.
///
/// 1. A whiteout ends it: the name is not there, or its lower part is not ("whiteouts and opaque directories").
/// 2. Something that is no directory ends it too; it counts only if no directory was found above it.
/// 3. A directory merges with the directories of its name below, until one says `opaque=y` ("merged directories").
/// 4. A directory with a redirect goes on under that name ("redirect_dir"): followed even where making them is off.
#[expect(clippy::needless_pass_by_value, reason = "it is two references")]
pub fn lookup<'s, L: Layers, S: Steps>(
    layers: &mut L,
    ground: Ground<'_, L::Node>,
    name: &'s [u8],
    steps: &'s mut S,
) -> Result<Lookup<L::Node>, L::Error> {
    let mut search = Search {
        name: Cow::Borrowed(name),
        is_dir: false,
        stop: false,
        opaque: false,
        redirect: false,
        xwhiteouts: Vec::new(),
        steps,
    };
    let mut upper = None;
    if let Some(dir) = ground.upper {
        upper = search.layer(layers, 0, dir, true, false)?;
    }
    let opaque = search.opaque;
    let mut from_roots = search.redirect && search.name.starts_with(b"/");
    let mut lower = Parts::new();
    let lowest = layers.lowest();
    let mut at = 0;
    while !search.stop {
        let (layer, dir) = if from_roots {
            if at >= lowest {
                break;
            }
            (at + 1, layers.root(at + 1))
        } else {
            let Some(part) = ground.lower.get(at) else { break };
            (part.layer, part.node.clone())
        };
        at += 1;
        let Some(node) = search.layer(layers, layer, &dir, false, layer == lowest)? else { continue };
        if search.redirect {
            layers.may_follow()?;
        }
        lower.push(Lower { layer, node });
        if search.redirect && !from_roots && search.name.starts_with(b"/") {
            from_roots = true;
            at = layer;
        }
    }
    let xwhiteouts = std::mem::take(&mut search.xwhiteouts);
    Ok(Lookup { upper, lower, dir: search.is_dir, opaque, xwhiteouts })
}

impl<S: Steps> Search<'_, S> {
    /// `ovl_lookup_layer`: one name, or a path of them after an absolute redirect.
    fn layer<L: Layers>(
        &mut self,
        layers: &mut L,
        layer: usize,
        dir: &L::Node,
        upper: bool,
        last: bool,
    ) -> Result<Option<L::Node>, L::Error> {
        if !self.name.starts_with(b"/") {
            let name = self.name.clone();
            return self.single(layers, layer, dir, &name, (0, &[]), upper, last);
        }
        let mut base = dir.clone();
        let mut done = 1;
        loop {
            let rest = self.name[done.min(self.name.len())..].to_vec();
            if rest.is_empty() {
                return Ok(Some(base));
            }
            let end = rest.iter().position(|b| *b == b'/').unwrap_or(rest.len());
            let post = rest[end..].to_vec();
            let Some(node) = self.single(layers, layer, &base, &rest[..end], (done, &post), upper, last)?
            else {
                return Ok(None);
            };
            if post.is_empty() {
                return Ok(Some(node));
            }
            // A redirect on the way may have made the path longer or shorter before what is left of it.
            done = self.name.len() - (post.len() - 1);
            base = node;
        }
    }

    /// `ovl_lookup_single`: `place` is the length before this element, and what stands after it.
    #[expect(clippy::too_many_arguments, reason = "one step of a search, whose state is self")]
    fn single<L: Layers>(
        &mut self,
        layers: &mut L,
        layer: usize,
        dir: &L::Node,
        name: &[u8],
        place: (usize, &[u8]),
        upper: bool,
        last: bool,
    ) -> Result<Option<L::Node>, L::Error> {
        let whole = place.1.is_empty();
        let Some((node, class)) = layers.find(layer, dir, name)? else {
            self.saw(layer, Saw::Nothing, Then::Continue);
            return Ok(None);
        };
        match class {
            Class::Whiteout => {
                self.stop = true;
                self.opaque = true;
                self.saw(layer, Saw::Whiteout, Then::Stop);
                return Ok(None);
            }
            Class::Other => {
                self.stop = true;
                if self.is_dir || !whole {
                    self.saw(layer, Saw::Shadowed, Then::Stop);
                    return Ok(None);
                }
                self.saw(layer, Saw::Other, Then::Stop);
                return Ok(Some(node));
            }
            Class::Dir => {}
        }
        if whole {
            self.is_dir = true;
        }
        if last {
            self.saw(layer, Saw::Dir, Then::Continue);
            return Ok(Some(node));
        }
        match layers.opaque(layer, &node)? {
            Opaque::Yes => {
                self.stop = true;
                self.opaque |= whole;
                self.saw(layer, Saw::OpaqueDir, Then::Stop);
                return Ok(Some(node));
            }
            Opaque::Xattrs if whole && !upper => self.xwhiteouts.push(layer),
            _ => {}
        }
        match layers.redirect(layer, &node)? {
            Some(to) if self.redirect_to(&to, place) => self.saw(layer, Saw::Redirect(to), Then::Continue),
            _ => self.saw(layer, Saw::Dir, Then::Continue),
        }
        Ok(Some(node))
    }

    /// `ovl_check_redirect`: an absolute path, or another name in place of this one. A name with slashes is none.
    fn redirect_to(&mut self, to: &[u8], (before, after): (usize, &[u8])) -> bool {
        let absolute = to.starts_with(b"/");
        if to.is_empty() || (!absolute && to.contains(&b'/')) {
            return false;
        }
        let mut name = if absolute { Vec::new() } else { self.name[..before].to_vec() };
        name.extend_from_slice(to);
        name.extend_from_slice(after);
        self.name = name.into();
        self.redirect = true;
        true
    }

    fn saw(&mut self, layer: usize, saw: Saw, then: Then) {
        if S::WANTED {
            let name = self.name[..].into();
            self.steps.step(Step { layer, name, saw, then });
        }
    }
}
