//! `overlay-trace/1`: JSON lines, a header, a step a line, the final state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kernel::{ByteString, OpenFlags, RenameFlags, SetTime, Timespec};

/// A whole trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The layers and the mount.
    pub header: Header,
    /// What was done, and what it answered.
    pub steps: Vec<Step>,
    /// How it ended; a trace of many small cases has none.
    pub last: Option<Final>,
}

/// Why a text is no trace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// A line is no JSON, or not of the form that stands in its place.
    #[error("line {line}: {problem}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no header.
    #[error("not a trace: the first line holds no header")]
    NoHeader,
    /// The form has another name.
    #[error("the form of this trace is not known: {0}")]
    Form(String),
}

/// The start: layers, and how they are mounted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// `overlay-trace/1`.
    pub format: String,
    /// What the trace is called.
    #[serde(default)]
    pub name: String,
    /// Mount options after the directories, comma-separated.
    #[serde(default)]
    pub options: String,
    /// Octal.
    #[serde(default = "usual_umask")]
    pub umask: String,
    /// How many lower layers there are.
    pub lower_layers: usize,
    /// What the lower layers hold; `Entry::layer` 0 is the topmost.
    pub lower: Vec<Entry>,
    /// What the upper directory holds; `None` mounts without one.
    pub upper: Option<Vec<Entry>>,
}

fn usual_umask() -> String {
    "0022".to_owned()
}

/// A kind of entry in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the kinds of inodes, and the whiteout (a character device 0:0)")]
pub enum Kind {
    File,
    Dir,
    Symlink,
    Fifo,
    Char,
    Block,
    Socket,
    Whiteout,
}

/// A path of a layer, with all that is stored there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Which lower layer; nothing in an upper directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<usize>,
    /// Absolute in the layer, `/` for its root.
    pub path: ByteString,
    /// What it is.
    pub kind: Kind,
    /// Octal, `0755`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Owner.
    #[serde(default)]
    pub uid: u32,
    /// Group.
    #[serde(default)]
    pub gid: u32,
    /// What a file holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<ByteString>,
    /// The same in base64, where it is no ASCII.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_b64: Option<String>,
    /// Where a symbolic link points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<ByteString>,
    /// Major and minor number of a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rdev: Option<(u32, u32)>,
    /// Seconds; nothing for "when it was built".
    #[serde(default)]
    pub mtime: Option<i64>,
    /// It is another name of this path's inode, in the same layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_to: Option<ByteString>,
    /// Extended attributes by full name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub xattrs: BTreeMap<String, ByteString>,
    /// Overlayfs's own, by the name after its prefix; `true` for a value that cannot be set (a file handle).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overlay_xattrs: BTreeMap<String, Value>,
}

/// Effective ids, without capabilities when the user is not 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the ids of a task")]
pub struct Creds {
    pub uid: u32,
    pub gid: u32,
    #[serde(default)]
    pub groups: Vec<u32>,
}

/// An operation with what it answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What was done.
    #[serde(flatten)]
    pub op: Op,
    /// By whom; root where nothing is said.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub caller: Option<Creds>,
    /// `{"ok": {…}}` or `{"err": "ENOENT"}`.
    #[serde(default)]
    pub result: Value,
    /// What it changed in the upper directory: `{"added", "changed", "removed"}`, or null.
    #[serde(default)]
    pub upper_delta: Value,
}

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
    Truncate {
        path: ByteString,
        size: u64,
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
    Stat {
        path: ByteString,
    },
    Lstat {
        path: ByteString,
    },
    Readdir {
        path: ByteString,
    },
    /// Unmount and mount again; with `rotate`, the upper directory becomes the topmost lower one.
    Remount {
        #[serde(default)]
        rotate: bool,
        #[serde(default)]
        new_upper: Option<Vec<Entry>>,
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

/// The end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Final {
    /// All that the mount shows.
    pub merged: Vec<Value>,
    /// All that the upper directory holds.
    #[serde(default)]
    pub upper: Option<Vec<Value>>,
}

impl Trace {
    /// Reads a trace.
    ///
    /// # Errors
    /// [`TraceError`], naming the line.
    pub fn parse(text: &[u8]) -> Result<Self, TraceError> {
        #[derive(Deserialize)]
        struct First {
            header: Header,
        }
        #[derive(Deserialize)]
        struct Last {
            r#final: Final,
        }
        let mut lines =
            text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
        let bad = |at: usize| {
            move |error: serde_json::Error| TraceError::Line { line: at + 1, problem: error.to_string() }
        };
        let (at, first) = lines.next().ok_or(TraceError::NoHeader)?;
        if !first.trim_ascii_start().starts_with(b"{\"header\"") {
            return Err(TraceError::NoHeader);
        }
        let header = serde_json::from_slice::<First>(first).map_err(bad(at))?.header;
        if header.format != "overlay-trace/1" {
            return Err(TraceError::Form(header.format));
        }
        let (mut steps, mut last) = (Vec::new(), None);
        for (at, line) in lines {
            if line.trim_ascii_start().starts_with(b"{\"final\"") {
                last = Some(serde_json::from_slice::<Last>(line).map_err(bad(at))?.r#final);
            } else {
                steps.push(serde_json::from_slice(line).map_err(bad(at))?);
            }
        }
        Ok(Self { header, steps, last })
    }
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
