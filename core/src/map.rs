//! An ordered map that clones share: for what a session keeps at every moment of its history.
//!
//! Sorted chunks of a few entries behind reference counts. A clone is one count, a change after a clone copies one chunk and
//! the list of chunks, and what differs between two maps is found without a look at the chunks that they share.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most entries of a chunk.
const CHUNK: usize = 32;

type Chunk<K, V> = Vec<(K, V)>;

/// The map. Clone is O(1).
pub struct Map<K, V> {
    chunks: Arc<Vec<Arc<Chunk<K, V>>>>,
    len: usize,
}

impl<K, V> Clone for Map<K, V> {
    fn clone(&self) -> Self {
        Self { chunks: Arc::clone(&self.chunks), len: self.len }
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self { chunks: Arc::default(), len: 0 }
    }
}

impl<K, V> Map<K, V> {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All entries, by key.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.chunks.iter().flat_map(|chunk| chunk.iter().map(|(key, value)| (key, value)))
    }

    /// All keys, sorted.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// All values, by key.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> Map<K, V> {
    /// Where an entry is, or where it would be.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<(usize, usize), (usize, usize)>
    where
        K: Borrow<Q>,
    {
        let starts_before =
            |chunk: &Arc<Chunk<K, V>>| chunk.first().is_some_and(|(first, _)| first.borrow() <= key);
        let chunk = self.chunks.partition_point(starts_before).saturating_sub(1);
        let Some(entries) = self.chunks.get(chunk) else { return Err((0, 0)) };
        match entries.binary_search_by(|(there, _)| there.borrow().cmp(key)) {
            Ok(at) => Ok((chunk, at)),
            Err(at) => Err((chunk, at)),
        }
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let (chunk, at) = self.find(key).ok()?;
        Some(&self.chunks[chunk][at].1)
    }

    /// Whether there is such a key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Tells of every key whose value may differ from that in `earlier`: the key, the value there, the value here. It costs
    /// what the two maps do not share.
    pub fn differs<'a>(
        &'a self,
        earlier: &'a Self,
        mut each: impl FnMut(&'a K, Option<&'a V>, Option<&'a V>),
    ) {
        if Arc::ptr_eq(&self.chunks, &earlier.chunks) {
            return;
        }
        let (mut old, mut new) = (Cursor::new(earlier), Cursor::new(self));
        loop {
            if let (Some(a), Some(b)) = (old.whole(), new.whole())
                && Arc::ptr_eq(a, b)
            {
                old.chunk += 1;
                new.chunk += 1;
                continue;
            }
            let order = match (old.entry(), new.entry()) {
                (None, None) => return,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((a, _)), Some((b, _))) => a.cmp(b),
            };
            let before = if order.is_le() { old.take() } else { None };
            let after = if order.is_ge() { new.take() } else { None };
            if let Some((key, _)) = before.or(after) {
                each(key, before.map(|(_, value)| value), after.map(|(_, value)| value));
            }
        }
    }
}

impl<K: Ord + Clone, V: Clone> Map<K, V> {
    /// Gives a key a value; returns the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let (at, place) = match self.find(&key) {
            Ok((chunk, at)) => {
                let chunks = Arc::make_mut(&mut self.chunks);
                let (_, old) = &mut Arc::make_mut(&mut chunks[chunk])[at];
                return Some(std::mem::replace(old, value));
            }
            Err(place) => place,
        };
        self.len += 1;
        let chunks = Arc::make_mut(&mut self.chunks);
        let is_last = at + 1 >= chunks.len();
        match chunks.get_mut(at) {
            Some(chunk) if chunk.len() < CHUNK => Arc::make_mut(chunk).insert(place, (key, value)),
            // Keys that come in order fill their chunks.
            Some(_) if is_last && place == CHUNK => chunks.push(Arc::new(vec![(key, value)])),
            Some(chunk) => {
                let left = Arc::make_mut(chunk);
                let mut right = left.split_off(CHUNK / 2);
                match place.checked_sub(CHUNK / 2) {
                    None | Some(0) => left.insert(place, (key, value)),
                    Some(place) => right.insert(place, (key, value)),
                }
                chunks.insert(at + 1, Arc::new(right));
            }
            None => chunks.push(Arc::new(vec![(key, value)])),
        }
        None
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (chunk, at) = self.find(key).ok()?;
        let chunks = Arc::make_mut(&mut self.chunks);
        Some(&mut Arc::make_mut(&mut chunks[chunk])[at].1)
    }

    /// The value of a key, to be changed; where there is none, a new one.
    pub fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        if !self.contains_key(&key) {
            self.insert(key.clone(), V::default());
        }
        let (Ok((chunk, at)) | Err((chunk, at))) = self.find(&key);
        let chunks = Arc::make_mut(&mut self.chunks);
        &mut Arc::make_mut(&mut chunks[chunk])[at].1
    }

    /// Takes a key out; returns its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let (at, place) = self.find(key).ok()?;
        let chunks = Arc::make_mut(&mut self.chunks);
        let chunk = Arc::make_mut(&mut chunks[at]);
        let (_, value) = chunk.remove(place);
        self.len -= 1;
        if chunk.is_empty() {
            chunks.remove(at);
        }
        Some(value)
    }
}

