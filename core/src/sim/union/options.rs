//! Mounting an overlay: the option string, its limits, and what the layers must be (`fs/overlayfs/params.c`, `super.c`).

use std::sync::Arc;

use super::super::names::{Name, Names};
use super::super::overlay::{Child, Dentry, IMPURE, LowerListings, OPAQUE, Overlay, ROOT, UUID, Upper};
use super::super::place::Node;
use super::super::state::{Fs, State};
use crate::kernel::{ByteString, Errno, FileType, Follow, Result, Task};
use crate::overlay::Lower;

/// The most lower layers (`OVL_MAX_STACK`).
const LOWER_MAX: usize = 500;
/// The most file systems on top of each other (`FILESYSTEM_MAX_STACK_DEPTH`).
const DEPTH_MAX: u32 = 2;

/// What the option string says.
#[derive(Debug, Default)]
struct Options {
    lower: Vec<ByteString>,
    /// Data-only layers: contents of files that another layer tells of. No name in them is seen.
    data: Vec<ByteString>,
    upper: Option<ByteString>,
    work: Option<ByteString>,
    redirect: Option<ByteString>,
    index: Option<bool>,
    nfs_export: Option<bool>,
    metacopy: Option<bool>,
    userxattr: bool,
    volatile: bool,
    read_only: bool,
}

/// Splits at a byte that no backslash precedes, and takes the backslashes away.
fn split_unescaped(text: &[u8], at: u8) -> Vec<ByteString> {
    let mut parts = vec![ByteString::new()];
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        let last = parts.last_mut().expect("there is always a part");
        match byte {
            b'\\' => last.extend(bytes.next()),
            _ if byte == at => parts.push(ByteString::new()),
            _ => last.push(byte),
        }
    }
    parts
}

