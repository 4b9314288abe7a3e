//! Access control lists: what `system.posix_acl_access` and `system.posix_acl_default` mean (`fs/posix_acl.c`).
//!
//! A list is stored as the attribute's value, in the form that `getxattr(2)` gives.

use bytes::Bytes;

use super::inode::Inode;
use crate::kernel::{Access, Errno, Result, Task};

/// The name of the list that decides who may.
pub(crate) const ACCESS: &[u8] = b"system.posix_acl_access";
/// The name of the list that a directory hands on.
pub(crate) const DEFAULT: &[u8] = b"system.posix_acl_default";

const VERSION: u32 = 2;
/// The id of an entry that names nobody (`ACL_UNDEFINED_ID`).
const NOBODY: u32 = u32::MAX;

const USER_OBJ: u16 = 0x01;
const USER: u16 = 0x02;
const GROUP_OBJ: u16 = 0x04;
const GROUP: u16 = 0x08;
const MASK: u16 = 0x10;
const OTHER: u16 = 0x20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    tag: u16,
    perm: u16,
    id: u32,
}

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acl(Vec<Entry>);

/// Whether an attribute of this name is a list.
pub(crate) fn is_acl(name: &[u8]) -> bool {
    name == ACCESS || name == DEFAULT
}

impl Acl {
    /// `posix_acl_from_xattr`: nothing for a value without entries, which takes the list away.
    pub(crate) fn parse(value: &[u8]) -> Result<Option<Self>> {
        if value.is_empty() {
            return Ok(None);
        }
        let (version, entries) = value.split_first_chunk::<4>().ok_or(Errno::EINVAL)?;
        if u32::from_le_bytes(*version) != VERSION {
            return Err(Errno::EOPNOTSUPP);
        }
        if entries.len() % 8 != 0 {
            return Err(Errno::EINVAL);
        }
        let entry = |raw: &[u8]| {
            let tag = u16::from_le_bytes([raw[0], raw[1]]);
            let perm = u16::from_le_bytes([raw[2], raw[3]]);
            let id = u32::from_le_bytes([raw[4], raw[5], raw[6], raw[7]]);
            match tag {
                USER_OBJ | GROUP_OBJ | MASK | OTHER => Ok(Entry { tag, perm, id: NOBODY }),
                USER | GROUP if id != NOBODY => Ok(Entry { tag, perm, id }),
                _ => Err(Errno::EINVAL),
            }
        };
        let entries: Vec<Entry> = entries.chunks_exact(8).map(entry).collect::<Result<_>>()?;
        Ok((!entries.is_empty()).then_some(Self(entries)))
    }

    /// `posix_acl_to_xattr`.
    pub(crate) fn to_value(&self) -> Bytes {
        let mut value = VERSION.to_le_bytes().to_vec();
        for entry in &self.0 {
            value.extend_from_slice(&entry.tag.to_le_bytes());
            value.extend_from_slice(&entry.perm.to_le_bytes());
            value.extend_from_slice(&entry.id.to_le_bytes());
        }
        value.into()
    }

    /// The stored list of that name.
    pub(crate) fn of(inode: &Inode, name: &[u8]) -> Option<Self> {
        Self::parse(inode.xattr(name)?).ok()?
    }

    /// `posix_acl_valid`: owner, users, group, groups, mask, others, in this order; a mask where anyone is named.
    pub(crate) fn check(&self) -> Result<()> {
        let (mut next, mut needs_mask) = (USER_OBJ, false);
        for entry in &self.0 {
            if entry.perm & !7 != 0 {
                return Err(Errno::EINVAL);
            }
            next = match (entry.tag, next) {
                (USER_OBJ, USER_OBJ) => USER,
                (USER, USER) => USER,
                (GROUP_OBJ, USER) => GROUP,
                (GROUP, GROUP) => GROUP,
                (MASK, GROUP) => OTHER,
                (OTHER, OTHER) => 0,
                (OTHER, GROUP) if !needs_mask => 0,
                _ => return Err(Errno::EINVAL),
            };
            needs_mask |= matches!(entry.tag, USER | GROUP);
        }
        if next == 0 { Ok(()) } else { Err(Errno::EINVAL) }
    }

    fn find(&mut self, tag: u16) -> Option<&mut Entry> {
        self.0.iter_mut().find(|entry| entry.tag == tag)
    }

    fn perm(&self, tag: u16) -> Option<u32> {
        self.0.iter().find(|entry| entry.tag == tag).map(|entry| entry.perm.into())
    }

    /// `posix_acl_equiv_mode`: the permission bits that stand for the list, and whether they say all that it says.
    pub(crate) fn mode(&self) -> (u32, bool) {
        let of = |tag| self.perm(tag).unwrap_or(0);
        let group = self.perm(MASK).unwrap_or_else(|| of(GROUP_OBJ));
        let all = !self.0.iter().any(|entry| matches!(entry.tag, USER | GROUP | MASK));
        (of(USER_OBJ) << 6 | group << 3 | of(OTHER), all)
    }

    /// `posix_acl_chmod`: what the bits say of owner, mask (or group) and others.
    pub(crate) fn set_mode(&mut self, mode: u32) {
        let class = if self.perm(MASK).is_some() { MASK } else { GROUP_OBJ };
        for (tag, shift) in [(USER_OBJ, 6), (class, 3), (OTHER, 0)] {
            if let Some(entry) = self.find(tag) {
                entry.perm = (mode >> shift & 7) as u16;
            }
        }
    }

    /// `posix_acl_create_masq`: what is made in the directory gets no more than `mode`, which is cut to the list.
    pub(crate) fn inherit(&mut self, mode: u32) -> u32 {
        let class = if self.perm(MASK).is_some() { MASK } else { GROUP_OBJ };
        let mut left = mode;
        for (tag, shift) in [(USER_OBJ, 6), (class, 3), (OTHER, 0)] {
            if let Some(entry) = self.find(tag) {
                entry.perm &= (mode >> shift & 7) as u16;
                left &= !(7 << shift) | u32::from(entry.perm) << shift;
            }
        }
        left
    }

    /// `posix_acl_permission`, for who is not the owner.
    fn permits(&self, inode: &Inode, task: &Task, want: Access) -> bool {
        let want = want.bits();
        let covers = |perm: u16| u32::from(perm) & want == want;
        let masked = |perm: u16| covers(perm) && self.perm(MASK).is_none_or(|mask| mask & want == want);
        let mut found = false;
        for entry in &self.0 {
            match entry.tag {
                USER if entry.id == task.uid => return masked(entry.perm),
                GROUP_OBJ | GROUP => {
                    let group = if entry.tag == GROUP { entry.id } else { inode.gid };
                    if task.in_group(group) {
                        found = true;
                        if covers(entry.perm) {
                            return masked(entry.perm);
                        }
                    }
                }
                OTHER => return !found && covers(entry.perm),
                _ => {}
            }
        }
        false
    }
}

/// What the list says of a task that is not the owner (`check_acl`): nothing where there is none, or where the bits of
/// its mask are all clear.
pub(crate) fn permission(inode: &Inode, task: &Task, want: Access) -> Option<bool> {
    if inode.xattrs.is_none() || inode.mode & 0o070 == 0 {
        return None;
    }
    Some(Acl::of(inode, ACCESS)?.permits(inode, task, want))
}
