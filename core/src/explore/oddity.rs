//! What a layer did by the way: a directory that took the place of a link, and directories that were made because an entry
//! below them needed one.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::node::{Node, NodeKind};
use crate::kernel::ByteString;

/// Mode, owner and group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

impl Access {
    fn of(node: &Node) -> Self {
        Self { mode: node.mode, uid: node.uid, gid: node.gid }
    }
}

/// `755 0:0`.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:o} {}:{}", self.mode, self.uid, self.gid)
    }
}

/// What a layer did by the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "odd")]
pub enum Oddity {
    /// A directory took the place of a link (a base with merged `/usr`, and a layer with a real `/bin`): what was reached
    /// through the link is out of sight under that name.
    LinkReplaced {
        /// The path, with its leading slash.
        path: ByteString,
        /// Where the link led.
        target: ByteString,
        /// The layer that has the link.
        link_layer: usize,
        /// The layer that has the directory.
        layer: usize,
    },
    /// A layer has no entry for a directory in which it has others. Docker makes it anew in the layer, as root's with mode
    /// 755, and overlayfs shows that of the topmost layer.
    ParentChanged {
        /// The path, with its leading slash.
        path: ByteString,
        /// The layer without an entry.
        layer: usize,
        /// The layer that says otherwise.
        lower_layer: usize,
        /// What the directory has now.
        now: Access,
        /// What it had.
        was: Access,
    },
}

impl Oddity {
    /// What is odd about a directory of a layer, over what was seen there.
    pub(super) fn of(path: &[u8], dir: (usize, &Node), lower: (usize, &Node)) -> Option<Self> {
        let path = || ByteString::from([b"/", path].concat());
        match &lower.1.kind {
            NodeKind::Symlink(target) => Some(Self::LinkReplaced {
                path: path(),
                target: target.clone(),
                link_layer: lower.0,
                layer: dir.0,
            }),
            NodeKind::Dir { .. } if dir.1.mtime.is_none() => {
                let (now, was) = (Access::of(dir.1), Access::of(lower.1));
                (now != was).then(|| Self::ParentChanged {
                    path: path(),
                    layer: dir.0,
                    lower_layer: lower.0,
                    now,
                    was,
                })
            }
            _ => None,
        }
    }

    /// The path that it is about.
    pub fn path(&self) -> &ByteString {
        match self {
            Self::LinkReplaced { path, .. } | Self::ParentChanged { path, .. } => path,
        }
    }
}

/// A sentence. Names are as they are in the image.
impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LinkReplaced { path, target, link_layer, layer } => write!(
                f,
                "layer {layer} has a directory {} where layer {link_layer} has a link to {}: what was reached through the link is not there any more",
                path.to_text(),
                target.to_text()
            ),
            Self::ParentChanged { path, layer, lower_layer, now, was } => write!(
                f,
                "layer {layer} has no entry for {}: Docker makes it anew with {now}, where layer {lower_layer} says {was}",
                path.to_text()
            ),
        }
    }
}
