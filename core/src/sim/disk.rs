//! A plain file system in memory, behaving as tmpfs: inodes, names, links and times, without a look at permission.
//!
//! Paths, credentials and mounts are the callers'. What is asked for must have been checked there; the errors here are
//! those of the structure itself (`ENOENT`, `EEXIST`, `ENOTDIR`, `ENOTEMPTY`).

use super::inode::{Body, Dir, Inode, NameEntry, Times};
use super::names::Name;
use super::table::Table;
use crate::kernel::{Errno, Result, Timespec};

/// The number of a disk's root directory.
pub(crate) const ROOT: u64 = 1;

/// The attributes of an inode that is about to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) mode: u32,
}

/// A file system's inodes. Clone is O(1).
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    inodes: Table<Inode>,
    next: u64,
    /// How many bytes of content it may hold; as many as come where nothing is said.
    limit: Option<u64>,
}

impl Disk {
    /// An empty root directory.
    pub(crate) fn new(owner: Owner, now: Timespec) -> Self {
        let mut inodes = Table::default();
        let root = Dir { parent: ROOT, ..Dir::default() };
        inodes.insert(ROOT, inode(Body::Dir(root), owner, 2, now));
        Self { inodes, next: ROOT + 1, limit: None }
    }

    /// The same, holding so many bytes at most (tmpfs(5), `size`).
    pub(crate) fn limited(self, limit: Option<u64>) -> Self {
        Self { limit, ..self }
    }

    /// How many bytes it may hold.
    pub(crate) fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// How many bytes its files hold, in whole blocks.
    pub(crate) fn used(&self) -> u64 {
        self.iter().filter_map(|(_, inode)| inode.content()).map(|content| content.blocks() * 512).sum()
    }

    /// The inode; `ESTALE` if it is gone.
    pub(crate) fn get(&self, ino: u64) -> Result<&Inode> {
        self.inodes.get(ino).ok_or(Errno::ESTALE)
    }

    /// The inode, to be changed.
    pub(crate) fn get_mut(&mut self, ino: u64) -> Result<&mut Inode> {
        self.inodes.get_mut(ino).ok_or(Errno::ESTALE)
    }

    /// The inodes that are new or may have changed since `earlier`, a clone that this disk came from.
    pub(crate) fn changed_since(&self, earlier: &Self) -> Vec<u64> {
        self.inodes.changed_since(&earlier.inodes)
    }

    /// How many inodes there are.
    pub(crate) fn len(&self) -> usize {
        self.inodes.len()
    }

