//! The plain types of system calls: what goes in and what comes out.

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

use super::ByteString;

/// The kind of an inode, in the words of `overlay-trace/1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileType {
    /// A regular file (`S_IFREG`).
    File,
    /// A directory (`S_IFDIR`).
    Dir,
    /// A symbolic link (`S_IFLNK`).
    Symlink,
    /// A named pipe (`S_IFIFO`).
    Fifo,
    /// A character device (`S_IFCHR`).
    Char,
    /// A block device (`S_IFBLK`).
    Block,
    /// A socket (`S_IFSOCK`).
    Socket,
}

impl FileType {
    /// The `S_IFMT` bits of `st_mode`.
    pub fn bits(self) -> u32 {
        match self {
            Self::Fifo => 0o010_000,
            Self::Char => 0o020_000,
            Self::Dir => 0o040_000,
            Self::Block => 0o060_000,
            Self::File => 0o100_000,
            Self::Symlink => 0o120_000,
            Self::Socket => 0o140_000,
        }
    }

    /// The kind that these `st_mode` bits stand for, if any.
    pub fn from_bits(mode: u32) -> Option<Self> {
        Some(match mode & 0o170_000 {
            0o010_000 => Self::Fifo,
            0o020_000 => Self::Char,
            0o040_000 => Self::Dir,
            0o060_000 => Self::Block,
            0o100_000 => Self::File,
            0o120_000 => Self::Symlink,
            0o140_000 => Self::Socket,
            _ => return None,
        })
    }

    /// The first letter of `ls -l`.
    pub fn letter(self) -> char {
        match self {
            Self::Fifo => 'p',
            Self::Char => 'c',
            Self::Dir => 'd',
            Self::Block => 'b',
            Self::File => '-',
            Self::Symlink => 'l',
            Self::Socket => 's',
        }
    }
}

/// Seconds and nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timespec {
    /// Whole seconds, negative before 1970.
    pub sec: i64,
    /// Nanoseconds, 0 to 999,999,999.
    pub nsec: u32,
}

impl Timespec {
    /// A whole number of seconds.
    pub const fn seconds(sec: i64) -> Self {
        Self { sec, nsec: 0 }
    }
}

/// A device number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Device {
    /// The driver.
    pub major: u32,
    /// The unit.
    pub minor: u32,
}

impl Device {
    /// 0:0, which as a character device is overlayfs's whiteout.
    pub const WHITEOUT: Self = Self { major: 0, minor: 0 };
}

/// What `stat(2)` tells of an inode.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stat {
    /// The kind of inode.
    pub kind: FileType,
    /// Permission bits with set-id and sticky, `0o7777` at most.
    pub mode: u32,
    /// Names that refer to it.
    pub nlink: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes.
    pub size: u64,
    /// Space taken, in blocks of 512 bytes.
    pub blocks: u64,
    /// The device, where it is one.
    pub rdev: Device,
    /// The file system it is on.
    pub dev: u64,
    /// Its number there.
    pub ino: u64,
    /// Last read.
    pub atime: Timespec,
    /// Last change of content.
    pub mtime: Timespec,
    /// Last change of content or metadata.
    pub ctime: Timespec,
}

impl Stat {
    /// Whether it is a directory.
    pub fn is_dir(&self) -> bool {
        self.kind == FileType::Dir
    }

    /// Whether it is a whiteout as overlayfs stores it: a character device 0:0 (kernel document
    /// `Documentation/filesystems/overlayfs.rst`, "whiteouts and opaque directories").
    pub fn is_whiteout(&self) -> bool {
        self.kind == FileType::Char && self.rdev == Device::WHITEOUT
    }
}

/// One name of a directory, as `getdents64(2)` gives it. `.` and `..` are not listed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DirEntry {
    /// The name, 1 to 255 bytes.
    pub name: ByteString,
    /// `d_type`.
    pub kind: FileType,
    /// `d_ino`.
    pub ino: u64,
}

/// An open file description. Numbers are the kernel's own and are never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fd(pub u32);

/// Whether a last component that is a symbolic link is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Follow {
    /// The link's target is meant (`stat`, `chmod`).
    Target,
    /// The link itself is meant (`lstat`, `lchown`).
    Link,
}

/// What `setxattr(2)` does about a name that is there, or is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum XattrMode {
    /// Set it either way.
    #[default]
    Set,
    /// `XATTR_CREATE`: EEXIST if it is there.
    Create,
    /// `XATTR_REPLACE`: ENODATA if it is not.
    Replace,
}

