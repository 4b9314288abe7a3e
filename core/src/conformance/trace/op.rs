//! The operations of a trace.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entry::{Kind, TreeEntry};
use crate::kernel::{ByteString, OpenFlags, RenameFlags, SetTime, Timespec};

/// A time argument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TimeArg {
    /// Seconds since 1970.
    At(i64),
    /// `now` or `omit`.
    Word(String),
}

impl TimeArg {
    /// As the system call takes it.
    pub fn set_time(&self) -> SetTime {
        match self {
            Self::At(sec) => SetTime::At(Timespec::seconds(*sec)),
            Self::Word(word) if word == "omit" => SetTime::Omit,
            Self::Word(_) => SetTime::Now,
        }
    }
}

/// What can be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
#[expect(missing_docs, reason = "each variant is a system call of that name, with its arguments")]
pub enum Op {
    Mkdir {
        path: ByteString,
        mode: String,
    },
    Rmdir {
        path: ByteString,
    },
    Unlink {
        path: ByteString,
    },
    /// Open, write, read from the start, close.
    #[serde(alias = "create")]
    Open {
        path: ByteString,
        flags: Vec<String>,
        #[serde(default)]
        mode: Option<String>,
        #[serde(default)]
        write: Option<ByteString>,
        #[serde(default)]
        read: bool,
    },
    /// Open for reading, read all, close.
    Read {
        path: ByteString,
    },
    /// A size below zero is one that the call refuses.
    Truncate {
        path: ByteString,
        size: i64,
    },
    Rename {
        from: ByteString,
        to: ByteString,
        #[serde(default)]
        flags: Option<Vec<String>>,
    },
    Link {
        from: ByteString,
        to: ByteString,
    },
    Symlink {
        target: ByteString,
        path: ByteString,
    },
    Readlink {
        path: ByteString,
    },
    Chmod {
        path: ByteString,
        mode: String,
    },
    Chown {
        path: ByteString,
        uid: i64,
        gid: i64,
        #[serde(default = "yes")]
        follow: bool,
    },
    Utimens {
        path: ByteString,
        atime: TimeArg,
        mtime: TimeArg,
        #[serde(default = "yes")]
        follow: bool,
    },
    Mknod {
        path: ByteString,
        kind: Kind,
        #[serde(default)]
        major: u32,
        #[serde(default)]
        minor: u32,
        mode: String,
    },
    Setxattr {
        path: ByteString,
        name: ByteString,
        value: ByteString,
        #[serde(default)]
        flag: Option<String>,
        #[serde(default = "yes")]
        follow: bool,
    },
    Getxattr {
        path: ByteString,
        name: ByteString,
        #[serde(default = "yes")]
        follow: bool,
    },
    Removexattr {
        path: ByteString,
        name: ByteString,
        #[serde(default = "yes")]
        follow: bool,
    },
    Listxattr {
        path: ByteString,
        #[serde(default = "yes")]
        follow: bool,
    },
    /// The path of the directory in which the caller stands.
    Getcwd {},
    Stat {
        path: ByteString,
    },
    Lstat {
        path: ByteString,
    },
    Readdir {
        path: ByteString,
    },
    /// Open and keep the descriptor under a number of the trace's own.
    Fopen {
        slot: u32,
        path: ByteString,
        flags: Vec<String>,
        #[serde(default)]
        mode: Option<String>,
    },
    /// A further descriptor of the same open file.
    Fdup {
        slot: u32,
        to: u32,
    },
    Fclose {
        slot: u32,
    },
    Pread {
        slot: u32,
        offset: u64,
        len: usize,
    },
    Pwrite {
        slot: u32,
        offset: u64,
        data: ByteString,
    },
    Ftruncate {
        slot: u32,
        size: u64,
    },
    Fstat {
        slot: u32,
    },
    Fchmod {
        slot: u32,
        mode: String,
    },
    Fchown {
        slot: u32,
        uid: i64,
        gid: i64,
    },
    Fsetxattr {
        slot: u32,
        name: ByteString,
        value: ByteString,
    },
    /// The entries in the kernel's own order, with inode labels.
    Getdents {
        slot: u32,
    },
    /// Unmount and mount again; with `rotate`, the upper directory becomes the topmost lower one.
    Remount {
        #[serde(default)]
        rotate: bool,
        #[serde(default)]
        new_upper: Option<Vec<TreeEntry>>,
    },
    /// Back to the start: a new case.
    Reset {
        #[serde(default)]
        case: Value,
    },
}

fn yes() -> bool {
    true
}

/// An octal number as text.
pub(super) fn octal(text: &str) -> u32 {
    u32::from_str_radix(text, 8).unwrap_or(0)
}

/// `O_…` names; what is not known is left out.
pub(super) fn open_flags(names: &[String]) -> OpenFlags {
    names.iter().filter_map(|name| OpenFlags::from_name(name.strip_prefix("O_")?)).collect()
}

/// `RENAME_…` names, with or without the prefix.
pub(super) fn rename_flags(names: &[String]) -> RenameFlags {
    names.iter().filter_map(|name| RenameFlags::from_name(name.trim_start_matches("RENAME_"))).collect()
}

impl Op {
    /// Whether it is one on descriptors, which form `/1` has not.
    pub(super) fn on_descriptor(&self) -> bool {
        matches!(
            self,
            Self::Fopen { .. }
                | Self::Fdup { .. }
                | Self::Fclose { .. }
                | Self::Pread { .. }
                | Self::Pwrite { .. }
                | Self::Ftruncate { .. }
                | Self::Fstat { .. }
                | Self::Fchmod { .. }
                | Self::Fchown { .. }
                | Self::Fsetxattr { .. }
                | Self::Getdents { .. }
        )
    }

    /// Whether it can change what the upper directory holds, other than by a look alone.
    pub(super) fn changes(&self) -> bool {
        !matches!(
            self,
            Self::Read { .. }
                | Self::Readlink { .. }
                | Self::Getcwd {}
                | Self::Getxattr { .. }
                | Self::Listxattr { .. }
                | Self::Stat { .. }
                | Self::Lstat { .. }
                | Self::Readdir { .. }
                | Self::Fdup { .. }
                | Self::Fclose { .. }
                | Self::Pread { .. }
                | Self::Fstat { .. }
                | Self::Getdents { .. }
        )
    }
}
