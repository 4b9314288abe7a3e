//! Mounting an overlay: what the layers must be, and the work directory (docs/design/overlayfs.md, rules 22 and 23).

use std::sync::Arc;

use super::super::names::{Name, Names};
use super::super::overlay::{
    Child, Dentry, IMPURE, LowerListings, OPAQUE, Overlay, ROOT, Redirect, UUID, Upper, Writes,
};
use super::super::place::Node;
use super::super::state::{Fs, SimState};
use super::options::{Options, Uuid, Xino};
use crate::kernel::{ByteString, Errno, FileType, Follow, Result, Task};
use crate::overlay::Lower;
use crate::overlay::options::unescape;

/// The most file systems on top of each other (docs/design/overlayfs.md, rule 23).
const DEPTH_MAX: u32 = 2;

impl SimState {
    /// A new overlay file system; its root and the options as the mount table shows them.
    pub(crate) fn overlay_mount(&mut self, task: &Task, data: &[u8]) -> Result<(Node, ByteString)> {
        let mut options = Options::parse(data)?;
        let mut lower = Vec::with_capacity(options.lower.len());
        for path in options.lower.iter().chain(&options.data) {
            lower.push(self.layer(task, path)?);
        }
        // One directory alone would be itself.
        if options.upper.is_none() && lower.len() < 2 {
            return Err(Errno::EINVAL);
        }
        let upper = match (&options.upper, &options.work) {
            (Some(upper), Some(work)) => {
                Some((self.upper_layer(task, &unescape(upper))?, self.upper_layer(task, &unescape(work))?))
            }
            _ => None,
        };
        let depth = self.check_layers(&lower, upper)?;
        let mut part = None;
        if let Some((upper, base)) = upper {
            self.identify(upper, &mut options)?;
            let work = self.make_work(base, options.volatile)?;
            part = Some(Upper { root: upper, base, work: work.unwrap_or(base), whiteout: None, temp: 0 });
        }
        let data = lower.split_off(options.lower.len());
        let root = self.new_overlay(lower, data, part, depth)?;
        let overlay = self.overlay_mut(root.fs)?;
        let works = overlay.upper.as_ref().is_some_and(|upper| upper.work != upper.base);
        overlay.writes = match (works, options.read_only) {
            (false, _) => Writes::Never,
            (true, true) => Writes::Off,
            (true, false) => Writes::On,
        };
        overlay.redirect = options.redirect;
        overlay.trusts_layers = options.redirect == Redirect::On || options.xino == Xino::On;
        // `xino=auto` asks for file systems whose numbers have 32 bits, which tmpfs has not.
        let many = overlay.file_systems.len();
        overlay.xino_bits = if options.xino == Xino::On && many > 1 { (many - 1).ilog2() + 2 } else { 0 };
        let shown = options.shown(many == 1);
        Ok((root, shown))
    }

    /// The first mount of a new upper directory gives it an id of its own.
    fn identify(&mut self, upper: Node, options: &mut Options) -> Result<()> {
        let inode = self.inode(upper)?;
        if inode.xattr(UUID).is_some() {
            return Ok(());
        }
        match options.uuid {
            Uuid::Auto if inode.xattr(IMPURE).is_some() => options.uuid = Uuid::Null,
            Uuid::Auto | Uuid::On => {
                let uuid = uuid(u64::from(self.fs.next()), self.clock.sec);
                self.inode_mut(upper)?.set_own_xattr(UUID, uuid.into());
                options.uuid = Uuid::On;
            }
            Uuid::Null | Uuid::Off => {}
        }
        Ok(())
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

    /// `work/`, emptied of what a former mount left. A volatile mount's marker is not taken
    /// away: what it left may be incomplete. Nothing, where something lies deeper than a mount puts it: that is not
    /// taken away either, and the mount cannot be written.
    fn make_work(&mut self, dir: Node, volatile: bool) -> Result<Option<Node>> {
        let now = self.clock;
        let name = b"work";
        if let Some(old) = self.disk(dir.fs)?.lookup(dir.id, name)?
            && !self.empty_work(dir, old, name)?
        {
            return Ok(None);
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
        Ok(Some(Node { fs: dir.fs, id: work }))
    }

    /// Takes away what is in `work/`, and what is in a directory there. Says whether all went.
    fn empty_work(&mut self, dir: Node, work: u64, name: &[u8]) -> Result<bool> {
        let below = self.names_below(dir.fs, work)?;
        for (name, ino) in below {
            for (inner, _) in self.names_below(dir.fs, ino)? {
                if name == b"incompat" {
                    return Err(Errno::EINVAL);
                }
                if !self.take_away(dir.fs, ino, &inner)? {
                    return Ok(false);
                }
            }
            if !self.take_away(dir.fs, work, &name)? {
                return Ok(false);
            }
        }
        self.take_away(dir.fs, dir.id, name)
    }

    /// The names in a directory of a disk; none in what is no directory.
    fn names_below(&self, fs: u32, ino: u64) -> Result<Vec<(Vec<u8>, u64)>> {
        let disk = self.disk(fs)?;
        if !disk.get(ino)?.is_dir() {
            return Ok(Vec::new());
        }
        Ok(disk.names(ino)?.map(|(name, entry)| (name.to_vec(), entry.ino)).collect())
    }

    /// Removes a name of a disk, unless a directory there holds something.
    fn take_away(&mut self, fs: u32, dir: u64, name: &[u8]) -> Result<bool> {
        let now = self.clock;
        match self.disk_mut(fs)?.remove(dir, name, now) {
            Ok(gone) => self.release(fs, gone).map(|()| true),
            Err(Errno::ENOTEMPTY) => Ok(false),
            Err(error) => Err(error),
        }
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
            removed: false,
            children: Names::<Child>::default(),
        };
        // Number 0 is the upper directory's, whether there is one or not.
        let mut file_systems: Vec<Option<u32>> = vec![upper.as_ref().map(|upper| upper.root.fs)];
        for layer in lower.iter().chain(&data) {
            if !file_systems.contains(&Some(layer.fs)) {
                file_systems.push(Some(layer.fs));
            }
        }
        // A single one below counts as one.
        if file_systems[0].is_none() && file_systems.len() == 2 {
            file_systems.remove(0);
        }
        let mut dentries = super::super::table::Table::default();
        dentries.insert(ROOT, root);
        let overlay = Overlay {
            upper,
            lower: lower.into(),
            data: data.into(),
            same_fs: file_systems.len() == 1,
            file_systems: file_systems.into(),
            xino_bits: 0,
            redirect: Redirect::Follow,
            trusts_layers: false,
            writes: Writes::On,
            depth,
            xwhiteout_layers,
            listings: std::collections::BTreeMap::new(),
            lower_listings: LowerListings::default(),
            dentries,
            copies: super::super::table::Table::default(),
            displaced: std::collections::BTreeSet::new(),
            next: ROOT + 1,
        };
        Ok(Node { fs: self.add_fs(Fs::Overlay(triomphe::Arc::new(overlay))), id: ROOT })
    }
}

/// The UUID of an upper directory: of the mount's number and time, in place of a random one.
fn uuid(number: u64, time: i64) -> Vec<u8> {
    let mut uuid = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes().to_vec();
    uuid.extend_from_slice(&(time as u64 ^ number).wrapping_mul(0xd6e8_feb8_6659_fd93).to_be_bytes());
    uuid
}
