//! What a session runs on: a kernel that can be forked, or only started afresh.

use super::Touched;
use crate::kernel::{ByteString, Kernel, Made};
use crate::overlay::CopyUps;

/// A machine for a session. It owns the kernel; the session owns what is not on the disk.
pub trait Backend: std::fmt::Debug {
    /// The kernel.
    fn kernel(&mut self) -> &mut dyn Kernel;

    /// An independent copy of the whole machine as it is, where that is possible at all (the simulator). A host has none:
    /// there, undo is a [`Backend::reset`] and a replay of the journal.
    fn fork(&self) -> Option<Box<dyn Backend>>;

    /// Throws everything away and starts with an empty disk.
    ///
    /// # Errors
    /// One sentence that says why it cannot be done (a named directory is kept, real programs run).
    fn reset(&mut self) -> Result<(), String>;

    /// What was copied up since this was last asked; nothing from a kernel that does not tell.
    fn take_copy_ups(&mut self) -> Option<CopyUps> {
        None
    }

    /// Keeps the calls that are made from now on, for [`Backend::take_calls`].
    fn keep_calls(&mut self) {}

    /// The layers of mounted overlays that were changed directly, not through the mount, since this was last asked.
    fn take_direct(&mut self) -> Vec<ByteString> {
        Vec::new()
    }

    /// The calls that were made since they are kept, where they are and are not too many.
    fn take_calls(&mut self) -> Option<Vec<Made>> {
        None
    }

    /// The inodes of writable layers that are new or may have changed since this was last asked, at the first time since the
    /// start; nothing from a kernel that does not tell.
    fn take_touched(&mut self) -> Option<Touched> {
        None
    }

    /// Lets all files together take no more memory than these bytes; a host has a limit of its own.
    fn limit_files(&mut self, _bytes: u64) {}

    /// Lets this many seconds pass. On a host time passes by itself, and nothing is done.
    fn pass(&mut self, seconds: u64);
}
