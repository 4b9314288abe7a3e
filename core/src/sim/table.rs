//! A persistent table from numbers to values: the inode table, which a clone shares.
//!
//! A radix tree, so that a look-up is two or three array steps, a clone is one reference count, and a change after a
//! clone copies one path of nodes. Inode numbers are handed out in order and never again, which is what such a tree is
//! good at (and a vector is not: freed pages go away). Sixteen values lie in one piece of memory: neighbours are made
//! together and asked for together.

use triomphe::Arc;

/// The bits of a key that choose a value of a leaf, and those that choose a way at each step to it.
const LEAF_BITS: u32 = 4;
const BITS: u32 = 6;

/// Places of a node, with their count.
#[derive(Debug, Clone)]
struct Slots<S, const N: usize> {
    used: u32,
    list: [Option<S>; N],
}

impl<S, const N: usize> Slots<S, N> {
    fn new() -> Self {
        Self { used: 0, list: [const { None }; N] }
    }

    /// Puts something into a slot, in place of what was there.
    fn put(&mut self, at: usize, new: S) -> Option<S> {
        let old = self.list[at].replace(new);
        self.used += u32::from(old.is_none());
        old
    }

    /// Empties a slot.
    fn clear(&mut self, at: usize) -> Option<S> {
        let gone = self.list[at].take();
        self.used -= u32::from(gone.is_some());
        gone
    }
}

type Branch<T> = Slots<Page<T>, { 1 << BITS }>;
type Leaf<T> = Slots<T, { 1 << LEAF_BITS }>;

#[derive(Debug)]
enum Page<T> {
    Branch(Arc<Branch<T>>),
    Leaf(Arc<Leaf<T>>),
}

impl<T> Clone for Page<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Branch(branch) => Self::Branch(branch.clone()),
            Self::Leaf(leaf) => Self::Leaf(leaf.clone()),
        }
    }
}

/// The table. Keys are dense numbers; clone is O(1).
#[derive(Debug)]
pub(crate) struct Table<T> {
    root: Option<Page<T>>,
    /// How many bits of a key the tree tells apart.
    bits: u32,
    len: usize,
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self { root: self.root.clone(), bits: self.bits, len: self.len }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { root: None, bits: LEAF_BITS, len: 0 }
    }
}

/// The slot in a branch whose children tell so many bits of a key apart.
fn way(key: u64, bits: u32) -> usize {
    key.wrapping_shr(bits) as usize & ((1 << BITS) - 1)
}

fn place(key: u64) -> usize {
    key as usize & ((1 << LEAF_BITS) - 1)
}

fn fits(key: u64, bits: u32) -> bool {
    key.checked_shr(bits).unwrap_or(0) == 0
}

impl<T: Clone> Table<T> {
    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The value at `key`.
    pub(crate) fn get(&self, key: u64) -> Option<&T> {
        if !fits(key, self.bits) {
            return None;
        }
        let mut page = self.root.as_ref()?;
        let mut bits = self.bits;
        loop {
            match page {
                Page::Branch(branch) => {
                    bits = bits.wrapping_sub(BITS);
                    page = branch.list[way(key, bits)].as_ref()?;
                }
                Page::Leaf(leaf) => return leaf.list[place(key)].as_ref(),
            }
        }
    }

    /// The value at `key`, to be changed; copies what a clone shares.
    pub(crate) fn get_mut(&mut self, key: u64) -> Option<&mut T> {
        if !fits(key, self.bits) {
            return None;
        }
        let mut page = self.root.as_mut()?;
        let mut bits = self.bits;
        loop {
            match page {
                Page::Branch(branch) => {
                    bits = bits.wrapping_sub(BITS);
                    page = Arc::make_mut(branch).list[way(key, bits)].as_mut()?;
                }
                Page::Leaf(leaf) => return Arc::make_mut(leaf).list[place(key)].as_mut(),
            }
        }
    }

    /// Puts a value at `key`, in place of what was there.
    pub(crate) fn insert(&mut self, key: u64, value: T) {
        while !fits(key, self.bits) {
            if let Some(old) = self.root.take() {
                let mut branch = Branch::new();
                branch.put(0, old);
                self.root = Some(Page::Branch(Arc::new(branch)));
            }
            self.bits += BITS;
        }
        let mut bits = self.bits;
        let mut page = self.root.get_or_insert_with(|| empty(bits));
        loop {
            match page {
                Page::Branch(branch) => {
                    bits -= BITS;
                    let Slots { used, list } = Arc::make_mut(branch);
                    let child = &mut list[way(key, bits)];
                    *used += u32::from(child.is_none());
                    page = child.get_or_insert_with(|| empty(bits));
                }
                Page::Leaf(leaf) => {
                    self.len += usize::from(Arc::make_mut(leaf).put(place(key), value).is_none());
                    return;
                }
            }
        }
    }

    /// Takes the value at `key` out.
    pub(crate) fn remove(&mut self, key: u64) -> Option<T> {
        if !fits(key, self.bits) {
            return None;
        }
        let (value, empty) = take(self.root.as_mut()?, key, self.bits);
        if empty {
            self.root = None;
            self.bits = LEAF_BITS;
        }
        self.len -= usize::from(value.is_some());
        value
    }

