//! A stack made smaller while it still differs.

use super::item::{Item, plain};

/// Drops layers and entries, and what is odd in entries, as long as `differs` holds.
pub(super) fn shrink(stack: &mut Vec<Vec<Item>>, mut differs: impl FnMut(&[Vec<Item>]) -> bool) {
    let mut changed = true;
    while changed {
        changed = false;
        for layer in (0..stack.len()).rev() {
            let mut smaller = stack.clone();
            smaller.remove(layer);
            if !smaller.is_empty() && differs(&smaller) {
                *stack = smaller;
                changed = true;
                continue;
            }
            for item in (0..stack[layer].len()).rev() {
                let mut smaller = stack.clone();
                smaller[layer].remove(item);
                if differs(&smaller) {
                    *stack = smaller;
                    changed = true;
                }
            }
        }
    }
    for layer in 0..stack.len() {
        for item in 0..stack[layer].len() {
            for simpler in simpler(&stack[layer][item]) {
                let mut smaller = stack.clone();
                smaller[layer][item] = simpler;
                if differs(&smaller) {
                    *stack = smaller;
                }
            }
        }
    }
}

/// The entry with its metadata plain, all of it or a part.
fn simpler(item: &Item) -> Vec<Item> {
    let plain = plain();
    let odd = item.mode != plain.mode
        || item.owner != plain.owner
        || item.mtime != plain.mtime
        || item.atime.is_some()
        || !item.xattrs.is_empty()
        || !item.content.is_empty();
    if !odd {
        return Vec::new();
    }
    let bare = Item {
        name: item.name.clone(),
        flag: item.flag,
        link: item.link.clone(),
        device: item.device,
        ..plain.clone()
    };
    vec![
        Item { mtime: plain.mtime, ..item.clone() },
        Item { atime: None, ..item.clone() },
        Item { owner: plain.owner, ..item.clone() },
        bare,
    ]
}
