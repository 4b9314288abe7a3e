//! From a path to a place: components, `.` and `..`, symbolic links, mounts, search permission (path_resolution(7)).

use std::ops::Deref;
use std::sync::Arc;

use smallvec::SmallVec;

use super::names::Name;
use super::place::{Node, Places, Pos};
use super::state::{Fs, SimState};
use crate::kernel::path::PATH_MAX;
use crate::kernel::{Access, ByteString, Caps, Errno, FileType, Follow, Result, Task};

/// Links that one walk follows (`MAXSYMLINKS`).
const LINKS_MAX: u32 = 40;

/// A component of a path.
#[derive(Debug, Clone)]
pub(crate) enum Component<'p> {
    /// Of the path itself.
    Path(&'p [u8]),
    /// Of a link that the walk went through.
    Link(Name),
}

impl Deref for Component<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Path(name) => name,
            Self::Link(name) => name,
        }
    }
}

/// The last component of a path.
#[derive(Debug, Clone)]
pub(crate) enum Last<'p> {
    /// A name.
    Name(Component<'p>),
    /// `.`
    Dot,
    /// `..`
    DotDot,
    /// There is none: `/`.
    Root,
}

/// A path up to its last component.
#[derive(Debug)]
pub(crate) struct Parent<'p> {
    /// The directory.
    pub(crate) dir: Pos,
    /// What is looked for in it.
    pub(crate) last: Last<'p>,
    /// Whether slashes follow.
    pub(crate) slash: bool,
}

impl Parent<'_> {
    /// The name, or what the caller answers to `.`, `..` and `/`.
    pub(crate) fn name(&self, otherwise: Errno) -> Result<&[u8]> {
        match &self.last {
            Last::Name(name) => Ok(name),
            _ => Err(otherwise),
        }
    }
}

/// A walk that has come as far as a last component.
#[derive(Debug)]
pub(crate) struct Walker<'t> {
    task: &'t Task,
    root: Pos,
    cur: Pos,
    links: u32,
    slash: bool,
    path: &'t [u8],
    /// What is left of `path`, and of the links within which the walk is, outermost first.
    at: usize,
    inner: SmallVec<[(Arc<[u8]>, usize); 2]>,
    privileged: bool,
    /// The directories in which names were looked up, where that is asked for.
    walked: Option<Vec<Node>>,
}

fn skip_slashes(path: &[u8], mut at: usize) -> usize {
    while path.get(at) == Some(&b'/') {
        at += 1;
    }
    at
}

/// Takes the next component of a text, and says whether slashes follow it.
#[inline]
fn take_component<'t>(text: &'t [u8], at: &mut usize) -> Option<(&'t [u8], bool)> {
    let rest = text.get(*at..)?;
    let start = rest.iter().position(|b| *b != b'/')?;
    let rest = &rest[start..];
    let len = rest.iter().position(|b| *b == b'/').unwrap_or(rest.len());
    let (name, after) = rest.split_at(len);
    let slashes = after.iter().position(|b| *b != b'/').unwrap_or(after.len());
    *at += start + len + slashes;
    Some((name, slashes > 0))
}

impl<'t> Walker<'t> {
    /// At the start of `path`, which is not empty and not too long.
    pub(crate) fn new(state: &mut SimState, task: &'t Task, path: &'t [u8]) -> Result<Self> {
        if path.is_empty() {
            return Err(Errno::ENOENT);
        }
        if path.len() >= PATH_MAX {
            return Err(Errno::ENAMETOOLONG);
        }
        let (root, cwd) = state.places(task)?;
        let cur = if path[0] == b'/' { root } else { cwd? };
        Ok(Self {
            task,
            root,
            cur,
            links: 0,
            slash: false,
            path,
            at: 0,
            inner: SmallVec::new(),
            privileged: task.can(Caps::DAC_OVERRIDE) || task.can(Caps::DAC_READ_SEARCH),
            walked: None,
        })
    }

    /// Whether nothing but slashes is left outside the innermost link.
    fn outer_done(&self) -> bool {
        let Some((_, inside)) = self.inner.split_last() else { return true };
        skip_slashes(self.path, self.at) == self.path.len()
            && inside.iter().all(|(text, at)| skip_slashes(text, *at) == text.len())
    }

    /// Takes the next component and says whether it is the last one of all.
    fn next(&mut self) -> Option<(Component<'t>, bool)> {
        while !self.inner.is_empty() {
            let outer_done = self.outer_done();
            let (text, at) = self.inner.last_mut()?;
            if let Some((name, slashes)) = take_component(text, at) {
                let last = *at == text.len() && outer_done;
                self.slash |= last && slashes;
                return Some((Component::Link(Name::from_slice(name)), last));
            }
            self.inner.pop();
        }
        let (name, slashes) = take_component(self.path, &mut self.at)?;
        let last = self.at == self.path.len();
        self.slash |= last && slashes;
        Some((Component::Path(name), last))
    }

