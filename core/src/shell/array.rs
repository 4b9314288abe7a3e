//! Bash's arrays (bash(1), "Arrays"): lists by number and maps by name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::ByteString;

/// An array.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Array {
    items: Items,
    /// How many bytes keys and values have.
    size: usize,
}

/// What an array holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Items {
    /// `declare -a`: by number, with gaps.
    List(BTreeMap<u64, ByteString>),
    /// `declare -A`: by name. Bash shows its maps in no order; here they are sorted, so that a replay is equal.
    Map(BTreeMap<ByteString, ByteString>),
}

impl Default for Items {
    fn default() -> Self {
        Self::List(BTreeMap::new())
    }
}

impl Array {
    /// An array by name.
    pub(super) fn map() -> Self {
        Self { items: Items::Map(BTreeMap::new()), size: 0 }
    }

    /// The element of a key; that of a list is a number.
    pub(super) fn get(&self, key: &[u8]) -> Option<&ByteString> {
        match &self.items {
            Items::List(items) => items.get(&number(key)?),
            Items::Map(items) => items.get(key),
        }
    }

    pub(super) fn set(&mut self, key: &[u8], value: ByteString) {
        self.remove(key);
        self.size += key.len() + value.len();
        match &mut self.items {
            Items::List(items) => drop(number(key).map(|number| items.insert(number, value))),
            Items::Map(items) => drop(items.insert(key.into(), value)),
        }
    }

    pub(super) fn remove(&mut self, key: &[u8]) {
        let old = match &mut self.items {
            Items::List(items) => number(key).and_then(|number| items.remove(&number)),
            Items::Map(items) => items.remove(key),
        };
        self.size -= old.map_or(0, |old| key.len() + old.len());
    }

    pub(super) fn values(&self) -> Vec<ByteString> {
        match &self.items {
            Items::List(items) => items.values().cloned().collect(),
            Items::Map(items) => items.values().cloned().collect(),
        }
    }

    pub(super) fn keys(&self) -> Vec<ByteString> {
        match &self.items {
            Items::List(items) => items.keys().map(|key| key.to_string().into()).collect(),
            Items::Map(items) => items.keys().cloned().collect(),
        }
    }

    /// The number after the last one.
    pub(super) fn next(&self) -> u64 {
        match &self.items {
            Items::List(items) => items.last_key_value().map_or(0, |(last, _)| last.saturating_add(1)),
            Items::Map(_) => 0,
        }
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.items, Items::Map(_))
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The elements as `declare -p` and `set` show them: `([0]="a" [1]="b")`.
    pub(super) fn shown(&self) -> Vec<u8> {
        let items = self.keys().into_iter().zip(self.values());
        let mut items: Vec<Vec<u8>> = items
            .map(|(key, value)| [b"[", &shown_key(&key)[..], b"]=", &double_quoted(&value)].concat())
            .collect();
        if self.is_map() && !items.is_empty() {
            items.push(Vec::new());
        }
        [b"(", &items.join(&b' ')[..], b")"].concat()
    }
}

fn number(key: &[u8]) -> Option<u64> {
    std::str::from_utf8(key).ok()?.parse().ok()
}

/// A key, in quotes where the shell would read it as something else.
fn shown_key(key: &[u8]) -> Vec<u8> {
    let plain = key.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.-+/:,@%".contains(byte));
    if plain && !key.is_empty() { key.to_vec() } else { double_quoted(key) }
}

/// A value between double quotes, as Bash's `declare -p` writes it.
pub(super) fn double_quoted(value: &[u8]) -> Vec<u8> {
    let mut text = vec![b'"'];
    for byte in value {
        if b"\"\\$`".contains(byte) {
            text.push(b'\\');
        }
        text.push(*byte);
    }
    text.push(b'"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_gaps_and_maps_have_names() {
        let mut list = Array::default();
        list.set(b"3", "d".into());
        list.set(b"0", "a\"".into());
        assert_eq!((list.next(), list.values().len(), list.get(b"3")), (4, 2, Some(&"d".into())));
        assert_eq!(list.shown(), b"([0]=\"a\\\"\" [3]=\"d\")");
        assert_eq!(list.size(), 5);
        list.remove(b"3");
        assert_eq!(list.keys(), ["0"]);
        let mut map = Array::map();
        map.set(b"k", "v".into());
        assert_eq!((map.get(b"k"), map.get(b"0"), map.size()), (Some(&"v".into()), None, 2));
        assert_eq!(map.shown(), b"([k]=\"v\" )");
    }
}