    /// The keys whose values are new or may have changed since `earlier`, a clone that this table came from: what is in a
    /// leaf that the two do not share any more, so neighbours of a changed value too. What was removed is not among them.
    pub(crate) fn changed_since(&self, earlier: &Self) -> Vec<u64> {
        let mut keys = Vec::new();
        let root = self.root.iter().map(|root| (root, None::<&Page<T>>, 0, self.bits));
        let mut open = root.collect::<Vec<_>>();
        while let Some((page, before, base, bits)) = open.pop() {
            // A table that has grown holds the earlier one at its lower left.
            let is_earlier_root = base == 0 && bits == earlier.bits;
            let before = if is_earlier_root { earlier.root.as_ref() } else { before };
            match (page, before) {
                (Page::Branch(now), Some(Page::Branch(before))) if Arc::ptr_eq(now, before) => {}
                (Page::Leaf(now), Some(Page::Leaf(before))) if Arc::ptr_eq(now, before) => {}
                (Page::Branch(now), before) => {
                    let before = match before {
                        Some(Page::Branch(before)) => Some(before),
                        _ => None,
                    };
                    for (at, child) in now.list.iter().enumerate() {
                        let old = before.and_then(|before| before.list[at].as_ref());
                        open.extend(
                            child.as_ref().map(|new| (new, old, base << BITS | at as u64, bits - BITS)),
                        );
                    }
                }
                (Page::Leaf(now), _) => {
                    let taken = now.list.iter().enumerate().filter(|(_, value)| value.is_some());
                    keys.extend(taken.map(|(at, _)| base << LEAF_BITS | at as u64));
                }
            }
        }
        keys
    }

    /// Every key and value, in order of the keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        let mut stack: Vec<(&Page<T>, u64, usize)> = self.root.iter().map(|root| (root, 0, 0)).collect();
        std::iter::from_fn(move || {
            while let Some((page, base, at)) = stack.pop() {
                match page {
                    Page::Branch(branch) if at < branch.list.len() => {
                        stack.push((page, base, at + 1));
                        if let Some(child) = &branch.list[at] {
                            stack.push((child, base << BITS | at as u64, 0));
                        }
                    }
                    Page::Leaf(leaf) if at < leaf.list.len() => {
                        stack.push((page, base, at + 1));
                        if let Some(value) = &leaf.list[at] {
                            return Some((base << LEAF_BITS | at as u64, value));
                        }
                    }
                    _ => {}
                }
            }
            None
        })
    }
}

fn empty<T>(bits: u32) -> Page<T> {
    if bits == LEAF_BITS { Page::Leaf(Arc::new(Leaf::new())) } else { Page::Branch(Arc::new(Branch::new())) }
}

/// Takes a value out and says whether the page is empty now. The depth is at most eleven (64 bits by 4 and 6).
fn take<T: Clone>(page: &mut Page<T>, key: u64, bits: u32) -> (Option<T>, bool) {
    match page {
        Page::Leaf(leaf) => {
            let leaf = Arc::make_mut(leaf);
            (leaf.clear(place(key)), leaf.used == 0)
        }
        Page::Branch(branch) => {
            let branch = Arc::make_mut(branch);
            let at = way(key, bits - BITS);
            let Some(child) = branch.list[at].as_mut() else { return (None, false) };
            let (value, gone) = take(child, key, bits - BITS);
            if gone {
                branch.clear(at);
            }
            (value, branch.used == 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_it_is_given_and_shares_with_clones() {
        let mut table = Table::default();
        for key in 0..10_000u64 {
            table.insert(key * 3, key);
        }
        let before = table.clone();
        for key in (0..10_000u64).step_by(2) {
            assert_eq!(table.remove(key * 3), Some(key));
        }
        *table.get_mut(3).unwrap() = 77;
        assert_eq!(table.len(), 5_000);
        assert_eq!(table.get(3), Some(&77));
        assert_eq!(table.get(6), None);
        assert_eq!(table.get(1 << 40), None);
        assert_eq!((before.len(), before.get(6), before.get(3)), (10_000, Some(&2), Some(&1)));
        assert_eq!(
            before.iter().map(|(k, _)| k).collect::<Vec<_>>(),
            (0..10_000).map(|k| k * 3).collect::<Vec<_>>()
        );
        for key in 0..10_000u64 {
            table.remove(key * 3);
        }
        assert_eq!((table.len(), table.iter().count()), (0, 0));
        table.insert(u64::MAX, 1);
        assert_eq!(table.get(u64::MAX), Some(&1));
    }

    #[test]
    fn what_changed_is_found_without_looking_at_the_rest() {
        let mut table = Table::default();
        assert!(table.changed_since(&table.clone()).is_empty());
        for key in 0..1_000u64 {
            table.insert(key, key);
        }
        let before = table.clone();
        assert!(table.changed_since(&before).is_empty());
        *table.get_mut(500).unwrap() = 0;
        table.remove(7);
        let changed = table.changed_since(&before);
        assert!(changed.contains(&500) && changed.contains(&6) && !changed.contains(&7));
        assert!(changed.len() <= 32, "{changed:?}");
        // It grows by a level, and the earlier table is still found in it.
        table.insert(1 << 20, 1);
        let changed = table.changed_since(&before);
        assert!(changed.contains(&(1 << 20)) && changed.contains(&500));
        assert!(changed.len() <= 33, "{changed:?}");
    }
}