    /// Walks to the last component, without looking it up.
    pub(crate) fn advance(&mut self, state: &mut SimState) -> Result<Last<'t>> {
        let start = self.cur;
        loop {
            let Some((name, last)) = self.next() else { return Ok(Last::Root) };
            // The start may be no directory any more; what was walked to is one.
            if !self.privileged || self.cur == start {
                self.search(state)?;
            }
            let component = match &*name {
                b"." => Last::Dot,
                b".." => Last::DotDot,
                _ => Last::Name(name),
            };
            if last {
                return Ok(component);
            }
            let next = match &component {
                Last::Name(name) => {
                    let (next, kind) = self.lookup(state, name)?.ok_or(Errno::ENOENT)?;
                    match kind {
                        FileType::Dir => next,
                        FileType::Symlink => {
                            state.accessed(next)?;
                            self.follow(state.link_target(next.node)?.ok_or(Errno::EIO)?)?;
                            continue;
                        }
                        _ => return Err(Errno::ENOTDIR),
                    }
                }
                dots => self.dots(state, dots)?,
            };
            self.cur = next;
        }
    }

    /// Where the walk is.
    pub(crate) fn here(&self) -> Pos {
        self.cur
    }

    /// Whether slashes follow the last component.
    pub(crate) fn slash(&self) -> bool {
        self.slash
    }

    /// The directory must be one, and searchable.
    fn search(&self, state: &SimState) -> Result<()> {
        if !state.is_dir(self.cur.node)? {
            return Err(Errno::ENOTDIR);
        }
        if self.privileged { Ok(()) } else { state.may(self.cur.node, self.task, Access::EXECUTE) }
    }

    /// The place that a name leads to from here, mounts crossed, and what is there.
    pub(crate) fn lookup(&mut self, state: &mut SimState, name: &[u8]) -> Result<Option<(Pos, FileType)>> {
        state.fits(self.cur.node, name)?;
        if let Some(walked) = &mut self.walked {
            walked.push(self.cur.node);
        }
        let Some((node, kind)) = state.lookup_kind(self.cur.node, name)? else { return Ok(None) };
        let pos = state.mounts.cross(Pos { mount: self.cur.mount, node });
        let kind = if pos.node == node { kind } else { state.kind(pos.node)? };
        Ok(Some((pos, kind)))
    }

    /// `.`, `..` and `/` from here. `..` of the task's root, and of the kernel's, is itself.
    pub(crate) fn dots(&self, state: &SimState, last: &Last<'_>) -> Result<Pos> {
        if !matches!(last, Last::DotDot) {
            return Ok(self.cur);
        }
        let mut pos = self.cur;
        loop {
            if pos == self.root {
                return Ok(pos);
            }
            let Some(mount) = state.mounts.get(pos.mount) else { return Ok(pos) };
            if mount.root != pos.node {
                break;
            }
            if mount.over.mount == pos.mount {
                return Ok(pos);
            }
            pos = mount.over;
        }
        let node = state.parent(pos.node)?;
        Ok(state.mounts.cross(Pos { mount: pos.mount, node }))
    }

    /// Goes on at a link's target. `ELOOP` from the 41st link on.
    pub(crate) fn follow(&mut self, target: Arc<[u8]>) -> Result<()> {
        self.links += 1;
        if self.links > LINKS_MAX {
            return Err(Errno::ELOOP);
        }
        if target.first() == Some(&b'/') {
            self.cur = self.root;
        }
        self.inner.push((target, 0));
        Ok(())
    }
}

impl SimState {
    /// What it is: an overlay knows that of its nodes without a look below.
    pub(crate) fn kind(&self, node: Node) -> Result<FileType> {
        match self.fs.get(node.fs) {
            Some(Fs::Overlay(overlay)) => Ok(overlay.dentry(node.id)?.kind),
            Some(Fs::Disk(disk)) => Ok(disk.get(node.id)?.kind()),
            None => Err(Errno::EIO),
        }
    }

    /// The target, if it is a symbolic link.
    pub(crate) fn link_target(&self, node: Node) -> Result<Option<Arc<[u8]>>> {
        if self.kind(node)? != FileType::Symlink {
            return Ok(None);
        }
        match &self.inode(node)?.body {
            super::inode::Body::Symlink(target) => Ok(Some(target.clone())),
            _ => Ok(None),
        }
    }