/// A time argument of `utimensat(2)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SetTime {
    /// `UTIME_NOW`.
    Now,
    /// `UTIME_OMIT`.
    Omit,
    /// This time.
    At(Timespec),
}

bitflags! {
    /// Flags of `open(2)`, with Linux's values on x86-64. No access bit means reading; both bits mean that both must be
    /// allowed, and that neither can be done (a handle for `ioctl(2)`).
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub struct OpenFlags: u32 {
        /// Write only.
        const WRONLY = 0o1;
        /// Read and write.
        const RDWR = 0o2;
        /// Create it if it is missing.
        const CREAT = 0o100;
        /// With `CREAT`: fail if it is there.
        const EXCL = 0o200;
        /// Cut it to nothing.
        const TRUNC = 0o1000;
        /// Every write goes to the end.
        const APPEND = 0o2000;
        /// Do not wait (for the other end of a fifo).
        const NONBLOCK = 0o4000;
        /// Fail unless it is a directory.
        const DIRECTORY = 0o20_0000;
        /// Fail if the last component is a symbolic link.
        const NOFOLLOW = 0o40_0000;
        /// A handle for the place alone: nothing is opened.
        const PATH = 0o1000_0000;
    }
}

impl OpenFlags {
    /// No access bit and no option: `O_RDONLY`.
    pub const RDONLY: Self = Self::empty();

    /// Whether the descriptor can be read (`FMODE_READ`).
    pub fn reads(self) -> bool {
        !self.contains(Self::WRONLY)
    }

    /// Whether the descriptor can be written (`FMODE_WRITE`).
    pub fn writes(self) -> bool {
        self.contains(Self::WRONLY) != self.contains(Self::RDWR)
    }

    /// What must be allowed (`ACC_MODE`, and `O_TRUNC` writes).
    pub fn asks(self) -> Access {
        let mut access = Access::empty();
        access.set(Access::READ, !self.contains(Self::WRONLY) || self.contains(Self::RDWR));
        access.set(Access::WRITE, self.intersects(Self::WRONLY | Self::RDWR | Self::TRUNC));
        access
    }
}

bitflags! {
    /// Flags of `renameat2(2)`.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub struct RenameFlags: u32 {
        /// Fail if the target exists.
        const NOREPLACE = 1;
        /// Swap the two names.
        const EXCHANGE = 2;
        /// Leave a whiteout behind.
        const WHITEOUT = 4;
    }

    /// What `access(2)` asks.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub struct Access: u32 {
        /// May it be executed, or searched?
        const EXECUTE = 1;
        /// May it be written?
        const WRITE = 2;
        /// May it be read?
        const READ = 4;
    }

    /// Flags of `mount(2)`.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub struct MountFlags: u32 {
        /// Read only.
        const RDONLY = 1;
        /// Set-id bits do nothing.
        const NOSUID = 2;
        /// Devices cannot be opened.
        const NODEV = 4;
        /// Programs cannot be run.
        const NOEXEC = 8;
        /// Change the options of a mount that is there.
        const REMOUNT = 32;
        /// Show a directory at a second place.
        const BIND = 4096;
    }

    /// Flags of `umount2(2)`.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub struct UmountFlags: u32 {
        /// Take it out of the tree now, and end it when nothing uses it.
        const DETACH = 2;
    }
}

/// What is mounted where: a line of `/proc/self/mountinfo`, in mount order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MountInfo {
    /// What was mounted (`overlay`, `tmpfs`), of a bind mount as of the mount that it shows.
    pub source: ByteString,
    /// What is shown of that: a path inside the file system, `/` but for a bind mount.
    pub root: ByteString,
    /// Where, in the kernel's tree.
    pub target: ByteString,
    /// The file system's type.
    pub fstype: ByteString,
    /// Options as `mount` prints them between parentheses, `rw,relatime,lowerdir=/l,…`.
    pub options: ByteString,
    /// Whether the file system itself cannot be written, which `options` do not say.
    pub read_only: bool,
}

/// What `statfs(2)` tells of a file system, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StatFs {
    /// The type's name (`tmpfs`, `overlay`).
    pub fstype: ByteString,
    /// Size in all.
    pub total: u64,
    /// Free for an ordinary user.
    pub available: u64,
}
