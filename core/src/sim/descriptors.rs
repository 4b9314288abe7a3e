//! The open file descriptions, by descriptor.

use triomphe::Arc;

use super::place::Pos;
use crate::kernel::{Fd, OpenFlags, Task};

/// An open file description.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    /// What is open, and through which mount.
    pub(crate) pos: Pos,
    pub(crate) flags: OpenFlags,
    /// Who opened it: writes ask for these credentials' privileges. Where that was is not kept.
    pub(crate) task: Task,
}

/// Descriptors in the order in which they were opened, which is that of their numbers: a few, most of them closed again
/// soon, so that opening one mostly takes no memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Descriptors {
    /// Clones of the kernel share them.
    list: Arc<Vec<(Fd, Open)>>,
}

impl Descriptors {
    fn place(&self, fd: Fd) -> Option<usize> {
        self.list.binary_search_by_key(&fd, |(there, _)| *there).ok()
    }

    pub(crate) fn get(&self, fd: Fd) -> Option<&Open> {
        self.place(fd).map(|at| &self.list[at].1)
    }

    /// Adds one, with a number above all that are there.
    pub(crate) fn push(&mut self, fd: Fd, open: Open) {
        Arc::make_mut(&mut self.list).push((fd, open));
    }

    pub(crate) fn remove(&mut self, fd: Fd) -> Option<Open> {
        self.place(fd).map(|at| Arc::make_mut(&mut self.list).remove(at).1)
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Open> {
        self.list.iter().map(|(_, open)| open)
    }
}
