//! The extended attributes of an inode: a few, sorted by their names' bytes.

use bytes::Bytes;

/// Extended attributes by full name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Xattrs {
    sorted: Vec<(Bytes, Bytes)>,
}

impl Xattrs {
    fn place(&self, name: &[u8]) -> Result<usize, usize> {
        self.sorted.binary_search_by(|(there, _)| there[..].cmp(name))
    }

    /// The value of one.
    pub(crate) fn get(&self, name: &[u8]) -> Option<&Bytes> {
        self.place(name).ok().map(|at| &self.sorted[at].1)
    }

    /// Sets one. Names that are the program's own are shared with it.
    pub(crate) fn insert(&mut self, name: Bytes, value: Bytes) {
        match self.place(&name) {
            Ok(at) => self.sorted[at].1 = value,
            Err(at) => self.sorted.insert(at, (name, value)),
        }
    }

    /// Takes one out, and says whether it was there.
    pub(crate) fn remove(&mut self, name: &[u8]) -> bool {
        self.place(name).map(|at| self.sorted.remove(at)).is_ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// All, by name.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&Bytes, &Bytes)> {
        self.sorted.iter().map(|(name, value)| (name, value))
    }

    /// The names, sorted.
    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = &Bytes> {
        self.iter().map(|(name, _)| name)
    }
}
