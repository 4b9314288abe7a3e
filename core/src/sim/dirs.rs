//! System calls that make, remove and move names.

use super::acl::{self, Acl};
use super::disk::Owner;
use super::inode::{Body, Dir};
use super::place::{Node, Pos};
use super::state::SimState;
use super::walk::{Last, Parent};
use crate::kernel::{Access, Caps, Device, Errno, FileType, Follow, RenameFlags, Result, Task};

impl SimState {
    /// The place of a name that must be free. Slashes after it are for directories alone.
    fn place_to_create<'p>(&mut self, task: &'p Task, path: &'p [u8], for_dir: bool) -> Result<Parent<'p>> {
        let parent = self.resolve_parent(task, path)?;
        let name = parent.name(Errno::EEXIST)?;
        self.takes_name(parent.dir.node, name)?;
        if self.lookup(parent.dir.node, name)?.is_some() {
            return Err(Errno::EEXIST);
        }
        if parent.slash && !for_dir {
            return Err(Errno::ENOENT);
        }
        self.want_write(parent.dir)?;
        Ok(parent)
    }

    /// Makes what may be made: a set-gid directory hands its group on, and its bit to directories; the bit of an
    /// executable in a strange group is dropped (inode(7)). A default access control list
    /// stands in for the umask (docs/design/rules-acl.md, rule 7).
    pub(crate) fn create_in(
        &mut self,
        task: &Task,
        dir: Node,
        name: &[u8],
        body: Body,
        mode: u32,
    ) -> Result<Node> {
        let is_dir = matches!(body, Body::Dir(_));
        let is_link = matches!(body, Body::Symlink(_));
        let parent = self.inode(dir)?;
        let mut mode = mode & 0o7777;
        let mut gid = task.gid;
        if parent.mode & 0o2000 != 0 {
            gid = parent.gid;
            if is_dir {
                mode |= 0o2000;
            } else if mode & 0o2010 == 0o2010 && !task.in_group(gid) && !task.can(Caps::FSETID) {
                mode &= !0o2000;
            }
        }
        let default = Acl::of(parent, acl::DEFAULT).filter(|_| !is_link);
        let mut access = default.clone();
        match &mut access {
            Some(list) => mode = list.inherit(mode),
            None if is_link => {}
            None => mode &= !task.umask,
        }
        let node = self.make(dir, name, body, Owner { uid: task.uid, gid, mode })?;
        if let (Some(default), Some(access)) = (default, access) {
            let real = self.writable(node)?;
            let inode = self.inode_mut(real)?;
            if !access.mode().1 {
                inode.set_own_xattr(acl::ACCESS, access.to_value());
            }
            if is_dir {
                inode.set_own_xattr(acl::DEFAULT, default.to_value());
            }
        }
        Ok(node)
    }

    fn create_at(&mut self, task: &Task, parent: &Parent<'_>, body: Body, mode: u32) -> Result<Node> {
        self.may_create(parent.dir.node, task)?;
        self.create_in(task, parent.dir.node, parent.name(Errno::EEXIST)?, body, mode)
    }

    pub(crate) fn mkdir(&mut self, task: &Task, path: &[u8], mode: u32) -> Result<()> {
        let parent = self.place_to_create(task, path, true)?;
        self.create_at(task, &parent, Body::Dir(Dir::default()), mode & 0o1777).map(drop)
    }

    pub(crate) fn symlink(&mut self, task: &Task, target: &[u8], path: &[u8]) -> Result<()> {
        if target.is_empty() {
            return Err(Errno::ENOENT);
        }
        if target.len() >= crate::kernel::path::PATH_MAX {
            return Err(Errno::ENAMETOOLONG);
        }
        let parent = self.place_to_create(task, path, false)?;
        self.create_at(task, &parent, Body::Symlink(target.into()), 0o777).map(drop)
    }

    pub(crate) fn mknod(
        &mut self,
        task: &Task,
        path: &[u8],
        kind: FileType,
        mode: u32,
        device: Device,
    ) -> Result<()> {
        let body = match kind {
            FileType::File => Body::File(super::content::Content::default()),
            FileType::Char => Body::Char(device),
            FileType::Block => Body::Block(device),
            FileType::Fifo => Body::Fifo,
            FileType::Socket => Body::Socket,
            FileType::Dir => return Err(Errno::EPERM),
            FileType::Symlink => return Err(Errno::EINVAL),
        };
        let parent = self.place_to_create(task, path, false)?;
        self.may_create(parent.dir.node, task)?;
        // Everyone may make a whiteout where the file system lets them.
        let whiteout = kind == FileType::Char && device == Device::WHITEOUT;
        if matches!(kind, FileType::Char | FileType::Block) && !whiteout && !task.can(Caps::MKNOD) {
            return Err(Errno::EPERM);
        }
        self.create_at(task, &parent, body, mode).map(drop)
    }