/// Splits the option string at commas; `\,` is part of a value, and keeps its backslash for the value's own rules.
fn split_options(data: &[u8]) -> Vec<&[u8]> {
    let mut options = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (i, byte) in data.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b',' => {
                options.push(&data[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    options.push(&data[start..]);
    options.retain(|o| !o.is_empty());
    options
}

fn on_off(value: &[u8]) -> Result<bool> {
    match value {
        b"on" => Ok(true),
        b"off" => Ok(false),
        _ => Err(Errno::EINVAL),
    }
}

impl Options {
    fn parse(data: &[u8]) -> Result<Self> {
        let mut options = Self::default();
        for option in split_options(data) {
            let (key, value) = match option.iter().position(|b| *b == b'=') {
                Some(at) => (&option[..at], Some(&option[at + 1..])),
                None => (option, None),
            };
            options.set(key, value)?;
        }
        options.check()?;
        Ok(options)
    }

    fn set(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<()> {
        let given = value.filter(|v| !v.is_empty()).ok_or(Errno::EINVAL);
        let path = |given: &[u8]| split_unescaped(given, 0).remove(0);
        match key {
            b"lowerdir" => (self.lower, self.data) = lower_paths(given?)?,
            b"lowerdir+" => self.lower.push(path(given?)),
            b"upperdir" => self.upper = Some(path(given?)),
            b"workdir" => self.work = Some(path(given?)),
            b"redirect_dir" => match given? {
                value @ (b"on" | b"off" | b"follow" | b"nofollow") => self.redirect = Some(value.into()),
                _ => return Err(Errno::EINVAL),
            },
            b"index" => self.index = Some(on_off(given?)?),
            b"nfs_export" => self.nfs_export = Some(on_off(given?)?),
            b"metacopy" => self.metacopy = Some(on_off(given?)?),
            b"xino" if matches!(given?, b"on" | b"off" | b"auto") => {}
            b"uuid" if matches!(given?, b"on" | b"off" | b"auto" | b"null") => {}
            b"verity" if matches!(given?, b"off") => {}
            b"default_permissions" if value.is_none() => {}
            // Flags of every file system (`vfs_parse_sb_flag`); all but `ro` are about real disks.
            b"ro" if value.is_none() => self.read_only = true,
            b"rw" if value.is_none() => self.read_only = false,
            b"sync" | b"async" | b"dirsync" | b"lazytime" | b"nolazytime" | b"mand" | b"nomand"
                if value.is_none() => {}
            b"userxattr" if value.is_none() => self.userxattr = true,
            b"volatile" if value.is_none() => self.volatile = true,
            _ => return Err(Errno::EINVAL),
        }
        Ok(())
    }

    /// Combinations that Linux refuses, and options whose effects the simulator does not have: it refuses those as
    /// well, rather than take them and not do them.
    fn check(&self) -> Result<()> {
        let redirects = self.redirect.as_ref().is_some_and(|r| *r == "on");
        let metacopy = self.metacopy == Some(true);
        let nfs = self.nfs_export == Some(true);
        if redirects || metacopy || nfs || self.index == Some(true) || self.userxattr {
            return Err(Errno::EINVAL);
        }
        if self.lower.is_empty() || self.lower.len() + self.data.len() > LOWER_MAX {
            return Err(Errno::EINVAL);
        }
        if self.upper.is_some() && self.work.is_none() {
            return Err(Errno::EINVAL);
        }
        Ok(())
    }
}

/// `lowerdir=`: a colon stands before each further layer, two before each data-only layer, and those come last.
fn lower_paths(value: &[u8]) -> Result<(Vec<ByteString>, Vec<ByteString>)> {
    let mut parts = split_unescaped(value, b':').into_iter();
    let (mut lower, mut data) = (Vec::from_iter(parts.next()), Vec::new());
    while let Some(part) = parts.next() {
        if part.is_empty() {
            data.push(parts.next().ok_or(Errno::EINVAL)?);
        } else if data.is_empty() {
            lower.push(part);
        } else {
            return Err(Errno::EINVAL);
        }
    }
    let empty = lower.iter().chain(&data).any(|part| part.is_empty());
    if empty { Err(Errno::EINVAL) } else { Ok((lower, data)) }
}

impl State {
    /// A new overlay file system; its number and the options as the mount table shows them.
    pub(crate) fn overlay_mount(&mut self, task: &Task, data: &[u8]) -> Result<(Node, ByteString, bool)> {
        let options = Options::parse(data)?;
        let mut lower = Vec::with_capacity(options.lower.len());
        for path in options.lower.iter().chain(&options.data) {
            lower.push(self.layer(task, path)?);
        }
        // `ovl_get_lowerstack`: one directory alone would be itself.
        if options.upper.is_none() && lower.len() < 2 {
            return Err(Errno::EINVAL);
        }
        let upper = match (&options.upper, &options.work) {
            (Some(upper), Some(work)) => {
                Some((self.upper_layer(task, upper)?, self.upper_layer(task, work)?))
            }
            _ => None,
        };
        let depth = self.check_layers(&lower, upper)?;
        let mut shown = b"lowerdir=".to_vec();
        let escaped = options.lower.iter().map(ByteString::escape_colons);
        shown.extend_from_slice(&escaped.collect::<Vec<_>>().join(&b':'));
        for path in options.data.iter().map(ByteString::escape_colons) {
            shown.extend_from_slice(b"::");
            shown.extend_from_slice(&path);
        }
        let mut part = None;
        if let Some((upper, work)) = upper {
            let base = work;
            let work = self.make_work(base, options.volatile)?;
            for (key, path) in [("upperdir", &options.upper), ("workdir", &options.work)] {
                shown.extend_from_slice(format!(",{key}=").as_bytes());
                shown.extend_from_slice(path.as_deref().map_or(&[][..], Vec::as_slice));
            }
            let inode = self.inode(upper)?;
            if inode.xattr(UUID).is_none() && inode.xattr(IMPURE).is_none() {
                let uuid = uuid(u64::from(self.fs.next()), self.clock.sec);
                self.inode_mut(upper)?.set_own_xattr(UUID, uuid.into());
                shown.extend_from_slice(b",uuid=on");
            }
            part = Some(Upper { root: upper, base, work, whiteout: None, temp: 0 });
        }
        let read_only = part.is_none() || options.read_only;
        let data = lower.split_off(options.lower.len());
        let root = self.new_overlay(lower, data, part, depth)?;
        Ok((root, shown.into(), read_only))
    }

    fn layer(&mut self, task: &Task, path: &[u8]) -> Result<Node> {
        let node = self.resolve(task, path, Follow::Target)?.node;
        if self.is_dir(node)? { Ok(node) } else { Err(Errno::EINVAL) }
    }

    /// Upper and work directory must be on a plain disk that can be written.
    fn upper_layer(&mut self, task: &Task, path: &[u8]) -> Result<Node> {
        let pos = self.resolve(task, path, Follow::Target)?;
        if self.mounts.get(pos.mount).is_some_and(super::super::mounts::Mount::read_only) {
            return Err(Errno::EINVAL);
        }
        let is_disk = self.disk(pos.node.fs).is_ok();
        if is_disk && self.is_dir(pos.node)? { Ok(pos.node) } else { Err(Errno::EINVAL) }
    }

    /// How layers may lie: upper and work apart on one file system (`EINVAL`), no lower one twice or within another
    /// layer (`ELOOP`), not on top of two overlays (`EINVAL`). Returns how many overlays lie below.
    fn check_layers(&mut self, lower: &[Node], upper: Option<(Node, Node)>) -> Result<u32> {
        if let Some((upper, work)) = upper {
            let nested =
                upper.fs != work.fs || self.is_within(upper, work)? || self.is_within(work, upper)?;
            if nested {
                return Err(Errno::EINVAL);
            }
        }
        let mut depth = 0;
        for (i, node) in lower.iter().enumerate() {
            if let Ok(overlay) = self.overlay(node.fs) {
                depth = depth.max(overlay.depth + 1);
            }
            if lower[..i].contains(node) {
                return Err(Errno::ELOOP);
            }
        }
        if depth >= DEPTH_MAX {
            return Err(Errno::EINVAL);
        }
        let mut traps: std::collections::BTreeSet<Node> = lower.iter().copied().collect();
        traps.extend(upper.into_iter().flat_map(|(upper, work)| [upper, work]));
        for node in lower {
            let mut at = *node;
            loop {
                let parent = self.parent(at)?;
                if parent == at {
                    break;
                }
                if traps.contains(&parent) {
                    return Err(Errno::ELOOP);
                }
                at = parent;
            }
            if upper.is_some_and(|(upper, work)| *node == upper || *node == work) {
                return Err(Errno::ELOOP);
            }
        }
        Ok(depth)
    }

    /// `ovl_workdir_create`: `work/`, emptied of what a former mount left. A volatile mount's marker is not taken
    /// away: what it left may be incomplete.
    fn make_work(&mut self, dir: Node, volatile: bool) -> Result<Node> {
        let now = self.clock;
        let name = b"work";
        if let Some(old) = self.disk(dir.fs)?.lookup(dir.id, name)? {
            if self.disk(dir.fs)?.get(old)?.is_dir() && self.disk(dir.fs)?.lookup(old, b"incompat")?.is_some()
            {
                return Err(Errno::EINVAL);
            }
            self.remove_tree(dir, name)?;
        }
        let owner = super::super::disk::Owner { uid: 0, gid: 0, mode: 0 };
        let make = |disk: &mut super::super::disk::Disk, dir: u64, name: &[u8]| {
            disk.create(
                dir,
                name,
                super::super::inode::Body::Dir(super::super::inode::Dir::default()),
                owner,
                now,
            )
        };
        let disk = self.disk_mut(dir.fs)?;
        let work = make(disk, dir.id, name)?;
        if volatile {
            let marker = make(disk, work, b"incompat")?;
            make(disk, marker, b"volatile")?;
        }
        Ok(Node { fs: dir.fs, id: work })
    }

    /// Removes a name of a disk with all that is below.
    fn remove_tree(&mut self, dir: Node, name: &[u8]) -> Result<()> {
        let now = self.clock;
        let mut todo = vec![(dir.id, name.to_vec(), false)];
        while let Some((parent, name, emptied)) = todo.pop() {
            let disk = self.disk_mut(dir.fs)?;
            let ino = disk.lookup(parent, &name)?.ok_or(Errno::ENOENT)?;
            if disk.get(ino)?.is_dir() && !emptied {
                todo.push((parent, name, true));
                todo.extend(disk.names(ino)?.map(|(name, _)| (ino, name.to_vec(), false)));
                continue;
            }
            let gone = disk.remove(parent, &name, now)?;
            self.release(dir.fs, gone)?;
        }
        Ok(())
    }

    fn new_overlay(
        &mut self,
        lower: Vec<Node>,
        data: Vec<Node>,
        upper: Option<Upper>,
        depth: u32,
    ) -> Result<Node> {
        let stack: Vec<_> = lower.iter().zip(1..).map(|(node, layer)| Lower { layer, node: *node }).collect();
        let mut xwhiteout_layers = Vec::new();
        for part in &stack {
            if self.layer_xattr(part.node, OPAQUE)?.as_deref() == Some(b"x") {
                xwhiteout_layers.push(part.layer);
            }
        }
        let root = Dentry {
            parent: ROOT,
            name: Name::new(),
            kind: FileType::Dir,
            upper: upper.as_ref().map(|u| u.root.id),
            whiteouts: stack.len() + usize::from(upper.is_some()) > 1,
            lower: Some(Arc::from(stack)),
            opaque: false,
            xwhiteouts: !xwhiteout_layers.is_empty(),
            const_ino: true,
            hashed: true,
            children: Names::<Child>::default(),
        };
        let all = lower.iter().chain(&data).map(|n| n.fs).chain(upper.iter().map(|u| u.root.fs));
        let mut fs: Vec<u32> = all.collect();
        fs.dedup();
        let mut dentries = super::super::table::Table::default();
        dentries.insert(ROOT, root);
        let overlay = Overlay {
            upper,
            lower: lower.into(),
            data: data.into(),
            same_fs: fs.len() == 1,
            depth,
            xwhiteout_layers,
            listings: std::collections::BTreeMap::new(),
            lower_listings: LowerListings::default(),
            dentries,
            next: ROOT + 1,
        };
        Ok(Node { fs: self.add_fs(Fs::Overlay(overlay)), id: ROOT })
    }
}

impl ByteString {
    /// Colons of a path as `lowerdir=` writes them.
    fn escape_colons(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.len());
        for byte in self.iter() {
            if *byte == b':' {
                text.push(b'\\');
            }
            text.push(*byte);
        }
        text
    }
}

/// The UUID of an upper directory: of the mount's number and time, in place of a random one.
fn uuid(number: u64, time: i64) -> Vec<u8> {
    let mut uuid = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes().to_vec();
    uuid.extend_from_slice(&(time as u64 ^ number).wrapping_mul(0xd6e8_feb8_6659_fd93).to_be_bytes());
    uuid
}
