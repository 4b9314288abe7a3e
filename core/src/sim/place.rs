//! Where something is: the numbers by which nodes and mounts are named.

use crate::kernel::ByteString;

/// An inode of one of the file systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Node {
    /// The file system's place in the list of file systems.
    pub(crate) fs: u32,
    /// Its number there.
    pub(crate) id: u64,
}

/// Where a path leads: a node, seen through a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Pos {
    /// The mount's number.
    pub(crate) mount: u32,
    /// The node.
    pub(crate) node: Node,
}

/// Where a task's `/` and `.` are: kept from call to call, as a process keeps them.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    pub(crate) root_path: ByteString,
    pub(crate) cwd_path: ByteString,
    pub(crate) root: Pos,
    pub(crate) cwd: Pos,
    /// The directories that were walked through to find them: what takes a name from one of these may change them.
    pub(crate) walked: Vec<Node>,
}

/// `st_dev` of a file system.
pub(crate) fn device_number(fs: u32) -> u64 {
    u64::from(fs) + 0x20
}