    pub(crate) fn link(&mut self, task: &Task, from: &[u8], to: &[u8]) -> Result<()> {
        let old = self.resolve(task, from, Follow::Link)?;
        let parent = self.place_to_create(task, to, false)?;
        Self::same_mount(old, parent.dir)?;
        self.may_linkat(task, old.node)?;
        self.may_create(parent.dir.node, task)?;
        let inode = self.inode(old.node)?;
        if inode.is_dir() {
            return Err(Errno::EPERM);
        }
        if inode.nlink == 0 {
            return Err(Errno::ENOENT);
        }
        self.add_link(old.node, parent.dir.node, parent.name(Errno::EEXIST)?)
    }

    /// proc(5), `protected_hardlinks=1`, every distribution's setting: who does not own a file may link it
    /// only if it is regular, without set-id bits that matter, and both readable and writable.
    fn may_linkat(&self, task: &Task, node: Node) -> Result<()> {
        let inode = self.inode(node)?;
        let safe = inode.kind() == FileType::File
            && inode.mode & 0o4000 == 0
            && inode.mode & 0o2010 != 0o2010
            && super::access::permission(inode, task, Access::READ | Access::WRITE).is_ok();
        if safe || super::access::owns(inode, task) { Ok(()) } else { Err(Errno::EPERM) }
    }

    pub(crate) fn unlink(&mut self, task: &Task, path: &[u8]) -> Result<()> {
        let parent = self.resolve_parent(task, path)?;
        let name = parent.name(Errno::EISDIR)?;
        self.want_write(parent.dir)?;
        let victim = self.victim(&parent, name)?;
        if parent.slash {
            return Err(if self.is_dir(victim)? { Errno::EISDIR } else { Errno::ENOTDIR });
        }
        self.may_delete(parent.dir.node, victim, task, false)?;
        if self.mounts.covers_node(victim) {
            return Err(Errno::EBUSY);
        }
        self.moved(parent.dir.node);
        self.remove(parent.dir.node, name)
    }

    pub(crate) fn rmdir(&mut self, task: &Task, path: &[u8]) -> Result<()> {
        let parent = self.resolve_parent(task, path)?;
        let name = match &parent.last {
            Last::Name(name) => name,
            Last::DotDot => return Err(Errno::ENOTEMPTY),
            Last::Dot => return Err(Errno::EINVAL),
            Last::Root => return Err(Errno::EBUSY),
        };
        self.want_write(parent.dir)?;
        let victim = self.victim(&parent, name)?;
        self.may_delete(parent.dir.node, victim, task, true)?;
        if self.mounts.covers_node(victim) {
            return Err(Errno::EBUSY);
        }
        self.moved(parent.dir.node);
        self.remove(parent.dir.node, name)
    }

    fn victim(&mut self, parent: &Parent<'_>, name: &[u8]) -> Result<Node> {
        self.fits(parent.dir.node, name)?;
        self.lookup(parent.dir.node, name)?.ok_or(Errno::ENOENT)
    }

    /// Whether `above` is `dir` or one of the directories that it is in, on one file system.
    pub(crate) fn is_within(&self, dir: Node, above: Node) -> Result<bool> {
        let mut at = dir;
        loop {
            if at == above {
                return Ok(true);
            }
            let parent = self.parent(at)?;
            if parent == at {
                return Ok(false);
            }
            at = parent;
        }
    }