/// A place in a map.
struct Cursor<'a, K, V> {
    chunks: &'a [Arc<Chunk<K, V>>],
    chunk: usize,
    at: usize,
}

impl<'a, K, V> Cursor<'a, K, V> {
    fn new(map: &'a Map<K, V>) -> Self {
        Self { chunks: &map.chunks, chunk: 0, at: 0 }
    }

    /// The chunk that it stands before.
    fn whole(&self) -> Option<&'a Arc<Chunk<K, V>>> {
        if self.at == 0 { self.chunks.get(self.chunk) } else { None }
    }

    fn entry(&self) -> Option<&'a (K, V)> {
        self.chunks.get(self.chunk)?.get(self.at)
    }

    fn take(&mut self) -> Option<&'a (K, V)> {
        let entry = self.entry()?;
        self.at += 1;
        if self.at == self.chunks[self.chunk].len() {
            self.chunk += 1;
            self.at = 0;
        }
        Some(entry)
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for Map<K, V> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.chunks, &other.chunks) || self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<K: Eq, V: Eq> Eq for Map<K, V> {}

impl<K: std::fmt::Debug, V: std::fmt::Debug> std::fmt::Debug for Map<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Serialize, V: Serialize> Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, K, V> Deserialize<'de> for Map<K, V>
where
    K: Deserialize<'de> + Ord + Clone,
    V: Deserialize<'de> + Clone,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<K, V>(std::marker::PhantomData<(K, V)>);

        impl<'de, K, V> Visitor<'de> for Entries<K, V>
        where
            K: Deserialize<'de> + Ord + Clone,
            V: Deserialize<'de> + Clone,
        {
            type Value = Map<K, V>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut map = Map::default();
                while let Some((key, value)) = access.next_entry()? {
                    map.insert(key, value);
                }
                Ok(map)
            }
        }

        deserializer.deserialize_map(Entries(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn agrees_with_a_plain_map_and_tells_what_differs() {
        let (mut map, mut plain) = (Map::default(), BTreeMap::new());
        let (mut before, mut plain_before) = (map.clone(), plain.clone());
        let mut seed = 3u32;
        for round in 0..20_000u32 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let key = (seed >> 8) % 700;
            if (seed >> 20).is_multiple_of(3) {
                assert_eq!(map.remove(&key), plain.remove(&key));
            } else {
                assert_eq!(map.insert(key, round), plain.insert(key, round));
            }
            if (seed >> 24).is_multiple_of(5) {
                *map.get_or_default(key) += 1;
                *plain.entry(key).or_default() += 1;
            }
            assert_eq!((map.get(&key), map.len()), (plain.get(&key), plain.len()));
            if round % 50 == 0 {
                let mut told = BTreeMap::new();
                map.differs(&before, |key, old, new| {
                    assert!(told.insert(*key, (old.copied(), new.copied())).is_none());
                });
                for key in 0..700 {
                    let both = (plain_before.get(&key).copied(), plain.get(&key).copied());
                    match told.get(&key) {
                        Some(told) => assert_eq!(*told, both),
                        None => assert_eq!(both.0, both.1),
                    }
                }
                (before, plain_before) = (map.clone(), plain.clone());
            }
        }
        assert!(map.iter().eq(&plain) && before != map);
        let text = serde_json::to_string(&map).unwrap();
        assert_eq!(text, serde_json::to_string(&plain).unwrap());
        assert_eq!(serde_json::from_str::<Map<u32, u32>>(&text).unwrap(), map);
    }

    #[test]
    fn one_change_costs_one_chunk() {
        let mut map: Map<u32, u32> = (0..10_000).map(|key| (key, key)).collect();
        let before = map.clone();
        *map.get_mut(&5_000).unwrap() = 0;
        map.insert(10_000, 1);
        let mut told = 0;
        map.differs(&before, |_, _, _| told += 1);
        assert!(told <= 2 * CHUNK, "{told}");
    }
}
