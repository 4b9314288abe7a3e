//! A persistent table from numbers to values: the inode table, which a clone shares.
//!
//! A radix tree of 64-way nodes, so that a look-up is two or three array steps, a clone is one reference count, and a
//! change after a clone copies one path of nodes. Inode numbers are handed out in order and never again, which is
//! what such a tree is good at (and a vector is not: freed pages go away).

use triomphe::Arc;

const BITS: u32 = 6;
const FANOUT: usize = 1 << BITS;

/// A node's places, in one piece of memory with its count: a step down is one look.
#[derive(Debug)]
struct Slots<V> {
    /// How many are taken.
    used: u32,
    list: [Option<Arc<V>>; FANOUT],
}

impl<V> Slots<V> {
    fn new() -> Self {
        Self { used: 0, list: [const { None }; FANOUT] }
    }

    /// Empties a slot.
    fn clear(&mut self, at: usize) -> Option<Arc<V>> {
        let gone = self.list[at].take();
        self.used -= u32::from(gone.is_some());
        gone
    }
}

impl<V> Clone for Slots<V> {
    fn clone(&self) -> Self {
        Self { used: self.used, list: self.list.clone() }
    }
}

#[derive(Debug)]
enum Page<T> {
    Branch(Slots<Page<T>>),
    Leaf(Slots<T>),
}

impl<T> Clone for Page<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Branch(slots) => Self::Branch(slots.clone()),
            Self::Leaf(slots) => Self::Leaf(slots.clone()),
        }
    }
}

/// The table. Keys are dense numbers; clone is O(1).
#[derive(Debug)]
pub(crate) struct Table<T> {
    root: Option<Arc<Page<T>>>,
    height: u32,
    len: usize,
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self { root: self.root.clone(), height: self.height, len: self.len }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { root: None, height: 0, len: 0 }
    }
}

fn slot(key: u64, level: u32) -> usize {
    ((key >> (level * BITS)) as usize) & (FANOUT - 1)
}

fn fits(key: u64, height: u32) -> bool {
    (height + 1) * BITS >= u64::BITS || key >> ((height + 1) * BITS) == 0
}

impl<T: Clone> Table<T> {
    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The value at `key`.
    pub(crate) fn get(&self, key: u64) -> Option<&T> {
        if !fits(key, self.height) {
            return None;
        }
        let mut page = self.root.as_deref()?;
        let mut level = self.height;
        loop {
            match page {
                Page::Branch(slots) => page = slots.list[slot(key, level)].as_deref()?,
                Page::Leaf(slots) => return slots.list[slot(key, 0)].as_deref(),
            }
            level = level.saturating_sub(1);
        }
    }

    /// The value at `key`, to be changed; copies what a clone shares.
    pub(crate) fn get_mut(&mut self, key: u64) -> Option<&mut T> {
        if !fits(key, self.height) {
            return None;
        }
        let mut page = Arc::make_mut(self.root.as_mut()?);
        let mut level = self.height;
        loop {
            match page {
                Page::Branch(slots) => page = Arc::make_mut(slots.list[slot(key, level)].as_mut()?),
                Page::Leaf(slots) => return slots.list[slot(key, 0)].as_mut().map(Arc::make_mut),
            }
            level = level.saturating_sub(1);
        }
    }

    /// Puts a value at `key`, in place of what was there.
    pub(crate) fn insert(&mut self, key: u64, value: T) {
        while !fits(key, self.height) {
            if let Some(old) = self.root.take() {
                let mut slots = Slots::new();
                slots.list[0] = Some(old);
                slots.used = 1;
                self.root = Some(Arc::new(Page::Branch(slots)));
            }
            self.height += 1;
        }
        let height = self.height;
        let mut page = Arc::make_mut(self.root.get_or_insert_with(|| empty(height)));
        let mut level = height;
        loop {
            match page {
                Page::Branch(slots) => {
                    let child = &mut slots.list[slot(key, level)];
                    level -= 1;
                    slots.used += u32::from(child.is_none());
                    page = Arc::make_mut(child.get_or_insert_with(|| empty(level)));
                }
                Page::Leaf(slots) => {
                    if slots.list[slot(key, 0)].replace(Arc::new(value)).is_none() {
                        slots.used += 1;
                        self.len += 1;
                    }
                    return;
                }
            }
        }
    }

    /// Takes the value at `key` out.
    pub(crate) fn remove(&mut self, key: u64) -> Option<Arc<T>> {
        if !fits(key, self.height) {
            return None;
        }
        let (value, empty) = take(Arc::make_mut(self.root.as_mut()?), key, self.height);
        if empty {
            self.root = None;
            self.height = 0;
        }
        self.len -= usize::from(value.is_some());
        value
    }

    /// Every key and value, in order of the keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        let mut stack: Vec<(&Page<T>, u64, usize)> = Vec::new();
        if let Some(root) = self.root.as_deref() {
            stack.push((root, 0, 0));
        }
        std::iter::from_fn(move || {
            while let Some((page, base, at)) = stack.pop() {
                if at == FANOUT {
                    continue;
                }
                stack.push((page, base, at + 1));
                match page {
                    Page::Branch(slots) => {
                        if let Some(child) = slots.list[at].as_deref() {
                            stack.push((child, (base | at as u64) << BITS, 0));
                        }
                    }
                    Page::Leaf(slots) => {
                        if let Some(value) = slots.list[at].as_deref() {
                            return Some((base | at as u64, value));
                        }
                    }
                }
            }
            None
        })
    }
}

fn empty<T>(level: u32) -> Arc<Page<T>> {
    Arc::new(if level == 0 { Page::Leaf(Slots::new()) } else { Page::Branch(Slots::new()) })
}

/// Takes a value out and says whether the page is empty now. The depth is at most eleven (64 bits by 6).
fn take<T: Clone>(page: &mut Page<T>, key: u64, level: u32) -> (Option<Arc<T>>, bool) {
    match page {
        Page::Leaf(slots) => {
            let value = slots.clear(slot(key, 0));
            (value, slots.used == 0)
        }
        Page::Branch(slots) => {
            let at = slot(key, level);
            let Some(child) = slots.list[at].as_mut() else { return (None, false) };
            let (value, gone) = take(Arc::make_mut(child), key, level - 1);
            if gone {
                slots.clear(at);
            }
            (value, slots.used == 0)
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
            assert_eq!(*table.remove(key * 3).unwrap(), key);
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
}
