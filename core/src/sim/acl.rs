//! Access control lists: their form as attributes, when one is valid, what it grants, and how it and a mode follow each
//! other.
//!
//! The rules are in `docs/design/rules-acl.md`; comments give their numbers.

use bytes::Bytes;

use super::inode::Inode;
use crate::kernel::{Access, Errno, Result, Task};

/// The attribute that holds a file's access list.
pub(crate) const ACCESS: &[u8] = b"system.posix_acl_access";
/// The attribute that holds a directory's default list.
pub(crate) const DEFAULT: &[u8] = b"system.posix_acl_default";

/// The version that a value begins with.
const VERSION: [u8; 4] = [2, 0, 0, 0];
const ENTRY_SIZE: usize = 8;
/// The id in a value where an entry has none.
const NO_ID: u32 = u32::MAX;

/// For whom an entry is. The order is that of a valid list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tag {
    Owner = 1,
    User = 2,
    Group = 4,
    NamedGroup = 8,
    Mask = 16,
    Other = 32,
}

impl Tag {
    fn read(number: u16) -> Option<Self> {
        let all = [Self::Owner, Self::User, Self::Group, Self::NamedGroup, Self::Mask, Self::Other];
        all.into_iter().find(|tag| *tag as u16 == number)
    }

    /// Whether it is for the user or the group of an id.
    fn has_id(self) -> bool {
        matches!(self, Self::User | Self::NamedGroup)
    }
}

#[derive(Debug, Clone, Copy)]
struct AclEntry {
    tag: Tag,
    bits: u16,
    id: u32,
}

/// A list as an attribute's value has it; valid after [`Acl::check`].
#[derive(Debug, Clone)]
pub(crate) struct Acl(Vec<AclEntry>);

/// Returns whether an attribute holds an access control list.
pub(crate) fn is_acl(name: &[u8]) -> bool {
    name == ACCESS || name == DEFAULT
}

impl Acl {
    /// Reads an attribute's value (rules 1 and 2). `None` where it has no entries, which means to take a list away.
    pub(crate) fn parse(value: &[u8]) -> Result<Option<Self>> {
        let Some((version, entries)) = value.split_first_chunk() else {
            return if value.is_empty() { Ok(None) } else { Err(Errno::EINVAL) };
        };
        if *version != VERSION {
            return Err(Errno::EOPNOTSUPP);
        }
        let (entries, rest) = entries.as_chunks::<ENTRY_SIZE>();
        if !rest.is_empty() {
            return Err(Errno::EINVAL);
        }
        let read = |[t0, t1, b0, b1, id @ ..]: &[u8; ENTRY_SIZE]| {
            let tag = Tag::read(u16::from_le_bytes([*t0, *t1]))?;
            let id = if tag.has_id() { u32::from_le_bytes(*id) } else { NO_ID };
            let whole = !tag.has_id() || id != NO_ID;
            whole.then_some(AclEntry { tag, bits: u16::from_le_bytes([*b0, *b1]), id })
        };
        let list: Option<Vec<AclEntry>> = entries.iter().map(read).collect();
        let list = list.ok_or(Errno::EINVAL)?;
        Ok((!list.is_empty()).then_some(Self(list)))
    }

    /// Returns the attribute's value.
    pub(crate) fn to_value(&self) -> Bytes {
        let mut value = VERSION.to_vec();
        for AclEntry { tag, bits, id } in &self.0 {
            value.extend_from_slice(&(*tag as u16).to_le_bytes());
            value.extend_from_slice(&bits.to_le_bytes());
            value.extend_from_slice(&id.to_le_bytes());
        }
        value.into()
    }

    /// Returns the list that an inode has under this attribute.
    pub(crate) fn of(inode: &Inode, name: &[u8]) -> Option<Self> {
        Self::parse(inode.xattr(name)?).ok().flatten()
    }

    /// Says whether it is a valid list (rule 3); `EINVAL` if it is not.
    pub(crate) fn check(&self) -> Result<()> {
        let count = |tag| self.0.iter().filter(|entry| entry.tag == tag).count();
        let sorted = self.0.is_sorted_by_key(|entry| entry.tag);
        let plain = self.0.iter().all(|entry| entry.bits <= 7);
        let one_each = [Tag::Owner, Tag::Group, Tag::Other].map(count) == [1, 1, 1];
        let masks = match count(Tag::User) + count(Tag::NamedGroup) {
            0 => 0..=1,
            _ => 1..=1,
        };
        let valid = sorted && plain && one_each && masks.contains(&count(Tag::Mask));
        if valid { Ok(()) } else { Err(Errno::EINVAL) }
    }

    fn bits_of(&self, tag: Tag) -> Option<u16> {
        self.0.iter().find(|entry| entry.tag == tag).map(|entry| entry.bits)
    }

    /// The entries that the three classes of a mode stand for, with where each has its bits in it (rule 4). The middle one
    /// is the mask where there is one.
    fn classes(&self) -> [(Tag, u32); 3] {
        let group = if self.bits_of(Tag::Mask).is_some() { Tag::Mask } else { Tag::Group };
        [(Tag::Owner, 6), (group, 3), (Tag::Other, 0)]
    }

    /// Returns the permission bits that it stands for, and whether they say all that it says (rules 4 and 5).
    pub(crate) fn mode(&self) -> (u32, bool) {
        let bits = |(tag, at)| u32::from(self.bits_of(tag).unwrap_or_default() & 7) << at;
        (self.classes().map(bits).iter().sum(), self.0.len() == 3)
    }

