//! The table of open descriptors: the kernel's own numbers stay inside, and closed slots are used again.

use std::os::fd::OwnedFd;
use std::rc::Rc;

use layerlab_core::kernel::{Errno, Fd, Result};

use super::creds::Creds;

/// An open file, which several descriptors may share, and the credentials that opened it.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) file: Rc<OwnedFd>,
    pub(super) opener: Creds,
}

/// Slots by [`Fd`].
#[derive(Debug, Default)]
pub(super) struct Fds {
    slots: Vec<Option<Open>>,
    free: Vec<u32>,
}

impl Fds {
    pub(super) fn insert(&mut self, open: Open) -> Fd {
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = Some(open);
            return Fd(slot);
        }
        self.slots.push(Some(open));
        Fd(self.slots.len() as u32 - 1)
    }

    pub(super) fn get(&self, fd: Fd) -> Result<&Open> {
        self.slots.get(fd.0 as usize).and_then(Option::as_ref).ok_or(Errno::EBADF)
    }

    pub(super) fn remove(&mut self, fd: Fd) -> Result<Open> {
        let open = self.slots.get_mut(fd.0 as usize).and_then(Option::take).ok_or(Errno::EBADF)?;
        self.free.push(fd.0);
        Ok(open)
    }

    /// Closes everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
