//! Values of attributes that mean something: access control lists, capabilities.

use super::Random;

/// An access control list: entries of tag, permission and id.
pub(super) fn list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
    let mut value = 2u32.to_le_bytes().to_vec();
    for (tag, perm, id) in entries {
        value.extend_from_slice(&tag.to_le_bytes());
        value.extend_from_slice(&perm.to_le_bytes());
        value.extend_from_slice(&id.to_le_bytes());
    }
    value
}

/// A capability value of this revision and size.
pub(super) fn capability(revision: u8, size: usize, root: u32) -> Vec<u8> {
    let mut value = vec![1, 0, 0, revision];
    value.resize(20, 4);
    value.extend_from_slice(&root.to_le_bytes());
    value.resize(size, 0);
    value
}

/// An access control list for one of the users that act.
pub(super) fn acl(random: &mut Random) -> Vec<u8> {
    let nobody = u32::MAX;
    let mut perm = || random.pick(&[0, 4, 5, 6, 7, 7]);
    let mut entries = vec![(1, perm(), nobody), (2, perm(), 1000), (4, perm(), nobody)];
    entries.extend([(8, perm(), 1001), (16, perm(), nobody), (32, perm(), nobody)]);
    list(&entries)
}