    /// Has the list follow a changed mode (rule 6).
    pub(crate) fn set_mode(&mut self, mode: u32) {
        let classes = self.classes();
        for entry in &mut self.0 {
            if let Some((_, at)) = classes.iter().find(|(tag, _)| *tag == entry.tag) {
                entry.bits = (mode >> at & 7) as u16;
            }
        }
    }

    /// Makes a default list the access list of something new that is asked for with `mode`, and returns the mode that it
    /// gets (rule 7).
    pub(crate) fn inherit(&mut self, mode: u32) -> u32 {
        let kept = mode & (self.mode().0 | !0o777);
        self.set_mode(kept);
        kept
    }
}

/// Returns whether an inode's access list lets somebody who does not own it do what is wanted; `None` where the mode has
/// to tell (rules 8 and 9).
pub(crate) fn permission(inode: &Inode, task: &Task, want: Access) -> Option<bool> {
    if inode.mode & 0o070 == 0 {
        return None;
    }
    let list = Acl::of(inode, ACCESS)?;
    let mask = list.bits_of(Tag::Mask).unwrap_or(7);
    let lets = |bits: u16| Access::from_bits_truncate(bits.into()).contains(want);
    if let Some(user) = list.0.iter().find(|entry| entry.tag == Tag::User && entry.id == task.uid) {
        return Some(lets(user.bits & mask));
    }
    let is_of_group = |entry: &&AclEntry| match entry.tag {
        Tag::Group => task.in_group(inode.gid),
        Tag::NamedGroup => task.in_group(entry.id),
        _ => false,
    };
    let mut groups = list.0.iter().filter(is_of_group).peekable();
    if groups.peek().is_some() {
        return Some(groups.any(|entry| lets(entry.bits & mask)));
    }
    Some(lets(list.bits_of(Tag::Other)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(entries: &[(u16, u16, u32)]) -> Vec<u8> {
        let mut value = VERSION.to_vec();
        for (tag, bits, id) in entries {
            value.extend_from_slice(&[tag.to_le_bytes(), bits.to_le_bytes()].concat());
            value.extend_from_slice(&id.to_le_bytes());
        }
        value
    }

    fn list(entries: &[(u16, u16, u32)]) -> Acl {
        Acl::parse(&value(entries)).unwrap().unwrap()
    }

    #[test]
    fn values_are_read_as_rules_1_and_2_say() {
        assert!(matches!(Acl::parse(b""), Ok(None)));
        assert!(matches!(Acl::parse(&VERSION), Ok(None)));
        assert_eq!(Acl::parse(&[2, 0, 0]).err(), Some(Errno::EINVAL));
        assert_eq!(Acl::parse(&[1, 0, 0, 0, 9]).err(), Some(Errno::EOPNOTSUPP));
        assert_eq!(Acl::parse(b"\x02\0\0\0rest").err(), Some(Errno::EINVAL));
        for entry in [(3, 7, NO_ID), (0, 7, NO_ID), (2, 7, NO_ID), (8, 7, NO_ID)] {
            assert_eq!(Acl::parse(&value(&[entry])).err(), Some(Errno::EINVAL), "{entry:?}");
        }
        let kept = list(&[(1, 6, 3), (2, 7, 5), (4, 4, 9), (16, 5, 1), (32, 0, 2)]).to_value();
        assert_eq!(
            kept[..],
            value(&[(1, 6, NO_ID), (2, 7, 5), (4, 4, NO_ID), (16, 5, NO_ID), (32, 0, NO_ID)])
        );
    }

    #[test]
    fn lists_are_valid_as_rule_3_says() {
        let (owner, group, other, mask) = ((1, 6, 0), (4, 4, 0), (32, 0, 0), (16, 5, 0));
        for valid in [
            &[owner, group, other][..],
            &[owner, group, mask, other],
            &[owner, (2, 7, 9), (2, 7, 5), (2, 1, 5), group, (8, 7, 9), (8, 1, 3), mask, other],
        ] {
            assert_eq!(list(valid).check(), Ok(()), "{valid:?}");
        }
        for not in [
            &[owner, (2, 7, 5), group, other][..],
            &[owner, group, mask, mask, other],
            &[owner, owner, group, other],
            &[group, owner, other],
            &[owner, mask, group, other],
            &[owner, group, (2, 7, 5), mask, other],
            &[owner, (8, 7, 5), group, mask, other],
            &[owner, group],
            &[group, other],
            &[owner, other],
            &[owner, group, other, mask],
            &[owner, group, other, other],
            &[(1, 8, 0), group, other],
        ] {
            assert_eq!(list(not).check(), Err(Errno::EINVAL), "{not:?}");
        }
    }

    #[test]
    fn modes_and_lists_follow_each_other() {
        let masked = || list(&[(1, 7, 0), (4, 7, 0), (16, 6, 0), (32, 5, 0)]);
        assert_eq!(masked().mode(), (0o765, false));
        assert_eq!(list(&[(1, 7, 0), (4, 5, 0), (32, 3, 0)]).mode(), (0o753, true));
        let mut changed = masked();
        changed.set_mode(0o713);
        assert_eq!(changed.to_value(), list(&[(1, 7, 0), (4, 7, 0), (16, 1, 0), (32, 3, 0)]).to_value());
        let mut new = masked();
        assert_eq!(new.inherit(0o4640), 0o4640);
        assert_eq!(new.to_value(), list(&[(1, 6, 0), (4, 7, 0), (16, 4, 0), (32, 0, 0)]).to_value());
    }
}
