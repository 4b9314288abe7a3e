//! Recorded traces: what a kernel answered, as data, to be held against another kernel (form `overlay-trace/1`;
//! `/2` adds operations on descriptors, and which times an operation changed).
//!
//! A trace starts with the layers of an overlay mount, goes on with operations and what each one answered and changed in
//! the upper directory, and ends with the merged view and the upper directory. An operation is one system call or a few
//! that belong together (`open` also writes and reads), by path, inside the mount.
//!
//! Times are compared as changed or not changed, of what stood in the upper directory before: two kernels' clocks have
//! nothing else in common. That asks for a kernel which tells two changes apart however soon they follow each other;
//! Linux does since 6.13 (multigrain timestamps), but for the times of directories. A clock that stands still
//! tells nothing, and is not asked.

mod drive;
mod entry;
mod format;
mod labels;
mod layers;
mod listing;
mod op;
mod ops;
mod record;
mod replay;
mod times;

pub use drive::Drive;
pub use entry::{Kind, TreeEntry};
pub use format::{Creds, Final, Header, Trace, TraceError, TraceStep};
pub use op::{Op, TimeArg};
pub use record::record;
pub use replay::{Difference, Report, replay, replay_ticking};
