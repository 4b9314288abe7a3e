//! Markers, and the end of a layer.

use super::{Near, Node, NodeKind, Sheet, call};
use crate::kernel::Errno;
use crate::oci::gojson::quote;
use crate::oci::gopath;
use crate::oci::layer::{EntryPolicy, LayerCall, LayerError, Marker};
use crate::oci::tar::{Kind, TarEntry};
use std::collections::BTreeMap;

impl Sheet {
    /// The layer has no more entries: what only the reading needed goes, and names of one inode say the same.
    ///
    /// # Errors
    /// Docker sets the times of directories last, and fails where one is no more.
    pub fn settle(&mut self) -> Result<(), LayerError> {
        for path in std::mem::take(&mut self.lost) {
            let path = [b"/", &path[..]].concat();
            self.walk(&path).map_err(|errno| call("chtimes", &path, errno))?;
        }
        if !self.linked.is_empty() {
            for node in &mut self.nodes {
                if let Some((mode, uid, gid, mtime)) = self.linked.get(&node.inode) {
                    (node.mode, node.uid, node.gid, node.mtime) = (*mode, *uid, *gid, *mtime);
                }
            }
        }
        self.linked = BTreeMap::new();
        self.near = Near::default();
        self.policy = EntryPolicy::default();
        self.nodes.shrink_to_fit();
        Ok(())
    }

    pub(super) fn mark(
        &mut self,
        entry: &TarEntry,
        marker: Marker<'_>,
        parent: &[u8],
    ) -> Result<(), LayerError> {
        if entry.kind != Kind::File {
            self.warnings.push(format!("marker \"{}\" is no file", entry.name.escape_ascii()));
        }
        match marker {
            Marker::Opaque => {
                let dir = self.reach(parent).map_err(|errno| {
                    let what = format!("setxattr {}", String::from_utf8_lossy(parent));
                    LayerError::Call { call: LayerCall::SetXattr, what, errno }
                })?;
                match &mut self.nodes[dir as usize].kind {
                    NodeKind::Dir { opaque, .. } => *opaque = true,
                    // The attribute is set, and means nothing there.
                    _ => self
                        .warnings
                        .push(format!("marker \"{}\" is in no directory", entry.name.escape_ascii())),
                }
                if dir == 0 {
                    self.warnings.push("an opaque marker at the root: overlayfs ignores it".to_owned());
                }
                Ok(())
            }
            Marker::Whiteout(hidden) => {
                let path = gopath::clean(&[parent, b"/", hidden].concat());
                let words = format!("failed to mknod({}, S_IFCHR, 0)", quote(&path));
                let failed = |errno| LayerError::call(words.as_str(), errno);
                if matches!(hidden, b"" | b"." | b"..") {
                    return Err(failed(Errno::EEXIST));
                }
                let dir = self.reach(parent).map_err(failed)?;
                let mut node = Node::dir(None, self.nodes.len() as u32);
                node.kind = NodeKind::Whiteout;
                (node.mode, node.uid, node.gid) = (0, entry.uid, entry.gid);
                self.put(dir, hidden, node).map_err(failed)
            }
        }
    }
}
