//! The names of a directory: a sorted map that a clone shares in chunks.
//!
//! Chunks of at most 64 entries behind reference counts: a look-up is two binary searches over contiguous memory, a
//! small directory is one allocation, and a change after a clone copies one chunk. (A file takes about 210 bytes beyond
//! its name, inode and entry together: `cargo xtask bench sim` measures it.)

use std::sync::Arc;

use smallvec::SmallVec;

/// A name, 1 to 255 bytes; up to 16 bytes without an allocation.
pub(crate) type Name = SmallVec<[u8; 16]>;

const CHUNK: usize = 64;

/// A sorted map from names to `V`.
#[derive(Debug)]
pub(crate) struct Names<V> {
    chunks: Vec<Arc<Vec<(Name, V)>>>,
    len: usize,
}

impl<V> Clone for Names<V> {
    fn clone(&self) -> Self {
        Self { chunks: self.chunks.clone(), len: self.len }
    }
}

impl<V> Default for Names<V> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
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
    fn chunk(&self, name: &[u8]) -> usize {
        if self.chunks.len() < 2 {
            return 0;
        }
        self.chunks
            .partition_point(|c| c.first().is_some_and(|(first, _)| &first[..] <= name))
            .saturating_sub(1)
    }

    /// What `name` stands for.
    pub(crate) fn get(&self, name: &[u8]) -> Option<&V> {
        let chunk = self.chunks.get(self.chunk(name))?;
        let at = chunk.binary_search_by(|(n, _)| n[..].cmp(name)).ok()?;
        Some(&chunk[at].1)
    }

    /// Gives `name` a meaning; returns the one that it had.
    pub(crate) fn insert(&mut self, name: &[u8], value: V) -> Option<V> {
        if self.chunks.is_empty() {
            self.chunks.push(Arc::new(Vec::with_capacity(4)));
        }
        let index = self.chunk(name);
        let last = index + 1 == self.chunks.len();
        let chunk = Arc::make_mut(&mut self.chunks[index]);
        match chunk.binary_search_by(|(n, _)| n[..].cmp(name)) {
            Ok(at) => return Some(std::mem::replace(&mut chunk[at].1, value)),
            Err(at) if chunk.len() < CHUNK => chunk.insert(at, (Name::from_slice(name), value)),
            // Names that come in order fill their chunks.
            Err(CHUNK) if last => self.chunks.push(Arc::new(vec![(Name::from_slice(name), value)])),
            Err(at) => {
                let mut right = chunk.split_off(CHUNK / 2);
                let half = if at <= CHUNK / 2 { &mut *chunk } else { &mut right };
                let at = if at <= CHUNK / 2 { at } else { at - CHUNK / 2 };
                half.insert(at, (Name::from_slice(name), value));
                self.chunks.insert(index + 1, Arc::new(right));
            }
        }
        self.len += 1;
        None
    }

    /// Takes `name` out.
    pub(crate) fn remove(&mut self, name: &[u8]) -> Option<V> {
        let index = self.chunk(name);
        let chunk = self.chunks.get(index)?;
        let at = chunk.binary_search_by(|(n, _)| n[..].cmp(name)).ok()?;
        let chunk = Arc::make_mut(&mut self.chunks[index]);
        let (_, value) = chunk.remove(at);
        if chunk.is_empty() {
            self.chunks.remove(index);
        }
        self.len -= 1;
        Some(value)
    }

    /// Every name with its meaning, sorted by bytes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Name, &V)> {
        self.chunks.iter().flat_map(|chunk| chunk.iter().map(|(name, value)| (name, value)))
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
            let name = format!("n{}", (seed >> 8) % 1000).into_bytes();
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
