//! Two kernels held against each other: the simulator must do what Linux does.
//!
//! The binary, the tests and the fuzz targets use it; the lab itself does not. [`trace`] replays recorded calls on a kernel,
//! [`verify`] makes random ones and compares, and a [`Judge`] makes the calls of a line again on another kernel, to
//! which [`batch`] brings them.

pub mod batch;
mod judge;
pub mod trace;
pub mod verify;

pub use judge::Judge;