    pub(crate) fn is_dir(&self, node: Node) -> Result<bool> {
        Ok(self.kind(node)? == FileType::Dir)
    }

    /// Where the task's root and working directory are. Who is there already needs no permission to be.
    /// A working directory that is gone is an error only to who starts there.
    pub(crate) fn places(&mut self, task: &Task) -> Result<(Pos, Result<Pos>)> {
        self.refresh();
        let Some(dir) = task.dir else { return self.places_of(&task.root, &task.cwd) };
        let (root, _) = self.places_of(&task.root, b"/")?;
        Ok((root, self.open.get(dir).map(|open| open.pos).ok_or(Errno::EBADF)))
    }

    fn places_of(&mut self, root: &[u8], cwd: &[u8]) -> Result<(Pos, Result<Pos>)> {
        if let Some(known) = &self.places
            && known.root_path == *root
            && known.cwd_path == *cwd
        {
            return Ok((known.root, Ok(known.cwd)));
        }
        self.find_places(root, cwd)
    }

    #[cold]
    fn find_places(&mut self, root_path: &[u8], cwd_path: &[u8]) -> Result<(Pos, Result<Pos>)> {
        let base = self.mounts.root();
        let mut walked = Vec::new();
        let root = self.place(base, root_path, &mut walked)?;
        let cwd = self.place(root, cwd_path, &mut walked);
        let Ok(cwd) = cwd else { return Ok((root, cwd)) };
        let (root_path, cwd_path) = (root_path.into(), cwd_path.into());
        self.places = Some(Places { root_path, cwd_path, root, cwd, walked });
        Ok((root, Ok(cwd)))
    }

    fn place(&mut self, root: Pos, path: &[u8], through: &mut Vec<Node>) -> Result<Pos> {
        let nobody = Task::root();
        let mut walker = Walker {
            task: &nobody,
            root,
            cur: root,
            links: 0,
            slash: false,
            path,
            at: 0,
            inner: SmallVec::new(),
            privileged: true,
            walked: Some(Vec::new()),
        };
        let pos = walker.finish(self, Follow::Target)?;
        through.extend(walker.walked.into_iter().flatten());
        if self.is_dir(pos.node)? { Ok(pos) } else { Err(Errno::ENOTDIR) }
    }

    /// Resolves a path to a place.
    pub(crate) fn resolve(&mut self, task: &Task, path: &[u8], follow: Follow) -> Result<Pos> {
        Walker::new(self, task, path)?.finish(self, follow)
    }

    /// Resolves all but the last component.
    pub(crate) fn resolve_parent<'p>(&mut self, task: &'p Task, path: &'p [u8]) -> Result<Parent<'p>> {
        let mut walker = Walker::new(self, task, path)?;
        Ok(Parent { last: walker.advance(self)?, dir: walker.cur, slash: walker.slash })
    }

    /// The absolute path of a directory, inside `root`.
    pub(crate) fn path_of(&mut self, root: Pos, mut pos: Pos) -> Result<ByteString> {
        let mut names: SmallVec<[Vec<u8>; 8]> = SmallVec::new();
        while pos != root {
            let Some(mount) = self.mounts.get(pos.mount) else { return Err(Errno::ENOENT) };
            if mount.root == pos.node {
                // Above the tree of the task.
                if mount.over.mount == pos.mount {
                    return Err(Errno::ENOENT);
                }
                pos = mount.over;
                continue;
            }
            let parent = self.parent(pos.node)?;
            names.push(self.name_of(parent, pos.node)?);
            pos.node = parent;
        }
        let mut path = Vec::new();
        for name in names.iter().rev() {
            path.push(b'/');
            path.extend_from_slice(name);
        }
        if path.is_empty() {
            path.push(b'/');
        }
        Ok(path.into())
    }
}

impl Walker<'_> {
    /// Walks to the end.
    pub(crate) fn finish(&mut self, state: &mut SimState, follow: Follow) -> Result<Pos> {
        loop {
            let last = self.advance(state)?;
            let Last::Name(name) = &last else { return self.dots(state, &last) };
            let (pos, kind) = self.lookup(state, name)?.ok_or(Errno::ENOENT)?;
            if kind == FileType::Symlink
                && (follow == Follow::Target || self.slash)
                && let Some(target) = state.link_target(pos.node)?
            {
                state.accessed(pos)?;
                self.follow(target)?;
                continue;
            }
            if self.slash && kind != FileType::Dir {
                return Err(Errno::ENOTDIR);
            }
            return Ok(pos);
        }
    }
}
