//! A host session: a child process in namespaces of its own, and the parent that talks to it.
//!
//! The child holds the kernel and everything above it; the parent relays, and carries files in and out. Nothing of the
//! machine can be reached by a path in the child, since its root is a private tmpfs (or a directory that the user
//! named), and nothing it mounts outlives it, since its mounts are its own and end with it.

mod child;
mod error;
mod ids;
mod limits;
mod live;
mod machine;
mod parent;
mod room;
mod wire;
mod work;

pub use child::serve as serve_child;
pub use error::HostError;
pub use limits::{cannot_keep_inodes, cannot_replay};
pub use parent::{CHILD_COMMAND, Host, HostOptions, Kind};
pub use wire::{Answer, Ids, Order, Ready};
