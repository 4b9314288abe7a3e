//! The file systems that there are, by number.

use triomphe::Arc;

use super::disk::Disk;
use super::overlay::Overlay;

/// A file system.
#[derive(Debug, Clone)]
pub(crate) enum Fs {
    /// A plain one.
    Disk(Disk),
    /// A union of directories. Clones of the kernel share it until one of them changes it.
    Overlay(Arc<Overlay>),
}

/// File systems by number. A number is not used again, so that nothing of one that is gone leads to another.
#[derive(Debug, Clone)]
pub(crate) struct FileSystems {
    /// By number, ascending.
    list: Vec<(u32, Fs)>,
    next: u32,
}

impl FileSystems {
    /// The first, with number 0.
    pub(crate) fn new(first: Fs) -> Self {
        Self { list: vec![(0, first)], next: 1 }
    }

    /// The first is the disk, and the last is what was mounted last: those are asked for most.
    #[inline]
    fn place(&self, number: u32) -> Option<usize> {
        let last = self.list.len().checked_sub(1)?;
        if self.list[last].0 == number {
            return Some(last);
        }
        if self.list[0].0 == number {
            return Some(0);
        }
        self.place_between(number)
    }

    #[cold]
    fn place_between(&self, number: u32) -> Option<usize> {
        self.list.binary_search_by_key(&number, |(there, _)| *there).ok()
    }

    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&Fs> {
        self.place(number).map(|at| &self.list[at].1)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut Fs> {
        self.place(number).map(|at| &mut self.list[at].1)
    }

    /// Adds one, and says its number.
    pub(crate) fn add(&mut self, fs: Fs) -> u32 {
        let number = self.next;
        self.next += 1;
        self.list.push((number, fs));
        number
    }

    /// The number that the next one gets.
    pub(crate) fn next(&self) -> u32 {
        self.next
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// All, by number.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, &Fs)> {
        self.list.iter().map(|(number, fs)| (*number, fs))
    }

    pub(crate) fn overlays(&self) -> impl Iterator<Item = &Overlay> {
        self.list.iter().filter_map(|(_, fs)| match fs {
            Fs::Overlay(overlay) => Some(&**overlay),
            Fs::Disk(_) => None,
        })
    }

    pub(crate) fn overlays_mut(&mut self) -> impl Iterator<Item = (u32, &mut Overlay)> {
        self.list.iter_mut().filter_map(|(number, fs)| match fs {
            Fs::Overlay(overlay) => Some((*number, Arc::make_mut(overlay))),
            Fs::Disk(_) => None,
        })
    }

    /// Keeps those of which the numbers are told.
    pub(crate) fn keep(&mut self, numbers: &[u32]) {
        self.list.retain(|(number, _)| numbers.contains(number));
    }
}
