//! The window's end of the worker: one protocol, a worker that can be replaced, and the jobs that are under way.

mod driver;
mod events;
mod job;
mod listener;
mod message;
mod question;

pub(crate) use driver::Driver;
pub(crate) use message::{FromWorker, Move, ToWorker};
