//! The names of a directory: a sorted map that a clone shares in chunks.
//!
//! Chunks of at most 64 entries behind reference counts: a look-up is two binary searches over contiguous memory, in
//! which numbers are compared mostly, a small directory is one allocation, and a change after a clone copies one chunk.
//! (A file takes about 210 bytes beyond its name, inode and entry together: `cargo xtask bench sim` measures it.)

use std::cmp::Ordering;

use smallvec::SmallVec;
use triomphe::Arc;

use crate::kernel::path::head;

/// A name, 1 to 255 bytes; up to 16 bytes without an allocation.
pub(crate) type Name = SmallVec<[u8; 16]>;

const CHUNK: usize = 64;
/// So many names are found sooner one after the other.
const FEW: usize = 8;

/// A name that is looked for, with its first bytes as a number.
#[derive(Clone, Copy)]
struct Key<'n> {
    head: u64,
    name: &'n [u8],
}

impl<'n> Key<'n> {
    fn new(name: &'n [u8]) -> Self {
        Self { head: head(name), name }
    }
}

/// A name with its meaning.
#[derive(Debug, Clone)]
struct Named<V> {
    head: u64,
    name: Name,
    value: V,
}

impl<V> Named<V> {
    fn new(key: Key<'_>, value: V) -> Self {
        Self { head: key.head, name: Name::from_slice(key.name), value }
    }

    /// By bytes. Of two names with one head, one of which ends in it, the shorter comes first.
    #[inline]
    fn cmp(&self, key: Key<'_>) -> Ordering {
        match self.head.cmp(&key.head) {
            Ordering::Equal => self.cmp_rest(key),
            differs => differs,
        }
    }

    #[inline]
    fn is(&self, key: Key<'_>) -> bool {
        self.head == key.head && self.cmp_rest(key) == Ordering::Equal
    }

    fn cmp_rest(&self, key: Key<'_>) -> Ordering {
        let (a, b) = (&self.name[..], key.name);
        if a.len() > 8 && b.len() > 8 { a[8..].cmp(&b[8..]) } else { a.len().cmp(&b.len()) }
    }
}

type Chunk<V> = SmallVec<[Named<V>; 2]>;

/// A sorted map from names to `V`.
#[derive(Debug)]
pub(crate) struct Names<V> {
    chunks: SmallVec<[Arc<Chunk<V>>; 1]>,
    len: usize,
}

impl<V> Clone for Names<V> {
    fn clone(&self) -> Self {
        Self { chunks: self.chunks.clone(), len: self.len }
    }
}

impl<V> Default for Names<V> {
    fn default() -> Self {
        Self { chunks: SmallVec::new(), len: 0 }
    }
}

impl<V: Clone> Names<V> {
    /// How many names there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The chunk that holds `name`, if any does.
    #[inline]
    fn chunk(&self, key: Key<'_>) -> usize {
        if self.chunks.len() < 2 { 0 } else { self.chunk_of_several(key) }
    }

    fn chunk_of_several(&self, key: Key<'_>) -> usize {
        self.chunks
            .partition_point(|c| c.first().is_some_and(|first| first.cmp(key) != Ordering::Greater))
            .saturating_sub(1)
    }

    /// What `name` stands for.
    pub(crate) fn get(&self, name: &[u8]) -> Option<&V> {
        let key = Key::new(name);
        let chunk = &self.chunks.get(self.chunk(key))?[..];
        if chunk.len() <= FEW {
            return chunk.iter().find(|named| named.is(key)).map(|named| &named.value);
        }
        let at = chunk.binary_search_by(|named| named.cmp(key)).ok()?;
        Some(&chunk[at].value)
    }

    /// Gives `name` a meaning; returns the one that it had.
    pub(crate) fn insert(&mut self, name: &[u8], value: V) -> Option<V> {
        let key = Key::new(name);
        if self.chunks.is_empty() {
            self.chunks.push(Arc::new(Chunk::new()));
        }
        let index = self.chunk(key);
        let last = index + 1 == self.chunks.len();
        let chunk = Arc::make_mut(&mut self.chunks[index]);
        match chunk.binary_search_by(|named| named.cmp(key)) {
            Ok(at) => return Some(std::mem::replace(&mut chunk[at].value, value)),
            Err(at) if chunk.len() < CHUNK => chunk.insert(at, Named::new(key, value)),
            // Names that come in order fill their chunks.
            Err(CHUNK) if last => {
                self.chunks.push(Arc::new(std::iter::once(Named::new(key, value)).collect()));
            }
            Err(at) => {
                let mut right: Chunk<V> = chunk.drain(CHUNK / 2..).collect();
                let half = if at <= CHUNK / 2 { &mut *chunk } else { &mut right };
                let at = if at <= CHUNK / 2 { at } else { at - CHUNK / 2 };
                half.insert(at, Named::new(key, value));
                self.chunks.insert(index + 1, Arc::new(right));
            }
        }
        self.len += 1;
        None
    }

    /// Takes `name` out.
    pub(crate) fn remove(&mut self, name: &[u8]) -> Option<V> {
        let key = Key::new(name);
        let index = self.chunk(key);
        let chunk = self.chunks.get(index)?;
        let at = chunk.binary_search_by(|named| named.cmp(key)).ok()?;
        let chunk = Arc::make_mut(&mut self.chunks[index]);
        let named = chunk.remove(at);
        if chunk.is_empty() {
            self.chunks.remove(index);
        }
        self.len -= 1;
        Some(named.value)
    }

    /// Every name with its meaning, sorted by bytes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Name, &V)> {
        self.chunks.iter().flat_map(|chunk| chunk.iter().map(|named| (&named.name, &named.value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn agrees_with_a_plain_map() {
        let mut names = Names::default();
        let mut plain = BTreeMap::new();
        let mut seed = 1u32;
        for round in 0..20_000u32 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let mut name = format!("n{}", (seed >> 8) % 1000).into_bytes();
            // Names that are longer than their heads, that end within them, and that end in what fills them.
            match seed % 5 {
                0 => name.extend_from_slice(b"-longer-than-that"),
                1 => name.extend_from_slice(&[0; 7][..(seed >> 20) as usize % 8]),
                _ => {}
            }
            if seed.is_multiple_of(4) {
                assert_eq!(names.remove(&name), plain.remove(&name));
            } else {
                assert_eq!(names.insert(&name, round), plain.insert(name.clone(), round));
            }
            assert_eq!(names.get(&name), plain.get(&name));
            assert_eq!(names.len(), plain.len());
        }
        assert!(names.iter().map(|(n, v)| (n.to_vec(), *v)).eq(plain));
    }
}
