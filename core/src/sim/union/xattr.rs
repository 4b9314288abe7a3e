//! Attributes seen through an overlay mount (docs/design/overlayfs.md, rule 20).
//!
//! `trusted.overlay.NAME` through the mount is `trusted.overlay.overlay.NAME` in the layer, so that an overlay can be
//! stored inside another; overlayfs's own are not seen. [xattr-escape, xattr-opaque-through-mount-is-inert]

use std::borrow::Cow;

use super::super::overlay::{ESCAPED, PREFIX};
use super::super::place::Node;
use super::super::state::{Fs, SimState};

impl SimState {
    fn is_overlay(&self, node: Node) -> bool {
        matches!(self.fs.get(node.fs), Some(Fs::Overlay(_)))
    }

    /// How often an attribute is escaped on the way down from this node to a disk.
    fn escapes(&self, mut node: Node) -> usize {
        let mut count = 0;
        while self.is_overlay(node) {
            count += 1;
            match self.overlay(node.fs).and_then(|overlay| overlay.real(node.id)) {
                Ok(real) => node = real,
                Err(_) => break,
            }
        }
        count
    }

    /// The name under which the disk has an attribute that the node shows as `name`.
    pub(crate) fn stored_xattr_name<'n>(&self, node: Node, name: &'n [u8]) -> Cow<'n, [u8]> {
        let Some(rest) = name.strip_prefix(PREFIX) else { return Cow::Borrowed(name) };
        let escapes = self.escapes(node);
        if escapes == 0 {
            return Cow::Borrowed(name);
        }
        let mut stored = PREFIX.to_vec();
        stored.extend_from_slice(&b"overlay.".repeat(escapes));
        stored.extend_from_slice(rest);
        Cow::Owned(stored)
    }

    /// The name that the node shows for an attribute of the disk; `None` for overlayfs's own.
    pub(crate) fn shown_xattr_name<'n>(&self, node: Node, stored: &'n [u8]) -> Option<Cow<'n, [u8]>> {
        if !stored.starts_with(PREFIX) {
            return Some(Cow::Borrowed(stored));
        }
        let mut shown = Cow::Borrowed(stored);
        for _ in 0..self.escapes(node) {
            let rest = shown.strip_prefix(ESCAPED)?;
            shown = Cow::Owned([PREFIX, rest].concat());
        }
        Some(shown)
    }
}