    /// Every inode with its number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &Inode)> {
        self.inodes.iter()
    }

    fn dir(&self, ino: u64) -> Result<&Dir> {
        self.get(ino)?.dir().ok_or(Errno::ENOTDIR)
    }

    /// The inode that `name` stands for in `dir`.
    pub(crate) fn lookup(&self, dir: u64, name: &[u8]) -> Result<Option<u64>> {
        Ok(self.lookup_entry(dir, name)?.map(|entry| entry.ino))
    }

    /// The same, with its kind.
    pub(crate) fn lookup_entry(&self, dir: u64, name: &[u8]) -> Result<Option<NameEntry>> {
        Ok(self.dir(dir)?.names.get(name).copied())
    }

    /// The directory that `dir` is in.
    pub(crate) fn parent(&self, dir: u64) -> Result<u64> {
        Ok(self.dir(dir)?.parent)
    }

    /// The name of `ino` in `dir`.
    pub(crate) fn name_of(&self, dir: u64, ino: u64) -> Result<&[u8]> {
        self.dir(dir)?.names.iter().find(|(_, e)| e.ino == ino).map(|(n, _)| &n[..]).ok_or(Errno::ENOENT)
    }

    /// The entries, newest first: the order of tmpfs, seen on Linux 6.18.
    pub(crate) fn list(&self, dir: u64) -> Result<Vec<(&Name, &NameEntry)>> {
        let names = &self.dir(dir)?.names;
        let mut order = Vec::with_capacity(names.len());
        order.extend(names.iter());
        order.sort_unstable_by_key(|(_, entry)| std::cmp::Reverse(entry.order));
        Ok(order)
    }

    /// The names, sorted by bytes, with what each is.
    pub(crate) fn names(&self, dir: u64) -> Result<impl Iterator<Item = (&Name, &NameEntry)>> {
        Ok(self.dir(dir)?.names.iter())
    }

    /// What differs whenever the names of `dir` do: every new one has a number of its own, and one that goes is missing.
    pub(crate) fn version(&self, dir: u64) -> Result<(u32, usize)> {
        let dir = self.dir(dir)?;
        Ok((dir.next, dir.names.len()))
    }

    /// Whether `dir` holds no name.
    pub(crate) fn is_empty(&self, dir: u64) -> Result<bool> {
        Ok(self.dir(dir)?.names.is_empty())
    }

    /// Whether a directory that is still there can get the name.
    fn must_be_free(&self, dir: u64, name: &[u8]) -> Result<()> {
        let inode = self.get(dir)?;
        if inode.dir().ok_or(Errno::ENOTDIR)?.names.get(name).is_some() {
            return Err(Errno::EEXIST);
        }
        if inode.nlink == 0 { Err(Errno::ENOENT) } else { Ok(()) }
    }

    /// Makes an inode and gives it a name. `ENOENT` where `dir` has been removed.
    pub(crate) fn create(
        &mut self,
        dir: u64,
        name: &[u8],
        body: Body,
        owner: Owner,
        now: Timespec,
    ) -> Result<u64> {
        let is_dir = matches!(body, Body::Dir(_));
        self.put(dir, name, inode(body, owner, if is_dir { 2 } else { 1 }, now), now)
    }

    /// The same with an inode that is complete, but for the directory that it is in.
    pub(crate) fn put(&mut self, dir: u64, name: &[u8], mut new: Inode, now: Timespec) -> Result<u64> {
        self.must_be_free(dir, name)?;
        let ino = self.next;
        self.next += 1;
        if let Some(own) = new.dir_mut() {
            own.parent = dir;
        }
        let kind = new.kind();
        self.inodes.insert(ino, new);
        self.add_name(dir, name, ino, kind, now)?;
        Ok(ino)
    }

    /// Gives a name to an inode that has one.
    pub(crate) fn link(&mut self, ino: u64, dir: u64, name: &[u8], now: Timespec) -> Result<()> {
        self.must_be_free(dir, name)?;
        let inode = self.get_mut(ino)?;
        inode.nlink += 1;
        inode.times.set_ctime(now);
        let kind = inode.kind();
        self.add_name(dir, name, ino, kind, now)
    }

    fn add_name(
        &mut self,
        dir: u64,
        name: &[u8],
        ino: u64,
        kind: crate::kernel::FileType,
        now: Timespec,
    ) -> Result<()> {
        let inode = self.get_mut(dir)?;
        let own = inode.dir_mut().ok_or(Errno::ENOTDIR)?;
        let order = own.next;
        own.next += 1;
        own.names.insert(name, NameEntry { ino, order, kind });
        if kind == crate::kernel::FileType::Dir {
            inode.nlink += 1;
        }
        inode.times.set_mtime(now);
        inode.times.set_ctime(now);
        Ok(())
    }

    fn drop_name(&mut self, dir: u64, name: &[u8], now: Timespec) -> Result<NameEntry> {
        let inode = self.get_mut(dir)?;
        let own = inode.dir_mut().ok_or(Errno::ENOTDIR)?;
        let entry = own.names.remove(name).ok_or(Errno::ENOENT)?;
        if entry.kind == crate::kernel::FileType::Dir {
            inode.nlink -= 1;
        }
        inode.times.set_mtime(now);
        inode.times.set_ctime(now);
        Ok(entry)
    }

    /// Takes a name away; a directory must be empty. Returns the number of an inode that has no name left: it stays
    /// until [`Disk::free`].
    pub(crate) fn remove(&mut self, dir: u64, name: &[u8], now: Timespec) -> Result<Option<u64>> {
        let ino = self.lookup(dir, name)?.ok_or(Errno::ENOENT)?;
        if self.get(ino)?.is_dir() && !self.is_empty(ino)? {
            return Err(Errno::ENOTEMPTY);
        }
        self.drop_name(dir, name, now)?;
        self.unlinked(ino, now)
    }

    fn unlinked(&mut self, ino: u64, now: Timespec) -> Result<Option<u64>> {
        let inode = self.get_mut(ino)?;
        inode.times.set_ctime(now);
        inode.nlink = if inode.is_dir() { 0 } else { inode.nlink.saturating_sub(1) };
        Ok((inode.nlink == 0).then_some(ino))
    }

    /// Forgets an inode without names.
    pub(crate) fn free(&mut self, ino: u64) {
        self.inodes.remove(ino);
    }

    /// Moves a name, over what is there. Returns the number of an inode that lost its last name.
    pub(crate) fn rename(
        &mut self,
        from: (u64, &[u8]),
        to: (u64, &[u8]),
        now: Timespec,
    ) -> Result<Option<u64>> {
        let ino = self.lookup(from.0, from.1)?.ok_or(Errno::ENOENT)?;
        let gone = match self.lookup(to.0, to.1)? {
            Some(old) if old == ino => return Ok(None),
            Some(_) => self.remove(to.0, to.1, now)?,
            None => None,
        };
        let entry = self.drop_name(from.0, from.1, now)?;
        self.add_name(to.0, to.1, ino, entry.kind, now)?;
        self.moved(ino, to.0, now)?;
        Ok(gone)
    }

    /// Puts a further name of an inode in the place of what stands there, if anything does: as if it had been made in
    /// `through` and moved from there. Returns the number of an inode that lost its last name.
    pub(crate) fn link_over(
        &mut self,
        ino: u64,
        through: u64,
        to: (u64, &[u8]),
        now: Timespec,
    ) -> Result<Option<u64>> {
        let old = self.lookup(to.0, to.1)?;
        if let Some(old) = old
            && self.get(old)?.dir().is_some_and(|dir| !dir.names.is_empty())
        {
            return Err(Errno::ENOTEMPTY);
        }
        let inode = self.get_mut(ino)?;
        inode.nlink += 1;
        inode.times.set_ctime(now);
        let kind = inode.kind();
        let around = self.get_mut(through)?;
        around.times.set_mtime(now);
        around.times.set_ctime(now);
        let gone = match old {
            Some(old) => {
                self.drop_name(to.0, to.1, now)?;
                self.unlinked(old, now)?
            }
            None => None,
        };
        self.add_name(to.0, to.1, ino, kind, now)?;
        Ok(gone)
    }

    /// Swaps two names.
    pub(crate) fn exchange(&mut self, a: (u64, &[u8]), b: (u64, &[u8]), now: Timespec) -> Result<()> {
        let first = self.lookup(a.0, a.1)?.ok_or(Errno::ENOENT)?;
        let second = self.lookup(b.0, b.1)?.ok_or(Errno::ENOENT)?;
        if first == second {
            return Ok(());
        }
        let first_entry = self.drop_name(a.0, a.1, now)?;
        let second_entry = self.drop_name(b.0, b.1, now)?;
        self.add_name(a.0, a.1, second, second_entry.kind, now)?;
        self.add_name(b.0, b.1, first, first_entry.kind, now)?;
        self.moved(first, b.0, now)?;
        self.moved(second, a.0, now)
    }

    fn moved(&mut self, ino: u64, dir: u64, now: Timespec) -> Result<()> {
        let inode = self.get_mut(ino)?;
        inode.times.set_ctime(now);
        if let Some(own) = inode.dir_mut() {
            own.parent = dir;
        }
        Ok(())
    }
}

fn inode(body: Body, owner: Owner, nlink: u32, now: Timespec) -> Inode {
    Inode {
        body,
        mode: owner.mode & 0o7777,
        nlink,
        uid: owner.uid,
        gid: owner.gid,
        times: Times::all(now),
        xattrs: None,
    }
}