    /// rename(2).
    pub(crate) fn rename(&mut self, task: &Task, from: &[u8], to: &[u8], flags: RenameFlags) -> Result<()> {
        let exchange = flags.contains(RenameFlags::EXCHANGE);
        let noreplace = flags.contains(RenameFlags::NOREPLACE);
        if exchange && flags.intersects(RenameFlags::NOREPLACE | RenameFlags::WHITEOUT) {
            return Err(Errno::EINVAL);
        }
        let old = self.resolve_parent(task, from)?;
        let new = self.resolve_parent(task, to)?;
        Self::same_mount(old.dir, new.dir)?;
        let old_name = old.name(Errno::EBUSY)?;
        let new_name = new.name(if noreplace { Errno::EEXIST } else { Errno::EBUSY })?;
        self.want_write(old.dir)?;
        let source = self.victim(&old, old_name)?;
        self.takes_name(new.dir.node, new_name)?;
        let target = self.lookup(new.dir.node, new_name)?;
        if noreplace && target.is_some() {
            return Err(Errno::EEXIST);
        }
        if exchange {
            let Some(target) = target else { return Err(Errno::ENOENT) };
            if new.slash && !self.is_dir(target)? {
                return Err(Errno::ENOTDIR);
            }
        }
        let is_dir = self.is_dir(source)?;
        if !is_dir && (old.slash || new.slash && !exchange) {
            return Err(Errno::ENOTDIR);
        }
        if is_dir && self.is_within(new.dir.node, source)? {
            return Err(Errno::EINVAL);
        }
        if let Some(target) = target
            && self.is_dir(target)?
            && self.is_within(old.dir.node, target)?
        {
            return Err(if exchange { Errno::EINVAL } else { Errno::ENOTEMPTY });
        }
        if target.is_some_and(|target| self.same_inode(source, target)) {
            return Ok(());
        }
        self.may_rename(task, &old, &new, source, target, flags)?;
        self.moved(old.dir.node);
        self.moved(new.dir.node);
        self.rename_nodes((old.dir.node, old_name), (new.dir.node, new_name), flags)
    }

    /// Who may rename what: rename(2), EACCES, EPERM and EBUSY.
    fn may_rename(
        &self,
        task: &Task,
        old: &Parent<'_>,
        new: &Parent<'_>,
        source: Node,
        target: Option<Node>,
        flags: RenameFlags,
    ) -> Result<()> {
        let exchange = flags.contains(RenameFlags::EXCHANGE);
        let is_dir = self.is_dir(source)?;
        self.may_delete(old.dir.node, source, task, is_dir)?;
        let mut target_is_dir = false;
        if let Some(target) = target {
            target_is_dir = self.is_dir(target)?;
            let of_dir = if exchange { target_is_dir } else { is_dir };
            self.may_delete(new.dir.node, target, task, of_dir)?;
        } else {
            self.may_create(new.dir.node, task)?;
        }
        // A directory that gets another parent has its `..` rewritten.
        if old.dir.node != new.dir.node {
            if is_dir {
                self.may(source, task, Access::WRITE)?;
            }
            if exchange
                && target_is_dir
                && let Some(target) = target
            {
                self.may(target, task, Access::WRITE)?;
            }
        }
        let busy = |node: Node| self.mounts.covers_node(node);
        if busy(source) || target.is_some_and(busy) { Err(Errno::EBUSY) } else { Ok(()) }
    }

    /// Whether two nodes are one inode to the caller.
    pub(crate) fn same_inode(&self, a: Node, b: Node) -> bool {
        let upper = |node: Node| self.overlay(node.fs).ok().and_then(|o| o.upper_of(node.id).ok()?);
        // Names of one upper inode are one inode; of a lower one they are not. [hardlink-rename-alias-not-noop]
        a == b || upper(a).is_some_and(|upper_a| upper(b) == Some(upper_a))
    }

    /// `chdir(2)` with `getcwd(2)`.
    pub(crate) fn chdir(&mut self, task: &Task, path: &[u8]) -> Result<crate::kernel::ByteString> {
        let pos = self.resolve(task, path, Follow::Target)?;
        if !self.is_dir(pos.node)? {
            return Err(Errno::ENOTDIR);
        }
        self.may(pos.node, task, Access::EXECUTE)?;
        let (root, _) = self.places(task)?;
        self.path_of(root, pos)
    }

    /// `getcwd(2)`.
    pub(crate) fn getcwd(&mut self, task: &Task) -> Result<crate::kernel::ByteString> {
        let (root, cwd) = self.places(task)?;
        let cwd = cwd?;
        if self.is_dir(cwd.node)? { self.path_of(root, cwd) } else { Err(Errno::ENOTDIR) }
    }

    /// A place's text, for messages and `mountinfo`.
    pub(crate) fn kernel_path(&mut self, pos: Pos) -> Result<crate::kernel::ByteString> {
        let root = self.mounts.root();
        self.path_of(root, pos)
    }
}
